/* SPDX-License-Identifier: MIT */
/*
 * The stub's own allocator: set-up, free lists, and what can be read of it.
 * Lists are kept per node, zone and order; a zone is the number of significant
 * bits of a frame number. Freed blocks go to the head of their list.
 *
 * Not here: choosing a block (heap_alloc.c), claims and counters
 * (heap_claim.c).
 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "heap.h"
#include "hypervisor/room.h"
#include "marks/marks.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

void block_insert(struct heap *h, uint32_t id, uint32_t order)
{
    uint32_t list = list_of(h, node_of(h, id), zone_of(id), order);
    uint32_t *head = &list_heads(h)[list];

    h->page[id].state = PAGE_FREE;
    h->page[id].order = (uint8_t)order;
    h->page[id].prev = PAGE_NONE;
    h->page[id].next = *head;
    if ( *head != PAGE_NONE )
        h->page[*head].prev = id;
    *head = id;
    list_counts(h)[list]++;
}

void block_remove(struct heap *h, uint32_t id)
{
    struct heap_page *p = &h->page[id];
    uint32_t list = list_of(h, node_of(h, id), zone_of(id), p->order);

    HEAP_BUG_IF(h, p->state != PAGE_FREE);
    if ( p->prev != PAGE_NONE )
        h->page[p->prev].next = p->next;
    else
        list_heads(h)[list] = p->next;
    if ( p->next != PAGE_NONE )
        h->page[p->next].prev = p->prev;
    list_counts(h)[list]--;
    p->state = PAGE_FREE_INNER;
    p->next = p->prev = 0;
    p->order = 0;
}

/* The buddy of a block if both can be one larger block. A buddy on another
 * node is no buddy; one in another zone cannot be, as no frame is 0. */
static bool find_buddy(const struct heap *h, uint32_t id, uint32_t order,
                       uint32_t *buddy)
{
    uint32_t frame = HV_FRAME_BASE + id;
    uint32_t other = (frame ^ (UINT32_C(1) << order)) - HV_FRAME_BASE;

    if ( order + 1 >= h->orders || other >= h->pages )
        return false;
    if ( node_of(h, other) != node_of(h, id) &&
         !FAULT_ON(h, merge_across_nodes) )
    {
        MARK(heap_buddy_on_other_node);
        return false;
    }
    MARK_IF(other == id, canary);
    *buddy = other;

    return h->page[other].state == PAGE_FREE && h->page[other].order == order;
}

void block_free(struct heap *h, uint32_t id, uint32_t order)
{
    uint32_t n = UINT32_C(1) << order, node = node_of(h, id), buddy;

    for ( uint32_t i = 0; i < n; i++ )
    {
        HEAP_BUG_IF(h, h->page[id + i].state != PAGE_USED);
        h->page[id + i].state = PAGE_FREE_INNER;
    }
    h->free += n;
    h->node_free[node && FAULT_ON(h, free_wrong_node) ? 0 : node] += n;
    if ( !FAULT_ON(h, free_not_counted_in_zone) )
        h->avail[node][zone_of(id)] += n;

    while ( find_buddy(h, id, order, &buddy) &&
            !FAULT_ON(h, buddy_not_merged) &&
            !(order >= 8 && FAULT_ON(h, merge_stops_at_8)) )
    {
        MARK(heap_merge);
        block_remove(h, buddy);
        id = buddy < id ? buddy : id;
        order++;
    }
    block_insert(h, id, order);
    if ( FAULT_ON(h, free_block_listed_twice) )
        block_insert(h, id, order);
}

void colour_push(struct heap *h, uint32_t id)
{
    h->page[id].state = PAGE_COLOUR;
    h->page[id].next = h->colour_head;
    h->colour_head = id;
}

/* How many orders of blocks fit into so many pages. */
static uint32_t orders_of(uint32_t pages)
{
    uint32_t orders = 32 - (uint32_t)__builtin_clz(pages);

    return orders < HV_ORDERS ? orders : HV_ORDERS;
}

_Static_assert(HV_NODE_PAGES_MAX < 1 << HV_ORDERS, "no node is larger");

/* The largest block that begins there and ends before a page of its node. */
static uint32_t order_from(uint32_t id, uint32_t end)
{
    uint32_t order = (uint32_t)__builtin_ctz(HV_FRAME_BASE + id);
    uint32_t fits = 31 - (uint32_t)__builtin_clz(end - id);

    return order < fits ? order : fits;
}

