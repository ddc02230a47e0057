/* SPDX-License-Identifier: MIT */
/*
 * The public face of the stub: opening it, the operation table, and what is
 * seen from outside without a hypercall.
 */
#include "world.h"

#include "hypervisor/room.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void stub_reset(void *hv, const struct host_shape *shape,
                       const struct hv_hooks *hooks)
{
    world_reset(hv, shape, hooks);
}

static void *stub_guest(void *hv, uint64_t addr, size_t len)
{
    struct stub *s = hv;

    return guest_pointer(&s->guest, addr, len);
}

static int stub_page_id(void *hv, uint64_t frame)
{
    const struct stub *s = hv;
    uint64_t id = frame - HV_FRAME_BASE;

    return id < s->w.pages ? (int)id : -1;
}

static uint64_t stub_page_frame(void *hv, int id)
{
    const struct stub *s = hv;

    assert(id >= 0 && (uint32_t)id < s->w.pages);
    return HV_FRAME_BASE + (uint64_t)id;
}

/* Of drafts with claim sets. */
static void observe_parts(struct stub *s, struct hv_view *view)
{
    struct alloc_parts parts;

    s->alloc->parts(s->a, &parts);
    for ( uint32_t n = 0; n < HV_NODES_MAX; n++ )
        view->node_claimed[n] = parts.node_claimed[n];
    for ( uint32_t i = 0; i < HV_DOMS_MAX; i++ )
        if ( s->w.dom[i].present )
            memcpy(view->node_claim[i], parts.dom[i].node,
                   sizeof(view->node_claim[i]));
        else
            memset(view->node_claim[i], 0, sizeof(view->node_claim[i]));
}

/* Those that are there, a bit for each; all but what is counted for them. */
static uint32_t observe_states(const struct stub *s, struct hv_view *view)
{
    static const uint8_t state[] = { [DYING_NO] = HV_DOM_ALIVE,
                                     [DYING_DYING] = HV_DOM_DYING,
                                     [DYING_DEAD] = HV_DOM_DEAD };
    const struct domain *d = s->w.dom;
    struct hv_domain_view *v = view->dom;
    uint32_t there = 0;

    for ( unsigned int i = 0; i < HV_DOMS_MAX; i++, d++, v++ )
    {
        if ( !d->present )
        {
            *v = (struct hv_domain_view){ .state = HV_DOM_ABSENT };
            continue;
        }
        there |= UINT32_C(1) << i;
        v->state = state[d->dying];
        v->stash = v->stash_node = 0;
        if ( __builtin_expect(d->stash != 0, 0) )
            stash_observe(s, d, v);
    }

    return there;
}

static void stub_observe(void *hv, struct hv_view *view)
{
    struct stub *s = hv;

    s->alloc->heap(s->a, &view->free, &view->claimed);
    s->alloc->node_free(s->a, view->node_free);
    s->alloc->counts(s->a, observe_states(s, view), view->dom);
    if ( s->w.sets )
        observe_parts(s, view);
}

static void stub_heap(void *hv, uint64_t *free, uint64_t *claimed)
{
    struct stub *s = hv;

    s->alloc->heap(s->a, free, claimed);
}

static void stub_capacity(void *hv, struct hv_capacity *c)
{
    struct stub *s = hv;

    s->alloc->capacity(s->a, c);
}

static uint32_t stub_fetched_twice(void *hv)
{
    struct stub *s = hv;
    uint32_t twice = s->guest.twice;

    s->guest.twice = 0;
    return twice;
}

static void stub_flip(void *hv, uint64_t addr)
{
    ((struct stub *)hv)->guest.flip = addr;
}

static void stub_readonly(void *hv, uint32_t windows)
{
    ((struct stub *)hv)->guest.readonly = windows;
}

static uint64_t stub_hash(void *hv)
{
    return world_hash(hv);
}

/* All the stub can do whatever stands below it. */
#define CAPS                                                                  \
    (HV_CAP_STEPWISE | HV_CAP_ANON | HV_CAP_EXTRA | HV_CAP_CALLERS |          \
     HV_CAP_AUDIT | HV_CAP_HOOKS | HV_CAP_EXACT | HV_CAP_HASH |               \
     HV_CAP_SHAPE | HV_CAP_FETCHES | HV_CAP_DOM0_PAGES | HV_CAP_COMMANDS |    \
     HV_CAP_FLIP | HV_CAP_CONTROL | HV_CAP_SAVE | HV_CAP_READONLY)

static void *stub_save(void *hv, void *into)
{
    return world_save(hv, into);
}

static void stub_restore(void *hv, const void *saved)
{
    world_restore(hv, saved);
}

static void stub_discard(void *hv, void *saved)
{
    world_discard(hv, saved);
}

