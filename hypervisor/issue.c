/* SPDX-License-Identifier: MIT */
/*
 * Carrying out a struct hv_call: arguments into guest memory, the hypercall
 * and its continuations, results out of it. The same for every implementation.
 *
 * Not here: what to call and what to think of the result.
 */
#include "hypervisor.h"
#include "marks/marks.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_SHIFT 12
/* Largest: xen_memory_reservation, with its padding. */
#define ARG_MAX_BYTES 32
/* Where the node map lies, before the structure that names it. */
#define NODEMAP_BYTES (HV_NODEMAP_BITS / 8)
/* Continuations after which a call counts as hung: every invocation makes
 * progress by a page or an extent, and no call has more of either. */
#define INVOCATIONS_MAX (1U << 27)

_Static_assert(sizeof(struct xen_sysctl_meminfo) * HV_NODES_MAX ==
                   HV_NODES_BYTES,
               "an entry for each node");
_Static_assert(sizeof(struct xen_memory_reservation) == ARG_MAX_BYTES,
               "64-bit layout");

/* interface_version of domctl: raised in 4.18, 4.19 and 4.22. */
uint32_t hv_domctl_version(enum release r)
{
    return r < RELEASE_4_18   ? 0x15
           : r < RELEASE_4_19 ? 0x16
           : r < RELEASE_4_22 ? 0x17
                              : 0x18;
}

/* interface_version of sysctl: raised in 4.21. */
uint32_t hv_sysctl_version(enum release r)
{
    return r < RELEASE_4_21 ? 0x15 : 0x16;
}

/* ---- memory_op ---- */

static bool is_32bit(const struct hv_call *call)
{
    return call->caller.flags & HV_CALLER_ABI32;
}

static size_t entry_bytes(const struct hv_call *call)
{
    return is_32bit(call) ? 4 : 8;
}

/* The argument as it lies in memory; its size. */
static size_t marshal(const struct hv_call *call, unsigned char *arg)
{
    const struct xen_memory_reservation *r = &call->resv;
    unsigned int op = call->cmd & MEMOP_CMD_MASK;

    if ( op == XENMEM_current_reservation || op == XENMEM_maximum_reservation )
    {
        const struct xen_memory_domain d = { .domid = r->domid };

        memcpy(arg, &d, sizeof(d));
        return sizeof(d);
    }
    if ( is_32bit(call) )
    {
        const uint32_t words[4] = { (uint32_t)(uintptr_t)r->extent_start.p,
                                    (uint32_t)r->nr_extents, r->extent_order,
                                    r->mem_flags };

        memcpy(arg, words, sizeof(words));
        memcpy(arg + 16, &r->domid, 2);
        memcpy(arg + 18, call->pad, 2);
        return COMPAT_RESERVATION_SIZE;
    }
    memcpy(arg, r, sizeof(*r));
    memcpy(arg + offsetof(struct xen_memory_reservation, domid) + 2, call->pad,
           sizeof(call->pad));

    return sizeof(*r);
}

static void write_list(const struct hypervisor *h, const struct hv_call *call)
{
    size_t width = entry_bytes(call);
    uint64_t addr = (uintptr_t)call->resv.extent_start.p;
    unsigned char *to;

    if ( is_32bit(call) )
        addr = (uint32_t)addr;
    to = h->ops->guest(h->hv, addr, call->list_entries * width);
    assert(to);
    if ( width == 8 )
    {
        memcpy(to, call->list, call->list_entries * width);
        return;
    }
    for ( uint32_t i = 0; i < call->list_entries; i++ )
    {
        uint32_t entry = (uint32_t)call->list[i];

        memcpy(to + i * width, &entry, width);
    }
}

/* The list after the call: read in place where width and alignment allow. */
static void read_list(const struct hypervisor *h, const struct hv_call *call,
                      struct hv_result *result)
{
    size_t width = entry_bytes(call);
    uint64_t addr = (uintptr_t)call->resv.extent_start.p;
    const unsigned char *from;

    if ( is_32bit(call) )
        addr = (uint32_t)addr;
    from = h->ops->guest(h->hv, addr, call->list_entries * width);
    assert(from);
    if ( width == 8 && (uintptr_t)from % 8 == 0 )
    {
        result->list = (const uint64_t *)(const void *)from;
        return;
    }
    MARK(list_in_bits);
    for ( uint32_t i = 0; i < call->list_entries; i++ )
    {
        result->list_space[i] = 0;
        memcpy(&result->list_space[i], from + i * width, width);
    }
    result->list = result->list_space;
}

static unsigned int issue_memory_op(const struct hypervisor *h,
                                    const struct hv_call *call,
                                    struct hv_result *result)
{
    unsigned char arg[ARG_MAX_BYTES];
    size_t size = marshal(call, arg);
    unsigned int invocations = 0;
    uint64_t cmd = call->cmd, before;

