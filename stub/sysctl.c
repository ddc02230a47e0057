/* SPDX-License-Identifier: MIT */
/*
 * sysctl: physinfo and numainfo (rules 3.11), and the way to page_offline.c. Every
 * other command is -ENOSYS.
 * The structure is the one of the headers built against.
 */
#include "checks.h"
#include "world.h"

#include <string.h>

#define PAGE_SHIFT 12
/* What firmware tables usually say of a node and itself, and of another. */
#define DISTANCE_LOCAL 10
#define DISTANCE_REMOTE 20

/* Claims for no node, of all domains; for a fault. */
static uint64_t host_parts(const struct stub *s)
{
    struct alloc_parts parts;
    uint64_t pages = 0;

    s->alloc->parts(s->a, &parts);
    for ( uint32_t i = 0; i < HV_DOMS_MAX; i++ )
        pages += parts.dom[i].host;

    return pages;
}

/* free and outstanding are read under one hold of heap_lock: a true pair. */
static long do_physinfo(struct stub *s, struct xen_sysctl *op)
{
    struct xen_sysctl_physinfo *p = &op->u.physinfo;
    uint64_t free, claimed;

    LOCK(s, HV_LOCK_HEAP, ALLOC_NO_DOMAIN);
    s->alloc->heap(s->a, &free, &claimed);
    UNLOCK(s, HV_LOCK_HEAP, ALLOC_NO_DOMAIN);

    memset(p, 0, sizeof(*p));
    p->threads_per_core = 1;
    p->cores_per_socket = 1;
    p->nr_cpus = 1;
    p->nr_nodes = s->w.nodes;
    p->max_node_id = s->w.nodes - 1;
    p->total_pages = s->w.pages;
    p->free_pages = free;
    p->outstanding_pages = claimed;
    if ( claimed && FAULT_ON(&s->w, physinfo_free_less_claimed) )
        p->free_pages = free - claimed;
    if ( s->w.sets && FAULT_ON(&s->w, physinfo_tells_host_parts) )
        p->outstanding_pages = host_parts(s);
    if ( claimed && FAULT_ON(&s->w, physinfo_no_claims) )
        p->outstanding_pages = 0;
    if ( s->told_free && FAULT_ON(&s->w, physinfo_stale) )
        p->free_pages = s->told_free;
    s->told_free = free;
    p->max_mfn = HV_FRAME_BASE + s->w.pages - 1;

    return 0;
}

static bool write_distances(struct stub *s, uint64_t to, uint32_t row,
                            uint32_t n)
{
    for ( uint32_t j = 0; j < n; j++ )
    {
        uint32_t distance = row == j && !FAULT_ON(&s->w, numainfo_near)
                                ? DISTANCE_LOCAL
                                : DISTANCE_REMOTE;

        if ( copy_to_guest(&s->guest, to + (row * n + j) * 4, &distance, 4) )
            return false;
    }
    return true;
}

static long do_numainfo(struct stub *s, struct xen_sysctl *op)
{
    struct xen_sysctl_numainfo *info = &op->u.numainfo;
    uint64_t mem = (uintptr_t)info->meminfo.p;
    uint64_t dist = (uintptr_t)info->distance.p;
    uint32_t n = s->w.nodes;
    uint64_t free[HV_NODES_MAX];

    if ( (mem || dist) && n > info->num_nodes &&
         !FAULT_ON(&s->w, numainfo_uncounted) )
        n = info->num_nodes;
    s->alloc->node_free(s->a, free);

    for ( uint32_t i = 0; i < n; i++ )
    {
        struct xen_sysctl_meminfo m = {
            .memsize = (uint64_t)s->w.node_pages << PAGE_SHIFT,
            .memfree = free[i] << PAGE_SHIFT,
        };

        if ( FAULT_ON(&s->w, numainfo_shifted) )
            m.memfree = free[(i + 1) % s->w.nodes] << PAGE_SHIFT;

        if ( mem &&
             copy_to_guest(&s->guest, mem + i * sizeof(m), &m, sizeof(m)) &&
             !FAULT_ON(&s->w, numainfo_fault_unseen) )
            return -EFAULT;
        if ( dist && !write_distances(s, dist, i, n) )
            return -EFAULT;
    }
    info->num_nodes = n;

    return 0;
}

struct sysctl_call
{
    struct stub *s;
    const struct hv_caller *caller;
    uint64_t arg;
    struct xen_sysctl op;
};

/* clang-format off */
#define SYSCTL_CHECKS(CHECK) \
    CHECK(sysctl, user, EPERM, "rules 1.1 0a", "caller outside ring 0", \
          c->caller->flags & HV_CALLER_USER,) \
    CHECK(sysctl, fault, EFAULT, "rules 3.11 a", "structure cannot be read", \
          !read_argument(&c->s->guest, &c->op, c->arg, sizeof(c->op)),) \
    CHECK(sysctl, version, EACCES, "rules 3.11 b", "another interface version", \
          c->op.interface_version != c->s->facts->sysctl_version, \
          .needs = "fault") \
    CHECK(sysctl, xsm, EPERM, "rules 3.11 c", "caller is not a control domain", \
          !is_control(c->caller),) \
    CHECK(sysctl, command, ENOSYS, "rules 3.11 d", "unknown command", \
          c->op.cmd != XEN_SYSCTL_physinfo && \
          c->op.cmd != XEN_SYSCTL_numainfo && \
          c->op.cmd != XEN_SYSCTL_page_offline_op, .needs = "fault")
/* clang-format on */
#define CHECKED_CALL struct sysctl_call
DEFINE_CHECKS(sysctl, SYSCTL_CHECKS)

long stub_sysctl(void *hv, const struct hv_caller *caller, uint64_t arg)
{
    struct stub *s = hv;
    struct sysctl_call c;
    bool offline;
    long rc;

    guest_begin(&s->guest);
    c.s = s;
    c.caller = caller;
    c.arg = arg;
    if ( REFUSED(&s->w, sysctl, &c, &rc) )
        return rc;
    offline = c.op.cmd == XEN_SYSCTL_page_offline_op;

    LOCK(s, HV_LOCK_SYSCTL, ALLOC_NO_DOMAIN);
    /* An unknown one can only come here by a planted fault. */
    rc = c.op.cmd == XEN_SYSCTL_physinfo ? do_physinfo(s, &c.op)
         : offline ? do_page_offline(s, &c.op.u.page_offline)
                   : do_numainfo(s, &c.op);
    UNLOCK(s, HV_LOCK_SYSCTL, ALLOC_NO_DOMAIN);
    /* The array says what became of pages; the structure is not written. */
    if ( !rc && !offline &&
         copy_to_guest(&s->guest, arg, &c.op, sizeof(c.op)) &&
         !FAULT_ON(&s->w, copyback_fault_unseen) )
        rc = -EFAULT;
    locks_none_held(s, __func__, __LINE__);

    return rc;
}
