/* SPDX-License-Identifier: MIT */
/*
 * libclaimcheck-xen.so: the part of libxencall, libxenforeignmemory and
 * libxendevicemodel that libxenctrl uses, over the stub hypervisor. Preloaded
 * with LD_PRELOAD it handles the hypercalls of an unmodified program: its
 * unversioned symbols take precedence over those of the real libraries.
 *
 *   CLAIMCHECK_HOST     "nodes=1 pages=64": nodes, and pages of each
 *   CLAIMCHECK_RELEASE  Xen release to follow, "4.17" by default
 *   CLAIMCHECK_ON       allocator plug-in (docs/plugins.md), else the stub's; or
 *                       live: calls are passed on to the real Xen (real.c)
 *   CLAIMCHECK_FAULT    planted fault of stub/faults.def
 *   CLAIMCHECK_RECORD   file for a test case of what the program did
 *
 * The engine's invariants are checked after every call; a violation is
 * reported and aborts.
 *
 * Here: libxencall. Not here: the calls themselves (control.c), mappings
 * (foreign.c), what has nothing to do with claims and is asked all the same
 * (answers.c, version.c), rules (stub/). What is missing is ENOSYS, said once on
 * stderr.
 */
#include "host.h"
#include "real.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

/* At most so many different unimplemented calls are named. */
#define MISSING_MAX 32

static struct
{
    unsigned int nr;
    bool more; /* than there is room for; said */
    struct
    {
        unsigned int op, cmd;
    } call[MISSING_MAX];
} missing;

/* Handles of all three libraries point here; nothing is stored in it. */
static char handle;

/* ------------------------------------------------------------------ *
 * Hypercalls.
 * ------------------------------------------------------------------ */

/* Those that this library looks into. */
static bool has_commands(unsigned int op)
{
    return op == __HYPERVISOR_memory_op || op == __HYPERVISOR_domctl ||
           op == __HYPERVISOR_sysctl || op == __HYPERVISOR_xen_version;
}

/* Once for each call, by name and number; the lock is held. */
static void say_missing(unsigned int op, unsigned int cmd)
{
    const char *name = preload_call_name(op);
    const char *command = preload_command_name(op, cmd);
    unsigned int i;

    for ( i = 0; i < missing.nr; i++ )
        if ( missing.call[i].op == op && missing.call[i].cmd == cmd )
            return;
    if ( missing.nr == MISSING_MAX )
    {
        if ( !missing.more )
            fprintf(stderr,
                    "claimcheck: more than %d different calls are not "
                    "implemented: ENOSYS; the others are not named\n",
                    MISSING_MAX);
        missing.more = true;
        return;
    }
    missing.call[missing.nr].op = op;
    missing.call[missing.nr++].cmd = cmd;
    if ( !has_commands(op) )
        fprintf(stderr,
                "claimcheck: hypercall %u (%s) is not implemented: "
                "ENOSYS\n",
                op, name ? name : "unknown");
    else
        fprintf(stderr, "claimcheck: %s %u (%s) is not implemented: ENOSYS\n",
                name, cmd, command ? command : "unknown");
}

static long hypercall(struct preload_host *p, unsigned int op, uint64_t a,
                      uint64_t b);

/* libxenctrl packs memory_op into a multicall, for its wide result. */
static long multicall(struct preload_host *p, uint64_t list, uint64_t nr)
{
    struct multicall_entry entry;

    for ( ; nr--; list += sizeof(entry) )
    {
        if ( !preload_read(&entry, list, sizeof(entry)) )
            return -EFAULT;
        entry.result = (xen_ulong_t)hypercall(p, (unsigned int)entry.op,
                                              entry.args[0], entry.args[1]);
        if ( !preload_write(list + offsetof(struct multicall_entry, result),
                            &entry.result, sizeof(entry.result)) )
            return -EFAULT;
    }

    return 0;
}

