/* SPDX-License-Identifier: MIT */
/*
 * Claims and page counters: the claim call (rules 1.2), giving pages to
 * a domain (rules 4.5), freeing (rules 4.7). Counters of a domain change under its
 * page_alloc_lock, claims under heap_lock as well, taken inside.
 */
#include "checks.h"
#include "heap.h"
#include "marks/marks.h"

#include <assert.h>

/* A claim that is not 0. Arithmetic is unsigned and modulo 2^64 on purpose:
 * what happens when more is claimed than free is part of the behaviour. */
struct claim_total_call
{
    struct heap *h;
    struct heap_domain *d;
    uint64_t pages; /* the total wanted, owned pages included */
    uint64_t owned;
};
#define CHECKED_CALL struct claim_total_call

static uint64_t unclaimed(const struct claim_total_call *c)
{
    const struct heap *h = c->h;
    uint64_t pages = h->free - h->claimed;

    MARK_IF(h->claimed > h->free, heap_claim_while_over);
    if ( h->claimed && FAULT_ON(h, claim_ignores_other_claims) )
        return h->free;
    if ( c->pages - c->owned == pages + 1 && FAULT_ON(h, claim_off_by_one) )
        return pages + 1;
    if ( c->owned && FAULT_ON(h, claim_needs_owned_again) )
        return pages - c->owned;

    return pages;
}

/* clang-format off */
#define CLAIM_TOTAL_CHECKS(CHECK) \
    CHECK(claim_total, second, EINVAL, "rules 1.2 b", "domain has a claim", \
          c->d->claim, \
          .caught = "ONE-CLAIM/claim,RESULT/claim,CLAIM-SUM/claim," \
                    "ONE-CLAIM/memory_op,RESULT/memory_op,OVER-CLAIM/claim") \
    CHECK(claim_total, owned, EINVAL, "rules 1.2 c1", \
          "total is not above owned pages", \
          c->pages < c->owned || \
          (c->pages == c->owned && !FAULT_ON(c->h, claim_owned_range)),) \
    CHECK(claim_total, limit, EINVAL, "rules 1.2 c2", \
          "total is above the limit", \
          c->pages > c->d->max || \
          (c->pages == c->d->max && FAULT_ON(c->h, claim_limit_range)), \
          .caught = "CAP/*,RESULT/*") \
    CHECK(claim_total, unclaimed, ENOMEM, "rules 1.2 d", \
          "more than unclaimed memory", \
          c->pages - c->owned > unclaimed(c), .needs = "owned", \
          .caught = "OVER-CLAIM/claim,RESULT/claim,OVER-CLAIM/memory_op," \
                    "RESULT/memory_op")
/* clang-format on */
DEFINE_CHECKS(claim_total, CLAIM_TOTAL_CHECKS)

static long try_claim(struct heap *h, struct heap_domain *d, uint64_t pages)
{
    struct claim_total_call c = { h, d, pages, d->tot - d->extra };
    long rc;

    if ( d->extra && FAULT_ON(h, claim_counts_extra_pages) )
        c.owned = d->tot;
    if ( d->claim && FAULT_ON(h, claim_replaces) )
    {
        h->claimed -= d->claim;
        d->claim = 0;
    }
    if ( REFUSED(h, claim_total, &c, &rc) )
    {
        HEAP_BUG_IF(h, rc == -ENOMEM && FAULT_ON(h, claim_bug_on_refusal));
        if ( rc == -ENOMEM && FAULT_ON(h, claim_failed_but_set) )
            d->claim = (uint32_t)(pages - c.owned);
        return rc;
    }

    if ( c.owned && FAULT_ON(h, claim_stores_total) )
        c.owned = 0;
    if ( !FAULT_ON(h, claim_not_set_on_domain) )
        d->claim = (uint32_t)(pages - c.owned);
    if ( !FAULT_ON(h, claim_not_added_to_host) )
        h->claimed += pages - c.owned;

    return 0;
}

