/* SPDX-License-Identifier: MIT */
/* Hypercalls: arguments, their order, faults at every byte, both ABIs. */
#include "stub_util.h"

static int setup(void **state)
{
    struct bench *b = test_malloc(sizeof(*b));

    bench_open(b, NULL, NULL);
    create(b, 1, 40);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    assert_sound(*state);
    bench_close(*state);
    test_free(*state);
    return 0;
}

/* The hash must not change while this call gives that result. */
static void expect_refused(struct bench *b, const struct hv_call *c, long rc)
{
    uint64_t hash = b->h.ops->hash(b->h.hv);

    assert_int_equal(issue(b, c), rc);
    assert_int_equal(b->h.ops->hash(b->h.hv), hash);
    assert_int_equal(b->h.ops->fetched_twice(b->h.hv), 0);
}

static void claim_rows_in_order(void **state)
{
    struct bench *b = *state;
    struct hv_call c = memory_call(XENMEM_claim_pages, 77, 10);

    /* Everything is wrong; put right one row after the other. */
    c.cmd |= 1 << MEMOP_EXTENT_SHIFT;
    c.caller = caller_guest(1);
    c.caller.flags = HV_CALLER_USER | HV_CALLER_ABI32;
    c.resv.extent_start.p = (void *)8;
    c.resv.extent_order = 1;
    c.resv.mem_flags = 1U << 31;
    c.arg_bytes = 31;
    c.arg = GUEST_ARG_END - 31;
    expect_refused(b, &c, -EPERM);
    c.caller.flags = HV_CALLER_ABI32;
    expect_refused(b, &c, -ENOSYS);
    c.caller.flags = 0;
    expect_refused(b, &c, -EINVAL); /* row 3 before row 4 */
    c.cmd = XENMEM_claim_pages;
    expect_refused(b, &c, -EFAULT);
    c.arg--;
    c.arg_bytes++;
    expect_refused(b, &c, -EINVAL);
    c.resv.extent_start.p = NULL;
    expect_refused(b, &c, -EINVAL);
    c.resv.extent_order = 0;
    expect_refused(b, &c, -EINVAL);
    c.resv.mem_flags = 0;
    expect_refused(b, &c, -EINVAL);
    c.resv.domid = 1;
    expect_refused(b, &c, -EPERM);
    c.caller = hv_caller_dom0();
    memset(c.pad, 0xff, sizeof(c.pad));
    assert_int_equal(issue(b, &c), 0);
}

static void claim_single_flaws(void **state)
{
    struct bench *b = *state;
    const uint16_t bad[] = { DOMID_SELF, DOMID_IO, DOMID_XEN, DOMID_COW,
                             DOMID_INVALID, DOMID_ANY, DOMID_IDLE, 2, 8,
                             0x8000, 0x8001, 0xffff };
    struct hv_call c = memory_call(XENMEM_claim_pages, 1, 10);

    for ( size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++ )
    {
        c.resv.domid = bad[i];
        expect_refused(b, &c, -EINVAL);
        c.resv.nr_extents = 0;
        expect_refused(b, &c, -EINVAL);
        c.resv.nr_extents = 10;
    }
    c.resv.domid = 1;
    for ( int bit = 0; bit < 32; bit++ )
    {
        c.resv.mem_flags = 1U << bit;
        expect_refused(b, &c, -EINVAL);
        c.resv.mem_flags = 0;
        c.resv.extent_order = 1U << bit;
        expect_refused(b, &c, -EINVAL);
        c.resv.extent_order = 0;
        c.resv.extent_start.p = (void *)(UINT64_C(1) << (bit * 2 + 1));
        expect_refused(b, &c, -EINVAL);
        c.resv.extent_start.p = NULL;
    }
    for ( int bit = MEMOP_EXTENT_SHIFT; bit < 64; bit++ )
    {
        c.cmd = XENMEM_claim_pages | UINT64_C(1) << bit;
        expect_refused(b, &c, -EINVAL);
    }
}

