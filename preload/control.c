/* SPDX-License-Identifier: MIT */
/*
 * libclaimcheck-xen.so: passes hypercalls from the program's memory to the
 * stub, and describes each to the engine's checks as a struct hv_call.
 */
#define _GNU_SOURCE /* process_vm_readv */
#include "host.h"
#include "real.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static void *pointer(uint64_t addr)
{
    return (void *)(uintptr_t)addr;
}

/* Copies between memory of ours and of the program, as far as that is mapped so,
 * and returns how many bytes: a program may pass any address to Xen, which then
 * answers EFAULT. */
static size_t copy_some(bool from_program, void *ours, uint64_t addr,
                        size_t len)
{
    struct iovec local = { ours, len };
    struct iovec program[2];
    size_t first = PAGE_BYTES - (size_t)(addr % PAGE_BYTES);
    unsigned int parts;
    ssize_t got;

    /* By page: each piece of the request is copied completely or not at all. */
    if ( first > len )
        first = len;
    program[0] = (struct iovec){ pointer(addr), first };
    program[1] = (struct iovec){ pointer(addr + first), len - first };
    parts = len > first ? 2 : 1;
    got = from_program
              ? process_vm_readv(getpid(), &local, 1, program, parts, 0)
              : process_vm_writev(getpid(), &local, 1, program, parts, 0);

    return got < 0 ? 0 : (size_t)got;
}

/* The same for hypercall buffers of a real Xen: memory of a device, which only the
 * program itself can read. The kernel does, for a pipe, or says EFAULT. */
static size_t read_buffer(void *to, uint64_t addr, size_t len)
{
    size_t done = 0, part;
    int ends[2];

    if ( pipe(ends) )
        return 0;
    while ( done < len )
    {
        part = PAGE_BYTES - (size_t)((addr + done) % PAGE_BYTES);
        if ( part > len - done )
            part = len - done;
        if ( write(ends[1], pointer(addr + done), part) != (ssize_t)part ||
             read(ends[0], (char *)to + done, part) != (ssize_t)part )
            break;
        done += part;
    }
    close(ends[0]);
    close(ends[1]);

    return done;
}

size_t preload_read_some(void *to, uint64_t addr, size_t len)
{
    size_t got = copy_some(true, to, addr, len);

    return got < len && preload_real() ? read_buffer(to, addr, len) : got;
}

bool preload_read(void *to, uint64_t addr, size_t len)
{
    return preload_read_some(to, addr, len) == len;
}

bool preload_write(uint64_t addr, const void *from, size_t len)
{
    return copy_some(false, (void *)(uintptr_t)from, addr, len) == len;
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
        got = preload_read_some(&p->list[done],
                                addr + done * sizeof(p->list[0]),
                                part * sizeof(p->list[0])) /
              sizeof(p->list[0]);
        done += got;
        if ( got < part )
            break;
    }

    return (uint32_t)done;
}

