/* SPDX-License-Identifier: MIT */
/*
 * Claims and page counters: the claim call (spec 1.2), giving pages to a
 * domain (spec 4.5), freeing (spec 4.7). Counters of a domain change under its
 * page_alloc_lock, claims under heap_lock as well, taken inside.
 */
#include "heap.h"

#include <assert.h>
#include <errno.h>

/* Spec 1.2 b - d, in order. Arithmetic is unsigned and modulo 2^64 on purpose:
 * what happens when more is claimed than free is part of the behaviour. */
static long try_claim(struct heap *h, struct heap_domain *d, uint64_t pages)
{
    uint64_t owned = d->tot - d->extra;

    if ( d->claim )
        return -EINVAL;
    if ( pages <= owned || pages > d->max )
        return -EINVAL;
    if ( !FAULT_ON(h, claim_ignores_unclaimed) &&
         pages - owned > h->free - h->claimed )
        return -ENOMEM;

    d->claim = (uint32_t)(pages - owned);
    h->claimed += d->claim;

    return 0;
}

long heap_claim(void *a, int dom, uint64_t pages)
{
    struct heap *h = a;
    struct heap_domain *d = &h->dom[dom];
    long rc = 0;

    assert(dom >= 0 && dom < HV_DOMS_MAX);
    DOMAIN_LOCK(h, dom);
    HEAP_LOCK(h);
    if ( pages )
        rc = try_claim(h, d, pages);
    else
    {
        h->claimed -= d->claim;
        d->claim = 0;
    }
    HEAP_UNLOCK(h);
    DOMAIN_UNLOCK(h, dom);

    return rc;
}

void redeem(struct heap *h, int dom, uint32_t pages)
{
    struct heap_domain *d = &h->dom[dom];
    uint32_t n = pages < d->claim ? pages : d->claim;

    HEAP_BUG_IF(h, n > h->claimed);
    d->claim -= n;
    h->claimed -= n;
}

/* Spec 4.5 tests, in order. */
static long may_assign(struct heap *h, const struct alloc_request *req,
                       uint32_t n)
{
    const struct heap_domain *d = &h->dom[req->dom];
    uint32_t owned = d->tot - d->extra;

    if ( h->svc->dying(h->svc->ctx, req->dom) )
        return -EINVAL;
    if ( !(req->flags & ALLOC_NO_REFCOUNT) )
    {
        if ( owned > d->max )
            return -EPERM;
        if ( n > d->max - owned )
            return -E2BIG;
    }
    return d->tot + n < d->tot ? -E2BIG : 0;
}

long heap_assign(void *a, const struct alloc_request *req, uint64_t frame)
{
    struct heap *h = a;
    struct heap_domain *d = &h->dom[req->dom];
    uint32_t n = UINT32_C(1) << req->order;
    uint32_t id = (uint32_t)(frame - HV_FRAME_BASE);
    bool extra = req->flags & ALLOC_NO_REFCOUNT;
    long rc;

    assert(id + n <= h->pages);
    DOMAIN_LOCK(h, req->dom);
    rc = may_assign(h, req, n);
    if ( !rc )
    {
        d->extra += extra ? n : 0;
        d->tot += n;
        if ( !h->redeem_at_alloc && d->claim )
        {
            HEAP_LOCK(h);
            redeem(h, req->dom, n);
            HEAP_UNLOCK(h);
        }
        for ( uint32_t i = id; i < id + n; i++ )
        {
            HEAP_BUG_IF(h, h->page[i].state != PAGE_USED ||
                           h->page[i].owner != OWNER_NONE);
            h->page[i].owner = (uint8_t)req->dom;
            h->page[i].flags |= extra ? PAGE_IS_EXTRA : 0;
        }
    }
    DOMAIN_UNLOCK(h, req->dom);

    return rc;
}

/* Under page_alloc_lock: pages leave a domain's account (spec 4.7 step 1). */
static void disown(struct heap *h, int dom, uint32_t id, uint32_t n)
{
    struct heap_domain *d = &h->dom[dom];

    for ( uint32_t i = id; i < id + n; i++ )
    {
        HEAP_BUG_IF(h, h->page[i].owner != dom);
        if ( h->page[i].flags & PAGE_IS_EXTRA )
            d->extra--;
        h->page[i].owner = OWNER_NONE;
        h->page[i].flags &= (uint8_t)~PAGE_IS_EXTRA;
    }
    HEAP_BUG_IF(h, d->tot < n);
    d->tot -= n;
    if ( h->grow_on_free && d->claim )
    {
        HEAP_LOCK(h);
        d->claim += n;
        h->claimed += n;
        HEAP_UNLOCK(h);
    }
}

void heap_free(void *a, int dom, uint64_t frame, uint32_t order)
{
    struct heap *h = a;
    uint32_t id = (uint32_t)(frame - HV_FRAME_BASE);
    uint32_t n = UINT32_C(1) << order;

    HEAP_BUG_IF(h, order >= HV_ORDERS || frame & (n - 1) ||
                   id + n > h->pages);
    if ( dom >= 0 )
    {
        DOMAIN_LOCK(h, dom);
        disown(h, dom, id, n);
        DOMAIN_UNLOCK(h, dom);
    }

    HEAP_LOCK(h);
    HEAP_BUG_IF(h, h->page[id].owner != OWNER_NONE);
    if ( h->page[id].flags & PAGE_IS_COLOURED )
        colour_push(h, id);
    else
        block_free(h, id, order);
    HEAP_UNLOCK(h);
}
