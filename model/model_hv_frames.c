/* SPDX-License-Identifier: MIT */
/*
 * The frames of the model as a hypervisor: which are free, which a call gets,
 * and what an allocator would count of them.
 *
 * The model knows by name most frames that are not free. The others (those of
 * dom0, of a domain's structures, of a list that could not be written) are some
 * frames, too: without that, blocks would be counted free that cannot be had.
 */
#include "model_hv.h"

#include <assert.h>
#include <string.h>

static bool bit(const uint64_t *map, uint32_t id)
{
    return map[id / 64] >> (id % 64) & 1;
}

static uint32_t host_pages(const struct model_hv *s)
{
    return (uint32_t)s->shape.nodes * s->shape.node_pages;
}

static uint32_t node_of(const struct model_hv *s, uint32_t id)
{
    return id / s->shape.node_pages;
}

static unsigned int zone_of(uint64_t frame)
{
    return 64U - (unsigned int)__builtin_clzll(frame);
}

static void set_taken(struct model_hv *s, uint32_t id, bool taken)
{
    assert(bit(s->taken, id) != taken && bit(s->heap, id));
    s->taken[id / 64] ^= UINT64_C(1) << (id % 64);
    s->nr_taken += taken ? 1 : -1U;
    s->m.counters.node_free[node_of(s, id)] += taken ? UINT64_MAX : 1;
}

/* ---- looking for free ones ---- */

static bool is_free(const struct model_hv *s, uint32_t id, bool coloured)
{
    return bit(s->heap, id) != coloured && !bit(s->taken, id) &&
           s->m.page[id].owner == MODEL_NOBODY;
}

/* Is the aligned block at frame free, in one node? (A zone never splits
 * one.) */
static bool is_block(const struct model_hv *s, uint64_t frame, uint32_t order,
                     bool coloured)
{
    uint32_t size = UINT32_C(1) << order, id;

    if ( frame & (size - 1) || frame < HV_FRAME_BASE ||
         frame + size > HV_FRAME_BASE + host_pages(s) )
        return false;
    id = (uint32_t)(frame - HV_FRAME_BASE);
    if ( node_of(s, id) != node_of(s, id + size - 1) )
        return false;
    for ( uint32_t i = 0; i < size; i++ )
        if ( !is_free(s, id + i, coloured) )
            return false;

    return true;
}

void model_hv_blocks(const struct model_hv *s, struct hv_capacity *c)
{
    uint64_t f = HV_FRAME_BASE, end = f + host_pages(s);

    memset(c, 0, sizeof(*c));
    while ( f < end )
    {
        uint32_t order = HV_ORDERS, id = (uint32_t)(f - HV_FRAME_BASE);

        while ( order && !is_block(s, f, order - 1, false) )
            order--;
        if ( order )
            c->blocks[node_of(s, id)][zone_of(f)][order - 1]++;
        f += order ? UINT64_C(1) << (order - 1) : 1;
    }
}

bool model_hv_find(const struct model_hv *s, const struct model_hv_want *want,
                   uint64_t *end)
{
    uint64_t size = UINT64_C(1) << want->order, f;

    if ( want->order >= HV_ORDERS )
        return false;
    if ( !*end )
        *end = HV_FRAME_BASE + host_pages(s);
    for ( f = *end & ~(size - 1); f >= HV_FRAME_BASE + size; )
    {
        f -= size;
        if ( zone_of(f) > want->zone_max ||
             !is_block(s, f, want->order, want->coloured) ||
             !(want->nodes >> node_of(s, (uint32_t)(f - HV_FRAME_BASE)) & 1) )
            continue;
        *end = f;
        return true;
    }

    return false;
}

/* ---- after a call ---- */

static unsigned int words(const struct model_hv *s)
{
    return (host_pages(s) + 63) / 64;
}

