/* SPDX-License-Identifier: MIT */
/* libclaimcheck-xen.so in front of a real Xen: see real.h. */
#include "real.h"

#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/version.h>

#define CANNOT_RUN 77 /* exit code */
/* So many calls of one multicall are looked into. */
#define PARTS_MAX 8

static struct real real;
static bool in_use;

static __attribute__((noreturn)) void missing(const char *what,
                                              const char *why)
{
    fprintf(stderr, "claimcheck: CLAIMCHECK_ON=live: %s: %s\n", what, why);
    exit(CANNOT_RUN);
}

static void *library(const char *name)
{
    void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);

    if ( !handle )
        missing(name, dlerror());
    return handle;
}

/* dlsym() by the library itself: there this library's own symbols do not take
 * precedence. */
static void load(void)
{
    void *call = library("libxencall.so.1");
    void *memory = library("libxenforeignmemory.so.1");
    void *model = library("libxendevicemodel.so.1");

#define F(library, name, result, parameters)                                  \
    *(void **)&real.name = dlsym(library, #name);                             \
    if ( !real.name )                                                         \
        missing(#name, dlerror());
    REAL_FUNCTIONS(F)
#undef F
}

const struct real *preload_real(void)
{
    return in_use ? &real : NULL;
}

/* ---- the host ---- */

struct question
{
    struct xen_sysctl sysctl;
    xen_extraversion_t extra;
};

static enum release ask_release(xencall_handle *xen, struct question *q)
{
    long version = real.xencall2L(xen, __HYPERVISOR_xen_version,
                                  XENVER_version, 0);
    int release = -1;
    char text[32];

    if ( version < 0 )
        missing("xen_version", strerror(errno));
    if ( !real.xencall2L(xen, __HYPERVISOR_xen_version, XENVER_extraversion,
                         (uintptr_t)&q->extra) )
        release = release_of_version((int)(version >> 16),
                                     (int)(version & 0xffff), q->extra);
    if ( release < 0 )
    {
        snprintf(text, sizeof(text), "Xen %ld.%ld", version >> 16,
                 version & 0xffff);
        missing(text, "not a release that is known");
    }

    return (enum release)release;
}

/* What is free now is the host that a program has. */
static void ask_shape(xencall_handle *xen, struct question *q,
                      struct host_shape *shape)
{
    const struct xen_sysctl_physinfo *phys = &q->sysctl.u.physinfo;

    memset(&q->sysctl, 0, sizeof(q->sysctl));
    q->sysctl.cmd = XEN_SYSCTL_physinfo;
    q->sysctl.interface_version = hv_sysctl_version(
        (enum release)shape->release);
    if ( real.xencall5(xen, __HYPERVISOR_sysctl, (uintptr_t)&q->sysctl, 0, 0,
                       0, 0) )
        missing("physinfo", strerror(errno));
    host_shape_fit(shape, phys->nr_nodes, phys->free_pages);
}

void preload_real_open(struct preload_host *p, struct host_shape *shape)
{
    xencall_handle *xen;
    struct question *q;

    load();
    xen = real.xencall_open(NULL, 0);
    if ( !xen )
        missing("/dev/xen/privcmd", strerror(errno));
    in_use = true; /* from here on its functions call those of this library */
    q = real.xencall_alloc_buffer(xen, sizeof(*q));
    if ( !q )
        missing("a hypercall buffer", strerror(errno));
    p->release = ask_release(xen, q);
    shape->release = (uint8_t)p->release;
    ask_shape(xen, q, shape);
    real.xencall_free_buffer(xen, q);
    real.xencall_close(xen);
}

/* ---- calls ---- */

/* A call of the program, as far as it is recorded. */
struct part
{
    bool recorded;
    struct hv_call call;
    unsigned int op;
    uint64_t arg; /* of its structure */
};

static void begin(struct preload_host *p, struct part *part, unsigned int op,
                  uint64_t a, uint64_t b)
{
    part->op = op;
    part->arg = op == __HYPERVISOR_memory_op ? b : a;
    part->recorded = true;
    if ( op == __HYPERVISOR_memory_op )
        preload_describe_memory_op(p, &part->call, a, b);
    else if ( op == __HYPERVISOR_domctl || op == __HYPERVISOR_sysctl )
        part->recorded = preload_describe_control(
            p, &part->call, op == __HYPERVISOR_domctl, a);
    else
        part->recorded = false;
}

static void end(const struct part *part, long rc)
{
    struct hv_result result = { .rc = rc };

    if ( !part->recorded )
        return;
    if ( part->op != __HYPERVISOR_memory_op && !rc )
        preload_control_told(&part->call, part->arg, &result);
    preload_record(&part->call, &result);
}

/* The calls of a multicall: how many were looked into. */
static unsigned int begin_multicall(struct preload_host *p, struct part *part,
                                    uint64_t list, uint64_t nr)
{
    struct multicall_entry entry;
    unsigned int i;

    for ( i = 0; i < nr && i < PARTS_MAX; i++ )
    {
        if ( !preload_read(&entry, list + i * sizeof(entry), sizeof(entry)) )
            break;
        begin(p, &part[i], (unsigned int)entry.op, entry.args[0],
              entry.args[1]);
    }

    return i;
}

static void end_multicall(const struct part *part, unsigned int nr,
                          uint64_t list)
{
    struct multicall_entry entry;

    for ( unsigned int i = 0; i < nr; i++ )
        if ( preload_read(&entry, list + i * sizeof(entry), sizeof(entry)) )
            end(&part[i], (long)entry.result);
}

static long pass_on(xencall_handle *xcall, unsigned int op,
                    const uint64_t arg[5], bool wide)
{
    if ( wide )
        return real.xencall2L(xcall, op, arg[0], arg[1]);

    return real.xencall5(xcall, op, arg[0], arg[1], arg[2], arg[3], arg[4]);
}

long preload_real_call(struct preload_host *p, xencall_handle *xcall,
                       unsigned int op, const uint64_t arg[5], bool wide)
{
    struct part part[PARTS_MAX] = { 0 };
    bool multi = op == __HYPERVISOR_multicall;
    unsigned int nr = 0;
    int was;
    long rc;

    if ( multi )
        nr = begin_multicall(p, part, arg[0], arg[1]);
    else
        begin(p, part, op, arg[0], arg[1]);
    rc = pass_on(xcall, op, arg, wide);
    was = errno;
    if ( multi && rc >= 0 )
        end_multicall(part, nr, arg[0]);
    else if ( !multi )
        end(part, rc < 0 ? -(long)was : rc);
    errno = was;

    return rc;
}

void preload_real_mapping(enum hv_call_kind kind, uint16_t domid)
{
    const struct hv_call call = { .kind = kind,
                                  .caller = hv_caller_dom0(),
                                  .domid = domid };
    const struct hv_result result = { 0 };

    preload_record(&call, &result);
}