void release_claim(struct heap *h, int dom)
{
    struct heap_domain *d = &h->dom[dom];

    if ( __builtin_expect(d->node_claims != 0, 0) )
        release_parts(h, d);
    if ( !(d->claim && FAULT_ON(h, release_keeps_host_count)) )
        h->claimed -= d->claim;
    if ( d->claim && FAULT_ON(h, release_subtracts_twice) )
        h->claimed -= d->claim;
    if ( d->claim && h->svc->dying(h->svc->ctx, dom) &&
         FAULT_ON(h, destroy_drops_claim_twice) )
        h->claimed -= d->claim;
    if ( !(d->claim && FAULT_ON(h, release_keeps_domain_claim)) )
        d->claim = 0;
}

long heap_claim(void *a, int dom, uint64_t pages)
{
    struct heap *h = a;
    struct heap_domain *d = &h->dom[dom];
    long rc = 0;

    assert(dom >= 0 && dom < HV_DOMS_MAX);
    if ( FAULT_ON(h, claim_locks_reversed) )
    {
        HEAP_LOCK(h);
        DOMAIN_LOCK(h, dom);
        HEAP_UNLOCK(h);
        DOMAIN_UNLOCK(h, dom);
    }
    DOMAIN_LOCK(h, dom);
    if ( !FAULT_ON(h, claim_without_heap_lock) )
        HEAP_LOCK(h);
    if ( pages )
        rc = try_claim(h, d, pages);
    else if ( d->claim && FAULT_ON(h, claim_second_before_release) )
        rc = -EINVAL;
    else if ( !(d->claim && FAULT_ON(h, release_does_nothing)) )
        release_claim(h, dom);
    if ( rc && FAULT_ON(h, failed_claim_keeps_lock) )
        return rc;
    HEAP_UNLOCK(h);
    DOMAIN_UNLOCK(h, dom);

    return rc;
}

/* How many of n pages more, beside the claim, the limit has no room for. */
static uint32_t above_limit(const struct heap_domain *d, uint32_t n)
{
    uint64_t want = (uint64_t)d->tot - d->extra + n + d->claim;
    uint64_t above = want > d->max ? want - d->max : 0;

    return above < n ? (uint32_t)above : n;
}

void redeem(struct heap *h, int dom, uint32_t pages)
{
    struct heap_domain *d = &h->dom[dom];
    uint32_t n = pages < d->claim ? pages : d->claim;

    MARK_IF(n && n < pages, heap_redeem_part);
    MARK_IF(n && n < d->claim, heap_redeem_some);
    if ( n && FAULT_ON(h, redeem_missing) )
        return;
    if ( n > 1 && FAULT_ON(h, redeem_one_page) )
        n = 1;
    if ( n > UINT8_MAX && FAULT_ON(h, redeem_8_bits) )
        n = (uint8_t)n;
    if ( n && n < d->claim && FAULT_ON(h, redeem_whole_claim) )
        n = d->claim;
    /* min() with the wrong total: the domain's counter wraps. */
    if ( n && n < pages && FAULT_ON(h, redeem_min_of_host_total) )
        n = pages < h->claimed ? pages : (uint32_t)h->claimed;
    if ( n && FAULT_ON(h, redeem_other_domain) )
    {
        d = &h->dom[dom ^ 1];
        n = pages < d->claim ? pages : d->claim;
    }
    if ( n && 2 * n <= d->claim && FAULT_ON(h, redeem_twice) )
        n *= 2;
    /* As a posting of claim sets before draft-v7 had it. */
    if ( n && d->node_claims == d->claim && !d->node_claim[d->last] &&
         FAULT_ON(h, redeem_not_elsewhere) )
        n = above_limit(d, n);
    if ( n > 15 && FAULT_ON(h, redeem_in_4_bits) )
        n &= 15;
    HEAP_BUG_IF(h, n > h->claimed);
    if ( !(n && FAULT_ON(h, redeem_host_only)) )
        d->claim -= n;
    if ( !(n && FAULT_ON(h, redeem_domain_only)) )
        h->claimed -= n;
    if ( __builtin_expect(d->node_claims != 0, 0) )
        redeem_parts(h, d, d->last, n);
}

