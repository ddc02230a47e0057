/* SPDX-License-Identifier: MIT */
/*
 * struct hypervisor_ops over a real Xen: opening, resetting, closing. Not
 * here: observing and cleaning up (host.c), hypercalls (hypercalls.c),
 * mappings (maps.c), what must not be called (harmless.c).
 */
#include "live.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define PAGE_BYTES 4096

static void live_reset(void *hv, const struct host_shape *shape,
                       const struct hv_hooks *hooks)
{
    struct live *l = hv;
    uint32_t left = live_clean(l);

    /* The host has one shape only, its own; the release of the program's shape
     * says which interface versions its calls will carry. */
    l->sent_domctl = hv_domctl_version(shape->release);
    l->sent_sysctl = hv_sysctl_version(shape->release);
    l->hooks = hooks;
    if ( left )
    {
        fprintf(stderr, "claimcheck: live: domains %#x\n", left);
        calls_failed("they are destroyed but stay: something else holds a "
                     "reference to them",
                     -EBUSY);
    }
    memset(l->had, 0, l->frames.nr * sizeof(l->had[0]));
    frames_forget(&l->frames);
}

static void live_close(void *hv)
{
    struct live *l = hv;

    live_clean(l);
    xenforeignmemory_close(l->foreign);
    calls_close(&l->calls);
    guardian_stop(&l->guardian);
    live_unmap_windows();
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

/* Its capabilities are those of the one host that is open. */
static struct hypervisor_ops live_ops = {
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
    .map_most = LIVE_MAP_MOST,
    .unmap = live_unmap,
    .page_ids = LIVE_FRAMES_MAX,
    .page_id = live_page_id,
    .page_frame = live_page_frame,
    .observe = live_observe,
    .close = live_close,
};

/* Why the host cannot be opened, where that names numbers; a process opens one. */
static char why_text[128];

/* Xen that lists what is left around a page out of use in aligned blocks has
 * 71c6a62317: 4.20.4, 4.21.2, 4.22. Others hand pages out twice afterwards, and
 * panic (docs/live.md). */
static bool aligns_blocks(int major, int minor, const char *extra)
{
    int patch = extra[0] == '.' ? atoi(extra + 1) : 0;

    return major > 4 || minor > 21 || (minor == 21 && patch >= 2) ||
           (minor == 20 && patch >= 4);
}

/* The rules that this Xen has. */
static bool find_release(struct live *l, const char **why)
{
    int major, minor, found;
    const char *extra;

    if ( calls_version(&l->calls, &major, &minor, &extra) )
    {
        *why = "Xen does not tell its version";
        return false;
    }
    found = release_of_version(major, minor, extra);
    if ( found < 0 )
    {
        snprintf(why_text, sizeof(why_text),
                 "Xen %d.%d is not known, expected %s to %s", major, minor,
                 release_name(0), release_name(RELEASE_DEFAULT));
        *why = why_text;
        return false;
    }
    l->shape.release = (uint8_t)found;
    l->misaligns = !aligns_blocks(major, minor, extra);

    return true;
}

/* The interface versions that it takes must be those of its release: structures
 * are laid out by them. */
static bool find_versions(struct live *l, const char **why)
{
    uint32_t domctl = hv_domctl_version(l->shape.release);
    uint32_t sysctl = hv_sysctl_version(l->shape.release);
    long rc = calls_probe(&l->calls);

    *why = "no domctl or sysctl: not a control domain";
    if ( rc < 0 && rc != -EACCES )
        return false;
    if ( !rc && l->calls.domctl == domctl && l->calls.sysctl == sysctl )
        return true;
    snprintf(why_text, sizeof(why_text),
             "its interface versions are not those of %s, expected domctl "
             "%#x and sysctl %#x",
             release_name(l->shape.release), domctl, sysctl);
    *why = why_text;

    return false;
}

/* May this host be used? Records its shape. */
static bool look(struct live *l, bool force, const char **why)
{
    const struct xen_sysctl_physinfo *phys = calls_physinfo(&l->calls);
    long nr;

    if ( !find_release(l, why) || !find_versions(l, why) )
        return false;
    nr = calls_look(&l->calls);
    if ( nr < 1 || l->calls.buf->info[0].domain != 0 )
    {
        *why = "the host does not list dom0: not a control domain";
        return false;
    }
    l->dom0_translated = l->calls.buf->info[0].flags & XEN_DOMINF_hvm_guest;
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
    while ( nr-- > 1 )
        if ( l->calls.buf->info[nr].domain < HV_DOMS_MAX )
            l->others |= 1U << l->calls.buf->info[nr].domain;
        else
            l->far_others = true;
    l->max_frame = phys->max_mfn;
    host_shape_fit(&l->shape, phys->nr_nodes, phys->total_pages);

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
    if ( !live_map_windows() )
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
    live_unmap_windows();
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
    if ( options && options->fault &&
         !(l->fault = live_fault_find(options->fault)) )
    {
        *why = "no such planted fault of live/faults.def";
        free(l);
        return false;
    }
    if ( !open_all(l, options && options->force, why) )
    {
        free(l);
        return false;
    }
    live_measure_leak(l);
    live_ops.caps = LIVE_CAPS;
    if ( l->misaligns )
        live_ops.caps &= ~(uint32_t)HV_CAP_OFFLINE;
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
