/* SPDX-License-Identifier: MIT */
/* Claims worked out by hand from rules 1.2 and 4, on both allocators and on
 * every release. */
#include "stub_util.h"

static const struct allocator_ops *const allocators[] = { &buddy_allocator,
                                                          &bitmap_allocator };

/* Run a test on every release and allocator; a host of 128 pages. */
static void everywhere(void (*test)(struct bench *b, char regime))
{
    for ( size_t i = 0; i < 2; i++ )
    {
        struct bench *b = test_malloc(sizeof(*b));

        bench_open(b, allocators[i], NULL);
        for ( int r = 0; r < RELEASE_COUNT; r++ )
        {
            bench_reset(b, r, 1, 128, false);
            test(b, regime(r));
            assert_sound(b);
        }
        bench_close(b);
        test_free(b);
    }
}

/* The hypervisor takes pages until exactly so many are unclaimed. */
static void leave_unclaimed(struct bench *b, uint64_t pages)
{
    struct hv_view v = view_of(b);
    uint64_t frame;

    for ( ; v.free - v.claimed > pages; v.free-- )
        assert_int_equal(b->h.ops->anon_alloc(b->h.hv, -1, 0, &frame), 0);
    v = view_of(b);
    assert_int_equal(v.free - v.claimed, pages);
}

static void expect(struct bench *b, int dom, uint32_t tot, uint32_t dclaim,
                   uint64_t claimed)
{
    struct hv_view v = view_of(b);

    assert_int_equal(v.dom[dom].tot, tot);
    assert_int_equal(v.dom[dom].claim, dclaim);
    assert_int_equal(v.claimed, claimed);
}

static void claim_once(struct bench *b, char regime)
{
    (void)regime;
    create(b, 1, 50);
    assert_int_equal(claim(b, 1, 51), -EINVAL);
    assert_int_equal(claim(b, 1, 50), 0);
    expect(b, 1, 0, 50, 50);
    assert_int_equal(claim(b, 1, 50), -EINVAL);
    assert_int_equal(claim(b, 1, 0), 0);
    expect(b, 1, 0, 0, 0);
    assert_int_equal(claim(b, 1, 0), 0);
    assert_int_equal(domctl(b, XEN_DOMCTL_createdomain, 2, 0), 0);
    assert_int_equal(claim(b, 2, 1), -EINVAL); /* max is 0 */
}

static void claim_against_others(struct bench *b, char regime)
{
    (void)regime;
    create(b, 1, 1000);
    create(b, 2, 1000);
    assert_int_equal(claim(b, 2, 60), 0);
    leave_unclaimed(b, 40);
    assert_int_equal(claim(b, 1, 41), -ENOMEM);
    assert_int_equal(claim(b, 1, UINT64_MAX), -EINVAL);
    assert_int_equal(claim(b, 1, 40), 0);
    expect(b, 1, 0, 40, 100);
}

static void claim_is_a_total(struct bench *b, char regime)
{
    (void)regime;
    create(b, 1, 100);
    assert_int_equal(populate(b, 1, 10, 0), 10);
    assert_int_equal(claim(b, 1, 10), -EINVAL);
    assert_int_equal(claim(b, 1, 11), 0);
    expect(b, 1, 10, 1, 1);
}

static void gate_is_all_or_nothing(struct bench *b, char regime)
{
    (void)regime;
    create(b, 1, 100);
    assert_int_equal(claim(b, 1, 5), 0);
    leave_unclaimed(b, 4);
    assert_int_equal(populate(b, 1, 1, 3), 0); /* 8 > 5, 8 > 4 */
    expect(b, 1, 0, 5, 5);
    assert_int_equal(populate(b, 1, 5, 0), 5);
    expect(b, 1, 5, 0, 0);
}

static void others_cannot_spend(struct bench *b, char regime)
{
    uint64_t frame;

    (void)regime;
    create(b, 1, 100);
    create(b, 2, 100);
    assert_int_equal(claim(b, 1, 5), 0);
    leave_unclaimed(b, 0);
    assert_int_equal(populate(b, 2, 1, 0), 0);
    assert_int_equal(b->h.ops->anon_alloc(b->h.hv, -1, 0, &frame), -ENOMEM);
    assert_int_equal(b->h.ops->extra_alloc(b->h.hv, 1, &frame), -ENOMEM);
    assert_int_equal(domctl(b, XEN_DOMCTL_createdomain, 3, 0), -ENOMEM);
    assert_int_equal(populate(b, 1, 6, 0), 5);
    expect(b, 1, 5, 0, 0);
    assert_int_equal(view_of(b).free, 0);
}

static void freeing_with_a_claim(struct bench *b, char regime)
{
    uint32_t after = regime == 'A' ? 8 : 5;

    create(b, 1, 100);
    assert_int_equal(claim(b, 1, 15), 0);
    assert_int_equal(populate(b, 1, 10, 0), 10);
    expect(b, 1, 10, 5, 5);
    assert_int_equal(decrease(b, 1, 3), 3);
    expect(b, 1, 7, after, after);
}

