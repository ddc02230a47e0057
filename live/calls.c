/* SPDX-License-Identifier: MIT */
/* Hypercalls that live/ needs itself: not those of a program. */
#include "calls.h"

#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xen/version.h>

#define PAGE_BYTES 4096
#define HARNESS_FAILED 3 /* exit code */
/* How often to ask whether a destroyed domain is gone: other CPUs free its
 * last pages within microseconds, and each time is a hypercall. */
#define GONE_ROUNDS 20000

bool calls_open(struct live_calls *c)
{
    c->nodes = c->domctl = c->sysctl = 0;
    calls_outdate(c);
    c->xen = xencall_open(NULL, 0);
    if ( !c->xen )
        return false;

    c->buf = xencall_alloc_buffer(c->xen, sizeof(*c->buf));
    if ( !c->buf )
    {
        xencall_close(c->xen);
        return false;
    }
    memset(c->buf, 0, sizeof(*c->buf));

    return true;
}

void calls_close(struct live_calls *c)
{
    xencall_free_buffer(c->xen, c->buf);
    xencall_close(c->xen);
    c->xen = NULL;
    c->buf = NULL;
    c->nodes = 0;
}

/* Any hypercall with one or two arguments, result or -errno. */
static long do1(struct live_calls *c, unsigned int op, uint64_t a)
{
    int rc = xencall1(c->xen, op, a);

    calls_outdate(c);
    return rc < 0 ? -(long)errno : rc;
}

static long do2(struct live_calls *c, unsigned int op, uint64_t a, uint64_t b)
{
    long rc = xencall2L(c->xen, op, a, b);

    calls_outdate(c);
    return rc < 0 ? -(long)errno : rc;
}

static uint64_t address(const void *p)
{
    return (uint64_t)(uintptr_t)p;
}

long calls_version(struct live_calls *c, int *major, int *minor,
                   const char **extra)
{
    char *text = c->buf->version.text;
    long rc = do2(c, __HYPERVISOR_xen_version, XENVER_version, 0);

    if ( rc < 0 )
        return rc;
    *major = (int)(rc >> 16);
    *minor = (int)(rc & 0xffff);

    _Static_assert(sizeof(xen_extraversion_t) == sizeof(c->buf->version.text),
                   "XENVER_extraversion writes this much");
    rc = do2(c, __HYPERVISOR_xen_version, XENVER_extraversion, address(text));
    text[rc < 0 ? 0 : sizeof(c->buf->version.text) - 1] = '\0';
    *extra = text;

    return 0;
}

_Noreturn void calls_failed(const char *what, long rc)
{
    fflush(stdout);
    fprintf(stderr, "claimcheck: live: %s: %s\n", what, strerror((int)-rc));
    _exit(HARNESS_FAILED);
}

/* The result of a call of ours about a domain. It may be gone, or dying, and
 * then a newer Xen refuses: what is seen afterwards says so. */
static long of_domain(const char *what, long rc)
{
    if ( rc < 0 && rc != -ESRCH && rc != -EINVAL )
        calls_failed(what, rc);

    return rc;
}

/* ---- observing ---- */

static struct xen_sysctl *new_look(struct live_calls *c, unsigned int i,
                                   uint32_t cmd)
{
    struct xen_sysctl *s = &c->buf->look[i];
    struct multicall_entry *entry = &c->buf->batch[i];

    memset(s, 0, sizeof(*s));
    s->cmd = cmd;
    s->interface_version = c->sysctl;
    entry->op = __HYPERVISOR_sysctl;
    entry->args[0] = address(s);

    return s;
}

static void new_looks(struct live_calls *c)
{
    struct xen_sysctl *s;

    s = new_look(c, LOOK_DOMAINS, XEN_SYSCTL_getdomaininfolist);
    s->u.getdomaininfolist.max_domains = HV_DOMS_MAX + 1;
    set_xen_guest_handle(s->u.getdomaininfolist.buffer, c->buf->info);
    new_look(c, LOOK_HOST, XEN_SYSCTL_physinfo);
    s = new_look(c, LOOK_NODES, XEN_SYSCTL_numainfo);
    s->u.numainfo.num_nodes = HV_NODES_MAX;
    set_xen_guest_handle(s->u.numainfo.meminfo, c->buf->mem);
}