/* Rules 4.5 a - c, in order. */
static long may_assign(struct heap *h, const struct alloc_request *req,
                       uint32_t n)
{
    const struct heap_domain *d = &h->dom[req->dom];
    uint32_t owned = d->tot - d->extra;

    if ( h->svc->dying(h->svc->ctx, req->dom) &&
         !FAULT_ON(h, assign_to_dying) )
        return -EINVAL;
    if ( !(req->flags & ALLOC_NO_REFCOUNT) || FAULT_ON(h, extra_needs_room) )
    {
        if ( n == d->max - owned + 1 && FAULT_ON(h, limit_off_by_one) )
            return 0;
        if ( n > d->max - owned && FAULT_ON(h, limit_ignored) )
            return 0;
        if ( n == d->max - owned && FAULT_ON(h, limit_never_reached) )
            return -E2BIG;
        if ( owned > d->max )
            return -EPERM;
        if ( n > d->max - owned )
            return -E2BIG;
    }
    return d->tot + n < d->tot ? -E2BIG : 0;
}

/* If there is more of the part, all that was taken was redeemed from it. */
static void claim_again(struct heap *h, struct heap_domain *d, uint32_t node,
                        uint32_t n)
{
    if ( !d->node_claim[node] )
        return;
    d->node_claim[node] += n;
    d->node_claims += n;
    d->claim += n;
    h->node_claimed[node] += n;
    h->claimed += n;
}

