/* SPDX-License-Identifier: MIT */
/*
 * Does live/ reach a real Xen as it should? Claims, populates, maps and
 * destroys through the interface and compares with what Xen 4.17 is known to
 * do. Run it in a VM: the last part loses 94 pages' worth of claims for good.
 *
 *   live_smoke [--keep-claims]   all of it, or without that last part
 *   live_smoke --die             dies of SIGKILL, a domain and a claim left
 *   live_smoke --refused         opening must be refused; prints why
 *
 * Not here: the engine's programs; this needs none of it.
 */
#include "live.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Pairs of claim and release to take the time of. */
#define RATE_ROUNDS 5000
/* Extents of a list in this test. */
#define LIST_MAX 64

struct smoke
{
    struct hypervisor h;
    enum release release;
    struct hv_result result;
    struct hv_view view;
    uint64_t frame[LIST_MAX];
    unsigned int failed;
};

static void check(struct smoke *s, const char *what, long got, long want)
{
    bool good = got == want;

    printf("%s %-44s %ld", good ? "ok  " : "FAIL", what, got);
    if ( !good )
        printf(" (expected %ld)", want);
    putchar('\n');
    s->failed += !good;
}

static long domctl(struct smoke *s, uint32_t cmd, uint16_t domid, uint64_t v)
{
    struct hv_call call = { .kind = HV_CALL_DOMCTL,
                            .caller = hv_caller_dom0() };

    call.domctl.cmd = cmd;
    call.domctl.version = hv_domctl_version(s->release);
    call.domctl.domid = domid;
    call.domctl.value = v;
    hv_issue(&s->h, s->release, &call, &s->result);
    s->h.ops->observe(s->h.hv, &s->view);

    return s->result.rc;
}

static void reset(struct smoke *s)
{
    const struct host_shape shape = live_shape(&s->h);

    s->h.ops->reset(s->h.hv, &shape, NULL);
    s->h.ops->observe(s->h.hv, &s->view);
}

/* A reservation call; nr extents of order 0 unless the caller changes resv. */
static struct hv_call reservation(unsigned int op, uint16_t domid, uint64_t nr)
{
    struct hv_call call = { .kind = HV_CALL_MEMORY_OP,
                            .caller = hv_caller_dom0(), .cmd = op };

    call.arg_bytes = sizeof(struct xen_memory_reservation);
    call.arg = GUEST_ARG_END - call.arg_bytes;
    call.resv.nr_extents = nr;
    call.resv.domid = domid;

    return call;
}

static long issue(struct smoke *s, const struct hv_call *call)
{
    hv_issue(&s->h, s->release, call, &s->result);
    s->h.ops->observe(s->h.hv, &s->view);

    return s->result.rc;
}

static long claim(struct smoke *s, uint16_t domid, uint64_t pages)
{
    struct hv_call call = reservation(XENMEM_claim_pages, domid, pages);

    return issue(s, &call);
}

/* populate or decrease with the list s->frame, which takes what came back. */
static long with_list(struct smoke *s, unsigned int op, uint16_t domid,
                      unsigned int nr, uint32_t flags)
{
    struct hv_call call = reservation(op, domid, nr);
    long rc;

    call.resv.mem_flags = flags;
    call.list = s->frame;
    call.list_entries = nr;
    call.resv.extent_start.p =
        (xen_pfn_t *)(uintptr_t)(GUEST_LIST_END - 8 * nr);
    rc = issue(s, &call);
    memmove(s->frame, s->result.list, 8 * nr);

    return rc;
}

static long populate(struct smoke *s, uint16_t domid, unsigned int nr,
                     uint32_t flags)
{
    unsigned int i;

    for ( i = 0; i < nr; i++ )
        s->frame[i] = i;

    return with_list(s, XENMEM_populate_physmap, domid, nr, flags);
}

static void check_domain(struct smoke *s, uint16_t domid, const char *what,
                         uint32_t state, uint32_t tot, uint32_t claimed)
{
    const struct hv_domain_view *d = &s->view.dom[domid];
    char text[64];

    snprintf(text, sizeof(text), "%s: state", what);
    check(s, text, d->state, state);
    snprintf(text, sizeof(text), "%s: pages", what);
    check(s, text, d->tot, tot);
    snprintf(text, sizeof(text), "%s: claim", what);
    check(s, text, d->claim, claimed);
}

