/* SPDX-License-Identifier: MIT */
/*
 * A program's hypercalls. Not here: which of them must not be made
 * (harmless.c), those that live/ needs itself (calls.c).
 */
#include "internal.h"
#include "layout.h"

#include <errno.h>
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

/* Is a call not to be made? Then nothing of it reaches Xen. */
static bool refused(const struct live *l, const struct hv_caller *caller,
                    struct hv_call *call, uint64_t arg)
{
    call->caller = *caller;
    call->arg = arg;
    call->placed = true;

    return live_refusal(l, call) != NULL;
}

long live_memory_op(void *hv, const struct hv_caller *caller, uint64_t *cmd,
                    uint64_t arg)
{
    struct live *l = hv;
    struct hv_call call = { .kind = HV_CALL_MEMORY_OP, .cmd = *cmd };
    void *at = live_guest(l, arg, sizeof(call.resv));
    long rc;

    if ( at )
    {
        call.arg_bytes = sizeof(call.resv);
        memcpy(&call.resv, at, sizeof(call.resv));
    }
    if ( refused(l, caller, &call, arg) )
        return -EPERM;

    rc = calls_of_program(&l->calls, __HYPERVISOR_memory_op, *cmd, arg);
    if ( at )
        note_dom0_frames(l, *cmd, &call.resv, rc);

    return rc;
}

/* A domain was created. One whose id Xen chose above those of programs is
 * destroyed at once: as if there had been no place for it. */
static long created(struct live *l, uint16_t domid)
{
    if ( domid >= HV_DOMS_MAX )
    {
        calls_destroy(&l->calls, domid);
        return -ENOMEM;
    }
    __atomic_fetch_or(live_domids(l), 1U << domid, __ATOMIC_RELEASE);

    return 0;
}

/* The structure need not be aligned: it is copied, and written back. */
long live_domctl(void *hv, const struct hv_caller *caller, uint64_t arg)
{
    struct live *l = hv;
    struct hv_call call = { .kind = HV_CALL_DOMCTL };
    struct xen_domctl op = { 0 };
    void *at = live_guest(l, arg, sizeof(op));
    long rc;

    if ( at )
        memcpy(&op, at, sizeof(op));
    call.domctl.cmd = op.cmd;
    call.domctl.domid = op.domain;
    if ( refused(l, caller, &call, arg) )
        return -EPERM;

    /* With the rules of another release the engine sends that release's
     * version, which this Xen would refuse before it does anything else. */
    if ( op.interface_version == l->sent_domctl )
        op.interface_version = hv_domctl_version(l->shape.release);
    if ( op.cmd == XEN_DOMCTL_createdomain )
        layout_for((enum release)l->shape.release, &op.u);
    if ( at )
        memcpy(at, &op, sizeof(op));
    rc = calls_of_program(&l->calls, __HYPERVISOR_domctl, arg, 0);
    if ( rc || !at || op.cmd != XEN_DOMCTL_createdomain )
        return rc;
    memcpy(&op, at, sizeof(op));

    return created(l, op.domain);
}

/* As in live_observe(). */
static void hide_leak(const struct live *l, struct xen_sysctl *op)
{
    struct xen_sysctl_meminfo mem, *to;

    if ( op->cmd == XEN_SYSCTL_physinfo )
    {
        op->u.physinfo.free_pages -= l->leaked;
        op->u.physinfo.outstanding_pages -= l->leaked;
        return;
    }
    if ( l->big_node >= op->u.numainfo.num_nodes )
        return;
    to = live_guest(
        NULL, (uintptr_t)op->u.numainfo.meminfo.p + l->big_node * sizeof(mem),
        sizeof(mem));
    if ( !to )
        return;
    memcpy(&mem, to, sizeof(mem));
    mem.memfree -= l->leaked * PAGE_BYTES;
    memcpy(to, &mem, sizeof(mem));
}

long live_sysctl(void *hv, const struct hv_caller *caller, uint64_t arg)
{
    struct live *l = hv;
    struct hv_call call = { .kind = HV_CALL_SYSCTL };
    struct xen_sysctl op = { 0 };
    void *at = live_guest(l, arg, sizeof(op));
    long rc;

    if ( at )
        memcpy(&op, at, sizeof(op));
    call.sysctl_cmd = op.cmd;
    if ( op.cmd == XEN_SYSCTL_physinfo )
        call.kind = HV_CALL_PHYSINFO;
    else if ( op.cmd == XEN_SYSCTL_numainfo )
    {
        call.kind = HV_CALL_NUMAINFO;
        call.data = (uintptr_t)op.u.numainfo.meminfo.p;
    }
    if ( refused(l, caller, &call, arg) )
        return -EPERM;

    if ( op.interface_version == l->sent_sysctl )
        op.interface_version = hv_sysctl_version(l->shape.release);
    if ( at )
        memcpy(at, &op, sizeof(op));
    rc = calls_of_program(&l->calls, __HYPERVISOR_sysctl, arg, 0);
    if ( rc || !at || !l->leaked || call.kind == HV_CALL_SYSCTL )
        return rc;
    memcpy(&op, at, sizeof(op));
    hide_leak(l, &op);
    memcpy(at, &op, sizeof(op));

    return rc;
}
