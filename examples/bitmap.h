/* SPDX-License-Identifier: MIT */
/* State of the bitmap allocator, and what its two halves share. */
#ifndef CLAIMCHECK_BITMAP_H
#define CLAIMCHECK_BITMAP_H

#include "bitmap_allocator.h"

#define FREE 0xfe   /* page: nobody's and free                          */
#define NOBODY 0xff /* page: in use, accounted to no domain             */

#define IN_POOL 1 /* page belongs to the colour pool                  */
#define EXTRA 2   /* page is accounted as extra                       */

/* Every answer costs a look at every page, so hosts are small. */
#define BITMAP_NODE_PAGES_MAX 2048
#define BITMAP_PAGES_MAX (HV_NODES_MAX * BITMAP_NODE_PAGES_MAX)

struct account
{
    uint32_t pages, extra, max, claim; /* pages: without extra ones */
    uint32_t affinity, last_node;
};

struct bitmap
{
    const struct alloc_services *svc;
    uint32_t pages;
    struct alloc_config config;
    uint64_t free, claimed;
    struct account dom[HV_DOMS_MAX];
    struct
    {
        uint8_t owner; /* slot, FREE or NOBODY */
        uint8_t flags;
    } page[BITMAP_PAGES_MAX]; /* last: used as far as the host has pages */
};

/* ---- bitmap_view.c: as in struct allocator_ops ---- */
void bitmap_heap(const void *a, uint64_t *free, uint64_t *claimed);
void bitmap_node_free(const void *a, uint64_t pages[HV_NODES_MAX]);
void bitmap_counts(const void *a, uint32_t doms,
                   struct hv_domain_view dom[HV_DOMS_MAX]);
void bitmap_pages(const void *a, uint64_t frame, uint32_t nr,
                  struct alloc_page *pages);
const char *bitmap_audit(const void *a, char *why, size_t size);
void *bitmap_save(const void *a, void *into);
void bitmap_restore(void *a, const void *saved);
uint64_t bitmap_hash(const void *a);

#endif /* CLAIMCHECK_BITMAP_H */
