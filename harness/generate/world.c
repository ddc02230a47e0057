/* SPDX-License-Identifier: MIT */
/*
 * Replaying operations on the model; see world.h. The calls are those that the
 * engine makes (harness/engine/exec.c), but for where arguments lie.
 */
#include "world.h"

#include <string.h>

#define WORDS (HV_PAGES_MAX / 64)

void world_start(struct world *w, const struct host_shape *shape)
{
    w->lost = false;
    w->nr_anon = 0;
    w->hv.rough = true;
    model_hv_reset(&w->hv, shape);
}

bool world_mapped(const struct world *w, int slot)
{
    uint64_t any = 0;

    for ( unsigned int i = 0; i < WORDS; i++ )
        any |= w->hv.m.dom[slot].mapped[i];

    return any;
}

static struct hv_call *new_call(struct world *w, enum hv_call_kind kind)
{
    memset(&w->call, 0, sizeof(w->call));
    w->call.kind = kind;
    w->call.caller = hv_caller_dom0();

    return &w->call;
}

static long issue(struct world *w)
{
    w->result.rc = 0;
    if ( model_hv_issue(&w->hv, &w->call, &w->result) )
        w->lost = true;

    return w->result.rc;
}

/* ---- domctl ---- */

static long domctl(struct world *w, uint32_t cmd, const struct op *op,
                   uint64_t value, uint32_t preempt)
{
    struct hv_call *c = new_call(w, HV_CALL_DOMCTL);

    c->arg_bytes = sizeof(struct xen_domctl);
    c->domctl = (struct hv_domctl){
        .cmd = cmd,
        .version = w->hv.m.release->domctl_version,
        .domid = (uint16_t)op->arg[0].v,
        .value = value,
        .preempt = preempt,
    };

    return issue(w);
}

/* ---- memory_op ---- */

/* Frames that a domain owns and, if asked, does not map; ascending. Returns
 * how many; zeros follow. */
static uint32_t pick(struct world *w, int slot, uint32_t most, bool unmapped)
{
    const struct model_domain *d = &w->hv.m.dom[slot];
    uint32_t nr = 0;

    for ( unsigned int i = 0; i < WORDS && nr < most; i++ )
        for ( uint64_t bits = d->owned[i] & ~(unmapped ? d->mapped[i] : 0);
              bits && nr < most; bits &= bits - 1 )
            w->list[nr++] = HV_FRAME_BASE + i * 64 +
                            (uint64_t)__builtin_ctzll(bits);
    memset(&w->list[nr], 0, (most - nr) * sizeof(w->list[0]));

    return nr;
}

/* Bases of runs of 2^order owned pages. */
static void pick_extents(struct world *w, int slot, uint32_t most,
                         uint32_t order)
{
    const struct model_domain *d = &w->hv.m.dom[slot];
    uint32_t run = 0, nr = 0;

    for ( uint32_t id = 0; id < w->hv.m.host_pages && nr < most; id++ )
    {
        run = d->owned[id / 64] >> (id % 64) & 1 ? run + 1 : 0;
        if ( run >> order )
        {
            w->list[nr++] = HV_FRAME_BASE + id + 1 - run;
            run = 0;
        }
    }
    memset(&w->list[nr], 0, (most - nr) * sizeof(w->list[0]));
}

