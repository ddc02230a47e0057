/* SPDX-License-Identifier: MIT */
/*
 * libclaimcheck-xen.so: what libxenctrl needs of libxencall,
 * libxenforeignmemory and libxendevicemodel, over the stub hypervisor. Put in LD_PRELOAD, it takes
 * the hypercalls of an unmodified program; its unversioned symbols come first.
 *
 *   CLAIMCHECK_HOST     "nodes=1 pages=64": nodes, and pages of each
 *   CLAIMCHECK_RELEASE  whose rules to follow, "4.17" by default
 *   CLAIMCHECK_FAULT    planted fault of stub/faults.def
 *
 * Invariants are checked after every call; a violation is reported and aborts.
 * A library that stands in for the kernel has one host per process, so unlike
 * the rest of this project it has one global, and a lock around it.
 *
 * Not here: rules (stub/), hypercalls that have nothing to do with claims:
 * they give ENOSYS, and that is said once each on stderr.
 */
#include "host.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <xencall.h>
#include <xendevicemodel.h>
#include <xenforeignmemory.h>

#define PAGE_BYTES 4096
/* Kinds of calls that are said to be missing: more are missing in silence. */
#define MISSING_MAX 32
/* Frames mapped at a time. */
#define MAPS_MAX HV_PAGES_MAX

static struct
{
    pthread_mutex_t lock;
    bool open;
    struct preload_host host;
    unsigned int nr_missing;
    struct
    {
        unsigned int op, cmd;
    } missing[MISSING_MAX];
    struct
    {
        char *at; /* page of the mapping; NULL: unused */
        uint64_t frame;
        uint16_t domid;
    } map[MAPS_MAX];
} world = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* What a handle of any of the three libraries points to: nothing of use. */
static char handle;

static void enter(void)
{
    pthread_mutex_lock(&world.lock);
    if ( !world.open )
        preload_host_open(&world.host);
    world.open = true;
}

static void leave(void)
{
    pthread_mutex_unlock(&world.lock);
}

/* ------------------------------------------------------------------ *
 * Hypercalls.
 * ------------------------------------------------------------------ */

static void say_missing(unsigned int op, unsigned int cmd, const char *name)
{
    unsigned int i;

    for ( i = 0; i < world.nr_missing; i++ )
        if ( world.missing[i].op == op && world.missing[i].cmd == cmd )
            return;
    if ( world.nr_missing == MISSING_MAX )
        return;
    world.missing[world.nr_missing].op = op;
    world.missing[world.nr_missing++].cmd = cmd;
    fprintf(stderr, "claimcheck: %s %u is not there: ENOSYS\n", name, cmd);
}

static void *pointer(uint64_t addr)
{
    return (void *)(uintptr_t)addr;
}

static long memory_op(uint64_t cmd, uint64_t arg)
{
    const struct hv_caller dom0 = hv_caller_dom0();
    const struct hypervisor *h = &world.host.h;
    unsigned int op = cmd & MEMOP_CMD_MASK;
    long rc;

    do
        rc = h->ops->memory_op(h->hv, &dom0, &cmd, arg);
    while ( rc == HV_CONTINUE );

    check_after_call(&world.host, "memory_op", op);
    if ( rc == -ENOSYS )
        say_missing(__HYPERVISOR_memory_op, op, "memory_op");

    return rc;
}

/*
 * domctl and sysctl begin alike. The program speaks the interface version of
 * its headers; the stub's release may want another for the same structure.
 */
