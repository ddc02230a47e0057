/* SPDX-License-Identifier: MIT */
/*
 * memory_op for 64-bit callers: the claim call (spec 1.1), the reservation
 * calls (spec 3.1 - 3.5) and the two queries (spec 3.7). The order of the
 * tests is what this file is about. Every other command is -ENOSYS.
 *
 * Domains are PV without vNUMA: frame numbers are machine frames, populate-on-
 * demand does nothing, and one flag for a virtual node constrains nothing.
 */
#include "world.h"
#include "../harness/marks/marks.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#define PAGE_SHIFT 12
/* Node numbers that a Xen of default configuration can have. */
#define MAX_NUMNODES 64
/* Hypervisor area: what a PV guest may not name lies between these two. */
#define GUEST_LOW_END    (UINT64_C(1) << 47)
#define GUEST_HIGH_START UINT64_C(0xffff880000000000)

_Static_assert(sizeof(struct xen_memory_reservation) == 32, "spec 2");
_Static_assert(sizeof(xen_pfn_t) == 8, "64-bit entries");

/* Is the extent order, list, or flags word of a claim set? Planted faults drop
 * one of these tests each. */
static bool claim_has_extras(const struct world *w,
                             const struct xen_memory_reservation *r)
{
    if ( r->extent_start.p && !FAULT_ON(w, claim_skips_list) )
        return true;
    if ( r->extent_order && !FAULT_ON(w, claim_skips_order) )
        return true;

    return r->mem_flags && !FAULT_ON(w, claim_skips_flags);
}

/* Planted faults: errno given in place of the right one. */
static long claim_no_domain(const struct world *w)
{
    return FAULT_ON(w, claim_domid_esrch) ? -ESRCH : -EINVAL;
}

static long claim_not_allowed(const struct world *w)
{
    return FAULT_ON(w, claim_xsm_eacces) ? -EACCES : -EPERM;
}

/* Read the argument; planted faults: what could be read is taken as it is, or
 * the structure is read again after it was looked at. */
static bool claim_read(struct stub *s, struct xen_memory_reservation *r,
                       uint64_t arg)
{
    memset(r, 0, sizeof(*r));
    if ( FAULT_ON(&s->w, claim_double_fetch) &&
         fetch_argument(&s->guest, r, arg, sizeof(*r)) )
        return false;

    return !fetch_argument(&s->guest, r, arg, sizeof(*r)) ||
           FAULT_ON(&s->w, claim_partial_copy);
}

static int claim_domain(const struct stub *s, const struct hv_caller *caller,
                        uint32_t domid)
{
    return FAULT_ON(&s->w, claim_accepts_self)
           ? domain_by_any_id(s, caller, domid) : domain_by_id(s, domid);
}

/* Spec 1.1 rows 8 - 10: the domain, or -errno. */
static long claim_target(struct stub *s, const struct hv_caller *caller,
                         uint32_t domid)
{
    const struct world *w = &s->w;
    int dom = claim_domain(s, caller, domid);

    if ( !is_control(caller) && FAULT_ON(w, claim_xsm_before_domid) )
        return claim_not_allowed(w);
    if ( dom < 0 )
        return claim_no_domain(w);
    if ( s->facts->claim_tests_dying && w->dom[dom].dying != DYING_NO &&
         FAULT_ON(w, claim_dying_before_xsm) )
        return -EINVAL;
    if ( !is_control(caller) && !FAULT_ON(w, claim_skips_xsm) )
        return claim_not_allowed(w);
    if ( s->facts->claim_tests_dying && w->dom[dom].dying != DYING_NO &&
         !FAULT_ON(w, claim_skips_dying) )
        return -EINVAL;

    return dom;
}

static uint64_t claim_count(const struct world *w,
                            const struct xen_memory_reservation *r)
{
    return FAULT_ON(w, claim_count_32_bits) ? (uint32_t)r->nr_extents
                                            : r->nr_extents;
}

static bool padding_set(const struct xen_memory_reservation *r)
{
    const unsigned char *raw = (const unsigned char *)r;

    for ( size_t i = offsetof(struct xen_memory_reservation, domid) +
                     sizeof(r->domid); i < sizeof(*r); i++ )
        if ( raw[i] )
            return true;

    return false;
}

/* The claim call: spec 1.1 rows 2 - 11, first failing row wins. */
static long claim_pages(struct stub *s, const struct hv_caller *caller,
                        uint64_t start, uint64_t arg)
{
    struct xen_memory_reservation r;
    const struct world *w = &s->w;
    long dom;

    if ( !is_control(caller) && FAULT_ON(w, claim_xsm_first) )
        return -EPERM;
    if ( start && FAULT_ON(w, claim_start_before_llc) )
        return -EINVAL;
    if ( w->llc && s->facts->claim_tests_llc && !FAULT_ON(w, claim_skips_llc) )
        return FAULT_ON(w, claim_llc_einval) ? -EINVAL : -EOPNOTSUPP;
    if ( FAULT_ON(w, claim_fault_before_start) &&
         copy_from_guest(&s->guest, &r, arg, sizeof(r)) )
        return -EFAULT;
    if ( start && !FAULT_ON(w, claim_skips_start) )
        return -EINVAL;
    if ( !claim_read(s, &r, arg) )
        return FAULT_ON(w, claim_fault_einval) ? -EINVAL : -EFAULT;
    if ( claim_has_extras(w, &r) )
        return -EINVAL;
    if ( padding_set(&r) && FAULT_ON(w, claim_compares_padding) )
        return -EINVAL;
    dom = claim_target(s, caller, r.domid);
    if ( dom < 0 )
        return dom;

    return s->alloc->claim(s->w.alloc, (int)dom, claim_count(w, &r));
}

