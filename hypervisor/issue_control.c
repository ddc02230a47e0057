/* SPDX-License-Identifier: MIT */
/*
 * Carrying out a domctl or sysctl: its structure, and what that points to.
 *
 * Not here: memory_op (issue_memory_op.c).
 */
#include "issue.h"

#include <assert.h>
#include <string.h>

#define PAGE_SHIFT 12
/* Where the node map lies, before the structure that names it. */
#define NODEMAP_BYTES (HV_NODEMAP_BITS / 8)

_Static_assert(sizeof(struct xen_sysctl_meminfo) * HV_NODES_MAX ==
                   HV_NODES_BYTES,
               "an entry for each node");

/* Where a structure of domctl or sysctl lies, how many bytes of it can be read
 * there, and an address with room below it for what it points to. */
struct placing
{
    uint64_t addr, beside;
    uint32_t bytes;
};

static struct placing place(const struct hv_call *call, uint32_t size)
{
    struct placing at = { GUEST_ARG_END - size, GUEST_ARG_END - size, size };

    if ( !call->placed )
        return at;
    at.addr = call->arg;
    at.beside -= size; /* so that its start may lie lower, too */
    at.bytes = call->arg_bytes < size ? call->arg_bytes : size;

    return at;
}

/* So many bytes of it as can be accessed. */
static void write_placed(const struct hypervisor *h, struct placing at,
                         const void *from)
{
    void *to = at.bytes ? h->ops->guest(h->hv, at.addr, at.bytes) : NULL;

    assert(to || !at.bytes);
    if ( to )
        memcpy(to, from, at.bytes);
}

static void read_placed(const struct hypervisor *h, struct placing at,
                        void *to)
{
    const void *from = at.bytes ? h->ops->guest(h->hv, at.addr, at.bytes)
                                : NULL;

    assert(from || !at.bytes);
    if ( from )
        memcpy(to, from, at.bytes);
}

/* size: of all that it is; by default it lies beside the argument. */
static struct placing place_data(const struct hv_call *call,
                                 struct placing argument, uint32_t size)
{
    struct placing at = { argument.beside - size, 0, size };

    if ( call->placed )
    {
        at.addr = call->data;
        at.bytes = call->data_bytes < size ? call->data_bytes : size;
    }
    return at;
}

/* ---- domctl ---- */

/* createdomain of a small PV domain; bits of HV_CREATE_BITS make it wrong. */
static void fill_createdomain(struct xen_domctl_createdomain *c, uint64_t bits)
{
    c->flags = (uint32_t)bits;
    c->max_vcpus = !(bits & HV_CREATE_NO_VCPUS);
    c->max_evtchn_port = 1023; /* what libxl asks for */
    c->max_grant_frames = -1;  /* the hypervisor's default */
    c->max_maptrack_frames = -1;
    c->grant_opts = XEN_DOMCTL_GRANT_version(1);
}

static void fill_nodemap(const struct hypervisor *h,
                         const struct hv_call *call, struct placing argument,
                         struct xenctl_bitmap *map)
{
    struct placing at = place_data(call, argument, NODEMAP_BYTES);

    write_placed(h, at, &call->domctl.value);
    map->bitmap.p = (uint8_t *)(uintptr_t)at.addr;
    map->nr_bits = call->placed ? call->data_count : HV_NODEMAP_BITS;
}

/* The entries of a claim set, which lie where the call says. */
static struct placing place_entries(const struct hv_call *call)
{
    return (struct placing){ call->data, 0,
                             call->entries ? call->data_bytes : 0 };
}

static void fill_claim_set(const struct hypervisor *h,
                           const struct hv_call *call, struct xen_domctl *op)
{
    struct xen_domctl_claim_memory set = {
        .entries = call->data,
        .nr_entries = call->domctl.nr_entries,
        .mode = call->domctl.mode,
    };

    memcpy(&op->u, &set, sizeof(set));
    write_placed(h, place_entries(call), call->entries);
}

static void read_claim_set(const struct hypervisor *h,
                           const struct hv_call *call,
                           const struct xen_domctl *op,
                           struct hv_result *result)
{
    struct placing at = place_entries(call);
    struct xen_domctl_claim_memory set;

    memcpy(&set, &op->u, sizeof(set));
    result->nr_entries = set.nr_entries;
    read_placed(h, at, result->entry_space);
    result->entries = at.bytes ? result->entry_space : NULL;
}

