/* SPDX-License-Identifier: MIT */
/*
 * libclaimcheck-xen.so: passes hypercalls from the program's memory to the
 * stub, and describes each to the engine's checks as a struct hv_call.
 */
#define _GNU_SOURCE /* process_vm_readv */
#include "host.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static void *pointer(uint64_t addr)
{
    return (void *)(uintptr_t)addr;
}

/* Copies what is readable of [addr, addr + len), and returns how many bytes: a
 * program may pass any address to Xen, which then answers EFAULT. */
static size_t read_some(void *to, uint64_t addr, size_t len)
{
    struct iovec local = { to, len };
    struct iovec from[2];
    size_t first = PAGE_BYTES - (size_t)(addr % PAGE_BYTES);
    ssize_t got;

    /* By page: each piece of the request is read completely or not at all. */
    if ( first > len )
        first = len;
    from[0] = (struct iovec){ pointer(addr), first };
    from[1] = (struct iovec){ pointer(addr + first), len - first };
    got = process_vm_readv(getpid(), &local, 1, from, len > first ? 2 : 1, 0);

    return got < 0 ? 0 : (size_t)got;
}

/* Copies the readable entries of a list, from its start, into p->list. */
static uint32_t read_list(struct preload_host *p, uint64_t addr, uint64_t nr)
{
    const size_t step = PAGE_BYTES / sizeof(p->list[0]);
    size_t done = 0, part, got;

    if ( nr > HV_PAGES_MAX )
        nr = HV_PAGES_MAX;
    while ( done < nr )
    {
        part = nr - done < step ? nr - done : step;
        got = read_some(&p->list[done], addr + done * sizeof(p->list[0]),
                        part * sizeof(p->list[0])) /
              sizeof(p->list[0]);
        done += got;
        if ( got < part )
            break;
    }

    return (uint32_t)done;
}

/* The struct hv_call that the engine would have made. */
static void describe_memory_op(struct preload_host *p, struct hv_call *call,
                               uint64_t cmd, uint64_t arg)
{
    struct xen_memory_domain query = { .domid = DOMID_INVALID };

    call->kind = HV_CALL_MEMORY_OP;
    call->cmd = cmd;
    call->arg = arg;
    call->list = p->list;
    switch ( cmd & MEMOP_CMD_MASK )
    {
    case XENMEM_current_reservation:
    case XENMEM_maximum_reservation:
        call->arg_bytes = (uint32_t)read_some(&query, arg, sizeof(query));
        call->resv.domid = query.domid;
        return;

    default:
        call->arg_bytes = (uint32_t)read_some(&call->resv, arg,
                                              sizeof(call->resv));
        if ( call->arg_bytes == sizeof(call->resv) &&
             call->resv.extent_start.p )
            call->list_entries = read_list(
                p, (uint64_t)(uintptr_t)call->resv.extent_start.p,
                call->resv.nr_extents);
    }
}

long preload_memory_op(struct preload_host *p, uint64_t cmd, uint64_t arg)
{
    const struct hv_caller dom0 = hv_caller_dom0();
    struct hv_call call = { .caller = dom0 };
    struct hv_result result;

    describe_memory_op(p, &call, cmd, arg);
    engine_judge_before(&p->engine, &call);
    do
        result.rc = p->h.ops->memory_op(p->h.hv, &dom0, &cmd, arg);
    while ( result.rc == HV_CONTINUE );
    preload_judge(p, &result, "memory_op", cmd & MEMOP_CMD_MASK);

    return result.rc;
}

/* The struct hv_call of a sysctl or domctl, as far as the checks read it. */
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

/* What the call reported: the checks compare it with the state. */
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
            result->out.node_free[n] = s->u.numainfo.meminfo.p[n].memfree /
                                       PAGE_BYTES;
    }
    else
        result->rc = -ENOSYS; /* another sysctl: it must change nothing */
}

/*
 * Both structures begin with command and version. The program sends the
 * interface version of its headers; the stub's release may expect another
 * version of the same structure.
 */
long preload_control(struct preload_host *p, unsigned int op, uint64_t arg)
{
    const struct hv_caller dom0 = hv_caller_dom0();
    struct hv_call call = { .caller = dom0 };
    bool dom = op == __HYPERVISOR_domctl;
    uint32_t own = dom ? XEN_DOMCTL_INTERFACE_VERSION
                       : XEN_SYSCTL_INTERFACE_VERSION;
    struct
    {
        uint32_t cmd, version;
    } *head = pointer(arg);
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
