/* SPDX-License-Identifier: MIT */
/*
 * The frames of the model as a hypervisor: which are free, and what a call
 * changes of that.
 *
 * The model knows by name most frames that are not free. The others (those of
 * dom0, of a domain's structures, of a list that could not be written) are some
 * frames, too: without that, blocks would be counted free that cannot be had.
 *
 * Not here: which of the free ones a call gets (model_hv_find.c).
 */
#include "internal.h"
#include "model_hv.h"

#include <assert.h>
#include <string.h>

static void set_taken(struct model_hv *s, uint32_t id, bool taken)
{
    struct model_hv_frames *f = &s->frames[id / 64];

    assert(model_hv_bit(f->taken, id) != taken && model_hv_bit(f->heap, id));
    f->taken ^= UINT64_C(1) << (id % 64);
    s->nr_taken += taken ? 1 : -1U;
    s->m.counters.node_free[model_hv_node(s, id)] += taken ? UINT64_MAX : 1;
    if ( taken )
        s->budget[model_hv_node(s, id)]--;
}

/* The same of some frames of one word. */
static void set_word_taken(struct model_hv *s, uint32_t w, uint64_t bits,
                           bool taken)
{
    struct model_hv_frames *f = &s->frames[w];
    uint32_t n;

    if ( s->shape.nodes > 1 )
    {
        for ( ; bits; bits &= bits - 1 )
            set_taken(s, w * 64 + (uint32_t)__builtin_ctzll(bits), taken);
        return;
    }
    if ( !bits )
        return;
    assert(!((taken ? f->taken : ~f->taken) & bits) && !(~f->heap & bits));
    n = (uint32_t)__builtin_popcountll(bits);
    f->taken ^= bits;
    s->nr_taken += taken ? n : -n;
    s->m.counters.node_free[0] += taken ? -(uint64_t)n : n;
    if ( taken )
        s->budget[0] -= n;
}

/* ---- after a call ---- */

static unsigned int words(const struct model_hv *s)
{
    return (model_hv_pages(s) + 63) / 64;
}

/* Pages of the heap that have an owner, or are out of use, of one word. */
static uint64_t named_in(const struct model_hv *s, unsigned int w)
{
    return (s->m.names[w].any | s->frames[w].stashed) & s->frames[w].heap;
}

/* Whose frames without a name are released, in this order. */
enum hidden
{
    HIDDEN_LOST,  /* of those that just lost it */
    HIDDEN_OTHER, /* of those that dom0 did not get at boot */
    HIDDEN_DOM0,
};

static uint64_t hidden_in(const struct model_hv *s, unsigned int w,
                          enum hidden which)
{
    const struct model_hv_frames *f = &s->frames[w];
    uint64_t set = which == HIDDEN_LOST    ? f->lost
                   : which == HIDDEN_OTHER ? ~f->booted
                                           : f->booted;

    return set & f->taken & ~named_in(s, w);
}

/* A frame goes out of use as it is released, if it was to. */
static bool goes_out(struct model_hv *s, uint32_t id)
{
    struct model_page *page = &s->m.page[id];

    if ( (page->offline & MODEL_STATES) != MODEL_STATES )
        return false;
    page->offline ^= MODEL_OFFLINING;
    s->m.hidden--;
    s->m.counters.free--;
    model_set_named(&s->m, (int)id, true);

    return true;
}

void model_hv_go_untold(struct model_hv *s, uint64_t start, uint64_t end)
{
    for ( uint64_t frame = start; frame <= end; frame++ )
    {
        int id = s->m.page_id(s->m.hv, frame);

        if ( id < 0 )
            return;
        if ( !model_hv_bit(s->frames[id / 64].taken, (uint32_t)id) )
            goes_out(s, (uint32_t)id);
    }
}

/* Release frames of a set, until *nr are taken: more if some go out of use. */
static void release(struct model_hv *s, enum hidden which, uint32_t *nr)
{
    for ( unsigned int w = 0; w < words(s) && s->nr_taken > *nr; w++ )
    {
        uint64_t bits = hidden_in(s, w, which);

        if ( !s->m.hidden &&
             (uint32_t)__builtin_popcountll(bits) <= s->nr_taken - *nr )
        {
            set_word_taken(s, w, bits, false);
            continue;
        }
        for ( ; bits && s->nr_taken > *nr; bits &= bits - 1 )
        {
            uint32_t id = w * 64 + (unsigned int)__builtin_ctzll(bits);

            if ( goes_out(s, id) )
                ++*nr;
            else
                set_taken(s, id, false);
        }
    }
}

/* Take free frames of some nodes, until nr are taken. */
static void take(struct model_hv *s, uint32_t nodes, uint32_t nr)
{
    for ( unsigned int w = 0; nodes && w < words(s) && s->nr_taken < nr; w++ )
        for ( uint64_t bits = s->frames[w].heap & ~s->frames[w].taken;
              bits && s->nr_taken < nr; bits &= bits - 1 )
        {
            uint32_t id = w * 64 + (unsigned int)__builtin_ctzll(bits);

            if ( nodes >> model_hv_node(s, id) & 1 &&
                 s->budget[model_hv_node(s, id)] )
                set_taken(s, id, true);
        }
}

void model_hv_settle(struct model_hv *s, uint32_t first, uint32_t next)
{
    uint32_t nr = s->heap_pages - (uint32_t)s->m.counters.free;
    unsigned int nr_words = words(s);

    assert(s->m.counters.free <= s->heap_pages);
    for ( unsigned int w = 0; w < nr_words; w++ )
    {
        struct model_hv_frames *f = &s->frames[w];
        uint64_t now = named_in(s, w);

        set_word_taken(s, w, now & ~f->taken, true);
        f->lost = f->named & ~now;
        f->named = now;
    }
    for ( unsigned int i = HIDDEN_LOST; s->nr_taken > nr && i <= HIDDEN_DOM0;
          i++ )
        release(s, (enum hidden)i, &nr);
    if ( s->nr_taken < nr )
    {
        take(s, first, nr);
        take(s, next, nr);
        take(s, UINT32_MAX, nr);
    }
    assert(s->nr_taken == nr);
}

void model_hv_mark(struct model_hv *s, uint64_t frame, uint32_t pages,
                   bool aside, bool freed)
{
    for ( uint64_t f = frame; f < frame + pages; f++ )
    {
        uint32_t id = (uint32_t)(f - HV_FRAME_BASE);
        struct model_hv_frames *at = &s->frames[id / 64];
        uint64_t bit = UINT64_C(1) << (id % 64);

        at->stashed = aside ? at->stashed | bit : at->stashed & ~bit;
        if ( !freed )
            continue;
        at->named &= ~bit;
        set_taken(s, id, false);
    }
}

/* Frames from one id up to another are of the heap. */
static void add_heap(struct model_hv *s, uint32_t id, uint32_t end)
{
    for ( ; id < end; id = (id | 63) + 1 )
    {
        uint64_t bits = UINT64_MAX << (id % 64);

        if ( end - id < 64 - id % 64 )
            bits &= (UINT64_C(1) << (end % 64)) - 1;
        s->frames[id / 64].heap |= bits;
    }
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
    assert(s->shape.nodes);
    view->free = s->heap_pages - dom0;
    for ( unsigned int n = 0; n < s->shape.nodes; n++ )
    {
        add_heap(s, n * node_pages, n * node_pages + heap);
        view->node_free[n] = heap;
    }
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
