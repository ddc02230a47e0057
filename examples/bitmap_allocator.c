/* SPDX-License-Identifier: MIT */
/*
 * First fit over an array of page states. Free pages are counted by looking,
 * not by keeping lists: what is simple is easily right.
 *
 * Not here: reading, snapshots and audit (bitmap_view.c); planted faults; free blocks by
 * order (capacity), without which nobody predicts whether a large order
 * succeeds.
 */
#include "bitmap.h"
#include "hypervisor/plugin.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define ORDER_MAX 18 /* above it a request is refused unseen (rules 4.1) */

static void take_lock(struct bitmap *b, enum hv_lock lock, int dom, int line)
{
    b->svc->lock(b->svc->ctx, lock, dom, "bitmap", line);
}

static void drop_lock(struct bitmap *b, enum hv_lock lock, int dom, int line)
{
    b->svc->unlock(b->svc->ctx, lock, dom, "bitmap", line);
}

#define LOCK_HEAP(b) take_lock(b, HV_LOCK_HEAP, ALLOC_NO_DOMAIN, __LINE__)
#define UNLOCK_HEAP(b) drop_lock(b, HV_LOCK_HEAP, ALLOC_NO_DOMAIN, __LINE__)
#define LOCK_DOM(b, dom) take_lock(b, HV_LOCK_PAGE_ALLOC, dom, __LINE__)
#define UNLOCK_DOM(b, dom) drop_lock(b, HV_LOCK_PAGE_ALLOC, dom, __LINE__)

static void must(struct bitmap *b, bool held, const char *what, int line)
{
    if ( !held )
        b->svc->fail(b->svc->ctx, "BUG", what, __FILE__, line);
}

#define MUST(b, cond) must(b, cond, #cond, __LINE__)

static uint32_t zone(uint32_t page)
{
    return 32 - (uint32_t)__builtin_clz(HV_FRAME_BASE + page);
}

static void *new_bitmap(const struct alloc_services *svc)
{
    struct bitmap *b = calloc(1, sizeof(*b));

    if ( b )
        b->svc = svc;
    return b;
}

static void init(void *a, const struct alloc_config *config)
{
    struct bitmap *b = a;
    const struct alloc_services *svc = b->svc;

    memset(b, 0, offsetof(struct bitmap, page));
    b->svc = svc;
    b->config = *config;
    b->pages = config->nodes * config->node_pages;
    assert(b->pages <= BITMAP_PAGES_MAX);
    for ( uint32_t i = 0; i < b->pages; i++ )
    {
        b->page[i].owner = FREE;
        b->page[i].flags = 0;
        if ( i % config->node_pages >=
             config->node_pages - config->colour_pages )
            b->page[i].flags = IN_POOL;
        else
            b->free++;
    }
}

static void domain_init(void *a, int dom)
{
    struct bitmap *b = a;

    b->dom[dom] = (struct account){ .affinity = UINT32_MAX };
}

static void domain_gone(void *a, int dom)
{
    struct bitmap *b = a;

    b->dom[dom] = (struct account){ .max = 0 };
}

/* ---- claims ---- */

static long claim(void *a, int dom, uint64_t pages)
{
    struct bitmap *b = a;
    struct account *d = &b->dom[dom];
    long rc = 0;

    LOCK_DOM(b, dom);
    LOCK_HEAP(b);
    if ( pages == 0 )
    {
        b->claimed -= d->claim;
        d->claim = 0;
    }
    else if ( d->claim || pages <= d->pages || pages > d->max )
        rc = -EINVAL;
    else if ( pages - d->pages > b->free - b->claimed ) /* modulo 2^64 */
        rc = -ENOMEM;
    else
    {
        d->claim = (uint32_t)(pages - d->pages);
        b->claimed += d->claim;
    }
    UNLOCK_HEAP(b);
    UNLOCK_DOM(b, dom);

    return rc;
}

static void use_claim(struct bitmap *b, struct account *d, uint32_t pages)
{
    uint32_t n = d->claim < pages ? d->claim : pages;

    MUST(b, n <= b->claimed);
    d->claim -= n;
    b->claimed -= n;
}

/* ---- allocation ---- */

static bool all_free(const struct bitmap *b, uint32_t page, uint32_t n)
{
    for ( uint32_t i = page; i < page + n; i++ )
        if ( b->page[i].owner != FREE || (b->page[i].flags & IN_POOL) )
            return false;
    return true;
}