static void place(struct world *w, const struct value *list, int slot)
{
    struct hv_call *c = &w->call;
    uint64_t addr = GUEST_UNMAPPED, nr = c->resv.nr_extents;
    unsigned int cmd = c->cmd & MEMOP_CMD_MASK;

    c->list_entries = 0;
    if ( list->sel == MEM_NULL || list->sel == MEM_NONCANONICAL )
        addr = list->sel == MEM_NULL ? 0 : GUEST_NONCANONICAL;
    else if ( list->sel == MEM_OK || list->sel == MEM_MISALIGNED ||
              list->sel == MEM_SHORT )
    {
        if ( list->sel == MEM_SHORT && (uint64_t)list->v < nr )
            nr = (uint64_t)list->v;
        c->list_entries = nr < HV_PAGES_MAX ? (uint32_t)nr : HV_PAGES_MAX;
        addr = GUEST_LIST_START;
    }
    c->resv.extent_start.p = (xen_pfn_t *)(uintptr_t)addr;
    c->list = w->list;
    if ( cmd != XENMEM_decrease_reservation )
        return; /* numbers that a PV guest chooses: any will do */
    if ( slot < 0 )
        memset(w->list, 0, c->list_entries * sizeof(w->list[0]));
    else if ( c->resv.extent_order && c->resv.extent_order < 32 )
        pick_extents(w, slot, c->list_entries, c->resv.extent_order);
    else
        pick(w, slot, c->list_entries, false);
}

static struct hv_call *memory_op(struct world *w, uint64_t cmd, uint16_t domid,
                                 const struct value *nr, int slot)
{
    struct hv_call *c = new_call(w, HV_CALL_MEMORY_OP);

    c->cmd = cmd;
    c->arg = GUEST_ARG_START;
    c->arg_bytes = sizeof(c->resv);
    c->resv.domid = domid;
    c->resv.nr_extents = world_pages(w, nr, slot);
    c->list = w->list;

    return c;
}

static long claim(struct world *w, const struct op *op)
{
    int slot = (int)op->arg[0].v;

    memory_op(w, XENMEM_claim_pages, (uint16_t)slot, &op->arg[1], slot);
    return issue(w);
}

static long reserve(struct world *w, uint64_t cmd, const struct op *op)
{
    int slot = (int)op->arg[0].v;
    struct hv_call *c = memory_op(w, cmd, (uint16_t)slot, &op->arg[1], slot);
    bool takes = cmd == XENMEM_decrease_reservation;

    c->resv.extent_order = (uint32_t)op->arg[2].v;
    if ( !takes )
        c->resv.mem_flags = node_resolve(&op->arg[3]) | (uint32_t)op->arg[4].v;
    place(w, &op->arg[takes ? 3 : 5], slot);

    return issue(w);
}

static long raw(struct world *w, const struct op *op)
{
    const struct value *a = op->arg;
    struct hv_caller caller;
    uint16_t domid = (uint16_t)a[4].v;
    struct hv_call *c;
    int slot;

    slot = caller_resolve(&caller, a[0].v);
    if ( world_view(w)->dom[slot].state != HV_DOM_ALIVE )
        return 0;
    slot = domid_resolve(domid, &caller);
    c = memory_op(w, (uint64_t)a[2].v | (uint64_t)a[3].v << MEMOP_EXTENT_SHIFT,
                  domid, &a[5], slot);
    c->caller = caller;
    if ( a[1].v )
    {
        c->caller.flags |= HV_CALLER_ABI32;
        c->cmd = (uint32_t)c->cmd;
    }
    c->resv.extent_order = (uint32_t)a[6].v;
    c->resv.mem_flags = (uint32_t)a[7].v;
    if ( a[9].sel == MEM_SHORT )
        c->arg_bytes = (uint32_t)a[9].v;
    else if ( a[9].sel != MEM_OK && a[9].sel != MEM_MISALIGNED )
        c->arg_bytes = 0;
    place(w, &a[8], slot);

    return issue(w);
}

/* ---- beside the hypercalls ---- */

static long map(struct world *w, const struct op *op)
{
    int slot = (int)op->arg[0].v;
    uint64_t nr = world_pages(w, &op->arg[1], slot);
    uint32_t have = pick(
        w, slot, nr < HV_PAGES_MAX ? (uint32_t)nr : HV_PAGES_MAX, true);
    long done = 0;

    for ( uint32_t i = 0; i < have && !w->lost; i++ )
    {
        struct hv_call *c = new_call(w, HV_CALL_MAP);

        c->domid = (uint16_t)slot;
        c->frame = w->list[i];
        done += !issue(w);
    }

    return done;
}

