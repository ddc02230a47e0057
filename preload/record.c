/* SPDX-License-Identifier: MIT */
/*
 * libclaimcheck-xen.so: CLAIMCHECK_RECORD=FILE, the calls of a program as a test
 * case with their results, written when the program ends, or a check fails.
 *
 * A test case says which pages a call is for by their number only, so frames are
 * not recorded: decrease and unmap take pages of the domain, as in any case. Not
 * recorded at all: calls that the library answers itself, a question that is the
 * same as the step before, and, which is said, calls for domains above d7.
 */
#include "host.h"
#include "real.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/cases/file.h"
#include "harness/program/kinds/kind.h"
#include "harness/program/text.h"

static struct
{
    const char *path; /* NULL: nothing is recorded */
    pid_t pid;        /* of the program; its children do not write */
    bool full, paused;
    uint8_t above[(DOMID_MASK + 1) / 8]; /* domains that were told of */
    struct litmus l;
} record;

void preload_record_start(const char *path, const struct host_shape *shape)
{
    record.path = path;
    record.pid = getpid();
    program_init(&record.l.program);
    record.l.program.host = *shape;
    record.l.releases = RELEASE_BIT(shape->release);
}

static bool asks_only(uint8_t code)
{
    return code == OP_physinfo || code == OP_numainfo ||
           code == OP_domain_info || code == OP_current_reservation ||
           code == OP_maximum_reservation;
}

static bool same(const struct op *a, const struct op *b)
{
    unsigned int i;

    for ( i = 0; a->code == b->code && i < op_table[a->code].nr_args; i++ )
        if ( !value_equal(&a->arg[i], &b->arg[i]) )
            return false;

    return a->code == b->code;
}

static void add(const struct op *op, long rc)
{
    struct program *p = &record.l.program;
    const struct op *last = p->nr_ops ? &p->op[p->nr_ops - 1] : NULL;

    if ( last && asks_only(op->code) && same(last, op) )
        return;
    if ( p->nr_ops == PROGRAM_OPS_MAX )
    {
        if ( !record.full )
            fprintf(stderr,
                    "claimcheck: CLAIMCHECK_RECORD: a test case has %d steps "
                    "at most; what follows is not recorded\n",
                    PROGRAM_OPS_MAX);
        record.full = true;
        return;
    }
    p->op[p->nr_ops] = *op;
    record.l.has_result[p->nr_ops] = true;
    record.l.result[p->nr_ops++] = rc;
}

/* A test case cannot name that domain: once for each, with its first call. */
static void say_above(const char *call, uint16_t domid)
{
    uint8_t *at = &record.above[(domid & DOMID_MASK) / 8];
    uint8_t bit = (uint8_t)(1U << (domid % 8));

    if ( record.full || (*at & bit) )
        return;
    *at |= bit;
    fprintf(stderr,
            "claimcheck: CLAIMCHECK_RECORD: %s for d%u is not recorded, nor "
            "what follows for it: a test case has d0 to d%d\n",
            call ? call : "a call", domid, HV_DOMS_MAX - 1);
}

/* An operation for a domain; all other operands as if they were not named. */
static struct op op_for(enum op_code code, int slot)
{
    struct op op;
    unsigned int i;

    memset(&op, 0, sizeof(op));
    op.code = (uint8_t)code;
    for ( i = 0; i < op_table[code].nr_args; i++ )
        kind_default(&op.arg[i], op_table[code].arg[i].kind);
    if ( slot >= 0 )
        op_set_slot(&op, slot);

    return op;
}

static struct value pages_of(uint64_t n)
{
    return (struct value){ .v = (int64_t)n, .sel = BASE_LIT };
}

/* Where the list lies, of which the call's first entries can be accessed. */
static struct value list_of(const struct hv_call *c, uint64_t nr)
{
    if ( c->list_entries >= nr )
        return (struct value){ .sel = MEM_OK };
    if ( !c->resv.extent_start.p )
        return (struct value){ .sel = MEM_NULL };
    if ( !c->list_entries )
        return (struct value){ .sel = MEM_UNMAPPED };

    return (struct value){ .sel = MEM_SHORT, .v = c->list_entries };
}

static struct op extents(const struct hv_call *c, enum op_code code, int slot,
                         uint64_t nr)
{
    struct op op = op_for(code, slot);

    if ( code == OP_decrease )
    {
        op.decrease.nr = pages_of(nr);
        op.decrease.order.v = c->resv.extent_order;
        op.decrease.list = list_of(c, nr);
        return op;
    }
    /* populate and increase have the same operands. */
    op.populate.nr = pages_of(nr);
    op.populate.order.v = c->resv.extent_order;
    op.populate.flags.v = c->resv.mem_flags;
    op.populate.list = list_of(c, nr);

    return op;
}

/* One step for so many extents as a list can have, until one is short. */
static void add_extents(const struct hv_call *c, enum op_code code, int slot,
                        long rc)
{
    uint64_t nr = c->resv.nr_extents, done = 0, part;
    struct op op;
    long got;

    do
    {
        part = nr - done < HV_LIST_MAX || rc < 0 ? nr - done : HV_LIST_MAX;
        got = rc < 0                         ? rc
              : rc - (long)done > (long)part ? (long)part
                                             : rc - (long)done;
        op = extents(c, code, slot, part);
        add(&op, got);
        done += part;
    } while ( done < nr && got == (long)part );
}

