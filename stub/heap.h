/* SPDX-License-Identifier: MIT */
/*
 * State of the stub's own allocator: a buddy heap per node and zone, claims
 * and page counters. Private to heap*.c; tests include it to damage the state.
 */
#ifndef CLAIMCHECK_STUB_HEAP_H
#define CLAIMCHECK_STUB_HEAP_H

#include "faults.h"
#include "stub.h"

/* No page: end of a list. */
#define PAGE_NONE UINT32_MAX
/* Nobody's page. */
#define OWNER_NONE UINT8_MAX
/* Requests of a larger order are refused before any lock (rules 4.1). */
#define HEAP_MAX_ORDER 18

enum page_state
{
    PAGE_USED,
    PAGE_FREE,       /* first page of a free block: order and links hold     */
    PAGE_FREE_INNER, /* another page of a free block                         */
    PAGE_COLOUR,     /* free, set aside for domains: only next holds         */
    PAGE_OFFLINE,    /* out of use: in no list                               */
};

#define PAGE_IS_EXTRA (1U << 0)    /* PGC_extra                              */
#define PAGE_IS_COLOURED (1U << 1) /* belongs to the colour pool             */
#define PAGE_IS_OFFLINING                                                     \
    (1U << 2)                    /* in use: out of use when it is freed     */
#define PAGE_IS_BROKEN (1U << 3) /* by a machine check                       */
#define PAGE_IS_DIRTY (1U << 4)  /* free, and must be scrubbed             */

struct heap_page
{
    uint32_t next, prev; /* page ids */
    uint8_t state;       /* enum page_state */
    uint8_t order;
    uint8_t owner; /* slot it is accounted to, or OWNER_NONE */
    uint8_t flags; /* PAGE_IS_* */
};

struct heap_domain
{
    uint32_t tot; /* extra pages included, unlike hv_domain_view        */
    uint32_t extra;
    uint32_t max;
    uint32_t claim;    /* all of it                                          */
    uint32_t affinity; /* mask of nodes                                      */
    uint32_t last;     /* node of the last allocation                        */
    uint32_t node_claims; /* what of the claim is for nodes, in all          */
    uint32_t node_claim[HV_NODES_MAX];
    uint32_t unused; /* a size that is quickly multiplied */
};

struct heap
{
    const struct alloc_services *svc;
    uint32_t nodes;
    uint32_t node_pages;
    uint32_t pages;
    uint32_t colour_pages; /* of each node                                   */
    uint32_t redeem_at_alloc;
    uint32_t grow_on_free;
    uint32_t sets;       /* draft of claim sets, 0: none                   */
    uint32_t fault;      /* enum fault                                     */
    uint32_t fault_hits; /* times its place in this allocator was reached  */
    uint32_t zone_top;   /* highest zone with frames                       */
    /* Free lists of a node: zones from HV_ZONE_FIRST to zone_top, orders that
     * fit into the host; lists: of all nodes. */
    uint32_t zones, orders, lists;
    uint32_t written; /* pages have contents: some domain wrote to one  */
    /* Under heap_lock: */
    uint64_t free;    /* T */
    uint64_t claimed; /* C */
    uint32_t avail[HV_NODES_MAX][HV_ZONES];
    uint32_t node_free[HV_NODES_MAX];
    uint32_t node_claimed[HV_NODES_MAX]; /* what domains claim on each       */
    uint32_t offlining; /* pages that are marked so                       */
    uint32_t node_dirty[HV_NODES_MAX]; /* free pages to be scrubbed        */
    uint32_t colour_head;
    /* Under the domain's page_alloc_lock; claims under heap_lock too. */
    struct heap_domain dom[HV_DOMS_MAX];
    /* Behind the pages: the first page of each list, its length; what is in each
     * page, once one was written; and, no part of the state, room for the
     * audit. */
    struct heap_page page[];
};

/* For the largest host. */
#define HEAP_STATE_SIZE                                                       \
    (sizeof(struct heap) +                                                    \
     HV_PAGES_MAX * (sizeof(struct heap_page) + sizeof(uint32_t) + 1) +       \
     2 * HV_BLOCK_COUNTS_MAX * sizeof(uint32_t))

#define HEAP_LOCK(h)                                                          \
    (h)->svc->lock((h)->svc->ctx, HV_LOCK_HEAP, ALLOC_NO_DOMAIN, __func__,    \
                   __LINE__)
#define HEAP_UNLOCK(h)                                                        \
    (h)->svc->unlock((h)->svc->ctx, HV_LOCK_HEAP, ALLOC_NO_DOMAIN, __func__,  \
                     __LINE__)
#define DOMAIN_LOCK(h, dom)                                                   \
    (h)->svc->lock((h)->svc->ctx, HV_LOCK_PAGE_ALLOC, dom, __func__, __LINE__)
#define DOMAIN_UNLOCK(h, dom)                                                 \
    (h)->svc->unlock((h)->svc->ctx, HV_LOCK_PAGE_ALLOC, dom, __func__,        \
                     __LINE__)