static void faults_at_every_byte(void **state)
{
    struct bench *b = *state;
    struct hv_call c = memory_call(XENMEM_claim_pages, 1, 10);

    for ( uint32_t n = 0; n < 32; n++ )
    {
        c.arg = GUEST_ARG_END - n;
        c.arg_bytes = n;
        c.cmd = XENMEM_claim_pages;
        expect_refused(b, &c, -EFAULT);
        c.cmd = XENMEM_populate_physmap | 5 << MEMOP_EXTENT_SHIFT;
        expect_refused(b, &c, 5);
        c.caller.flags |= HV_CALLER_ABI32;
        if ( n < COMPAT_RESERVATION_SIZE )
            expect_refused(b, &c, 5);
        c.caller.flags &= (uint16_t)~HV_CALLER_ABI32;
        c.cmd = XENMEM_current_reservation;
        if ( n < 2 )
            expect_refused(b, &c, -EFAULT);
    }
    c.arg_bytes = 0;
    c.cmd = XENMEM_claim_pages;
    c.arg = 0;
    expect_refused(b, &c, -EFAULT);
    c.arg = GUEST_UNMAPPED;
    expect_refused(b, &c, -EFAULT);
    c.arg = GUEST_NONCANONICAL;
    expect_refused(b, &c, -EFAULT);
    c.arg = GUEST_ARG_START - 1;
    expect_refused(b, &c, -EFAULT);
    c.arg = UINT64_MAX;
    expect_refused(b, &c, -EFAULT);
    for ( uint32_t n = 0; n < sizeof(struct xen_domctl); n++ )
        assert_int_equal(b->h.ops->domctl(b->h.hv, &c.caller,
                                          GUEST_ARG_END - n), -EFAULT);
    for ( uint32_t n = 0; n < sizeof(struct xen_sysctl); n++ )
        assert_int_equal(b->h.ops->sysctl(b->h.hv, &c.caller,
                                          GUEST_ARG_END - n), -EFAULT);
}

static void double_fetch_is_seen(void **state)
{
    struct bench *b = *state;
    struct guest *g = &bench_stub(b)->guest;
    char buf[32];

    guest_begin(g);
    assert_int_equal(fetch_argument(g, buf, GUEST_ARG_START + 60, 8), 0);
    assert_int_equal(fetch_argument(g, buf, GUEST_ARG_START + 68, 1), 0);
    assert_int_equal(b->h.ops->fetched_twice(b->h.hv), 0);
    assert_int_equal(fetch_argument(g, buf, GUEST_ARG_START + 67, 1), 0);
    assert_int_equal(b->h.ops->fetched_twice(b->h.hv), 68);
    assert_int_equal(b->h.ops->fetched_twice(b->h.hv), 0);
    guest_begin(g);
    assert_int_equal(fetch_argument(g, buf, GUEST_ARG_START + 60, 8), 0);
    assert_int_equal(b->h.ops->fetched_twice(b->h.hv), 0);
}

