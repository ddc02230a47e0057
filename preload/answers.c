/* SPDX-License-Identifier: MIT */
/*
 * libclaimcheck-xen.so: calls that the seam does not have and programs ask for.
 * What depends on the host's state is made of calls that the seam has, so they
 * are checked like any other; the rest is what every host of this kind says: one
 * CPU, one CPU pool, PV domains, no power management.
 *
 * Not here: xen_version (version.c), and anything that would change a state that
 * nobody keeps: that is -ENOSYS.
 */
#include "host.h"

#include <errno.h>
#include <string.h>

#define PAGE_SHIFT 12
/* Of the one CPU there is. */
#define CPUS 1

struct answer
{
    unsigned int op;
    uint32_t cmd;
    long (*fn)(struct preload_host *p, void *arg);
};

static uint64_t address(const void *p)
{
    return (uintptr_t)p;
}

/* ---- domctl ---- */

/* What the hypervisor says of a domain: 4.17 may answer with the next one. */
static long domain_info(struct preload_host *p, uint32_t domid,
                        struct xen_domctl_getdomaininfo *info)
{
    struct xen_domctl op = { .cmd = XEN_DOMCTL_getdomaininfo,
                             .interface_version = XEN_DOMCTL_INTERFACE_VERSION,
                             .domain = (domid_t)domid };
    long rc = preload_control(p, __HYPERVISOR_domctl, address(&op));

    if ( !rc && op.u.getdomaininfo.domain != domid )
        return -ESRCH;
    *info = op.u.getdomaininfo;

    return rc;
}

static long get_address_size(struct preload_host *p, void *arg)
{
    struct xen_domctl *op = arg;
    struct xen_domctl_getdomaininfo info;
    long rc = domain_info(p, op->domain, &info);

    if ( !rc )
        op->u.address_size.size = 64;

    return rc;
}

/* PV domains have no such pool. */
static long get_paging_mempool_size(struct preload_host *p, void *arg)
{
    const struct xen_domctl *op = arg;
    struct xen_domctl_getdomaininfo info;
    long rc = domain_info(p, op->domain, &info);

    return rc ? rc : -EOPNOTSUPP;
}

/* ---- sysctl ---- */

static long getdomaininfolist(struct preload_host *p, void *arg)
{
    struct xen_sysctl_getdomaininfolist *list =
        &((struct xen_sysctl *)arg)->u.getdomaininfolist;
    struct xen_domctl_getdomaininfo info;
    uint32_t domid, found = 0;

    for ( domid = list->first_domain;
          domid < HV_DOMS_MAX && found < list->max_domains; domid++ )
    {
        if ( domain_info(p, domid, &info) )
            continue;
        if ( !preload_write(address(list->buffer.p + found), &info,
                            sizeof(info)) )
            return -EFAULT;
        found++;
    }
    list->num_domains = found;

    return 0;
}

/* The zone that addresses of so many bits end in. */
static uint32_t zone_of_bits(uint32_t bits)
{
    if ( bits <= PAGE_SHIFT )
        return 1;

    return bits - PAGE_SHIFT < HV_ZONES ? bits - PAGE_SHIFT : HV_ZONES - 1;
}

/* Free pages of a node in zones first..last. */
static uint64_t free_in(const struct hv_capacity *c, uint32_t node,
                        uint32_t first, uint32_t last)
{
    uint64_t pages = 0;
    uint32_t zone, order;

    for ( zone = first; zone <= last; zone++ )
        for ( order = 0; order < c->orders; order++ )
            pages += (uint64_t)hv_blocks(c, node, zone, order) << order;

    return pages;
}

