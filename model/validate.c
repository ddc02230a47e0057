/* SPDX-License-Identifier: MIT */
/*
 * Arguments of memory_op calls: the front end of the reservation calls (rules
 * 3.1, 3.2) and the two queries (rules 3.7). Claims have theirs in claim.c.
 */
#include "internal.h"

/* Largest order a caller may ask for (rules 3.2 i). */
#define ORDER_DOMU 9
#define ORDER_HARDWARE 12
#define ORDER_CONTROL 18
#define ORDER_MAX 18
/* Node numbers below that can be asked for, there or not. */
#define NODES_MAX 64
#define NO_NODE 0xff
/* PV guests may use addresses below the hole and above Xen. */
#define GUEST_LOW_END UINT64_C(0x800000000000)
#define GUEST_HIGH_START UINT64_C(0xffff880000000000)
#define PAGE_BITS 12

unsigned int model_memory_op(const struct hv_call *call)
{
    return (unsigned int)(call->cmd & MEMOP_CMD_MASK);
}

uint64_t model_start_extent(const struct hv_call *call)
{
    uint64_t cmd = call->caller.flags & HV_CALLER_ABI32 ? (uint32_t)call->cmd
                                                        : call->cmd;

    return cmd >> MEMOP_EXTENT_SHIFT;
}

static uint32_t caller_order_max(const struct hv_caller *caller)
{
    if ( caller->flags & HV_CALLER_CONTROL )
        return ORDER_CONTROL;
    return caller->flags & HV_CALLER_HARDWARE ? ORDER_HARDWARE : ORDER_DOMU;
}

/* Smallest order whose block holds the pages. */
static uint32_t order_of(uint32_t pages)
{
    uint32_t order = 0;

    while ( (UINT32_C(1) << order) < pages )
        order++;
    return order;
}

/* Rules 3.1: address bits. False: they leave no page. */
static bool decode_bits(const struct model *m, struct resv *r)
{
    uint32_t bits = r->flags & MEMF_BITS_MASK;

    r->zone_max = HV_ZONES - 1;
    r->zone_unknown = false;
    if ( !bits )
        return true;
    if ( bits <= PAGE_BITS )
        return false;
    if ( !m->exact_free )
        r->zone_unknown = true;
    else if ( bits < order_of(HV_FRAME_BASE + m->host_pages) + PAGE_BITS )
        r->zone_max = bits - PAGE_BITS;
    return true;
}

/* Rules 3.1: node. False: it cannot be asked for. */
static bool decode_node(const struct hv_caller *caller, struct resv *r)
{
    uint32_t node = XENMEMF_get_node(r->flags);

    r->node = -1;
    r->exact = false;
    /* A virtual node of a domain without a table of them, or no node. */
    if ( (r->flags & XENMEMF_vnode) || node == NO_NODE )
        return true;
    if ( !(caller->flags & (HV_CALLER_CONTROL | HV_CALLER_HARDWARE)) )
        return !(r->flags & XENMEMF_exact_node_request);
    if ( node >= NODES_MAX )
        return false;
    r->node = (int)node;
    r->exact = r->flags & XENMEMF_exact_node_request;
    return true;
}

/* Rules 3.2 h. 32-bit callers' lists are looked at in compat.c. */
static bool list_is_guest_address(const struct resv *r)
{
    uint64_t first = r->list + r->start * sizeof(xen_pfn_t);

    if ( r->abi32 || (r->op == XENMEM_increase_reservation && !r->list) )
        return true;
    return first < GUEST_LOW_END || first >= GUEST_HIGH_START;
}

static void resv_read(const struct hv_call *call, struct resv *r)
{
    r->op = model_memory_op(call);
    r->abi32 = call->caller.flags & HV_CALLER_ABI32;
    r->start = model_start_extent(call);
    r->nr = call->resv.nr_extents;
    r->list = (uintptr_t)call->resv.extent_start.p;
    r->entries = call->list_entries;
    r->order = call->resv.extent_order;
    r->flags = call->resv.mem_flags;
    r->domid = call->resv.domid;
    r->slot = MODEL_NOBODY;
    if ( r->abi32 )
        compat_narrow(r);
}

bool resv_front_end(const struct model *m, const struct hv_call *call,
                    struct resv *r, struct prediction *p)
{
    bool pod;

    resv_read(call, r);
    pod = r->op == XENMEM_populate_physmap &&
          (r->flags & XENMEMF_populate_on_demand);
    if ( r->abi32 && !compat_front_end(call, r, p) )
        return false;

    answer(p, (long)r->start);
    if ( !r->abi32 &&
         (decides(p, RULE_RESV_FAULT, call->arg_bytes < sizeof(call->resv)) ||
          decides(p, RULE_RESV_NR, r->nr > MEMOP_EXTENTS_MAX)) )
        return false;
    if ( decides(p, RULE_RESV_START, r->start >= r->nr) )
        return false;
    r->slot = model_slot_any(m, r->domid, &call->caller);
    return !decides(p, RULE_RESV_DOMID, r->slot == MODEL_NOBODY) &&
           !decides(p, RULE_RESV_BITS, !decode_bits(m, r)) &&
           !decides(p, RULE_RESV_NODE, !decode_node(&call->caller, r)) &&
           !decides(p, RULE_RESV_XSM,
                    !model_may_act(&call->caller, r->slot)) &&
           !decides(p, RULE_RESV_RANGE, !list_is_guest_address(r)) &&
           !decides(p, RULE_RESV_ORDER,
                    r->order >
                        (pod ? ORDER_MAX : caller_order_max(&call->caller))) &&
           !p->conditions;
}

void query_predict(const struct model *m, const struct hv_call *call,
                   struct prediction *p)
{
    /* The argument is a struct xen_memory_domain, two bytes; hv_issue() makes
     * it from the domid of the reservation. */
    int slot = model_slot_any(m, call->resv.domid, &call->caller);
    bool current = model_memory_op(call) == XENMEM_current_reservation;
    long rc;

    if ( decides(p, RULE_QUERY_START, model_start_extent(call)) )
        rc = -EINVAL;
    else if ( decides(p, RULE_QUERY_FAULT,
                      call->arg_bytes < sizeof(struct xen_memory_domain)) )
        rc = -EFAULT;
    else if ( decides(p, RULE_QUERY_DOMID, slot == MODEL_NOBODY) )
        rc = -ESRCH;
    else if ( decides(p, RULE_QUERY_XSM, !model_may_act(&call->caller, slot)) )
        rc = -EPERM;
    else if ( slot == MODEL_NOBODY ) /* conditions are asked for */
        rc = 0;
    else
    {
        const struct hv_domain_view *d = &m->counters.dom[slot];

        decides(p, current ? RULE_QUERY_CURRENT : RULE_QUERY_MAXIMUM, true);
        rc = current ? d->tot : d->max;
        /* What a 32-bit caller can be told. */
        if ( (call->caller.flags & HV_CALLER_ABI32) && rc > INT32_MAX )
            rc = INT32_MAX;
    }
    answer(p, rc);
}
