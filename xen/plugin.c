/* SPDX-License-Identifier: MIT */
/*
 * The plug-in: Xen's code as a hypervisor for the harness (docs/xen.md). Opening
 * it, the table of operations, and the front of memory_op.
 */
#include "../hypervisor/plugin.h"

#include "world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- memory_op ---- */

/* Commands that have to do with claims; all others are refused as the stub
 * does (rules 2.3). */
#define COMMANDS                                                              \
    (RESERVATION_COMMANDS | UINT64_C(1) << XENMEM_claim_pages |               \
     UINT64_C(1) << XENMEM_exchange |                                         \
     UINT64_C(1) << XENMEM_current_reservation |                              \
     UINT64_C(1) << XENMEM_maximum_reservation)

static long memory_op(void *hv, const struct hv_caller *caller, uint64_t *cmd,
                      uint64_t arg)
{
    struct xen *x = hv;
    const struct xen_caller from = {
        .slot = caller->domid,
        .control = caller->flags & HV_CALLER_CONTROL,
        .hardware = caller->flags & HV_CALLER_HARDWARE,
        .abi32 = caller->flags & HV_CALLER_ABI32,
    };

    guest_begin(&x->s.guest);
    if ( caller->flags & HV_CALLER_USER )
        return -EPERM;
    if ( !(COMMANDS >> (*cmd & MEMOP_CMD_MASK) & 1) )
        return -ENOSYS;

    return xen_memory_op(&from, cmd, arg);
}

/* ---- what is seen ---- */

static void *guest(void *hv, uint64_t addr, size_t len)
{
    struct xen *x = hv;

    return guest_pointer(&x->s.guest, addr, len);
}

static int page_id(void *hv, uint64_t frame)
{
    const struct xen *x = hv;
    uint64_t id = frame - HV_FRAME_BASE;

    return id < x->s.w.pages ? (int)id : -1;
}

static uint64_t page_frame(void *hv, int id)
{
    (void)hv;
    return HV_FRAME_BASE + (uint64_t)id;
}

static void observe_domain(const struct xen *x, unsigned int slot,
                           struct hv_domain_view *view)
{
    static const uint32_t state[] = { HV_DOM_ALIVE, HV_DOM_DYING,
                                      HV_DOM_DEAD };
    struct xen_counts c;

    if ( !x->s.w.dom[slot].present )
    {
        *view = (struct hv_domain_view){ .state = HV_DOM_ABSENT };
        return;
    }
    xen_counts(slot, &c);
    *view = (struct hv_domain_view){ .state = state[xen_domain_dying(slot)],
                                     .tot = c.tot,
                                     .extra = c.extra,
                                     .max = c.max,
                                     .claim = c.claim };
}

static void observe(void *hv, struct hv_view *view)
{
    const struct xen *x = hv;

    xen_heap(&view->free, &view->claimed);
    xen_node_free(view->node_free);
    for ( unsigned int slot = 0; slot < HV_DOMS_MAX; slot++ )
        observe_domain(x, slot, &view->dom[slot]);
}

static void heap(void *hv, uint64_t *free, uint64_t *claimed)
{
    (void)hv;
    xen_heap(free, claimed);
}

static void capacity(void *hv, struct hv_capacity *c)
{
    struct xen *x = hv;

    if ( x->capacity_of != xen_heap_changes )
    {
        xen_capacity(&x->capacity, x->counts);
        x->capacity_of = xen_heap_changes;
    }

    *c = x->capacity;
}

static const char *audit(void *hv, char *why, size_t size)
{
    (void)hv;
    return xen_audit(why, size);
}

static uint32_t fetched_twice(void *hv)
{
    struct xen *x = hv;
    uint32_t twice = x->s.guest.twice;

    x->s.guest.twice = 0;
    return twice;
}

static void flip(void *hv, uint64_t addr)
{
    ((struct xen *)hv)->s.guest.flip = addr;
}

static void readonly(void *hv, uint32_t windows)
{
    ((struct xen *)hv)->s.guest.readonly = windows;
}

