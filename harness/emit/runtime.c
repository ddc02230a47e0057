/* SPDX-License-Identifier: MIT */
/*
 * What a case needs to run by itself, with nothing but libxenctrl's libraries:
 * memory that ends where arguments end, the hypercalls, the frames that Xen
 * gave out, and the comparison with what the rules allow.
 *
 *   cc -o case case.c -lxencall -lxenforeignmemory
 *   ./case                  as root in dom0: only on a host that may be lost
 *   LD_PRELOAD=.../libclaimcheck-xen.so ./case          over claimcheck's stub
 *
 * Exit code 0: as the rules say; 1: not; 2: no Xen here.
 */
#pragma GCC diagnostic ignored "-Wunused-function" /* no case needs all */
#define _GNU_SOURCE
#define __XEN_TOOLS__ 1
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <xencall.h>
#include <xenforeignmemory.h>

#include <xen/xen.h>
#include <xen/domctl.h>
#include <xen/memory.h>
#include <xen/sysctl.h>

#define PAGE 4096
/* The extents that a call skips are counted above its command. */
#define MEMOP_EXTENT_SHIFT 6
#define ARG_PAGES 1
#define LIST_PAGES 2
#define EXTENTS_MAX (LIST_PAGES * PAGE / 8)
#define FRAMES_MAX 65536
#define DOMS_MAX 8

static xencall_handle *xen;
static xenforeignmemory_handle *foreign;
static char *arg_end, *list_end;   /* an unmapped page begins there */
static uint64_t list[EXTENTS_MAX]; /* for the next call; then what came back */
static uint64_t frame[FRAMES_MAX]; /* that Xen gave out, in order */
static unsigned int nr_frames, wrong;
static struct
{
    uint64_t frame;
    unsigned int dom;
    void *at; /* NULL: unused */
} mapped[EXTENTS_MAX];
static uint64_t claimed_before;

