/* SPDX-License-Identifier: MIT */
/*
 * Claim sets on the stub: the published examples (docs/claim-sets.md) on a host
 * of two nodes with 4 free pages each, for both drafts where they differ.
 */
#include "stub_util.h"

#define NODES 2
#define NODE_PAGES 32
#define FREE 4
#define HOST CLAIM_TARGET_HOST
#define LEGACY CLAIM_TARGET_LEGACY
/* As many entries as a test names. */
#define SET(b, dom, ...)                                                      \
    set(b, dom, (const struct xen_memory_claim[]){ __VA_ARGS__ },             \
        sizeof((const struct xen_memory_claim[]){ __VA_ARGS__ }) /            \
            sizeof(struct xen_memory_claim))

static bool is_v8(const struct bench *b)
{
    return b->shape.release == RELEASE_DRAFT_V8;
}

static struct hv_call set_call(struct bench *b, uint16_t domid, uint32_t nr)
{
    return (struct hv_call){
        .kind = HV_CALL_DOMCTL,
        .caller = hv_caller_dom0(),
        .placed = true,
        .arg = GUEST_ARG_END - sizeof(struct xen_domctl),
        .arg_bytes = sizeof(struct xen_domctl),
        .data = GUEST_LIST_START,
        .domctl = { .cmd = XEN_DOMCTL_claim_memory,
                    .domid = domid,
                    .nr_entries = nr,
                    .version = hv_domctl_version(b->shape.release) },
    };
}

static long set(struct bench *b, uint16_t domid,
                const struct xen_memory_claim *entries, uint32_t nr)
{
    struct hv_call c = set_call(b, domid, nr);

    c.entries = entries;
    c.data_bytes = nr * (uint32_t)sizeof(entries[0]);

    return issue(b, &c);
}

/* Release as the draft wants it. */
static long release_set(struct bench *b, uint16_t domid)
{
    return is_v8(b) ? set(b, domid, NULL, 0) : SET(b, domid, { 0, HOST, 0 });
}

static const struct xen_memory_claim nothing[CLAIM_SET_MAX];

static long get(struct bench *b, uint16_t domid, uint32_t capacity)
{
    struct hv_call c = set_call(b, domid, capacity);

    if ( is_v8(b) )
        c.domctl.cmd = XEN_DOMCTL_get_memory_claims;
    else
        c.domctl.mode = CLAIM_MEMORY_GET;
    c.entries = nothing;
    c.data_bytes = capacity * (uint32_t)sizeof(nothing[0]);

    return issue(b, &c);
}

/* The claim in its parts, and that get tells the same. */
static void expect_parts(struct bench *b, uint16_t domid, uint32_t host,
                         uint32_t node0, uint32_t node1)
{
    struct hv_view v = view_of(b);
    const uint32_t pages[] = { host, node0, node1 };
    const uint32_t target[] = { HOST, 0, 1 };
    uint32_t nr = 0;

    assert_int_equal(v.dom[domid].claim, host + node0 + node1);
    assert_int_equal(v.node_claim[domid][0], node0);
    assert_int_equal(v.node_claim[domid][1], node1);
    assert_int_equal(get(b, domid, 3), 0);
    for ( uint32_t i = 0; i < 3; i++ )
    {
        if ( !pages[i] && !(i == 0 && !is_v8(b)) )
            continue;
        assert_int_equal(b->r.entries[nr].pages, pages[i]);
        assert_int_equal(b->r.entries[nr].target, target[i]);
        assert_int_equal(b->r.entries[nr].pad, 0);
        nr++;
    }
    assert_int_equal(b->r.nr_entries, nr);
}

static uint32_t on_node(uint32_t node)
{
    return XENMEMF_node(node);
}

static uint32_t exactly(uint32_t node)
{
    return XENMEMF_exact_node(node);
}

