/* SPDX-License-Identifier: MIT */
/*
 * Does live/ reach a real Xen as it should, without the engine? Each call is
 * compared with what the model says of the host's release. Run it in a VM: the
 * last one loses memory until the next boot.
 *
 *   live_smoke             the interface
 *   live_smoke --rates     what a call costs
 *   live_smoke --die       dies of SIGKILL, a domain, claim, mapping and pages
 *                          out of use left
 *   live_smoke --wait      the same, but waits for a signal
 *   live_smoke --back      are those pages in use again?
 *   live_smoke --offline   claims of more memory than there is
 */
#include "smoke.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Pages of dead domains that may come back meanwhile. */
#define LATE 128

static long domctl(struct smoke *s, const char *what, uint32_t cmd,
                   uint16_t domid, uint64_t value)
{
    const struct hv_call call = smoke_domctl(s, cmd, domid, value);

    return smoke_judge(s, what, &call);
}

static long claim(struct smoke *s, const char *what, uint16_t domid,
                  uint64_t pages)
{
    const struct hv_call call = smoke_reservation(XENMEM_claim_pages, domid,
                                                  pages);

    return smoke_judge(s, what, &call);
}

static long with_list(struct smoke *s, const char *what, unsigned int op,
                      uint16_t domid, unsigned int nr, uint32_t flags)
{
    struct hv_call call = smoke_with_list(s, op, domid, nr);
    long rc;

    call.resv.mem_flags = flags;
    rc = smoke_judge(s, what, &call);
    smoke_took(s, nr);

    return rc;
}

static long populate(struct smoke *s, const char *what, uint16_t domid,
                     unsigned int nr, uint32_t flags)
{
    return with_list(s, what, XENMEM_populate_physmap, domid, nr, flags);
}

static long map(struct smoke *s, const char *what, enum hv_call_kind kind,
                uint16_t domid, uint64_t frame)
{
    const struct hv_call call = smoke_mapping(kind, domid, frame);

    return smoke_judge(s, what, &call);
}

/* Claims, what is freed, the second claim. */
static void test_claims(struct smoke *s)
{
    domctl(s, "create d1", XEN_DOMCTL_createdomain, 1, 0);
    claim(s, "claim before max_mem", 1, 1);
    domctl(s, "max_mem 1000000 pages", XEN_DOMCTL_max_mem, 1, 4000000);
    smoke_check(s, "its max", s->view.dom[1].max, 1000000);
    claim(s, "claim of more than there is", 1, 900000);
    claim(s, "claim 512", 1, 512);
    smoke_check(s, "its claim", s->view.dom[1].claim, 512);
    smoke_check(s, "the host's", (long)s->view.claimed, 512);
    claim(s, "second claim", 1, 513);
    populate(s, "populate 64", 1, 64, 0);
    smoke_check(s, "its claim", s->view.dom[1].claim, 448);
    smoke_check(s, "first frame's number",
                s->h.ops->page_id(s->h.hv, s->frame[0]), 0);
    with_list(s, "decrease 16", XENMEM_decrease_reservation, 1, 16, 0);
    smoke_check(s, "its pages", s->view.dom[1].tot, 48);
}

/* Every field of a claim wrong in turn. */
static void test_fields(struct smoke *s)
{
    struct hv_call call = smoke_reservation(XENMEM_claim_pages, 1, 0);

    call.resv.extent_order = 1;
    smoke_judge(s, "claim with order 1", &call);
    call = smoke_reservation(XENMEM_claim_pages, 1, 0);
    call.resv.mem_flags = 1;
    smoke_judge(s, "claim with flags 1", &call);
    call = smoke_reservation(XENMEM_claim_pages, 1, 0);
    call.resv.extent_start.p = (xen_pfn_t *)(uintptr_t)GUEST_UNMAPPED;
    smoke_judge(s, "claim with a list", &call);
    call = smoke_reservation(XENMEM_claim_pages | 1U << MEMOP_EXTENT_SHIFT, 1,
                             0);
    smoke_judge(s, "claim with start_extent 1", &call);
    claim(s, "claim for a domain that is not", 7, 0);
    claim(s, "claim for DOMID_SELF", DOMID_SELF, 0);
    claim(s, "claim for DOMID_IO", DOMID_IO, 0);
    call = smoke_reservation(HV_MEMORY_OPS_END, 1, 0);
    smoke_judge(s, "a command that does not exist", &call);
}

