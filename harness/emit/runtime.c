/* SPDX-License-Identifier: MIT */
/*
 * What a case needs to run by itself, with nothing but libxenctrl's libraries:
 * memory that ends where arguments end, the hypercalls, the frames that Xen
 * gave out, and the comparison with what the rules allow.
 *
 *   cc -o case case.c -lxencall -lxenforeignmemory
 *   ./case                  as root in dom0, on a host of its own
 *   ./case --force          although others have domains or claims there
 *   LD_PRELOAD=.../libclaimcheck-xen.so ./case          over claimcheck's stub
 *
 * It touches only the domains that it creates and what it changed of dom0, and
 * takes both back, after SIGINT and SIGTERM too; only SIGKILL prevents it.
 *
 * Exit code 0: as the rules say; 1: not; 2: bad usage; 77: cannot run here; 3:
 * it failed itself, or could not clean up; 128 + n: stopped by signal n.
 */
#pragma GCC diagnostic ignored "-Wunused-function" /* no case needs all */
#define _GNU_SOURCE
#define __XEN_TOOLS__ 1
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
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
/* Exit codes. */
#define NOT_AS_THE_RULES_SAY 1
#define BAD_USAGE 2
#define FAILED 3
#define CANNOT_RUN 77
#define STOPPED 128
/* Interface versions are small numbers. */
#define VERSION_MAX 255

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
} mapped[FRAMES_MAX];
static unsigned int nr_mapped; /* places of it that were used so far */
static uint64_t claimed_before, dom0_claim_before, dom0_max_before;
static volatile sig_atomic_t stop_signal;

static char *window(unsigned int pages)
{
    char *p = mmap(NULL, (pages + 1) * PAGE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

    if ( p == MAP_FAILED || mlock(p, pages * PAGE) ||
         mprotect(p + pages * PAGE, PAGE, PROT_NONE) )
    {
        perror("no memory for arguments");
        exit(FAILED);
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
static void leave(int rc) __attribute__((noreturn));
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

/* Domains that this program created, and not yet destroyed. */
enum
{
    NOT_OURS,
    CREATED,
    DESTROYED
};
static unsigned char ours[DOMID_FIRST_RESERVED];

static void may_touch(unsigned int dom);

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

    may_touch(r.domid);
    if ( r.cmd == XENMEM_claim_pages && !r.domid && dom0_claim_before )
    {
        fprintf(stderr, "dom0's claim is not this program's\n");
        leave(CANNOT_RUN);
    }
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

/* A domctl on whatever domain there is. */
static long any_domctl(unsigned int cmd, unsigned int dom, uint64_t value)
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
        d->u.createdomain.flags = (uint32_t)value;
        d->u.createdomain.max_vcpus = !(value >> 32);
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

/* Is there such a domain? What it has is in domctl_arg. */
static int exists(unsigned int dom)
{
    return !any_domctl(XEN_DOMCTL_getdomaininfo, dom, 0) &&
           domctl_arg.domain == dom; /* some releases tell of the next one */
}

/* Before a call that names a domain: it must be dom0, or nobody's, or one that
 * this program created. One that it destroyed may linger, and is dying then. */
static void may_touch(unsigned int dom)
{
    if ( stop_signal )
        leave(STOPPED + stop_signal);
    if ( !dom || dom >= DOMID_FIRST_RESERVED || ours[dom] == CREATED ||
         !exists(dom) )
        return;
    if ( ours[dom] == DESTROYED &&
         domctl_arg.u.getdomaininfo.flags & XEN_DOMINF_dying )
        return;
    fprintf(stderr, "d%u is not this program's: cannot go on here\n", dom);
    leave(CANNOT_RUN);
}

static long domctl(unsigned int cmd, unsigned int dom, uint64_t value)
{
    long rc;

    may_touch(dom);
    rc = any_domctl(cmd, dom, value);
    if ( !rc && cmd == XEN_DOMCTL_createdomain )
        ours[domctl_arg.domain] = CREATED;
    else if ( !rc && cmd == XEN_DOMCTL_destroydomain )
        ours[dom] = DESTROYED;

    return rc;
}

/* Claim sets, which no header has: an entry, and those of the last call. */
#define CLAIMS_MAX 68
struct claim
{
    uint64_t pages;
    uint32_t target, pad;
};
static struct claim claims[CLAIMS_MAX];
static uint32_t nr_claims;

/* nr entries: the given ones, the last of them again and again. */
static long claim_domctl(unsigned int cmd, unsigned int dom, uint32_t mode,
                         uint32_t nr, uint32_t given,
                         const struct claim *entry)
{
    struct xen_domctl *d = (void *)(uintptr_t)ARG(sizeof(*d));
    void *there = (void *)(uintptr_t)LIST(nr * sizeof(*entry));
    struct
    {
        uint64_t entries;
        uint32_t nr, mode;
    } set = { (uintptr_t)there, nr, mode };
    long rc;

    may_touch(dom);
    for ( uint32_t i = 0; i < nr; i++ )
        claims[i] = entry[i < given ? i : given - 1];
    memcpy(there, claims, nr * sizeof(*entry));
    memset(d, 0, sizeof(*d));
    d->cmd = cmd;
    d->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    d->domain = dom;
    memcpy(&d->u, &set, sizeof(set));
    rc = result(xencall1(xen, __HYPERVISOR_domctl, (uint64_t)(uintptr_t)d));
    memcpy(&set, &d->u, sizeof(set));
    nr_claims = set.nr;
    memcpy(claims, there, nr * sizeof(*entry));

    return rc;
}

static void claims_told(int step, uint32_t nr, const struct claim *entry)
{
    if ( nr_claims != nr )
        fail(step, "%u claims are told, expected %u", nr_claims, nr);
    for ( uint32_t i = 0; entry && nr_claims == nr && i < nr; i++ )
        if ( claims[i].pages != entry[i].pages ||
             claims[i].target != entry[i].target )
            fail(step,
                 "claim %u: %" PRIu64 " pages of %#x, expected %" PRIu64
                 " of %#x",
                 i, claims[i].pages, claims[i].target, entry[i].pages,
                 entry[i].target);
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
    unsigned int i;
    void *at;

    if ( nr_mapped == FRAMES_MAX )
        return -ENOSPC;
    may_touch(dom);
    at = xenforeignmemory_map(foreign, dom, PROT_READ, 1, &pfn, NULL);
    if ( !at )
        return -(long)errno;
    for ( i = 0; i < nr_mapped && mapped[i].at; i++ )
        ;
    mapped[i].frame = f;
    mapped[i].dom = dom;
    mapped[i].at = at;
    nr_mapped += i == nr_mapped;

    return 0;
}

static long unmap(unsigned int dom, uint64_t f)
{
    for ( unsigned int i = 0; i < nr_mapped; i++ )
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

    if ( !exists(dom) )
        fail(step, "there is no d%u", dom);
    else if ( i->tot_pages != tot || i->max_pages != max ||
              i->outstanding_pages != claim )
        fail(step,
             "d%u has %" PRIu64 " pages, limit %" PRIu64 ", claim %" PRIu64
             "; expected %" PRIu64 ", %" PRIu64 ", %" PRIu64,
             dom, (uint64_t)i->tot_pages, (uint64_t)i->max_pages,
             (uint64_t)i->outstanding_pages, tot, max, claim);
}