unsigned int issue_domctl(const struct hypervisor *h,
                          const struct hv_call *call, struct hv_result *result)
{
    const struct hv_domctl *d = &call->domctl;
    struct placing at = place(call, sizeof(struct xen_domctl));
    unsigned int invocations = 0;
    struct xen_domctl op;

    memset(&op, 0, sizeof(op));
    op.cmd = d->cmd;
    op.interface_version = d->version;
    op.domain = d->domid;
    if ( d->cmd == XEN_DOMCTL_createdomain )
        fill_createdomain(&op.u.createdomain, d->value);
    else if ( d->cmd == XEN_DOMCTL_max_mem )
        op.u.max_mem.max_memkb = d->value;
    else if ( d->cmd == XEN_DOMCTL_setnodeaffinity )
        fill_nodemap(h, call, at, &op.u.nodeaffinity.nodemap);
    else if ( hv_is_claim_set(call) )
        fill_claim_set(h, call, &op);
    else if ( d->cmd == XEN_DOMCTL_getdomaininfo )
        /* What is told must be written, zeros too. */
        memset(&op.u, UINT8_MAX, sizeof(op.u.getdomaininfo));

    write_placed(h, at, &op);
    do
    {
        invocations++;
        assert(invocations < INVOCATIONS_MAX);
        result->rc = h->ops->domctl(h->hv, &call->caller, at.addr);
    } while ( result->rc == HV_CONTINUE &&
              (d->cmd != XEN_DOMCTL_destroydomain || d->preempt == 0 ||
               invocations < d->preempt) );

    read_placed(h, at, &op);
    result->domid = op.domain;
    if ( d->cmd == XEN_DOMCTL_getdomaininfo )
        result->out.info = op.u.getdomaininfo;
    else if ( hv_is_claim_set(call) )
        read_claim_set(h, call, &op, result);

    return invocations;
}

/* ---- sysctl ---- */

static void read_nodes(const struct xen_sysctl_meminfo mem[HV_NODES_MAX],
                       struct hv_result *result)
{
    for ( unsigned int i = 0; i < HV_NODES_MAX; i++ )
    {
        /* A node that is offline reports all ones. */
        result->out.node_free[i] = mem[i].memfree == UINT64_MAX
                                       ? 0
                                       : mem[i].memfree >> PAGE_SHIFT;
        result->node_size[i] = mem[i].memsize >> PAGE_SHIFT;
    }
}

static unsigned int issue_offline(const struct hypervisor *h,
                                  enum release release,
                                  const struct hv_call *call,
                                  struct hv_result *result)
{
    struct placing at = place(call, sizeof(struct xen_sysctl));
    uint32_t n = hv_offline_count(&call->offline);
    uint32_t words = n && n < HV_STATUS_MAX ? n : HV_STATUS_MAX;
    struct placing to = place_data(call, at, words * sizeof(uint32_t));
    struct xen_sysctl op;

    memset(&op, 0, sizeof(op));
    op.interface_version = hv_sysctl_version(release) + call->sysctl_skew;
    op.cmd = XEN_SYSCTL_page_offline_op;
    op.u.page_offline.cmd = call->offline.action;
    op.u.page_offline.start = call->offline.start;
    op.u.page_offline.end = call->offline.end;
    op.u.page_offline.status.p = (uint32_t *)(uintptr_t)to.addr;

    /* What is told must be written, zeros too. */
    memset(result->status, UINT8_MAX, words * sizeof(uint32_t));
    result->nr_status = to.bytes / sizeof(uint32_t);
    write_placed(h, at, &op);
    write_placed(h, to, result->status);
    result->rc = h->ops->sysctl(h->hv, &call->caller, at.addr);
    read_placed(h, to, result->status);

    return 1;
}

unsigned int issue_sysctl(const struct hypervisor *h, enum release release,
                          const struct hv_call *call, struct hv_result *result)
{
    struct placing at = place(call, sizeof(struct xen_sysctl));
    struct xen_sysctl_meminfo mem[HV_NODES_MAX];
    struct placing mem_at = place_data(call, at, sizeof(mem));
    struct placing far_at = { .addr = call->distance };
    unsigned int invocations = 0;
    bool numa = call->kind == HV_CALL_NUMAINFO;
    struct xen_sysctl op;

    if ( call->kind == HV_CALL_OFFLINE )
        return issue_offline(h, release, call, result);
    if ( call->distance == HV_DISTANCE_AT )
        far_at.bytes = sizeof(result->distance);

    memset(&op, 0, sizeof(op));
    /* What is told must be written, zeros too. */
    if ( call->kind == HV_CALL_PHYSINFO )
        memset(&op.u, UINT8_MAX, sizeof(op.u.physinfo));
    memset(mem, 0, sizeof(mem));
    op.interface_version = hv_sysctl_version(release) + call->sysctl_skew;
    op.cmd = numa                             ? XEN_SYSCTL_numainfo
             : call->kind == HV_CALL_PHYSINFO ? XEN_SYSCTL_physinfo
                                              : call->sysctl_cmd;
    if ( numa )
    {
        op.u.numainfo.num_nodes = call->placed ? call->data_count
                                               : HV_NODES_MAX;
        op.u.numainfo.meminfo.p =
            (struct xen_sysctl_meminfo *)(uintptr_t)mem_at.addr;
        op.u.numainfo.distance.p = (uint32_t *)(uintptr_t)call->distance;
    }

    write_placed(h, at, &op);
    write_placed(h, far_at, result->distance); /* all ones, by hv_issue() */
    write_placed(h, mem_at, mem);
    do
    {
        invocations++;
        assert(invocations < INVOCATIONS_MAX);
        result->rc = h->ops->sysctl(h->hv, &call->caller, at.addr);
    } while ( result->rc == HV_CONTINUE );

    read_placed(h, at, &op);
    read_placed(h, mem_at, mem);
    read_placed(h, far_at, result->distance);
    result->nr_nodes = numa ? op.u.numainfo.num_nodes : 0;
    if ( numa )
        read_nodes(mem, result);
    else
        result->out.phys = op.u.physinfo;

    return invocations;
}