/* Extents of an order that d1 or another got. */
static long take(struct bench *b, uint16_t domid, uint32_t order,
                 uint32_t flags)
{
    return with_list(b, XENMEM_populate_physmap, domid, 1, order, flags);
}

/* d7 takes pages of a node until so many are free there. */
static void leave_free(struct bench *b, uint32_t node, uint64_t pages)
{
    while ( view_of(b).node_free[node] > pages )
        assert_int_equal(take(b, 7, 0, exactly(node)), 1);
    assert_int_equal(view_of(b).node_free[node], pages);
}

static void setup(struct bench *b, enum release release)
{
    bench_reset(b, release, NODES, NODE_PAGES, false);
    create(b, 1, 1000);
    create(b, 2, 1000);
    create(b, 7, 1000);
    leave_free(b, 0, FREE);
    leave_free(b, 1, FREE);
}

static void both(void (*test)(struct bench *b))
{
    struct bench *b = test_malloc(sizeof(*b));

    bench_open(b, NULL, NULL);
    for ( int r = RELEASE_DRAFT_V7; r <= RELEASE_DRAFT_V8; r++ )
    {
        setup(b, r);
        test(b);
        assert_sound(b);
        assert_int_equal(b->h.ops->fetched_twice(b->h.hv), 0);
    }
    bench_close(b);
    test_free(b);
}

static void redeemed_in_order(struct bench *b)
{
    assert_int_equal(SET(b, 1, { 2, HOST, 0 }, { 2, 0, 0 }, { 2, 1, 0 }), 0);
    expect_parts(b, 1, 2, 2, 2);
    assert_int_equal(view_of(b).claimed, 6);
    assert_int_equal(take(b, 1, 0, on_node(0)), 1);
    expect_parts(b, 1, 2, 1, 2);
    assert_int_equal(take(b, 1, 0, on_node(1)), 1);
    expect_parts(b, 1, 2, 1, 1);
    assert_int_equal(take(b, 1, 1, on_node(1)), 1);
    expect_parts(b, 1, 1, 1, 0);
    assert_int_equal(take(b, 1, 0, on_node(1)), 1);
    expect_parts(b, 1, 0, 1, 0);
    /* Node 1 has no page left. */
    assert_int_equal(take(b, 1, 0, on_node(1)), 1);
    expect_parts(b, 1, 0, 0, 0);
    assert_int_equal(view_of(b).claimed, 0);
    assert_int_equal(view_of(b).node_claimed[0], 0);
}

static void redeemed_elsewhere(struct bench *b)
{
    assert_int_equal(SET(b, 1, { 4, 0, 0 }), 0);
    assert_int_equal(take(b, 1, 2, exactly(1)), 1);
    expect_parts(b, 1, 0, 0, 0);
    assert_int_equal(view_of(b).claimed, 0);
    assert_int_equal(view_of(b).node_claimed[0], 0);
}

static void host_claims_guard_no_node(struct bench *b)
{
    assert_int_equal(SET(b, 1, { 4, HOST, 0 }), 0);
    assert_int_equal(take(b, 2, 2, exactly(0)), 1);
}

static void no_credit_for_host_claims(struct bench *b)
{
    assert_int_equal(SET(b, 1, { 3, HOST, 0 }, { 1, 0, 0 }), 0);
    assert_int_equal(SET(b, 2, { 3, 0, 0 }), 0);
    assert_int_equal(take(b, 1, 1, exactly(0)), 0);
    assert_int_equal(take(b, 1, 1, on_node(0)), 1);
    expect_parts(b, 1, 1, 1, 0);
}