/* A call that no other operation can say. */
static void add_raw(const struct hv_call *c, long rc)
{
    struct op op = op_for(OP_memory_op, -1);

    op.memory_op.cmd.v = (int64_t)(c->cmd & MEMOP_CMD_MASK);
    op.memory_op.start.v = (int64_t)(c->cmd >> MEMOP_EXTENT_SHIFT);
    op.memory_op.domid.v = c->resv.domid;
    op.memory_op.domid.sel = c->resv.domid < HV_DOMS_MAX;
    op.memory_op.nr = pages_of(c->resv.nr_extents);
    op.memory_op.order.v = c->resv.extent_order;
    op.memory_op.flags.v = c->resv.mem_flags;
    op.memory_op.list = list_of(c, c->resv.nr_extents);
    if ( c->arg_bytes < sizeof(c->resv) )
        op.memory_op.arg = (struct value){
            .sel = c->arg_bytes ? MEM_SHORT : MEM_UNMAPPED,
            .v = c->arg_bytes,
        };
    add(&op, rc);
}

static void add_memory_op(const struct hv_call *c, enum op_code code, long rc)
{
    int slot = c->resv.domid < HV_DOMS_MAX ? (int)c->resv.domid : -1;
    bool plain = slot >= 0 && !(c->cmd >> MEMOP_EXTENT_SHIFT) &&
                 c->resv.extent_order < HV_ORDERS &&
                 c->arg_bytes == sizeof(c->resv);
    bool asks = code == OP_current_reservation ||
                code == OP_maximum_reservation;
    struct op op;

    if ( asks && c->arg_bytes != sizeof(domid_t) )
        return;
    /* On a real Xen there may be such a domain, where the case is run there is
     * none. */
    if ( slot < 0 &&
         (asks || (preload_real() && c->resv.domid < DOMID_FIRST_RESERVED &&
                   c->arg_bytes == sizeof(c->resv))) )
        say_above(preload_command_name(__HYPERVISOR_memory_op,
                                       (uint32_t)(c->cmd & MEMOP_CMD_MASK)),
                  c->resv.domid);
    else if ( asks )
    {
        op = op_for(code, slot);
        add(&op, rc);
    }
    else if ( plain && code == OP_claim && !c->resv.extent_order &&
              !c->resv.mem_flags && !c->resv.extent_start.p )
    {
        op = op_for(code, slot);
        op.claim.pages = pages_of(c->resv.nr_extents);
        add(&op, rc);
    }
    else if ( plain && (code == OP_populate || code == OP_increase ||
                        code == OP_decrease) )
        add_extents(c, code, slot, rc);
    else
        add_raw(c, rc);
}

static void add_domctl(const struct hv_call *c, enum op_code code,
                       const struct hv_result *r)
{
    /* Who asks for any domain gets the one that it got. */
    uint16_t domid = code == OP_create && !r->rc ? r->domid : c->domctl.domid;
    struct op op;

    if ( code == OP_domctl )
        return;
    if ( domid >= HV_DOMS_MAX )
    {
        say_above(preload_command_name(__HYPERVISOR_domctl, c->domctl.cmd),
                  domid);
        return;
    }
    if ( hv_is_claim_set(c) )
    {
        if ( preload_set_op(&op, c, code) )
            add(&op, r->rc);
        return;
    }
    op = op_for(code, domid);
    if ( code == OP_max_mem )
        op.max_mem.pages = pages_of(c->domctl.value / KB_PER_PAGE);
    if ( code == OP_node_affinity )
        op.node_affinity.mask.v = (int64_t)(c->domctl.value & 0xff);
    add(&op, r->rc);
}

/* Mappings one after another are one step. */
static void add_mapping(const struct hv_call *c, enum op_code code, long rc)
{
    struct program *p = &record.l.program;
    struct op op, *last = p->nr_ops ? &p->op[p->nr_ops - 1] : NULL;

    if ( rc )
        return;
    if ( c->domid >= HV_DOMS_MAX )
    {
        say_above("a mapping", c->domid);
        return;
    }
    /* After a step that there was no place for, the last one is not this. */
    if ( !record.full && last && last->code == code &&
         op_slot(last) == c->domid )
    {
        last->map.nr.v++;
        return;
    }
    op = op_for(code, c->domid);
    op.map.nr = pages_of(1);
    add(&op, rc);
    if ( last != &p->op[p->nr_ops - 1] )
        record.l.has_result[p->nr_ops - 1] = false;
}

void preload_record(const struct hv_call *c, const struct hv_result *r)
{
    enum op_code code;
    struct op op;

    /* Of another command's structure nothing is known. */
    if ( !record.path || record.paused || r->rc == -ENOSYS )
        return;
    /* Where the structure of a control call cannot be read it says nothing. */
    if ( r->rc == -EFAULT && c->kind != HV_CALL_MEMORY_OP )
        return;
    code = call_op_code(c, (enum release)record.l.program.host.release);
    switch ( c->kind )
    {
    case HV_CALL_MEMORY_OP: add_memory_op(c, code, r->rc); break;
    case HV_CALL_DOMCTL: add_domctl(c, code, r); break;
    case HV_CALL_MAP: add_mapping(c, OP_map, r->rc); break;
    case HV_CALL_UNMAP: add_mapping(c, OP_unmap, r->rc); break;

    case HV_CALL_PHYSINFO:
    case HV_CALL_NUMAINFO:
        op = op_for(c->kind == HV_CALL_PHYSINFO ? OP_physinfo : OP_numainfo,
                    -1);
        add(&op, r->rc);
        break;

    default: break;
    }
}

void preload_record_pause(bool paused)
{
    record.paused = paused;
}

int preload_record_end(void)
{
    struct file_text text;
    const char *path = record.path;

    if ( !path || record.pid != getpid() )
        return 0;
    record.path = NULL;
    litmus_print(file_text_begin(&text), &record.l);

    return file_text_write(&text, path);
}
