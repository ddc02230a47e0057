/* SPDX-License-Identifier: MIT */
/* Single rules that the other tests would not miss: found by taking each rule
 * out of the stub and looking which test noticed. */
#include "stub_util.h"

static const struct allocator_ops *const allocators[] = { &buddy_allocator,
                                                          &bitmap_allocator };

/* Node that the next order-0 page of d1 comes from; -1: none. */
static int node_of_next(struct bench *b, uint32_t flags)
{
    if ( with_list(b, XENMEM_populate_physmap, 1, 1, 0, flags) != 1 )
        return -1;
    return (int)(b->h.ops->page_id(b->h.hv, b->list[0]) / b->shape.node_pages);
}

static void node_choice(struct bench *b)
{
    bench_reset(b, RELEASE_4_22, 4, 8, false);
    create(b, 1, 1000);
    /* Round robin; the last node is 0 at first. */
    assert_int_equal(node_of_next(b, 0), 1);
    assert_int_equal(node_of_next(b, 0), 2);
    assert_int_equal(node_of_next(b, 0), 3);
    assert_int_equal(node_of_next(b, 0), 0);
    assert_int_equal(node_of_next(b, XENMEMF_node(2)), 2);
    assert_int_equal(node_of_next(b, 0), 3);
    /* A virtual node constrains nothing. */
    assert_int_equal(node_of_next(b, XENMEMF_vnode | XENMEMF_node(3)), 0);
    assert_int_equal(domctl(b, XEN_DOMCTL_setnodeaffinity, 1, 6), 0);
    for ( int i = 0; i < 4; i++ )
    {
        assert_int_equal(node_of_next(b, 0), 1);
        assert_int_equal(node_of_next(b, 0), 2);
    }
    /* All ones changes nothing. */
    assert_int_equal(domctl(b, XEN_DOMCTL_setnodeaffinity, 1, UINT64_MAX), 0);
    assert_int_equal(node_of_next(b, 0), 1);
    while ( view_of(b).node_free[1] + view_of(b).node_free[2] )
        assert_in_range(node_of_next(b, 0), 1, 2);
    /* "Exactly", without a node: not beyond the affinity. */
    assert_int_equal(with_list(b, XENMEM_populate_physmap, 1, 1, 0,
                               XENMEMF_exact_node_request),
                     1);
    assert_int_equal(node_of_next(b, 0), 0);
}

/* No hypercall asks for "exact" without a node; the allocator knows it. */
static void exact_without_node(struct bench *b)
{
    struct stub *s = bench_stub(b);
    struct alloc_request req = { .dom = 1,
                                 .flags = ALLOC_EXACT_NODE,
                                 .node = ALLOC_NO_NODE,
                                 .zone_max = HV_ZONES - 1 };

    bench_reset(b, RELEASE_4_22, 2, 8, false);
    create(b, 1, 1000);
    s->alloc->set_affinity(s->a, 1, 2);
    while ( view_of(b).node_free[1] )
        assert_true(s->alloc->begin(s->a, &req) != ALLOC_NO_FRAME);
    assert_true(s->alloc->begin(s->a, &req) == ALLOC_NO_FRAME);
    req.flags = 0;
    assert_true(s->alloc->begin(s->a, &req) != ALLOC_NO_FRAME);
    req.order = 200;
    assert_true(s->alloc->begin(s->a, &req) == ALLOC_NO_FRAME);
}

static void limit_below_what_is_owned(struct bench *b)
{
    create(b, 1, 10);
    assert_int_equal(populate(b, 1, 5, 0), 5);
    assert_int_equal(max_mem(b, 1, 3), 0);
    assert_int_equal(populate(b, 1, 1, 0), 0);
    assert_int_equal(claim(b, 1, 3), -EINVAL);
    assert_int_equal(view_of(b).dom[1].tot, 5);
}

