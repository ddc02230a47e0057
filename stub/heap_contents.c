/* SPDX-License-Identifier: MIT */
/*
 * What is in pages, and scrubbing (rules 4.9). A page holds one word. Free pages
 * that somebody else must not see are marked dirty, counted by node, and
 * scrubbed when they are allocated.
 *
 * All of it begins when a domain writes to a page: before, there is nothing to
 * hide, so that hosts on which nobody writes pay one test for it.
 */
#include "heap.h"
#include "marks/marks.h"

#include <string.h>

/* What scrubbing leaves. */
#define SCRUBBED 0

void heap_write(void *a, uint64_t frame, uint32_t word)
{
    struct heap *h = a;

    if ( !h->written )
    {
        h->written = 1;
        memset(contents_of(h), SCRUBBED, h->pages * sizeof(uint32_t));
    }
    contents_of(h)[frame - HV_FRAME_BASE] = word;
}

void heap_page(const void *a, uint64_t frame, struct hv_page *page)
{
    const struct heap *h = a;
    uint32_t id = (uint32_t)(frame - HV_FRAME_BASE);

    page->word = h->written ? contents_of(h)[id] : SCRUBBED;
    page->dirty = h->page[id].flags & PAGE_IS_DIRTY;
    page->free = h->page[id].state != PAGE_USED &&
                 h->page[id].state != PAGE_OFFLINE;
}

void heap_scrub_pages(const void *a, uint64_t pages[HV_NODES_MAX])
{
    const struct heap *h = a;

    for ( uint32_t n = 0; n < HV_NODES_MAX; n++ )
        pages[n] = h->node_dirty[n];
}

bool block_dirty(const struct heap *h, uint32_t id)
{
    uint32_t n = UINT32_C(1) << h->page[id].order;

    if ( !h->node_dirty[node_of(h, id)] )
        return false;
    for ( uint32_t i = id; i < id + n; i++ )
        if ( h->page[i].flags & PAGE_IS_DIRTY )
            return true;

    return false;
}

/* Coloured pages are marked, too, and not counted. */
static bool is_counted(const struct heap *h, uint32_t id)
{
    return !(h->page[id].flags & PAGE_IS_COLOURED);
}

void mark_dirty(struct heap *h, uint32_t id, uint32_t n)
{
    for ( uint32_t i = id; i < id + n; i++ )
    {
        HEAP_BUG_IF(h, h->page[i].flags & PAGE_IS_DIRTY);
        if ( contents_of(h)[i] != SCRUBBED && FAULT_ON(h, dirty_not_marked) )
            continue;
        if ( contents_of(h)[i] != SCRUBBED && FAULT_ON(h, dirty_by_heart) )
            continue;
        h->page[i].flags |= PAGE_IS_DIRTY;
        h->node_dirty[node_of(h, i)] += is_counted(h, i);
    }
}

static void scrub_page(struct heap *h, uint32_t id, bool first)
{
    if ( contents_of(h)[id] == SCRUBBED || FAULT_ON(h, scrub_missing) )
        return;
    if ( !first && FAULT_ON(h, scrub_first_page_only) )
        return;
    contents_of(h)[id] = SCRUBBED;
}

void scrub_block(struct heap *h, uint32_t id, uint32_t n)
{
    uint32_t scrubbed = 0, node = node_of(h, id);

    for ( uint32_t i = id; i < id + n; i++ )
    {
        bool dirty = h->page[i].flags & PAGE_IS_DIRTY;

        if ( dirty || FAULT_ON(h, dirty_by_heart) )
            scrub_page(h, i, i == id);
        if ( !dirty )
            continue;
        h->page[i].flags &= (uint8_t)~PAGE_IS_DIRTY;
        scrubbed += is_counted(h, i);
    }
    if ( !scrubbed || FAULT_ON(h, scrub_not_counted) )
        return;
    MARK_IF(scrubbed < n, scrub_part_of_block);
    HEAP_LOCK(h);
    h->node_dirty[node] -= scrubbed;
    HEAP_UNLOCK(h);
}

uint32_t dirty_pages(const struct heap *h, uint32_t id, uint32_t n)
{
    uint32_t dirty = 0;

    for ( uint32_t i = id; i < id + n; i++ )
        dirty += h->page[i].flags & PAGE_IS_DIRTY && is_counted(h, i);

    return dirty;
}

void keep_dirty(struct heap *h, uint32_t id, uint32_t n)
{
    uint32_t kept = dirty_pages(h, id, n);

    if ( !kept )
        return;
    HEAP_LOCK(h);
    h->node_dirty[node_of(h, id)] -= kept;
    HEAP_UNLOCK(h);
}

uint32_t heap_scrub(void *a, uint64_t frame, uint32_t order, uint32_t from,
                    uint32_t most)
{
    struct heap *h = a;
    uint32_t id = (uint32_t)(frame - HV_FRAME_BASE);
    uint32_t n = UINT32_C(1) << order;

    if ( !h->written )
        return n;
    for ( ; from < n && most; from++ )
    {
        struct heap_page *p = &h->page[id + from];

        if ( !(p->flags & PAGE_IS_DIRTY) )
            continue;
        HEAP_BUG_IF(h, p->state != PAGE_USED || p->owner != OWNER_NONE);
        scrub_page(h, id + from, from == 0);
        p->flags &= (uint8_t)~PAGE_IS_DIRTY;
        most--;
    }

    return from;
}
