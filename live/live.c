/* SPDX-License-Identifier: MIT */
/*
 * struct hypervisor_ops over a real Xen. Not here: looking and cleaning up
 * (host.c), what must not be called (harmless.c).
 */
#define _GNU_SOURCE
#include "live.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "internal.h"

#define PAGE_BYTES 4096

/* Pages of these are wired by the kernel for hypercalls: never moved. */
#define BUFFER_DEVICE "/dev/xen/hypercall"

/* ------------------------------------------------------------------ *
 * Guest windows: at their fixed addresses in this process, which is the guest.
 * ------------------------------------------------------------------ */

/* [addr, addr+len) is mapped nowhere. */
static bool is_hole(uint64_t addr, size_t len)
{
    void *want = (void *)(uintptr_t)addr;
    void *got = mmap(want, len, PROT_NONE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

    if ( got != MAP_FAILED )
        munmap(got, len);

    return got == want;
}

static bool map_window(int device, uint64_t start, uint64_t end)
{
    void *want = (void *)(uintptr_t)start;
    void *got = mmap(want, end - start, PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_FIXED_NOREPLACE, device, 0);

    return got == want && is_hole(end, PAGE_BYTES);
}

static void unmap_windows(void)
{
    munmap((void *)(uintptr_t)GUEST_ARG_START,
           GUEST_ARG_END - GUEST_ARG_START);
    munmap((void *)(uintptr_t)GUEST_LIST_START,
           GUEST_LIST_END - GUEST_LIST_START);
}

static bool map_windows(void)
{
    int device = open(BUFFER_DEVICE, O_RDWR | O_CLOEXEC);
    bool good = device >= 0 &&
                map_window(device, GUEST_ARG_START, GUEST_ARG_END) &&
                map_window(device, GUEST_LIST_START, GUEST_LIST_END) &&
                is_hole(GUEST_UNMAPPED, PAGE_BYTES);

    if ( device >= 0 )
        close(device);
    if ( !good )
        unmap_windows();

    return good;
}

static bool within(uint64_t addr, size_t len, uint64_t start, uint64_t end)
{
    return addr >= start && addr <= end && len <= end - addr;
}

static void *live_guest(void *hv, uint64_t addr, size_t len)
{
    (void)hv;
    if ( within(addr, len, GUEST_ARG_START, GUEST_ARG_END) ||
         within(addr, len, GUEST_LIST_START, GUEST_LIST_END) )
        return (void *)(uintptr_t)addr;

    return NULL;
}

/* ------------------------------------------------------------------ *
 * Hypercalls.
 * ------------------------------------------------------------------ */

/* Remembers the frames that a reservation call gave to dom0. */
static void note_dom0_frames(struct live *l, uint64_t cmd,
                             const struct xen_memory_reservation *r, long rc)
{
    unsigned int op = cmd & MEMOP_CMD_MASK;
    uint64_t i, start = cmd >> MEMOP_EXTENT_SHIFT;
    const uint64_t *list;

    if ( rc <= 0 || (uint64_t)rc <= start ||
         (r->domid != 0 && r->domid != DOMID_SELF) ||
         (op != XENMEM_populate_physmap && op != XENMEM_increase_reservation) )
        return;

    for ( i = start; i < (uint64_t)rc; i++ )
    {
        list = live_guest(l, (uintptr_t)(r->extent_start.p + i), 8);
        if ( list && l->nr_dom0_frames < LIVE_DOM0_FRAMES_MAX )
            l->dom0_frame[l->nr_dom0_frames++] = *list;
    }
}

/* Errors are from -1 to this. */
#define ERRNO_MAX 4095

/* These return a page count, which Linux hands on as an int: what looks like a
 * large negative number, or like EPERM (which dom0 cannot get), is a count. */
static bool is_page_count(uint64_t cmd)
{
    return cmd == XENMEM_current_reservation ||
           cmd == XENMEM_maximum_reservation;
}

static long live_memory_op(void *hv, const struct hv_caller *caller,
                           uint64_t *cmd, uint64_t arg)
{
    struct live *l = hv;
    struct xen_memory_reservation resv;
    void *at = live_guest(l, arg, sizeof(resv));
    long rc;

    if ( caller->domid != 0 )
        return -EPERM;
    if ( at )
        memcpy(&resv, at, sizeof(resv));
    if ( live_own_argument(arg) ||
         live_memory_op_harm(l, *cmd, at ? &resv : NULL) )
        return -EPERM;

    rc = calls_do2(&l->calls, __HYPERVISOR_memory_op, *cmd, arg);
    if ( is_page_count(*cmd) && (rc == -1 || rc < -ERRNO_MAX) )
        rc = (long)(uint32_t)rc;
    if ( at )
        note_dom0_frames(l, *cmd, &resv, rc);

    return rc;
}

static long live_domctl(void *hv, const struct hv_caller *caller, uint64_t arg)
{
    struct live *l = hv;
    struct xen_domctl *op = live_guest(l, arg, sizeof(*op));
    uint32_t cmd;
    long rc;

    if ( caller->domid != 0 )
        return -EPERM;
    if ( !op )
        return calls_do1(&l->calls, __HYPERVISOR_domctl, arg);

    memcpy(&cmd, &op->cmd, sizeof(cmd));
    /* With the rules of another release the engine sends that one's version,
     * which this Xen would refuse before anything of interest. */
    if ( op->interface_version == l->sent_domctl )
        op->interface_version = hv_domctl_version(l->shape.release);
    rc = calls_do1(&l->calls, __HYPERVISOR_domctl, arg);

    if ( cmd == XEN_DOMCTL_createdomain && rc == 0 )
    {
        /* Ids that Xen chose itself are not in anybody's slot; gone again. */
        if ( op->domain >= HV_DOMS_MAX )
            calls_destroy(&l->calls, op->domain);
        else
            __atomic_fetch_or(live_domids(l), 1U << op->domain,
                              __ATOMIC_RELEASE);
    }
    return rc;
}

static long live_sysctl(void *hv, const struct hv_caller *caller, uint64_t arg)
{
    struct live *l = hv;
    struct xen_sysctl *op = live_guest(l, arg, sizeof(*op));
    long rc;

    if ( caller->domid != 0 )
        return -EPERM;
    if ( op && op->interface_version == l->sent_sysctl )
        op->interface_version = hv_sysctl_version(l->shape.release);
    rc = calls_do1(&l->calls, __HYPERVISOR_sysctl, arg);
    if ( rc || !op )
        return rc;

    /* As in live_observe(). */
    if ( op->cmd == XEN_SYSCTL_physinfo )
    {
        op->u.physinfo.free_pages -= l->leaked;
        op->u.physinfo.outstanding_pages -= l->leaked;
    }
    else if ( op->cmd == XEN_SYSCTL_numainfo && op->u.numainfo.meminfo.p &&
              l->big_node < op->u.numainfo.num_nodes )
        op->u.numainfo.meminfo.p[l->big_node].memfree -=
            l->leaked * PAGE_BYTES;

    return rc;
}

/* ------------------------------------------------------------------ *
 * Mappings: one frame each.
 * ------------------------------------------------------------------ */

static struct live_map *find_map(struct live *l, uint16_t domid,
                                 uint64_t frame)
{
    unsigned int i;

    for ( i = 0; i < LIVE_MAPS_MAX; i++ )
        if ( l->map[i].at && l->map[i].domid == domid &&
             l->map[i].frame == frame )
            return &l->map[i];

    return NULL;
}

static bool exists(struct live *l, uint16_t domid)
{
    long i, nr = calls_domains(&l->calls);

    for ( i = 0; i < nr; i++ )
        if ( l->calls.buf->info[i].domain == domid )
            return true;

    return false;
}

static long live_map(void *hv, uint16_t domid, uint64_t frame)
{
    struct live *l = hv;
    xen_pfn_t pfn = frame;
    unsigned int i = 0;
    int err = 0;
    void *at;

    if ( !exists(l, domid) )
        return -ESRCH;
    while ( i < LIVE_MAPS_MAX && l->map[i].at )
        i++;
    if ( i == LIVE_MAPS_MAX )
        return -ENOSPC;

    at = xenforeignmemory_map(l->foreign, domid, PROT_READ, 1, &pfn, &err);
    if ( !at )
        return -EINVAL;
    if ( err )
    {
        xenforeignmemory_unmap(l->foreign, at, 1);
        return -EINVAL;
    }
    l->map[i] = (struct live_map){ .at = at, .frame = frame, .domid = domid };

    return 0;
}

static long live_unmap(void *hv, uint16_t domid, uint64_t frame)
{
    struct live *l = hv;
    struct live_map *m = find_map(l, domid, frame);

    if ( !m )
        return exists(l, domid) ? -EINVAL : -ESRCH;
    xenforeignmemory_unmap(l->foreign, m->at, 1);
    m->at = NULL;

    return 0;
}

static int live_page_id(void *hv, uint64_t frame)
{
    struct live *l = hv;

    return frame <= l->max_frame ? frames_id(&l->frames, frame) : -1;
}

/* An id that was not given out yet is a frame beyond the host's last. */
static uint64_t live_page_frame(void *hv, int id)
{
    struct live *l = hv;

    if ( id >= 0 && (uint32_t)id < l->frames.nr )
        return l->frames.frame[id];

    return l->max_frame + 1 + (uint32_t)id;
}

/* ------------------------------------------------------------------ *
 * Opening, resetting, closing.
 * ------------------------------------------------------------------ */

static void live_reset(void *hv, const struct host_shape *shape,
                       const struct hv_hooks *hooks)
{
    struct live *l = hv;
    uint32_t left = live_clean(l);

    /* There is only this host's own; but its program's release says which
     * interface versions its caller will send. */
    l->sent_domctl = hv_domctl_version(shape->release);
    l->sent_sysctl = hv_sysctl_version(shape->release);
    l->hooks = hooks;
    if ( left )
    {
        fprintf(stderr, "live: domains %#x are destroyed but stay: something "
                "else holds a reference to them\n", left);
        abort();
    }
    frames_forget(&l->frames);
    live_measure_leak(l);
}

static void live_close(void *hv)
{
    struct live *l = hv;

    live_clean(l);
    xenforeignmemory_close(l->foreign);
    calls_close(&l->calls);
    guardian_stop(&l->guardian);
    unmap_windows();
    free(l);
}

static struct host_shape own_shape(void *hv)
{
    return ((const struct live *)hv)->shape;
}

static const char *live_refuses(void *hv, const struct hv_call *call)
{
    const struct hypervisor h = { .hv = hv };
    const char *reason;

    live_harmless(&h, call, &reason);
    return reason;
}

static const struct hypervisor_ops live_ops = {
    .name = "live",
    .caps = LIVE_CAPS,
    .reset = live_reset,
    .shape = own_shape,
    .refuses = live_refuses,
    .guest = live_guest,
    .memory_op = live_memory_op,
    .domctl = live_domctl,
    .sysctl = live_sysctl,
    .map = live_map,
    .unmap = live_unmap,
    .page_id = live_page_id,
    .page_frame = live_page_frame,
    .observe = live_observe,
    .close = live_close,
};

/* The newest release of the table that is not newer than this Xen. */
static bool find_release(struct live *l, const char **why)
{
    int major, minor, point, found = -1;
    unsigned int r;

    if ( calls_version(&l->calls, &major, &minor, &point) )
    {
        *why = "Xen does not tell its version";
        return false;
    }
    for ( r = 0; r < RELEASE_COUNT; r++ )
    {
        int ma = 0, mi = 0, po = 0;

        sscanf(release_name(r), "%d.%d.%d", &ma, &mi, &po);
        if ( ma == major && mi == minor && po <= (point < 0 ? 0 : point) )
            found = (int)r;
    }
    if ( found < 0 )
    {
        *why = "a Xen release that claimcheck does not know";
        return false;
    }
    l->shape.release = (uint8_t)found;

    return true;
}

/* Is the host ours to play with? Notes its shape. */
static bool look(struct live *l, bool force, const char **why)
{
    const struct xen_sysctl_physinfo *phys = &l->calls.buf->sysctl.u.physinfo;
    uint64_t pages;
    long nr;

    if ( !find_release(l, why) )
        return false;
    nr = calls_domains(&l->calls);
    if ( nr < 1 || l->calls.buf->info[0].domain != 0 ||
         calls_physinfo(&l->calls) )
    {
        *why = "no sysctl: not a control domain, or a Xen whose interface "
               "versions are not those of the headers this was built with";
        return false;
    }
    l->dom0_max_kb = l->calls.buf->info[0].max_pages * (PAGE_BYTES / 1024);
    if ( nr > 1 && !force )
    {
        *why = "other domains exist";
        return false;
    }
    if ( phys->outstanding_pages && !force )
    {
        *why = "claims are outstanding";
        return false;
    }
    l->max_frame = phys->max_mfn;
    l->shape.nodes = (uint8_t)(phys->nr_nodes < HV_NODES_MAX ? phys->nr_nodes
                                                             : HV_NODES_MAX);
    pages = phys->total_pages / l->shape.nodes;
    l->shape.node_pages = (uint16_t)(pages < HV_NODE_PAGES_MAX
                                     ? pages : HV_NODE_PAGES_MAX);

    return true;
}

static bool open_all(struct live *l, bool force, const char **why)
{
    *why = "no hypercalls: /dev/xen/privcmd cannot be opened (not dom0, or "
           "the xen-privcmd module is missing)";
    if ( !calls_open(&l->calls) )
        return false;

    if ( !look(l, force, why) )
        goto no_host;
    *why = "the guest windows cannot be mapped at their addresses";
    if ( !map_windows() )
        goto no_host;
    *why = "no foreign mappings: /dev/xen/privcmd";
    l->foreign = xenforeignmemory_open(NULL, 0);
    if ( !l->foreign )
        goto no_foreign;
    *why = "no guardian process";
    if ( guardian_start(&l->guardian) )
        return true;

    xenforeignmemory_close(l->foreign);
 no_foreign:
    unmap_windows();
 no_host:
    calls_close(&l->calls);
    return false;
}

bool live_open(struct hypervisor *h, const struct live_options *options,
               const char **why)
{
    struct live *l = calloc(1, sizeof(*l));

    *why = "out of memory";
    if ( !l )
        return false;
    if ( !open_all(l, options && options->force, why) )
    {
        free(l);
        return false;
    }
    live_measure_leak(l);
    *h = (struct hypervisor){ .ops = &live_ops, .hv = l };
    *why = NULL;

    return true;
}

struct host_shape live_shape(const struct hypervisor *h)
{
    assert(h->ops == &live_ops);
    return ((const struct live *)h->hv)->shape;
}

uint64_t live_leaked(const struct hypervisor *h)
{
    assert(h->ops == &live_ops);
    return ((const struct live *)h->hv)->leaked;
}
