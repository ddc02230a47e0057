/* SPDX-License-Identifier: MIT */
/*
 * live_smoke --offline: free pages are taken offline below the claims on them,
 * as a toolstack can, and Xen is shown to lose its arithmetic: a claim of more
 * memory than there is succeeds, that domain gets everything, and the one
 * with the older claim nothing. Past live/, which would bring the pages back.
 */
#include "smoke.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <xencall.h>

#define PAGE_BYTES 4096
/* Pages to take offline, and free pages that stay unclaimed: fewer, though the
 * host gives some back late. */
#define OFFLINE_PAGES 256
#define UNCLAIMED 8
/* Far more than the VM has. */
#define TOO_MUCH 900000

/* Within this time the last pages of a destroyed domain are free. */
#define LATE_US 200000

enum
{
    VICTIM = 1,
    GREEDY,
    BAIT
};

struct offline
{
    struct xen_sysctl sysctl;
    uint32_t status;
};

static long domctl(struct smoke *s, uint32_t cmd, uint16_t domid,
                   uint64_t value)
{
    const struct hv_call call = smoke_domctl(s, cmd, domid, value);

    return smoke_issue(s, &call);
}

static long claim(struct smoke *s, uint16_t domid, uint64_t pages)
{
    const struct hv_call call = smoke_reservation(XENMEM_claim_pages, domid,
                                                  pages);

    return smoke_issue(s, &call);
}

static long populate(struct smoke *s, uint16_t domid, unsigned int nr)
{
    const struct hv_call call = smoke_with_list(s, XENMEM_populate_physmap,
                                                domid, nr);
    long rc = smoke_issue(s, &call);

    smoke_took(s, nr);
    return rc;
}

/* Past live/, which brings them back: the status word, or -1. */
static long page_op(xencall_handle *xen, struct offline *o,
                    const struct smoke *s, uint32_t action, uint64_t frame)
{
    memset(o, 0, sizeof(*o));
    o->sysctl.cmd = XEN_SYSCTL_page_offline_op;
    o->sysctl.interface_version = hv_sysctl_version(s->release);
    o->sysctl.u.page_offline.cmd = action;
    o->sysctl.u.page_offline.start = (uint32_t)frame;
    o->sysctl.u.page_offline.end = (uint32_t)frame;
    o->sysctl.u.page_offline.status.p = &o->status;
    if ( xencall1(xen, __HYPERVISOR_sysctl, (uint64_t)(uintptr_t)o) )
        return -1;

    return o->status;
}

long smoke_page_state(const struct smoke *s, uint64_t frame)
{
    xencall_handle *xen = xencall_open(NULL, 0);
    struct offline *o = xencall_alloc_buffer(xen, sizeof(*o));
    long status = page_op(xen, o, s, sysctl_query_page_offline, frame);

    xencall_free_buffer(xen, o);
    xencall_close(xen);

    return status;
}

/* True if the page left the heap at once. */
static bool take_offline(xencall_handle *xen, struct offline *o,
                         const struct smoke *s, uint64_t frame)
{
    long status = page_op(xen, o, s, sysctl_page_offline, frame);

    return status >= 0 &&
           (status & PG_OFFLINE_STATUS_MASK) == PG_OFFLINE_OFFLINED;
}

static unsigned int take_all_offline(struct smoke *s)
{
    xencall_handle *xen = xencall_open(NULL, 0);
    struct offline *o = xencall_alloc_buffer(xen, sizeof(*o));
    unsigned int i, taken = 0;

    for ( i = 0; i < OFFLINE_PAGES; i++ )
        taken += take_offline(xen, o, s, s->frame[i]);
    xencall_free_buffer(xen, o);
    xencall_close(xen);
    domctl(s, XEN_DOMCTL_getdomaininfo, VICTIM, 0); /* looks */

    return taken;
}

static void build(struct smoke *s, uint16_t domid)
{
    smoke_check(s, "create", domctl(s, XEN_DOMCTL_createdomain, domid, 0), 0);
    domctl(s, XEN_DOMCTL_max_mem, domid, 4000000);
}

static uint64_t populate_all(struct smoke *s, uint16_t domid)
{
    uint64_t got = 0;
    long rc;

    do
    {
        rc = populate(s, domid, LIST_MAX);
        got += rc > 0 ? (uint64_t)rc : 0;
    } while ( rc == LIST_MAX );

    return got;
}

void smoke_offline(struct smoke *s)
{
    uint64_t frames[OFFLINE_PAGES], free;
    unsigned int taken;

    build(s, VICTIM);
    build(s, GREEDY);
    /* Frames that are free can be named once a domain had them. */
    build(s, BAIT);
    smoke_check(s, "bait has pages", populate(s, BAIT, LIST_MAX), LIST_MAX);
    memcpy(frames, &s->frame[LIST_MAX - OFFLINE_PAGES], sizeof(frames));
    smoke_check(s, "destroy bait",
                domctl(s, XEN_DOMCTL_destroydomain, BAIT, 0), 0);

    usleep(LATE_US);
    claim(s, VICTIM, 0); /* looks */
    smoke_check(s, "claim all but a few",
                claim(s, VICTIM, s->view.free - UNCLAIMED), 0);
    memcpy(s->frame, frames, sizeof(frames));
    taken = take_all_offline(s);
    printf("     %u pages are offline: %lu free, %lu claimed\n", taken,
           (unsigned long)s->view.free, (unsigned long)s->view.claimed);
    smoke_check(s, "more claimed than free", s->view.claimed > s->view.free,
                1);

    free = s->view.free;
    smoke_check(s, "claim of more than the host has",
                claim(s, GREEDY, TOO_MUCH), 0);
    smoke_check(s, "it gets every free page",
                (long)populate_all(s, GREEDY) >= (long)free - UNCLAIMED, 1);
    smoke_check(s, "the first claim is worth nothing", populate(s, VICTIM, 1),
                0);
    printf("     d%d claims %u pages and gets none; d%d has %u\n", VICTIM,
           s->view.dom[VICTIM].claim, GREEDY, s->view.dom[GREEDY].tot);
    smoke_reset(s);
}
