/* SPDX-License-Identifier: MIT */
/*
 * Claim sets: a claim in parts, one for the whole host and one for each node
 * (docs/claim-sets.md). Checking a set's entries against the domain and the
 * heap, installing it, what releases and redeems the parts, and the gate that
 * protects a node's.
 *
 * A domain's claim is the sum of its parts. What of it is not for a node is for
 * the host; only the nodes' parts are counted apart. All of it changes under
 * page_alloc_lock and heap_lock.
 *
 * Not here: the domctls' own arguments (claim_set.c), the claim as a whole
 * (heap_claim.c).
 */
#include "checks.h"
#include "heap.h"
#include "releases.h"

#include <assert.h>

/* Of checks that change places. */
#define ONE_TARGET "a target is the host, a node, or none: never two of them"

/* A set as far as its entries have been looked at. */
struct set_call
{
    struct heap *h;
    struct heap_domain *d;
    const struct xen_memory_claim *e; /* the one looked at */
    uint64_t owned;                   /* extra pages excluded */
    uint64_t host, nodes;             /* pages of the entries before */
    uint64_t node[HV_NODES_MAX];
    uint32_t named;        /* bit for each node                              */
    bool has_host, legacy; /* legacy: its pages are in host                  */
};
#define CHECKED_CALL struct set_call

static bool for_host(const struct set_call *c)
{
    return c->e->target == CLAIM_TARGET_HOST;
}

static bool for_legacy(const struct set_call *c)
{
    return c->h->sets == 7 && c->e->target == CLAIM_TARGET_LEGACY;
}

static bool for_node(const struct set_call *c)
{
    return !for_host(c) && !for_legacy(c);
}

/* Nodes of a host are numbered without gaps, and none goes offline. */
static bool no_such_node(const struct set_call *c)
{
    return for_node(c) && c->e->target >= c->h->nodes;
}

/* A node that a planted fault let by is not named at all. */
static bool named_before(const struct set_call *c)
{
    return for_node(c) && c->e->target < c->h->nodes &&
           (c->named & (UINT32_C(1) << c->e->target));
}

/* Free pages of a node that nobody claims there. */
static uint64_t node_unclaimed(const struct heap *h, uint32_t node)
{
    uint32_t free = h->node_free[node], claimed = h->node_claimed[node];

    return free > claimed ? free - claimed : 0;
}

static void add_entry(struct set_call *c)
{
    if ( for_node(c) )
    {
        if ( c->e->target >= c->h->nodes )
            return;
        c->node[c->e->target] += c->e->pages;
        c->nodes += c->e->pages;
        c->named |= UINT32_C(1) << c->e->target;
        return;
    }
    c->host += c->e->pages;
    c->has_host = true;
    c->legacy |= for_legacy(c);
}

/* ---- draft-v8 ---- */

static bool sum_above_limit(const struct set_call *c)
{
    uint64_t owned = FAULT_ON(c->h, set_forgets_owned) ? 0 : c->owned;
    uint64_t sum = c->host + c->nodes;

    return owned > c->d->max || sum > c->d->max - owned;
}

static bool more_than_unclaimed(const struct set_call *c, uint64_t pages)
{
    const struct heap *h = c->h;

    if ( h->claimed && FAULT_ON(h, set_ignores_other_claims) )
        return pages > h->free;
    if ( h->claimed + pages == h->free + 1 && FAULT_ON(h, set_off_by_one) )
        return false;

    return pages > h->free || h->claimed + pages > h->free;
}

/* own: what the domain has there already, which the new claim replaces. */
static bool node_lacks(const struct set_call *c, uint32_t node, uint64_t pages,
                       uint32_t own)
{
    uint64_t unclaimed = node_unclaimed(c->h, node) + own;

    if ( c->h->node_claimed[node] && FAULT_ON(c->h, set_node_ignores_others) )
        unclaimed = c->h->node_free[node];
    if ( pages == unclaimed + 1 && FAULT_ON(c->h, set_node_off_by_one) )
        return false;

    return pages > unclaimed;
}

static bool some_node_lacks(const struct set_call *c)
{
    for ( uint32_t n = 0; n < c->h->nodes; n++ )
        if ( c->node[n] && node_lacks(c, n, c->node[n], 0) )
            return true;

    return false;
}

/* clang-format off */
#define SET_ENTRY_CHECKS(CHECK) \
    CHECK(set_entry, pages, EINVAL, "rules 3.15 h", "entry of no pages", \
          !c->e->pages, .releases = RELEASES_DRAFT_V8) \
    CHECK(set_entry, pad, EINVAL, "rules 3.15 h", "padding of an entry", \
          c->e->pad, .releases = RELEASES_DRAFT_V8) \
    CHECK(set_entry, sum, EINVAL, "rules 3.15 i", \
          "entries so far are above the limit", \
          c->e->pages > c->d->max - (c->host + c->nodes), \
          .releases = RELEASES_DRAFT_V8) \
    CHECK(set_entry, again, EINVAL, "rules 3.15 j", \
          "the host is named twice", for_host(c) && c->has_host, \
          .releases = RELEASES_DRAFT_V8) \
    CHECK(set_entry, target, EINVAL, "rules 3.15 k", \
          "unknown target that is no node", \
          !for_host(c) && (c->e->target >> 31), \
          .releases = RELEASES_DRAFT_V8) \
    CHECK(set_entry, node, ENOENT, "rules 3.15 l", "no such node", \
          no_such_node(c), .releases = RELEASES_DRAFT_V8, \
          .unseen[CHECK_SWAP] = ONE_TARGET) \
    CHECK(set_entry, twice, EINVAL, "rules 3.15 m", \
          "a node is named twice", named_before(c), \
          .releases = RELEASES_DRAFT_V8, .unseen[CHECK_EARLY] = ONE_TARGET)
