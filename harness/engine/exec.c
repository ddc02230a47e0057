/* SPDX-License-Identifier: MIT */
/*
 * From operations to calls: one function exec_<name> for each line of ops.def.
 * Operands are resolved here, against what was last observed, and frames are
 * picked from what the model knows a domain to own.
 *
 * Not here: calls whose every field is free (exec_raw.c).
 */
#include "impl.h"

#include <assert.h>
#include <string.h>

#include "exec.h"
#include "place.h"
#include "marks/marks.h"

long exec_not_run(struct engine *e, const char *why)
{
    MARK(step_not_run);
    e->not_run = why;
    return 0;
}

uint64_t exec_pages(const struct engine *e, const struct value *v, int slot)
{
    return pages_resolve(v, &e->seen, slot, e->model.host_pages);
}

struct hv_call *exec_call(struct engine *e, enum hv_call_kind kind)
{
    memset(&e->call, 0, sizeof(e->call));
    e->call.kind = kind;
    e->call.caller = hv_caller_dom0();

    return &e->call;
}

bool exec_caller(struct engine *e, struct hv_caller *caller, int64_t v)
{
    int slot = caller_resolve(caller, v);

    return e->seen.dom[slot].state == HV_DOM_ALIVE;
}

/* ---- sysctl ---- */

static long sysctl(struct engine *e, const struct op *op,
                   enum hv_call_kind kind)
{
    struct hv_call *c = exec_call(e, kind);

    c->arg_bytes = sizeof(struct xen_sysctl);
    c->arg = GUEST_ARG_END - c->arg_bytes;
    if ( !exec_caller(e, &c->caller, op->arg[0].v) )
        return exec_not_run(e, "the calling domain is not alive");

    return checked_call(e);
}

static long exec_physinfo(struct engine *e, const struct op *op)
{
    return sysctl(e, op, HV_CALL_PHYSINFO);
}

static long exec_numainfo(struct engine *e, const struct op *op)
{
    return sysctl(e, op, HV_CALL_NUMAINFO);
}

/* ---- domctl ---- */

static long domctl(struct engine *e, uint32_t cmd, const struct op *op,
                   uint64_t value, uint32_t preempt)
{
    struct hv_call *c = exec_call(e, HV_CALL_DOMCTL);

    c->arg_bytes = sizeof(struct xen_domctl);
    c->arg = GUEST_ARG_END - c->arg_bytes;
    c->domctl = (struct hv_domctl){
        .cmd = cmd,
        .version = hv_domctl_version(e->release),
        .domid = (uint16_t)op->arg[0].v,
        .value = value,
        .preempt = preempt,
    };

    return checked_call(e);
}

static long exec_create(struct engine *e, const struct op *op)
{
    /* Up to 4.21, domid 0 means "any": such a domain would have no slot. */
    if ( !op->arg[0].v )
        return exec_not_run(e, "d0 exists; automatic domids are not driven");

    return domctl(e, XEN_DOMCTL_createdomain, op, 0, 0);
}

static long exec_max_mem(struct engine *e, const struct op *op)
{
    uint64_t nr = exec_pages(e, &op->arg[1], (int)op->arg[0].v);

    return domctl(e, XEN_DOMCTL_max_mem, op, nr * KB_PER_PAGE, 0);
}

static long exec_domain_info(struct engine *e, const struct op *op)
{
    return domctl(e, XEN_DOMCTL_getdomaininfo, op, 0, 0);
}

static long exec_unpause(struct engine *e, const struct op *op)
{
    return domctl(e, XEN_DOMCTL_unpausedomain, op, 0, 0);
}

static long exec_node_affinity(struct engine *e, const struct op *op)
{
    return domctl(e, XEN_DOMCTL_setnodeaffinity, op, (uint64_t)op->arg[1].v,
                  0);
}

/* Extra pages die with their domain; forget them. */
static void forget_extra(struct engine *e)
{
    uint32_t kept = 0;

    for ( uint32_t i = 0; i < e->nr_extra; i++ )
        if ( e->seen.dom[e->extra[i].dom].extra )
            e->extra[kept++] = e->extra[i];
    e->nr_extra = kept;
}

