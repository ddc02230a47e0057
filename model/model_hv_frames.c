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

static bool bit(uint64_t word, uint32_t id)
{
    return word >> (id % 64) & 1;
}

static uint32_t host_pages(const struct model_hv *s)
{
    return s->shape.nodes * s->shape.node_pages;
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
    struct model_hv_frames *f = &s->frames[id / 64];

    assert(bit(f->taken, id) != taken && bit(f->heap, id));
    f->taken ^= UINT64_C(1) << (id % 64);
    s->nr_taken += taken ? 1 : -1U;
    s->m.counters.node_free[node_of(s, id)] += taken ? UINT64_MAX : 1;
    if ( taken )
        s->budget[node_of(s, id)]--;
}

/* ---- looking for free ones ---- */

static bool is_free(const struct model_hv *s, uint32_t id, bool coloured)
{
    const struct model_hv_frames *f = &s->frames[id / 64];

    return bit(f->heap, id) != coloured && !bit(f->taken, id) &&
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

void model_hv_blocks(const struct model_hv *s, struct hv_capacity *c,
                     uint32_t counts[HV_BLOCK_COUNTS_MAX])
{
    uint64_t f = HV_FRAME_BASE, end = f + host_pages(s);

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
            counts[(node_of(s, id) * c->zones + zone_of(f) - HV_ZONE_FIRST) *
                       c->orders +
                   order - 1]++;
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
             !(want->nodes >> node_of(s, (uint32_t)(f - HV_FRAME_BASE)) & 1) ||
             !is_block(s, f, want->order, want->coloured) )
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

/* Pages of the heap that have an owner, of one word. */
static uint64_t named_in(const struct model_hv *s, unsigned int w)
{
    uint64_t named = 0;

    for ( unsigned int i = 0; i < 64; i++ )
        named |= (uint64_t)(s->m.page[w * 64 + i].owner != MODEL_NOBODY) << i;

    return named & s->frames[w].heap;
}

/* Whose frames without a name are released, in this order. */
enum hidden
{
    HIDDEN_LOST,  /* of those that just lost it */
    HIDDEN_OTHER, /* of those that dom0 did not get at boot */
    HIDDEN_DOM0,
};

static uint64_t hidden_in(const struct model_hv_frames *f, enum hidden which)
{
    uint64_t set = which == HIDDEN_LOST    ? f->lost
                   : which == HIDDEN_OTHER ? ~f->booted
                                           : f->booted;

    return set & f->taken & ~f->named;
}

/* Release frames of a set, until nr are taken. */
static void release(struct model_hv *s, enum hidden which, uint32_t nr)
{
    for ( unsigned int w = 0; w < words(s) && s->nr_taken > nr; w++ )
        for ( uint64_t bits = hidden_in(&s->frames[w], which);
              bits && s->nr_taken > nr; bits &= bits - 1 )
            set_taken(s, w * 64 + (unsigned int)__builtin_ctzll(bits), false);
}

/* Take free frames of some nodes, until nr are taken. */
static void take(struct model_hv *s, uint32_t nodes, uint32_t nr)
{
    for ( unsigned int w = 0; nodes && w < words(s) && s->nr_taken < nr; w++ )
        for ( uint64_t bits = s->frames[w].heap & ~s->frames[w].taken;
              bits && s->nr_taken < nr; bits &= bits - 1 )
        {
            uint32_t id = w * 64 + (unsigned int)__builtin_ctzll(bits);

            if ( nodes >> node_of(s, id) & 1 && s->budget[node_of(s, id)] )
                set_taken(s, id, true);
        }
}

void model_hv_settle(struct model_hv *s, uint32_t first, uint32_t next)
{
    uint32_t nr = s->heap_pages - (uint32_t)s->m.counters.free;

    assert(s->m.counters.free <= s->heap_pages);
    for ( unsigned int w = 0; w < words(s); w++ )
    {
        struct model_hv_frames *f = &s->frames[w];
        uint64_t now = named_in(s, w);

        for ( uint64_t bits = now & ~f->taken; bits; bits &= bits - 1 )
            set_taken(s, w * 64 + (unsigned int)__builtin_ctzll(bits), true);
        f->lost = f->named & ~now;
        f->named = now;
    }
    release(s, HIDDEN_LOST, nr);
    release(s, HIDDEN_OTHER, nr);
    release(s, HIDDEN_DOM0, nr);
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
    memset(s->frames, 0, words(s) * sizeof(s->frames[0]));
    for ( uint32_t id = 0; id < host_pages(s); id++ )
        if ( id % node_pages < heap )
            s->frames[id / 64].heap |= UINT64_C(1) << (id % 64);
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

        s->frames[id / 64].booted |= UINT64_C(1) << (id % 64);
        s->frames[id / 64].taken |= UINT64_C(1) << (id % 64);
        view->node_free[n]--;
    }
}