/* Claims, growth on free, the second claim. */
static void test_claims(struct smoke *s)
{
    check(s, "create d1", domctl(s, XEN_DOMCTL_createdomain, 1, 0), 0);
    check_domain(s, 1, "new d1", HV_DOM_ALIVE, 0, 0);
    check(s, "claim before max_mem", claim(s, 1, 1), -EINVAL);
    check(s, "max_mem 1000000 pages",
          domctl(s, XEN_DOMCTL_max_mem, 1, 4000000), 0);
    check(s, "its max", s->view.dom[1].max, 1000000);
    check(s, "claim of more than there is", claim(s, 1, 900000), -ENOMEM);
    check(s, "claim 512", claim(s, 1, 512), 0);
    check_domain(s, 1, "claimed", HV_DOM_ALIVE, 0, 512);
    check(s, "host claimed", (long)s->view.claimed, 512);
    check(s, "second claim", claim(s, 1, 513), -EINVAL);
    check(s, "populate 64", populate(s, 1, 64, 0), 64);
    check_domain(s, 1, "populated", HV_DOM_ALIVE, 64, 448);
    check(s, "first frame's number", s->h.ops->page_id(s->h.hv, s->frame[0]),
          0);
    check(s, "decrease 16",
          with_list(s, XENMEM_decrease_reservation, 1, 16, 0), 16);
    check_domain(s, 1, "decreased (regime R-A)", HV_DOM_ALIVE, 48, 464);
    check(s, "host claimed", (long)s->view.claimed, 464);
}

/* Every field wrong in turn, and pointers to nowhere. */
static void test_arguments(struct smoke *s)
{
    struct hv_call call = reservation(XENMEM_claim_pages, 1, 0);

    call.resv.extent_order = 1;
    check(s, "claim with order 1", issue(s, &call), -EINVAL);
    call = reservation(XENMEM_claim_pages, 1, 0);
    call.resv.mem_flags = 1;
    check(s, "claim with flags 1", issue(s, &call), -EINVAL);
    call = reservation(XENMEM_claim_pages, 1, 0);
    call.resv.extent_start.p = (xen_pfn_t *)(uintptr_t)GUEST_UNMAPPED;
    check(s, "claim with a list", issue(s, &call), -EINVAL);
    call = reservation(XENMEM_claim_pages | 1U << MEMOP_EXTENT_SHIFT, 1, 0);
    check(s, "claim with start_extent 1", issue(s, &call), -EINVAL);
    check(s, "claim for a domain that is not", claim(s, 7, 0), -EINVAL);
    check(s, "claim for DOMID_SELF", claim(s, DOMID_SELF, 0), -EINVAL);

    call = reservation(XENMEM_claim_pages, 1, 0);
    call.arg = GUEST_UNMAPPED;
    call.arg_bytes = 0;
    check(s, "argument unmapped", issue(s, &call), -EFAULT);
    call.arg = 0;
    check(s, "argument NULL", issue(s, &call), -EFAULT);
    call.arg = GUEST_NONCANONICAL;
    check(s, "argument non-canonical", issue(s, &call), -EFAULT);
    call.arg = GUEST_ARG_END - 31;
    call.arg_bytes = 31;
    check(s, "argument one byte short", issue(s, &call), -EFAULT);
    call = reservation(63, 1, 0);
    check(s, "command 63", issue(s, &call), -ENOSYS);
    call = reservation(XENMEM_decrease_reservation, 0, 1);
    check(s, "dom0's own frames are not taken", issue(s, &call), -EPERM);
    call = reservation(XENMEM_populate_physmap, 1, 1);
    call.resv.extent_start.p = (xen_pfn_t *)s->frame;
    check(s, "own memory is not written to", issue(s, &call), -EPERM);
    call = reservation(XENMEM_exchange, 1, 1);
    check(s, "other commands are not made", issue(s, &call), -EPERM);
    call = reservation(XENMEM_populate_physmap, 1, 1);
    call.resv.extent_start.p = (xen_pfn_t *)(uintptr_t)GUEST_UNMAPPED;
    check(s, "populate with its list unmapped", issue(s, &call), 0);
    check(s, "info of dom0", domctl(s, XEN_DOMCTL_getdomaininfo, 0, 0), 0);
    check(s, "info of a domain that is not",
          domctl(s, XEN_DOMCTL_getdomaininfo, 3, 0), -ESRCH);
    check_domain(s, 1, "all that changed nothing", HV_DOM_ALIVE, 48, 464);
}

