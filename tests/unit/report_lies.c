/* SPDX-License-Identifier: MIT */
/* Lies about what a call told that no rule of the model is about; see lies.h. */
#include "lies.h"

static bool held(const struct told *t, enum hv_call_kind kind)
{
    return t->call->kind == kind && !t->r->rc;
}

/* ---- getdomaininfo ---- */

static struct xen_domctl_getdomaininfo *info(struct told *t)
{
    static struct xen_domctl_getdomaininfo nobody;

    return held(t, HV_CALL_DOMCTL) &&
                   t->call->domctl.cmd == XEN_DOMCTL_getdomaininfo
               ? &t->r->out.info
               : &nobody;
}
static void info_pages(struct told *t)
{
    info(t)->tot_pages++;
}
static void info_limit(struct told *t)
{
    info(t)->max_pages++;
}
static void info_claim(struct told *t)
{
    info(t)->outstanding_pages++;
}
static void info_id(struct told *t)
{
    if ( !t->drift )
        info(t)->domain++;
}
static void info_shared(struct told *t)
{
    if ( !t->drift )
        info(t)->shr_pages++;
}
static void info_vcpu(struct told *t)
{
    if ( !t->drift )
        info(t)->max_vcpu_id--;
}
static void info_dying(struct told *t)
{
    info(t)->flags ^= XEN_DOMINF_dying;
}
static void info_paused(struct told *t)
{
    info(t)->flags ^= XEN_DOMINF_paused;
}

/* ---- physinfo ---- */

static struct xen_sysctl_physinfo *phys(struct told *t)
{
    static struct xen_sysctl_physinfo no_host;

    return held(t, HV_CALL_PHYSINFO) ? &t->r->out.phys : &no_host;
}
/* What a live host has is not known in advance. */
static struct xen_sysctl_physinfo *known_phys(struct told *t)
{
    static struct xen_sysctl_physinfo no_host;

    return t->drift ? &no_host : phys(t);
}
static void phys_claimed(struct told *t)
{
    phys(t)->outstanding_pages++;
}
static void phys_free(struct told *t)
{
    phys(t)->free_pages++;
}
static void phys_nodes(struct told *t)
{
    known_phys(t)->nr_nodes++;
}
static void phys_last_node(struct told *t)
{
    known_phys(t)->max_node_id++;
}
static void phys_pages(struct told *t)
{
    known_phys(t)->total_pages--;
}
static void phys_last_frame(struct told *t)
{
    known_phys(t)->max_mfn--;
}
static void phys_dirty(struct told *t)
{
    known_phys(t)->scrub_pages++;
}
static void phys_cpus(struct told *t)
{
    known_phys(t)->nr_cpus++;
}
static void phys_threads(struct told *t)
{
    known_phys(t)->threads_per_core++;
}
static void phys_cores(struct told *t)
{
    known_phys(t)->cores_per_socket++;
}

/* ---- numainfo ---- */

static bool tells_nodes(const struct told *t)
{
    return held(t, HV_CALL_NUMAINFO) && !t->drift;
}
static void numa_first(struct told *t)
{
    t->r->out.node_free[0] += tells_nodes(t);
}
static void numa_last(struct told *t)
{
    t->r->out.node_free[HV_NODES_MAX - 1] += tells_nodes(t);
}
static void numa_size(struct told *t)
{
    t->r->node_size[0] += tells_nodes(t);
}
static void numa_count(struct told *t)
{
    t->r->nr_nodes += tells_nodes(t) && t->call->placed;
}
static void numa_distance(struct told *t)
{
    t->r->distance[0] += tells_nodes(t) && t->call->distance;
}
static void numa_last_distance(struct told *t)
{
    t->r->distance[HV_DISTANCES_MAX - 1] += tells_nodes(t) &&
                                            t->call->distance;
}

/* ---- lists and entries ---- */

/* Frames that were given may as well be others; a decrease gives none, nor does a
 * populate on demand. */
static uint64_t nr_given(const struct told *t)
{
    unsigned int op = t->call->cmd & MEMOP_CMD_MASK;

    if ( op == XENMEM_decrease_reservation ||
         (op == XENMEM_populate_physmap &&
          t->call->resv.mem_flags & XENMEMF_populate_on_demand) )
        return t->call->cmd >> MEMOP_EXTENT_SHIFT;
    return t->r->rc == HV_CONTINUE ? t->r->extents
           : t->r->rc > 0          ? (uint64_t)t->r->rc
                                   : 0;
}
static void list_first(struct told *t)
{
    if ( t->r->list && t->call->list_entries &&
         t->call->cmd >> MEMOP_EXTENT_SHIFT )
        t->list[0]++;
}
static void list_last(struct told *t)
{
    uint64_t last = t->call->list_entries - 1;

    if ( t->r->list && t->call->list_entries && nr_given(t) <= last &&
         !(hv_is_exchange(t->call) && !t->r->rc) )
        t->list[last]++;
}
/* The first behind those that were done. */
static void list_next(struct told *t)
{
    uint64_t next = nr_given(t);

    if ( t->r->list && next < t->call->list_entries &&
         !hv_is_exchange(t->call) )
        t->list[next]++;
}
static uint64_t nr_entries(const struct told *t)
{
    return t->r->entries ? t->call->data_bytes / sizeof(t->entries[0]) : 0;
}
static void entry_first(struct told *t)
{
    if ( nr_entries(t) )
        t->entries[0].pad ^= 1;
}
static void entry_last(struct told *t)
{
    if ( nr_entries(t) )
        t->entries[nr_entries(t) - 1].pages++;
}

const struct lie report_lies[] = {
    LIE(info_pages),  LIE(info_limit),      LIE(info_claim),
    LIE(info_id),     LIE(info_shared),     LIE(info_vcpu),
    LIE(info_dying),  LIE(info_paused),     LIE(phys_claimed),
    LIE(phys_free),   LIE(phys_nodes),      LIE(phys_last_node),
    LIE(phys_pages),  LIE(phys_last_frame), LIE(phys_dirty),
    LIE(phys_cpus),   LIE(phys_threads),    LIE(phys_cores),
    LIE(numa_first),  LIE(numa_last),       LIE(numa_size),
    LIE(numa_count),  LIE(numa_distance),   LIE(numa_last_distance),
    LIE(list_first),  LIE(list_last),       LIE(list_next),
    LIE(entry_first), LIE(entry_last),
};