/* Claimed or not, as Xen counts them. A node that is not there has none. */
static long availheap(struct preload_host *p, void *arg)
{
    struct xen_sysctl_availheap *heap =
        &((struct xen_sysctl *)arg)->u.availheap;
    uint32_t first = heap->min_bitwidth ? zone_of_bits(heap->min_bitwidth) : 1;
    uint32_t last = heap->max_bitwidth ? zone_of_bits(heap->max_bitwidth)
                                       : HV_ZONES - 1;
    bool any = !heap->min_bitwidth && !heap->max_bitwidth;
    struct hv_capacity c;
    uint64_t pages = 0;
    uint32_t node;

    if ( !any && !(p->h.ops->caps & HV_CAP_CAPACITY) )
        return -ENOSYS;
    if ( !any )
        p->h.ops->capacity(p->h.hv, &c);
    p->h.ops->observe(p->h.hv, &p->engine->seen);
    for ( node = 0; node < HV_NODES_MAX; node++ )
        if ( heap->node < 0 || node == (uint32_t)heap->node )
            pages += any ? p->engine->seen.node_free[node]
                         : free_in(&c, node, first, last);
    heap->avail_bytes = pages << PAGE_SHIFT;

    return 0;
}

static long sched_id(struct preload_host *p, void *arg)
{
    (void)p;
    ((struct xen_sysctl *)arg)->u.sched_id.sched_id = XEN_SCHEDULER_CREDIT2;

    return 0;
}

static long getcpuinfo(struct preload_host *p, void *arg)
{
    struct xen_sysctl_getcpuinfo *cpus =
        &((struct xen_sysctl *)arg)->u.getcpuinfo;
    const struct xen_sysctl_cpuinfo idle = { 0 };

    (void)p;
    cpus->nr_cpus = cpus->max_cpus < CPUS ? cpus->max_cpus : CPUS;
    if ( cpus->nr_cpus &&
         !preload_write(address(cpus->info.p), &idle, sizeof(idle)) )
        return -EFAULT;

    return 0;
}

static long cputopoinfo(struct preload_host *p, void *arg)
{
    struct xen_sysctl_cputopoinfo *cpus =
        &((struct xen_sysctl *)arg)->u.cputopoinfo;
    const struct xen_sysctl_cputopo first = { 0 };

    (void)p;
    if ( !cpus->cputopo.p || cpus->num_cpus > CPUS )
        cpus->num_cpus = CPUS;
    if ( cpus->cputopo.p && cpus->num_cpus &&
         !preload_write(address(cpus->cputopo.p), &first, sizeof(first)) )
        return -EFAULT;

    return 0;
}

static bool put_cpus(const struct xenctl_bitmap *map, uint8_t cpus)
{
    return !map->nr_bits || preload_write(address(map->bitmap.p), &cpus, 1);
}

/* The pool that Xen boots with; questions only. */
static long cpupool_op(struct preload_host *p, void *arg)
{
    struct xen_sysctl_cpupool_op *pool =
        &((struct xen_sysctl *)arg)->u.cpupool_op;
    struct xen_domctl_getdomaininfo info;
    uint32_t domid;

    if ( pool->op == XEN_SYSCTL_CPUPOOL_OP_FREEINFO )
        return put_cpus(&pool->cpumap, 0) ? 0 : -EFAULT;
    if ( pool->op != XEN_SYSCTL_CPUPOOL_OP_INFO )
        return -ENOSYS;
    if ( pool->cpupool_id != XEN_SYSCTL_CPUPOOL_PAR_ANY && pool->cpupool_id )
        return -ENOENT;
    pool->cpupool_id = 0;
    pool->sched_id = XEN_SCHEDULER_CREDIT2;
    pool->n_dom = 0;
    for ( domid = 0; domid < HV_DOMS_MAX; domid++ )
        pool->n_dom += !domain_info(p, domid, &info);

    return put_cpus(&pool->cpumap, 1) ? 0 : -EFAULT;
}

static long no_power_management(struct preload_host *p, void *arg)
{
    (void)p;
    (void)arg;
    return -ENODEV;
}

/* ---- memory_op ---- */

static long maximum_ram_page(struct preload_host *p, void *arg)
{
    struct xen_sysctl op = { .cmd = XEN_SYSCTL_physinfo,
                             .interface_version =
                                 XEN_SYSCTL_INTERFACE_VERSION };
    long rc = preload_control(p, __HYPERVISOR_sysctl, address(&op));

    (void)arg;
    return rc ? rc : (long)op.u.physinfo.max_mfn;
}

/* A PV domain says itself what its highest frame is; none here has. */
static long maximum_gpfn(struct preload_host *p, void *arg)
{
    long rc = preload_memory_op(p, XENMEM_current_reservation, address(arg));

    return rc < 0 ? rc : 0;
}

