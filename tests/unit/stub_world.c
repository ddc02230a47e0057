/* SPDX-License-Identifier: MIT */
/* Reset, hash, determinism, planted faults; and long random runs with an audit
 * after every call, on both allocators. */
#include "stub_random.h"

static uint64_t random_run(struct bench *b, uint64_t seed, bool audit)
{
    for ( int i = 0; i < 200; i++ )
    {
        random_call(b, &seed);
        if ( audit )
            assert_sound(b);
    }
    return b->h.ops->hash(b->h.hv);
}

/* Release everything: the heap is then what it was. */
static void drain(struct bench *b, uint64_t free)
{
    b->preempts = 0;
    for ( uint16_t d = 1; d < HV_DOMS_MAX; d++ )
    {
        uint64_t frame;

        (void)destroy(b, d, 0);
        while ( view_of(b).dom[d].state != HV_DOM_ABSENT &&
                (frame = frame_of_domain(b, d, 0)) )
            assert_int_equal(b->h.ops->unmap(b->h.hv, d, frame), 0);
        assert_int_equal(view_of(b).dom[d].state, HV_DOM_ABSENT);
    }
    /* dom0 may have changed too, and the frames it gave up while mapped. */
    assert_int_equal(view_of(b).free + view_of(b).dom[0].tot +
                         view_of(b).dom[0].extra,
                     free);
    assert_sound(b);
}

static void random_runs(void **state)
{
    const struct allocator_ops *const allocators[] = { &buddy_allocator,
                                                       &bitmap_allocator };

    (void)state;
    for ( int a = 0; a < 2; a++ )
    {
        struct bench *b = test_malloc(sizeof(*b));

        bench_open(b, allocators[a], NULL);
        for ( uint32_t run = 0; run < 150; run++ )
        {
            uint64_t free, first, hash;
            uint32_t nodes = 1 + run % 4, pages = 1 + run * 7 % 90;

            bench_reset(b, run % RELEASE_COUNT, nodes, pages, false);
            first = b->h.ops->hash(b->h.hv);
            free = view_of(b).free + view_of(b).dom[0].tot;
            hash = random_run(b, run, true);
            drain(b, free);
            bench_reset(b, run % RELEASE_COUNT, nodes, pages, false);
            assert_int_equal(b->h.ops->hash(b->h.hv), first);
            assert_int_equal(random_run(b, run, false), hash);
        }
        bench_close(b);
        test_free(b);
    }
}

/* More shapes than cached images, and back: the same worlds. */
static void reset_of_many_shapes(void **state)
{
    struct bench *b = test_malloc(sizeof(*b));
    uint64_t hash[3 * IMAGES_MAX];

    (void)state;
    bench_open(b, NULL, NULL);
    for ( int round = 0; round < 3; round++ )
        for ( uint32_t i = 0; i < 3 * IMAGES_MAX; i++ )
        {
            uint64_t now;

            bench_reset(b, RELEASE_4_20, 1 + i % 4, 1 + i * 10, i % 2);
            now = b->h.ops->hash(b->h.hv);
            if ( round == 0 )
                hash[i] = now;
            assert_int_equal(now, hash[i]);
            assert_sound(b);
            create(b, 1, 10);
            (void)populate(b, 1, 3, 0);
            assert_int_not_equal(b->h.ops->hash(b->h.hv), now);
        }
    bench_close(b);
    test_free(b);
}

/* An allocator without colouring makes a host without. */
static void no_colouring(void **state)
{
    struct allocator_ops plain = bitmap_allocator;
    struct bench *b = test_malloc(sizeof(*b));

    (void)state;
    plain.caps = 0;
    bench_open(b, &plain, NULL);
    bench_reset(b, RELEASE_4_22, 1, 64, true);
    assert_int_equal(view_of(b).free, 64 - 4);
    bench_close(b);
    test_free(b);
}