/* Issues the batch from an entry on. The number of domains that
 * getdomaininfolist found, or -errno. */
static long do_batch(struct live_calls *c, unsigned int first)
{
    unsigned int i, end = c->nodes == 1 ? LOOK_NODES : BATCH_MAX;
    long rc;

    new_looks(c);
    rc = do2(c, __HYPERVISOR_multicall, address(&c->buf->batch[first]),
             end - first);
    for ( i = LOOK_DOMAINS; rc >= 0 && i < end; i++ )
        if ( (long)c->buf->batch[i].result < 0 )
            rc = (long)c->buf->batch[i].result;
    if ( rc < 0 )
        return rc;
    c->nodes = calls_physinfo(c)->nr_nodes;

    return c->buf->look[LOOK_DOMAINS].u.getdomaininfolist.num_domains;
}

long calls_of_program(struct live_calls *c, unsigned int op, uint64_t a,
                      uint64_t b)
{
    struct multicall_entry *entry = &c->buf->batch[CALL_OF_PROGRAM];

    entry->op = op;
    entry->args[0] = a;
    entry->args[1] = b;
    c->seen = do_batch(c, CALL_OF_PROGRAM);

    return (long)entry->result;
}

static struct xen_domctl *domctl_new(struct live_calls *c, uint32_t cmd,
                                     uint16_t domid)
{
    struct xen_domctl *d = &c->buf->domctl;

    memset(d, 0, sizeof(*d));
    d->cmd = cmd;
    d->interface_version = c->domctl;
    d->domain = domid;

    return d;
}

static long domctl_do(struct live_calls *c)
{
    return do1(c, __HYPERVISOR_domctl, address(&c->buf->domctl));
}

long calls_probe(struct live_calls *c)
{
    long rc = -EACCES;
    unsigned int r;

    for ( r = 0; r < RELEASE_COUNT && rc == -EACCES; r++ )
    {
        c->sysctl = hv_sysctl_version((enum release)r);
        new_look(c, LOOK_HOST, XEN_SYSCTL_physinfo);
        rc = do1(c, __HYPERVISOR_sysctl, address(&c->buf->look[LOOK_HOST]));
    }
    if ( rc < 0 )
        return rc;

    rc = -EACCES;
    for ( r = 0; r < RELEASE_COUNT && rc == -EACCES; r++ )
    {
        c->domctl = hv_domctl_version((enum release)r);
        domctl_new(c, XEN_DOMCTL_getdomaininfo, 0);
        rc = domctl_do(c);
    }

    return rc;
}

long calls_look(struct live_calls *c)
{
    if ( c->seen < 0 )
        c->seen = do_batch(c, LOOK_DOMAINS);

    return c->seen;
}

void calls_outdate(struct live_calls *c)
{
    c->seen = -1;
}

const struct xen_sysctl_physinfo *calls_physinfo(const struct live_calls *c)
{
    return &c->buf->look[LOOK_HOST].u.physinfo;
}

uint64_t calls_node_free(const struct live_calls *c, unsigned int node)
{
    if ( c->nodes == 1 )
        return node ? 0 : calls_physinfo(c)->free_pages;
    if ( node >= c->buf->look[LOOK_NODES].u.numainfo.num_nodes ||
         c->buf->mem[node].memsize == XEN_INVALID_MEM_SZ )
        return 0;

    return c->buf->mem[node].memfree / PAGE_BYTES;
}

/* ---- cleaning up ---- */

static long memory_op_do(struct live_calls *c, unsigned long cmd)
{
    return do2(c, __HYPERVISOR_memory_op, cmd, address(&c->buf->resv));
}

