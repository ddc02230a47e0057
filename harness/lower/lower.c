/* SPDX-License-Identifier: MIT */
/*
 * One function lower_<name> for each line of ops.def; see lower.h.
 *
 * Not here: calls of which every field is free (raw.c), where arguments lie
 * and which frames are picked (place.c).
 */
#include "internal.h"

#include <assert.h>
#include <string.h>

#include "marks/marks.h"

long lower_not_run(struct lower *l, const char *why)
{
    MARK(step_not_run);
    l->not_run = why;
    return 0;
}

uint64_t lower_pages(const struct lower *l, const struct value *v, int slot)
{
    return pages_resolve(v, l->view, slot, l->model->host_pages);
}

struct hv_call *lower_call(struct lower *l, enum hv_call_kind kind)
{
    memset(l->call, 0, sizeof(*l->call));
    l->call->kind = kind;
    l->call->caller = hv_caller_dom0();

    return l->call;
}

bool lower_caller(struct lower *l, const struct value *caller,
                  const struct value *abi)
{
    int slot = caller_resolve(&l->call->caller, caller->v);

    if ( l->view->dom[slot].state != HV_DOM_ALIVE )
    {
        lower_not_run(l, "the calling domain is not alive");
        return false;
    }
    if ( abi->v == ABI_32 )
        l->call->caller.flags |= HV_CALLER_ABI32;

    return true;
}

static long issue(struct lower *l)
{
    return l->issue(l->ctx);
}

/* ---- sysctl ---- */

static long info(struct lower *l, enum hv_call_kind kind,
                 const struct value *caller)
{
    static const struct value abi = { .v = ABI_64 };

    place_whole(lower_call(l, kind), sizeof(struct xen_sysctl));
    return lower_caller(l, caller, &abi) ? issue(l) : 0;
}

static long lower_physinfo(struct lower *l, const struct op *op)
{
    return info(l, HV_CALL_PHYSINFO, &op->physinfo.caller);
}

static long lower_numainfo(struct lower *l, const struct op *op)
{
    return info(l, HV_CALL_NUMAINFO, &op->numainfo.caller);
}

/* ---- domctl ---- */

struct hv_domctl *lower_new_domctl(struct lower *l, uint32_t cmd,
                                   const struct op *op)
{
    struct hv_call *c = lower_call(l, HV_CALL_DOMCTL);
    enum release release = (enum release)l->model->shape.release;

    place_whole(c, sizeof(struct xen_domctl));
    c->domctl.cmd = cmd;
    c->domctl.version = hv_domctl_version(release);
    c->domctl.domid = (uint16_t)op_slot(op);

    return &c->domctl;
}

static long lower_create(struct lower *l, const struct op *op)
{
    /* Up to 4.21, domid 0 means "any", and that domain would have no slot. */
    if ( !op->create.dom.v )
        return lower_not_run(l, "d0 exists; automatic domids are not driven");
    lower_new_domctl(l, XEN_DOMCTL_createdomain, op);

    return issue(l);
}

static long lower_max_mem(struct lower *l, const struct op *op)
{
    struct hv_domctl *d = lower_new_domctl(l, XEN_DOMCTL_max_mem, op);

    d->value = lower_pages(l, &op->max_mem.pages, op_slot(op)) * KB_PER_PAGE;
    return issue(l);
}

static long lower_domain_info(struct lower *l, const struct op *op)
{
    lower_new_domctl(l, XEN_DOMCTL_getdomaininfo, op);
    return issue(l);
}

static long lower_unpause(struct lower *l, const struct op *op)
{
    lower_new_domctl(l, XEN_DOMCTL_unpausedomain, op);
    return issue(l);
}

static long lower_node_affinity(struct lower *l, const struct op *op)
{
    struct hv_domctl *d = lower_new_domctl(l, XEN_DOMCTL_setnodeaffinity, op);

    d->value = (uint64_t)op->node_affinity.mask.v;
    return issue(l);
}

/* Extra pages die with their domain; forget them. */
static void forget_extra(struct lower *l)
{
    uint32_t kept = 0;

    for ( uint32_t i = 0; i < l->left.nr_extra; i++ )
        if ( l->view->dom[l->left.extra[i].dom].extra )
            l->left.extra[kept++] = l->left.extra[i];
    l->left.nr_extra = kept;
}

static long lower_destroy(struct lower *l, const struct op *op)
{
    struct hv_domctl *d = lower_new_domctl(l, XEN_DOMCTL_destroydomain, op);
    long rc;

    d->preempt = (uint32_t)op->destroy.steps.v;
    rc = issue(l);
    forget_extra(l);

    return rc;
}

/* ---- memory_op by dom0 ---- */