    assert(call->list_entries <= HV_LIST_MAX);
    if ( call->list_entries )
        write_list(h, call);
    if ( size > call->arg_bytes )
        size = call->arg_bytes;
    if ( size )
    {
        void *to = h->ops->guest(h->hv, call->arg, size);

        assert(to);
        memcpy(to, arg, size);
    }

    do
    {
        invocations++;
        assert(invocations < INVOCATIONS_MAX);
        before = cmd;
        result->rc = h->ops->memory_op(h->hv, &call->caller, &cmd, call->arg);
        /* Without progress it would never end: HV_CONTINUE is its result. */
    } while ( result->rc == HV_CONTINUE && cmd != before );

    result->list = NULL;
    if ( call->list_entries )
        read_list(h, call, result);

    return invocations;
}

/* ---- domctl ---- */

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

static void write_argument(const struct hypervisor *h, struct placing at,
                           const void *from)
{
    void *to = at.bytes ? h->ops->guest(h->hv, at.addr, at.bytes) : NULL;

    assert(to || !at.bytes);
    if ( to )
        memcpy(to, from, at.bytes);
}

static void read_argument(const struct hypervisor *h, struct placing at,
                          void *to)
{
    const void *from = at.bytes ? h->ops->guest(h->hv, at.addr, at.bytes)
                                : NULL;

    if ( from )
        memcpy(to, from, at.bytes);
}

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

/* What the structure points to, of which so many bytes can be accessed. */
static void *data_of(const struct hypervisor *h, struct placing at)
{
    void *p = at.bytes ? h->ops->guest(h->hv, at.addr, at.bytes) : NULL;

    assert(p || !at.bytes);
    return p;
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

static void fill_nodemap(const struct hypervisor *h,
                         const struct hv_call *call, struct placing argument,
                         struct xenctl_bitmap *map)
{
    struct placing at = place_data(call, argument, NODEMAP_BYTES);
    void *to = data_of(h, at);

    if ( to )
        memcpy(to, &call->domctl.value, at.bytes);
    map->bitmap.p = (uint8_t *)(uintptr_t)at.addr;
    map->nr_bits = call->placed ? call->data_count : HV_NODEMAP_BITS;
}

/* The structure points to the entries, which lie where the call says. */
static void fill_claim_set(const struct hypervisor *h,
                           const struct hv_call *call, struct xen_domctl *op)
{
    struct xen_domctl_claim_memory set = {
        .entries = call->data,
        .nr_entries = call->domctl.nr_entries,
        .mode = call->domctl.mode,
    };

    memcpy(&op->u, &set, sizeof(set));
    if ( call->entries && call->data_bytes )
        memcpy(h->ops->guest(h->hv, call->data, call->data_bytes),
               call->entries, call->data_bytes);
}

static void read_claim_set(const struct hypervisor *h,
                           const struct hv_call *call,
                           const struct xen_domctl *op,
                           struct hv_result *result)
{
    struct xen_domctl_claim_memory set;

    memcpy(&set, &op->u, sizeof(set));
    result->nr_entries = set.nr_entries;
    if ( !call->entries || !call->data_bytes )
        return;
    memcpy(result->entry_space,
           h->ops->guest(h->hv, call->data, call->data_bytes),
           call->data_bytes);
    result->entries = result->entry_space;
}

static unsigned int issue_domctl(const struct hypervisor *h,
                                 const struct hv_call *call,
                                 struct hv_result *result)
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

    write_argument(h, at, &op);
    do
    {
        invocations++;
        assert(invocations < INVOCATIONS_MAX);
        result->rc = h->ops->domctl(h->hv, &call->caller, at.addr);
    } while ( result->rc == HV_CONTINUE &&
              (d->cmd != XEN_DOMCTL_destroydomain || d->preempt == 0 ||
               invocations < d->preempt) );

    read_argument(h, at, &op);
    result->domid = op.domain;
    if ( d->cmd == XEN_DOMCTL_getdomaininfo )
        result->out.info = op.u.getdomaininfo;
    else if ( hv_is_claim_set(call) )
        read_claim_set(h, call, &op, result);

    return invocations;
}

/* ---- sysctl ---- */

static unsigned int issue_sysctl(const struct hypervisor *h,
                                 enum release release,
                                 const struct hv_call *call,
                                 struct hv_result *result)
{
    struct placing at = place(call, sizeof(struct xen_sysctl));
    struct xen_sysctl_meminfo mem[HV_NODES_MAX];
    struct placing mem_at = place_data(call, at, sizeof(mem));
    unsigned int invocations = 0;
    bool numa = call->kind == HV_CALL_NUMAINFO;
    uint32_t far = call->distance == HV_DISTANCE_AT
                       ? (uint32_t)sizeof(result->distance)
                       : 0;
    struct xen_sysctl op;
    void *out, *distance;

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