static void max_order_of_callers(struct bench *b)
{
    struct hv_call c = memory_call(XENMEM_increase_reservation, 1, 1);

    /* No block is that large: what differs is whether it gets to the heap. */
    create(b, 1, 1 << 20);
    for ( uint32_t order = 9; order < 20; order++ )
    {
        for ( uint16_t flags = 0; flags < 4; flags++ )
        {
            uint32_t limit = flags & HV_CALLER_CONTROL    ? 18
                             : flags & HV_CALLER_HARDWARE ? 12
                                                          : 9;
            uint32_t done;

            /* Decrease tries frames, and the first is its own. */
            b->list[0] = 0;
            c.cmd = XENMEM_decrease_reservation;
            c.caller = (struct hv_caller){ .domid = 1, .flags = flags };
            assert_int_equal(populate(b, 1, 1, 0), 1);
            done = view_of(b).dom[1].tot;
            c.resv.extent_order = order;
            c.resv.extent_start.p = (void *)(GUEST_LIST_END - 8);
            c.list = b->list;
            c.list_entries = 1;
            assert_int_equal(issue(b, &c), 0);
            if ( order > limit )
                assert_int_equal(view_of(b).dom[1].tot, done);
            else
                assert_true(view_of(b).dom[1].tot < done);
        }
    }
}

static void nodes_of_plain_callers(struct bench *b)
{
    struct hv_call c = memory_call(XENMEM_increase_reservation, 1, 1);

    create(b, 1, 10);
    c.caller = caller_guest(1);
    c.resv.mem_flags = XENMEMF_exact_node(0);
    assert_int_equal(issue(b, &c), 0);
    c.resv.mem_flags = XENMEMF_node(70);
    assert_int_equal(issue(b, &c), 1); /* ignored */
    c.caller.flags = HV_CALLER_HARDWARE;
    assert_int_equal(issue(b, &c), 0);
}

/* Each invocation does at least one extent: an always-true preempt() ends. */
static void progress(struct bench *b)
{
    struct hv_call c = memory_call(XENMEM_increase_reservation, 1, 7);

    create(b, 1, 10);
    b->preempts = 1000;
    assert_int_equal(hv_issue(&b->h, b->shape.release, &c, &b->r), 7);
    assert_int_equal(b->r.rc, 7);
    assert_int_equal(b->preempts, 1000 - 6);
    assert_int_equal(destroy(b, 1, 3), HV_CONTINUE);
    assert_int_equal(view_of(b).dom[1].tot, 4);
    assert_int_equal(claim(b, 1, 9), -EINVAL);
    assert_int_equal(destroy(b, 1, 0), 0);
}

static void compat_words_are_32_bits(struct bench *b)
{
    struct hv_call c = memory_call(XENMEM_maximum_reservation, 1, 0);
    struct hv_caller caller = { .flags = HV_CALLER_CONTROL | HV_CALLER_ABI32 };
    uint64_t cmd = XENMEM_maximum_reservation | UINT64_C(1) << 40;

    create(b, 1, 10);
    assert_int_equal(issue(b, &c), 10); /* leaves d1 in the argument */
    assert_int_equal(b->h.ops->memory_op(b->h.hv, &caller, &cmd,
                                         ARG_AT | UINT64_C(1) << 40),
                     10);
    c = memory_call(XENMEM_increase_reservation, 1, 0x4000000);
    c.caller = caller;
    assert_int_equal(issue(b, &c), 0);
    assert_int_equal(view_of(b).dom[1].tot, 0);
}

static void domctl_rules(struct bench *b)
{
    struct hv_call c = {
        .kind = HV_CALL_DOMCTL,
        .caller = { .domid = 1, .flags = HV_CALLER_CONTROL },
        .domctl = { .cmd = XEN_DOMCTL_destroydomain,
                    .domid = 0,
                    .version = 0x18 },
    };
    struct xen_domctl *op;
    struct hv_caller dom0 = hv_caller_dom0();
    uint64_t at = GUEST_ARG_END - sizeof(*op);

    create(b, 1, 10);
    assert_int_equal(issue(b, &c), -EINVAL);
    c.domctl.domid = 1;
    assert_int_equal(issue(b, &c), -EINVAL);
    assert_int_equal(view_of(b).dom[1].state, HV_DOM_ALIVE);

    /* createdomain with a configuration that makes no sense. */
    assert_int_equal(domctl(b, XEN_DOMCTL_createdomain, 2, 0), 0);
    op = b->h.ops->guest(b->h.hv, at, sizeof(*op));
    op->domain = 3;
    op->u.createdomain.max_vcpus = 0;
    assert_int_equal(b->h.ops->domctl(b->h.hv, &dom0, at), -EINVAL);
    op->u.createdomain.max_vcpus = 1;
    op->u.createdomain.flags = 1U << 31;
    assert_int_equal(b->h.ops->domctl(b->h.hv, &dom0, at), -EINVAL);
    op->u.createdomain.flags = 0;
    assert_int_equal(b->h.ops->domctl(b->h.hv, &dom0, at), 0);

    /* A node map of few bits, and one that cannot be read. */
    assert_int_equal(domctl(b, XEN_DOMCTL_setnodeaffinity, 1, 0xff), 0);
    op->u.nodeaffinity.nodemap.nr_bits = 0;
    assert_int_equal(b->h.ops->domctl(b->h.hv, &dom0, at), -EINVAL);
    op->u.nodeaffinity.nodemap.nr_bits = 1;
    assert_int_equal(b->h.ops->domctl(b->h.hv, &dom0, at), 0);
    op->u.nodeaffinity.nodemap.bitmap.p = NULL;
    assert_int_equal(b->h.ops->domctl(b->h.hv, &dom0, at), -EFAULT);
}