/* Under page_alloc_lock alone. */
#define SET_LIMIT_CHECKS(CHECK) \
    CHECK(set_limit, limit, EINVAL, "rules 3.15 n", \
          "with the pages owned above the limit", sum_above_limit(c), \
          .releases = RELEASES_DRAFT_V8)
#define SET_HEAP_CHECKS(CHECK) \
    CHECK(set_heap, second, EINVAL, "rules 3.15 o", "domain has a claim", \
          c->d->claim, .releases = RELEASES_DRAFT_V8) \
    CHECK(set_heap, unclaimed, ENOMEM, "rules 3.15 p", \
          "more than unclaimed memory", \
          more_than_unclaimed(c, c->host + c->nodes), \
          .releases = RELEASES_DRAFT_V8) \
    CHECK(set_heap, node, ENOMEM, "rules 3.15 q", \
          "more than is unclaimed on a node", some_node_lacks(c), \
          .releases = RELEASES_DRAFT_V8, \
          .caught = "NODE-OVER-CLAIM/*,RESULT/*")
/* clang-format on */
DEFINE_CHECKS(set_entry, SET_ENTRY_CHECKS)
DEFINE_CHECKS(set_limit, SET_LIMIT_CHECKS)
DEFINE_CHECKS(set_heap, SET_HEAP_CHECKS)

/* ---- draft-v7 ---- */

/* A legacy target with nodes beside it was refused before. */
static bool releases_all(const struct set_call *c)
{
    return !c->host && !c->nodes;
}

/* A legacy claim is a total, owned pages included. */
static uint64_t host_part(const struct set_call *c)
{
    return c->legacy ? c->host - c->owned : c->host;
}

static bool parts_above_limit(const struct set_call *c)
{
    uint64_t max = c->d->max, host = host_part(c);
    uint64_t owned = FAULT_ON(c->h, set_forgets_owned) ? 0 : c->owned;

    return host > max || c->nodes > max - host ||
           c->nodes + host + owned > max;
}

static bool more_than_unclaimed_or_own(const struct set_call *c)
{
    const struct heap *h = c->h;
    uint64_t pages = host_part(c) + c->nodes;
    uint64_t unclaimed = h->free - h->claimed + c->d->claim;

    HEAP_BUG_IF(h, h->claimed > h->free);
    if ( h->claimed > c->d->claim && FAULT_ON(h, set_ignores_other_claims) )
        unclaimed = h->free;
    if ( pages == unclaimed + 1 && FAULT_ON(h, set_off_by_one) )
        return false;

    return pages > unclaimed;
}

static bool node_part_lacks(const struct set_call *c)
{
    uint32_t node = c->e->target;

    return node < c->h->nodes &&
           node_lacks(c, node, c->e->pages, c->d->node_claim[node]);
}

/* clang-format off */
#define PART_CHECKS(CHECK) \
    CHECK(part, reserved, EINVAL, "rules 3.14 g", "reserved member", \
          c->e->pad, .releases = RELEASES_DRAFT_V7) \
    CHECK(part, again, EINVAL, "rules 3.14 h", "the host is named twice", \
          !for_node(c) && c->has_host, .releases = RELEASES_DRAFT_V7, \
          .unseen[CHECK_SWAP] = ONE_TARGET) \
    CHECK(part, node, ENOENT, "rules 3.14 i", "no such node", \
          no_such_node(c), .releases = RELEASES_DRAFT_V7, \
          .unseen[CHECK_SWAP] = ONE_TARGET) \
    CHECK(part, twice, EINVAL, "rules 3.14 j", "a node is named twice", \
          named_before(c), .releases = RELEASES_DRAFT_V7, \
          .unseen[CHECK_EARLY] = ONE_TARGET) \
    CHECK(part, memory, ENOMEM, "rules 3.14 k", \
          "more than is unclaimed on the node", node_part_lacks(c), \
          .releases = RELEASES_DRAFT_V7, \
          .caught = "NODE-OVER-CLAIM/*,RESULT/*")
