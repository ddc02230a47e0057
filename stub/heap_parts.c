/* SPDX-License-Identifier: MIT */
/*
 * The parts of claims once they are there (docs/claim-sets.md): the gate that
 * keeps a node's, redeeming, releasing, reading. All under heap_lock.
 *
 * Not here: how they are made (heap_set.c), the claim as a whole, which is the
 * sum of a domain's parts (heap_claim.c, heap_alloc.c).
 */
#include "heap.h"
#include "marks/marks.h"

#include <string.h>

bool node_gate_refuses(const struct heap *h, const struct alloc_request *req,
                       uint32_t node)
{
    uint64_t pages = UINT64_C(1) << req->order;
    uint32_t free = h->node_free[node], claimed = h->node_claimed[node];
    uint64_t usable = free > claimed ? free - claimed : 0;
    const struct heap_domain *d = req->dom < 0 ? NULL : &h->dom[req->dom];

    if ( FAULT_ON(h, node_gate_missing) )
        return false;
    if ( pages > 1 && FAULT_ON(h, node_gate_counts_one_page) )
        pages = 1;
    if ( usable + 1 == pages && FAULT_ON(h, node_gate_off_by_one) )
        return false;
    if ( !d && FAULT_ON(h, node_gate_trusts_xen) )
        return false;
    if ( d && (!(req->flags & ALLOC_NO_REFCOUNT) ||
               FAULT_ON(h, node_gate_trusts_no_refcount)) )
    {
        if ( !FAULT_ON(h, node_gate_forgets_own_claim) )
            usable += d->node_claim[node];
        if ( FAULT_ON(h, node_gate_adds_host_part) )
            usable += d->claim - d->node_claims;
        if ( FAULT_ON(h, node_gate_adds_other_nodes) )
            usable += d->node_claims - d->node_claim[node];
    }
    MARK_IF(usable < pages && free >= pages, heap_node_gate);

    return usable < pages;
}

/* Take up to so many pages off a node's part; how many were taken. */
static uint32_t redeem_node(struct heap *h, struct heap_domain *d,
                            uint32_t node, uint32_t pages)
{
    uint32_t n = pages < d->node_claim[node] ? pages : d->node_claim[node];

    HEAP_BUG_IF(h, n > h->node_claimed[node] || n > d->node_claims);
    if ( !(n && FAULT_ON(h, redeem_keeps_node_part)) )
        d->node_claim[node] -= n;
    if ( !(n && FAULT_ON(h, redeem_keeps_node_total)) )
        h->node_claimed[node] -= n;
    if ( !(n && FAULT_ON(h, redeem_keeps_node_sum)) )
        d->node_claims -= n;

    return n;
}

/* Nodes but one, in the order of their numbers. */
static uint32_t redeem_other_nodes(struct heap *h, struct heap_domain *d,
                                   uint32_t node, uint32_t pages)
{
    bool down = FAULT_ON(h, redeem_from_last_node);

    for ( uint32_t i = 0; i < h->nodes; i++ )
    {
        uint32_t n = down ? h->nodes - 1 - i : i;

        if ( n != node )
            pages -= redeem_node(h, d, n, pages);
    }
    return pages;
}

void redeem_parts(struct heap *h, struct heap_domain *d, uint32_t node,
                  uint32_t pages)
{
    uint32_t host = d->claim + pages - d->node_claims;

    if ( node && FAULT_ON(h, redeem_node_0) )
        node = 0;
    if ( host && FAULT_ON(h, redeem_host_part_first) )
        pages -= pages < host ? pages : host;
    pages -= redeem_node(h, d, node, pages);
    if ( host && FAULT_ON(h, redeem_other_nodes_first) )
        pages = redeem_other_nodes(h, d, node, pages);
    pages -= pages < host ? pages : host;
    MARK_IF(pages, heap_redeem_other_node);
    if ( pages && !FAULT_ON(h, redeem_spares_other_nodes) )
        redeem_other_nodes(h, d, node, pages);
}

void release_parts(struct heap *h, struct heap_domain *d)
{
    for ( uint32_t n = 0; n < h->nodes; n++ )
    {
        if ( d->node_claim[n] && n && FAULT_ON(h, release_first_node_only) )
            break;
        HEAP_BUG_IF(h, d->node_claim[n] > h->node_claimed[n]);
        if ( !(d->node_claim[n] && FAULT_ON(h, release_keeps_node_total)) )
            h->node_claimed[n] -= d->node_claim[n];
        if ( !(d->node_claim[n] && FAULT_ON(h, release_keeps_node_parts)) )
            d->node_claim[n] = 0;
    }
    d->node_claims = 0;
}

void heap_parts(const void *a, struct alloc_parts *p)
{
    const struct heap *h = a;

    memcpy(p->node_claimed, h->node_claimed, sizeof(p->node_claimed));
    for ( uint32_t i = 0; i < HV_DOMS_MAX; i++ )
    {
        const struct heap_domain *d = &h->dom[i];

        p->dom[i].host = d->claim - d->node_claims;
        memcpy(p->dom[i].node, d->node_claim, sizeof(p->dom[i].node));
    }
}