/* Pointers to nowhere. */
static void test_pointers(struct smoke *s)
{
    struct hv_call call = smoke_reservation(XENMEM_claim_pages, 1, 0);

    call.arg = GUEST_UNMAPPED;
    call.arg_bytes = 0;
    smoke_judge(s, "argument unmapped", &call);
    call.arg = 0;
    smoke_judge(s, "argument NULL", &call);
    call.arg = GUEST_NONCANONICAL;
    smoke_judge(s, "argument non-canonical", &call);
    call.arg = GUEST_ARG_END - 31;
    call.arg_bytes = 31;
    smoke_judge(s, "argument one byte short", &call);
    call = smoke_reservation(XENMEM_populate_physmap, 1, 1);
    call.resv.extent_start.p = (xen_pfn_t *)(uintptr_t)GUEST_UNMAPPED;
    smoke_judge(s, "populate with its list unmapped", &call);
}

static void test_control(struct smoke *s)
{
    struct hv_call call = smoke_domctl(s, XEN_DOMCTL_max_mem, 1, 400);

    call.domctl.version++;
    smoke_judge(s, "max_mem of another interface version", &call);
    domctl(s, "a domctl that does not exist", HV_DOMCTLS_END, 1, 0);
    domctl(s, "info of dom0", XEN_DOMCTL_getdomaininfo, 0, 0);
    domctl(s, "info of a domain that is not", XEN_DOMCTL_getdomaininfo, 3, 0);
    domctl(s, "info of DOMID_SELF", XEN_DOMCTL_getdomaininfo, DOMID_SELF, 0);
    domctl(s, "destroy dom0", XEN_DOMCTL_destroydomain, 0, 0);
}

static void test_refused(struct smoke *s)
{
    struct hv_call call = smoke_reservation(XENMEM_decrease_reservation, 0, 1);

    smoke_refused(s, "dom0's own frames are not taken", &call);
    call = smoke_reservation(XENMEM_populate_physmap, 1, 1);
    call.resv.extent_start.p = (xen_pfn_t *)s->frame;
    smoke_refused(s, "own memory is not written to", &call);
    call = smoke_reservation(XENMEM_add_to_physmap, 1, 1);
    smoke_refused(s, "other memory_ops are not made", &call);
    call = smoke_domctl(s, XEN_DOMCTL_pausedomain, 0, 0);
    smoke_refused(s, "other domctls are not made", &call);
    call = smoke_offline_op(sysctl_page_offline, 0);
    smoke_refused(s, "pages that nobody has had stay in use", &call);
}

static void test_release_destroy(struct smoke *s)
{
    uint64_t free = s->view.free;

    claim(s, "release", 1, 0);
    claim(s, "claim 100", 1, 100);
    smoke_check(s, "the host's", (long)s->view.claimed,
                100 - (long)s->view.dom[1].tot);
    domctl(s, "destroy", XEN_DOMCTL_destroydomain, 1, 0);
    smoke_check(s, "it is gone", s->view.dom[1].state, HV_DOM_ABSENT);
    printf("     free pages drifted by %ld from before release to after "
           "destroy of 48 pages\n",
           (long)(s->view.free - free));
}

