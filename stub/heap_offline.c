/* SPDX-License-Identifier: MIT */
/*
 * Pages out of use: a free one is taken out of its block, one in use is marked,
 * and taken out when it is freed (rules 3.16). All of it is done under heap_lock.
 *
 * Whose page it is, Xen asks without a lock. Not here: the range of a sysctl,
 * and which frames there are (page_offline.c).
 */
#include "heap.h"
#include "marks/marks.h"

#include <assert.h>
#include <errno.h>

/* First page of the free block that a page lies in. */
static uint32_t head_of(const struct heap *h, uint32_t id)
{
    for ( uint32_t order = 0; order < h->orders; order++ )
    {
        uint32_t frame = (HV_FRAME_BASE + id) & ~((1U << order) - 1);
        uint32_t head = frame - HV_FRAME_BASE;

        if ( frame >= HV_FRAME_BASE && h->page[head].state == PAGE_FREE &&
             h->page[head].order == order )
            return head;
    }

    return PAGE_NONE;
}

/* Draft-v7: claims that are not covered any more are cut, those on the node
 * first, of domains in the order of their list (rules 4.8). */
static void recall_claims(struct heap *h, uint32_t node)
{
    for ( uint32_t i = 0; i < HV_DOMS_MAX; i++ )
    {
        struct heap_domain *d = &h->dom[i];
        uint32_t over = h->node_claimed[node] > h->node_free[node]
                            ? h->node_claimed[node] - h->node_free[node]
                            : 0;
        uint32_t n = over < d->node_claim[node] ? over : d->node_claim[node];

        d->node_claim[node] -= n;
        d->node_claims -= n;
        d->claim -= n;
        h->node_claimed[node] -= n;
        h->claimed -= n;
    }
    for ( uint32_t i = 0; i < HV_DOMS_MAX && h->claimed > h->free; i++ )
    {
        struct heap_domain *d = &h->dom[i];
        uint64_t over = h->claimed - h->free;
        uint32_t host = d->claim - d->node_claims;
        uint32_t n = over < host ? (uint32_t)over : host;

        d->claim -= n;
        h->claimed -= n;
    }
}

/* A page is out of use, and in no list. */
static void put_away(struct heap *h, uint32_t id)
{
    h->page[id].state = PAGE_OFFLINE;
    h->page[id].flags &= (uint8_t)~PAGE_IS_OFFLINING;
    if ( h->sets == 7 && !FAULT_ON(h, offline_recalls_nothing) )
        recall_claims(h, node_of(h, id));
}

/* Take a page out of its block, of which the rest goes back in halves. */
static void take_out(struct heap *h, uint32_t id)
{
    uint32_t head = head_of(h, id), order, node = node_of(h, id);

    HEAP_BUG_IF(h, head == PAGE_NONE);
    order = h->page[head].order;
    /* The page that is left is another one than the one that was meant. */
    if ( order && FAULT_ON(h, offline_takes_neighbour) )
        id = head + ((id - head) ^ 1);
    block_remove(h, head);
    while ( order )
    {
        uint32_t half;

        MARK(heap_offline_split);
        order--;
        half = head + (1U << order);
        if ( order && id < half && FAULT_ON(h, offline_misaligned) )
            half++;
        block_insert(h, id < half ? half : head, order);
        head = id < half ? head : half;
    }
    if ( !FAULT_ON(h, offline_not_counted) )
        h->free--;
    h->node_free[node]--;
    h->avail[node][zone_of(id)]--;
    put_away(h, id);
}

void free_around(struct heap *h, uint32_t id, uint32_t order)
{
    for ( uint32_t i = id; i < id + (1U << order); i++ )
        if ( !(h->page[i].flags & PAGE_IS_OFFLINING) )
            block_free(h, i, 0);
        else
        {
            MARK(heap_offlined_when_freed);
            h->offlining--;
            put_away(h, i);
        }
}

