/* SPDX-License-Identifier: MIT */
/* Saving a host and bringing it back, over allocators of several kinds. */
#include "stub_random.h"

#include <stdlib.h>

/* The bitmap allocator with a state that fits nowhere but in its own. */
#define LARGE (1 << 20)

static void *large_open(const struct alloc_services *svc)
{
    void *a = realloc(bitmap_allocator.open(svc), LARGE);

    assert_non_null(a);
    memset((char *)a + LARGE / 2, 0x5a, LARGE / 2);
    return a;
}

static void *large_save(const void *a, void *into)
{
    void *saved = realloc(into, LARGE);

    assert_non_null(saved);
    return memcpy(saved, a, LARGE);
}

static void large_restore(void *a, const void *saved)
{
    memcpy(a, saved, LARGE);
}

static uint64_t large_alloc(void *a, const struct alloc_request *req)
{
    return alloc_whole(&bitmap_allocator, a, req);
}

static struct allocator_ops large_allocator(void)
{
    struct allocator_ops ops = bitmap_allocator;

    ops.open = large_open;
    ops.save = large_save;
    ops.restore = large_restore;
    ops.alloc_domheap = large_alloc;
    ops.begin = NULL;
    ops.end = NULL;

    return ops;
}

/* A restore brings back what was saved, whatever came between, and any number
 * of them; one that is written over is another one. */
static void snapshots_of(const struct allocator_ops *allocator)
{
    struct bench *b = test_malloc(sizeof(*b));
    uint64_t seed = 1, hash[3], from = 1;
    void *saved[3] = { NULL };
    int changed = 0;

    bench_open(b, allocator, NULL);
    for ( int i = 0; i < 6; i++ )
    {
        for ( int n = 0; n < 50; n++ )
            random_call(b, &seed);
        saved[i % 3] = b->h.ops->save(b->h.hv, saved[i % 3]);
        assert_non_null(saved[i % 3]);
        hash[i % 3] = b->h.ops->hash(b->h.hv);
    }
    bench_reset(b, RELEASE_4_17, 2, 32, false);
    for ( int i = 0; i < 12; i++ )
    {
        b->h.ops->restore(b->h.hv, saved[i % 3]);
        assert_int_equal(b->h.ops->hash(b->h.hv), hash[i % 3]);
        assert_sound(b);
        for ( int n = 0; n < 20; n++ )
            random_call(b, &from);
        changed += b->h.ops->hash(b->h.hv) != hash[i % 3];
    }
    assert_true(changed);
    for ( int i = 0; i < 3; i++ )
        b->h.ops->discard(b->h.hv, saved[i]);
    bench_close(b);
    test_free(b);
}

static void snapshots(void **state)
{
    const struct allocator_ops large = large_allocator();

    (void)state;
    snapshots_of(&buddy_allocator);
    snapshots_of(&bitmap_allocator);
    snapshots_of(&large);
}

/* A release that a snapshot is of comes back with it. */
static void snapshot_has_its_release(void **state)
{
    struct bench *b = test_malloc(sizeof(*b));
    void *saved;

    (void)state;
    bench_open(b, NULL, NULL);
    create(b, 1, 10);
    saved = b->h.ops->save(b->h.hv, NULL);
    bench_reset(b, RELEASE_4_17, 1, 64, false);
    b->h.ops->restore(b->h.hv, saved);
    assert_ptr_equal(bench_stub(b)->facts, release_facts(RELEASE_4_22));
    assert_int_equal(view_of(b).dom[1].max, 10);
    b->h.ops->discard(b->h.hv, saved);
    bench_close(b);
    test_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snapshots),
        cmocka_unit_test(snapshot_has_its_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