static struct hv_call *new_memory_op(struct lower *l, uint64_t cmd,
                                     const struct op *op)
{
    struct hv_call *c = lower_call(l, HV_CALL_MEMORY_OP);

    c->cmd = cmd;
    c->resv.domid = (uint16_t)op_slot(op);
    c->list = lower_gfns;
    place_whole(c, sizeof(c->resv));

    return c;
}

static long lower_claim(struct lower *l, const struct op *op)
{
    struct hv_call *c = new_memory_op(l, XENMEM_claim_pages, op);

    c->resv.nr_extents = lower_pages(l, &op->claim.pages, op_slot(op));
    return issue(l);
}

/* The list comes last: where it lies depends on the number of extents. */
static long reserve(struct lower *l, int slot, const struct value *nr,
                    const struct value *list)
{
    l->call->resv.nr_extents = lower_pages(l, nr, slot);
    place_list(l->call, list);
    fill_list(l, slot);

    return issue(l);
}

static long lower_populate(struct lower *l, const struct op *op)
{
    struct hv_call *c = new_memory_op(l, XENMEM_populate_physmap, op);

    c->resv.extent_order = (uint32_t)op->populate.order.v;
    c->resv.mem_flags = node_resolve(&op->populate.node) |
                        (uint32_t)op->populate.flags.v;
    c->preempt = (uint32_t)op->populate.preempt.v;
    c->stop = (uint32_t)op->populate.stop.v;

    return reserve(l, op_slot(op), &op->populate.nr, &op->populate.list);
}

static long lower_increase(struct lower *l, const struct op *op)
{
    struct hv_call *c = new_memory_op(l, XENMEM_increase_reservation, op);

    c->resv.extent_order = (uint32_t)op->increase.order.v;
    c->resv.mem_flags = node_resolve(&op->increase.node) |
                        (uint32_t)op->increase.flags.v;
    c->preempt = (uint32_t)op->increase.preempt.v;

    return reserve(l, op_slot(op), &op->increase.nr, &op->increase.list);
}

static long lower_decrease(struct lower *l, const struct op *op)
{
    struct hv_call *c = new_memory_op(l, XENMEM_decrease_reservation, op);

    c->resv.extent_order = (uint32_t)op->decrease.order.v;
    c->preempt = (uint32_t)op->decrease.preempt.v;

    return reserve(l, op_slot(op), &op->decrease.nr, &op->decrease.list);
}

void lower_sizes(struct hv_call *c, uint64_t nr, uint32_t in, uint32_t out)
{
    c->resv.extent_order = in;
    c->out.extent_order = out;
    c->resv.nr_extents = in < out && out - in < 64 ? nr << (out - in) : nr;
    c->out.nr_extents = out < in && in - out < 64 ? nr << (in - out) : nr;
}

static long lower_exchange(struct lower *l, const struct op *op)
{
    struct hv_call *c = new_memory_op(l, XENMEM_exchange, op);

    lower_sizes(c, lower_pages(l, &op->exchange.nr, op_slot(op)),
                (uint32_t)op->exchange.order.v,
                (uint32_t)op->exchange.out_order.v);
    c->out.domid = c->resv.domid;
    c->out.mem_flags = node_resolve(&op->exchange.node) |
                       (uint32_t)op->exchange.flags.v;
    c->preempt = (uint32_t)op->exchange.preempt.v;
    place_whole(c, sizeof(struct xen_memory_exchange));
    place_lists(c, &op->exchange.list);
    fill_list(l, op_slot(op));

    return issue(l);
}

/* These two take struct xen_memory_domain: two bytes, a domid. */
static long reservation_of(struct lower *l, uint64_t cmd, const struct op *op)
{
    place_whole(new_memory_op(l, cmd, op), sizeof(domid_t));
    return issue(l);
}

static long lower_current_reservation(struct lower *l, const struct op *op)
{
    return reservation_of(l, XENMEM_current_reservation, op);
}

static long lower_maximum_reservation(struct lower *l, const struct op *op)
{
    return reservation_of(l, XENMEM_maximum_reservation, op);
}

/* ---- what toolstacks have no hypercall for ---- */

static long frame_call(struct lower *l, enum hv_call_kind kind, int slot,
                       uint64_t frame)
{
    struct hv_call *c = lower_call(l, kind);

    c->domid = (uint16_t)slot;
    c->frame = frame;
    c->word = LOWER_WORD + l->left.nr_writes;

    return issue(l);
}

/* One call for each frame of l->list; returns how many succeeded. */
static long frame_calls(struct lower *l, enum hv_call_kind kind, int slot,
                        uint32_t nr)
{
    long done = 0;

    for ( uint32_t i = 0; i < nr; i++ )
        done += !frame_call(l, kind, slot, l->list[i]);

    return done;
}

/* There is nothing to work on, so make a call that must be refused; with a
 * page of the domain if there is one. */
static long refused(struct lower *l, enum hv_call_kind kind, int slot)
{
    uint32_t nr = pick_frames(l, slot, 1, PICK_OWNED);

    return frame_call(l, kind, slot, nr ? l->list[0] : unowned_frame(l, 1));
}

