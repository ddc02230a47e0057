/* SPDX-License-Identifier: MIT */
/* Lock discipline: each violation must fail; and the windows of rules 5. */
#include "stub_util.h"

static int setup(void **state)
{
    struct bench *b = test_malloc(sizeof(*b));

    bench_open(b, NULL, NULL);
    *state = b;
    return 0;
}

static void take(struct bench *b, enum hv_lock lock, int dom)
{
    stub_lock(b->h.hv, lock, dom, "test", 1);
}

static void drop(struct bench *b, enum hv_lock lock, int dom)
{
    stub_unlock(b->h.hv, lock, dom, "test", 1);
}

/* What the fail hook is told of when first is held and second is taken; NULL
 * if nothing is wrong. */
static const char *pair(struct bench *b, enum hv_lock first, int dom1,
                        enum hv_lock second, int dom2)
{
    bench_reset(b, RELEASE_4_22, 1, 64, false);
    if ( !setjmp(b->back) )
    {
        take(b, first, dom1);
        take(b, second, dom2);
    }
    return b->id;
}

static void order(void **state)
{
    struct bench *b = *state;
    const enum hv_lock host[] = { HV_LOCK_DOMCTL, HV_LOCK_SYSCTL,
                                  HV_LOCK_DOMLIST, HV_LOCK_PAGE_ALLOC,
                                  HV_LOCK_HEAP };
    const int NR_HOST = sizeof(host) / sizeof(host[0]);

    for ( int i = 0; i < NR_HOST; i++ )
        for ( int j = 0; j < NR_HOST; j++ )
        {
            const char *id = pair(b, host[i], 1, host[j], 1);

            if ( j > i || (i == j && host[i] == HV_LOCK_PAGE_ALLOC) )
                assert_null(id);
            else
                assert_string_equal(id, "LOCKS");
        }
    assert_string_equal(pair(b, HV_LOCK_PAGE_ALLOC, 1, HV_LOCK_PAGE_ALLOC, 2),
                        "LOCKS");
    assert_string_equal(pair(b, HV_LOCK_PAGE_ALLOC, 2, HV_LOCK_PAGE_ALLOC, 1),
                        "LOCKS");
    assert_string_equal(pair(b, HV_LOCK_HEAP, -1, HV_LOCK_PAGE_ALLOC, 3),
                        "LOCKS");
    assert_string_equal(b->what, "page_alloc_lock of d3 taken while heap_lock "
                                 "is held: against the lock order");
    assert_string_equal(pair(b, HV_LOCK_DOMCTL, -1, HV_LOCK_PAGE_ALLOC, -1),
                        "BUG");
}

static void release_of_a_free_lock(void **state)
{
    static const char *const names[] = {
        [HV_LOCK_DOMCTL] = "domctl_lock",
        [HV_LOCK_SYSCTL] = "sysctl_lock",
        [HV_LOCK_DOMLIST] = "domlist_lock",
        [HV_LOCK_PAGE_ALLOC] = "page_alloc_lock of d3",
        [HV_LOCK_HEAP] = "heap_lock",
    };
    struct bench *b = *state;

    for ( volatile int lock = 0; lock < 5; lock++ )
    {
        char expected[160];

        bench_reset(b, RELEASE_4_22, 1, 64, false);
        if ( !setjmp(b->back) )
            drop(b, (enum hv_lock)lock, 3);
        assert_string_equal(b->id, "LOCKS");
        snprintf(expected, sizeof(expected),
                 "%s released by one that does not hold it", names[lock]);
        assert_string_equal(b->what, expected);
    }
}

static void held_on_return(void **state)
{
    struct bench *b = *state;

    for ( volatile int what = 0; what < 3; what++ )
    {
        struct hv_caller dom0 = hv_caller_dom0();
        uint64_t cmd = XENMEM_claim_pages;

        bench_reset(b, RELEASE_4_22, 1, 64, false);
        if ( !setjmp(b->back) )
        {
            take(b, HV_LOCK_HEAP, -1);
            if ( what == 0 )
                b->h.ops->memory_op(b->h.hv, &dom0, &cmd, 0);
            else if ( what == 1 )
                (void)domctl(b, XEN_DOMCTL_getdomaininfo, 0, 0);
            else
                (void)domctl(b, XEN_DOMCTL_max_mem, 0, 1);
        }
        assert_string_equal(b->id, "LOCKS");
    }
}

static void recursion(void **state)
{
    struct bench *b = *state;
    struct stub *s = bench_stub(b);

    take(b, HV_LOCK_PAGE_ALLOC, 1);
    take(b, HV_LOCK_HEAP, -1);
    take(b, HV_LOCK_PAGE_ALLOC, 1); /* already ours: cannot deadlock */
    drop(b, HV_LOCK_PAGE_ALLOC, 1);
    drop(b, HV_LOCK_HEAP, -1);
    assert_int_not_equal(s->w.held, 0);
    drop(b, HV_LOCK_PAGE_ALLOC, 1);
    assert_int_equal(s->w.held, 0);
}