static long exec_destroy(struct engine *e, const struct op *op)
{
    long rc = domctl(e, XEN_DOMCTL_destroydomain, op, 0,
                     (uint32_t)op->arg[1].v);

    forget_extra(e);
    return rc;
}

/* ---- memory_op by dom0 ---- */

static struct hv_call *new_memory_op(struct engine *e, uint64_t cmd, int slot)
{
    struct hv_call *c = exec_call(e, HV_CALL_MEMORY_OP);

    c->cmd = cmd;
    c->resv.domid = (uint16_t)slot;
    c->list = e->gfns;
    place_argument(c, &(struct value){ .sel = MEM_OK }, sizeof(c->resv));

    return c;
}

static long exec_claim(struct engine *e, const struct op *op)
{
    int slot = (int)op->arg[0].v;
    struct hv_call *c = new_memory_op(e, XENMEM_claim_pages, slot);

    c->resv.nr_extents = exec_pages(e, &op->arg[1], slot);
    return checked_call(e);
}

static long reserve(struct engine *e, uint64_t cmd, const struct op *op)
{
    int slot = (int)op->arg[0].v;
    struct hv_call *c = new_memory_op(e, cmd, slot);

    c->resv.nr_extents = exec_pages(e, &op->arg[1], slot);
    c->resv.extent_order = (uint32_t)op->arg[2].v;
    c->resv.mem_flags = node_resolve(&op->arg[3]) | (uint32_t)op->arg[4].v;
    c->preempt = (uint32_t)op->arg[6].v;
    place_list(c, &op->arg[5]);
    fill_list(e, slot);

    return checked_call(e);
}

static long exec_populate(struct engine *e, const struct op *op)
{
    return reserve(e, XENMEM_populate_physmap, op);
}

static long exec_increase(struct engine *e, const struct op *op)
{
    return reserve(e, XENMEM_increase_reservation, op);
}

static long exec_decrease(struct engine *e, const struct op *op)
{
    int slot = (int)op->arg[0].v;
    struct hv_call *c = new_memory_op(e, XENMEM_decrease_reservation, slot);

    c->resv.nr_extents = exec_pages(e, &op->arg[1], slot);
    c->resv.extent_order = (uint32_t)op->arg[2].v;
    c->preempt = (uint32_t)op->arg[4].v;
    place_list(c, &op->arg[3]);
    fill_list(e, slot);

    return checked_call(e);
}

/* These two take struct xen_memory_domain: two bytes, a domid. */
static long reservation_of(struct engine *e, uint64_t cmd, const struct op *op)
{
    struct hv_call *c = new_memory_op(e, cmd, (int)op->arg[0].v);

    c->arg_bytes = sizeof(domid_t);
    c->arg = GUEST_ARG_END - c->arg_bytes;

    return checked_call(e);
}

static long exec_current_reservation(struct engine *e, const struct op *op)
{
    return reservation_of(e, XENMEM_current_reservation, op);
}

static long exec_maximum_reservation(struct engine *e, const struct op *op)
{
    return reservation_of(e, XENMEM_maximum_reservation, op);
}

/* ---- what is not a hypercall of a toolstack ---- */

static long map_call(struct engine *e, enum hv_call_kind kind, int slot,
                     uint64_t frame)
{
    struct hv_call *c = exec_call(e, kind);

    c->domid = (uint16_t)slot;
    c->frame = frame;

    return checked_call(e);
}

/* There is nothing to work on: the refusal is worth seeing. Of a page of the
 * domain if there is one. */
static long refused(struct engine *e, enum hv_call_kind kind, int slot)
{
    uint32_t nr = pick_frames(e, slot, 1, PICK_OWNED);

    return map_call(e, kind, slot, nr ? e->list[0] : unowned_frame(e, 1));
}