/* First page of the lowest free block of a node in a zone, or pages. */
static uint32_t first_fit(const struct bitmap *b, uint32_t node, uint32_t z,
                          uint32_t order)
{
    uint32_t n = UINT32_C(1) << order;
    uint32_t start = node * b->config.node_pages;
    uint32_t end = start + b->config.node_pages;

    for ( uint32_t i = start; i + n <= end; i++ )
        if ( (HV_FRAME_BASE + i) % n == 0 && zone(i) == z &&
             all_free(b, i, n) )
            return i;
    return b->pages;
}

/* High zones first: low memory is precious. */
static uint32_t search_node(const struct bitmap *b, uint32_t node,
                            const struct alloc_request *req)
{
    uint32_t page = b->pages;

    if ( node >= b->config.nodes )
        return page;
    for ( uint32_t z = req->zone_max < HV_ZONES ? req->zone_max : HV_ZONES - 1;
          z > 0 && page == b->pages; z-- )
        page = first_fit(b, node, z, req->order);

    return page;
}

/*
 * Nodes in the order of preference: the one asked for, else the one after the
 * last used; then the affinity's, then all others unless exactness forbids.
 */
static uint32_t search(const struct bitmap *b, const struct alloc_request *req)
{
    uint32_t nodes = b->config.nodes, online = (1U << nodes) - 1;
    uint32_t good = online, start = 0, page;
    bool exact = req->flags & ALLOC_EXACT_NODE;

    if ( req->dom >= 0 )
    {
        if ( b->dom[req->dom].affinity & online )
            good &= b->dom[req->dom].affinity;
        start = (b->dom[req->dom].last_node + 1) % nodes;
    }
    if ( req->node >= 0 )
    {
        page = search_node(b, (uint32_t)req->node, req);
        if ( page < b->pages || exact )
            return page;
        /* On from the node asked for, or from the lowest of the affinity. */
        start = req->node < (int)nodes && (good >> req->node & 1)
                    ? (uint32_t)req->node
                    : 0;
    }
    for ( uint32_t pass = 0; pass < 2; pass++ )
    {
        for ( uint32_t i = 0; i < nodes; i++ )
        {
            uint32_t node = (start + i) % nodes;

            if ( !(good >> node & 1) )
                continue;
            page = search_node(b, node, req);
            if ( page < b->pages )
                return page;
        }
        if ( exact )
            break;
        good = online & ~good;
        start = 0;
    }
    return b->pages;
}

/* Is the request entitled to pages at all? */
static bool admitted(const struct bitmap *b, const struct alloc_request *req)
{
    uint64_t n = UINT64_C(1) << req->order;

    if ( b->claimed + n <= b->free )
        return true;

    return req->dom >= 0 && !(req->flags & ALLOC_NO_REFCOUNT) &&
           b->dom[req->dom].claim >= n;
}

static uint64_t alloc_from_pool(struct bitmap *b,
                                const struct alloc_request *req)
{
    uint32_t i;

    if ( req->order )
        return ALLOC_NO_FRAME;
    LOCK_HEAP(b);
    for ( i = 0; i < b->pages; i++ )
        if ( (b->page[i].flags & IN_POOL) && b->page[i].owner == FREE )
            break;
    if ( i < b->pages )
        b->page[i].owner = NOBODY;
    UNLOCK_HEAP(b);

    return i < b->pages ? HV_FRAME_BASE + i : ALLOC_NO_FRAME;
}

static uint64_t begin(void *a, const struct alloc_request *req)
{
    struct bitmap *b = a;
    uint32_t page = b->pages;

    if ( req->order > ORDER_MAX )
        return ALLOC_NO_FRAME;
    if ( b->config.colour_pages && req->dom >= 0 )
        return alloc_from_pool(b, req);

    LOCK_HEAP(b);
    if ( admitted(b, req) )
        page = search(b, req);
    if ( page < b->pages )
    {
        uint32_t n = UINT32_C(1) << req->order;

        for ( uint32_t i = page; i < page + n; i++ )
            b->page[i].owner = NOBODY;
        b->free -= n;
        if ( req->dom >= 0 )
            b->dom[req->dom].last_node = page / b->config.node_pages;
        if ( req->dom >= 0 && b->config.redeem_at_alloc &&
             !(req->flags & ALLOC_NO_REFCOUNT) )
            use_claim(b, &b->dom[req->dom], n);
    }
    UNLOCK_HEAP(b);

    return page < b->pages ? HV_FRAME_BASE + page : ALLOC_NO_FRAME;
}