/* Pages of the heap that have an owner, by id. */
static void find_named(const struct model_hv *s, uint64_t *named)
{
    for ( unsigned int w = 0; w < words(s); w++ )
    {
        named[w] = 0;
        for ( unsigned int i = 0; i < 64; i++ )
            named[w] |= (uint64_t)(s->m.page[w * 64 + i].owner != MODEL_NOBODY)
                        << i;
        named[w] &= s->heap[w];
    }
}

/* Release frames of a set that have no name, until nr are taken. */
static void release(struct model_hv *s, const uint64_t *from, uint32_t nr)
{
    for ( unsigned int w = 0; w < words(s); w++ )
        for ( uint64_t bits = from[w] & s->taken[w] & ~s->named[w];
              bits && s->nr_taken > nr; bits &= bits - 1 )
            set_taken(s, w * 64 + (unsigned int)__builtin_ctzll(bits), false);
}

/* Take free frames of some nodes, until nr are taken. */
static void take(struct model_hv *s, uint32_t nodes, uint32_t nr)
{
    for ( unsigned int w = 0; w < words(s); w++ )
        for ( uint64_t bits = s->heap[w] & ~s->taken[w];
              bits && s->nr_taken < nr; bits &= bits - 1 )
        {
            uint32_t id = w * 64 + (unsigned int)__builtin_ctzll(bits);

            if ( nodes >> node_of(s, id) & 1 )
                set_taken(s, id, true);
        }
}

void model_hv_settle(struct model_hv *s, uint32_t first, uint32_t next)
{
    uint32_t nr = s->heap_pages - (uint32_t)s->m.counters.free;
    uint64_t lost[HV_PAGES_MAX / 64], hidden[HV_PAGES_MAX / 64];
    uint64_t now[HV_PAGES_MAX / 64];

    assert(s->m.counters.free <= s->heap_pages);
    find_named(s, now);
    for ( unsigned int w = 0; w < words(s); w++ )
    {
        for ( uint64_t bits = now[w] & ~s->taken[w]; bits; bits &= bits - 1 )
            set_taken(s, w * 64 + (unsigned int)__builtin_ctzll(bits), true);
        lost[w] = s->named[w] & ~now[w];
        hidden[w] = ~s->booted[w];
        s->named[w] = now[w];
    }
    release(s, lost, nr);
    release(s, hidden, nr);
    release(s, s->booted, nr);
    take(s, first, nr);
    take(s, next, nr);
    take(s, UINT32_MAX, nr);
    assert(s->nr_taken == nr);
}

void model_hv_boot(struct model_hv *s, struct hv_view *view)
{
    /* On a coloured host half of each node, rounded up, is set aside for
     * domains, and is in no counter; as on the stub. */
    uint32_t node_pages = s->shape.node_pages;
    uint32_t heap = s->shape.llc ? node_pages / 2 : node_pages;
    uint32_t dom0 = s->shape.llc ? 0 : view->dom[0].tot;

    s->heap_pages = heap * s->shape.nodes;
    s->nr_taken = dom0;
    memset(s->heap, 0, sizeof(s->heap));
    memset(s->named, 0, sizeof(s->named));
    memset(s->booted, 0, sizeof(s->booted));
    for ( uint32_t id = 0; id < host_pages(s); id++ )
        if ( id % node_pages < heap )
            s->heap[id / 64] |= UINT64_C(1) << (id % 64);
    assert(s->shape.nodes);
    view->free = s->heap_pages - dom0;
    for ( unsigned int n = 0; n < s->shape.nodes; n++ )
        view->node_free[n] = heap;
    /* One page from each node in turn, as Xen does for a domain; the first
     * domain begins behind node 0. */
    for ( uint32_t i = 0; i < dom0; i++ )
    {
        uint32_t n = (i + 1) % s->shape.nodes;
        uint32_t id = n * node_pages + i / s->shape.nodes;

        s->booted[id / 64] |= UINT64_C(1) << (id % 64);
        view->node_free[n]--;
    }
    memcpy(s->taken, s->booted, sizeof(s->taken));
}