static char *window(unsigned int pages)
{
    char *p = mmap(NULL, (pages + 1) * PAGE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

    if ( p == MAP_FAILED || mlock(p, pages * PAGE) ||
         mprotect(p + pages * PAGE, PAGE, PROT_NONE) )
    {
        perror("no memory for arguments");
        exit(2);
    }
    return p + pages * PAGE;
}

#define ARG(bytes) ((uint64_t)(uintptr_t)arg_end - (bytes))
#define LIST(bytes) ((uint64_t)(uintptr_t)list_end - (bytes))
#define UNMAPPED ((uint64_t)(uintptr_t)arg_end)

/* ---- what came back, and what had to ---- */

static void fail(int step, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fprintf(stderr, "step %d: ", step);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    wrong++;
}

static int end(void);
static long allowed[2]; /* for the next result, beside lo .. hi */
static unsigned int nr_allowed;

static void allow(long rc)
{
    allowed[nr_allowed++] = rc;
}

/* The rules allow lo .. hi; what follows is made for one of them. */
static void expect(int step, long got, long want, long lo, long hi)
{
    int good = got >= lo && got <= hi;

    while ( nr_allowed )
        good |= got == allowed[--nr_allowed];
    if ( !good )
        fail(step, "got %ld, expected %ld (allowed %ld .. %ld)", got, want, lo,
             hi);
    else if ( got != want )
    {
        printf("step %d: %ld is allowed, but the rest is made for %ld\n", step,
               got, want);
        exit(end());
    }
}

static long result(long rc)
{
    return rc < 0 ? -(long)errno : rc;
}

/* ---- hypercalls ---- */

struct reservation
{
    unsigned int cmd;       /* XENMEM_* */
    uint64_t start;         /* extents to skip, above the command */
    uint64_t arg;           /* where the structure lies, */
    unsigned int arg_bytes; /* and how many bytes of it are there */
    uint64_t list;          /* where the extent list lies, */
    unsigned int entries;   /* and how many of its entries are there */
    uint64_t nr;
    unsigned int order, flags, domid;
    unsigned char pad[6];
};

static long memory_op(struct reservation r)
{
    struct xen_memory_reservation m = {
        .nr_extents = r.nr,
        .extent_order = r.order,
        .mem_flags = r.flags,
        .domid = r.domid,
    };
    struct xen_memory_domain d = { .domid = r.domid };
    int query = r.cmd == XENMEM_current_reservation ||
                r.cmd == XENMEM_maximum_reservation;
    void *there = (void *)(uintptr_t)r.list;
    long rc;

    memcpy(&m.extent_start, &r.list, sizeof(r.list));
    memcpy((char *)&m + sizeof(m) - sizeof(r.pad), r.pad, sizeof(r.pad));
    if ( r.arg_bytes )
        memcpy((void *)(uintptr_t)r.arg, query ? (void *)&d : (void *)&m,
               r.arg_bytes);
    if ( r.entries )
        memcpy(there, list, r.entries * 8);
    rc = result(xencall2L(xen, __HYPERVISOR_memory_op,
                          r.cmd | r.start << MEMOP_EXTENT_SHIFT, r.arg));
    if ( r.entries )
        memcpy(list, there, r.entries * 8);

    return rc;
}

static struct xen_domctl domctl_arg;

static long domctl(unsigned int cmd, unsigned int dom, uint64_t value)
{
    struct xen_domctl *d = (void *)(uintptr_t)ARG(sizeof(*d));
    uint64_t *nodes = (void *)(uintptr_t)(ARG(sizeof(*d)) - 8);
    long rc;

    memset(d, 0, sizeof(*d));
    d->cmd = cmd;
    d->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    d->domain = dom;
    if ( cmd == XEN_DOMCTL_createdomain )
    {
        d->u.createdomain.max_vcpus = 1;
        d->u.createdomain.max_evtchn_port = 1023;
        d->u.createdomain.max_grant_frames = -1;
        d->u.createdomain.max_maptrack_frames = -1;
        d->u.createdomain.grant_opts = XEN_DOMCTL_GRANT_version(1);
    }
    else if ( cmd == XEN_DOMCTL_max_mem )
        d->u.max_mem.max_memkb = value;
    else if ( cmd == XEN_DOMCTL_setnodeaffinity )
    {
        *nodes = value;
        memcpy(&d->u.nodeaffinity.nodemap.bitmap, &nodes, sizeof(nodes));
        d->u.nodeaffinity.nodemap.nr_bits = 64;
    }
    rc = result(xencall1(xen, __HYPERVISOR_domctl, (uint64_t)(uintptr_t)d));
    domctl_arg = *d;

    return rc;
}

static long physinfo(struct xen_sysctl_physinfo *info)
{
    struct xen_sysctl *s = (void *)(uintptr_t)ARG(sizeof(*s));
    long rc;

    memset(s, 0, sizeof(*s));
    s->cmd = XEN_SYSCTL_physinfo;
    s->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    rc = result(xencall1(xen, __HYPERVISOR_sysctl, (uint64_t)(uintptr_t)s));
    *info = s->u.physinfo;

    return rc;
}

static long map(unsigned int dom, uint64_t f)
{
    xen_pfn_t pfn = f;
    void *at = xenforeignmemory_map(foreign, dom, PROT_READ, 1, &pfn, NULL);

    for ( unsigned int i = 0; at && i < EXTENTS_MAX; i++ )
        if ( !mapped[i].at )
        {
            mapped[i].frame = f;
            mapped[i].dom = dom;
            mapped[i].at = at;
            return 0;
        }
    return -(long)errno;
}

static long unmap(unsigned int dom, uint64_t f)
{
    for ( unsigned int i = 0; i < EXTENTS_MAX; i++ )
        if ( mapped[i].at && mapped[i].frame == f && mapped[i].dom == dom )
        {
            long rc = result(xenforeignmemory_unmap(foreign, mapped[i].at, 1));

            mapped[i].at = NULL;
            return rc;
        }
    return -EINVAL;
}

/* ---- lists ---- */

/* Entries from at on: frame numbers of the guest's choice. */
static void list_gfns(unsigned int at, unsigned int nr)
{
    for ( unsigned int i = 0; i < nr; i++ )
        list[at + i] = at + i;
}

/* Entries from at on: frames that Xen gave out, from the first-th on, offset
 * pages into each. */
static void list_frames(unsigned int at, unsigned int nr, unsigned int first,
                        unsigned int offset)
{
    for ( unsigned int i = 0; i < nr; i++ )
        list[at + i] = frame[first + i] + offset;
}

/* The call wrote frames to the list. */
static void keep_frames(unsigned int at, unsigned int nr)
{
    memcpy(&frame[nr_frames], &list[at], nr * sizeof(frame[0]));
    nr_frames += nr;
}

/* ---- the state after a step ---- */

static void host_claims(int step, uint64_t pages)
{
    struct xen_sysctl_physinfo info;
    long rc = physinfo(&info);

    if ( rc )
        fail(step, "physinfo: %s", strerror((int)-rc));
    else if ( info.outstanding_pages - claimed_before != pages )
        fail(step,
             "the host counts %" PRIu64 " claimed pages, expected %" PRIu64,
             info.outstanding_pages - claimed_before, pages);
}

static void domain_has(int step, unsigned int dom, uint64_t tot, uint64_t max,
                       uint64_t claim)
{
    const struct xen_domctl_getdomaininfo *i = &domctl_arg.u.getdomaininfo;
    long rc = domctl(XEN_DOMCTL_getdomaininfo, dom, 0);

    if ( rc || domctl_arg.domain != dom )
        fail(step, "there is no d%u", dom);
    else if ( i->tot_pages != tot || i->max_pages != max ||
              i->outstanding_pages != claim )
        fail(step,
             "d%u has %" PRIu64 " pages, limit %" PRIu64 ", claim %" PRIu64
             "; expected %" PRIu64 ", %" PRIu64 ", %" PRIu64,
             dom, (uint64_t)i->tot_pages, (uint64_t)i->max_pages,
             (uint64_t)i->outstanding_pages, tot, max, claim);
}

/* ---- start and end ---- */

static void start(void)
{
    struct xen_sysctl_physinfo info;

    xen = xencall_open(NULL, 0);
    foreign = xenforeignmemory_open(NULL, 0);
    if ( !xen || !foreign )
    {
        fprintf(stderr, "no Xen here, or not root\n");
        exit(2);
    }
    arg_end = window(ARG_PAGES);
    list_end = window(LIST_PAGES);
    if ( physinfo(&info) )
    {
        fprintf(stderr, "physinfo: %s; made for another release of Xen?\n",
                strerror(errno));
        exit(2);
    }
    claimed_before = info.outstanding_pages;
}

/* Leave nothing behind. */
static int end(void)
{
    struct reservation release = { .cmd = XENMEM_claim_pages,
                                   .arg = ARG(32),
                                   .arg_bytes = 32 };

    for ( unsigned int i = 0; i < EXTENTS_MAX; i++ )
        if ( mapped[i].at )
            xenforeignmemory_unmap(foreign, mapped[i].at, 1);
    for ( release.domid = 1; release.domid < DOMS_MAX; release.domid++ )
    {
        memory_op(release);
        domctl(XEN_DOMCTL_destroydomain, release.domid, 0);
    }
    printf("%s\n", wrong ? "not as the rules say" : "as the rules say");

    return wrong != 0;
}
