/* SPDX-License-Identifier: MIT */
/* The host as a whole: observing it, cleaning it up. */
#include "internal.h"

#include <string.h>
#include <unistd.h>

#define PAGE_BYTES 4096
/* Xen frees a dead domain's own pages late, and later still while another CPU is
 * kept from running. So many may be missing when a program starts (two domains
 * of about 17), and so often is looked for the rest. */
#define LATE_PAGES 64
#define LATE_ROUNDS 500
#define LATE_US 1000

/* ---- observation ---- */

static void view_domain(struct hv_domain_view *d,
                        const struct xen_domctl_getdomaininfo *info)
{
    d->state = (info->flags & XEN_DOMINF_dying) ? HV_DOM_DEAD : HV_DOM_ALIVE;
    d->tot = (uint32_t)info->tot_pages;
    d->max = (uint32_t)info->max_pages;
    d->claim = (uint32_t)info->outstanding_pages;
}

/* Everything as Xen reports it, except domains that are not ours. */
static void observe_raw(struct live *l, struct hv_view *view)
{
    long i, nr;

    memset(view, 0, sizeof(*view));
    nr = calls_look(&l->calls);
    if ( nr < 0 )
        calls_failed("observing the host", nr);
    for ( i = 0; i < nr; i++ )
    {
        const struct xen_domctl_getdomaininfo *info = &l->calls.buf->info[i];

        if ( info->domain < HV_DOMS_MAX && !live_is_others(l, info->domain) )
            view_domain(&view->dom[info->domain], info);
    }
    for ( i = 0; i < HV_NODES_MAX; i++ )
        view->node_free[i] = calls_node_free(&l->calls, (unsigned int)i);
    view->free = calls_physinfo(&l->calls)->free_pages;
    view->claimed = calls_physinfo(&l->calls)->outstanding_pages;
}

void live_observe(void *hv, struct hv_view *view)
{
    struct live *l = hv;

    observe_raw(l, view);
    /* Pages that a lost claim keeps from everybody are left out of both
     * counts, so that their difference stays right. */
    view->free -= l->leaked;
    view->claimed -= l->leaked;
    view->node_free[l->big_node] -= l->leaked;
    if ( l->fault )
        l->fault->misreport(view);
}

/* Claims of no domain; they are taken off the node with most free pages. */
static void note_leak(struct live *l, const struct hv_view *view)
{
    unsigned int i;
    uint64_t sum = 0;

    for ( i = 0; i < HV_DOMS_MAX; i++ )
        sum += view->dom[i].claim;
    l->leaked = view->claimed > sum ? view->claimed - sum : 0;
    l->big_node = 0;
    for ( i = 1; i < HV_NODES_MAX; i++ )
        if ( view->node_free[i] > view->node_free[l->big_node] )
            l->big_node = i;
}

void live_measure_leak(struct live *l)
{
    struct hv_view view;

    observe_raw(l, &view);
    note_leak(l, &view);
}

/* ---- cleaning up ---- */

static void unmap_all(struct live *l)
{
    while ( l->nr_maps )
        xenforeignmemory_unmap(l->foreign, l->map[--l->nr_maps].at, 1);
}

/* A destroyed domain that only our mappings keep may hold a claim. It must be
 * released while the domid still resolves. */
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

/* Most programs have cleaned up after themselves: then one observation is all
 * that is needed. */
static bool is_clean(const struct live *l, const struct hv_view *view)
{
    uint32_t mine = *live_domids((struct live *)l);
    unsigned int d;

    for ( d = 1; d < HV_DOMS_MAX; d++ )
        if ( (mine & (1U << d)) && view->dom[d].state != HV_DOM_ABSENT )
            return false;

    return view->dom[0].state != HV_DOM_ABSENT && !view->dom[0].claim &&
           view->dom[0].max == l->dom0_max_kb / (PAGE_BYTES / 1024) &&
           !l->nr_dom0_frames && !l->nr_maps &&
           !l->guardian.guarded->nr_frames;
}

/* Waits for the pages of the programs before: they would come back during the
 * next one, more of them than the rules allow for (MODEL_DRIFT_PAGES). Pages
 * that do not come back are gone. */
static void settle(struct live *l, struct hv_view *view)
{
    unsigned int round;

    for ( round = 0;
          view->free + LATE_PAGES < l->clean_free && round < LATE_ROUNDS;
          round++ )
    {
        usleep(LATE_US);
        calls_outdate(&l->calls);
        observe_raw(l, view);
    }
    l->clean_free = view->free;
}

uint32_t live_clean(struct live *l)
{
    struct hv_view view;
    uint32_t left = 0;

    calls_outdate(&l->calls);
    observe_raw(l, &view);
    if ( !is_clean(l, &view) )
    {
        release_all(l);
        unmap_all(l);
        left = calls_clean(&l->calls, *live_domids(l));
        live_bring_back(l);
        restore_dom0(l);
        observe_raw(l, &view);
    }
    settle(l, &view);
    __atomic_store_n(live_domids(l), left, __ATOMIC_RELEASE);
    note_leak(l, &view);

    return left;
}