static long machphys_mapping(struct preload_host *p, void *arg)
{
    const struct xen_machphys_mapping mapping = {
        .v_start = MACH2PHYS_VIRT_START,
        .v_end = MACH2PHYS_VIRT_END,
        .max_mfn = MACH2PHYS_NR_ENTRIES - 1,
    };

    (void)p;
    return preload_write(address(arg), &mapping, sizeof(mapping)) ? 0
                                                                  : -EFAULT;
}

static long nothing_shared(struct preload_host *p, void *arg)
{
    (void)p;
    (void)arg;
    return 0;
}

/* ---- the table ---- */

static const struct answer answers[] = {
    { __HYPERVISOR_domctl, XEN_DOMCTL_get_address_size, get_address_size },
    { __HYPERVISOR_domctl, XEN_DOMCTL_get_paging_mempool_size,
      get_paging_mempool_size },
    { __HYPERVISOR_sysctl, XEN_SYSCTL_getdomaininfolist, getdomaininfolist },
    { __HYPERVISOR_sysctl, XEN_SYSCTL_availheap, availheap },
    { __HYPERVISOR_sysctl, XEN_SYSCTL_sched_id, sched_id },
    { __HYPERVISOR_sysctl, XEN_SYSCTL_getcpuinfo, getcpuinfo },
    { __HYPERVISOR_sysctl, XEN_SYSCTL_cputopoinfo, cputopoinfo },
    { __HYPERVISOR_sysctl, XEN_SYSCTL_cpupool_op, cpupool_op },
    { __HYPERVISOR_sysctl, XEN_SYSCTL_get_pmstat, no_power_management },
    { __HYPERVISOR_sysctl, XEN_SYSCTL_pm_op, no_power_management },
    { __HYPERVISOR_memory_op, XENMEM_maximum_ram_page, maximum_ram_page },
    { __HYPERVISOR_memory_op, XENMEM_maximum_gpfn, maximum_gpfn },
    { __HYPERVISOR_memory_op, XENMEM_machphys_mapping, machphys_mapping },
    { __HYPERVISOR_memory_op, XENMEM_get_sharing_freed_pages, nothing_shared },
    { __HYPERVISOR_memory_op, XENMEM_get_sharing_shared_pages,
      nothing_shared },
};

/* Is the interface version one that a toolstack of this host may send? */
static bool version_right(const struct preload_host *p, unsigned int op,
                          const void *arg)
{
    const struct xen_sysctl *head = arg; /* a domctl begins alike */

    if ( op == __HYPERVISOR_sysctl )
        return head->interface_version == XEN_SYSCTL_INTERFACE_VERSION ||
               head->interface_version == hv_sysctl_version(p->release);

    return head->interface_version == XEN_DOMCTL_INTERFACE_VERSION ||
           head->interface_version == hv_domctl_version(p->release);
}

/* Like Xen: the whole structure is read, and written back if all went well. */
static long control_answer(struct preload_host *p, const struct answer *answer,
                           uint64_t arg)
{
    union
    {
        struct xen_domctl domctl;
        struct xen_sysctl sysctl;
    } copy;
    size_t size = answer->op == __HYPERVISOR_domctl ? sizeof(copy.domctl)
                                                    : sizeof(copy.sysctl);
    long rc;

    if ( !preload_read(&copy, arg, size) )
        return -EFAULT;
    if ( !version_right(p, answer->op, &copy) )
        return -EACCES;
    rc = answer->fn(p, &copy);
    if ( !rc && !preload_write(arg, &copy, size) )
        rc = -EFAULT;

    return rc;
}

bool preload_answer(struct preload_host *p, unsigned int op, uint32_t cmd,
                    uint64_t arg, long *rc)
{
    const struct answer *a;

    for ( a = answers; a < answers + sizeof(answers) / sizeof(*a); a++ )
        if ( a->op == op && a->cmd == cmd )
        {
            preload_record_pause(true);
            *rc = op == __HYPERVISOR_memory_op
                      ? a->fn(p, (void *)(uintptr_t)arg)
                      : control_answer(p, a, arg);
            preload_record_pause(false);
            return true;
        }

    return false;
}
