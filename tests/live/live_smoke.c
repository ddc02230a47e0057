/* SPDX-License-Identifier: MIT */
/*
 * Does live/ reach a real Xen as it should? Claims, populates, maps and
 * destroys through the interface and compares with what Xen 4.17 is known to
 * do. Run it in a VM: the last two lose memory until the next boot.
 *
 *   live_smoke             the interface
 *   live_smoke --rates     what a call costs
 *   live_smoke --die       dies of SIGKILL, a domain, claim and mapping left
 *   live_smoke --wait      the same, but waits for a signal
 *   live_smoke --refused   opening must be refused; prints why
 *   live_smoke --leak      a destroyed domain's claim of 100 pages stays
 *   live_smoke --offline   claims of more memory than there is
 *
 * Not here: the engine's programs; this needs none of it.
 */
#include "smoke.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Claims, growth on free, the second claim. */
static void test_claims(struct smoke *s)
{
    smoke_check(s, "create d1", smoke_domctl(s, XEN_DOMCTL_createdomain, 1, 0),
                0);
    smoke_check_domain(s, 1, "new d1", HV_DOM_ALIVE, 0, 0);
    smoke_check(s, "claim before max_mem", smoke_claim(s, 1, 1), -EINVAL);
    smoke_check(s, "max_mem 1000000 pages",
                smoke_domctl(s, XEN_DOMCTL_max_mem, 1, 4000000), 0);
    smoke_check(s, "its max", s->view.dom[1].max, 1000000);
    smoke_check(s, "claim of more than there is", smoke_claim(s, 1, 900000),
                -ENOMEM);
    smoke_check(s, "claim 512", smoke_claim(s, 1, 512), 0);
    smoke_check_domain(s, 1, "claimed", HV_DOM_ALIVE, 0, 512);
    smoke_check(s, "host claimed", (long)s->view.claimed, 512);
    smoke_check(s, "second claim", smoke_claim(s, 1, 513), -EINVAL);
    smoke_check(s, "populate 64", smoke_populate(s, 1, 64, 0), 64);
    smoke_check_domain(s, 1, "populated", HV_DOM_ALIVE, 64, 448);
    smoke_check(s, "first frame's number",
                s->h.ops->page_id(s->h.hv, s->frame[0]), 0);
    smoke_check(s, "decrease 16",
                smoke_with_list(s, XENMEM_decrease_reservation, 1, 16, 0), 16);
    smoke_check_domain(s, 1, "decreased (regime R-A)", HV_DOM_ALIVE, 48, 464);
    smoke_check(s, "host claimed", (long)s->view.claimed, 464);
}