static void node_claims_guard(struct bench *b)
{
    uint64_t frame;

    assert_int_equal(SET(b, 1, { 4, 0, 0 }), 0);
    assert_int_equal(take(b, 2, 0, exactly(0)), 0);
    assert_int_equal(take(b, 2, 0, on_node(0)), 1);
    assert_int_equal(view_of(b).node_free[1], FREE - 1);
    /* Nor for the hypervisor, nor for an extra page of the claimant. */
    assert_int_equal(b->h.ops->anon_alloc(b->h.hv, -1, 0, &frame), 0);
    assert_int_equal(b->h.ops->extra_alloc(b->h.hv, 1, &frame), 0);
    assert_int_equal(view_of(b).node_free[0], FREE);
    assert_int_equal(view_of(b).node_free[1], FREE - 3);
    assert_int_equal(take(b, 1, 2, exactly(0)), 1);
    expect_parts(b, 1, 0, 0, 0);
}

static void second_set(struct bench *b)
{
    assert_int_equal(SET(b, 1, { 4, 0, 0 }), 0);
    assert_int_equal(claim(b, 2, 4), 0);
    if ( is_v8(b) )
    {
        assert_int_equal(SET(b, 1, { 4, 1, 0 }), -EINVAL);
        expect_parts(b, 1, 0, 4, 0);
        return;
    }
    assert_int_equal(SET(b, 1, { 4, 1, 0 }), 0);
    expect_parts(b, 1, 0, 0, 4);
    assert_int_equal(view_of(b).node_claimed[0], 0);
    assert_int_equal(take(b, 2, 2, exactly(0)), 1);
}

static void on_top_of_what_is_owned(struct bench *b)
{
    assert_int_equal(take(b, 1, 0, 0), 1);
    assert_int_equal(max_mem(b, 1, 5), 0);
    assert_int_equal(SET(b, 1, { 5, HOST, 0 }), -EINVAL);
    assert_int_equal(SET(b, 1, { 4, HOST, 0 }), 0);
    expect_parts(b, 1, 4, 0, 0);
    assert_int_equal(release_set(b, 1), 0);
    assert_int_equal(claim(b, 1, 5), 0);
    expect_parts(b, 1, 4, 0, 0);
}

static void targets(struct bench *b)
{
    static const struct
    {
        uint32_t target;
        long v7, v8;
    } row[] = {
        { 2, -ENOENT, -ENOENT },
        { 64, -ENOENT, -ENOENT },
        { 255, -ENOENT, -ENOENT },
        { UINT32_C(0x40000001), -ENOENT, -ENOENT },
        { LEGACY, 0, -ENOENT },
        { UINT32_C(0x80000001), -ENOENT, -EINVAL },
        { UINT32_MAX, -ENOENT, -EINVAL },
    };

    for ( size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++ )
        assert_int_equal(SET(b, 1, { 1, row[i].target, 0 }),
                         is_v8(b) ? row[i].v8 : row[i].v7);
}

static void counts(struct bench *b)
{
    struct hv_call c = set_call(b, 1, 0);

    assert_int_equal(issue(b, &c), is_v8(b) ? 0 : -EINVAL);
    c.domctl.nr_entries = CLAIM_SET_MAX + 1;
    assert_int_equal(issue(b, &c), -E2BIG);
    assert_int_equal(domctl(b, XEN_DOMCTL_unpausedomain, 1, 0), 0);
    assert_int_equal(issue(b, &c), -E2BIG);
    c.domctl.nr_entries = 1;
    c.data = 0;
    assert_int_equal(issue(b, &c), is_v8(b) ? -EBUSY : -EFAULT);
    c.domctl.nr_entries = 0;
    assert_int_equal(issue(b, &c), is_v8(b) ? 0 : -EINVAL);
    assert_int_equal(take(b, 1, 0, 0), 1);
    assert_int_equal(destroy(b, 1, 0), 0);
}

