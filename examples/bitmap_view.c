/* SPDX-License-Identifier: MIT */
/* What the bitmap allocator tells of itself, and snapshots of it. */
#include "bitmap.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void bitmap_heap(const void *a, uint64_t *free, uint64_t *claimed)
{
    const struct bitmap *b = a;

    *free = b->free;
    *claimed = b->claimed;
}

void bitmap_node_free(const void *a, uint64_t pages[HV_NODES_MAX])
{
    const struct bitmap *b = a;

    memset(pages, 0, HV_NODES_MAX * sizeof(pages[0]));
    for ( uint32_t i = 0; i < b->pages; i++ )
        if ( b->page[i].owner == FREE && !(b->page[i].flags & IN_POOL) )
            pages[i / b->config.node_pages]++;
}

void bitmap_counts(const void *a, uint32_t doms,
                   struct hv_domain_view dom[HV_DOMS_MAX])
{
    const struct bitmap *b = a;

    for ( ; doms; doms &= doms - 1 )
    {
        int i = __builtin_ctz(doms);
        const struct account *d = &b->dom[i];

        dom[i].tot = d->pages;
        dom[i].extra = d->extra;
        dom[i].max = d->max;
        dom[i].claim = d->claim;
    }
}

void bitmap_pages(const void *a, uint64_t frame, uint32_t nr,
                  struct alloc_page *pages)
{
    const struct bitmap *b = a;

    for ( uint32_t i = 0; i < nr; i++ )
    {
        uint8_t owner = b->page[frame - HV_FRAME_BASE + i].owner;

        pages[i] = (struct alloc_page){
            .owner = (int8_t)(owner < HV_DOMS_MAX ? owner : ALLOC_NO_DOMAIN),
            .free = owner == FREE,
        };
    }
}

/* ---- snapshots ---- */

/* All state is one value: a snapshot is a copy of it. */
static size_t used(const struct bitmap *b)
{
    return offsetof(struct bitmap, page) + b->pages * sizeof(b->page[0]);
}

void *bitmap_save(const void *a, void *into)
{
    void *saved = into ? into : malloc(sizeof(struct bitmap));

    return saved ? memcpy(saved, a, used(a)) : NULL;
}

void bitmap_restore(void *a, const void *saved)
{
    memcpy(a, saved, used(saved));
}

/* FNV-1a of all but svc, an address, which differs from process to process. */
uint64_t bitmap_hash(const void *a)
{
    const unsigned char *byte = a;
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for ( size_t i = offsetof(struct bitmap, pages); i < used(a); i++ )
        h = (h ^ byte[i]) * UINT64_C(0x100000001b3);

    return h;
}

/* ---- audit: counters against the array ---- */

const char *bitmap_audit(const void *a, char *why, size_t size)
{
    const struct bitmap *b = a;
    uint32_t pages[HV_DOMS_MAX] = { 0 }, extra[HV_DOMS_MAX] = { 0 };
    uint64_t free = 0;

    for ( uint32_t i = 0; i < b->pages; i++ )
    {
        if ( b->page[i].owner == FREE )
            free += b->page[i].flags & IN_POOL ? 0 : 1;
        else if ( b->page[i].owner < HV_DOMS_MAX )
            (b->page[i].flags & EXTRA ? extra : pages)[b->page[i].owner]++;
    }
    if ( free != b->free )
    {
        snprintf(why, size, "%llu pages free, counted %llu",
                 (unsigned long long)free, (unsigned long long)b->free);
        return "CONSERVE";
    }
    for ( uint32_t i = 0; i < HV_DOMS_MAX; i++ )
        if ( pages[i] != b->dom[i].pages || extra[i] != b->dom[i].extra )
        {
            snprintf(why, size, "d%u: %u pages, %u extra; counted %u, %u", i,
                     pages[i], extra[i], b->dom[i].pages, b->dom[i].extra);
            return "OWNER";
        }
    return NULL;
}