/* An assertion that a hook may catch; off where assertions are. */
#ifdef NDEBUG
#define HEAP_BUG_IF(h, cond) ((void)0)
#else
#define HEAP_BUG_IF(h, cond)                                                  \
    do                                                                        \
    {                                                                         \
        if ( __builtin_expect(!!(cond), 0) )                                  \
            (h)->svc->fail((h)->svc->ctx, "BUG", #cond, __FILE__, __LINE__);  \
    } while ( 0 )
#endif

/* Significant bits of a page's frame number. */
static inline uint32_t zone_of(uint32_t id)
{
    return 32 - (uint32_t)__builtin_clz(HV_FRAME_BASE + id);
}

static inline uint32_t node_of(const struct heap *h, uint32_t id)
{
    /* Division is dear on the step path, and most hosts have one node. */
    return h->nodes == 1 ? 0 : id / h->node_pages;
}

/* The number of a list; its first page and its length are in these arrays. */
static inline uint32_t list_of(const struct heap *h, uint32_t node,
                               uint32_t zone, uint32_t order)
{
    return (node * h->zones + zone - HV_ZONE_FIRST) * h->orders + order;
}

static inline uint32_t *list_heads(const struct heap *h)
{
    return (uint32_t *)(uintptr_t)&h->page[h->pages];
}

static inline uint32_t *list_counts(const struct heap *h)
{
    return list_heads(h) + h->lists;
}

/* By page, once h->written. */
static inline uint32_t *contents_of(const struct heap *h)
{
    return list_counts(h) + h->lists;
}

/* heap.c: free lists; all under heap_lock. */
void block_insert(struct heap *h, uint32_t id, uint32_t order);
void block_remove(struct heap *h, uint32_t id);
/* A used block becomes free, merged with its free buddies. */
void block_free(struct heap *h, uint32_t id, uint32_t order);
void colour_push(struct heap *h, uint32_t id);

/* heap_alloc.c */
uint64_t heap_begin(void *a, const struct alloc_request *req);

/* heap_claim.c */
long heap_claim(void *a, int dom, uint64_t pages);
bool heap_end(void *a, const struct alloc_request *req, uint64_t frame);
void heap_free(void *a, int dom, uint64_t frame, uint32_t order);
void heap_put_back(void *a, uint64_t frame, uint32_t order);
void heap_steal(void *a, int dom, uint64_t frame);
bool heap_adopt(void *a, int dom, uint64_t frame, uint32_t order,
                uint32_t rest);
/* Under both locks: the whole claim goes. */
void release_claim(struct heap *h, int dom);
/* Under heap_lock: a claim shrinks by the pages it was made for, if any. */
void redeem(struct heap *h, int dom, uint32_t pages);

/* heap_offline.c */
long heap_offline(void *a, uint64_t frame, bool broken, uint32_t *status);
long heap_online(void *a, uint64_t frame, uint32_t *status);
long heap_offline_query(void *a, uint64_t frame, uint32_t *status);
/* Under heap_lock: free a block of pages, of which some are to go out of use. */
void free_around(struct heap *h, uint32_t id, uint32_t order);

/* heap_set.c */
long heap_claim_set(void *a, int dom, uint32_t nr,
                    const struct xen_memory_claim *set);

/* heap_parts.c; all under heap_lock. */
/* Would the request leave less free on the node than others claim there? */
bool node_gate_refuses(const struct heap *h, const struct alloc_request *req,
                       uint32_t node);
/* A claim as a whole shrank by so many pages: they are redeemed from the part
 * of the node that they came from, then from the host's, then from other nodes'. */
void redeem_parts(struct heap *h, struct heap_domain *d, uint32_t node,
                  uint32_t pages);
void release_parts(struct heap *h, struct heap_domain *d);
void heap_parts(const void *a, struct alloc_parts *p);

/* heap_contents.c: what is in pages, once one was written. */
void heap_write(void *a, uint64_t frame, uint32_t word);
void heap_page(const void *a, uint64_t frame, struct hv_page *page);
void heap_scrub_pages(const void *a, uint64_t pages[HV_NODES_MAX]);
/* Is there a page to scrub in a free block? */
bool block_dirty(const struct heap *h, uint32_t id);
/* Under heap_lock: pages that become free must be scrubbed. */
void mark_dirty(struct heap *h, uint32_t id, uint32_t n);
/* Not under heap_lock: pages just allocated are scrubbed where they are marked. */
void scrub_block(struct heap *h, uint32_t id, uint32_t n);
/* The same place, for who scrubs them himself: they are no longer counted. */
void keep_dirty(struct heap *h, uint32_t id, uint32_t n);
/* How many are marked. */
uint32_t dirty_pages(const struct heap *h, uint32_t id, uint32_t n);
uint32_t heap_scrub(void *a, uint64_t frame, uint32_t order, uint32_t from,
                    uint32_t most);

/* heap_audit.c */
const char *heap_audit(const void *a, char *why, size_t size);

#endif /* CLAIMCHECK_STUB_HEAP_H */
