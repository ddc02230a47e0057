/* SPDX-License-Identifier: MIT */
/*
 * What operands mean in a call: pages, callers, domids, nodes. For everybody
 * who makes calls from operations: the engine on a hypervisor, the generator on
 * the model. Not here: where arguments lie, and which frames are picked.
 */
#include "program.h"

#include <assert.h>

static uint64_t minus_or_0(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

uint64_t pages_resolve(const struct value *v, const struct hv_view *view,
                       int slot, uint64_t host)
{
    static const struct hv_domain_view nobody;
    const struct hv_domain_view *d = slot < 0 ? &nobody : &view->dom[slot];
    uint64_t base = 0;

    assert(slot < HV_DOMS_MAX);
    switch ( (enum pages_base)v->sel )
    {
    case BASE_LIT:
    case BASE_P2_64:
    case BASE_COUNT: break;
    case BASE_TOT: base = d->tot; break;
    case BASE_MAX: base = d->max; break;
    case BASE_CLAIM: base = d->claim; break;
    case BASE_GOAL: base = (uint64_t)d->tot + d->claim; break;
    case BASE_ROOM: base = minus_or_0(d->max, d->tot); break;
    case BASE_FREE: base = view->free; break;
    case BASE_UNCLAIMED: base = minus_or_0(view->free, view->claimed); break;
    case BASE_CLAIMABLE:
        base = d->tot + minus_or_0(view->free, view->claimed);
        break;
    case BASE_CLAIMED: base = view->claimed; break;
    case BASE_HOST: base = host; break;
    case BASE_P2_26: base = UINT64_C(1) << 26; break;
    case BASE_P2_31: base = UINT64_C(1) << 31; break;
    case BASE_P2_32: base = UINT64_C(1) << 32; break;
    case BASE_P2_63: base = UINT64_C(1) << 63; break;
    }

    return base + (uint64_t)v->v;
}

int caller_resolve(struct hv_caller *caller, int64_t v)
{
    unsigned int slot = v == CALLER_CTL ? 0 : v % CALLER_USER;

    *caller = hv_caller_dom0();
    if ( v == CALLER_CTL )
        caller->flags = HV_CALLER_CONTROL;
    else if ( v != CALLER_DOM0 )
    {
        caller->domid = (uint16_t)slot;
        caller->flags = v > CALLER_USER ? HV_CALLER_USER : 0;
    }

    return (int)slot;
}

int domid_resolve(uint16_t domid, const struct hv_caller *caller)
{
    if ( domid == DOMID_SELF )
        domid = caller->domid;

    return domid < HV_DOMS_MAX ? domid : -1;
}

uint32_t node_resolve(const struct value *node)
{
    if ( node->v < 0 )
        return 0;

    return XENMEMF_node((uint32_t)node->v) |
           (node->sel ? XENMEMF_exact_node_request : 0);
}
