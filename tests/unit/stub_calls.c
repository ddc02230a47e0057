/* SPDX-License-Identifier: MIT */
/* The claim call: arguments, their order; faults at every byte of any call;
 * what the calls stand on: the caller's memory, the view, what is offered. */
#include "stub_util.h"

#include <string.h>

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
    expect_refused(b, &c, -EINVAL); /* rules 1.1 3 before 1.1 4 */
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
    const uint16_t bad[] = {
        DOMID_SELF, DOMID_IO, DOMID_XEN, DOMID_COW, DOMID_INVALID, DOMID_ANY,
        DOMID_IDLE, 2,        8,         0x8000,    0x8001,        0xffff
    };
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
        assert_int_equal(
            b->h.ops->domctl(b->h.hv, &c.caller, GUEST_ARG_END - n), -EFAULT);
    for ( uint32_t n = 0; n < sizeof(struct xen_sysctl); n++ )
        assert_int_equal(
            b->h.ops->sysctl(b->h.hv, &c.caller, GUEST_ARG_END - n), -EFAULT);
}

static void double_fetch_is_seen(void **state)
{
    struct bench *b = *state;
    struct guest *g = &bench_stub(b)->guest;
    char buf[32];

    guest_begin(g);
    assert_true(read_argument(g, buf, GUEST_ARG_START + 60, 8));
    assert_true(read_argument(g, buf, GUEST_ARG_START + 68, 1));
    assert_int_equal(b->h.ops->fetched_twice(b->h.hv), 0);
    assert_true(read_argument(g, buf, GUEST_ARG_START + 67, 1));
    assert_int_equal(b->h.ops->fetched_twice(b->h.hv), 68);
    assert_int_equal(b->h.ops->fetched_twice(b->h.hv), 0);
    guest_begin(g);
    assert_true(read_argument(g, buf, GUEST_ARG_START + 60, 8));
    assert_int_equal(b->h.ops->fetched_twice(b->h.hv), 0);
    /* Entries of a claim set lie in the other window. */
    assert_true(read_argument(g, buf, GUEST_LIST_END - 16, 16));
    assert_int_equal(b->h.ops->fetched_twice(b->h.hv), 0);
    assert_true(read_argument(g, buf, GUEST_LIST_END - 1, 1));
    assert_int_equal(b->h.ops->fetched_twice(b->h.hv),
                     GUEST_LIST_END - GUEST_ARG_START);
    guest_begin(g);
    assert_true(read_argument(g, buf, GUEST_LIST_END - 1, 1));
    assert_int_equal(b->h.ops->fetched_twice(b->h.hv), 0);
    /* The last byte of the argument's window. */
    guest_begin(g);
    assert_true(read_argument(g, buf, GUEST_ARG_END - 1, 1));
    assert_true(read_argument(g, buf, GUEST_ARG_END - 1, 1));
    assert_int_equal(b->h.ops->fetched_twice(b->h.hv),
                     GUEST_ARG_END - GUEST_ARG_START);
}

static void byte_changes_once(void **state)
{
    struct bench *b = *state;
    struct guest *g = &bench_stub(b)->guest;
    unsigned char *p = b->h.ops->guest(b->h.hv, GUEST_ARG_START + 8, 1);
    unsigned char buf[4];

    *p = 5;
    b->h.ops->flip(b->h.hv, GUEST_ARG_START + 8);
    assert_true(read_argument(g, buf, GUEST_ARG_START + 4, 4));
    assert_true(read_argument(g, buf, GUEST_ARG_START + 9, 4));
    assert_int_equal(*p, 5);
    assert_true(read_argument(g, buf, GUEST_ARG_START + 8, 1));
    assert_int_equal(buf[0], 5);
    assert_int_equal(*p, 250);
    assert_true(read_argument(g, buf, GUEST_ARG_START + 8, 1));
    assert_int_equal(buf[0], 250);
    assert_int_equal(*p, 250);
}

/* Nothing is left of what the view held before, but for claims on nodes where
 * there are none. */
static void view_is_filled(void **state)
{
    struct bench *b = *state;

    for ( int sets = 0; sets < 2; sets++ )
    {
        struct hv_view before, after;

        bench_reset(b, sets ? RELEASE_DRAFT_V8 : RELEASE_4_22, 2, 16, false);
        memset(&before, 0, sizeof(before));
        memset(&after, UINT8_MAX, sizeof(after));
        b->h.ops->observe(b->h.hv, &before);
        b->h.ops->observe(b->h.hv, &after);
        assert_memory_equal(&before, &after, hv_view_bytes(sets));
    }
}