static long hypercall(struct preload_host *p, unsigned int op, uint64_t a,
                      uint64_t b)
{
    bool control = op == __HYPERVISOR_domctl || op == __HYPERVISOR_sysctl;
    uint64_t arg = control ? a : b;
    unsigned int cmd = 0;
    long rc = -ENOSYS;

    if ( op == __HYPERVISOR_multicall )
        return multicall(p, a, b);
    if ( control )
        preload_read(&cmd, a, sizeof(cmd));
    else if ( op == __HYPERVISOR_memory_op )
        cmd = a & MEMOP_CMD_MASK;
    else if ( op == __HYPERVISOR_xen_version )
        cmd = (unsigned int)a;

    if ( op == __HYPERVISOR_xen_version )
        rc = preload_version(p, a, b);
    else if ( preload_answer(p, op, cmd, arg, &rc) )
        ;
    else if ( control )
        rc = preload_control(p, op, a);
    else if ( op == __HYPERVISOR_memory_op )
        rc = preload_memory_op(p, a, b);
    if ( rc == -ENOSYS )
        say_missing(op, cmd);

    return rc;
}

/* As libxencall returns it. Calls that a stub knows have two arguments. */
static long call(xencall_handle *xcall, unsigned int op, const uint64_t arg[5],
                 bool wide)
{
    struct preload_host *p = preload_enter();
    bool real = preload_real();
    long rc = real ? preload_real_call(p, xcall, op, arg, wide)
                   : hypercall(p, op, arg[0], arg[1]);

    preload_leave();
    if ( rc >= 0 || real )
        return rc;
    errno = (int)-rc;

    return -1;
}

#define CALL(...)                                                             \
    (int)call(xcall, op, (const uint64_t[5]){ __VA_ARGS__ }, false)

xencall_handle *xencall_open(struct xentoollog_logger *logger, unsigned flags)
{
    preload_enter();
    preload_leave();

    return preload_real() ? preload_real()->xencall_open(logger, flags)
                          : (xencall_handle *)&handle;
}

int xencall_close(xencall_handle *xcall)
{
    return preload_real() ? preload_real()->xencall_close(xcall) : 0;
}

int xencall_fd(xencall_handle *xcall)
{
    return preload_real() ? preload_real()->xencall_fd(xcall) : -1;
}

int xencall0(xencall_handle *xcall, unsigned int op)
{
    return CALL(0);
}

int xencall1(xencall_handle *xcall, unsigned int op, uint64_t a)
{
    return CALL(a);
}

int xencall2(xencall_handle *xcall, unsigned int op, uint64_t a, uint64_t b)
{
    return CALL(a, b);
}

long xencall2L(xencall_handle *xcall, unsigned int op, uint64_t a, uint64_t b)
{
    return call(xcall, op, (const uint64_t[5]){ a, b }, true);
}

int xencall3(xencall_handle *xcall, unsigned int op, uint64_t a, uint64_t b,
             uint64_t c)
{
    return CALL(a, b, c);
}

int xencall4(xencall_handle *xcall, unsigned int op, uint64_t a, uint64_t b,
             uint64_t c, uint64_t d)
{
    return CALL(a, b, c, d);
}

int xencall5(xencall_handle *xcall, unsigned int op, uint64_t a, uint64_t b,
             uint64_t c, uint64_t d, uint64_t e)
{
    return CALL(a, b, c, d, e);
}

void *xencall_alloc_buffer_pages(xencall_handle *xcall, size_t pages)
{
    void *p;

    if ( preload_real() )
        return preload_real()->xencall_alloc_buffer_pages(xcall, pages);
    p = mmap(NULL, pages * PAGE_BYTES, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return p == MAP_FAILED ? NULL : p;
}

void xencall_free_buffer_pages(xencall_handle *xcall, void *p, size_t pages)
{
    if ( preload_real() )
        preload_real()->xencall_free_buffer_pages(xcall, p, pages);
    else if ( p )
        munmap(p, pages * PAGE_BYTES);
}

void *xencall_alloc_buffer(xencall_handle *xcall, size_t size)
{
    return preload_real() ? preload_real()->xencall_alloc_buffer(xcall, size)
                          : malloc(size);
}

void xencall_free_buffer(xencall_handle *xcall, void *p)
{
    if ( preload_real() )
        preload_real()->xencall_free_buffer(xcall, p);
    else
        free(p);
}

int xencall_buffers_never_fault(xencall_handle *xcall)
{
    return preload_real() ? preload_real()->xencall_buffers_never_fault(xcall)
                          : 1;
}