static long assign(struct bitmap *b, const struct alloc_request *req,
                   uint64_t frame)
{
    struct account *d = &b->dom[req->dom];
    uint32_t n = UINT32_C(1) << req->order;
    bool extra = req->flags & ALLOC_NO_REFCOUNT;
    long rc = 0;

    LOCK_DOM(b, req->dom);
    if ( b->svc->dying(b->svc->ctx, req->dom) )
        rc = -EINVAL;
    else if ( !extra && d->pages > d->max )
        rc = -EPERM;
    else if ( !extra && n > d->max - d->pages )
        rc = -E2BIG;
    else if ( d->pages + d->extra > UINT32_MAX - n )
        rc = -E2BIG;
    if ( !rc )
    {
        if ( extra )
            d->extra += n;
        else
            d->pages += n;
        for ( uint64_t i = frame - HV_FRAME_BASE; n--; i++ )
        {
            MUST(b, b->page[i].owner == NOBODY);
            b->page[i].owner = (uint8_t)req->dom;
            b->page[i].flags |= extra ? EXTRA : 0;
        }
        if ( !b->config.redeem_at_alloc )
        {
            LOCK_HEAP(b);
            use_claim(b, d, UINT32_C(1) << req->order);
            UNLOCK_HEAP(b);
        }
    }
    UNLOCK_DOM(b, req->dom);

    return rc;
}

static void leave(struct bitmap *b, int dom, uint64_t page, uint32_t n)
{
    struct account *d = &b->dom[dom];

    LOCK_DOM(b, dom);
    for ( uint64_t i = page; i < page + n; i++ )
    {
        MUST(b, b->page[i].owner == dom);
        if ( b->page[i].flags & EXTRA )
            d->extra--;
        else
            d->pages--;
        b->page[i].owner = NOBODY;
        b->page[i].flags &= (uint8_t)~EXTRA;
    }
    if ( b->config.grow_on_free && d->claim )
    {
        LOCK_HEAP(b);
        d->claim += n;
        b->claimed += n;
        UNLOCK_HEAP(b);
    }
    UNLOCK_DOM(b, dom);
}

static void free_block(void *a, int dom, uint64_t frame, uint32_t order)
{
    struct bitmap *b = a;
    uint64_t page = frame - HV_FRAME_BASE;
    uint32_t n = UINT32_C(1) << order;

    MUST(b, order < HV_ORDERS && page + n <= b->pages);
    if ( dom >= 0 )
        leave(b, dom, page, n);
    LOCK_HEAP(b);
    for ( uint64_t i = page; i < page + n; i++ )
    {
        MUST(b, b->page[i].owner == NOBODY);
        b->page[i].owner = FREE;
        b->free += b->page[i].flags & IN_POOL ? 0 : 1;
    }
    UNLOCK_HEAP(b);
}

static bool end(void *a, const struct alloc_request *req, uint64_t frame)
{
    if ( !assign(a, req, frame) )
        return true;
    free_block(a, ALLOC_NO_DOMAIN, frame, req->order);

    return false;
}

static void set_max(void *a, int dom, uint32_t pages)
{
    struct bitmap *b = a;

    LOCK_DOM(b, dom);
    b->dom[dom].max = pages;
    UNLOCK_DOM(b, dom);
}

static void set_affinity(void *a, int dom, uint32_t node_mask)
{
    struct bitmap *b = a;

    b->dom[dom].affinity = node_mask;
}

const struct allocator_ops bitmap_allocator = {
    .name = "bitmap",
    .caps = ALLOC_CAP_COLOUR,
    .node_pages_max = BITMAP_NODE_PAGES_MAX,
    .open = new_bitmap,
    .close = free,
    .init = init,
    .save = bitmap_save,
    .restore = bitmap_restore,
    .discard = free,
    .hash = bitmap_hash,
    .domain_init = domain_init,
    .domain_gone = domain_gone,
    .claim = claim,
    .begin = begin,
    .end = end,
    .free = free_block,
    .set_max = set_max,
    .set_affinity = set_affinity,
    .heap = bitmap_heap,
    .node_free = bitmap_node_free,
    .counts = bitmap_counts,
    .audit = bitmap_audit,
    .pages = bitmap_pages,
};

const struct claimcheck_plugin claimcheck_plugin = {
    CLAIMCHECK_PLUGIN_HEAD,
    .name = "bitmap",
    .allocator = &bitmap_allocator,
};