/* Destruction is not a pause of the controller's, and extra pages go before all
 * others. */
static void destruction(struct bench *b)
{
    uint64_t frame;

    create(b, 1, 10);
    assert_int_equal(domctl(b, XEN_DOMCTL_unpausedomain, 1, 0), 0);
    assert_int_equal(populate(b, 1, 3, 0), 3);
    assert_int_equal(b->h.ops->extra_alloc(b->h.hv, 1, &frame), 0);
    b->preempts = 1;
    assert_int_equal(destroy(b, 1, 1), HV_CONTINUE);
    assert_int_equal(view_of(b).dom[1].extra, 0);
    assert_int_equal(view_of(b).dom[1].tot, 2);
    assert_int_equal(domctl(b, XEN_DOMCTL_getdomaininfo, 1, 0), 0);
    assert_int_equal(b->r.out.info.flags, 0);
}

static void mappings(struct bench *b)
{
    uint64_t frame;

    create(b, 1, 10);
    assert_int_equal(populate(b, 1, 1, 0), 1);
    frame = b->list[0];
    for ( uint32_t i = 0; i < UINT16_MAX; i++ )
        assert_int_equal(b->h.ops->map(b->h.hv, 1, frame), 0);
    assert_int_equal(b->h.ops->map(b->h.hv, 1, frame), -EINVAL);
    for ( uint32_t i = 0; i < UINT16_MAX; i++ )
        assert_int_equal(b->h.ops->unmap(b->h.hv, 1, frame), 0);
    assert_int_equal(b->h.ops->unmap(b->h.hv, 1, frame), -EINVAL);
}

static void counter_wrap(struct bench *b)
{
    struct heap *h = bench_heap(b);
    uint64_t frame;

    if ( bench_stub(b)->alloc != &buddy_allocator )
        return;
    create(b, 1, 10);
    h->dom[1].tot = h->dom[1].extra = UINT32_MAX;
    assert_int_equal(b->h.ops->extra_alloc(b->h.hv, 1, &frame), -ENOMEM);
    h->dom[1].tot = h->dom[1].extra = 0;
}

#define CASE(test)                                                            \
    static void test_##test(void **state)                                     \
    {                                                                         \
        (void)state;                                                          \
        for ( size_t i = 0; i < 2; i++ )                                      \
        {                                                                     \
            struct bench *b = test_malloc(sizeof(*b));                        \
            bench_open(b, allocators[i], NULL);                               \
            test(b);                                                          \
            bench_close(b);                                                   \
            test_free(b);                                                     \
        }                                                                     \
    }
/* clang-format off */
#define CASES \
    CASE(node_choice) \
    CASE(exact_without_node) \
    CASE(limit_below_what_is_owned) \
    CASE(max_order_of_callers) \
    CASE(nodes_of_plain_callers) \
    CASE(progress) \
    CASE(compat_words_are_32_bits) \
    CASE(domctl_rules) \
    CASE(destruction) \
    CASE(mappings) \
    CASE(counter_wrap)
/* clang-format on */
CASES

#undef CASE
#define CASE(test) cmocka_unit_test(test_##test),

int main(void)
{
    const struct CMUnitTest tests[] = { CASES };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