static void dying(struct bench *b)
{
    struct hv_call c = set_call(b, 2, CLAIM_SET_MAX + 1);

    assert_int_equal(with_list(b, XENMEM_populate_physmap, 2, 2, 0, 0), 2);
    b->preempts = 1;
    assert_int_equal(destroy(b, 2, 1), HV_CONTINUE);
    assert_int_equal(issue(b, &c), is_v8(b) ? -ESRCH : -E2BIG);
    assert_int_equal(SET(b, 2, { 1, HOST, 0 }), -ESRCH);
    assert_int_equal(release_set(b, 2), is_v8(b) ? 0 : -ESRCH);
    assert_int_equal(get(b, 2, 3), is_v8(b) ? 0 : -ESRCH);
}

static void entries(struct bench *b)
{
    long zero = is_v8(b) ? -EINVAL : 0;

    assert_int_equal(SET(b, 1, { 2, 0, 0 }, { 2, 0, 0 }), -EINVAL);
    assert_int_equal(SET(b, 1, { 2, HOST, 0 }, { 2, HOST, 0 }), -EINVAL);
    assert_int_equal(SET(b, 1, { 0, 0, 0 }), zero);
    assert_int_equal(SET(b, 1, { 2, 0, 1 }), -EINVAL);
    assert_int_equal(SET(b, 1, { 5, 0, 0 }), -ENOMEM);
    assert_int_equal(SET(b, 1, { 9, HOST, 0 }), -ENOMEM);
    assert_int_equal(SET(b, 1, { 1001, HOST, 0 }), -EINVAL);
    assert_int_equal(SET(b, 1, { UINT64_MAX, HOST, 0 }, { 1, 0, 0 }), -EINVAL);
    assert_int_equal(SET(b, 1, { 5, HOST, 0 }, { 4, 0, 0 }), -ENOMEM);
    assert_int_equal(SET(b, 1, { 4, 0, 0 }, { 4, 1, 0 }), 0);
    assert_int_equal(view_of(b).claimed, 8);
    assert_int_equal(view_of(b).node_claimed[1], 4);
    assert_int_equal(release_set(b, 1), 0);
    assert_int_equal(view_of(b).claimed, 0);
    assert_int_equal(view_of(b).node_claimed[1], 0);
}

static void padding(struct bench *b)
{
    struct hv_call c = set_call(b, 1, 0);

    c.domctl.mode = 2;
    assert_int_equal(issue(b, &c), is_v8(b) ? -EINVAL : -EOPNOTSUPP);
    c.domctl.cmd = XEN_DOMCTL_get_memory_claims;
    assert_int_equal(issue(b, &c), is_v8(b) ? -EINVAL : -ENOSYS);
}

static void limit_below_owned(struct bench *b)
{
    assert_int_equal(take(b, 1, 1, 0), 1);
    assert_int_equal(SET(b, 1, { 1, 1, 0 }), 0);
    assert_int_equal(max_mem(b, 1, 1), 0);
    assert_int_equal(release_set(b, 1), 0);
    expect_parts(b, 1, 0, 0, 0);
    assert_int_equal(SET(b, 1, { 1, 1, 0 }), -EINVAL);
}

static void running(struct bench *b)
{
    assert_int_equal(domctl(b, XEN_DOMCTL_unpausedomain, 1, 0), 0);
    assert_int_equal(SET(b, 1, { 1, HOST, 0 }), is_v8(b) ? -EBUSY : 0);
    assert_int_equal(release_set(b, 1), 0);
    assert_int_equal(claim(b, 1, 1), 0);
    assert_int_equal(release_set(b, 1), 0);
    expect_parts(b, 1, 0, 0, 0);
}