static long unmap(struct world *w, const struct op *op)
{
    int slot = (int)op->arg[0].v;
    uint64_t left = world_pages(w, &op->arg[1], slot);
    long done = 0;

    for ( unsigned int i = 0; i < WORDS; i++ )
        for ( uint64_t bits = w->hv.m.dom[slot].mapped[i];
              bits && left && !w->lost; bits &= bits - 1, left-- )
        {
            struct hv_call *c = new_call(w, HV_CALL_UNMAP);

            c->domid = (uint16_t)slot;
            c->frame = HV_FRAME_BASE + i * 64 +
                       (uint64_t)__builtin_ctzll(bits);
            done += !issue(w);
        }

    return done;
}

static long anon_alloc(struct world *w, const struct op *op)
{
    struct hv_call *c = new_call(w, HV_CALL_ANON_ALLOC);
    long rc;

    if ( w->nr_anon == PROGRAM_OPS_MAX )
        return 0;
    c->order = (uint32_t)op->arg[0].v;
    if ( c->order >= HV_ORDERS + 2 )
        return 0;
    rc = issue(w);
    if ( !rc && !w->lost )
        w->anon[w->nr_anon++] = (struct world_block){
            (uint16_t)w->result.frame, (uint8_t)c->order
        };

    return rc;
}

static long anon_free(struct world *w, const struct op *op)
{
    struct hv_call *c = new_call(w, HV_CALL_ANON_FREE);
    struct world_block *b;

    if ( !w->nr_anon )
        return 0;
    b = &w->anon[(uint32_t)op->arg[0].v % w->nr_anon];
    c->frame = b->frame;
    c->order = b->order;
    *b = w->anon[--w->nr_anon];

    return issue(w);
}

/* The first extra page of the domain that the model can name. */
static long extra(struct world *w, const struct op *op, enum hv_call_kind kind)
{
    struct hv_call *c = new_call(w, kind);
    const struct model *m = &w->hv.m;
    uint32_t id = 0;

    c->domid = (uint16_t)op->arg[0].v;
    if ( kind == HV_CALL_EXTRA_FREE )
    {
        while ( id < m->host_pages &&
                !(m->page[id].owner == c->domid && m->page[id].extra) )
            id++;
        if ( id == m->host_pages )
            return 0;
        c->frame = HV_FRAME_BASE + id;
    }

    return issue(w);
}

long world_step(struct world *w, const struct op *op)
{
    if ( w->lost )
        return 0;
    switch ( op->code )
    {
    case OP_create:
        return op->arg[0].v ? domctl(w, XEN_DOMCTL_createdomain, op, 0, 0) : 0;
    case OP_max_mem:
        return domctl(
            w, XEN_DOMCTL_max_mem, op,
            KB_PER_PAGE * world_pages(w, &op->arg[1], (int)op->arg[0].v), 0);
    case OP_claim: return claim(w, op);
    case OP_populate: return reserve(w, XENMEM_populate_physmap, op);
    case OP_increase: return reserve(w, XENMEM_increase_reservation, op);
    case OP_decrease: return reserve(w, XENMEM_decrease_reservation, op);
    case OP_unpause: return domctl(w, XEN_DOMCTL_unpausedomain, op, 0, 0);
    case OP_destroy:
        return domctl(w, XEN_DOMCTL_destroydomain, op, 0,
                      (uint32_t)op->arg[1].v);
    case OP_map: return map(w, op);
    case OP_unmap: return unmap(w, op);
    case OP_anon_alloc: return anon_alloc(w, op);
    case OP_anon_free: return anon_free(w, op);
    case OP_extra_alloc: return extra(w, op, HV_CALL_EXTRA_ALLOC);
    case OP_extra_free: return extra(w, op, HV_CALL_EXTRA_FREE);
    case OP_memory_op: return raw(w, op);
    default: /* asks only, or touches nothing that anything depends on */
        return 0;
    }
}
