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

/* Remembers which frames a reservation call gave to dom0, and which to others. */
static void note_frames(struct live *l, uint64_t cmd,
                        const struct xen_memory_reservation *r, long rc)
{
    unsigned int op = cmd & MEMOP_CMD_MASK;
    uint64_t i, start = cmd >> MEMOP_EXTENT_SHIFT;
    const uint64_t *list;

    if ( rc <= 0 || (uint64_t)rc <= start ||
         (op != XENMEM_populate_physmap && op != XENMEM_increase_reservation) )
        return;

    for ( i = start; i < (uint64_t)rc; i++ )
    {
        list = live_guest(l, (uintptr_t)(r->extent_start.p + i), 8);
        if ( !list )
            continue;
        if ( r->domid != 0 && r->domid != DOMID_SELF )
            live_note_had(l, *list, r->extent_order);
        else if ( l->nr_dom0_frames < LIVE_DOM0_FRAMES_MAX )
            l->dom0_frame[l->nr_dom0_frames++] = *list;
    }
}

/* ... and which an exchange gave, that had done so much of it before. */
static void note_exchanged(struct live *l, uint64_t arg, struct hv_call *call)
{
    const struct xen_memory_exchange *x = live_guest(l, arg, sizeof(*x));
    uint32_t in = call->resv.extent_order, out = call->out.extent_order;
    uint64_t i = call->nr_exchanged, end;
    const uint64_t *list;

    if ( !x || in > LIVE_EXCHANGE_ORDER_MAX || out > LIVE_EXCHANGE_ORDER_MAX )
        return; /* Xen did nothing */
    memcpy(&end, &x->nr_exchanged, sizeof(end));
    for ( i = (i << in) >> out; i < (end << in) >> out; i++ )
    {
        list = live_guest(l, (uintptr_t)(call->out.extent_start.p + i), 8);
        if ( !list )
            return;
        live_note_had(l, *list, out);
    }
}

/* The structure of a memory_op, as far as it is there. */
static void read_structure(struct live *l, uint64_t arg, struct hv_call *call)
{
    struct xen_memory_exchange x;
    const void *at = hv_is_exchange(call) ? live_guest(l, arg, sizeof(x))
                                          : NULL;

    if ( at )
    {
        memcpy(&x, at, sizeof(x));
        call->arg_bytes = sizeof(x);
        call->resv = x.in;
        call->out = x.out;
        call->nr_exchanged = x.nr_exchanged;
        return;
    }
    at = live_guest(l, arg, sizeof(call->resv));
    if ( !at || hv_is_exchange(call) )
        return;
    call->arg_bytes = sizeof(call->resv);
    memcpy(&call->resv, at, sizeof(call->resv));
}

/* Is a call not to be made? Then nothing of it reaches Xen. */
static bool refused(struct live *l, const struct hv_caller *caller,
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
    long rc;

    read_structure(l, arg, &call);
    if ( refused(l, caller, &call, arg) )
        return -EPERM;

    rc = calls_of_program(&l->calls, __HYPERVISOR_memory_op, *cmd, arg);
    if ( call.arg_bytes && hv_is_exchange(&call) )
        note_exchanged(l, arg, &call);
    else if ( call.arg_bytes )
        note_frames(l, *cmd, &call.resv, rc);

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
    else if ( op.cmd == XEN_SYSCTL_page_offline_op )
    {
        call.kind = HV_CALL_OFFLINE;
        call.offline = (struct hv_offline){ op.u.page_offline.cmd,
                                            op.u.page_offline.start,
                                            op.u.page_offline.end };
        call.data = (uintptr_t)op.u.page_offline.status.p;
    }
    if ( refused(l, caller, &call, arg) )
        return -EPERM;
    if ( call.kind == HV_CALL_OFFLINE )
        live_note_offline(l, &call.offline);

    if ( op.interface_version == l->sent_sysctl )
        op.interface_version = hv_sysctl_version(l->shape.release);
    if ( at )
        memcpy(at, &op, sizeof(op));
    rc = calls_of_program(&l->calls, __HYPERVISOR_sysctl, arg, 0);
    if ( rc || !at || !l->leaked ||
         (call.kind != HV_CALL_PHYSINFO && call.kind != HV_CALL_NUMAINFO) )
        return rc;
    memcpy(&op, at, sizeof(op));
    hide_leak(l, &op);
    memcpy(at, &op, sizeof(op));

    return rc;
}
