/* SPDX-License-Identifier: MIT */
/*
 * Calls by anybody, of which every field is free: memory_op, memory_exchange,
 * domctl, sysctl.
 */
#include "internal.h"

#include <string.h>

/* A raw call of a 32-bit caller, if it is done in one piece, is stopped before
 * every third extent. That must not matter, except where entries cannot be
 * written (rules 2.2). */
#define COMPAT_PREEMPT 3

static bool is_stopped(const struct hv_call *c)
{
    return c->caller.flags & HV_CALLER_ABI32 && !c->readonly &&
           !hv_in_pieces(c) && c->list_entries >= (uint32_t)c->resv.nr_extents;
}

static uint32_t reservation_bytes(const struct hv_call *c)
{
    return c->caller.flags & HV_CALLER_ABI32 ? COMPAT_RESERVATION_SIZE
                                             : (uint32_t)sizeof(c->resv);
}

long lower_memory_op(struct lower *l, const struct op *op)
{
    struct hv_call *c = lower_call(l, HV_CALL_MEMORY_OP);
    uint64_t pad = (uint64_t)op->memory_op.pad.v;
    int slot;

    if ( !lower_caller(l, &op->memory_op.caller, &op->memory_op.abi) )
        return 0;
    c->cmd = (uint64_t)op->memory_op.cmd.v | (uint64_t)op->memory_op.start.v
                                                 << MEMOP_EXTENT_SHIFT;
    if ( c->caller.flags & HV_CALLER_ABI32 )
        c->cmd = (uint32_t)c->cmd; /* a 32-bit register holds no more */
    c->resv.domid = (uint16_t)op->memory_op.domid.v;
    slot = domid_resolve(c->resv.domid, &c->caller);
    c->resv.nr_extents = lower_pages(l, &op->memory_op.nr, slot);
    c->resv.extent_order = (uint32_t)op->memory_op.order.v;
    c->resv.mem_flags = (uint32_t)op->memory_op.flags.v;
    memcpy(c->pad, &pad, sizeof(c->pad));
    place_list(c, &op->memory_op.list);
    /* What changes between two readings counts. */
    c->flip = hv_in_pieces(c) ? 0 : (uint32_t)op->memory_op.flip.v;
    place_argument(c, &op->memory_op.arg, reservation_bytes(c));
    if ( is_stopped(c) && !c->flip )
        c->preempt = COMPAT_PREEMPT;
    fill_list(l, slot);

    return l->issue(l->ctx);
}

long lower_memory_exchange(struct lower *l, const struct op *op)
{
    static const struct value abi = { .v = ABI_64 };
    struct hv_call *c = lower_call(l, HV_CALL_MEMORY_OP);
    int slot;

    if ( !lower_caller(l, &op->memory_exchange.caller, &abi) )
        return 0;
    c->cmd = XENMEM_exchange;
    c->resv.domid = (uint16_t)op->memory_exchange.domid.v;
    c->out.domid = (uint16_t)op->memory_exchange.out_domid.v;
    slot = domid_resolve(c->resv.domid, &c->caller);
    lower_sizes(c, lower_pages(l, &op->memory_exchange.nr, slot),
                (uint32_t)op->memory_exchange.order.v,
                (uint32_t)op->memory_exchange.out_order.v);
    if ( op->memory_exchange.out_nr.v )
        c->out.nr_extents = (uint64_t)op->memory_exchange.out_nr.v - 1;
    c->nr_exchanged = (uint64_t)op->memory_exchange.done.v;
    c->out.mem_flags = (uint32_t)op->memory_exchange.flags.v;
    c->flip = (uint32_t)op->memory_exchange.flip.v;
    place_argument(c, &op->memory_exchange.arg,
                   sizeof(struct xen_memory_exchange));
    place_lists(c, &op->memory_exchange.list);
    fill_list(l, slot);

    return l->issue(l->ctx);
}

/* What a VERSION operand adds to the right interface version. */
static uint32_t version_skew(const struct value *v)
{
    return (uint32_t)(int8_t)v->v;
}

long lower_domctl(struct lower *l, const struct op *op)
{
    struct hv_call *c = lower_call(l, HV_CALL_DOMCTL);
    uint16_t domid = (uint16_t)op->domctl.domid.v;
    struct hv_domctl *d = &c->domctl;

    if ( !lower_caller(l, &op->domctl.caller, &op->domctl.abi) )
        return 0;
    d->cmd = (uint32_t)op->domctl.cmd.v;
    d->domid = domid;
    d->version = hv_domctl_version((enum release)l->model->shape.release) +
                 version_skew(&op->domctl.version);
    d->value = lower_pages(l, &op->domctl.value,
                           domid < HV_DOMS_MAX ? domid : -1);
    if ( d->cmd == XEN_DOMCTL_max_mem )
        d->value *= KB_PER_PAGE;
    else if ( d->cmd == XEN_DOMCTL_createdomain )
        d->value &= HV_CREATE_BITS;
    c->flip = (uint32_t)op->domctl.flip.v;
    c->placed = true;
    place_argument(c, &op->domctl.arg, sizeof(struct xen_domctl));
    place_data(c, &op->domctl.data, &op->domctl.count, HV_NODEMAP_BITS / 8,
               HV_NODEMAP_BITS);

    return l->issue(l->ctx);
}

long lower_sysctl(struct lower *l, const struct op *op)
{
    struct hv_call *c = lower_call(l, HV_CALL_SYSCTL);

    if ( !lower_caller(l, &op->sysctl.caller, &op->sysctl.abi) )
        return 0;
    c->sysctl_cmd = (uint32_t)op->sysctl.cmd.v;
    if ( c->sysctl_cmd == XEN_SYSCTL_physinfo )
        c->kind = HV_CALL_PHYSINFO;
    else if ( c->sysctl_cmd == XEN_SYSCTL_numainfo )
        c->kind = HV_CALL_NUMAINFO;
    else if ( c->sysctl_cmd == XEN_SYSCTL_page_offline_op )
        c->kind = HV_CALL_OFFLINE;
    c->sysctl_skew = version_skew(&op->sysctl.version);
    c->flip = (uint32_t)op->sysctl.flip.v;
    c->placed = true;
    place_argument(c, &op->sysctl.arg, sizeof(struct xen_sysctl));
    if ( c->kind == HV_CALL_OFFLINE )
        return lower_page_offline(l, op);
    place_data(c, &op->sysctl.data, &op->sysctl.count, HV_NODES_BYTES,
               HV_NODES_MAX);
    place_distance(c, &op->sysctl.distance);

    return l->issue(l->ctx);
}
