/* SPDX-License-Identifier: MIT */
/* Free blocks of the model as a hypervisor: what an allocator would count. */
#include "model_hv.h"

#include <string.h>

static bool no_owner(const struct model_hv *s, uint64_t frame)
{
    int id = s->m.page_id(s->m.hv, frame);

    return id >= 0 && frame >= model_hv_first_frame(s) &&
           s->m.page[id].owner == MODEL_NOBODY;
}

static unsigned int node_of(const struct model_hv *s, uint64_t frame)
{
    return (unsigned int)(frame - HV_FRAME_BASE) / s->shape.node_pages;
}

/* Is the aligned block at frame free, in one node? (A zone never splits
 * one.) */
static bool is_block(const struct model_hv *s, uint64_t frame, uint32_t order)
{
    uint64_t size = UINT64_C(1) << order;

    if ( frame & (size - 1) || !no_owner(s, frame + size - 1) ||
         node_of(s, frame) != node_of(s, frame + size - 1) )
        return false;
    for ( uint64_t i = 0; i < size; i++ )
        if ( !no_owner(s, frame + i) )
            return false;

    return true;
}

void model_hv_blocks(const struct model_hv *s, struct hv_capacity *c)
{
    uint64_t pages = (uint64_t)s->shape.nodes * s->shape.node_pages;
    uint64_t f = HV_FRAME_BASE;

    memset(c, 0, sizeof(*c));
    while ( f < HV_FRAME_BASE + pages )
    {
        uint32_t order = HV_ORDERS;

        while ( order && !is_block(s, f, order - 1) )
            order--;
        if ( order )
            c->blocks[node_of(s, f)][64 - __builtin_clzll(f)][order - 1]++;
        f += order ? UINT64_C(1) << (order - 1) : 1;
    }
}