static uint32_t owner_status(const struct heap *h, uint32_t id)
{
    uint32_t owner = h->page[id].owner;

    if ( owner == OWNER_NONE )
        return PG_OFFLINE_ANONYMOUS | PG_OFFLINE_FAILED |
               (uint32_t)DOMID_INVALID << PG_OFFLINE_OWNER_SHIFT;
    if ( owner && FAULT_ON(h, offline_tells_dom0) )
        owner = 0;

    return PG_OFFLINE_OWNED | PG_OFFLINE_PENDING |
           owner << PG_OFFLINE_OWNER_SHIFT;
}

long heap_offline(void *a, uint64_t frame, bool broken, uint32_t *status)
{
    struct heap *h = a;
    uint32_t id = (uint32_t)(frame - HV_FRAME_BASE);
    struct heap_page *p = &h->page[id];

    assert(id < h->pages);
    /* Xen crashes the owner, who can do nothing here anyhow. */
    if ( p->flags & PAGE_IS_BROKEN &&
         (p->owner != OWNER_NONE || FAULT_ON(h, offline_crashes_nobody)) )
    {
        *status = PG_OFFLINE_AGAIN;
        return 0;
    }
    HEAP_LOCK(h);
    if ( broken )
        p->flags |= PAGE_IS_BROKEN;
    if ( p->state == PAGE_FREE || p->state == PAGE_FREE_INNER )
        take_out(h, id);
    else if ( p->state == PAGE_USED && !(p->flags & PAGE_IS_OFFLINING) &&
              !FAULT_ON(h, offline_forgets_used) )
    {
        p->flags |= PAGE_IS_OFFLINING;
        h->offlining++;
    }
    HEAP_UNLOCK(h);
    *status = p->state == PAGE_USED ? owner_status(h, id)
                                    : PG_OFFLINE_OFFLINED;
    if ( broken )
        *status |= PG_OFFLINE_BROKEN;

    return 0;
}

long heap_online(void *a, uint64_t frame, uint32_t *status)
{
    struct heap *h = a;
    uint32_t id = (uint32_t)(frame - HV_FRAME_BASE);
    struct heap_page *p = &h->page[id];
    long rc = 0;

    assert(id < h->pages);
    *status = 0;
    HEAP_LOCK(h);
    if ( p->flags & PAGE_IS_BROKEN && !FAULT_ON(h, online_broken) )
    {
        *status = PG_ONLINE_FAILED | PG_ONLINE_BROKEN;
        rc = -EINVAL;
    }
    else if ( p->state == PAGE_OFFLINE )
    {
        *status = PG_ONLINE_ONLINED;
        p->state = PAGE_USED;
        /* Nobody knows any more that it was dirty; it stays counted (rules 4.9). */
        p->flags &= (uint8_t)~PAGE_IS_DIRTY;
        if ( !FAULT_ON(h, online_loses_page) )
            block_free(h, id, 0);
    }
    else if ( p->flags & PAGE_IS_OFFLINING )
    {
        *status = PG_ONLINE_ONLINED;
        if ( !FAULT_ON(h, online_keeps_mark) )
        {
            p->flags &= (uint8_t)~PAGE_IS_OFFLINING;
            h->offlining--;
        }
    }
    HEAP_UNLOCK(h);

    return rc;
}

long heap_offline_query(void *a, uint64_t frame, uint32_t *status)
{
    struct heap *h = a;
    uint32_t id = (uint32_t)(frame - HV_FRAME_BASE);
    const struct heap_page *p = &h->page[id];

    assert(id < h->pages);
    *status = 0;
    HEAP_LOCK(h);
    if ( p->flags & PAGE_IS_OFFLINING )
        *status |= PG_OFFLINE_STATUS_OFFLINE_PENDING;
    if ( p->flags & PAGE_IS_BROKEN && !FAULT_ON(h, query_hides_broken) )
        *status |= PG_OFFLINE_STATUS_BROKEN;
    if ( p->state == PAGE_OFFLINE && !FAULT_ON(h, query_hides_offlined) )
        *status |= PG_OFFLINE_STATUS_OFFLINED;
    HEAP_UNLOCK(h);

    return 0;
}
