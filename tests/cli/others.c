/* SPDX-License-Identifier: MIT */
/*
 * A library to preload before libclaimcheck-xen.so: the rest of the host that
 * an emitted program runs on. Before the program starts it makes what was there
 * before it; when the program ends it looks whether that is untouched, and
 * whether the program left something. What it finds goes to stderr and into the
 * exit code.
 *
 *   OTHERS=domain       d3 has two pages, and claims three more
 *   OTHERS=claim        dom0 claims three pages for itself (up to 4.17)
 *   OTHERS=             nobody else is there
 *   OTHERS_SIGNAL=N     SIGTERM before the N-th hypercall of the program, from
 *                       the one that creates its first domain on
 */
#define _GNU_SOURCE
#define __XEN_TOOLS__ 1
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xencall.h>

#include <xen/xen.h>
#include <xen/domctl.h>
#include <xen/memory.h>

#define TOUCHED 99 /* exit code */
#define D3_KB (16 * 4)
#define D3_PAGES 2
#define CLAIM 3
#define DOMS_END 8

static int (*next1)(xencall_handle *, unsigned int, uint64_t);
static long (*next2)(xencall_handle *, unsigned int, uint64_t, uint64_t);
static xencall_handle *handle;
static unsigned int made, calls, signal_at;
static uint64_t dom0_max;

/* Before a hypercall of the program. */
static void count(unsigned int op, uint64_t arg)
{
    const struct xen_domctl *d = (void *)(uintptr_t)arg;

    if ( calls ||
         (op == __HYPERVISOR_domctl && d->cmd == XEN_DOMCTL_createdomain) )
        calls++;
    if ( calls && calls == signal_at )
        raise(SIGTERM);
}

int xencall1(xencall_handle *xen, unsigned int op, uint64_t a)
{
    count(op, a);
    return next1(xen, op, a);
}

long xencall2L(xencall_handle *xen, unsigned int op, uint64_t a, uint64_t b)
{
    count(op, a);
    return next2(xen, op, a, b);
}

static int domctl(struct xen_domctl *d, unsigned int cmd, unsigned int dom)
{
    d->cmd = cmd;
    d->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    d->domain = (domid_t)dom;
    return next1(handle, __HYPERVISOR_domctl, (uintptr_t)d);
}

static long memory_op(unsigned int cmd, unsigned int dom, uint64_t nr)
{
    uint64_t list[D3_PAGES] = { 0, 1 };
    struct xen_memory_reservation r = { .nr_extents = nr,
                                        .domid = (domid_t)dom };

    if ( cmd == XENMEM_populate_physmap )
        set_xen_guest_handle(r.extent_start, list);
    return next2(handle, __HYPERVISOR_memory_op, cmd, (uintptr_t)&r);
}

/* What a domain has: false if there is none. */
static int has(unsigned int dom, struct xen_domctl_getdomaininfo *info)
{
    struct xen_domctl d = { 0 };

    if ( domctl(&d, XEN_DOMCTL_getdomaininfo, dom) || d.domain != dom )
        return 0;
    *info = d.u.getdomaininfo;

    return 1;
}

static void must(int good, const char *what)
{
    if ( good )
        return;
    fprintf(stderr, "others: cannot make %s\n", what);
    _exit(TOUCHED);
}

static void make_d3(void)
{
    struct xen_domctl d = { .u.createdomain = { .max_vcpus = 1,
                                                .max_evtchn_port = 1023 } };

    must(!domctl(&d, XEN_DOMCTL_createdomain, 3), "d3");
    memset(&d, 0, sizeof(d));
    d.u.max_mem.max_memkb = D3_KB;
    must(!domctl(&d, XEN_DOMCTL_max_mem, 3), "a limit");
    must(memory_op(XENMEM_populate_physmap, 3, D3_PAGES) == D3_PAGES, "pages");
    must(!memory_op(XENMEM_claim_pages, 3, D3_PAGES + CLAIM), "a claim");
    made = 1U << 3;
}

static void __attribute__((constructor)) begin(void)
{
    const char *others = getenv("OTHERS"), *at = getenv("OTHERS_SIGNAL");
    struct xen_domctl_getdomaininfo info;
    uint64_t dom0_pages;

    next1 = (int (*)(xencall_handle *, unsigned int, uint64_t))(
        uintptr_t)dlsym(RTLD_NEXT, "xencall1");
    next2 = (long (*)(xencall_handle *, unsigned int, uint64_t, uint64_t))(
        uintptr_t)dlsym(RTLD_NEXT, "xencall2L");
    must(next1 && next2, "calls");
    handle = xencall_open(NULL, 0);
    must(has(0, &info), "sense of dom0");
    dom0_pages = info.tot_pages;
    if ( others && !strcmp(others, "domain") )
        make_d3();
    if ( others && !strcmp(others, "claim") )
    {
        struct xen_domctl d = { .u.max_mem.max_memkb = D3_KB };

        must(!domctl(&d, XEN_DOMCTL_max_mem, 0), "room for dom0");
        must(!memory_op(XENMEM_claim_pages, 0, dom0_pages + CLAIM), "a claim");
        made = 1;
    }
    must(has(0, &info), "sense of dom0");
    dom0_max = info.max_pages;
    signal_at = at ? (unsigned int)atoi(at) : 0;
}

static void __attribute__((destructor)) look(void)
{
    struct xen_domctl_getdomaininfo info;
    int bad = 0;

    for ( unsigned int dom = 0; dom < DOMS_END; dom++ )
    {
        int there = has(dom, &info);

        if ( dom && there != (int)(made >> dom & 1) )
            bad |= fprintf(stderr, "others: d%u is %s\n", dom,
                           there ? "left" : "gone");
        else if ( there &&
                  info.outstanding_pages != (made >> dom & 1) * CLAIM )
            bad |= fprintf(stderr, "others: d%u claims %u pages\n", dom,
                           (unsigned int)info.outstanding_pages);
        else if ( dom && there &&
                  (info.tot_pages != D3_PAGES || info.max_pages != D3_KB / 4) )
            bad |= fprintf(stderr, "others: d%u has other pages\n", dom);
        else if ( !dom && (!there || info.max_pages != dom0_max) )
            bad |= fprintf(stderr, "others: d0 has another limit\n");
    }
    if ( bad )
    {
        fflush(NULL);
        _exit(TOUCHED);
    }
}