long calls_release(struct live_calls *c, uint16_t domid)
{
    memset(&c->buf->resv, 0, sizeof(c->buf->resv));
    c->buf->resv.domid = domid;

    return of_domain("releasing a claim", memory_op_do(c, XENMEM_claim_pages));
}

long calls_give_back(struct live_calls *c, uint64_t frame)
{
    memset(&c->buf->resv, 0, sizeof(c->buf->resv));
    c->buf->extent = frame;
    c->buf->resv.domid = DOMID_SELF;
    c->buf->resv.nr_extents = 1;
    set_xen_guest_handle(c->buf->resv.extent_start,
                         (xen_pfn_t *)&c->buf->extent);

    return of_domain("giving back a page of dom0",
                     memory_op_do(c, XENMEM_decrease_reservation));
}

long calls_destroy(struct live_calls *c, uint16_t domid)
{
    domctl_new(c, XEN_DOMCTL_destroydomain, domid);
    return of_domain("destroying a domain", domctl_do(c));
}

long calls_max_mem(struct live_calls *c, uint16_t domid, uint64_t kb)
{
    domctl_new(c, XEN_DOMCTL_max_mem, domid)->u.max_mem.max_memkb = kb;
    return of_domain("restoring a limit", domctl_do(c));
}

bool calls_owns(struct live_calls *c, uint16_t domid, uint64_t frame)
{
    struct xen_domctl *d = domctl_new(c, XEN_DOMCTL_getpageframeinfo3, domid);
    long rc;

    c->buf->extent = frame;
    d->u.getpageframeinfo3.num = 1;
    set_xen_guest_handle(d->u.getpageframeinfo3.array,
                         (xen_pfn_t *)&c->buf->extent);
    rc = domctl_do(c);
    if ( rc == -ESRCH )
        return false;
    if ( rc < 0 )
        calls_failed("asking whose a page is", rc);

    return c->buf->extent != XEN_DOMCTL_PFINFO_XTAB;
}

void calls_bring_back(struct live_calls *c, const uint64_t *frame, uint32_t nr)
{
    struct xen_sysctl *s = &c->buf->offline;
    long rc;

    for ( uint32_t i = 0; i < nr; i++ )
    {
        memset(s, 0, sizeof(*s));
        s->cmd = XEN_SYSCTL_page_offline_op;
        s->interface_version = c->sysctl;
        s->u.page_offline.cmd = sysctl_page_online;
        s->u.page_offline.start = (uint32_t)frame[i];
        s->u.page_offline.end = (uint32_t)frame[i];
        set_xen_guest_handle(s->u.page_offline.status, &c->buf->status);
        rc = do1(c, __HYPERVISOR_sysctl, address(s));
        if ( rc < 0 )
            calls_failed("bringing a page back into use", rc);
    }
}

/* Which domains of a mask exist. */
static uint32_t present(struct live_calls *c, uint32_t domids)
{
    long i, nr;
    uint32_t there = 0;

    calls_outdate(c); /* domains go by themselves */
    nr = calls_look(c);
    if ( nr < 0 )
        calls_failed("listing the domains", nr);
    for ( i = 0; i < nr; i++ )
        if ( c->buf->info[i].domain < HV_DOMS_MAX )
            there |= 1U << c->buf->info[i].domain;

    return there & domids;
}

uint32_t calls_clean(struct live_calls *c, uint32_t domids)
{
    uint32_t left = present(c, domids);
    unsigned int round;
    uint16_t d;

    assert(!(domids & 1)); /* never dom0 */

    /* The claim first: one that a domain still holds at its end is lost until
     * the host reboots (rules 3.10). */
    for ( d = 1; d < HV_DOMS_MAX; d++ )
        if ( left & (1U << d) )
        {
            calls_release(c, d);
            calls_destroy(c, d);
        }

    for ( round = 0; left && round < GONE_ROUNDS; round++ )
    {
        left = present(c, domids);
        if ( left )
            sched_yield();
    }

    return left;
}
