/* SPDX-License-Identifier: MIT */
/*
 * Allocation from the heap: the gate that protects claims (rules 4.1), the
 * order in which nodes, zones and blocks are tried (rules 4.2), counters and,
 * in regime R-C, the claim (rules 4.3). All of it is one section of heap_lock.
 *
 * Frames are few and low, so the second pass that Xen makes for the DMA zone
 * could not change a result. Which pages are dirty is known once one was
 * written (heap_contents.c).
 */
#include "heap.h"
#include "marks/marks.h"

#include <assert.h>

/* Of a request, within this file: only a block without a page to scrub. */
#define CLEAN_ONLY (1U << 31)

/* Rules 4.1. All sums are modulo 2^64. */
static bool gate_refuses(const struct heap *h, const struct alloc_request *req,
                         uint64_t pages)
{
    uint64_t claim = req->dom < 0 ? 0 : h->dom[req->dom].claim;

    if ( pages > 1 && FAULT_ON(h, gate_counts_one_page) )
        pages = 1;
    if ( h->claimed + pages <= h->free )
        return claim && FAULT_ON(h, gate_refuses_claimants);
    if ( FAULT_ON(h, gate_missing) )
        return false;
    if ( h->claimed + pages == h->free + 1 && FAULT_ON(h, gate_off_by_one) )
        return false;
    if ( req->dom < 0 && FAULT_ON(h, gate_trusts_xen) )
        return false;
    if ( claim && claim < pages && FAULT_ON(h, gate_any_claim_passes) )
        return false;
    if ( (req->flags & ALLOC_NO_REFCOUNT) && claim >= pages &&
         FAULT_ON(h, gate_trusts_no_refcount) )
        return false;
    if ( claim >= pages && FAULT_ON(h, gate_forgets_own_claim) )
        return true;
    if ( claim == pages && FAULT_ON(h, gate_wants_larger_claim) )
        return true;

    if ( (req->flags & ALLOC_NO_REFCOUNT) || req->dom < 0 || claim < pages )
        return true;
    MARK(heap_gate_own_claim);

    return false;
}

/* First page of a block that is large enough, or PAGE_NONE. */
static uint32_t find_in_zone(const struct heap *h, uint32_t node,
                             uint32_t zone, uint32_t order)
{
    const uint32_t *head = &list_heads(h)[list_of(h, node, zone, 0)];

    for ( uint32_t o = order; o < h->orders; o++ )
        if ( head[o] != PAGE_NONE )
            return head[o];

    return PAGE_NONE;
}

/* The same, of blocks without a page to scrub. Not inlined: only hosts on which
 * somebody wrote have others. */
static __attribute__((noinline)) uint32_t
find_clean(const struct heap *h, uint32_t node, uint32_t zone, uint32_t order)
{
    for ( uint32_t o = order; o < h->orders; o++ )
    {
        uint32_t list = list_of(h, node, zone, o);
        uint32_t id = list_heads(h)[list];

        /* Counted: a block that is listed twice may close a ring. */
        for ( uint32_t left = list_counts(h)[list]; left && id != PAGE_NONE;
              left--, id = h->page[id].next )
            if ( !block_dirty(h, id) )
                return id;
        HEAP_BUG_IF(h, id != PAGE_NONE);
    }
    return PAGE_NONE;
}

/* From the highest zone allowed down. */
static uint32_t find_in_zones(const struct heap *h,
                              const struct alloc_request *req, uint32_t node)
{
    uint32_t zone = req->zone_max < h->zone_top ? req->zone_max : h->zone_top;
    uint32_t id;

    MARK_IF(zone < h->zone_top, heap_zone_limit);
    if ( zone < h->zone_top && FAULT_ON(h, zone_limit_ignored) )
        zone = h->zone_top;
    for ( ; zone >= HV_ZONE_FIRST; zone-- )
    {
        if ( h->avail[node][zone] < UINT32_C(1) << req->order )
            continue;
        id = __builtin_expect(req->flags & CLEAN_ONLY, 0)
                 ? find_clean(h, node, zone, req->order)
                 : find_in_zone(h, node, zone, req->order);
        if ( id != PAGE_NONE )
            return id;
    }
    return PAGE_NONE;
}

/* Not inlined: nobody claims on nodes but in drafts. */
static __attribute__((noinline)) uint32_t
find_on_claimed(const struct heap *h, const struct alloc_request *req,
                uint32_t node)
{
    return node_gate_refuses(h, req, node) ? PAGE_NONE
                                           : find_in_zones(h, req, node);
}

static uint32_t find_on_node(const struct heap *h,
                             const struct alloc_request *req, uint32_t node)
{
    if ( node >= h->nodes )
        return PAGE_NONE;
    if ( __builtin_expect(h->node_claimed[node] != 0, 0) )
        return find_on_claimed(h, req, node);

    return find_in_zones(h, req, node);
}

_Static_assert(HV_NODES_MAX < 32, "a bit of a node mask each");

/* The next node of a mask after one, cyclic; mask is not empty. */
static uint32_t next_node(uint32_t mask, uint32_t node)
{
    uint32_t above = mask & (UINT32_MAX << node << 1);

    return (uint32_t)__builtin_ctz(above ? above : mask);
}

/* Try all nodes of a mask once, beginning at start, which is in it. */
static uint32_t find_in_mask(const struct heap *h,
                             const struct alloc_request *req, uint32_t mask,
                             uint32_t start)
{
    uint32_t node = start, id;

    do
    {
        id = find_on_node(h, req, node);
        if ( id != PAGE_NONE )
            return id;
        node = next_node(mask, node);
        MARK_IF(node != start, heap_next_node);
    } while ( node != start );

    return PAGE_NONE;
}