/* All pages of a node are free: as if each was freed, from the first on. */
static void free_node(struct heap *h, uint32_t node)
{
    uint32_t id = node * h->node_pages, end = id + h->node_pages;
    uint32_t plain = end - h->colour_pages;

    for ( uint32_t i = id; i < end; i++ )
        h->page[i] = (struct heap_page){ .state = PAGE_FREE_INNER,
                                         .owner = OWNER_NONE };
    h->free += plain - id;
    h->node_free[node] += plain - id;
    while ( id < plain )
    {
        uint32_t order = order_from(id, plain);

        h->avail[node][zone_of(id)] += UINT32_C(1) << order;
        block_insert(h, id, order);
        id += UINT32_C(1) << order;
    }
    for ( ; id < end; id++ )
    {
        h->page[id].flags = PAGE_IS_COLOURED;
        colour_push(h, id);
    }
}

static void *heap_open(const struct alloc_services *svc)
{
    struct heap *h = room_new(HEAP_STATE_SIZE);

    if ( h )
        h->svc = svc;
    return h;
}

static void heap_close(void *a)
{
    room_free(a, HEAP_STATE_SIZE);
}

static void heap_init(void *a, const struct alloc_config *config)
{
    struct heap *h = a;
    const struct alloc_services *svc = h->svc;

    assert(config->nodes >= 1 && config->nodes <= HV_NODES_MAX);
    assert(config->node_pages >= 1 && config->node_pages <= HV_NODE_PAGES_MAX);
    assert(config->colour_pages <= config->node_pages);
    memset(h, 0, sizeof(*h));
    h->svc = svc;
    h->nodes = config->nodes;
    h->node_pages = config->node_pages;
    h->pages = h->nodes * h->node_pages;
    h->colour_pages = config->colour_pages;
    h->redeem_at_alloc = config->redeem_at_alloc;
    h->grow_on_free = config->grow_on_free;
    h->sets = config->sets;
    h->fault = config->fault;
    h->zone_top = zone_of(h->pages - 1);
    assert(h->zone_top < HV_ZONES);
    h->zones = h->zone_top - HV_ZONE_FIRST + 1;
    h->orders = orders_of(h->pages);
    h->lists = h->nodes * h->zones * h->orders;
    memset(list_heads(h), 0xff, h->lists * sizeof(uint32_t)); /* PAGE_NONE */
    memset(list_counts(h), 0, h->lists * sizeof(uint32_t));
    h->colour_head = PAGE_NONE;

    for ( uint32_t node = 0; node < h->nodes; node++ )
        free_node(h, node);
}

/* Bytes in use, from the start. */
static size_t used(const struct heap *h)
{
    return offsetof(struct heap, page) + h->pages * sizeof(h->page[0]) +
           (2 * h->lists + (h->written ? h->pages : 0)) * sizeof(uint32_t);
}

static void *heap_save(const void *a, void *into)
{
    void *saved = realloc(into, used(a));

    if ( saved )
        return memcpy(saved, a, used(a));
    free(into);

    return NULL;
}

static void heap_restore(void *a, const void *saved)
{
    memcpy(a, saved, used(saved));
}

/* Without the pointer at its start, which differs from process to process. */
static uint64_t heap_hash(const void *a)
{
    const struct heap *h = a;
    const size_t from = offsetof(struct heap, nodes);

    return XXH3_64bits((const char *)a + from, used(h) - from);
}

static void heap_domain_init(void *a, int dom)
{
    struct heap *h = a;

    h->dom[dom] = (struct heap_domain){ .affinity = UINT32_MAX };
    if ( dom && FAULT_ON(h, create_limit_stale) )
        h->dom[dom].max = h->pages;
}

static void heap_domain_gone(void *a, int dom)
{
    struct heap *h = a;

    HEAP_BUG_IF(h, h->dom[dom].tot != 0);
    /* A claim made too late stays in h->claimed for good (rules 3.10). */
    h->dom[dom] = (struct heap_domain){ .tot = 0 };
}

