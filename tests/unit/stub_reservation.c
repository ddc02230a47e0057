/* SPDX-License-Identifier: MIT */
/* Reservation calls: their gates, lists, 32-bit callers, continuations. */
#include "stub_util.h"

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
    c.cmd = XENMEM_exchange; /* needs more than this structure */
    expect_refused(b, &c, -EFAULT);
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

int main(void)
{
#define T(f)                                                                  \
    cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown_sound)
    const struct CMUnitTest tests[] = {
        T(reservation_gates),
        T(populate_on_demand),
        T(short_lists),
        T(lists_of_32_bit_callers),
        T(chunks_and_continuations),
        T(queries),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
