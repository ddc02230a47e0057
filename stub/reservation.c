/* SPDX-License-Identifier: MIT */
/*
 * increase, decrease and populate (rules 3.1-3.5), as decoded from either
 * layout of the structure. Not here: reading it (memory_op.c, compat.c).
 *
 * Domains are PV without vNUMA: frame numbers are machine frames, populate-on-
 * demand does nothing, and one flag for a virtual node constrains nothing.
 */
#include "checks.h"
#include "world.h"
#include "marks/marks.h"

#define PAGE_SHIFT 12
/* Node numbers that a Xen of default configuration can have. */
#define MAX_NUMNODES 64
/* Hypervisor area: what a PV guest may not name lies between these two. */
#define GUEST_LOW_END (UINT64_C(1) << 47)
#define GUEST_HIGH_START UINT64_C(0xffff880000000000)

_Static_assert(sizeof(xen_pfn_t) == 8, "64-bit entries");

/* One of the three operations. */
struct reservation_call
{
    struct stub *s;
    const struct hv_caller *caller;
    const struct reservation_args *r;
    unsigned int op;
    struct alloc_request req;
    uint64_t done;
    bool stopped; /* for a continuation */
};

/* ---- arguments ---- */

/* Address bits; 0: any. Those that exclude no page of the host do no harm. */
static uint32_t address_bits(const struct reservation_call *c)
{
    return XENMEMF_get_address_bits(c->r->flags);
}

/* A node that is asked for plus one, or 0. */
static uint32_t node_wanted(const struct reservation_call *c)
{
    if ( c->r->flags & XENMEMF_vnode )
        return 0;

    return (c->r->flags & MEMF_NODE_MASK) >> MEMF_NODE_SHIFT;
}

/* May the caller choose nodes? */
static bool may_choose_node(const struct reservation_call *c)
{
    return c->caller->flags & (HV_CALLER_CONTROL | HV_CALLER_HARDWARE);
}

/* 0 is an address like any other here, and so is a 32-bit caller's. */
static bool list_accessible(const struct reservation_call *c)
{
    uint64_t first = c->r->list + c->done * sizeof(xen_pfn_t);

    return first < GUEST_LOW_END || first >= GUEST_HIGH_START;
}

static bool populates_on_demand(const struct reservation_call *c)
{
    return c->op == XENMEM_populate_physmap &&
           (c->r->flags & XENMEMF_populate_on_demand);
}

/* Largest order that may be asked for (rules 3.2 i). */
static uint32_t max_order(const struct reservation_call *c)
{
    if ( is_control(c->caller) || populates_on_demand(c) )
        return MAX_ORDER;

    if ( c->r->order == 10 && FAULT_ON(&c->s->w, guest_order_10) )
        return 10;

    return c->caller->flags & HV_CALLER_HARDWARE ? 12 : 9;
}

/* clang-format off */
#define RESERVATION_CHECKS(CHECK) \
    CHECK(reservation, fault, START_EXTENT, "rules 3.2 a", \
          "structure cannot be read", c->r->unreadable,) \
    CHECK(reservation, count, START_EXTENT, "rules 3.2 b", \
          "more than 2^26-1 extents", \
          c->r->nr > MEMOP_EXTENTS_MAX || \
          (c->r->nr == MEMOP_EXTENTS_MAX && \
           FAULT_ON(&c->s->w, resv_count_range)),) \
    CHECK(reservation, start, START_EXTENT, "rules 3.2 c", \
          "start extent is not below the count", c->done >= c->r->nr, \
          .unseen[CHECK_DROP] = "there is no extent to do, so that the loop " \
                                "ends with the start extent as well") \
    CHECK(reservation, domid, START_EXTENT, "rules 3.2 d", \
          "no domain has that id", \
          !find_domain(c->s, c->caller, c->r->domid, &c->req.dom),) \
    CHECK(reservation, bits, START_EXTENT, "rules 3.2 e", \
          "address bits leave no page", \
          address_bits(c) && address_bits(c) <= PAGE_SHIFT,) \
    CHECK(reservation, exact, START_EXTENT, "rules 3.2 f", \
          "an exact node for a plain guest", \
          node_wanted(c) && !may_choose_node(c) && \
          (c->r->flags & XENMEMF_exact_node_request),) \
    CHECK(reservation, node, START_EXTENT, "rules 3.2 f", \
          "node that no host can have", \
          node_wanted(c) > MAX_NUMNODES && may_choose_node(c),) \
    CHECK(reservation, xsm, START_EXTENT, "rules 3.2 g", \
          "caller may not touch the domain", \
          !may_target(c->caller, c->req.dom), .needs = "domid") \
    CHECK(reservation, list, START_EXTENT, "rules 3.2 h", \
          "list cannot be a guest address", !list_accessible(c),) \
    CHECK(reservation, order, START_EXTENT, "rules 3.2 i", \
          "order is above the caller's limit", \
          c->r->order > max_order(c) || \
          (c->r->order == max_order(c) && \
           FAULT_ON(&c->s->w, resv_order_range)),)
/* clang-format on */
#define CHECKED_CALL struct reservation_call
DEFINE_CHECKS(reservation, RESERVATION_CHECKS)

/* mem_flags to the allocator's terms (rules 3.1). */
static void decode_flags(struct reservation_call *c)
{
    uint32_t node = node_wanted(c), bits = address_bits(c);

    if ( bits && bits - PAGE_SHIFT < c->req.zone_max )
        c->req.zone_max = bits - PAGE_SHIFT;
    if ( !node || !may_choose_node(c) )
        return;
    c->req.node = (int)node - 1;
    if ( c->r->flags & XENMEMF_exact_node_request )
        c->req.flags |= ALLOC_EXACT_NODE;
}