/* The struct hv_call that the engine would have made. */
void preload_describe_memory_op(struct preload_host *p, struct hv_call *call,
                                uint64_t cmd, uint64_t arg)
{
    struct xen_memory_domain query = { .domid = DOMID_INVALID };

    call->kind = HV_CALL_MEMORY_OP;
    call->caller = hv_caller_dom0();
    call->cmd = cmd;
    call->arg = arg;
    call->list = p->list;
    switch ( cmd & MEMOP_CMD_MASK )
    {
    case XENMEM_current_reservation:
    case XENMEM_maximum_reservation:
        call->arg_bytes = (uint32_t)preload_read_some(&query, arg,
                                                      sizeof(query));
        call->resv.domid = query.domid;
        return;

    default:
        call->arg_bytes = (uint32_t)preload_read_some(&call->resv, arg,
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
    struct hv_call call = { 0 };
    struct hv_result result;

    preload_describe_memory_op(p, &call, cmd, arg);
    engine_judge_before(p->engine, &call);
    do
        result.rc = p->h.ops->memory_op(p->h.hv, &dom0, &cmd, arg);
    while ( result.rc == HV_CONTINUE );
    preload_judge(p, &result, "memory_op", cmd & MEMOP_CMD_MASK);

    return result.rc;
}

/* A domctl or sysctl: what the program passed, or what the stub is given. Both
 * structures begin with command and version. */
union control
{
    struct
    {
        uint32_t cmd, version;
    } head;
    struct xen_domctl domctl;
    struct xen_sysctl sysctl;
};

/* The struct hv_call of it, as far as the checks read it. */
static void describe_control(struct preload_host *p, struct hv_call *call,
                             bool dom, const union control *c)
{
    call->kind = dom ? HV_CALL_DOMCTL : HV_CALL_PHYSINFO;
    if ( !dom )
    {
        if ( c->sysctl.cmd == XEN_SYSCTL_numainfo )
            call->kind = HV_CALL_NUMAINFO;
        return;
    }
    call->domctl.cmd = c->domctl.cmd;
    call->domctl.domid = c->domctl.domain;
    if ( hv_is_claim_set(call) )
        preload_describe_set(p, call, &c->domctl);
    else if ( c->domctl.cmd == XEN_DOMCTL_max_mem )
        call->domctl.value = c->domctl.u.max_mem.max_memkb;
    else if ( c->domctl.cmd == XEN_DOMCTL_setnodeaffinity &&
              c->domctl.u.nodeaffinity.nodemap.nr_bits >= 8 )
        preload_read(&call->domctl.value,
                     (uintptr_t)c->domctl.u.nodeaffinity.nodemap.bitmap.p, 1);
}

/* Free memory and size of each node, in pages, as the program got them. */
static void read_nodes(const struct xen_sysctl_numainfo *numa,
                       struct hv_result *result)
{
    uint64_t addr = (uintptr_t)numa->meminfo.p;
    xen_sysctl_meminfo_t mem;

    memset(result->out.node_free, 0, sizeof(result->out.node_free));
    memset(result->node_size, 0, sizeof(result->node_size));
    for ( unsigned int n = 0; n < numa->num_nodes && n < HV_NODES_MAX; n++ )
        if ( preload_read(&mem, addr + n * sizeof(mem), sizeof(mem)) )
        {
            result->out.node_free[n] = mem.memfree / PAGE_BYTES;
            result->node_size[n] = mem.memsize / PAGE_BYTES;
        }
}

/* What the call reported: the checks compare it with the state. */
static void read_control(const struct hv_call *call, const union control *c,
                         struct hv_result *result)
{
    if ( call->kind == HV_CALL_DOMCTL )
    {
        result->domid = c->domctl.domain;
        if ( c->domctl.cmd == XEN_DOMCTL_getdomaininfo )
            result->out.info = c->domctl.u.getdomaininfo;
    }
    else if ( c->sysctl.cmd == XEN_SYSCTL_physinfo )
        result->out.phys = c->sysctl.u.physinfo;
    else if ( c->sysctl.cmd == XEN_SYSCTL_numainfo &&
              c->sysctl.u.numainfo.meminfo.p )
        read_nodes(&c->sysctl.u.numainfo, result);
    else
        result->rc = -ENOSYS; /* another sysctl: it must change nothing */
}

/* The whole structure. */
static bool read_whole(union control *c, bool dom, uint64_t arg)
{
    return preload_read(c, arg, dom ? sizeof(c->domctl) : sizeof(c->sysctl));
}

bool preload_describe_control(struct preload_host *p, struct hv_call *call,
                              bool dom, uint64_t arg)
{
    union control c;

    call->caller = hv_caller_dom0();
    if ( !read_whole(&c, dom, arg) ||
         (!dom && c.sysctl.cmd != XEN_SYSCTL_physinfo &&
          c.sysctl.cmd != XEN_SYSCTL_numainfo) )
        return false;
    describe_control(p, call, dom, &c);

    return true;
}

void preload_control_told(const struct hv_call *call, uint64_t arg,
                          struct hv_result *result)
{
    union control c;

    if ( read_whole(&c, call->kind == HV_CALL_DOMCTL, arg) )
        read_control(call, &c, result);
}

/* Does Xen write the structure back, although nothing in it may be new? */
static bool writes_back(bool dom, uint32_t cmd)
{
    return !dom || cmd == XEN_DOMCTL_createdomain ||
           cmd == XEN_DOMCTL_getdomaininfo;
}

/*
 * The stub gets a copy. The program sends the interface version of its headers;
 * the stub's release may expect another version of the same structure.
 */
long preload_control(struct preload_host *p, unsigned int op, uint64_t arg)
{
    const struct hv_caller dom0 = hv_caller_dom0();
    struct hv_call call = { .caller = dom0 };
    bool dom = op == __HYPERVISOR_domctl;
    size_t size = dom ? sizeof(struct xen_domctl) : sizeof(struct xen_sysctl);
    union control sent = { 0 }, c;
    struct hv_result result;
    uint64_t at = (uintptr_t)&c;
    long rc;

    /* Where it cannot be read the stub sees that, too. */
    if ( !read_whole(&sent, dom, arg) )
    {
        memset(&sent, 0, sizeof(sent));
        at = arg;
    }
    c = sent;
    describe_control(p, &call, dom, &c);
    engine_judge_before(p->engine, &call);
    if ( c.head.version ==
         (dom ? XEN_DOMCTL_INTERFACE_VERSION : XEN_SYSCTL_INTERFACE_VERSION) )
        c.head.version = dom ? hv_domctl_version(p->release)
                             : hv_sysctl_version(p->release);
    do
        rc = dom ? p->h.ops->domctl(p->h.hv, &dom0, at)
                 : p->h.ops->sysctl(p->h.hv, &dom0, at);
    while ( rc == HV_CONTINUE );
    c.head.version = sent.head.version;

    result.rc = rc;
    if ( hv_is_claim_set(&call) )
        preload_read_set(&call, &c.domctl, &result);
    else if ( !rc )
        read_control(&call, &c, &result);
    preload_judge(p, &result, dom ? "domctl" : "sysctl", sent.head.cmd);
    if ( at != arg &&
         ((!rc && writes_back(dom, sent.head.cmd)) ||
          memcmp(&c, &sent, size)) &&
         !preload_write(arg, &c, size) )
        return -EFAULT;

    return rc;
}
