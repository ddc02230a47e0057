/* SPDX-License-Identifier: MIT */
/*
 * increase, decrease and populate (spec 3.1 - 3.5), as decoded from either
 * layout of the structure. Not here: reading it (memory_op.c, compat.c).
 *
 * Domains are PV without vNUMA: frame numbers are machine frames, populate-on-
 * demand does nothing, and one flag for a virtual node constrains nothing.
 */
#include "world.h"
#include "marks/marks.h"

#include <errno.h>

#define PAGE_SHIFT 12
/* Node numbers that a Xen of default configuration can have. */
#define MAX_NUMNODES 64
/* Hypervisor area: what a PV guest may not name lies between these two. */
#define GUEST_LOW_END (UINT64_C(1) << 47)
#define GUEST_HIGH_START UINT64_C(0xffff880000000000)

_Static_assert(sizeof(xen_pfn_t) == 8, "64-bit entries");

/* Largest order a caller may ask for (spec 3.2). */
static uint32_t max_order(const struct hv_caller *caller)
{
    if ( is_control(caller) )
        return MAX_ORDER;

    return caller->flags & HV_CALLER_HARDWARE ? 12 : 9;
}

static bool order_allowed(const struct world *w,
                          const struct hv_caller *caller, uint32_t order,
                          bool pod)
{
    if ( order == max_order(caller) && FAULT_ON(w, resv_order_range) )
        return false;
    if ( order <= (pod ? MAX_ORDER : max_order(caller)) )
        return true;

    return !is_control(caller) && order <= MAX_ORDER &&
           FAULT_ON(w, resv_guest_order);
}

static uint32_t order_from_pages(uint64_t pages)
{
    return pages <= 1 ? 0 : 64 - (uint32_t)__builtin_clzll(pages - 1);
}

/* mem_flags to the allocator's terms (spec 3.1); false: rejected. */
static bool decode_flags(const struct stub *s, const struct hv_caller *caller,
                         uint32_t flags, struct alloc_request *req)
{
    uint32_t bits = XENMEMF_get_address_bits(flags);
    uint32_t node = (flags & MEMF_NODE_MASK) >> MEMF_NODE_SHIFT;
    bool exact = flags & XENMEMF_exact_node_request;

    if ( bits &&
         bits < order_from_pages(HV_FRAME_BASE + s->w.pages) + PAGE_SHIFT )
    {
        if ( bits <= PAGE_SHIFT )
            return FAULT_ON(&s->w, resv_skips_bits);
        req->zone_max = bits - PAGE_SHIFT;
    }

    if ( (flags & XENMEMF_vnode) || !node )
        return true;

    if ( !is_control(caller) && !(caller->flags & HV_CALLER_HARDWARE) )
        return !exact || FAULT_ON(&s->w, resv_guest_exact_node);
    if ( node - 1 >= MAX_NUMNODES )
        return FAULT_ON(&s->w, resv_skips_node);
    req->node = (int)node - 1;
    if ( exact )
        req->flags |= ALLOC_EXACT_NODE;

    return true;
}

/* What the three operations work on. */
struct extents
{
    struct stub *s;
    const struct hv_caller *caller;
    const struct reservation *r;
    struct alloc_request req;
    uint64_t done;
    bool stopped; /* for a continuation */
};

static bool list_accessible(const struct extents *e)
{
    uint64_t first = e->r->list + e->done * sizeof(xen_pfn_t);

    return e->r->xlat || first < GUEST_LOW_END || first >= GUEST_HIGH_START;
}

static bool list_present(const struct extents *e)
{
    return e->r->xlat || e->r->list;
}

static bool read_entry(struct extents *e, uint64_t *frame)
{
    uint64_t i = e->done;

    if ( e->r->xlat )
    {
        *frame = e->r->xlat[i - e->r->xlat_start];
        return true;
    }
    if ( !copy_from_guest(&e->s->guest, frame, e->r->list + i * 8, 8) )
        return true;
    MARK_IF(i, list_cut);

    return false;
}

static bool write_entry(struct extents *e, uint64_t frame)
{
    uint64_t i = e->done;

    if ( e->r->xlat )
    {
        e->r->xlat[i - e->r->xlat_start] = frame;
        return true;
    }
    return !copy_to_guest(&e->s->guest, e->r->list + i * 8, &frame, 8);
}

/* Hand over a page's number. If that fails the page stays with the domain,
 * uncounted. */
static bool hand_over(struct extents *e, uint64_t frame)
{
    if ( write_entry(e, frame) )
        return true;
    if ( e->req.order == 0 && FAULT_ON(&e->s->w, orphan_given_back) )
        put_alloc_ref(e->s, frame);

    return false;
}