/* Every field wrong in turn, and pointers to nowhere. */
static void test_arguments(struct smoke *s)
{
    struct hv_call call = smoke_reservation(XENMEM_claim_pages, 1, 0);

    call.resv.extent_order = 1;
    smoke_check(s, "claim with order 1", smoke_issue(s, &call), -EINVAL);
    call = smoke_reservation(XENMEM_claim_pages, 1, 0);
    call.resv.mem_flags = 1;
    smoke_check(s, "claim with flags 1", smoke_issue(s, &call), -EINVAL);
    call = smoke_reservation(XENMEM_claim_pages, 1, 0);
    call.resv.extent_start.p = (xen_pfn_t *)(uintptr_t)GUEST_UNMAPPED;
    smoke_check(s, "claim with a list", smoke_issue(s, &call), -EINVAL);
    call = smoke_reservation(XENMEM_claim_pages | 1U << MEMOP_EXTENT_SHIFT, 1,
                             0);
    smoke_check(s, "claim with start_extent 1", smoke_issue(s, &call),
                -EINVAL);
    smoke_check(s, "claim for a domain that is not", smoke_claim(s, 7, 0),
                -EINVAL);
    smoke_check(s, "claim for DOMID_SELF", smoke_claim(s, DOMID_SELF, 0),
                -EINVAL);

    call = smoke_reservation(XENMEM_claim_pages, 1, 0);
    call.arg = GUEST_UNMAPPED;
    call.arg_bytes = 0;
    smoke_check(s, "argument unmapped", smoke_issue(s, &call), -EFAULT);
    call.arg = 0;
    smoke_check(s, "argument NULL", smoke_issue(s, &call), -EFAULT);
    call.arg = GUEST_NONCANONICAL;
    smoke_check(s, "argument non-canonical", smoke_issue(s, &call), -EFAULT);
    call.arg = GUEST_ARG_END - 31;
    call.arg_bytes = 31;
    smoke_check(s, "argument one byte short", smoke_issue(s, &call), -EFAULT);
    call = smoke_reservation(63, 1, 0);
    smoke_check(s, "command 63", smoke_issue(s, &call), -ENOSYS);
    call = smoke_reservation(XENMEM_decrease_reservation, 0, 1);
    smoke_check(s, "dom0's own frames are not taken", smoke_issue(s, &call),
                -EPERM);
    call = smoke_reservation(XENMEM_populate_physmap, 1, 1);
    call.resv.extent_start.p = (xen_pfn_t *)s->frame;
    smoke_check(s, "own memory is not written to", smoke_issue(s, &call),
                -EPERM);
    call = smoke_reservation(XENMEM_exchange, 1, 1);
    smoke_check(s, "other commands are not made", smoke_issue(s, &call),
                -EPERM);
    call = smoke_reservation(XENMEM_populate_physmap, 1, 1);
    call.resv.extent_start.p = (xen_pfn_t *)(uintptr_t)GUEST_UNMAPPED;
    smoke_check(s, "populate with its list unmapped", smoke_issue(s, &call),
                0);
    smoke_check(s, "info of dom0",
                smoke_domctl(s, XEN_DOMCTL_getdomaininfo, 0, 0), 0);
    smoke_check(s, "info of a domain that is not",
                smoke_domctl(s, XEN_DOMCTL_getdomaininfo, 3, 0), -ESRCH);
    smoke_check_domain(s, 1, "all that changed nothing", HV_DOM_ALIVE, 48,
                       464);
}

static void test_release_destroy(struct smoke *s)
{
    uint64_t free = s->view.free;

    smoke_check(s, "release", smoke_claim(s, 1, 0), 0);
    smoke_check_domain(s, 1, "released", HV_DOM_ALIVE, 48, 0);
    smoke_check(s, "claim 100", smoke_claim(s, 1, 100), 0);
    smoke_check(s, "host claimed", (long)s->view.claimed, 52);
    smoke_check(s, "destroy", smoke_domctl(s, XEN_DOMCTL_destroydomain, 1, 0),
                0);
    smoke_check_domain(s, 1, "destroyed", HV_DOM_ABSENT, 0, 0);
    smoke_check(s, "host claimed", (long)s->view.claimed, 0);
    printf("     free pages drifted by %ld from before release to after "
           "destroy of 48 pages\n",
           (long)(s->view.free - free));
}

static void test_nodes(struct smoke *s)
{
    unsigned int nodes = live_shape(&s->h).nodes, n;
    struct hv_call call = { .kind = HV_CALL_NUMAINFO,
                            .caller = hv_caller_dom0() };

    smoke_check(s, "create d1", smoke_domctl(s, XEN_DOMCTL_createdomain, 1, 0),
                0);
    smoke_domctl(s, XEN_DOMCTL_max_mem, 1, 4000);
    for ( n = 0; n < nodes; n++ )
    {
        uint64_t before = s->view.node_free[n];

        smoke_check(s, "populate 32 on one node",
                    smoke_populate(s, 1, 32, XENMEMF_exact_node(n)), 32);
        smoke_check(s, "taken from that node (nearly)",
                    before - s->view.node_free[n] >= 24 &&
                        before - s->view.node_free[n] <= 48,
                    1);
    }
    smoke_check(s, "numainfo", smoke_issue(s, &call), 0);
    for ( n = 0; n < nodes; n++ )
        smoke_check(s, "numainfo as observed",
                    (long)s->result.out.node_free[n],
                    (long)s->view.node_free[n]);
    smoke_reset(s);
    smoke_check_domain(s, 1, "after reset", HV_DOM_ABSENT, 0, 0);
}