static void room_of_a_get(struct bench *b)
{
    long small = is_v8(b) ? -ENOBUFS : -ERANGE;
    struct hv_call c = set_call(b, 1, 3);

    assert_int_equal(get(b, 1, 0), is_v8(b) ? 0 : -ERANGE);
    assert_int_equal(b->r.nr_entries, !is_v8(b));
    assert_int_equal(SET(b, 1, { 2, HOST, 0 }, { 2, 0, 0 }, { 2, 1, 0 }), 0);
    assert_int_equal(get(b, 1, 0), small);
    assert_int_equal(b->r.nr_entries, 3);
    assert_int_equal(get(b, 1, 2), small);
    assert_int_equal(b->r.nr_entries, 3);
    assert_int_equal(b->r.entries[0].pages, 0);
    expect_parts(b, 1, 2, 2, 2);
    c.domctl.cmd = is_v8(b) ? XEN_DOMCTL_get_memory_claims
                            : XEN_DOMCTL_claim_memory;
    c.domctl.mode = is_v8(b) ? 0 : CLAIM_MEMORY_GET;
    c.data = GUEST_LIST_END - 16;
    assert_int_equal(issue(b, &c), -EFAULT);
}

static void with_legacy_claims(struct bench *b)
{
    assert_int_equal(SET(b, 1, { 1, 0, 0 }), 0);
    assert_int_equal(claim(b, 1, 1), -EINVAL);
    assert_int_equal(claim(b, 1, 0), 0);
    expect_parts(b, 1, 0, 0, 0);
    assert_int_equal(view_of(b).node_claimed[0], 0);
    assert_int_equal(claim(b, 1, 3), 0);
    assert_int_equal(SET(b, 1, { 2, 1, 0 }), is_v8(b) ? -EINVAL : 0);
    expect_parts(b, 1, is_v8(b) ? 3 : 0, 0, is_v8(b) ? 0 : 2);
    if ( is_v8(b) )
        return;
    /* A legacy target does not replace a claim, and stands alone. */
    assert_int_equal(SET(b, 1, { 1, LEGACY, 0 }), -EINVAL);
    assert_int_equal(SET(b, 1, { 0, LEGACY, 0 }, { 1, 0, 0 }), -EINVAL);
    assert_int_equal(SET(b, 1, { 0, LEGACY, 0 }, { 0, HOST, 0 }), -EINVAL);
    assert_int_equal(SET(b, 1, { 0, LEGACY, 0 }, { 0, 1, 0 }), 0);
    expect_parts(b, 1, 0, 0, 0);
}

static void destroyed(struct bench *b)
{
    assert_int_equal(SET(b, 1, { 1, HOST, 0 }, { 2, 0, 0 }, { 3, 1, 0 }), 0);
    assert_int_equal(destroy(b, 1, 0), 0);
    assert_int_equal(view_of(b).claimed, 0);
    assert_int_equal(view_of(b).node_claimed[0], 0);
    assert_int_equal(view_of(b).node_claimed[1], 0);
}

/* Releases have neither command. */
static void releases_have_none(void **state)
{
    struct bench *b = *state;
    struct hv_call c = set_call(b, 1, 0);

    assert_int_equal(issue(b, &c), -ENOSYS);
    c.domctl.cmd = XEN_DOMCTL_get_memory_claims;
    assert_int_equal(issue(b, &c), -ENOSYS);
}

#define TEST(f)                                                               \
    static void test_##f(void **state)                                        \
    {                                                                         \
        (void)state;                                                          \
        both(f);                                                              \
    }
#define TESTS(T)                                                              \
    T(redeemed_in_order)                                                      \
    T(redeemed_elsewhere)                                                     \
    T(host_claims_guard_no_node)                                              \
    T(no_credit_for_host_claims)                                              \
    T(node_claims_guard)                                                      \
    T(second_set)                                                             \
    T(on_top_of_what_is_owned)                                                \
    T(targets)                                                                \
    T(counts)                                                                 \
    T(dying)                                                                  \
    T(entries)                                                                \
    T(padding)                                                                \
    T(limit_below_owned)                                                      \
    T(running)                                                                \
    T(room_of_a_get)                                                          \
    T(with_legacy_claims)                                                     \
    T(destroyed)
TESTS(TEST)

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test(test_##f),
        TESTS(T)
#undef T
            cmocka_unit_test_setup_teardown(releases_have_none, bench_setup,
                                            bench_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