static void test_release_destroy(struct smoke *s)
{
    uint64_t free = s->view.free;

    check(s, "release", claim(s, 1, 0), 0);
    check_domain(s, 1, "released", HV_DOM_ALIVE, 48, 0);
    check(s, "claim 100", claim(s, 1, 100), 0);
    check(s, "host claimed", (long)s->view.claimed, 52);
    check(s, "destroy", domctl(s, XEN_DOMCTL_destroydomain, 1, 0), 0);
    check_domain(s, 1, "destroyed", HV_DOM_ABSENT, 0, 0);
    check(s, "host claimed", (long)s->view.claimed, 0);
    printf("     free pages drifted by %ld from before release to after "
           "destroy of 48 pages\n", (long)(s->view.free - free));
}

static void test_nodes(struct smoke *s)
{
    unsigned int nodes = live_shape(&s->h).nodes, n;
    struct hv_call call = { .kind = HV_CALL_NUMAINFO,
                            .caller = hv_caller_dom0() };

    check(s, "create d1", domctl(s, XEN_DOMCTL_createdomain, 1, 0), 0);
    domctl(s, XEN_DOMCTL_max_mem, 1, 4000);
    for ( n = 0; n < nodes; n++ )
    {
        uint64_t before = s->view.node_free[n];

        check(s, "populate 32 on one node", populate(s, 1, 32,
              XENMEMF_exact_node(n)), 32);
        check(s, "taken from that node (nearly)",
              before - s->view.node_free[n] >= 24 &&
              before - s->view.node_free[n] <= 48, 1);
    }
    check(s, "numainfo", issue(s, &call), 0);
    for ( n = 0; n < nodes; n++ )
        check(s, "numainfo as observed", (long)s->result.out.node_free[n],
              (long)s->view.node_free[n]);
    reset(s);
    check_domain(s, 1, "after reset", HV_DOM_ABSENT, 0, 0);
}

/* A domain that only mappings keep alive; leak: leave it with a claim. */
static void test_linger(struct smoke *s, bool leak)
{
    const struct hypervisor_ops *ops = s->h.ops;
    unsigned int i;

    check(s, "create d2", domctl(s, XEN_DOMCTL_createdomain, 2, 0), 0);
    domctl(s, XEN_DOMCTL_max_mem, 2, 4000);
    check(s, "map of a domain that is not", ops->map(s->h.hv, 5, 1), -ESRCH);
    check(s, "map of no frame of it", ops->map(s->h.hv, 2, 1), -EINVAL);
    check(s, "unmap of what is not mapped", ops->unmap(s->h.hv, 2, 1),
          -EINVAL);
    check(s, "populate 6", populate(s, 2, 6, 0), 6);
    for ( i = 0; i < 6; i++ )
        check(s, "map", ops->map(s->h.hv, 2, s->frame[i]), 0);
    check(s, "destroy", domctl(s, XEN_DOMCTL_destroydomain, 2, 0), 0);
    check_domain(s, 2, "lingers", HV_DOM_DEAD, 6, 0);
    check(s, "claim 100 for the dead", claim(s, 2, 100), 0);
    check_domain(s, 2, "dead, with a claim", HV_DOM_DEAD, 6, 94);
    check(s, "host claimed", (long)s->view.claimed, 94);

    for ( i = 0; leak && i < 6; i++ )
        check(s, "unmap", ops->unmap(s->h.hv, 2, s->frame[i]), 0);
    ops->observe(s->h.hv, &s->view);
    check(s, "host claimed (leaked: 100)", (long)s->view.claimed,
          leak ? 100 : 94);
    reset(s);
    check_domain(s, 2, "after reset", HV_DOM_ABSENT, 0, 0);
    check(s, "host claimed after reset", (long)s->view.claimed, 0);
    check(s, "lost until reboot", (long)live_leaked(&s->h), leak ? 100 : 0);
}

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

/* What each kind of call costs, with no observation, and what that costs. */
struct rate
{
    const char *what;
    unsigned int rounds;
    void (*one)(struct smoke *s, unsigned int i);
};

static void do_claim(struct smoke *s, unsigned int i)
{
    struct hv_call call = reservation(XENMEM_claim_pages, 1, i % 2 ? 0 : 500);

    hv_issue(&s->h, s->release, &call, &s->result);
}

static void do_look(struct smoke *s, unsigned int i)
{
    (void)i;
    s->h.ops->observe(s->h.hv, &s->view);
}