/* ---- what an observer sees at each release of heap_lock ---- */

struct trace
{
    struct bench *b;
    uint64_t free[64], claimed[64];
    uint32_t n;
    int depth, events;
    const void *heap, *domain; /* lock objects; NULL: not met */
};

/* One heap_lock, one page_alloc_lock for each domain. */
static void note_object(struct trace *t, enum hv_event event,
                        enum hv_lock lock, const void *object)
{
    const void **known = lock == HV_LOCK_HEAP ? &t->heap : &t->domain;

    assert_true(event == HV_EVENT_PREEMPT ? !object : object != NULL);
    if ( lock != HV_LOCK_HEAP && lock != HV_LOCK_PAGE_ALLOC )
        return;
    assert_true(!*known || *known == object);
    *known = object;
}

static void watch(void *ctx, enum hv_event event, enum hv_lock lock,
                  const void *object, const char *fn, int line)
{
    struct trace *t = (struct trace *)(void *)((struct bench *)ctx)->list;

    note_object(t, event, lock, object);
    assert_non_null(fn);
    assert_true(line > 0);
    t->events++;
    t->depth += event == HV_EVENT_LOCK ? 1 : event == HV_EVENT_UNLOCK ? -1 : 0;
    if ( event != HV_EVENT_UNLOCK || lock != HV_LOCK_HEAP )
        return;
    t->b->h.ops->heap(t->b->h.hv, &t->free[t->n], &t->claimed[t->n]);
    t->n++;
}

/* Populate a block of 4 under a claim of 5, then free it again. */
static void windows(void **state)
{
    struct bench *b = *state;
    struct hv_call c = memory_call(XENMEM_increase_reservation, 1, 1);
    struct trace *t = (struct trace *)(void *)b->list;
    uint64_t start;

    assert_true(sizeof(*t) <= sizeof(b->list));
    for ( int r = 0; r < RELEASE_COUNT; r++ )
    {
        bench_reset(b, r, 1, 64, false);
        create(b, 1, 40);
        assert_int_equal(claim(b, 1, 5), 0);
        start = view_of(b).free;
        memset(t, 0, sizeof(*t));
        t->b = b;
        bench_stub(b)->hooks.event = watch;
        bench_stub(b)->hooks.events = UINT32_MAX;
        c.resv.extent_order = 2;
        assert_int_equal(issue(b, &c), 1);
        bench_stub(b)->hooks.events = 0;
        assert_int_equal(t->depth, 0);
        assert_int_equal(t->free[0], start - 4);
        /* W1: the heap is lower, the claim is not yet. */
        assert_int_equal(t->claimed[0], regime(r) == 'C' ? 1 : 5);
        assert_int_equal(t->n, regime(r) == 'C' ? 1 : 2);
        assert_int_equal(t->claimed[t->n - 1], 1);

        /* W3: freeing one page raises the claim before the heap (R-A). */
        memset(t, 0, sizeof(*t));
        t->b = b;
        for ( uint32_t i = 0; i < 64; i++ )
            if ( bench_stub(b)->frame[i].owner == 2 )
            {
                bench_stub(b)->hooks.event = watch;
                bench_stub(b)->hooks.events = UINT32_MAX;
                put_alloc_ref(b->h.hv, HV_FRAME_BASE + i);
                break;
            }
        bench_stub(b)->hooks.events = 0;
        assert_int_equal(t->n, regime(r) == 'A' ? 2 : 1);
        assert_int_equal(t->free[t->n - 1], start - 3);
        assert_int_equal(t->claimed[0], regime(r) == 'A' ? 2 : 1);
        if ( regime(r) == 'A' )
            assert_int_equal(t->free[0], start - 4);
    }
}

/* The page_alloc_locks of two domains are two objects, the heap_lock is one. */
static void objects(void **state)
{
    struct bench *b = *state;
    struct trace *t = (struct trace *)(void *)b->list;
    const void *heap[2], *domain[2];

    for ( uint16_t d = 1; d <= 2; d++ )
    {
        create(b, d, 10);
        memset(t, 0, sizeof(*t));
        t->b = b;
        bench_stub(b)->hooks.event = watch;
        bench_stub(b)->hooks.events = UINT32_MAX;
        assert_int_equal(claim(b, d, 5), 0);
        bench_stub(b)->hooks.events = 0;
        heap[d - 1] = t->heap;
        domain[d - 1] = t->domain;
    }
    assert_ptr_equal(heap[0], heap[1]);
    assert_non_null(domain[0]);
    assert_ptr_not_equal(domain[0], domain[1]);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, bench_teardown)
    const struct CMUnitTest tests[] = {
        T(order),          T(release_of_a_free_lock),
        T(held_on_return), T(recursion),
        T(windows),        T(objects),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
