/* SPDX-License-Identifier: MIT */
/*
 * How many blocks of an order the heap can still give: rules 4.2. From counts
 * of free blocks if the implementation gives them, else from free pages.
 */
#include "internal.h"

/* Blocks of an order that the free blocks of one zone of one node make. */
static uint32_t blocks_of(const uint16_t *blocks, uint32_t order)
{
    uint32_t n = 0;

    for ( uint32_t j = order; j < HV_ORDERS; j++ )
        n += (uint32_t)blocks[j] << (j - order);
    return n;
}

static uint32_t clamp32(uint64_t n)
{
    return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

void heap_space(const struct model *m, const struct hv_capacity *capacity,
                const struct resv *r, uint32_t *lo, uint32_t *hi)
{
    bool zones = r->zone_unknown || r->zone_max < HV_ZONES - 1;
    bool count = capacity && !r->zone_unknown &&
                 (r->order || zones || r->exact);
    uint64_t known = 0, most = 0;

    for ( int n = 0; n < m->shape.nodes; n++ )
    {
        if ( r->exact && n != r->node )
            continue;
        most += r->order < 64 ? m->counters.node_free[n] >> r->order : 0;
        for ( uint32_t z = 0; count && z <= r->zone_max; z++ )
            known += blocks_of(capacity->blocks[n][z], r->order);
    }

    if ( count )
        *lo = *hi = clamp32(known);
    /* Single pages: any free page will do. */
    else if ( !r->order && !zones )
        *lo = *hi = clamp32(r->exact ? most : m->counters.free);
    /* Free pages may lie anywhere, so that perhaps no block is left. */
    else
    {
        *lo = 0;
        *hi = clamp32(most);
    }
}