/* Rules 4.2: nodes of the domain's affinity first, then the others. */
static uint32_t find_block(const struct heap *h,
                           const struct alloc_request *req)
{
    uint32_t online = (UINT32_C(1) << h->nodes) - 1;
    uint32_t mask = online, node, id;
    bool exact = req->flags & ALLOC_EXACT_NODE; /* of a node that is named */

    if ( req->dom >= 0 && (h->dom[req->dom].affinity & online) )
        mask &= h->dom[req->dom].affinity;

    if ( req->node >= 0 )
        node = (uint32_t)req->node;
    else if ( req->dom >= 0 )
        node = next_node(mask, h->dom[req->dom].last);
    else
        node = 0; /* the one CPU's */

    /* A node asked for may lie outside the mask, or not be there at all. */
    if ( exact && FAULT_ON(h, exact_node_ignored) )
        exact = false;
    id = find_on_node(h, req, node);
    MARK_IF(id == PAGE_NONE && exact, heap_exact_node_empty);
    if ( id != PAGE_NONE || exact )
        return id;
    if ( h->sets && node < h->nodes && node_gate_refuses(h, req, node) &&
         FAULT_ON(h, node_gate_ends_search) )
        return PAGE_NONE;
    if ( node >= 32 || !(mask & (UINT32_C(1) << node)) )
        node = (uint32_t)__builtin_ctz(mask);
    id = find_in_mask(h, req, mask, node);
    if ( id != PAGE_NONE )
        return id;

    mask = online & ~mask;
    if ( !mask || FAULT_ON(h, affinity_never_left) )
        return PAGE_NONE;
    MARK(heap_outside_affinity);

    return find_in_mask(h, req, mask, (uint32_t)__builtin_ctz(mask));
}

/* Rules 4.2: dirty blocks of more than a page come last. */
static uint32_t find_clean_first(const struct heap *h,
                                 const struct alloc_request *req)
{
    struct alloc_request clean = *req;
    uint32_t id;

    clean.flags |= CLEAN_ONLY;
    id = find_block(h, &clean);
    MARK_IF(id == PAGE_NONE, heap_dirty_block);

    return id == PAGE_NONE ? find_block(h, req) : id;
}

/* Take 2^order pages from the top of a block; what is left goes back in
 * halves. */
static uint32_t take(struct heap *h, uint32_t id, uint32_t order)
{
    uint32_t have = h->page[id].order, n = UINT32_C(1) << order;
    uint32_t node = node_of(h, id);

    block_remove(h, id);
    if ( have > order && order && FAULT_ON(h, split_loses_half) )
        have--;
    while ( have > order )
    {
        bool late;

        MARK(heap_split);
        have--;
        late = have && order && FAULT_ON(h, split_misaligned);
        block_insert(h, id + late, have);
        id += UINT32_C(1) << have;
    }
    for ( uint32_t i = 0; i < n; i++ )
    {
        HEAP_BUG_IF(h, h->page[id + i].state != PAGE_FREE_INNER);
        h->page[id + i].state = PAGE_USED;
    }
    h->avail[node][zone_of(id)] -= n;
    h->node_free[node && FAULT_ON(h, alloc_wrong_node) ? 0 : node] -= n;
    h->free -= n > 1 && FAULT_ON(h, alloc_counts_one_page) ? 1 : n;

    return id;
}

/* A domain's page on a coloured host: no gate, no counters (rules 4.4). */
static uint64_t alloc_coloured(struct heap *h, const struct alloc_request *req)
{
    uint32_t id;

    if ( req->order )
        return ALLOC_NO_FRAME;

    HEAP_LOCK(h);
    id = h->colour_head;
    if ( id != PAGE_NONE )
    {
        h->colour_head = h->page[id].next;
        h->page[id].next = 0;
        h->page[id].state = PAGE_USED;
    }
    HEAP_UNLOCK(h);
    MARK_IF(id == PAGE_NONE, heap_coloured_empty);
    if ( id != PAGE_NONE && h->written )
        scrub_block(h, id, 1);

    return id == PAGE_NONE ? ALLOC_NO_FRAME : HV_FRAME_BASE + id;
}

uint64_t heap_begin(void *a, const struct alloc_request *req)
{
    struct heap *h = a;
    uint32_t id = PAGE_NONE;

    assert(req->dom >= ALLOC_NO_DOMAIN && req->dom < HV_DOMS_MAX);
    if ( req->order > HEAP_MAX_ORDER )
        return ALLOC_NO_FRAME;
    if ( h->colour_pages && req->dom >= 0 )
        return alloc_coloured(h, req);

    HEAP_LOCK(h);
    if ( !gate_refuses(h, req, UINT64_C(1) << req->order) )
        id = __builtin_expect(h->written && req->order, 0) &&
                     !(req->flags & ALLOC_KEEP_DIRTY)
                 ? find_clean_first(h, req)
                 : find_block(h, req);
    if ( id != PAGE_NONE )
    {
        id = take(h, id, req->order);
        if ( req->dom >= 0 )
        {
            h->dom[req->dom].last = node_of(h, id);
            if ( h->redeem_at_alloc &&
                 (!(req->flags & ALLOC_NO_REFCOUNT) ||
                  (h->dom[req->dom].claim &&
                   FAULT_ON(h, redeem_for_no_refcount))) &&
                 !FAULT_ON(h, redeem_at_assign) )
                redeem(h, req->dom, UINT32_C(1) << req->order);
        }
    }
    HEAP_UNLOCK(h);
    if ( __builtin_expect(h->written, 0) && id != PAGE_NONE )
        (req->flags & ALLOC_KEEP_DIRTY ? keep_dirty : scrub_block)(
            h, id, UINT32_C(1) << req->order);

    return id == PAGE_NONE ? ALLOC_NO_FRAME : HV_FRAME_BASE + id;
}
