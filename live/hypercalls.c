/* SPDX-License-Identifier: MIT */
/*
 * A program's hypercalls. Not here: which of them must not be made
 * (harmless.c), those that live/ needs itself (calls.c).
 */
#include "internal.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define PAGE_BYTES 4096

/* Remembers which frames a reservation call gave to dom0. */
static void note_dom0_frames(struct live *l, uint64_t cmd,
                             const struct xen_memory_reservation *r, long rc)
{
    unsigned int op = cmd & MEMOP_CMD_MASK;
    uint64_t i, start = cmd >> MEMOP_EXTENT_SHIFT;
    const uint64_t *list;

    if ( rc <= 0 || (uint64_t)rc <= start ||
         (r->domid != 0 && r->domid != DOMID_SELF) ||
         (op != XENMEM_populate_physmap && op != XENMEM_increase_reservation) )
        return;

    for ( i = start; i < (uint64_t)rc; i++ )
    {
        list = live_guest(l, (uintptr_t)(r->extent_start.p + i), 8);
        if ( list && l->nr_dom0_frames < LIVE_DOM0_FRAMES_MAX )
            l->dom0_frame[l->nr_dom0_frames++] = *list;
    }
}

long live_memory_op(void *hv, const struct hv_caller *caller, uint64_t *cmd,
                    uint64_t arg)
{
    struct live *l = hv;
    struct xen_memory_reservation resv;
    void *at = live_guest(l, arg, sizeof(resv));
    long rc;

    if ( caller->domid != 0 )
        return -EPERM;
    if ( at )
        memcpy(&resv, at, sizeof(resv));
    if ( live_own_argument(arg) ||
         live_memory_op_harm(l, *cmd, at ? &resv : NULL) )
        return -EPERM;

    rc = calls_of_program(&l->calls, __HYPERVISOR_memory_op, *cmd, arg);
    if ( at )
        note_dom0_frames(l, *cmd, &resv, rc);

    return rc;
}

/* Where 4.19 has inserted four bytes (altp2m_opts, here 0) in createdomain. */
#define CREATEDOMAIN_INSERTED                                                 \
    offsetof(struct xen_domctl_createdomain, vmtrace_size)

/* From the layout of 4.17, 64 bytes, to that from 4.19 on, 68. */
static void new_createdomain(struct xen_domctl *op)
{
    char *at = (char *)&op->u.createdomain + CREATEDOMAIN_INSERTED;

    _Static_assert(sizeof(op->u.createdomain) == 64 &&
                       CREATEDOMAIN_INSERTED == 48,
                   "4.17's headers");
    memmove(at + 4, at, sizeof(op->u.createdomain) - CREATEDOMAIN_INSERTED);
    memset(at, 0, 4);
}

long live_domctl(void *hv, const struct hv_caller *caller, uint64_t arg)
{
    struct live *l = hv;
    struct xen_domctl *op = live_guest(l, arg, sizeof(*op));
    uint32_t cmd;
    long rc;

    if ( caller->domid != 0 )
        return -EPERM;
    if ( !op )
        return calls_of_program(&l->calls, __HYPERVISOR_domctl, arg, 0);

    memcpy(&cmd, &op->cmd, sizeof(cmd));
    /* With the rules of another release the engine sends that release's
     * version, which this Xen would refuse before it does anything else. */
    if ( op->interface_version == l->sent_domctl )
        op->interface_version = hv_domctl_version(l->shape.release);
    if ( cmd == XEN_DOMCTL_createdomain && l->shape.release >= RELEASE_4_19 )
        new_createdomain(op);
    rc = calls_of_program(&l->calls, __HYPERVISOR_domctl, arg, 0);

    if ( cmd == XEN_DOMCTL_createdomain && rc == 0 )
    {
        /* A domid that Xen chose itself has no slot: destroy that domain at
         * once. */
        if ( op->domain >= HV_DOMS_MAX )
            calls_destroy(&l->calls, op->domain);
        else
            __atomic_fetch_or(live_domids(l), 1U << op->domain,
                              __ATOMIC_RELEASE);
    }
    return rc;
}

long live_sysctl(void *hv, const struct hv_caller *caller, uint64_t arg)
{
    struct live *l = hv;
    struct xen_sysctl *op = live_guest(l, arg, sizeof(*op));
    long rc;

    if ( caller->domid != 0 )
        return -EPERM;
    if ( op && op->interface_version == l->sent_sysctl )
        op->interface_version = hv_sysctl_version(l->shape.release);
    rc = calls_of_program(&l->calls, __HYPERVISOR_sysctl, arg, 0);
    if ( rc || !op )
        return rc;

    /* As in live_observe(). */
    if ( op->cmd == XEN_SYSCTL_physinfo )
    {
        op->u.physinfo.free_pages -= l->leaked;
        op->u.physinfo.outstanding_pages -= l->leaked;
    }
    else if ( op->cmd == XEN_SYSCTL_numainfo && op->u.numainfo.meminfo.p &&
              l->big_node < op->u.numainfo.num_nodes )
        op->u.numainfo.meminfo.p[l->big_node].memfree -= l->leaked *
                                                         PAGE_BYTES;

    return rc;
}