static long control(unsigned int op, uint64_t arg)
{
    const struct hv_caller dom0 = hv_caller_dom0();
    const struct hypervisor *h = &world.host.h;
    bool dom = op == __HYPERVISOR_domctl;
    const char *name = dom ? "domctl" : "sysctl";
    uint32_t own = dom ? XEN_DOMCTL_INTERFACE_VERSION
                       : XEN_SYSCTL_INTERFACE_VERSION;
    struct { uint32_t cmd, version; } *head = pointer(arg);
    uint32_t version = head->version, cmd = head->cmd;
    long rc;

    if ( version == own )
        head->version = dom ? hv_domctl_version(world.host.release)
                            : hv_sysctl_version(world.host.release);
    do
        rc = dom ? h->ops->domctl(h->hv, &dom0, arg)
                 : h->ops->sysctl(h->hv, &dom0, arg);
    while ( rc == HV_CONTINUE );
    head->version = version;

    check_after_call(&world.host, name, cmd);
    if ( rc == -ENOSYS )
        say_missing(op, cmd, name);

    return rc;
}

static long hypercall(unsigned int op, uint64_t a, uint64_t b);

/* libxenctrl packs memory_op into a multicall, for its wide result. */
static long multicall(uint64_t list, uint64_t nr)
{
    struct multicall_entry *entry = pointer(list);
    uint64_t i;

    for ( i = 0; i < nr; i++ )
        entry[i].result = (xen_ulong_t)hypercall(
            (unsigned int)entry[i].op, entry[i].args[0], entry[i].args[1]);

    return 0;
}

static long hypercall(unsigned int op, uint64_t a, uint64_t b)
{
    switch ( op )
    {
    case __HYPERVISOR_memory_op:
        return memory_op(a, b);
    case __HYPERVISOR_domctl:
    case __HYPERVISOR_sysctl:
        return control(op, a);
    case __HYPERVISOR_multicall:
        return multicall(a, b);
    default:
        say_missing(op, op, "hypercall");
        return -ENOSYS;
    }
}

/* As libxencall returns it. */
static long call(unsigned int op, uint64_t a, uint64_t b)
{
    long rc;

    enter();
    rc = hypercall(op, a, b);
    leave();
    if ( rc >= 0 )
        return rc;
    errno = (int)-rc;

    return -1;
}

xencall_handle *xencall_open(struct xentoollog_logger *logger, unsigned flags)
{
    (void)logger;
    (void)flags;
    enter();
    leave();

    return (xencall_handle *)&handle;
}

int xencall_close(xencall_handle *xcall)
{
    (void)xcall;
    return 0;
}

int xencall_fd(xencall_handle *xcall)
{
    (void)xcall;
    return -1;
}

int xencall0(xencall_handle *xcall, unsigned int op)
{
    (void)xcall;
    return (int)call(op, 0, 0);
}

int xencall1(xencall_handle *xcall, unsigned int op, uint64_t a)
{
    (void)xcall;
    return (int)call(op, a, 0);
}

int xencall2(xencall_handle *xcall, unsigned int op, uint64_t a, uint64_t b)
{
    (void)xcall;
    return (int)call(op, a, b);
}

long xencall2L(xencall_handle *xcall, unsigned int op, uint64_t a, uint64_t b)
{
    (void)xcall;
    return call(op, a, b);
}

/* No call that the stub knows has more than two arguments. */
int xencall3(xencall_handle *xcall, unsigned int op, uint64_t a, uint64_t b,
             uint64_t c)
{
    (void)xcall;
    (void)c;
    return (int)call(op, a, b);
}

int xencall4(xencall_handle *xcall, unsigned int op, uint64_t a, uint64_t b,
             uint64_t c, uint64_t d)
{
    (void)d;
    return xencall3(xcall, op, a, b, c);
}

int xencall5(xencall_handle *xcall, unsigned int op, uint64_t a, uint64_t b,
             uint64_t c, uint64_t d, uint64_t e)
{
    (void)e;
    return xencall4(xcall, op, a, b, c, d);
}

void *xencall_alloc_buffer_pages(xencall_handle *xcall, size_t pages)
{
    void *p = mmap(NULL, pages * PAGE_BYTES, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)xcall;
    return p == MAP_FAILED ? NULL : p;
}