static void lowered_limit_loses_claim(struct bench *b, char regime)
{
    uint32_t left = regime == 'C' ? 0 : 1;

    create(b, 1, 3);
    assert_int_equal(claim(b, 1, 3), 0);
    assert_int_equal(max_mem(b, 1, 2), 0);
    assert_int_equal(populate(b, 1, 3, 0), 2);
    expect(b, 1, 2, left, left);
}

static void extra_pages(struct bench *b, char regime)
{
    uint32_t left = regime == 'C' ? 5 : 4;
    uint64_t frame;

    create(b, 1, 5);
    assert_int_equal(claim(b, 1, 5), 0);
    assert_int_equal(b->h.ops->extra_alloc(b->h.hv, 1, &frame), 0);
    expect(b, 1, 0, left, left);
    assert_int_equal(view_of(b).dom[1].extra, 1);
    b->list[0] = frame;
    assert_int_equal(decrease(b, 1, 1), 1); /* rules 3.5 */
    assert_int_equal(view_of(b).dom[1].extra, 0);
    assert_int_equal(b->h.ops->extra_alloc(b->h.hv, 1, &frame), 0);
    assert_int_equal(b->h.ops->extra_free(b->h.hv, 1, frame), 0);
    assert_int_equal(b->h.ops->extra_free(b->h.hv, 1, frame), -EINVAL);
    left = regime == 'B' ? 3 : 5;
    expect(b, 1, 0, left, left);
}

static void destroy_drops_the_claim_first(struct bench *b, char regime)
{
    (void)regime;
    create(b, 1, 20);
    assert_int_equal(claim(b, 1, 11), 0);
    assert_int_equal(populate(b, 1, 6, 0), 6);
    b->preempts = 100;
    assert_int_equal(destroy(b, 1, 1), HV_CONTINUE);
    expect(b, 1, 5, 0, 0);
    assert_int_equal(view_of(b).dom[1].state, HV_DOM_DYING);
    assert_int_equal(populate(b, 1, 1, 0), 0);
    assert_int_equal(destroy(b, 1, 0), 0);
    assert_int_equal(view_of(b).dom[1].state, HV_DOM_ABSENT);
    assert_int_equal(claim(b, 1, 0), -EINVAL);
    assert_int_equal(destroy(b, 1, 0), -ESRCH);
}

static void claim_of_a_dying_domain_leaks(struct bench *b, char regime)
{
    bool dying_test = regime == 'C';

    create(b, 1, 20);
    assert_int_equal(populate(b, 1, 7, 0), 7);
    b->preempts = 1;
    assert_int_equal(destroy(b, 1, 1), HV_CONTINUE);
    assert_int_equal(claim(b, 1, 10), dying_test ? -EINVAL : 0);
    assert_int_equal(destroy(b, 1, 0), 0);
    assert_int_equal(view_of(b).dom[1].state, HV_DOM_ABSENT);
    /* R-A: 4 left to claim, and each of 6 pages freed adds one. */
    assert_int_equal(view_of(b).claimed, dying_test      ? 0
                                         : regime == 'A' ? 10
                                                         : 4);
}

static void dead_domain_lingers(struct bench *b, char regime)
{
    uint64_t before, frame;

    create(b, 1, 20);
    assert_int_equal(populate(b, 1, 6, 0), 6);
    frame = b->list[2];
    before = view_of(b).free;
    assert_int_equal(b->h.ops->map(b->h.hv, 2, frame), -ESRCH);
    assert_int_equal(b->h.ops->map(b->h.hv, 0, frame), -EINVAL);
    assert_int_equal(b->h.ops->map(b->h.hv, 1, 0), -EINVAL);
    assert_int_equal(b->h.ops->map(b->h.hv, 1, frame), 0);
    b->list[0] = frame;
    assert_int_equal(decrease(b, 1, 1), 1);
    assert_int_equal(view_of(b).free, before);
    assert_int_equal(decrease(b, 1, 1), 1); /* again: still its own */
    assert_int_equal(destroy(b, 1, 0), 0);
    expect(b, 1, 1, 0, 0);
    assert_int_equal(view_of(b).dom[1].state, HV_DOM_DEAD);
    assert_int_equal(destroy(b, 1, 0), 0);
    assert_int_equal(claim(b, 1, 10), regime == 'C' ? -EINVAL : 0);
    assert_int_equal(claim(b, 1, 0), regime == 'C' ? -EINVAL : 0);
    assert_int_equal(b->h.ops->unmap(b->h.hv, 1, frame), 0);
    assert_int_equal(view_of(b).dom[1].state, HV_DOM_ABSENT);
    assert_int_equal(view_of(b).free, before + 7); /* 6, and its own page */
}

