/* SPDX-License-Identifier: MIT */
/*
 * libclaimcheck-xen.so: hypercalls, from the program's memory to the stub, each
 * told to the judge as the call that the engine would have made.
 */
#include "host.h"

#include <errno.h>
#include <string.h>

static void *pointer(uint64_t addr)
{
    return (void *)(uintptr_t)addr;
}

/* The argument as it lies in the program's memory: a whole one, for libxenctrl
 * has no others. */
static void describe_memory_op(struct hv_call *call, uint64_t cmd,
                               uint64_t arg)
{
    unsigned int op = cmd & MEMOP_CMD_MASK;

    call->kind = HV_CALL_MEMORY_OP;
    call->cmd = cmd;
    call->arg = arg;
    call->arg_bytes = sizeof(call->resv);
    switch ( op )
    {
    case XENMEM_current_reservation:
    case XENMEM_maximum_reservation:
        call->resv.domid = *(const domid_t *)pointer(arg);
        call->arg_bytes = sizeof(domid_t);
        return;

    case XENMEM_increase_reservation:
    case XENMEM_decrease_reservation:
    case XENMEM_populate_physmap:
    case XENMEM_claim_pages:
        memcpy(&call->resv, pointer(arg), sizeof(call->resv));
        if ( call->resv.extent_start.p )
        {
            call->list = call->resv.extent_start.p;
            call->list_entries = call->resv.nr_extents > UINT32_MAX
                                 ? UINT32_MAX
                                 : (uint32_t)call->resv.nr_extents;
        }
        return;

    default:
        call->resv.domid = DOMID_INVALID;
    }
}

long preload_memory_op(struct preload_host *p, uint64_t cmd, uint64_t arg)
{
    const struct hv_caller dom0 = hv_caller_dom0();
    struct hv_call call = { .caller = dom0 };
    struct hv_result result;

    describe_memory_op(&call, cmd, arg);
    engine_judge_before(&p->engine, &call);
    do
        result.rc = p->h.ops->memory_op(p->h.hv, &dom0, &cmd, arg);
    while ( result.rc == HV_CONTINUE );
    preload_judge(p, &result, "memory_op", cmd & MEMOP_CMD_MASK);

    return result.rc;
}

/* Which of the engine's calls a sysctl or domctl is. */
static void describe_control(struct hv_call *call, bool dom, uint64_t arg)
{
    const struct xen_domctl *op = pointer(arg);

    call->kind = dom ? HV_CALL_DOMCTL : HV_CALL_PHYSINFO;
    if ( !dom )
    {
        if ( op->cmd == XEN_SYSCTL_numainfo )
            call->kind = HV_CALL_NUMAINFO;
        return;
    }
    call->domctl.cmd = op->cmd;
    call->domctl.domid = op->domain;
}

/* What the call told, for the judge to compare with what is so. */
static void read_control(const struct hv_call *call, uint64_t arg,
                         struct hv_result *result)
{
    const struct xen_domctl *d = pointer(arg);
    const struct xen_sysctl *s = pointer(arg);
    unsigned int n;

    if ( call->kind == HV_CALL_DOMCTL )
    {
        result->domid = d->domain;
        if ( d->cmd == XEN_DOMCTL_getdomaininfo )
            result->out.info = d->u.getdomaininfo;
    }
    else if ( s->cmd == XEN_SYSCTL_physinfo )
        result->out.phys = s->u.physinfo;
    else if ( s->cmd == XEN_SYSCTL_numainfo && s->u.numainfo.meminfo.p )
    {
        memset(result->out.node_free, 0, sizeof(result->out.node_free));
        for ( n = 0; n < s->u.numainfo.num_nodes && n < HV_NODES_MAX; n++ )
            result->out.node_free[n] =
                s->u.numainfo.meminfo.p[n].memfree / PAGE_BYTES;
    }
    else
        result->rc = -ENOSYS; /* asks something else: must change nothing */
}

/*
 * domctl and sysctl begin alike. The program speaks the interface version of
 * its headers; the stub's release may want another for the same structure.
 */
long preload_control(struct preload_host *p, unsigned int op, uint64_t arg)
{
    const struct hv_caller dom0 = hv_caller_dom0();
    struct hv_call call = { .caller = dom0 };
    bool dom = op == __HYPERVISOR_domctl;
    uint32_t own = dom ? XEN_DOMCTL_INTERFACE_VERSION
                       : XEN_SYSCTL_INTERFACE_VERSION;
    struct { uint32_t cmd, version; } *head = pointer(arg);
    uint32_t version = head->version, cmd = head->cmd;
    struct hv_result result;
    long rc;

    describe_control(&call, dom, arg);
    engine_judge_before(&p->engine, &call);
    if ( version == own )
        head->version = dom ? hv_domctl_version(p->release)
                            : hv_sysctl_version(p->release);
    do
        rc = dom ? p->h.ops->domctl(p->h.hv, &dom0, arg)
                 : p->h.ops->sysctl(p->h.hv, &dom0, arg);
    while ( rc == HV_CONTINUE );
    head->version = version;

    result.rc = rc;
    if ( !rc )
        read_control(&call, arg, &result);
    preload_judge(p, &result, dom ? "domctl" : "sysctl", cmd);

    return rc;
}