static void reservation_gates(void **state)
{
    struct bench *b = *state;
    struct hv_call c = memory_call(XENMEM_increase_reservation, 1, 3);

    c.cmd |= 3 << MEMOP_EXTENT_SHIFT;
    expect_refused(b, &c, 3);
    c.cmd = XENMEM_increase_reservation | 1 << MEMOP_EXTENT_SHIFT;
    c.resv.nr_extents = UINT64_C(0x4000000);
    expect_refused(b, &c, 1);
    c.resv.nr_extents = 3;
    c.resv.domid = 9;
    expect_refused(b, &c, 1);
    c.resv.domid = 1;
    c.resv.mem_flags = 12; /* address bits */
    expect_refused(b, &c, 1);
    c.resv.mem_flags = 0;
    c.caller = caller_guest(2);
    expect_refused(b, &c, 1);
    c.caller = caller_guest(1);
    c.resv.extent_order = 10;
    expect_refused(b, &c, 1);
    c.resv.extent_order = 0;
    c.resv.extent_start.p = (void *)GUEST_NONCANONICAL;
    expect_refused(b, &c, 1);
    c.resv.mem_flags = XENMEMF_exact_node(0); /* not for plain domains */
    expect_refused(b, &c, 1);
    c.resv.mem_flags = XENMEMF_node(0);
    c.resv.extent_start.p = NULL;
    assert_int_equal(issue(b, &c), 3);
    assert_int_equal(view_of(b).dom[1].tot, 2);
    c.resv.domid = DOMID_SELF;
    c.cmd = XENMEM_increase_reservation;
    assert_int_equal(issue(b, &c), 3);
    assert_int_equal(view_of(b).dom[1].tot, 5);
    c.cmd = XENMEM_populate_physmap; /* needs a list */
    expect_refused(b, &c, 0);
    c.cmd = XENMEM_decrease_reservation;
    expect_refused(b, &c, 0);
    c.cmd = XENMEM_exchange;
    expect_refused(b, &c, -ENOSYS);
}

static void populate_on_demand(void **state)
{
    struct bench *b = *state;
    struct hv_call c = memory_call(XENMEM_populate_physmap, 1, 2);

    c.resv.mem_flags = XENMEMF_populate_on_demand;
    c.resv.extent_start.p = (void *)(GUEST_LIST_END - 16);
    c.resv.extent_order = 18;
    expect_refused(b, &c, 2); /* a PV domain: done, and nothing happened */
    c.caller = caller_guest(1);
    expect_refused(b, &c, 0); /* not for oneself */
    c.resv.extent_order = 19;
    c.caller = hv_caller_dom0();
    expect_refused(b, &c, 0);
}

static void short_lists(void **state)
{
    struct bench *b = *state;
    struct hv_call c = memory_call(XENMEM_increase_reservation, 1, 3);
    const uint64_t list[2] = { 0, 0 };

    c.resv.extent_start.p = (void *)(GUEST_LIST_END - 16);
    c.list = list;
    c.list_entries = 2;
    assert_int_equal(issue(b, &c), 2); /* the third page stays, uncounted */
    assert_int_equal(view_of(b).dom[1].tot, 3);
    c.cmd = XENMEM_populate_physmap;
    assert_int_equal(issue(b, &c), 2);
    assert_int_equal(view_of(b).dom[1].tot, 5);
    c.caller.flags |= HV_CALLER_ABI32;
    c.resv.extent_start.p = (void *)(GUEST_LIST_END - 8);
    assert_int_equal(issue(b, &c), 2);
    assert_int_equal(view_of(b).dom[1].tot, 7);
    c.cmd = XENMEM_increase_reservation;
    assert_int_equal(issue(b, &c), 2); /* whole chunk first, then the list */
    assert_int_equal(view_of(b).dom[1].tot, 10);
    c.resv.extent_start.p = (void *)UINT64_C(0xf5800000);
    c.list_entries = 0;
    expect_refused(b, &c, 0);
    c.resv.extent_start.p = (void *)GUEST_UNMAPPED;
    c.cmd = XENMEM_populate_physmap;
    expect_refused(b, &c, 0);
}

