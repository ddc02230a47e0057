/* SPDX-License-Identifier: MIT */
/*
 * White-box audit of the buddy heap. It walks lists and pages and believes no
 * counter:
 *   BUDDY     free blocks are aligned, disjoint, merged, in their right list
 *   CONSERVE  every page is in exactly one place, and the counters agree
 *   OWNER     pages of a domain are as many as its counters say
 *   SET-SUM   a claim has no more on nodes than it is, and the sum of that
 *   NODE-CLAIM-SUM  what is claimed on a node is what domains claim there
 *   CLAIM-SUM is not here: a leaked claim is Xen's behaviour (rules 3.10).
 */
#include "heap.h"

#include <stdio.h>
#include <string.h>

struct walk
{
    const struct heap *h;
    char *why;
    size_t size;
    uint8_t *seen; /* times a page was met in a free block                   */
    uint32_t avail[HV_NODES_MAX][HV_ZONES];
};

#define BROKEN(w, id, ...) (snprintf((w)->why, (w)->size, __VA_ARGS__), id)

static const char *audit_block(struct walk *w, uint32_t id, uint32_t node,
                               uint32_t zone, uint32_t order)
{
    const struct heap *h = w->h;
    uint32_t n = UINT32_C(1) << order;
    uint32_t frame = HV_FRAME_BASE + id, other;

    if ( frame & (n - 1) )
        return BROKEN(w, "BUDDY", "page %u, order %u: misaligned", id, order);
    if ( id + n > h->pages || node_of(h, id) != node ||
         node_of(h, id + n - 1) != node || zone_of(id) != zone )
        return BROKEN(w, "BUDDY",
                      "page %u, order %u: in a list of node %u "
                      "zone %u",
                      id, order, node, zone);
    if ( h->page[id].state != PAGE_FREE || h->page[id].order != order )
        return BROKEN(w, "BUDDY", "page %u: listed with order %u, marked %u",
                      id, order, h->page[id].order);
    for ( uint32_t i = id; i < id + n; i++ )
    {
        if ( w->seen[i]++ )
            return BROKEN(w, "CONSERVE", "page %u is in two free blocks", i);
        if ( i != id && h->page[i].state != PAGE_FREE_INNER )
            return BROKEN(w, "BUDDY",
                          "page %u: inside a block of page %u, "
                          "state %u",
                          i, id, h->page[i].state);
    }
    other = (frame ^ n) - HV_FRAME_BASE;
    if ( order + 1 < h->orders && other < h->pages &&
         node_of(h, other) == node && h->page[other].state == PAGE_FREE &&
         h->page[other].order == order )
        return BROKEN(w, "BUDDY", "pages %u and %u, order %u: not merged", id,
                      other, order);
    w->avail[node][zone] += n;

    return NULL;
}

static const char *audit_list(struct walk *w, uint32_t node, uint32_t zone,
                              uint32_t order)
{
    const struct heap *h = w->h;
    uint32_t list = list_of(h, node, zone, order);
    uint32_t prev = PAGE_NONE, count = 0;

    for ( uint32_t id = list_heads(h)[list]; id != PAGE_NONE;
          prev = id, id = h->page[id].next )
    {
        const char *bad;

        if ( id >= h->pages || ++count > h->pages )
            return BROKEN(w, "BUDDY",
                          "list of node %u zone %u order %u "
                          "leads nowhere",
                          node, zone, order);
        if ( h->page[id].prev != prev )
            return BROKEN(w, "BUDDY", "page %u: broken back link", id);
        bad = audit_block(w, id, node, zone, order);
        if ( bad )
            return bad;
    }
    if ( count != list_counts(h)[list] )
        return BROKEN(w, "CONSERVE",
                      "node %u zone %u order %u: %u blocks, "
                      "counted %u",
                      node, zone, order, count, list_counts(h)[list]);
    return NULL;
}

static const char *audit_lists(struct walk *w)
{
    const struct heap *h = w->h;

    for ( uint32_t node = 0; node < h->nodes; node++ )
        for ( uint32_t zone = HV_ZONE_FIRST; zone <= h->zone_top; zone++ )
            for ( uint32_t order = 0; order < h->orders; order++ )
            {
                uint32_t list = list_of(h, node, zone, order);
                const char *bad;

                /* Most are empty, and counted so. */
                if ( list_heads(h)[list] == PAGE_NONE &&
                     !list_counts(h)[list] )
                    continue;
                bad = audit_list(w, node, zone, order);
                if ( bad )
                    return bad;
            }
    return NULL;
}

static const char *audit_colour(struct walk *w)
{
    const struct heap *h = w->h;

    for ( uint32_t id = h->colour_head; id != PAGE_NONE;
          id = h->page[id].next )
    {
        if ( id >= h->pages || w->seen[id]++ )
            return BROKEN(w, "CONSERVE", "colour list: page %u twice", id);
        if ( h->page[id].state != PAGE_COLOUR ||
             !(h->page[id].flags & PAGE_IS_COLOURED) )
            return BROKEN(w, "CONSERVE",
                          "colour list: page %u is of another "
                          "kind",
                          id);
    }
    return NULL;
}

