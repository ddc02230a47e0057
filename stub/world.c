/* SPDX-License-Identifier: MIT */
/*
 * A host after boot, for any shape; reset to it by copying a cached image; and
 * the hash of the state.
 *
 * The caller's memory is not part of the hash: a failed call must leave the
 * hash as it was, and writing its arguments already changes that memory.
 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "world.h"
#include "marks/marks.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A coloured host sets a half of each node, rounded up, aside for domains. */
#define COLOUR_SHARE 2

static void init_dom0(struct stub *s)
{
    struct world *w = &s->w;
    struct domain *d = &w->dom[0];
    uint32_t pages = w->pages / 2 < DOM0_PAGES ? w->pages / 2 : DOM0_PAGES;
    struct alloc_request req = { .dom = 0,
                                 .node = ALLOC_NO_NODE,
                                 .zone_max = HV_ZONES - 1 };

    d->present = 1;
    d->refs = 1;
    d->built = 1;
    s->alloc->domain_init(s->a, 0);
    s->alloc->set_max(s->a, 0, w->pages);

    /* At most half of the host, and a coloured heap has at least that. */
    while ( pages-- )
    {
        uint64_t frame = domheap_alloc(s, &req);

        BUG_IF(s, frame == ALLOC_NO_FRAME);
    }
}

static void world_init(struct stub *s, const struct host_shape *shape)
{
    struct world *w = &s->w;
    struct alloc_config config;

    memset(w, 0, sizeof(*w));
    w->release = shape->release;
    w->nodes = shape->nodes;
    w->node_pages = shape->node_pages;
    w->pages = w->nodes * w->node_pages;
    w->llc = shape->llc && s->facts->has_llc &&
             (s->alloc->caps & ALLOC_CAP_COLOUR);
    w->sets = s->alloc->caps & ALLOC_CAP_SETS ? s->facts->claim_sets : 0;
    w->fault = s->fault;
    memset(s->frame, 0, w->pages * sizeof(s->frame[0]));

    config = (struct alloc_config){
        .nodes = w->nodes,
        .node_pages = w->node_pages,
        .colour_pages = w->llc
                            ? (w->node_pages + COLOUR_SHARE - 1) / COLOUR_SHARE
                            : 0,
        .redeem_at_alloc = s->facts->redeem_at_alloc,
        .grow_on_free = s->facts->grow_on_free,
        .sets = w->sets,
        .fault = s->fault,
    };
    s->alloc->init(s->a, &config);
    init_dom0(s);
}

/* ---- snapshots ---- */

static size_t frames_size(const struct world *w)
{
    return w->pages * sizeof(struct frame);
}

static bool save_frames(const struct stub *s, struct snapshot *into)
{
    struct frame *frame = realloc(into->frame, frames_size(&s->w));

    if ( !frame )
        return false;
    into->frame = memcpy(frame, s->frame, frames_size(&s->w));

    return true;
}

struct snapshot *world_save(const struct stub *s, struct snapshot *into)
{
    struct snapshot *saved = into ? into : calloc(1, sizeof(*saved));

    if ( !saved )
        return NULL;
    saved->world = s->w;
    saved->alloc = s->alloc->save(s->a, saved->alloc);
    if ( saved->alloc && save_frames(s, saved) )
        return saved;
    world_discard(s, saved);

    return NULL;
}

void world_restore(struct stub *s, const struct snapshot *saved)
{
    s->w = saved->world;
    memcpy(s->frame, saved->frame, frames_size(&s->w));
    s->alloc->restore(s->a, saved->alloc);
    s->facts = release_facts(s->w.release);
}

void world_discard(const struct stub *s, struct snapshot *saved)
{
    if ( !saved )
        return;
    if ( saved->alloc )
        s->alloc->discard(saved->alloc);
    free(saved->frame);
    free(saved);
}

/* ---- booting ---- */

static bool same_shape(const struct host_shape *a, const struct host_shape *b)
{
    return a->release == b->release && a->nodes == b->nodes &&
           a->node_pages == b->node_pages && a->llc == b->llc;
}

/* The image of a shape, or NULL: it is not in the cache. */
static const struct image *image_of(struct stub *s,
                                    const struct host_shape *shape)
{
    const struct image *image = &s->image[s->last_image];

    if ( image->host && same_shape(&image->shape, shape) )
        return image;

    for ( uint32_t i = 0; i < IMAGES_MAX; i++ )
        if ( s->image[i].host && same_shape(&s->image[i].shape, shape) )
        {
            s->last_image = i;
            return &s->image[i];
        }

    return NULL;
}

/* Boot a host of that shape, or take its image from the cache. */
static void boot(struct stub *s, const struct host_shape *shape)
{
    const struct image *known = image_of(s, shape);
    struct image *image;

    if ( known )
    {
        world_restore(s, known->host);
        return;
    }

    s->last_image = s->next_image;
    s->next_image = (s->next_image + 1) % IMAGES_MAX;
    image = &s->image[s->last_image];
    MARK_IF(image->host, image_dropped);
    image->shape = *shape;
    world_init(s, shape);
    /* Out of memory: there is no image then, and it boots each time. */
    image->host = world_save(s, image->host);
}

void world_reset(struct stub *s, const struct host_shape *shape,
                 const struct hv_hooks *hooks)
{
    assert(shape->release < RELEASE_COUNT);
    assert(shape->nodes >= 1 && shape->nodes <= HV_NODES_MAX);
    assert(shape->node_pages >= 1 && shape->node_pages <= HV_NODE_PAGES_MAX);
    assert(!s->ops.node_pages_max ||
           shape->node_pages <= s->ops.node_pages_max);

    /* Nobody watches booting. */
    s->hooks = (struct hv_hooks){ .ctx = NULL };
    s->facts = release_facts(shape->release);
    boot(s, shape);
    guest_reset(&s->guest);
    s->told_free = 0;
    s->boot_hits = world_fault_hits(s);
    if ( hooks )
        s->hooks = *hooks;
}

uint32_t world_fault_hits(const struct stub *s)
{
    return s->w.fault_hits +
           (s->alloc == &buddy_allocator ? buddy_fault_hits(s->a) : 0);
}

uint64_t world_hash(struct stub *s)
{
    const struct world *w = &s->w;
    uint64_t h = s->alloc->hash(s->a);

    h = XXH3_64bits_withSeed(w, sizeof(*w), h);

    return XXH3_64bits_withSeed(s->frame, frames_size(w), h);
}