static void lists_of_32_bit_callers(void **state)
{
    struct bench *b = *state;
    struct hv_call c = memory_call(XENMEM_populate_physmap, 1, 4);
    uint64_t frames[4];

    memset(b->list, 0, sizeof(b->list));
    c.caller.flags |= HV_CALLER_ABI32;
    c.arg = GUEST_ARG_END - COMPAT_RESERVATION_SIZE;
    c.arg_bytes = COMPAT_RESERVATION_SIZE;
    c.resv.extent_start.p = (void *)(GUEST_LIST_END - 17); /* misaligned */
    c.list = b->list;
    c.list_entries = 4;
    assert_int_equal(issue(b, &c), 4);
    for ( int i = 0; i < 4; i++ )
        assert_true(b->h.ops->page_id(b->h.hv, b->r.list[i]) >= 0);
    memcpy(frames, b->r.list, sizeof(frames));
    c.cmd = XENMEM_decrease_reservation;
    c.list = frames;
    assert_int_equal(issue(b, &c), 4);
    assert_int_equal(view_of(b).dom[1].tot, 0);
    c.list_entries = 0;
    c.cmd = XENMEM_current_reservation;
    c.arg = GUEST_ARG_END - 2;
    c.arg_bytes = 2;
    assert_int_equal(issue(b, &c), 0);
    c.cmd = XENMEM_maximum_reservation;
    assert_int_equal(issue(b, &c), 40);
    assert_int_equal(max_mem(b, 1, UINT32_MAX), 0);
    assert_int_equal(issue(b, &c), INT32_MAX);
    c.caller.flags &= (uint16_t)~HV_CALLER_ABI32;
    assert_int_equal(issue(b, &c), UINT32_MAX);
}

/* A list of more than one chunk, and continuations everywhere. */
static void chunks_and_continuations(void **state)
{
    struct bench *b = *state;

    for ( int wide = 0; wide < 2; wide++ )
        for ( uint32_t preempts = 0; preempts < 2000; preempts += 500 )
        {
            struct hv_call c = memory_call(XENMEM_populate_physmap, 1, 1024);

            bench_reset(b, RELEASE_4_22, 4, 256, false);
            create(b, 1, 2000);
            b->preempts = preempts;
            c.caller.flags |= wide ? 0 : HV_CALLER_ABI32;
            c.resv.extent_start.p = (void *)GUEST_LIST_START;
            c.list = b->list;
            c.list_entries = 1024;
            assert_int_equal(issue(b, &c), 1024 - DOM0_PAGES - DOMAIN_PAGES);
            assert_int_equal(view_of(b).free, 0);
            assert_sound(b);
        }
}

static void queries(void **state)
{
    struct bench *b = *state;
    struct hv_call c = memory_call(XENMEM_maximum_reservation, 1, 0);

    assert_int_equal(issue(b, &c), 40);
    c.caller = caller_guest(1);
    assert_int_equal(issue(b, &c), 40);
    c.resv.domid = DOMID_SELF;
    assert_int_equal(issue(b, &c), 40);
    c.resv.domid = 0;
    expect_refused(b, &c, -EPERM);
    c.resv.domid = 5;
    expect_refused(b, &c, -ESRCH);
    c.cmd |= 64;
    expect_refused(b, &c, -EINVAL);
}

static void domctl_front_end(void **state)
{
    struct bench *b = *state;
    struct hv_call c = {
        .kind = HV_CALL_DOMCTL, .caller = caller_guest(1),
        .domctl = { .cmd = XEN_DOMCTL_max_mem, .domid = 3, .version = 0x17 },
    };

    expect_refused(b, &c, -EACCES);
    c.domctl.version = 0x18;
    expect_refused(b, &c, -ESRCH);
    c.domctl.domid = 1;
    expect_refused(b, &c, -EPERM);
    c.caller.flags = HV_CALLER_USER | HV_CALLER_CONTROL;
    expect_refused(b, &c, -EPERM);
    c.caller = hv_caller_dom0();
    c.domctl.cmd = XEN_DOMCTL_pausedomain;
    expect_refused(b, &c, -ENOSYS);
    assert_int_equal(domctl(b, XEN_DOMCTL_destroydomain, 0, 0), -EINVAL);
    assert_int_equal(domctl(b, XEN_DOMCTL_unpausedomain, 1, 0), 0);
    assert_int_equal(domctl(b, XEN_DOMCTL_unpausedomain, 1, 0), -EINVAL);
}