static long lower_map(struct lower *l, const struct op *op)
{
    int slot = op_slot(op);
    uint64_t want = lower_pages(l, &op->map.nr, slot);
    uint32_t most = l->h->ops->map_most, nr;

    if ( most && want > most )
        want = most;
    nr = pick_frames(l, slot, want, PICK_UNMAPPED);
    if ( want && !nr )
        nr = pick_mapped_again(l, slot);
    /* Nothing to map: make one call that must be refused. */
    if ( want && !nr )
        return frame_call(l, HV_CALL_MAP, slot, unowned_frame(l, want));

    return frame_calls(l, HV_CALL_MAP, slot, nr);
}

static long lower_unmap(struct lower *l, const struct op *op)
{
    int slot = op_slot(op);
    uint64_t want = lower_pages(l, &op->unmap.nr, slot);
    uint32_t nr = pick_frames(l, slot, want, PICK_MAPPED);

    if ( want && !nr )
        return refused(l, HV_CALL_UNMAP, slot);

    return frame_calls(l, HV_CALL_UNMAP, slot, nr);
}

/* Each operation writes a word of its own, so that it can be told who wrote
 * what. */
static long lower_write(struct lower *l, const struct op *op)
{
    int slot = op_slot(op);
    uint64_t want = lower_pages(l, &op->write.nr, slot);
    uint32_t nr = pick_frames(l, slot, want, PICK_OWNED);

    l->left.nr_writes++;
    if ( want && !nr )
        return refused(l, HV_CALL_WRITE, slot);

    return frame_calls(l, HV_CALL_WRITE, slot, nr);
}

static long lower_anon_alloc(struct lower *l, const struct op *op)
{
    struct hv_call *c = lower_call(l, HV_CALL_ANON_ALLOC);
    long rc;

    if ( l->left.nr_anon == PROGRAM_OPS_MAX )
        return lower_not_run(l, "too many blocks");
    if ( op->anon_alloc.pool.v && model_coloured(l->model) )
        return lower_not_run(l, "pools stay as they are with LLC colouring");
    c->order = (uint32_t)op->anon_alloc.order.v;
    c->pool = op->anon_alloc.pool.v;
    c->domid = c->pool ? (uint16_t)(op->anon_alloc.pool.v - 1) : 0;
    rc = issue(l);
    if ( !rc )
        l->left.anon[l->left.nr_anon++] =
            (struct anon_block){ l->result->frame, c->order };

    return rc;
}

static long lower_anon_free(struct lower *l, const struct op *op)
{
    struct hv_call *c = lower_call(l, HV_CALL_ANON_FREE);
    uint32_t i;

    if ( !l->left.nr_anon )
        return lower_not_run(l, "the hypervisor holds no block");
    i = (uint32_t)op->anon_free.index.v % l->left.nr_anon;
    c->frame = l->left.anon[i].frame;
    c->order = l->left.anon[i].order;
    l->left.anon[i] = l->left.anon[--l->left.nr_anon];

    return issue(l);
}

static long lower_extra_alloc(struct lower *l, const struct op *op)
{
    struct hv_call *c = lower_call(l, HV_CALL_EXTRA_ALLOC);
    long rc;

    if ( l->left.nr_extra == PROGRAM_OPS_MAX )
        return lower_not_run(l, "too many extra pages");
    c->domid = (uint16_t)op_slot(op);
    rc = issue(l);
    if ( !rc )
        l->left.extra[l->left.nr_extra++] =
            (struct extra_page){ l->result->frame, (uint8_t)op_slot(op) };

    return rc;
}

static long lower_extra_free(struct lower *l, const struct op *op)
{
    int slot = op_slot(op);
    uint32_t i = 0;
    uint64_t frame;

    while ( i < l->left.nr_extra && l->left.extra[i].dom != slot )
        i++;
    if ( i == l->left.nr_extra && !(l->h->ops->caps & HV_CAP_EXTRA) )
        return lower_not_run(l, "extra pages are not offered");
    if ( i == l->left.nr_extra )
        return refused(l, HV_CALL_EXTRA_FREE, slot);
    frame = l->left.extra[i].frame;
    l->left.extra[i] = l->left.extra[--l->left.nr_extra];

    return frame_call(l, HV_CALL_EXTRA_FREE, slot, frame);
}

/* ---- dispatch ---- */

static long (*const lower_table[OP_COUNT])(struct lower *,
                                           const struct op *) = {
#define ARG(name, kind)
#define OP(name, help, args) [OP_##name] = lower_##name,
#include "harness/program/ops.def"
#undef OP
#undef ARG
};

long lower_op(struct lower *l, const struct op *op)
{
    assert(op->code < OP_COUNT);
    l->not_run = NULL;
    return lower_table[op->code](l, op);
}
