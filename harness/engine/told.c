/* SPDX-License-Identifier: MIT */
/*
 * What a call told its caller, against the state; and what it read of its
 * argument, which it may read once only.
 *
 * Not here: what it did to the state (invariants.c).
 */
#include "impl.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

/* ---- REPORT ---- */

/* One number that a call told, and what it is. */
static void told(struct engine *e, const char *what, uint64_t number,
                 uint64_t is)
{
    if ( number != is )
        invariant_broken(e, INV_REPORT, "%s is told as %llu, it is %llu", what,
                         (unsigned long long)number, (unsigned long long)is);
}

static void told_of_domain(struct engine *e, const char *counter,
                           uint64_t number, uint64_t is)
{
    char what[EXPECT_NAME_MAX + 8];

    if ( number == is )
        return;
    snprintf(what, sizeof(what), "d%u.%s", e->result.domid, counter);
    told(e, what, number, is);
}

static void check_domain_info(struct engine *e)
{
    const struct xen_domctl_getdomaininfo *i = &e->result.out.info;
    const struct hv_domain_view *d;
    bool dying = i->flags & XEN_DOMINF_dying, dead;

    if ( e->result.domid >= HV_DOMS_MAX )
        return;
    d = &e->seen.dom[e->result.domid];
    told_of_domain(e, "tot", i->tot_pages, d->tot);
    told_of_domain(e, "max", i->max_pages, d->max);
    told_of_domain(e, "claim", i->outstanding_pages, d->claim);
    if ( e->model.exact_free )
    {
        told_of_domain(e, "id", i->domain, e->result.domid);
        told_of_domain(e, "shared pages", i->shr_pages, 0);
        told_of_domain(e, "last vCPU", i->max_vcpu_id,
                       XEN_INVALID_MAX_VCPU_ID);
    }
    dead = d->state == HV_DOM_DEAD;
    if ( dying != dead )
        invariant_broken(e, INV_REPORT, "d%u is told to be %s, it is %s",
                         e->result.domid, dying ? "dying" : "alive",
                         dead ? "dying" : "alive");
}

/* Rows and columns of the nodes that were counted, and nothing behind. */
static void check_distances_told(struct engine *e, uint32_t nodes)
{
    char what[EXPECT_NAME_MAX + 16];

    for ( uint32_t i = 0; i < HV_DISTANCES_MAX; i++ )
    {
        uint32_t number = e->result.distance[i];
        uint32_t is = i < nodes * nodes ? model_distance(i / nodes, i % nodes)
                                        : UINT32_MAX;

        if ( number == is )
            continue;
        snprintf(what, sizeof(what), "entry %u of the distances", i);
        told(e, what, number, is);
    }
}

static void check_nodes_told(struct engine *e)
{
    uint32_t nodes = numainfo_nodes(&e->model, &e->call);
    bool array = !e->call.placed || e->call.data;
    char what[EXPECT_NAME_MAX];

    /* Of the nodes that the caller did not count, nothing is written. */
    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
    {
        bool counted = array && n < nodes;
        uint64_t is = counted ? e->seen.node_free[n] : 0;
        uint64_t size = counted ? e->model.shape.node_pages : 0;

        if ( e->result.out.node_free[n] == is &&
             e->result.node_size[n] == size )
            continue;
        snprintf(what, sizeof(what), "node%u.free", n);
        told(e, what, e->result.out.node_free[n], is);
        snprintf(what, sizeof(what), "node%u.size", n);
        told(e, what, e->result.node_size[n], size);
    }
    if ( e->call.placed )
        told(e, "the number of nodes", e->result.nr_nodes, nodes);
    if ( e->call.distance )
        check_distances_told(e, nodes);
}

/* What of a host never changes. A live one is clipped to what programs name. */
static void check_host_told(struct engine *e)
{
    const struct xen_sysctl_physinfo *p = &e->result.out.phys;
    uint32_t pages = e->model.host_pages;

    told(e, "the host's nodes", p->nr_nodes, e->model.shape.nodes);
    told(e, "the last node", p->max_node_id, e->model.shape.nodes - 1U);
    told(e, "the host's pages", p->total_pages, pages);
    told(e, "the last frame", p->max_mfn,
         e->h.ops->page_frame(e->h.hv, (int)pages - 1));
    told(e, "the number of dirty pages", p->scrub_pages, 0);
    told(e, "the number of CPUs", p->nr_cpus, 1);
    told(e, "the number of threads of a core", p->threads_per_core, 1);
    told(e, "the number of cores of a socket", p->cores_per_socket, 1);
}