    write_argument(h, at, &op);
    distance = data_of(h, (struct placing){ call->distance, 0, far });
    if ( distance )
        memset(distance, UINT8_MAX, far);
    out = data_of(h, mem_at);
    if ( out )
        memcpy(out, mem, mem_at.bytes);
    do
    {
        invocations++;
        assert(invocations < INVOCATIONS_MAX);
        result->rc = h->ops->sysctl(h->hv, &call->caller, at.addr);
    } while ( result->rc == HV_CONTINUE );

    read_argument(h, at, &op);
    if ( out )
        memcpy(mem, out, mem_at.bytes);
    if ( distance )
        memcpy(result->distance, distance, far);
    result->nr_nodes = numa ? op.u.numainfo.num_nodes : 0;
    if ( !numa )
        result->out.phys = op.u.physinfo;
    /* A node that is offline reports all ones. */
    for ( unsigned int i = 0; numa && i < HV_NODES_MAX; i++ )
    {
        result->out.node_free[i] = mem[i].memfree == UINT64_MAX
                                       ? 0
                                       : mem[i].memfree >> PAGE_SHIFT;
        result->node_size[i] = mem[i].memsize >> PAGE_SHIFT;
    }

    return invocations;
}

/* ---- what is no hypercall; -ENOSYS without the capability ---- */

static long issue_other(const struct hypervisor *h, const struct hv_call *call,
                        struct hv_result *result)
{
    const struct hypervisor_ops *ops = h->ops;

    switch ( call->kind )
    {
    case HV_CALL_MAP:
        return ops->map ? ops->map(h->hv, call->domid, call->frame) : -ENOSYS;
    case HV_CALL_UNMAP:
        return ops->unmap ? ops->unmap(h->hv, call->domid, call->frame)
                          : -ENOSYS;
    case HV_CALL_ANON_ALLOC:
        return ops->anon_alloc
                   ? ops->anon_alloc(h->hv, call->order, &result->frame)
                   : -ENOSYS;
    case HV_CALL_ANON_FREE:
        if ( !ops->anon_free )
            return -ENOSYS;
        ops->anon_free(h->hv, call->frame, call->order);
        return 0;
    case HV_CALL_EXTRA_ALLOC:
        return ops->extra_alloc
                   ? ops->extra_alloc(h->hv, call->domid, &result->frame)
                   : -ENOSYS;
    case HV_CALL_EXTRA_FREE:
        return ops->extra_free
                   ? ops->extra_free(h->hv, call->domid, call->frame)
                   : -ENOSYS;
    default: assert(!"not a kind of call"); return -ENOSYS;
    }
}

static unsigned int issue(const struct hypervisor *h, enum release release,
                          const struct hv_call *call, struct hv_result *result)
{
    switch ( call->kind )
    {
    case HV_CALL_MEMORY_OP: return issue_memory_op(h, call, result);
    case HV_CALL_DOMCTL: return issue_domctl(h, call, result);
    case HV_CALL_PHYSINFO:
    case HV_CALL_NUMAINFO:
    case HV_CALL_SYSCTL: return issue_sysctl(h, release, call, result);
    default: result->rc = issue_other(h, call, result); return 1;
    }
}

/* Of the argument, or, counted on behind it, of a claim set's entries. */
static uint64_t flip_address(const struct hv_call *call)
{
    uint32_t at = call->flip - 1;

    if ( hv_is_claim_set(call) && at >= sizeof(struct xen_domctl) )
        return call->data + (at - sizeof(struct xen_domctl));

    return call->arg + at;
}

unsigned int hv_issue(const struct hypervisor *h, enum release release,
                      const struct hv_call *call, struct hv_result *result)
{
    bool flips = call->flip && h->ops->flip;
    bool readonly = call->readonly && h->ops->readonly;
    unsigned int invocations;

    result->list = NULL;
    result->frame = 0;
    result->domid = 0;
    result->nr_nodes = 0;
    result->nr_entries = 0;
    result->entries = NULL;
    if ( call->distance )
        memset(result->distance, UINT8_MAX, sizeof(result->distance));
    if ( h->ops->issue )
        return h->ops->issue(h->hv, call, result);
    if ( __builtin_expect(!flips && !readonly, 1) )
        return issue(h, release, call, result);
    if ( flips )
        h->ops->flip(h->hv, flip_address(call));
    if ( readonly )
        h->ops->readonly(h->hv, call->readonly);
    invocations = issue(h, release, call, result);
    if ( flips )
        h->ops->flip(h->hv, 0);
    if ( readonly )
        h->ops->readonly(h->hv, 0);

    return invocations;
}