static void test_nodes(struct smoke *s)
{
    unsigned int nodes = live_shape(&s->h).nodes, n;
    const struct hv_call call = { .kind = HV_CALL_NUMAINFO,
                                  .caller = hv_caller_dom0(),
                                  .arg_bytes = sizeof(struct xen_sysctl) };

    domctl(s, "create d1", XEN_DOMCTL_createdomain, 1, 0);
    domctl(s, "max_mem", XEN_DOMCTL_max_mem, 1, 4000);
    for ( n = 0; n < nodes; n++ )
    {
        uint64_t before = s->view.node_free[n];
        int64_t gone;

        populate(s, "populate 512 on one node", 1, 512, XENMEMF_exact_node(n));
        gone = (int64_t)(before - s->view.node_free[n]) - 512;
        smoke_check(s, "taken from that node, but for late pages",
                    gone >= -LATE && gone <= LATE, 1);
    }
    smoke_judge(s, "numainfo", &call);
    for ( n = 0; n < nodes; n++ )
        smoke_check(s, "numainfo as observed",
                    (long)s->result.out.node_free[n],
                    (long)s->view.node_free[n]);
    smoke_reset(s);
    smoke_check(s, "d1 after reset", s->view.dom[1].state, HV_DOM_ABSENT);
}

/* A domain that only mappings keep, and perhaps a claim with it. */
static void test_linger(struct smoke *s)
{
    unsigned int i;

    domctl(s, "create d2", XEN_DOMCTL_createdomain, 2, 0);
    domctl(s, "max_mem", XEN_DOMCTL_max_mem, 2, 4000);
    map(s, "map of a domain that is not", HV_CALL_MAP, 5, 1);
    map(s, "map of no frame of it", HV_CALL_MAP, 2, 1);
    map(s, "unmap of what is not mapped", HV_CALL_UNMAP, 2, 1);
    populate(s, "populate 6", 2, 6, 0);
    for ( i = 0; i < 6; i++ )
        map(s, "map", HV_CALL_MAP, 2, s->frame[i]);
    domctl(s, "destroy", XEN_DOMCTL_destroydomain, 2, 0);
    smoke_check(s, "it lingers", s->view.dom[2].state, HV_DOM_DEAD);
    claim(s, "claim 100 for the dead", 2, 100);
    smoke_reset(s);
    smoke_check(s, "d2 after reset", s->view.dom[2].state, HV_DOM_ABSENT);
    smoke_check(s, "claimed after reset", (long)s->view.claimed, 0);
    smoke_check(s, "lost until reboot", (long)live_leaked(&s->h), 0);
}

static long page_op(struct smoke *s, const char *what, uint32_t action,
                    uint64_t frame, uint32_t status)
{
    const struct hv_call call = smoke_offline_op(action, frame);
    long rc = smoke_judge(s, what, &call);

    smoke_check(s, "... its status", s->result.status[0], status);
    return rc;
}

/* Gives pages to a domain, takes them back, and takes nr of them out of use, the
 * first frames of s->frame from then on: some are of Xen's image, and stay. */
static void take_out(struct smoke *s, uint16_t domid, unsigned int nr)
{
    unsigned int i, taken = 0;

    populate(s, "populate 1024", domid, LIST_MAX, 0);
    with_list(s, "decrease 1024", XENMEM_decrease_reservation, domid, LIST_MAX,
              0);
    /* The last ones may have no number any more. */
    for ( i = LIST_MAX - 16; i-- > nr && taken < nr; )
    {
        struct hv_call call = smoke_offline_op(sysctl_page_offline,
                                               s->frame[i]);

        if ( !smoke_judge(s, "offline a free page", &call) )
            s->frame[taken++] = s->frame[i];
    }
    smoke_check(s, "pages that are out of use", taken, nr);
}

/* Not on a Xen that takes blocks apart wrongly. */
static bool takes_pages_out(const struct smoke *s)
{
    return s->h.ops->caps & HV_CAP_OFFLINE;
}