/* The caller's memory is empty after a reset, and not part of the hash. */
static void reset_of_guest_memory(void **state)
{
    struct bench *b = test_malloc(sizeof(*b));
    unsigned char *p;
    uint64_t hash;

    (void)state;
    bench_open(b, NULL, NULL);
    hash = b->h.ops->hash(b->h.hv);
    p = b->h.ops->guest(b->h.hv, GUEST_LIST_START, 8192);
    assert_non_null(p);
    memset(p, 0xff, 8192);
    p = b->h.ops->guest(b->h.hv, GUEST_ARG_END - 3, 3);
    memset(p, 0xff, 3);
    assert_int_equal(b->h.ops->hash(b->h.hv), hash);
    bench_reset(b, RELEASE_4_22, 1, 64, false);
    assert_int_equal(p[0] | p[2], 0);
    p = b->h.ops->guest(b->h.hv, GUEST_LIST_START, 8192);
    for ( int i = 0; i < 8192; i++ )
        assert_int_equal(p[i], 0);
    assert_null(b->h.ops->guest(b->h.hv, GUEST_LIST_END - 1, 2));
    assert_null(b->h.ops->guest(b->h.hv, GUEST_ARG_START - 1, 2));
    assert_null(b->h.ops->guest(b->h.hv, 0, 1));
    bench_close(b);
    test_free(b);
}

static void tiny_hosts(void **state)
{
    struct bench *b = test_malloc(sizeof(*b));

    (void)state;
    bench_open(b, NULL, NULL);
    for ( uint32_t pages = 1; pages <= 10; pages++ )
        for ( uint32_t nodes = 1; nodes <= 4; nodes++ )
            for ( int llc = 0; llc < 2; llc++ )
            {
                bench_reset(b, RELEASE_4_22, nodes, pages, llc);
                assert_sound(b);
                /* Of a single page, coloured, nothing is left over. */
                assert_true(view_of(b).free > 0 || (llc && pages == 1));
                assert_int_equal(view_of(b).dom[0].max, nodes * pages);
            }
    bench_close(b);
    test_free(b);
}

static void flat_memory(void **state)
{
    const struct stub_options o = { .flat_memory = true };
    struct xen_memory_reservation r = { .domid = 0 };
    struct hv_caller dom0 = hv_caller_dom0();
    struct hypervisor h;
    const char *why;
    uint64_t cmd = XENMEM_claim_pages, list[2] = { 0 };

    (void)state;
    assert_true(stub_open(&h, &o, &why));
    assert_int_equal(h.ops->memory_op(h.hv, &dom0, &cmd, (uintptr_t)&r), 0);
    assert_int_equal(h.ops->memory_op(h.hv, &dom0, &cmd, 0), -EFAULT);
    assert_int_equal(h.ops->memory_op(h.hv, &dom0, &cmd, GUEST_NONCANONICAL),
                     -EFAULT);

    /* It writes there, too. */
    cmd = XENMEM_increase_reservation;
    r.nr_extents = 2;
    r.extent_start.p = list;
    assert_int_equal(h.ops->memory_op(h.hv, &dom0, &cmd, (uintptr_t)&r), 2);
    for ( int i = 0; i < 2; i++ )
        assert_true(h.ops->page_id(h.hv, list[i]) >= 0);
    assert_int_not_equal(list[0], list[1]);
    h.ops->close(h.hv);
}

static void options(void **state)
{
    struct stub_options o = { .fault = "no_such_fault" };
    char text[FAULT_TEXT_MAX];
    struct hypervisor h;
    const char *why = NULL;

    (void)state;
    assert_false(stub_open(&h, &o, &why));
    assert_non_null(why);
    assert_string_equal(stub_fault_id(0), "none");
    for ( unsigned int f = stub_fault_next(0); f; f = stub_fault_next(f) )
    {
        o = (struct stub_options){ .fault = stub_fault_id(f) };
        assert_true(stub_open(&h, &o, &why));
        assert_int_equal(stub_fault_find(stub_fault_id(f)), f);
        stub_fault_text(f, text, sizeof(text));
        assert_in_range(strlen(text), 1, sizeof(text) - 2);
        h.ops->close(h.hv);
    }
}

static void fault_is_one(void **state)
{
    struct bench *b = test_malloc(sizeof(*b));

    (void)state;
    bench_open(b, NULL, "claim_total.unclaimed.drop");
    create(b, 1, 1000);
    assert_int_equal(claim(b, 1, 1000), 0);
    bench_close(b);
    bench_open(b, NULL, NULL);
    create(b, 1, 1000);
    assert_int_equal(claim(b, 1, 1000), -ENOMEM);
    bench_close(b);
    test_free(b);
}