void xencall_free_buffer_pages(xencall_handle *xcall, void *p, size_t pages)
{
    (void)xcall;
    if ( p )
        munmap(p, pages * PAGE_BYTES);
}

void *xencall_alloc_buffer(xencall_handle *xcall, size_t size)
{
    (void)xcall;
    return malloc(size);
}

void xencall_free_buffer(xencall_handle *xcall, void *p)
{
    (void)xcall;
    free(p);
}

int xencall_buffers_never_fault(xencall_handle *xcall)
{
    (void)xcall;
    return 1;
}

/* ------------------------------------------------------------------ *
 * Foreign mappings: references to frames. The stub's frames have no contents;
 * what is mapped is zero and the program's own.
 * ------------------------------------------------------------------ */

xenforeignmemory_handle *
xenforeignmemory_open(struct xentoollog_logger *logger, unsigned flags)
{
    (void)logger;
    (void)flags;
    enter();
    leave();

    return (xenforeignmemory_handle *)&handle;
}

int xenforeignmemory_close(xenforeignmemory_handle *fmem)
{
    (void)fmem;
    return 0;
}

static long map_one(uint16_t domid, uint64_t frame, char *at)
{
    const struct hypervisor *h = &world.host.h;
    unsigned int i = 0;
    long rc;

    while ( i < MAPS_MAX && world.map[i].at )
        i++;
    if ( i == MAPS_MAX )
        return -ENOSPC;
    rc = h->ops->map(h->hv, domid, frame);
    check_after_call(&world.host, "map", domid);
    if ( rc )
        return rc;
    world.map[i].at = at;
    world.map[i].frame = frame;
    world.map[i].domid = domid;

    return 0;
}

static void unmap_all_in(const char *start, size_t pages)
{
    const struct hypervisor *h = &world.host.h;
    unsigned int i;

    for ( i = 0; i < MAPS_MAX; i++ )
        if ( world.map[i].at && world.map[i].at >= start &&
             world.map[i].at < start + pages * PAGE_BYTES )
        {
            h->ops->unmap(h->hv, world.map[i].domid, world.map[i].frame);
            world.map[i].at = NULL;
            check_after_call(&world.host, "unmap", world.map[i].domid);
        }
}

/* As the real one: without err, all frames or none. */
void *xenforeignmemory_map(xenforeignmemory_handle *fmem, uint32_t dom,
                           int prot, size_t pages, const xen_pfn_t *arr,
                           int *err)
{
    char *at = xencall_alloc_buffer_pages(NULL, pages);
    long rc = 0, first = 0;
    size_t i;

    (void)fmem;
    (void)prot;
    if ( !at )
        return NULL;

    enter();
    for ( i = 0; i < pages; i++ )
    {
        rc = map_one((uint16_t)dom, arr[i], at + i * PAGE_BYTES);
        if ( err )
            err[i] = (int)rc;
        if ( rc && !first )
            first = rc;
    }
    if ( first && !err )
        unmap_all_in(at, pages);
    leave();
    if ( !first || err )
        return at;

    munmap(at, pages * PAGE_BYTES);
    errno = (int)-first;
    return NULL;
}

int xenforeignmemory_unmap(xenforeignmemory_handle *fmem, void *at,
                           size_t pages)
{
    (void)fmem;
    enter();
    unmap_all_in(at, pages);
    leave();

    return munmap(at, pages * PAGE_BYTES);
}

/* ------------------------------------------------------------------ *
 * Device models: opened by libxenctrl, used by nobody here.
 * ------------------------------------------------------------------ */

xendevicemodel_handle *xendevicemodel_open(struct xentoollog_logger *logger,
                                           unsigned flags)
{
    (void)logger;
    (void)flags;
    return (xendevicemodel_handle *)&handle;
}

int xendevicemodel_close(xendevicemodel_handle *dmod)
{
    (void)dmod;
    return 0;
}