static void getdomaininfo(void **state)
{
    struct bench *b = *state;

    for ( int r = 0; r < RELEASE_COUNT; r++ )
    {
        uint32_t cmd = XEN_DOMCTL_getdomaininfo;

        bench_reset(b, r, 1, 64, false);
        create(b, 3, 20);
        assert_int_equal(claim(b, 3, 7), 0);
        assert_int_equal(populate(b, 3, 2, 0), 2);
        assert_int_equal(domctl(b, cmd, 3, 0), 0);
        assert_int_equal(b->r.out.info.tot_pages, 2);
        assert_int_equal(b->r.out.info.max_pages, 20);
        assert_int_equal(b->r.out.info.outstanding_pages, 5);
        assert_int_equal(b->r.out.info.flags, XEN_DOMINF_paused);
        if ( r == RELEASE_4_17 )
        {
            assert_int_equal(domctl(b, cmd, 1, 0), 0);
            assert_int_equal(b->r.domid, 3);
            assert_int_equal(domctl(b, cmd, DOMID_SELF, 0), -EINVAL);
        }
        else
        {
            assert_int_equal(domctl(b, cmd, 1, 0), -ESRCH);
            assert_int_equal(domctl(b, cmd, DOMID_SELF, 0), -ESRCH);
        }
        assert_int_equal(domctl(b, cmd, 4, 0), -ESRCH);
    }
}

static void domid_rules(void **state)
{
    struct bench *b = *state;
    uint32_t cmd = XEN_DOMCTL_createdomain;

    for ( int r = 0; r < RELEASE_COUNT; r++ )
    {
        bool any_only = r == RELEASE_4_22;
        uint16_t automatic = any_only ? DOMID_ANY : 0;

        bench_reset(b, r, 1, 64, false);
        assert_int_equal(domctl(b, cmd, 1, 0), 0);
        assert_int_equal(domctl(b, cmd, 1, 0), -EEXIST);
        assert_int_equal(domctl(b, cmd, 0, 0), any_only ? -EEXIST : 0);
        assert_int_equal(domctl(b, cmd, DOMID_SELF, 0),
                         any_only ? -EEXIST : 0);
        assert_int_equal(domctl(b, cmd, automatic, 0), 0);
        assert_int_equal(b->r.domid, any_only ? 2 : 4);
        while ( !domctl(b, cmd, automatic, 0) )
            ;
        assert_int_equal(b->r.rc, r < RELEASE_4_21 ? -ENOMEM : -EEXIST);
        assert_int_equal(destroy(b, 2, 0), 0);
        assert_int_equal(domctl(b, cmd, automatic, 0), 0);
        assert_int_equal(b->r.domid, 2);
        assert_int_equal(domctl(b, cmd, 100, 0), -ENOMEM);
    }
}

static void sysctls(void **state)
{
    struct bench *b = *state;
    struct hv_call c = { .kind = HV_CALL_PHYSINFO,
                         .caller = hv_caller_dom0() };

    assert_int_equal(claim(b, 1, 9), 0);
    assert_int_equal(issue(b, &c), 0);
    assert_int_equal(b->r.out.phys.free_pages, 64 - DOM0_PAGES - 1);
    assert_int_equal(b->r.out.phys.outstanding_pages, 9);
    assert_int_equal(b->r.out.phys.total_pages, 64);
    c.kind = HV_CALL_NUMAINFO;
    assert_int_equal(issue(b, &c), 0);
    assert_int_equal(b->r.out.node_free[0], 64 - DOM0_PAGES - 1);
    assert_int_equal(b->r.out.node_free[1], 0);
    c.caller = caller_guest(1);
    expect_refused(b, &c, -EPERM);
    b->shape.release = RELEASE_4_17; /* what hv_issue takes for the version */
    expect_refused(b, &c, -EACCES);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(claim_rows_in_order), T(claim_single_flaws),
        T(faults_at_every_byte), T(double_fetch_is_seen),
        T(reservation_gates), T(populate_on_demand), T(short_lists),
        T(lists_of_32_bit_callers), T(chunks_and_continuations), T(queries),
        T(domctl_front_end), T(getdomaininfo), T(domid_rules), T(sysctls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
