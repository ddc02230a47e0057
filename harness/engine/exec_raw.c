/* SPDX-License-Identifier: MIT */
/*
 * Calls by anybody, of which every field is free: memory_op, domctl, sysctl.
 */
#include "exec.h"

#include <string.h>

#include "place.h"

/* ---- memory_op ---- */

static uint32_t reservation_bytes(const struct hv_call *c)
{
    return c->caller.flags & HV_CALLER_ABI32 ? COMPAT_RESERVATION_SIZE
                                             : (uint32_t)sizeof(c->resv);
}

long exec_memory_op(struct engine *e, const struct op *op)
{
    const struct value *a = op->arg;
    struct hv_call *c = exec_call(e, HV_CALL_MEMORY_OP);
    uint64_t pad = (uint64_t)a[10].v;
    bool alive = exec_caller(e, &c->caller, a[0].v);
    int slot;

    if ( !alive )
        return exec_not_run(e, "the calling domain is not alive");
    c->cmd = (uint64_t)a[2].v | (uint64_t)a[3].v << MEMOP_EXTENT_SHIFT;
    if ( a[1].v )
    {
        c->caller.flags |= HV_CALLER_ABI32;
        c->cmd = (uint32_t)c->cmd; /* a 32-bit register holds no more */
    }
    c->resv.domid = (uint16_t)a[4].v;
    slot = domid_resolve(c->resv.domid, &c->caller);
    c->resv.nr_extents = exec_pages(e, &a[5], slot);
    c->resv.extent_order = (uint32_t)a[6].v;
    c->resv.mem_flags = (uint32_t)a[7].v;
    c->list = e->gfns;
    memcpy(c->pad, &pad, sizeof(c->pad));
    c->flip = (uint32_t)a[11].v;
    place_list(c, &a[8]);
    place_argument(c, &a[9], reservation_bytes(c));
    fill_list(e, slot);

    return checked_call(e);
}

/* ---- domctl and sysctl ---- */

static uint32_t skewed(uint32_t version, const struct value *skew)
{
    return version + (uint32_t)(int8_t)skew->v;
}

long exec_domctl(struct engine *e, const struct op *op)
{
    const struct value *a = op->arg;
    struct hv_call *c = exec_call(e, HV_CALL_DOMCTL);
    uint16_t domid = (uint16_t)a[4].v;
    uint64_t value;

    if ( !exec_caller(e, &c->caller, a[0].v) )
        return exec_not_run(e, "the calling domain is not alive");
    if ( a[1].v )
        c->caller.flags |= HV_CALLER_ABI32;
    value = exec_pages(e, &a[5], domid < HV_DOMS_MAX ? domid : -1);
    if ( a[2].v == XEN_DOMCTL_max_mem )
        value *= KB_PER_PAGE;
    c->domctl = (struct hv_domctl){
        .cmd = (uint32_t)a[2].v,
        .domid = domid,
        .value = value,
        .version = skewed(hv_domctl_version(e->release), &a[3]),
    };
    c->flip = (uint32_t)a[7].v;
    c->placed = true;
    place_argument(c, &a[6], sizeof(struct xen_domctl));

    return checked_call(e);
}

long exec_sysctl(struct engine *e, const struct op *op)
{
    const struct value *a = op->arg;
    struct hv_call *c = exec_call(e, HV_CALL_SYSCTL);

    if ( !exec_caller(e, &c->caller, a[0].v) )
        return exec_not_run(e, "the calling domain is not alive");
    if ( a[1].v )
        c->caller.flags |= HV_CALLER_ABI32;
    if ( a[2].v == XEN_SYSCTL_physinfo )
        c->kind = HV_CALL_PHYSINFO;
    else if ( a[2].v == XEN_SYSCTL_numainfo )
        c->kind = HV_CALL_NUMAINFO;
    c->sysctl_cmd = (uint32_t)a[2].v;
    c->sysctl_skew = skewed(0, &a[3]);
    c->flip = (uint32_t)a[5].v;
    c->placed = true;
    place_argument(c, &a[4], sizeof(struct xen_sysctl));

    return checked_call(e);
}