/* Of each page of the largest host. */
#define FRAMES_SIZE (HV_PAGES_MAX * sizeof(struct frame))
#define CHUNK_SIZE (HV_PAGES_MAX * sizeof(uint32_t))

static void free_rooms(struct stub *s)
{
    room_free(s->frame, FRAMES_SIZE);
    room_free(s->chunk_in, CHUNK_SIZE);
    room_free(s->chunk_out, CHUNK_SIZE);
    free(s);
}

static void stub_close(void *hv)
{
    struct stub *s = hv;

    for ( uint32_t i = 0; i < IMAGES_MAX; i++ )
        world_discard(s, s->image[i].host);
    s->alloc->close(s->a);
    free_rooms(s);
}

static const struct hypervisor_ops stub_ops = {
    .name = "stub",
    .caps = CAPS,
    .domain_pages = DOMAIN_PAGES,
    .reset = stub_reset,
    .guest = stub_guest,
    .flip = stub_flip,
    .readonly = stub_readonly,
    .memory_op = stub_memory_op,
    .domctl = stub_domctl,
    .sysctl = stub_sysctl,
    .map = stub_map,
    .unmap = stub_unmap,
    .anon_alloc = stub_anon_alloc,
    .anon_free = stub_anon_free,
    .extra_alloc = stub_extra_alloc,
    .extra_free = stub_extra_free,
    .break_page = stub_break_page,
    .write = stub_write,
    .page = stub_page,
    .scrub_pages = stub_scrub_pages,
    .page_id = stub_page_id,
    .page_frame = stub_page_frame,
    .observe = stub_observe,
    .heap = stub_heap,
    .audit = stub_audit,
    .fetched_twice = stub_fetched_twice,
    .hash = stub_hash,
    .save = stub_save,
    .restore = stub_restore,
    .discard = stub_discard,
    .fault_hits = stub_fault_hits,
    .close = stub_close,
};

/* What the stub can do if its allocator can. */
static const struct
{
    uint32_t alloc, hv;
} by_allocator[] = {
    { ALLOC_CAP_COLOUR, HV_CAP_LLC },
    { ALLOC_CAP_SETS, HV_CAP_SETS },
    { ALLOC_CAP_OFFLINE, HV_CAP_OFFLINE | HV_CAP_BREAK },
    { ALLOC_CAP_CONTENTS, HV_CAP_CONTENTS },
    { ALLOC_CAP_EXCHANGE, HV_CAP_EXCHANGE },
    { ALLOC_CAP_STASH, HV_CAP_STASH },
};

/* With what depends on the allocator. */
static struct hypervisor_ops ops_of(const struct allocator_ops *alloc)
{
    struct hypervisor_ops ops = stub_ops;

    ops.node_pages_max = alloc->node_pages_max;
    if ( alloc->capacity )
    {
        ops.capacity = stub_capacity;
        ops.caps |= HV_CAP_CAPACITY;
    }
    if ( alloc->begin )
        ops.caps |= HV_CAP_NO_OWNER;
    for ( size_t i = 0; i < sizeof(by_allocator) / sizeof(by_allocator[0]);
          i++ )
        if ( alloc->caps & by_allocator[i].alloc )
            ops.caps |= by_allocator[i].hv;

    return ops;
}

bool stub_open(struct hypervisor *h, const struct stub_options *options,
               const char **why)
{
    const struct host_shape shape = { .release = RELEASE_DEFAULT,
                                      .nodes = 1,
                                      .node_pages = 64 };
    const struct allocator_ops *alloc = options->allocator ? options->allocator
                                                           : &buddy_allocator;
    uint32_t fault;
    struct stub *s;

    if ( !fault_number(options->fault, &fault, why) )
        return false;
    *why = "out of memory";
    s = calloc(1, sizeof(*s));
    if ( !s )
        return false;
    s->alloc = alloc;
    s->fault = fault;
    s->svc = (struct alloc_services){
        .ctx = s,
        .lock = stub_lock,
        .unlock = stub_unlock,
        .dying = domain_dying,
        .fail = stub_fail,
    };
    s->a = alloc->open(&s->svc);
    s->frame = room_new(FRAMES_SIZE);
    s->chunk_in = room_new(CHUNK_SIZE);
    s->chunk_out = room_new(CHUNK_SIZE);
    if ( !s->a || !s->frame || !s->chunk_in || !s->chunk_out )
    {
        if ( s->a )
            alloc->close(s->a);
        free_rooms(s);
        return false;
    }
    s->ops = ops_of(alloc);
    guest_init(&s->guest, options->flat_memory);
    world_reset(s, &shape, NULL);
    h->ops = &s->ops;
    h->hv = s;

    return true;
}