static void nodes(struct bench *b, char regime)
{
    struct hv_view v;

    (void)regime;
    bench_reset(b, b->shape.release, 2, 32, false);
    create(b, 1, 1000);
    v = view_of(b);
    assert_int_equal(
        with_list(b, XENMEM_populate_physmap, 1, 64, 0, XENMEMF_exact_node(1)),
        v.node_free[1]);
    assert_int_equal(view_of(b).node_free[0], v.node_free[0]);
    assert_int_equal(
        with_list(b, XENMEM_populate_physmap, 1, 1, 0, XENMEMF_node(1)), 1);
    assert_int_equal(
        with_list(b, XENMEM_populate_physmap, 1, 1, 0, XENMEMF_exact_node(3)),
        0);
    assert_int_equal(
        with_list(b, XENMEM_populate_physmap, 1, 1, 0, XENMEMF_node(3)), 1);
    assert_int_equal(
        with_list(b, XENMEM_populate_physmap, 1, 1, 0, XENMEMF_node(64)), 0);
    assert_int_equal(domctl(b, XEN_DOMCTL_setnodeaffinity, 1, 4), -EINVAL);
    assert_int_equal(domctl(b, XEN_DOMCTL_setnodeaffinity, 1, 2), 0);
    assert_int_equal(populate(b, 1, 1, 0), 1); /* falls back to node 0 */
    assert_int_equal(with_list(b, XENMEM_populate_physmap, 1, 1, 0,
                               XENMEMF_exact_node_request),
                     1);
}

static void zones(struct bench *b, char regime)
{
    (void)regime;
    create(b, 1, 1000);
    for ( uint32_t bits = 1; bits <= 12; bits++ )
        assert_int_equal(with_list(b, XENMEM_populate_physmap, 1, 1, 0, bits),
                         0);
    assert_int_equal(with_list(b, XENMEM_populate_physmap, 1, 1, 0, 17), 0);
    /* Frames 32..63 are those below 2^18. */
    assert_int_equal(with_list(b, XENMEM_populate_physmap, 1, 40, 0, 18), 32);
    for ( int i = 0; i < 32; i++ )
        assert_in_range(b->list[i], 32, 63);
    assert_int_equal(with_list(b, XENMEM_populate_physmap, 1, 1, 0, 200), 1);
}

static void coloured(struct bench *b, char regime)
{
    bool known = b->shape.release >= RELEASE_4_20;
    struct hv_view v;

    bench_reset(b, b->shape.release, 1, 128, true);
    create(b, 1, 1000);
    v = view_of(b);
    assert_int_equal(claim(b, 1, 10),
                     known && regime == 'C' ? -EOPNOTSUPP : 0);
    if ( !known )
        return;
    assert_int_equal(v.free, 64 - 1); /* the domain's own page */
    assert_int_equal(populate(b, 1, 4, 0), 4);
    assert_int_equal(populate(b, 1, 1, 1), 0);
    assert_int_equal(view_of(b).free, v.free);
    assert_int_equal(view_of(b).claimed, regime == 'C' ? 0 : 6);
    assert_int_equal(decrease(b, 1, 1), 1);
    assert_int_equal(view_of(b).free, v.free);
    assert_int_equal(destroy(b, 1, 0), 0);
    assert_int_equal(view_of(b).free, 64);
}

static void wrap_of_unclaimed(struct bench *b, char regime)
{
    struct hv_view v;

    if ( regime == 'C' )
        return;
    /* R-A growth needs no test against the heap: claim what is left, while a
     * mapped page is not back yet, and claimed exceeds free. On a coloured
     * host freed pages do not come back at all. */
    if ( b->shape.release < RELEASE_4_20 || regime == 'B' )
        return;
    bench_reset(b, b->shape.release, 1, 128, true);
    create(b, 1, 1000);
    create(b, 2, 1000);
    assert_int_equal(populate(b, 1, 4, 0), 4);
    v = view_of(b);
    assert_int_equal(claim(b, 1, 4 + v.free), 0);
    assert_int_equal(claim(b, 2, 1), -ENOMEM);
    assert_int_equal(decrease(b, 1, 1), 1);
    v = view_of(b);
    assert_int_equal(v.claimed, v.free + 1);
    assert_int_equal(claim(b, 2, 1000), 0); /* rules 1.2 d, wrapped */
}

#define CASE(test)                                                            \
    static void test_##test(void **state)                                     \
    {                                                                         \
        (void)state;                                                          \
        everywhere(test);                                                     \
    }
/* clang-format off */
#define CASES \
    CASE(claim_once) \
    CASE(claim_against_others) \
    CASE(claim_is_a_total) \
    CASE(gate_is_all_or_nothing) \
    CASE(others_cannot_spend) \
    CASE(freeing_with_a_claim) \
    CASE(lowered_limit_loses_claim) \
    CASE(extra_pages) \
    CASE(destroy_drops_the_claim_first) \
    CASE(claim_of_a_dying_domain_leaks) \
    CASE(dead_domain_lingers) \
    CASE(nodes) \
    CASE(zones) \
    CASE(coloured) \
    CASE(wrap_of_unclaimed)
/* clang-format on */
CASES

#undef CASE
#define CASE(test) cmocka_unit_test(test_##test),

int main(void)
{
    const struct CMUnitTest tests[] = { CASES };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