static long assign(struct heap *h, const struct alloc_request *req,
                   uint64_t frame)
{
    struct heap_domain *d = &h->dom[req->dom];
    uint32_t n = UINT32_C(1) << req->order;
    uint32_t id = (uint32_t)(frame - HV_FRAME_BASE);
    bool extra = req->flags & ALLOC_NO_REFCOUNT;
    long rc;

    assert(id + n <= h->pages);
    DOMAIN_LOCK(h, req->dom);
    rc = may_assign(h, req, n);
    if ( rc && h->redeem_at_alloc && !extra &&
         FAULT_ON(h, failed_assign_regrows) )
    {
        d->claim += n;
        h->claimed += n;
    }
    if ( rc && FAULT_ON(h, failed_assign_counts) )
        d->tot += n;
    if ( !rc )
    {
        d->extra += extra ? n : 0;
        d->tot += n;
        if ( d->node_claims && !extra && FAULT_ON(h, redeem_undone_unlocked) )
            claim_again(h, d, node_of(h, id), n);
        if ( d->claim && (!h->redeem_at_alloc ||
                          (!extra && FAULT_ON(h, redeem_at_assign))) )
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

/* A block becomes free; dirty: what is in it must not be seen (rules 4.9).
 * heap_lock is held from then on. */
static void give_back(struct heap *h, uint32_t id, uint32_t order, bool dirty)
{
    HEAP_LOCK(h);
    HEAP_BUG_IF(h, h->page[id].owner != OWNER_NONE);
    if ( __builtin_expect(dirty, 0) )
        mark_dirty(h, id, UINT32_C(1) << order);
    if ( h->page[id].flags & PAGE_IS_COLOURED )
        colour_push(h, id);
    else if ( __builtin_expect(h->offlining, 0) &&
              !FAULT_ON(h, offlining_freed) )
        free_around(h, id, order);
    else
        block_free(h, id, order);
}

bool heap_end(void *a, const struct alloc_request *req, uint64_t frame)
{
    struct heap *h = a;

    if ( !assign(h, req, frame) )
        return true;
    if ( FAULT_ON(h, failed_assign_leaks_block) )
        return false;
    give_back(h, (uint32_t)(frame - HV_FRAME_BASE), req->order, false);
    HEAP_UNLOCK(h);

    return false;
}

void heap_put_back(void *a, uint64_t frame, uint32_t order)
{
    struct heap *h = a;
    uint32_t id = (uint32_t)(frame - HV_FRAME_BASE);

    give_back(h, id, order, false);
    h->node_dirty[node_of(h, id)] += dirty_pages(h, id, UINT32_C(1) << order);
    HEAP_UNLOCK(h);
}

/* Under page_alloc_lock: the domain counts n pages less (rules 4.7). */
static void count_less(struct heap *h, int dom, uint32_t n)
{
    struct heap_domain *d = &h->dom[dom];

    HEAP_BUG_IF(h, d->tot < n);
    if ( !FAULT_ON(h, free_keeps_page_count) )
        d->tot -= n;
    if ( d->claim && (h->grow_on_free ? !FAULT_ON(h, free_never_regrows)
                                      : FAULT_ON(h, free_regrows)) )
    {
        MARK(heap_regrow);
        HEAP_LOCK(h);
        if ( !FAULT_ON(h, regrow_host_only) )
            d->claim += n;
        if ( !FAULT_ON(h, regrow_domain_only) )
            h->claimed += n;
        HEAP_UNLOCK(h);
    }
    if ( d->claim && FAULT_ON(h, free_spends_claim) )
    {
        HEAP_LOCK(h);
        d->claim--;
        h->claimed--;
        HEAP_UNLOCK(h);
    }
}

/* Under page_alloc_lock: pages leave a domain's account. */
static void disown(struct heap *h, int dom, uint32_t id, uint32_t n)
{
    struct heap_domain *d = &h->dom[dom];

    for ( uint32_t i = id; i < id + n; i++ )
    {
        HEAP_BUG_IF(h, h->page[i].owner != dom);
        if ( h->page[i].flags & PAGE_IS_EXTRA )
        {
            d->extra -= !FAULT_ON(h, extra_count_never_falls);
            d->tot -= FAULT_ON(h, extra_freed_twice_counted);
        }
        h->page[i].owner = OWNER_NONE;
        h->page[i].flags &= (uint8_t)~PAGE_IS_EXTRA;
    }
    count_less(h, dom, n);
}

void heap_steal(void *a, int dom, uint64_t frame)
{
    struct heap *h = a;
    struct heap_page *p = &h->page[frame - HV_FRAME_BASE];

    DOMAIN_LOCK(h, dom);
    HEAP_BUG_IF(h, p->owner != dom);
    p->owner = OWNER_NONE;
    DOMAIN_UNLOCK(h, dom);
}

bool heap_adopt(void *a, int dom, uint64_t frame, uint32_t order,
                uint32_t rest)
{
    struct heap *h = a;
    struct heap_page *p = &h->page[frame - HV_FRAME_BASE];
    bool dying;

    DOMAIN_LOCK(h, dom);
    dying = h->svc->dying(h->svc->ctx, dom);
    for ( uint32_t i = 0; !dying && i < UINT32_C(1) << order; i++ )
    {
        HEAP_BUG_IF(h, p[i].state != PAGE_USED || p[i].owner != OWNER_NONE);
        p[i].owner = (uint8_t)dom;
        h->dom[dom].tot += FAULT_ON(h, exchange_counts_again);
    }
    if ( dying && rest )
        count_less(h, dom, rest);
    DOMAIN_UNLOCK(h, dom);

    return !dying;
}

void heap_free(void *a, int dom, uint64_t frame, uint32_t order)
{
    struct heap *h = a;
    uint32_t id = (uint32_t)(frame - HV_FRAME_BASE);
    uint32_t n = UINT32_C(1) << order;

    HEAP_BUG_IF(h, order >= h->orders || frame & (n - 1) || id + n > h->pages);
    if ( dom >= 0 )
    {
        if ( FAULT_ON(h, free_locks_reversed) )
            HEAP_LOCK(h);
        DOMAIN_LOCK(h, dom);
        disown(h, dom, id, n);
        DOMAIN_UNLOCK(h, dom);
    }

    /* A living domain has cleared what nobody shall see. */
    give_back(h, id, order,
              __builtin_expect(h->written, 0) &&
                  (dom < 0 || h->svc->dying(h->svc->ctx, dom)));
    if ( dom > 0 && FAULT_ON(h, free_keeps_lock) )
        return;
    HEAP_UNLOCK(h);
}
