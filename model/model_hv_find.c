/* SPDX-License-Identifier: MIT */
/*
 * The model as a hypervisor: which free frames a call gets, and what an allocator
 * would count of them.
 *
 * Not here: which are free, and what a call changes of that (model_hv_frames.c).
 */
#include "internal.h"
#include "model_hv.h"

#include <string.h>

static unsigned int zone_of(uint64_t frame)
{
    return 64U - (unsigned int)__builtin_clzll(frame);
}

/* The free frames of one word. */
static uint64_t free_in(const struct model_hv *s, uint32_t w, bool coloured)
{
    const struct model_hv_frames *f = &s->frames[w];

    return (coloured ? ~f->heap : f->heap) & ~f->taken & ~s->m.names[w].any;
}

static bool is_free(const struct model_hv *s, uint32_t id, bool coloured)
{
    return model_hv_bit(free_in(s, id / 64, coloured), id);
}

/* Orders of blocks that lie in one word: ids are aligned as frames are, up to
 * this order. */
#define WORD_ORDERS 6

_Static_assert(HV_FRAME_BASE == 1 << (WORD_ORDERS - 1), "ids are aligned");

/* Of one word, the first frames of free and aligned blocks; order below
 * WORD_ORDERS. */
static uint64_t blocks_in(uint64_t free, uint32_t order)
{
    /* A bit in so many. */
    static const uint64_t aligned[WORD_ORDERS] = {
        UINT64_MAX,        UINT64_MAX / 0x3,    UINT64_MAX / 0xf,
        UINT64_MAX / 0xff, UINT64_MAX / 0xffff, UINT64_MAX / 0xffffffff,
    };

    for ( uint32_t o = 0; o < order; o++ )
        free &= free >> (1U << o);
    return free & aligned[order];
}

/* Is the aligned block at frame free, in one node? (A zone never splits
 * one.) */
static bool is_block(const struct model_hv *s, uint64_t frame, uint32_t order,
                     bool coloured)
{
    uint32_t size = UINT32_C(1) << order, id;

    if ( frame & (size - 1) || frame < HV_FRAME_BASE ||
         frame + size > HV_FRAME_BASE + model_hv_pages(s) )
        return false;
    id = (uint32_t)(frame - HV_FRAME_BASE);
    if ( model_hv_node(s, id) != model_hv_node(s, id + size - 1) )
        return false;
    if ( order < WORD_ORDERS )
        return model_hv_bit(blocks_in(free_in(s, id / 64, coloured), order),
                            id);
    for ( uint32_t i = 0; i < size; i++ )
        if ( !is_free(s, id + i, coloured) )
            return false;

    return true;
}

void model_hv_blocks(const struct model_hv *s, struct hv_capacity *c,
                     uint32_t counts[HV_BLOCK_COUNTS_MAX])
{
    uint64_t f = HV_FRAME_BASE, end = f + model_hv_pages(s);

    *c = (struct hv_capacity){ .nodes = s->shape.nodes,
                               .zone_first = HV_ZONE_FIRST,
                               .zones = zone_of(end - 1) - HV_ZONE_FIRST + 1,
                               .orders = zone_of(s->shape.node_pages),
                               .blocks = counts };
    memset(counts, 0, c->nodes * c->zones * c->orders * sizeof(counts[0]));
    while ( f < end )
    {
        uint32_t order = c->orders, id = (uint32_t)(f - HV_FRAME_BASE);

        while ( order && !is_block(s, f, order - 1, false) )
            order--;
        if ( order )
            counts[(model_hv_node(s, id) * c->zones + zone_of(f) -
                    HV_ZONE_FIRST) *
                       c->orders +
                   order - 1]++;
        f += order ? UINT64_C(1) << (order - 1) : 1;
    }
}

/* May the free block at id be taken: is it of one node, and that one wanted? */
static bool is_wanted(const struct model_hv *s,
                      const struct model_hv_want *want, uint32_t id)
{
    uint32_t node = model_hv_node(s, id);

    return want->nodes >> node & 1 &&
           model_hv_node(s, id + (UINT32_C(1) << want->order) - 1) == node;
}

/* The last nr blocks in the words up to that of id last - 1, the first of these
 * at *end. How many there are; as many as there is room for are written. */
static uint64_t find_in_words(const struct model_hv *s,
                              const struct model_hv_want *want, uint32_t last,
                              uint64_t *end, uint64_t nr, uint64_t *frames,
                              uint64_t most)
{
    uint32_t w = (last + 63) / 64;
    uint64_t below = last % 64 ? (UINT64_C(1) << last % 64) - 1 : UINT64_MAX;
    /* Then a single page need not be asked where it is. */
    bool any = !want->order && want->nodes + 1 == UINT32_C(1)
                                                      << s->shape.nodes;
    uint64_t found = 0;

    for ( ; w-- && found < nr; below = UINT64_MAX )
        for ( uint64_t blocks = blocks_in(
                  free_in(s, w, want->coloured) & below, want->order);
              blocks && found < nr; )
        {
            uint32_t bit = 63U - (uint32_t)__builtin_clzll(blocks);

            blocks ^= UINT64_C(1) << bit;
            if ( !any && !is_wanted(s, want, w * 64 + bit) )
                continue;
            *end = HV_FRAME_BASE + w * 64 + bit;
            if ( found < most )
                frames[found] = *end;
            found++;
        }

    return found;
}

/* The last block that is larger than a word. */
static bool find_large(const struct model_hv *s,
                       const struct model_hv_want *want, uint32_t last,
                       uint64_t *end)
{
    uint64_t size = UINT64_C(1) << want->order;
    uint64_t f = (HV_FRAME_BASE + last) & ~(size - 1);

    while ( f >= HV_FRAME_BASE + size )
    {
        f -= size;
        if ( is_block(s, f, want->order, want->coloured) &&
             is_wanted(s, want, (uint32_t)(f - HV_FRAME_BASE)) )
        {
            *end = f;
            return true;
        }
    }

    return false;
}

/* The id behind the last page that can be meant. */
static uint32_t last_id(const struct model_hv *s,
                        const struct model_hv_want *want, uint64_t end)
{
    uint64_t last = HV_FRAME_BASE + model_hv_pages(s);

    if ( end && end < last )
        last = end;
    /* Frames above have more bits, and so lie in higher zones. */
    if ( last > UINT64_C(1) << want->zone_max )
        last = UINT64_C(1) << want->zone_max;

    return last > HV_FRAME_BASE ? (uint32_t)(last - HV_FRAME_BASE) : 0;
}

bool model_hv_find(const struct model_hv *s, const struct model_hv_want *want,
                   uint64_t *end)
{
    uint32_t last = last_id(s, want, *end);

    if ( want->order >= HV_ORDERS || !last )
        return false;

    return want->order < WORD_ORDERS
               ? find_in_words(s, want, last, end, 1, NULL, 0)
               : find_large(s, want, last, end);
}

uint64_t model_hv_find_pages(const struct model_hv *s,
                             const struct model_hv_want *want, uint64_t *end,
                             uint64_t nr, uint64_t *frames, uint64_t most)
{
    return find_in_words(s, want, last_id(s, want, *end), end, nr, frames,
                         most);
}
