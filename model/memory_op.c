/* SPDX-License-Identifier: MIT */
/*
 * What reservation calls have in common: their front end (rules 3.1, 3.2), for
 * 32-bit callers as well (rules 2); and the two queries (rules 3.7). Not here:
 * claims, whose arguments are checked in claim.c.
 */
#include "internal.h"

/* Largest order a caller may ask for (rules 3.2 i). */
#define ORDER_DOMU 9
#define ORDER_HARDWARE 12
#define ORDER_CONTROL 18
#define ORDER_MAX 18
/* Node numbers below this are accepted, whether or not the host has them. */
#define NODES_MAX 64
#define NO_NODE 0xff
/* PV guests may use addresses below the hole and above Xen. */
#define GUEST_LOW_END UINT64_C(0x800000000000)
#define GUEST_HIGH_START UINT64_C(0xffff880000000000)
#define PAGE_BITS 12
/* Where a 32-bit PV guest's address space ends and Xen's begins. */
#define COMPAT_VIRT_END UINT64_C(0xf5800000)
#define COMPAT_ENTRY_BYTES 4

uint64_t model_start_extent(const struct hv_call *call)
{
    uint64_t cmd = call->caller.flags & HV_CALLER_ABI32 ? (uint32_t)call->cmd
                                                        : call->cmd;

    return cmd >> MEMOP_EXTENT_SHIFT;
}

uint32_t model_order_limit(const struct hv_caller *caller)
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

/* Rules 3.1: address bits. False: refused. */
bool resv_bits(const struct model *m, struct resv *r)
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
    /* A coloured heap does not look at addresses (rules 4.4). */
    else if ( !model_coloured(m) &&
              bits < order_of(HV_FRAME_BASE + m->host_pages) + PAGE_BITS )
        r->zone_max = bits - PAGE_BITS;
    return true;
}

/* Rules 3.1: node. False: refused. */
bool resv_node(const struct hv_caller *caller, struct resv *r)
{
    uint32_t node = XENMEMF_get_node(r->flags);

    r->node = -1;
    r->exact = false;
    /* No node, or a virtual one of a domain without a vNUMA table. */
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

bool model_guest_address(uint64_t addr)
{
    return addr < GUEST_LOW_END || addr >= GUEST_HIGH_START;
}

/* Rules 3.2 h. NULL is one, as are the addresses of 32-bit callers. */
static bool list_is_guest_address(const struct resv *r)
{
    return model_guest_address(r->list + r->start * sizeof(xen_pfn_t));
}

/* Rules 2: numbers of 32 bits. */
static void compat_narrow(struct resv *r)
{
    r->list = (uint32_t)r->list;
    r->nr = (uint32_t)r->nr;
}

/* Rules 2.1. */
static bool compat_front_end(const struct hv_call *call, const struct resv *r,
                             struct prediction *p)
{
    uint64_t bytes = r->nr * COMPAT_ENTRY_BYTES;
    uint64_t last = r->list + (bytes ? bytes - 1 : 0);

    if ( decides(p, RULE_COMPAT_FAULT,
                 call->arg_bytes < COMPAT_RESERVATION_SIZE) ||
         decides(p, RULE_COMPAT_NR, r->nr > MEMOP_EXTENTS_MAX) ||
         decides(p, RULE_COMPAT_RANGE, r->list && last >= COMPAT_VIRT_END) )
    {
        answer(p, (long)r->start);
        return false;
    }
    return true;
}

static void resv_read(const struct hv_call *call, struct resv *r)
{
    r->op = model_command(call);
    r->abi32 = call->caller.flags & HV_CALLER_ABI32;
    r->start = model_start_extent(call);
    r->nr = call->resv.nr_extents;
    r->list = (uintptr_t)call->resv.extent_start.p;
    r->entries = call->list_entries;
    r->readonly = call->readonly & HV_READONLY_LIST;
    r->order = call->resv.extent_order;
    r->flags = call->resv.mem_flags;
    r->domid = call->resv.domid;
    r->slot = MODEL_NOBODY;
    r->no_refcount = false;
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
    p->passed =
        !decides(p, RULE_RESV_DOMID, r->slot == MODEL_NOBODY) &&
        !decides(p, RULE_RESV_BITS, !resv_bits(m, r)) &&
        !decides(p, RULE_RESV_NODE, !resv_node(&call->caller, r)) &&
        !decides(p, RULE_RESV_XSM, !model_may_act(&call->caller, r->slot)) &&
        !decides(p, RULE_RESV_RANGE, !list_is_guest_address(r)) &&
        !decides(p, RULE_RESV_ORDER,
                 r->order >
                     (pod ? ORDER_MAX : model_order_limit(&call->caller))) &&
        !p->conditions;

    return p->passed;
}

bool resv_passed(const struct model *m, const struct hv_call *call,
                 const struct prediction *p, struct resv *r)
{
    if ( !p->passed )
        return false;
    resv_read(call, r);
    r->slot = model_slot_any(m, r->domid, &call->caller);
    resv_bits(m, r);
    resv_node(&call->caller, r);

    return true;
}

void query_predict(const struct model *m, const struct hv_call *call,
                   struct prediction *p)
{
    /* The argument is a struct xen_memory_domain, two bytes; hv_issue() makes
     * it from the domid of the reservation. */
    int slot = model_slot_any(m, call->resv.domid, &call->caller);
    bool current = model_command(call) == XENMEM_current_reservation;
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
    else if ( slot == MODEL_NOBODY ) /* only if model_conditions() asks */
        rc = 0;
    else
    {
        const struct hv_domain_view *d = &m->counters.dom[slot];

        decides(p, current ? RULE_QUERY_CURRENT : RULE_QUERY_MAXIMUM, true);
        rc = current ? d->tot : d->max;
        /* Rules 2: results of a 32-bit caller end here. */
        if ( (call->caller.flags & HV_CALLER_ABI32) && rc > INT32_MAX )
            rc = INT32_MAX;
    }
    answer(p, rc);
}