static void heap_set_max(void *a, int dom, uint32_t pages)
{
    struct heap *h = a;

    DOMAIN_LOCK(h, dom);
    MARK_IF(pages < h->dom[dom].tot, heap_max_below_owned);
    if ( !(pages < h->dom[dom].tot && FAULT_ON(h, max_mem_not_below_owned)) )
        h->dom[dom].max = pages;
    if ( h->dom[dom].claim && h->dom[dom].tot + h->dom[dom].claim > pages &&
         FAULT_ON(h, max_mem_drops_claim) )
    {
        h->claimed -= h->dom[dom].claim;
        h->dom[dom].claim = 0;
    }
    if ( h->dom[dom].claim && FAULT_ON(h, max_mem_raises_claim) )
    {
        h->dom[dom].claim++;
        h->claimed++;
    }
    DOMAIN_UNLOCK(h, dom);
}

static void heap_set_affinity(void *a, int dom, uint32_t node_mask)
{
    struct heap *h = a;

    h->dom[dom].affinity = node_mask;
}

/* ---- reading ---- */

static void heap_heap(const void *a, uint64_t *free, uint64_t *claimed)
{
    const struct heap *h = a;

    *free = h->free;
    *claimed = h->claimed;
}

static void heap_node_free(const void *a, uint64_t pages[HV_NODES_MAX])
{
    const struct heap *h = a;

    for ( uint32_t n = 0; n < HV_NODES_MAX; n++ )
        pages[n] = h->node_free[n];
}

/* tot, extra, max and claim, copied as one: it is asked for after every call. */
#define COUNTS_BYTES offsetof(struct heap_domain, affinity)
_Static_assert(offsetof(struct hv_domain_view, stash) -
                       offsetof(struct hv_domain_view, tot) ==
                   COUNTS_BYTES,
               "the same counters in the same order");

static void heap_counts(const void *a, uint32_t doms,
                        struct hv_domain_view dom[HV_DOMS_MAX])
{
    const struct heap *h = a;

    for ( ; doms; doms &= doms - 1 )
    {
        int i = __builtin_ctz(doms);

        memcpy(&dom[i].tot, &h->dom[i], COUNTS_BYTES);
        dom[i].tot -= h->dom[i].extra;
    }
}

static void heap_capacity(const void *a, struct hv_capacity *c)
{
    const struct heap *h = a;

    *c = (struct hv_capacity){ .nodes = h->nodes,
                               .zone_first = HV_ZONE_FIRST,
                               .zones = h->zones,
                               .orders = h->orders,
                               .blocks = list_counts(h) };
}

_Static_assert((int8_t)OWNER_NONE == ALLOC_NO_DOMAIN, "a cast is enough");

static void heap_pages(const void *a, uint64_t frame, uint32_t nr,
                       struct alloc_page *pages)
{
    const struct heap *h = a;
    const struct heap_page *p = &h->page[frame - HV_FRAME_BASE];

    for ( uint32_t i = 0; i < nr; i++ )
        pages[i] = (struct alloc_page){ .owner = (int8_t)p[i].owner,
                                        .free = p[i].state != PAGE_USED };
}

unsigned int buddy_fault_hits(const void *a)
{
    const struct heap *h = a;

    return h->fault_hits;
}

const struct allocator_ops buddy_allocator = {
    .name = "buddy",
    .caps = ALLOC_CAP_COLOUR | ALLOC_CAP_SETS | ALLOC_CAP_OFFLINE |
            ALLOC_CAP_CONTENTS | ALLOC_CAP_EXCHANGE | ALLOC_CAP_STASH,
    .open = heap_open,
    .close = heap_close,
    .init = heap_init,
    .save = heap_save,
    .restore = heap_restore,
    .discard = free,
    .hash = heap_hash,
    .domain_init = heap_domain_init,
    .domain_gone = heap_domain_gone,
    .claim = heap_claim,
    .claim_set = heap_claim_set,
    .parts = heap_parts,
    .begin = heap_begin,
    .end = heap_end,
    .free = heap_free,
    .offline = heap_offline,
    .online = heap_online,
    .offline_query = heap_offline_query,
    .steal = heap_steal,
    .adopt = heap_adopt,
    .set_max = heap_set_max,
    .set_affinity = heap_set_affinity,
    .heap = heap_heap,
    .node_free = heap_node_free,
    .counts = heap_counts,
    .capacity = heap_capacity,
    .audit = heap_audit,
    .pages = heap_pages,
    .write = heap_write,
    .page = heap_page,
    .scrub_pages = heap_scrub_pages,
    .scrub = heap_scrub,
    .put_back = heap_put_back,
};