/* Largest order a caller may ask for (spec 3.2). */
static uint32_t max_order(const struct hv_caller *caller)
{
    if ( is_control(caller) )
        return MAX_ORDER;

    return caller->flags & HV_CALLER_HARDWARE ? 12 : 9;
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

    if ( bits && bits < order_from_pages(HV_FRAME_BASE + s->w.pages) +
                        PAGE_SHIFT )
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
        return false;
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
    if ( e->req.order > (pod ? MAX_ORDER : max_order(e->caller)) )
        return;
    if ( e->req.order == max_order(e->caller) &&
         FAULT_ON(&e->s->w, resv_order_range) )
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
        .s = s, .caller = caller, .r = r, .done = start,
        .req = { .order = r->order, .node = ALLOC_NO_NODE,
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
        return start;
    if ( !decode_flags(s, caller, r->flags, &e.req) )
        return start;
    if ( !may_target(caller, e.req.dom) && !FAULT_ON(&s->w, resv_skips_xsm) )
        return start;

    run_extents(&e, op);
    *stopped = e.stopped;

    return e.done;
}

static long native_reservation(struct stub *s, const struct hv_caller *caller,
                               uint64_t *cmd, uint64_t arg)
{
    unsigned int op = *cmd & MEMOP_CMD_MASK;
    uint64_t done = *cmd >> MEMOP_EXTENT_SHIFT;
    struct xen_memory_reservation raw;
    struct reservation r;
    bool stopped;

    if ( fetch_argument(&s->guest, &raw, arg, sizeof(raw)) )
        return (long)done;

    r = (struct reservation){
        .list = (uintptr_t)raw.extent_start.p, .nr = raw.nr_extents,
        .order = raw.extent_order, .flags = raw.mem_flags,
        .domid = raw.domid,
    };
    done = reservation_op(s, caller, op, done, &r, &stopped);
    if ( !stopped )
        return (long)done;

    if ( FAULT_ON(&s->w, continuation_starts_over) )
        done = *cmd >> MEMOP_EXTENT_SHIFT;
    *cmd = op | (done << MEMOP_EXTENT_SHIFT);
    return HV_CONTINUE;
}

/* current_reservation, maximum_reservation: spec 3.7. */
static long query(struct stub *s, const struct hv_caller *caller,
                  uint64_t cmd, uint64_t arg)
{
    struct xen_memory_domain q;
    struct alloc_counts counts;
    int dom;

    if ( (cmd >> MEMOP_EXTENT_SHIFT) && !FAULT_ON(&s->w, query_skips_start) )
        return -EINVAL;
    if ( fetch_argument(&s->guest, &q, arg, sizeof(q)) )
        return -EFAULT;
    dom = domain_by_any_id(s, caller, q.domid);
    if ( dom < 0 )
        return FAULT_ON(&s->w, query_domid_einval) ? -EINVAL : -ESRCH;
    if ( !may_target(caller, dom) && !FAULT_ON(&s->w, query_skips_xsm) )
        return -EPERM;

    counts = counts_of(s, dom);
    if ( counts.extra && FAULT_ON(&s->w, query_counts_extra_pages) )
        counts.tot += counts.extra;
    return (cmd & MEMOP_CMD_MASK) == XENMEM_current_reservation ? counts.tot
                                                                : counts.max;
}

long native_memory_op(struct stub *s, const struct hv_caller *caller,
                      uint64_t *cmd, uint64_t arg)
{
    switch ( *cmd & MEMOP_CMD_MASK )
    {
    case XENMEM_claim_pages:
        return claim_pages(s, caller, *cmd >> MEMOP_EXTENT_SHIFT, arg);
    case XENMEM_increase_reservation:
    case XENMEM_decrease_reservation:
    case XENMEM_populate_physmap:
        return native_reservation(s, caller, cmd, arg);
    case XENMEM_current_reservation:
    case XENMEM_maximum_reservation:
        return query(s, caller, *cmd, arg);
    default:
        return -ENOSYS;
    }
}

long stub_memory_op(void *hv, const struct hv_caller *caller, uint64_t *cmd,
                    uint64_t arg)
{
    struct stub *s = hv;
    long rc;

    guest_begin(&s->guest);
    /* Spec 1.1 row 0a comes before 0b. */
    if ( (caller->flags & HV_CALLER_USER) &&
         !FAULT_ON(&s->w, user_mode_allowed) )
        return -EPERM;
    if ( caller->flags & HV_CALLER_ABI32 )
        rc = compat_memory_op(s, caller, cmd, arg);
    else
        rc = native_memory_op(s, caller, cmd, arg);
    locks_none_held(s, __func__, __LINE__);

    return rc;
}