/* A free page goes and comes back; one that a domain has does not go. */
static void test_pages(struct smoke *s)
{
    struct hv_call call;
    uint64_t frame;

    domctl(s, "create d1", XEN_DOMCTL_createdomain, 1, 0);
    domctl(s, "max_mem", XEN_DOMCTL_max_mem, 1, 8000);
    populate(s, "populate 1", 1, 1, 0);
    call = smoke_offline_op(sysctl_page_offline, s->frame[0]);
    smoke_refused(s, "a page that a domain has stays in use", &call);
    page_op(s, "query", sysctl_query_page_offline, s->frame[0], 0);
    smoke_reset(s);
    if ( !takes_pages_out(s) )
        return;

    domctl(s, "create d1", XEN_DOMCTL_createdomain, 1, 0);
    domctl(s, "max_mem", XEN_DOMCTL_max_mem, 1, 8000);
    take_out(s, 1, 1);
    frame = s->frame[0];
    page_op(s, "query", sysctl_query_page_offline, frame,
            PG_OFFLINE_STATUS_OFFLINED);
    page_op(s, "online", sysctl_page_online, frame, PG_ONLINE_ONLINED);
    page_op(s, "query", sysctl_query_page_offline, frame, 0);
    page_op(s, "offline once more", sysctl_page_offline, frame,
            PG_OFFLINE_OFFLINED);
    smoke_reset(s);
    smoke_check(s, "after a reset it is in use", smoke_page_state(s, frame),
                0);
}

/* Where the frames of pages are kept that --die leaves out of use. */
#define LEFT "left"

static void leave_pages(struct smoke *s)
{
    FILE *f = fopen(LEFT, "w");

    take_out(s, 3, 2);
    if ( f )
        fprintf(f, "%lu %lu\n", (unsigned long)s->frame[0],
                (unsigned long)s->frame[1]);
    if ( !f || fclose(f) )
        smoke_check(s, "frames written to " LEFT, 0, 1);
}

static void check_left(struct smoke *s)
{
    unsigned long frame[2];
    FILE *f = fopen(LEFT, "r");

    if ( !f || fscanf(f, "%lu %lu", &frame[0], &frame[1]) != 2 )
        smoke_check(s, "frames read from " LEFT, 0, 1);
    else
        for ( unsigned int i = 0; i < 2; i++ )
            smoke_check(s, "a page is in use again",
                        smoke_page_state(s, frame[i]), 0);
    if ( f )
        fclose(f);
}

/* Leaves a domain with pages, a claim and a mapping behind, to be cleaned
 * up. */
static void leave_things(struct smoke *s)
{
    domctl(s, "create d3", XEN_DOMCTL_createdomain, 3, 0);
    domctl(s, "max_mem", XEN_DOMCTL_max_mem, 3, 8000);
    populate(s, "populate 4", 3, 4, 0);
    map(s, "map", HV_CALL_MAP, 3, s->frame[1]);
    if ( takes_pages_out(s) )
        leave_pages(s);
    claim(s, "claim 2000", 3, 2000);
}

static void test_interface(struct smoke *s)
{
    test_claims(s);
    test_fields(s);
    test_pointers(s);
    test_control(s);
    test_refused(s);
    test_release_destroy(s);
    test_nodes(s);
    test_linger(s);
    test_pages(s);
}

int main(int argc, char **argv)
{
    static struct smoke s;
    const char *mode = argc > 1 ? argv[1] : "";
    const struct live_options options = {
        .force = !strcmp(mode, "--offline") || !strcmp(mode, "--back"),
    };
    const char *why;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if ( !live_open(&s.h, &options, &why) )
    {
        fprintf(stderr, "live_smoke: %s\n", why);
        return 77;
    }
    s.release = (enum release)live_shape(&s.h).release;
    smoke_reset(&s);
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
    else if ( !strcmp(mode, "--back") )
        check_left(&s);
    else if ( !strcmp(mode, "--offline") )
        smoke_offline(&s);
    else
        test_interface(&s);
    s.h.ops->close(s.h.hv);
    printf("%s: %u failed\n", s.failed ? "FAIL" : "ok", s.failed);

    return s.failed ? 1 : 0;
}