/* One extent of each operation: false ends it. */
static bool increase_one(struct extents *e)
{
    uint64_t frame = domheap_alloc(e->s, &e->req);

    if ( frame == ALLOC_NO_FRAME )
        return false;

    return !list_present(e) || hand_over(e, frame);
}

static bool populate_one(struct extents *e)
{
    uint64_t frame;

    if ( !read_entry(e, &frame) )
        return false;
    if ( e->r->flags & XENMEMF_populate_on_demand )
        return e->req.dom != e->caller->domid;

    frame = domheap_alloc(e->s, &e->req);
    if ( frame == ALLOC_NO_FRAME )
        return false;

    return hand_over(e, frame);
}

/* Take a frame from its domain. One that is only kept by a mapping is still
 * the domain's, so that naming it again succeeds and does nothing. */
static bool remove_page(struct stub *s, int dom, uint64_t frame)
{
    const struct frame *f = frame_of(s, frame);

    if ( !f || f->owner != dom + 1 || (f->flags & FRAME_EXTRA) )
        return false;
    MARK_IF(!(f->flags & FRAME_ALLOCATED), page_given_back_again);
    if ( (f->flags & FRAME_ALLOCATED) &&
         !(f->maps && FAULT_ON(&s->w, decrease_spares_mapped)) )
        put_alloc_ref(s, frame);

    return true;
}

static bool decrease_one(struct extents *e)
{
    uint64_t frame;

    if ( !read_entry(e, &frame) )
        return false;
    if ( e->req.order && FAULT_ON(&e->s->w, decrease_one_page_of_extent) )
        return remove_page(e->s, e->req.dom, frame);
    for ( uint64_t i = 0; i < UINT64_C(1) << e->req.order; i++ )
        if ( !remove_page(e->s, e->req.dom, frame + i) )
            return false;

    return true;
}

/* The operation's own tests, then its extents. */
static void run_extents(struct extents *e, unsigned int op)
{
    uint64_t first = e->done;
    bool pod = op == XENMEM_populate_physmap &&
               (e->r->flags & XENMEMF_populate_on_demand);

    if ( (op != XENMEM_increase_reservation || list_present(e)) &&
         !list_accessible(e) && !FAULT_ON(&e->s->w, resv_skips_list_range) )
        return;
    if ( !order_allowed(&e->s->w, e->caller, e->req.order, pod) )
        return;

    for ( ; e->done < e->r->nr; e->done++ )
    {
        bool ok;

        if ( e->done != first && PREEMPTED(e->s) )
        {
            MARK(call_continued);
            e->stopped = true;
            e->done += FAULT_ON(&e->s->w, continuation_skips_extent);
            return;
        }
        if ( op == XENMEM_increase_reservation )
            ok = increase_one(e);
        else if ( op == XENMEM_populate_physmap )
            ok = populate_one(e);
        else
            ok = decrease_one(e);
        if ( !ok )
        {
            if ( e->done != first && FAULT_ON(&e->s->w, partial_not_reported) )
                e->done = first;
            if ( FAULT_ON(&e->s->w, failed_extent_counted) )
                e->done++;
            return;
        }
    }
}

uint64_t reservation_op(struct stub *s, const struct hv_caller *caller,
                        unsigned int op, uint64_t start,
                        const struct reservation *r, bool *stopped)
{
    struct extents e = {
        .s = s,
        .caller = caller,
        .r = r,
        .done = start,
        .req = { .order = r->order,
                 .node = ALLOC_NO_NODE,
                 .zone_max = HV_ZONES - 1 },
    };

    *stopped = false;
    if ( r->nr > MEMOP_EXTENTS_MAX && !FAULT_ON(&s->w, resv_skips_count) )
        return start;
    if ( r->nr == MEMOP_EXTENTS_MAX && FAULT_ON(&s->w, resv_count_range) )
        return start;
    if ( start >= r->nr )
        return FAULT_ON(&s->w, resv_start_einval) ? (uint64_t)-EINVAL : start;
    e.req.dom = domain_by_any_id(s, caller, r->domid);
    if ( e.req.dom < 0 )
        return FAULT_ON(&s->w, resv_domid_esrch) ? (uint64_t)-ESRCH : start;
    if ( !decode_flags(s, caller, r->flags, &e.req) )
        return start;
    if ( !may_target(caller, e.req.dom) && !FAULT_ON(&s->w, resv_skips_xsm) )
        return FAULT_ON(&s->w, resv_xsm_eperm) ? (uint64_t)-EPERM : start;

    run_extents(&e, op);
    *stopped = e.stopped;

    return e.done;
}