/* A domain that only mappings keep alive; leak: leave it with a claim. */
static void test_linger(struct smoke *s, bool leak)
{
    const struct hypervisor_ops *ops = s->h.ops;
    unsigned int i;

    smoke_check(s, "create d2", smoke_domctl(s, XEN_DOMCTL_createdomain, 2, 0),
                0);
    smoke_domctl(s, XEN_DOMCTL_max_mem, 2, 4000);
    smoke_check(s, "map of a domain that is not", ops->map(s->h.hv, 5, 1),
                -ESRCH);
    smoke_check(s, "map of no frame of it", ops->map(s->h.hv, 2, 1), -EINVAL);
    smoke_check(s, "unmap of what is not mapped", ops->unmap(s->h.hv, 2, 1),
                -EINVAL);
    smoke_check(s, "populate 6", smoke_populate(s, 2, 6, 0), 6);
    for ( i = 0; i < 6; i++ )
        smoke_check(s, "map", ops->map(s->h.hv, 2, s->frame[i]), 0);
    smoke_check(s, "destroy", smoke_domctl(s, XEN_DOMCTL_destroydomain, 2, 0),
                0);
    smoke_check_domain(s, 2, "lingers", HV_DOM_DEAD, 6, 0);
    smoke_check(s, "claim 100 for the dead", smoke_claim(s, 2, 100), 0);
    smoke_check_domain(s, 2, "dead, with a claim", HV_DOM_DEAD, 6, 94);
    smoke_check(s, "host claimed", (long)s->view.claimed, 94);

    for ( i = 0; leak && i < 6; i++ )
        smoke_check(s, "unmap", ops->unmap(s->h.hv, 2, s->frame[i]), 0);
    ops->observe(s->h.hv, &s->view);
    smoke_check(s, "host claimed (leaked: 100)", (long)s->view.claimed,
                leak ? 100 : 94);
    smoke_reset(s);
    smoke_check_domain(s, 2, "after reset", HV_DOM_ABSENT, 0, 0);
    smoke_check(s, "host claimed after reset", (long)s->view.claimed, 0);
    smoke_check(s, "lost until reboot", (long)live_leaked(&s->h),
                leak ? 100 : 0);
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

/* Leaves a domain with pages, a claim and a mapping behind, to be cleaned
 * up. */
static void leave_things(struct smoke *s)
{
    smoke_domctl(s, XEN_DOMCTL_createdomain, 3, 0);
    smoke_domctl(s, XEN_DOMCTL_max_mem, 3, 4000);
    smoke_populate(s, 3, 4, 0);
    s->h.ops->map(s->h.hv, 3, s->frame[0]);
    printf("     a domain with a claim is there: %ld\n",
           smoke_claim(s, 3, 100));
}

static void test_interface(struct smoke *s)
{
    test_claims(s);
    test_arguments(s);
    test_release_destroy(s);
    test_nodes(s);
    test_linger(s, false);
}

int main(int argc, char **argv)
{
    static struct smoke s;
    const char *mode = argc > 1 ? argv[1] : "";
    const struct live_options options = {
        .force = !strcmp(mode, "--offline"),
    };
    const char *why;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if ( !strcmp(mode, "--refused") )
        return refused();
    if ( !live_open(&s.h, &options, &why) )
    {
        fprintf(stderr, "live_smoke: %s\n", why);
        return 77;
    }
    s.release = (enum release)live_shape(&s.h).release;
    s.h.ops->observe(s.h.hv, &s.view);
    printf("     release %s, %u node(s), %lu pages free\n",
           release_name(s.release), live_shape(&s.h).nodes,
           (unsigned long)s.view.free);
    if ( !strcmp(mode, "--die") || !strcmp(mode, "--wait") )
    {
        leave_things(&s);
        if ( !strcmp(mode, "--die") )
            raise(SIGKILL);
        pause();
    }
    else if ( !strcmp(mode, "--rates") )
        smoke_rates(&s);
    else if ( !strcmp(mode, "--leak") )
        test_linger(&s, true);
    else if ( !strcmp(mode, "--offline") )
        smoke_offline(&s);
    else
        test_interface(&s);
    s.h.ops->close(s.h.hv);
    printf("%s: %u failed\n", s.failed ? "FAIL" : "ok", s.failed);

    return s.failed ? 1 : 0;
}
