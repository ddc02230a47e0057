/* SPDX-License-Identifier: MIT */
/*
 * An exchange whose domain is destroyed meanwhile, as by another CPU: what it
 * still has is freed, and nothing comes back. No program can do so, for calls do
 * not overlap. Not here: exchanges that nobody disturbs (the corpus).
 */
#include "stub_util.h"

/* Destroy d1 when that lock is released for the so-many-th time. */
struct other_cpu
{
    struct bench bench;
    enum hv_lock lock;
    unsigned int releases;
    uint64_t mapped; /* a frame of d1 that does not go with it; 0: none */
};

static void on_event(void *ctx, enum hv_event event, enum hv_lock lock,
                     const void *object, const char *fn, int line)
{
    struct other_cpu *o = ctx;

    (void)object;
    (void)fn;

    (void)line;
    if ( event != HV_EVENT_UNLOCK || lock != o->lock || !o->releases ||
         --o->releases )
        return;
    assert_int_equal(domain_kill(bench_stub(&o->bench), 1), 0);
}

static void start(struct other_cpu *o, bool map)
{
    struct bench *b = &o->bench;

    memset(o, 0, sizeof(*o));
    bench_open(b, NULL, NULL);
    b->hooks.ctx = o;
    b->hooks.event = on_event;
    b->hooks.events = 1U << HV_EVENT_UNLOCK;
    b->h.ops->reset(b->h.hv, &b->shape, &b->hooks);
    create(b, 1, 40);
    assert_int_equal(populate(b, 1, 2, 1), 2);
    if ( !map )
        return;
    o->mapped = b->list[1];
    assert_int_equal(b->h.ops->map(b->h.hv, 1, o->mapped), 0);
}

/* The first pair of d1 for as many single pages, destroyed at that release. */
static long exchange(struct other_cpu *o, enum hv_lock lock,
                     unsigned int releases)
{
    struct hv_call c = memory_call(XENMEM_exchange, 1, 1);

    c.arg = GUEST_ARG_END - sizeof(struct xen_memory_exchange);
    c.arg_bytes = sizeof(struct xen_memory_exchange);
    c.resv.extent_order = 1;
    c.resv.extent_start.p = (void *)(uintptr_t)(GUEST_LIST_END - 3 * 8);
    c.out = (struct xen_memory_reservation){ .nr_extents = 2, .domid = 1 };
    c.out.extent_start.p = (void *)(uintptr_t)(GUEST_LIST_END - 2 * 8);
    c.list_entries = 3;
    c.list = o->bench.list;
    o->lock = lock;
    o->releases = releases;

    return issue(&o->bench, &c);
}

/* All is free again, and nothing is left of d1; what is mapped stays for so
 * long. */
static void assert_gone(struct other_cpu *o, uint64_t free)
{
    struct bench *b = &o->bench;

    assert_int_equal(o->releases, 0);
    assert_sound(b);
    if ( o->mapped )
    {
        assert_int_equal(view_of(b).dom[1].state, HV_DOM_DEAD);
        assert_int_equal(view_of(b).dom[1].tot, 1);
        assert_int_equal(b->h.ops->unmap(b->h.hv, 1, o->mapped), 0);
        assert_sound(b);
    }
    assert_int_equal(view_of(b).dom[1].state, HV_DOM_ABSENT);
    assert_int_equal(view_of(b).free, free);
}

static void finish(struct other_cpu *o)
{
    bench_close(&o->bench);
    test_free(o);
}

/* Before anything was given: in steal, in begin, and after the first page. */
static void outputs_are_lost(void **state)
{
    const struct
    {
        enum hv_lock lock;
        unsigned int releases;
    } at[] = { { HV_LOCK_HEAP, 1 },
               { HV_LOCK_HEAP, 2 },
               { HV_LOCK_PAGE_ALLOC, 2 },
               { HV_LOCK_PAGE_ALLOC, 3 } };

    (void)state;
    for ( size_t i = 0; i < 2 * sizeof(at) / sizeof(at[0]); i++ )
    {
        struct other_cpu *o = test_malloc(sizeof(*o));

        start(o, i % 2);
        assert_int_equal(exchange(o, at[i / 2].lock, at[i / 2].releases), 0);
        assert_gone(o, 64 - 4);
        finish(o);
    }
}

/* There is no memory: the inputs cannot go back either. */
static void inputs_are_lost(void **state)
{
    (void)state;
    for ( unsigned int i = 0; i < 2; i++ )
    {
        struct other_cpu *o = test_malloc(sizeof(*o));
        struct bench *b = &o->bench;
        uint64_t frame;
        uint32_t taken = 0;

        start(o, i);
        while ( !b->h.ops->anon_alloc(b->h.hv, -1, 0, &frame) )
            taken++;
        assert_int_equal(exchange(o, HV_LOCK_HEAP, 1), -ENOMEM);
        assert_gone(o, 64 - 4 - taken);
        finish(o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_are_lost),
        cmocka_unit_test(inputs_are_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