#define PARTS_CHECKS(CHECK) \
    CHECK(parts, mixed, EINVAL, "rules 3.14 l", \
          "a legacy target beside pages of nodes", c->legacy && c->nodes, \
          .releases = RELEASES_DRAFT_V7) \
    CHECK(parts, second, EINVAL, "rules 3.14 n1", \
          "a legacy target, and the domain has a claim", \
          !releases_all(c) && c->legacy && c->d->claim, \
          .releases = RELEASES_DRAFT_V7) \
    CHECK(parts, owned, EINVAL, "rules 3.14 n2", \
          "legacy total is not above owned pages", \
          !releases_all(c) && c->legacy && c->host <= c->owned, \
          .releases = RELEASES_DRAFT_V7) \
    CHECK(parts, limit, EINVAL, "rules 3.14 o", \
          "with the pages owned above the limit", \
          !releases_all(c) && parts_above_limit(c), \
          .releases = RELEASES_DRAFT_V7) \
    CHECK(parts, unclaimed, ENOMEM, "rules 3.14 p", \
          "more than unclaimed memory", \
          !releases_all(c) && more_than_unclaimed_or_own(c), \
          .releases = RELEASES_DRAFT_V7)
/* clang-format on */
DEFINE_CHECKS(part, PART_CHECKS)
DEFINE_CHECKS(parts, PARTS_CHECKS)

/* ---- installing ---- */

/* One section of heap_lock for all of it: what was claimed before is gone, what
 * is new is there, and nobody sees anything between. */
static void install(struct set_call *c, int dom)
{
    struct heap *h = c->h;
    struct heap_domain *d = c->d;
    uint64_t host = host_part(c);

    release_claim(h, dom);
    if ( c->owned && FAULT_ON(h, set_takes_total) )
        host -= host < c->owned ? host : c->owned;
    d->claim = (uint32_t)(host + c->nodes);
    h->claimed += host + c->nodes;
    if ( c->nodes && FAULT_ON(h, set_in_two_sections) )
    {
        HEAP_UNLOCK(h);
        HEAP_LOCK(h);
    }
    for ( uint32_t n = 0; n < h->nodes; n++ )
    {
        d->node_claim[n] = (uint32_t)c->node[n];
        if ( !(c->node[n] && FAULT_ON(h, set_not_added_to_node)) )
            h->node_claimed[n] += (uint32_t)c->node[n];
    }
    d->node_claims = (uint32_t)c->nodes;
    if ( c->nodes && FAULT_ON(h, set_total_is_host_part) )
    {
        d->claim = (uint32_t)host;
        h->claimed -= c->nodes;
    }
}

/* A set that lacks memory. */
static void keep_nodes(struct set_call *c)
{
    for ( uint32_t n = 0; n < c->h->nodes; n++ )
    {
        c->d->node_claim[n] += (uint32_t)c->node[n];
        c->h->node_claimed[n] += (uint32_t)c->node[n];
    }
}

/* ---- the two drafts; under page_alloc_lock ---- */

/* The heap is looked at under both locks, entries under the one alone. */
static long set_v8(struct set_call *c, int dom, uint32_t nr,
                   const struct xen_memory_claim *set)
{
    struct heap *h = c->h;
    long rc = 0;

    for ( c->e = set; !rc && c->e < set + nr; c->e++ )
        if ( !REFUSED(h, set_entry, c, &rc) )
            add_entry(c);
    if ( !rc )
        (void)REFUSED(h, set_limit, c, &rc);
    if ( !rc )
    {
        if ( !FAULT_ON(h, set_without_heap_lock) )
            HEAP_LOCK(h);
        if ( !REFUSED(h, set_heap, c, &rc) )
            install(c, dom);
        else if ( rc == -ENOMEM && FAULT_ON(h, set_refused_keeps_node) )
            keep_nodes(c);
        HEAP_UNLOCK(h);
    }

    return rc;
}

static long set_v7(struct set_call *c, int dom, uint32_t nr,
                   const struct xen_memory_claim *set)
{
    struct heap *h = c->h;
    long rc = 0;

    if ( !FAULT_ON(h, set_without_heap_lock) )
        HEAP_LOCK(h);
    for ( c->e = set; !rc && c->e < set + nr; c->e++ )
        if ( !REFUSED(h, part, c, &rc) )
            add_entry(c);
    if ( !rc && !REFUSED(h, parts, c, &rc) )
    {
        if ( releases_all(c) )
            release_claim(h, dom);
        else
            install(c, dom);
    }
    else if ( rc == -ENOMEM && FAULT_ON(h, set_refused_keeps_node) )
        keep_nodes(c);
    HEAP_UNLOCK(h);

    return rc;
}

long heap_claim_set(void *a, int dom, uint32_t nr,
                    const struct xen_memory_claim *set)
{
    struct heap *h = a;
    struct set_call c = { .h = h, .d = &h->dom[dom] };
    long rc;

    assert(dom >= 0 && dom < HV_DOMS_MAX);
    if ( FAULT_ON(h, set_locks_reversed) )
    {
        HEAP_LOCK(h);
        DOMAIN_LOCK(h, dom);
        HEAP_UNLOCK(h);
        DOMAIN_UNLOCK(h, dom);
    }
    DOMAIN_LOCK(h, dom);
    c.owned = c.d->tot - c.d->extra;
    rc = h->sets == 7 ? set_v7(&c, dom, nr, set) : set_v8(&c, dom, nr, set);
    if ( !(rc && FAULT_ON(h, set_refused_keeps_lock)) )
        DOMAIN_UNLOCK(h, dom);

    return rc;
}