static void other_frames_have_no_number(void **state)
{
    struct bench *b = *state;
    uint32_t pages = bench_stub(b)->w.pages;
    const uint64_t end = HV_FRAME_BASE + pages;

    assert_int_equal(b->h.ops->page_id(b->h.hv, HV_FRAME_BASE), 0);
    assert_int_equal(b->h.ops->page_id(b->h.hv, end - 1), (int)pages - 1);
    assert_int_equal(b->h.ops->page_id(b->h.hv, HV_FRAME_BASE - 1), -1);
    assert_int_equal(b->h.ops->page_id(b->h.hv, end), -1);
    assert_int_equal(b->h.ops->page_id(b->h.hv, end + 1), -1);
}

/* Of no more domains or nodes than there are; what is for claim sets stays as it
 * is where there are none. */
static void nothing_beside_the_view(void **state)
{
    struct bench *b = *state;
    struct
    {
        struct hv_view view;
        unsigned char behind[256];
    } v, was;
    size_t from = hv_view_bytes(false);

    memset(&was, 0xa5, sizeof(was));
    v = was;
    b->h.ops->observe(b->h.hv, &v.view);
    assert_memory_equal((char *)&v + from, (char *)&was + from,
                        sizeof(v) - from);

    bench_reset(b, RELEASE_DRAFT_V8, 1, 64, false);
    v = was;
    b->h.ops->observe(b->h.hv, &v.view);
    assert_memory_equal(v.behind, was.behind, sizeof(v.behind));
}

/* A program that needs more than is offered is skipped, which fails nothing. */
static void offers_all(void **state)
{
    struct bench *b = *state;

    assert_int_equal(b->h.ops->caps, HV_CAPS_ALL);
}

static uint64_t in_one_piece(void *a, const struct alloc_request *req)
{
    return alloc_whole(&buddy_allocator, a, req);
}

/* ... of an allocator that can less: what depends on it is not offered. */
static uint32_t caps_with(uint32_t caps, bool begins, bool counts)
{
    struct allocator_ops alloc = buddy_allocator;
    struct bench b;
    uint32_t offered;

    alloc.caps = caps;
    if ( !begins )
    {
        alloc.alloc_domheap = in_one_piece;
        alloc.begin = NULL;
    }
    alloc.capacity = counts ? alloc.capacity : NULL;
    bench_open(&b, &alloc, NULL);
    offered = b.h.ops->caps;
    assert_int_equal(b.h.ops->capacity != NULL, counts);
    bench_close(&b);

    return offered;
}

static void offers_what_the_allocator_can(void **state)
{
    const struct
    {
        uint32_t alloc, hv;
    } rows[] = {
        { ALLOC_CAP_COLOUR, HV_CAP_LLC },
        { ALLOC_CAP_SETS, HV_CAP_SETS },
        { ALLOC_CAP_OFFLINE, HV_CAP_OFFLINE | HV_CAP_BREAK },
        { ALLOC_CAP_CONTENTS, HV_CAP_CONTENTS },
        { ALLOC_CAP_EXCHANGE, HV_CAP_EXCHANGE },
        { ALLOC_CAP_STASH, HV_CAP_STASH },
    };
    uint32_t all = HV_CAP_NO_OWNER | HV_CAP_CAPACITY;

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
        all |= rows[i].hv;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
        assert_int_equal(caps_with(rows[i].alloc, false, false),
                         (HV_CAPS_ALL & ~all) | rows[i].hv);
    assert_int_equal(caps_with(0, true, false),
                     (HV_CAPS_ALL & ~all) | HV_CAP_NO_OWNER);
    assert_int_equal(caps_with(0, false, true),
                     (HV_CAPS_ALL & ~all) | HV_CAP_CAPACITY);
}

int main(void)
{
#define T(f)                                                                  \
    cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown_sound)
    const struct CMUnitTest tests[] = {
        T(claim_rows_in_order),
        T(claim_single_flaws),
        T(faults_at_every_byte),
        T(double_fetch_is_seen),
        T(byte_changes_once),
        T(view_is_filled),
        T(offers_all),
        T(other_frames_have_no_number),
        T(offers_what_the_allocator_can),
        T(nothing_beside_the_view),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