void check_told(struct engine *e)
{
    if ( e->result.rc )
        return;

    switch ( e->call_op )
    {
    case OP_domain_info: check_domain_info(e); break;

    case OP_physinfo:
        told(e, "host.claimed", e->result.out.phys.outstanding_pages,
             e->seen.claimed);
        if ( !e->model.exact_free )
            break;
        told(e, "host.free", e->result.out.phys.free_pages, e->seen.free);
        check_host_told(e);
        break;

    case OP_numainfo:
        if ( e->model.exact_free )
            check_nodes_told(e);
        break;

    default: break;
    }
}

/* ---- FETCH ---- */

/* A field of a structure in guest memory; those after it begin later. */
struct field
{
    const char *name;
    size_t at;
};

#define FIELD(type, member)                                                   \
    {                                                                         \
#member, offsetof(struct type, member)                                \
    }

static const struct field reservation[] = {
    FIELD(xen_memory_reservation, extent_start),
    FIELD(xen_memory_reservation, nr_extents),
    FIELD(xen_memory_reservation, extent_order),
    FIELD(xen_memory_reservation, mem_flags),
    FIELD(xen_memory_reservation, domid),
    { "padding", offsetof(struct xen_memory_reservation, domid) + 2 },
    { NULL, sizeof(struct xen_memory_reservation) },
};

/* As a 32-bit caller lays it out (marshal() of
 * hypervisor/issue_memory_op.c). */
static const struct field compat_reservation[] = {
    { "extent_start", 0 },
    { "nr_extents", 4 },
    { "extent_order", 8 },
    { "mem_flags", 12 },
    { "domid", 16 },
    { "padding", 18 },
    { NULL, COMPAT_RESERVATION_SIZE },
};

static const struct field memory_domain[] = {
    FIELD(xen_memory_domain, domid),
    { NULL, sizeof(struct xen_memory_domain) },
};

static const struct field domctl[] = {
    FIELD(xen_domctl, cmd),
    FIELD(xen_domctl, interface_version),
    FIELD(xen_domctl, domain),
    { "what the command is about", offsetof(struct xen_domctl, u) },
    { NULL, sizeof(struct xen_domctl) },
};

static const struct field sysctl[] = {
    FIELD(xen_sysctl, cmd),
    FIELD(xen_sysctl, interface_version),
    { "what the command is about", offsetof(struct xen_sysctl, u) },
    { NULL, sizeof(struct xen_sysctl) },
};

/* The fields of a call's argument, and where in guest memory it begins. */
static const struct field *fields_of(const struct hv_call *c, uint64_t *start)
{
    unsigned int cmd = c->cmd & MEMOP_CMD_MASK;

    *start = c->arg;
    if ( c->kind == HV_CALL_MEMORY_OP )
        return cmd == XENMEM_current_reservation ||
                       cmd == XENMEM_maximum_reservation
                   ? memory_domain
               : c->caller.flags & HV_CALLER_ABI32 ? compat_reservation
                                                   : reservation;
    if ( !c->placed )
        *start = GUEST_ARG_END - (c->kind == HV_CALL_DOMCTL
                                      ? sizeof(struct xen_domctl)
                                      : sizeof(struct xen_sysctl));

    return c->kind == HV_CALL_DOMCTL ? domctl : sysctl;
}

void check_fetches(struct engine *e)
{
    const struct field *f;
    uint64_t start;
    uint32_t twice;
    size_t at;

    if ( !(e->h.ops->caps & HV_CAP_FETCHES) )
        return;
    twice = e->h.ops->fetched_twice(e->h.hv);
    if ( __builtin_expect(!twice, 1) )
        return;
    f = fields_of(&e->call, &start);
    at = (size_t)(GUEST_ARG_START + twice - 1 - start);
    while ( f->name && f[1].at <= at )
        f++;
    if ( f->name && f->at == at )
        invariant_broken(e, INV_FETCH, "%s was read twice", f->name);
    else if ( f->name )
        invariant_broken(e, INV_FETCH, "byte %zu of %s was read twice",
                         at - f->at, f->name);
    else
        invariant_broken(e, INV_FETCH,
                         "byte %u of the caller's memory was read twice",
                         twice - 1);
}