static const char *audit_counters(struct walk *w)
{
    const struct heap *h = w->h;
    uint64_t all = 0;

    for ( uint32_t node = 0; node < HV_NODES_MAX; node++ )
    {
        uint32_t sum = 0;

        /* Nothing was walked of nodes that the host has not. */
        if ( node >= h->nodes && !h->node_free[node] &&
             !memcmp(w->avail[node], h->avail[node], sizeof(h->avail[node])) )
            continue;
        for ( uint32_t zone = 0; zone < HV_ZONES; zone++ )
        {
            sum += w->avail[node][zone];
            if ( w->avail[node][zone] != h->avail[node][zone] )
                return BROKEN(w, "CONSERVE",
                              "node %u zone %u: %u pages "
                              "free, counted %u",
                              node, zone, w->avail[node][zone],
                              h->avail[node][zone]);
        }
        if ( sum != h->node_free[node] )
            return BROKEN(w, "CONSERVE", "node %u: %u pages free, counted %u",
                          node, sum, h->node_free[node]);
        all += sum;
    }
    if ( all != h->free )
        return BROKEN(w, "CONSERVE", "%llu pages free, counted %llu",
                      (unsigned long long)all, (unsigned long long)h->free);
    return NULL;
}

static const char *audit_pages(struct walk *w)
{
    const struct heap *h = w->h;
    uint32_t tot[HV_DOMS_MAX] = { 0 }, extra[HV_DOMS_MAX] = { 0 };
    uint32_t offlining = 0;

    for ( uint32_t id = 0; id < h->pages; id++ )
    {
        const struct heap_page *p = &h->page[id];
        bool listed = p->state != PAGE_USED && p->state != PAGE_OFFLINE;

        /* Free, and nothing says otherwise. */
        if ( listed && w->seen[id] == 1 && p->owner == OWNER_NONE &&
             !(p->flags & PAGE_IS_OFFLINING) )
            continue;
        offlining += p->flags & PAGE_IS_OFFLINING ? 1 : 0;
        if ( listed != w->seen[id] )
            return BROKEN(w, "CONSERVE",
                          "page %u: state %u, in %u free "
                          "blocks",
                          id, p->state, w->seen[id]);
        if ( p->owner == OWNER_NONE )
            continue;
        if ( p->owner >= HV_DOMS_MAX || p->state != PAGE_USED )
            return BROKEN(w, "OWNER", "page %u: state %u, owner %u", id,
                          p->state, p->owner);
        tot[p->owner]++;
        extra[p->owner] += p->flags & PAGE_IS_EXTRA ? 1 : 0;
    }
    if ( offlining != h->offlining )
        return BROKEN(w, "CONSERVE", "%u pages to go out of use, counted %u",
                      offlining, h->offlining);
    for ( uint32_t i = 0; i < HV_DOMS_MAX; i++ )
        if ( tot[i] != h->dom[i].tot || extra[i] != h->dom[i].extra )
            return BROKEN(w, "OWNER",
                          "d%u: %u pages, %u extra; counted %u, "
                          "%u",
                          i, tot[i], extra[i], h->dom[i].tot, h->dom[i].extra);
    return NULL;
}

static const char *audit_claims(struct walk *w)
{
    const struct heap *h = w->h;
    uint64_t claimed[HV_NODES_MAX] = { 0 };

    for ( uint32_t i = 0; i < HV_DOMS_MAX; i++ )
    {
        const struct heap_domain *d = &h->dom[i];
        uint64_t sum = 0;

        for ( uint32_t n = 0; n < HV_NODES_MAX; n++ )
        {
            sum += d->node_claim[n];
            claimed[n] += d->node_claim[n];
        }
        if ( sum != d->node_claims || sum > d->claim )
            return BROKEN(w, "SET-SUM",
                          "d%u: claims %u, %llu of them on nodes, counted %u",
                          i, d->claim, (unsigned long long)sum,
                          d->node_claims);
    }
    for ( uint32_t n = 0; n < HV_NODES_MAX; n++ )
        if ( claimed[n] != h->node_claimed[n] )
            return BROKEN(w, "NODE-CLAIM-SUM",
                          "node %u: %llu pages claimed, counted %u", n,
                          (unsigned long long)claimed[n], h->node_claimed[n]);

    return NULL;
}

const char *heap_audit(const void *a, char *why, size_t size)
{
    const struct heap *h = a;
    struct walk w = { .h = h, .why = why, .size = size };
    const char *bad;

    w.seen = (uint8_t *)(contents_of(h) + (h->written ? h->pages : 0));
    memset(w.seen, 0, h->pages);
    bad = audit_lists(&w);
    if ( !bad )
        bad = audit_colour(&w);
    if ( !bad )
        bad = audit_counters(&w);
    if ( !bad )
        bad = audit_pages(&w);
    if ( !bad && h->sets )
        bad = audit_claims(&w);

    return bad;
}
