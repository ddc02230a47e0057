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
    d->created = 1;
    d->refs = 1;
    s->alloc->domain_init(w->alloc, 0);
    s->alloc->set_max(w->alloc, 0, w->pages);

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
    w->llc = shape->llc && s->facts->has_llc;
    w->fault = s->fault;

    config = (struct alloc_config){
        .nodes = w->nodes,
        .node_pages = w->node_pages,
        .colour_pages = w->llc
                            ? (w->node_pages + COLOUR_SHARE - 1) / COLOUR_SHARE
                            : 0,
        .redeem_at_alloc = s->facts->redeem_at_alloc,
        .grow_on_free = s->facts->grow_on_free,
        .fault = s->fault,
    };
    s->alloc->init(w->alloc, &config, &s->svc);
    w->alloc_used = s->alloc->state_used
                        ? (uint32_t)s->alloc->state_used(w->alloc)
                        : (uint32_t)s->alloc->state_size;
    assert(w->alloc_used <= ALLOC_STATE_MAX);
    init_dom0(s);
}

static void world_copy(struct world *to, const struct world *from)
{
    memcpy(to, from, offsetof(struct world, frame));
    memcpy(to->frame, from->frame, from->pages * sizeof(from->frame[0]));
    memcpy(to->alloc, from->alloc, from->alloc_used);
}

static bool same_shape(const struct host_shape *a, const struct host_shape *b)
{
    return a->release == b->release && a->nodes == b->nodes &&
           a->node_pages == b->node_pages && a->llc == b->llc;
}

/* The image of a shape, made if it is not in the cache. */
static const struct image *image_of(struct stub *s,
                                    const struct host_shape *shape)
{
    struct image *image = &s->image[s->last_image];

    if ( image->valid && same_shape(&image->shape, shape) )
        return image;

    for ( uint32_t i = 0; i < IMAGES_MAX; i++ )
        if ( s->image[i].valid && same_shape(&s->image[i].shape, shape) )
        {
            s->last_image = i;
            return &s->image[i];
        }

    s->last_image = s->next_image;
    s->next_image = (s->next_image + 1) % IMAGES_MAX;
    image = &s->image[s->last_image];
    MARK_IF(image->valid, image_dropped);
    image->shape = *shape;
    world_init(s, shape);
    world_copy(&image->world, &s->w);
    image->valid = true;

    return image;
}

void world_reset(struct stub *s, const struct host_shape *shape,
                 const struct hv_hooks *hooks)
{
    assert(shape->release < RELEASE_COUNT);
    assert(shape->nodes >= 1 && shape->nodes <= HV_NODES_MAX);
    assert(shape->node_pages >= 1 && shape->node_pages <= HV_NODE_PAGES_MAX);

    /* Nobody watches booting. */
    s->hooks = (struct hv_hooks){ .ctx = NULL };
    s->facts = release_facts(shape->release);
    world_copy(&s->w, &image_of(s, shape)->world);
    guest_reset(&s->guest);
    s->told_free = 0;
    s->boot_hits = world_fault_hits(s);
    if ( hooks )
        s->hooks = *hooks;
}

uint32_t world_fault_hits(const struct stub *s)
{
    return s->w.fault_hits +
           (s->alloc == &buddy_allocator ? buddy_fault_hits(s->w.alloc) : 0);
}

uint64_t world_hash(struct stub *s)
{
    struct world *w = &s->w;
    uint64_t h;

    /* The only pointer, which differs from process to process. */
    s->alloc->rebind(w->alloc, NULL);
    h = XXH3_64bits(w, offsetof(struct world, frame));
    h = XXH3_64bits_withSeed(w->frame, w->pages * sizeof(w->frame[0]), h);
    h = XXH3_64bits_withSeed(w->alloc, w->alloc_used, h);
    s->alloc->rebind(w->alloc, &s->svc);

    return h;
}