/* ---- extents ---- */

static bool list_present(const struct reservation_call *c)
{
    return c->r->xlat || c->r->list;
}

static bool read_entry(struct reservation_call *c, uint64_t *frame)
{
    uint64_t i = c->done;

    if ( c->r->xlat )
    {
        *frame = c->r->xlat[i - c->r->xlat_start];
        return true;
    }
    if ( !copy_from_guest(&c->s->guest, frame, c->r->list + i * 8, 8) )
        return true;
    MARK_IF(i, list_cut);

    return false;
}

static bool write_entry(struct reservation_call *c, uint64_t frame)
{
    uint64_t i = c->done;

    if ( c->r->xlat )
    {
        c->r->xlat[i - c->r->xlat_start] = frame;
        return true;
    }
    return !copy_to_guest(&c->s->guest, c->r->list + i * 8, &frame, 8);
}

/* Hand over a page's number. If that fails the page stays with the domain,
 * uncounted. */
static bool hand_over(struct reservation_call *c, uint64_t frame)
{
    if ( write_entry(c, frame) || FAULT_ON(&c->s->w, list_fault_unseen) )
        return true;
    if ( c->req.order == 0 && FAULT_ON(&c->s->w, orphan_given_back) )
        put_alloc_ref(c->s, frame);

    return false;
}

/* One extent of each operation: false ends it. */
static bool increase_one(struct reservation_call *c)
{
    uint64_t frame = domheap_alloc(c->s, &c->req);

    if ( frame == ALLOC_NO_FRAME )
        return false;

    return !list_present(c) || hand_over(c, frame);
}

/* Is it for a domain that has yet to run, where scrubbing may take a while? */
static bool builds(const struct reservation_call *c)
{
    return c->s->facts->stashes && !c->s->w.dom[c->req.dom].built &&
           (c->s->alloc->caps & ALLOC_CAP_STASH);
}

static bool populate_one(struct reservation_call *c)
{
    uint64_t frame;

    if ( !read_entry(c, &frame) )
        return false;
    if ( c->r->flags & XENMEMF_populate_on_demand )
        return c->req.dom != c->caller->domid;

    frame = builds(c) ? stash_alloc(c->s, &c->req, &c->stopped)
                      : domheap_alloc(c->s, &c->req);
    if ( frame == ALLOC_NO_FRAME )
        return false;

    return hand_over(c, frame);
}

/* Take a frame from its domain. One that is only kept by a mapping is still
 * the domain's, so that naming it again succeeds and does nothing. */
static bool remove_page(struct stub *s, int dom, uint64_t frame)
{
    const struct frame *f = frame_of(s, frame);

    if ( !f || f->owner != dom + 1 )
        return false;
    MARK_IF(f->flags & FRAME_EXTRA, extra_page_given_back);
    MARK_IF(!(f->flags & FRAME_ALLOCATED), page_given_back_again);
    if ( (f->flags & FRAME_ALLOCATED) &&
         !(f->maps && FAULT_ON(&s->w, decrease_spares_mapped)) )
        put_alloc_ref(s, frame);

    return true;
}

static bool decrease_one(struct reservation_call *c)
{
    /* 64 and above can only come by a planted fault. */
    uint64_t pages = c->req.order < 64 ? UINT64_C(1) << c->req.order : 0;
    uint64_t frame;

    if ( !read_entry(c, &frame) )
        return false;
    if ( c->req.order && FAULT_ON(&c->s->w, decrease_one_page_of_extent) )
        return remove_page(c->s, c->req.dom, frame);
    for ( uint64_t i = 0; i < pages; i++ )
        if ( !remove_page(c->s, c->req.dom, frame + i) )
            return false;

    return true;
}

static void run_extents(struct reservation_call *c)
{
    uint64_t first = c->done;
    bool ok;

    for ( ; c->done < c->r->nr; c->done++ )
    {
        if ( c->done != first && PREEMPTED(c->s) )
        {
            MARK(call_continued);
            c->stopped = true;
            c->done += FAULT_ON(&c->s->w, continuation_skips_extent);
            return;
        }
        if ( c->op == XENMEM_increase_reservation )
            ok = increase_one(c);
        else if ( c->op == XENMEM_populate_physmap )
            ok = populate_one(c);
        else
            ok = decrease_one(c);
        if ( c->stopped )
        {
            MARK(populate_stopped_inside);
            return;
        }
        if ( !ok )
        {
            if ( c->done != first && FAULT_ON(&c->s->w, partial_not_reported) )
                c->done = first;
            if ( FAULT_ON(&c->s->w, failed_extent_counted) )
                c->done++;
            return;
        }
    }
}

long reservation_op(struct stub *s, const struct hv_caller *caller,
                    unsigned int op, uint64_t start,
                    const struct reservation_args *r, bool *stopped)
{
    struct reservation_call c = {
        .s = s,
        .caller = caller,
        .r = r,
        .op = op,
        .done = start,
        .req = { .order = r->order,
                 .node = ALLOC_NO_NODE,
                 .zone_max = HV_ZONES - 1 },
    };
    long rc = (long)start;

    *stopped = false;
    if ( REFUSED(&s->w, reservation, &c, &rc) )
        return rc;
    decode_flags(&c);
    run_extents(&c);
    *stopped = c.stopped;

    return (long)c.done;
}
