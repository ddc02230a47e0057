/* SPDX-License-Identifier: MIT */
/* The host as a whole: looking at it, putting it back. */
#include "internal.h"

#include <string.h>

/* ---- observation ---- */

static void view_domain(struct hv_domain_view *d,
                        const struct xen_domctl_getdomaininfo *info)
{
    d->state = (info->flags & XEN_DOMINF_dying) ? HV_DOM_DEAD : HV_DOM_ALIVE;
    d->tot = (uint32_t)info->tot_pages;
    d->max = (uint32_t)info->max_pages;
    d->claim = (uint32_t)info->outstanding_pages;
}

/* All as Xen tells it; nothing left out. */
static void observe_raw(struct live *l, struct hv_view *view)
{
    long i, nr;

    memset(view, 0, sizeof(*view));
    nr = calls_domains(&l->calls);
    for ( i = 0; i < nr; i++ )
    {
        const struct xen_domctl_getdomaininfo *info = &l->calls.buf->info[i];

        if ( info->domain < HV_DOMS_MAX )
            view_domain(&view->dom[info->domain], info);
    }
    calls_node_free(&l->calls, view->node_free);
    if ( calls_physinfo(&l->calls) == 0 )
    {
        view->free = l->calls.buf->sysctl.u.physinfo.free_pages;
        view->claimed = l->calls.buf->sysctl.u.physinfo.outstanding_pages;
    }
}

void live_observe(void *hv, struct hv_view *view)
{
    struct live *l = hv;

    observe_raw(l, view);
    /* Pages that a lost claim keeps from everybody are as good as not there:
     * out of both, what is left to claim stays right. */
    view->free -= l->leaked;
    view->claimed -= l->leaked;
    view->node_free[l->big_node] -= l->leaked;
}

void live_measure_leak(struct live *l)
{
    struct hv_view view;
    unsigned int i;
    uint64_t sum = 0;

    observe_raw(l, &view);
    for ( i = 0; i < HV_DOMS_MAX; i++ )
        sum += view.dom[i].claim;
    l->leaked = view.claimed > sum ? view.claimed - sum : 0;
    l->big_node = 0;
    for ( i = 1; i < HV_NODES_MAX; i++ )
        if ( view.node_free[i] > view.node_free[l->big_node] )
            l->big_node = i;
}

/* ---- putting back ---- */

static void unmap_all(struct live *l)
{
    unsigned int i;

    for ( i = 0; i < LIVE_MAPS_MAX; i++ )
        if ( l->map[i].at )
        {
            xenforeignmemory_unmap(l->foreign, l->map[i].at, 1);
            l->map[i].at = NULL;
        }
}

/* A destroyed domain that only our mappings keep may hold a claim: it goes
 * while its id still resolves. */
static void release_all(struct live *l)
{
    uint32_t mine = *live_domids(l);
    uint16_t d;

    for ( d = 1; d < HV_DOMS_MAX; d++ )
        if ( mine & (1U << d) )
            calls_release(&l->calls, d);
    calls_release(&l->calls, 0);
}

static void restore_dom0(struct live *l)
{
    while ( l->nr_dom0_frames )
        calls_give_back(&l->calls, l->dom0_frame[--l->nr_dom0_frames]);
    calls_max_mem(&l->calls, 0, l->dom0_max_kb);
}

uint32_t live_clean(struct live *l)
{
    uint32_t left;

    release_all(l);
    unmap_all(l);
    left = calls_clean(&l->calls, *live_domids(l));
    __atomic_store_n(live_domids(l), left, __ATOMIC_RELEASE);
    restore_dom0(l);

    return left;
}