/* Of the front end: who is there, and how often dom0 maps what. */
static uint64_t hash(void *hv)
{
    const struct xen *x = hv;
    uint64_t h = x->s.w.rover;

    for ( uint32_t slot = 0; slot < HV_DOMS_MAX; slot++ )
        h = h * 31 + x->s.w.dom[slot].present * 2u +
            x->s.w.dom[slot].pause_count;
    for ( uint32_t i = 0; i < x->s.w.pages; i++ )
        h = h * 31 + x->maps[i];

    return xen_hash(h);
}

static void reset(void *hv, const struct host_shape *shape,
                  const struct hv_hooks *hooks)
{
    struct xen *x = hv;

    /* Nobody watches booting. */
    x->s.hooks = (struct hv_hooks){ .ctx = NULL };
    x->s.facts = release_facts(shape->release);
    machine_reset(x, shape);
    guest_reset(&x->s.guest);
    x->s.told_free = 0;
    if ( hooks )
        x->s.hooks = *hooks;
    machine_events = x->s.hooks.events;
}

/* ---- snapshots ---- */

static void *save(void *hv, void *into)
{
    return machine_save(hv, into);
}

static void restore(void *hv, const void *saved)
{
    struct xen *x = hv;

    machine_restore(x, saved);
    x->s.facts = release_facts((enum release)x->shape.release);
}

static void discard(void *hv, void *saved)
{
    (void)hv;
    free(saved);
}

/* ---- opening ---- */

/* Which rules a tree follows is found by trying. */
static uint32_t follows(void *hv, const struct hv_facts **own)
{
    (void)hv;
    (void)own;
    return 0;
}

static void xen_close(void *hv)
{
    struct xen *x = hv;

    for ( uint32_t i = 0; i < XEN_IMAGES_MAX; i++ )
        free(x->image[i].host);
    if ( the_xen == x )
        the_xen = NULL;
    free(x);
}

/* What a tree puts aside is not looked for: a populate that is left unfinished
 * is offered where nothing is. */
#ifdef XEN_HAS_STASH
#define NOT_OFFERED (HV_CAP_LLC | HV_CAP_SETS | HV_CAP_STASH)
#else
#define NOT_OFFERED (HV_CAP_LLC | HV_CAP_SETS)
#endif

static const struct hypervisor_ops ops = {
    .name = "xen",
    .build = XEN_BUILD,
    .node_pages_max = MACHINE_NODE_PAGES_MAX,
    .caps = HV_CAPS_ALL & ~NOT_OFFERED,
    .domain_pages = DOMAIN_PAGES,
    .reset = reset,
    .follows = follows,
    .guest = guest,
    .flip = flip,
    .readonly = readonly,
    .memory_op = memory_op,
    .domctl = stub_domctl,
    .sysctl = stub_sysctl,
    .map = xen_map,
    .unmap = xen_unmap,
    .anon_alloc = xen_op_anon_alloc,
    .anon_free = xen_op_anon_free,
    .extra_alloc = xen_op_extra_alloc,
    .extra_free = xen_op_extra_free,
    .break_page = stub_break_page,
    .write = xen_op_write,
    .page = xen_op_page,
    .scrub_pages = xen_op_scrub_pages,
    .page_id = page_id,
    .page_frame = page_frame,
    .observe = observe,
    .heap = heap,
    .capacity = capacity,
    .audit = audit,
    .fetched_twice = fetched_twice,
    .hash = hash,
    .save = save,
    .restore = restore,
    .discard = discard,
    .close = xen_close,
};

static bool xen_open(struct hypervisor *h, const char *fault, const char **why)
{
    const struct host_shape shape = { .release = RELEASE_DEFAULT,
                                      .nodes = 1,
                                      .node_pages = 64 };
    struct xen *x;

    if ( fault )
    {
        *why = "Xen's own code has no planted faults, expected --on stub";
        return false;
    }
    if ( !machine_open(why) )
        return false;
    x = calloc(1, sizeof(*x));
    if ( !x )
    {
        *why = "out of memory";
        return false;
    }
    x->s.alloc = &xen_allocator;
    guest_init(&x->s.guest, false);
    reset(x, &shape, NULL);
    h->ops = &ops;
    h->hv = x;

    return true;
}

const struct claimcheck_plugin claimcheck_plugin = {
    CLAIMCHECK_PLUGIN_HEAD,
    .name = "xen",
    .open = xen_open,
};