static void do_life(struct smoke *s, unsigned int i)
{
    struct hv_call call = { .kind = HV_CALL_DOMCTL,
                            .caller = hv_caller_dom0() };

    call.domctl.cmd = i % 2 ? XEN_DOMCTL_destroydomain
                            : XEN_DOMCTL_createdomain;
    call.domctl.version = hv_domctl_version(s->release);
    call.domctl.domid = 2;
    hv_issue(&s->h, s->release, &call, &s->result);
}

static void do_populate(struct smoke *s, unsigned int i)
{
    struct hv_call call = reservation(i % 2 ? XENMEM_decrease_reservation
                                            : XENMEM_populate_physmap, 1, 1);

    s->frame[0] = i % 2 ? s->frame[0] : 0;
    call.list = s->frame;
    call.list_entries = 1;
    call.resv.extent_start.p =
        (xen_pfn_t *)(uintptr_t)(GUEST_LIST_END - 8);
    hv_issue(&s->h, s->release, &call, &s->result);
    s->frame[0] = s->result.list[0];
}

static void do_map(struct smoke *s, unsigned int i)
{
    if ( i % 2 )
        s->h.ops->unmap(s->h.hv, 1, s->frame[0]);
    else
        s->h.ops->map(s->h.hv, 1, s->frame[0]);
}

static void do_reset(struct smoke *s, unsigned int i)
{
    const struct host_shape shape = live_shape(&s->h);

    (void)i;
    s->h.ops->reset(s->h.hv, &shape, NULL);
}

static void take_time(struct smoke *s)
{
    static const struct rate rate[] = {
        { "observation", RATE_ROUNDS, do_look },
        { "claim or release", RATE_ROUNDS, do_claim },
        { "populate or decrease, 1 page", RATE_ROUNDS, do_populate },
        { "map or unmap", RATE_ROUNDS, do_map },
        { "create or destroy", RATE_ROUNDS / 10, do_life },
        { "reset, nothing to clean", RATE_ROUNDS, do_reset },
    };
    unsigned int r, i;

    domctl(s, XEN_DOMCTL_createdomain, 1, 0);
    domctl(s, XEN_DOMCTL_max_mem, 1, 4000);
    populate(s, 1, 1, 0);
    for ( r = 0; r < sizeof(rate) / sizeof(rate[0]); r++ )
    {
        double start = seconds();

        if ( rate[r].one == do_map )
            populate(s, 1, 1, 0);
        if ( rate[r].one == do_reset )
            reset(s);
        for ( i = 0; i < rate[r].rounds; i++ )
            rate[r].one(s, i);
        printf("     %4.0f us: %s\n", (seconds() - start) * 1e6 /
               rate[r].rounds, rate[r].what);
    }
}

static int refused(void)
{
    struct hypervisor h;
    const char *why;

    if ( live_open(&h, NULL, &why) )
    {
        puts("FAIL opening was not refused");
        h.ops->close(h.hv);
        return 1;
    }
    printf("ok   refused: %s\n", why);
    return 0;
}

int main(int argc, char **argv)
{
    static struct smoke s;
    const char *mode = argc > 1 ? argv[1] : "";
    const char *why;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if ( !strcmp(mode, "--refused") )
        return refused();
    if ( !live_open(&s.h, NULL, &why) )
    {
        fprintf(stderr, "live_smoke: %s\n", why);
        return 77;
    }
    s.release = (enum release)live_shape(&s.h).release;
    s.h.ops->observe(s.h.hv, &s.view);
    printf("     release %s, %u node(s), %lu pages free\n",
           release_name(s.release), live_shape(&s.h).nodes,
           (unsigned long)s.view.free);
    if ( !strcmp(mode, "--die") )
    {
        domctl(&s, XEN_DOMCTL_createdomain, 3, 0);
        domctl(&s, XEN_DOMCTL_max_mem, 3, 4000);
        populate(&s, 3, 4, 0);
        s.h.ops->map(s.h.hv, 3, s.frame[0]);
        printf("     dying with claim: %ld\n", claim(&s, 3, 100));
        raise(SIGKILL);
    }
    test_claims(&s);
    test_arguments(&s);
    test_release_destroy(&s);
    test_nodes(&s);
    test_linger(&s, false);
    take_time(&s);
    if ( strcmp(mode, "--keep-claims") )
        test_linger(&s, true);
    s.h.ops->close(s.h.hv);
    printf("%s: %u failed\n", s.failed ? "FAIL" : "ok", s.failed);

    return s.failed ? 1 : 0;
}