static long exec_map(struct engine *e, const struct op *op)
{
    int slot = (int)op->arg[0].v;
    uint64_t want = exec_pages(e, &op->arg[1], slot);
    uint32_t most = e->h.ops->map_most, nr;
    long done = 0;

    if ( most && want > most )
        want = most;
    nr = pick_frames(e, slot, want, PICK_UNMAPPED);
    if ( want && !nr )
        nr = pick_mapped_again(e, slot);
    /* Nothing to map: the refusal is worth seeing once. */
    if ( want && !nr )
        return map_call(e, HV_CALL_MAP, slot, unowned_frame(e, want));
    for ( uint32_t i = 0; i < nr; i++ )
        done += !map_call(e, HV_CALL_MAP, slot, e->list[i]);

    return done;
}

static long exec_unmap(struct engine *e, const struct op *op)
{
    int slot = (int)op->arg[0].v;
    uint64_t want = exec_pages(e, &op->arg[1], slot);
    uint32_t nr = pick_frames(e, slot, want, PICK_MAPPED);
    long done = 0;

    if ( want && !nr )
        return refused(e, HV_CALL_UNMAP, slot);
    for ( uint32_t i = 0; i < nr; i++ )
        done += !map_call(e, HV_CALL_UNMAP, slot, e->list[i]);

    return done;
}

static long exec_anon_alloc(struct engine *e, const struct op *op)
{
    struct hv_call *c = exec_call(e, HV_CALL_ANON_ALLOC);
    long rc;

    if ( e->nr_anon == PROGRAM_OPS_MAX )
        return exec_not_run(e, "too many blocks");
    c->order = (uint32_t)op->arg[0].v;
    rc = checked_call(e);
    if ( !rc )
        e->anon[e->nr_anon++] = (struct anon_block){ e->result.frame,
                                                     e->call.order };

    return rc;
}

static long exec_anon_free(struct engine *e, const struct op *op)
{
    struct hv_call *c = exec_call(e, HV_CALL_ANON_FREE);
    uint32_t i;

    if ( !e->nr_anon )
        return exec_not_run(e, "the hypervisor holds no block");
    i = (uint32_t)op->arg[0].v % e->nr_anon;
    c->frame = e->anon[i].frame;
    c->order = e->anon[i].order;
    e->anon[i] = e->anon[--e->nr_anon];

    return checked_call(e);
}

static long exec_extra_alloc(struct engine *e, const struct op *op)
{
    struct hv_call *c = exec_call(e, HV_CALL_EXTRA_ALLOC);
    long rc;

    if ( e->nr_extra == PROGRAM_OPS_MAX )
        return exec_not_run(e, "too many extra pages");
    c->domid = (uint16_t)op->arg[0].v;
    rc = checked_call(e);
    if ( !rc )
        e->extra[e->nr_extra++] = (struct extra_page){ e->result.frame,
                                                       (uint8_t)op->arg[0].v };

    return rc;
}

static long exec_extra_free(struct engine *e, const struct op *op)
{
    uint32_t i;
    uint64_t frame;

    for ( i = 0; i < e->nr_extra; i++ )
        if ( e->extra[i].dom == op->arg[0].v )
            break;
    if ( i == e->nr_extra && !(e->h.ops->caps & HV_CAP_EXTRA) )
        return exec_not_run(e, "extra pages are not offered");
    if ( i == e->nr_extra )
        return refused(e, HV_CALL_EXTRA_FREE, (int)op->arg[0].v);
    frame = e->extra[i].frame;
    e->extra[i] = e->extra[--e->nr_extra];

    return map_call(e, HV_CALL_EXTRA_FREE, (int)op->arg[0].v, frame);
}

/* ---- dispatch ---- */

static long (*const exec_table[OP_COUNT])(struct engine *,
                                          const struct op *) = {
#define ARG(name, kind)
#define OP(name, help, args) [OP_##name] = exec_##name,
#include "harness/program/ops.def"
#undef OP
#undef ARG
};

long exec_op(struct engine *e, const struct op *op)
{
    assert(op->code < OP_COUNT);
    return exec_table[op->code](e, op);
}