/* Block counts are what a walk finds after much splitting and merging (the
 * audit checks that), and say whether a block of an order can be had. */
static void capacity(void **state)
{
    struct bench *b = test_malloc(sizeof(*b));
    uint64_t seed = 1;

    (void)state;
    bench_open(b, NULL, NULL);
    for ( int i = 0; i < 3000; i++ )
    {
        struct hv_capacity c;
        struct hv_view v = view_of(b);
        uint32_t order = next(&seed) % 6;
        bool there = false;
        uint64_t frame;
        long rc;

        b->h.ops->capacity(b->h.hv, &c);
        for ( uint32_t z = 0; z < HV_ZONES; z++ )
            for ( uint32_t o = order; o < HV_ORDERS; o++ )
                there |= hv_blocks(&c, 0, z, o);
        rc = b->h.ops->anon_alloc(b->h.hv, -1, order, &frame);
        assert_int_equal(
            rc, there && v.claimed + (1U << order) <= v.free ? 0 : -ENOMEM);
        if ( !rc )
            b->h.ops->anon_free(b->h.hv, frame, order);
        random_call(b, &seed);
    }
    assert_sound(b);
    bench_close(b);
    bench_open(b, &bitmap_allocator, NULL);
    assert_false(b->h.ops->caps & HV_CAP_CAPACITY);
    assert_int_equal(b->h.ops->node_pages_max,
                     bitmap_allocator.node_pages_max);
    assert_int_not_equal(b->h.ops->node_pages_max, 0);
    assert_null(b->h.ops->capacity);
    bench_close(b);
    test_free(b);
}

/* The largest host: its largest blocks, and back to a small one and again. */
static void largest_host(void **state)
{
    struct bench *b = test_malloc(sizeof(*b));
    uint64_t first, small, frame[HV_NODES_MAX];
    uint32_t order = HV_ORDERS - 2, i;

    (void)state;
    bench_open(b, NULL, NULL);
    bench_reset(b, RELEASE_4_20, 3, 40, false);
    small = b->h.ops->hash(b->h.hv);
    bench_reset(b, RELEASE_4_20, HV_NODES_MAX, HV_NODE_PAGES_MAX, false);
    first = b->h.ops->hash(b->h.hv);
    assert_int_equal(view_of(b).free, HV_PAGES_MAX - DOM0_PAGES);
    /* Node n begins 32 frames late: one block of half a node in each. */
    for ( i = 0; i < HV_NODES_MAX; i++ )
        assert_int_equal(b->h.ops->anon_alloc(b->h.hv, -1, order, &frame[i]),
                         0);
    assert_int_equal(view_of(b).free, HV_PAGES_MAX / 2 - DOM0_PAGES);
    create(b, 1, HV_PAGES_MAX);
    assert_int_equal(claim(b, 1, HV_PAGES_MAX / 4), 0);
    assert_int_equal(populate(b, 1, 200, 9), 200);
    assert_int_equal(view_of(b).claimed, HV_PAGES_MAX / 4 - 200 * 512);
    assert_sound(b);
    assert_int_equal(destroy(b, 1, 0), 0);
    for ( i = 0; i < HV_NODES_MAX; i++ )
        b->h.ops->anon_free(b->h.hv, frame[i], order);
    assert_int_equal(view_of(b).free, HV_PAGES_MAX - DOM0_PAGES);
    assert_sound(b);
    bench_reset(b, RELEASE_4_20, 3, 40, false);
    assert_int_equal(b->h.ops->hash(b->h.hv), small);
    bench_reset(b, RELEASE_4_20, HV_NODES_MAX, HV_NODE_PAGES_MAX, false);
    assert_int_equal(b->h.ops->hash(b->h.hv), first);
    bench_close(b);
    test_free(b);
}

int main(void)
{
#define T(f) cmocka_unit_test(f)
    const struct CMUnitTest tests[] = {
        T(random_runs),           T(reset_of_many_shapes),
        T(reset_of_guest_memory), T(tiny_hosts),
        T(flat_memory),           T(options),
        T(fault_is_one),          T(capacity),
        T(largest_host),          T(no_colouring),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
