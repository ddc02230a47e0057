/* SPDX-License-Identifier: MIT */
/* Memory of a stub: all is given back, nothing is written behind it, and it may
 * run out. Not in stub_world.c, whose runs have the C library's own. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "stub_random.h"

#include "hypervisor/room.h"

#include <malloc.h>
#include <stdlib.h>
#include <sys/mman.h>

/* What comes behind each block; which of those that are asked for, from 1, is not
 * to be had; 0: all are. */
#define CANARY 0x5a
#define CANARY_SIZE 16

static struct
{
    unsigned int fails, nr;
    char *end[16];
    bool watched;
    int rooms;
} memory;

/* Through a pointer, for compilers know that this is calloc(). */
static void *(*volatile allocate)(size_t size) = malloc;

/* The C library's, for all that is linked here. */
void *calloc(size_t n, size_t size)
{
    size_t all = n * size;
    char *p;

    if ( memory.watched && ++memory.nr == memory.fails )
        return NULL;
    p = allocate(all + CANARY_SIZE);
    if ( !p )
        return NULL;
    memset(p, 0, all);
    memset(p + all, CANARY, CANARY_SIZE);
    if ( memory.watched )
    {
        assert_true(memory.nr <= 16);
        memory.end[memory.nr - 1] = p + all;
    }

    return p;
}

/* In the place of hypervisor/room.c. */
void *room_new(size_t bytes)
{
    char *p;

    if ( memory.watched && ++memory.nr == memory.fails )
        return NULL;
    p = mmap(NULL, bytes + CANARY_SIZE, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_ptr_not_equal(p, MAP_FAILED);
    memset(p + bytes, CANARY, CANARY_SIZE);
    memory.rooms++;

    return p;
}

/* Nothing was written behind it, and its size is what it was. */
void room_free(void *room, size_t bytes)
{
    const char *start = room;

    if ( !room )
        return;
    for ( unsigned int i = 0; i < CANARY_SIZE; i++ )
        assert_int_equal(start[bytes + i], CANARY);
    assert_int_equal(munmap(room, bytes + CANARY_SIZE), 0);
    memory.rooms--;
}

/* From now on; the block of that number is not to be had. */
static void watch(unsigned int fails)
{
    memory.watched = true;
    memory.nr = 0;
    memory.fails = fails;
    memset(memory.end, 0, sizeof(memory.end));
}

/* Bytes; 0 where a sanitizer has them. */
static size_t in_use(void)
{
    struct mallinfo2 m = mallinfo2();

    return m.uordblks + m.hblkhd;
}

/* Does it leave memory behind each time? The library keeps a few small blocks of
 * each size, which count as in use, and rounds sizes up. */
static bool leaks(void (*round)(void *arg), void *arg)
{
    int rooms = memory.rooms;
    size_t before = 0;

    for ( int i = 0; i < 24; i++ )
    {
        if ( i == 8 )
            before = in_use();
        round(arg);
    }

    return in_use() > before + 4096 || memory.rooms != rooms;
}

/* Hosts of several sizes, more of them than are kept, and one that is saved. */
static void use(void *arg)
{
    struct bench *b = arg;

    bench_open(b, NULL, NULL);
    for ( uint32_t pages = 1; pages < 40; pages += 2 )
        bench_reset(b, RELEASE_4_22, 1, pages, false);
    b->h.ops->discard(b->h.hv, b->h.ops->save(b->h.hv, NULL));
    bench_close(b);
}

static void all_memory_is_given_back(void **state)
{
    struct bench *b = test_malloc(sizeof(*b));

    (void)state;
    assert_false(leaks(use, b));
    test_free(b);
}

static void nothing_is_written_behind_a_block(void **state)
{
    struct bench *b = test_malloc(sizeof(*b));

    (void)state;
    watch(0);
    bench_open(b, NULL, NULL);
    memory.watched = false;
    bench_reset(b, RELEASE_4_22, HV_NODES_MAX, HV_NODE_PAGES_MAX, false);
    for ( unsigned int i = 0; i < memory.nr; i++ )
        for ( unsigned int j = 0; memory.end[i] && j < CANARY_SIZE; j++ )
            assert_int_equal(memory.end[i][j], CANARY);
    bench_close(b);
    test_free(b);
}

/* What is behind them is looked at when they are given back. */
static void rooms_hold_the_largest_host(void **state)
{
    struct bench *b = test_malloc(sizeof(*b));
    struct stub *s;

    (void)state;
    bench_open(b, NULL, NULL);
    s = bench_stub(b);
    memset(s->frame, 0, HV_PAGES_MAX * sizeof(s->frame[0]));
    memset(s->chunk_in, 0, HV_PAGES_MAX * sizeof(s->chunk_in[0]));
    memset(s->chunk_out, 0, HV_PAGES_MAX * sizeof(s->chunk_out[0]));
    bench_close(b);
    test_free(b);
}

/* An allocator that was not opened is not closed. */
static void close_opened(void *a)
{
    assert_non_null(a);
    buddy_allocator.close(a);
}

/* Memory runs out at one block. */
static void fail_to_open(void *arg)
{
    struct allocator_ops allocator = buddy_allocator;
    const struct stub_options options = { .allocator = &allocator };
    const char *why = NULL;
    struct hypervisor h;
    bool opened;

    allocator.close = close_opened;
    watch(*(unsigned int *)arg);
    opened = stub_open(&h, &options, &why);
    memory.watched = false;
    assert_false(opened);
    assert_string_equal(why, "out of memory");
}

/* Whichever it is. */
static void memory_may_run_out(void **state)
{
    struct bench *b = test_malloc(sizeof(*b));
    unsigned int nr;

    (void)state;
    watch(0);
    bench_open(b, NULL, NULL);
    memory.watched = false;
    bench_close(b);
    test_free(b);
    nr = 5; /* the blocks of a stub; then come those of a host */
    assert_true(memory.nr >= nr);
    for ( unsigned int fails = 1; fails <= nr; fails++ )
        assert_false(leaks(fail_to_open, &fails));
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(all_memory_is_given_back),
        T(memory_may_run_out),
        T(nothing_is_written_behind_a_block),
        T(rooms_hold_the_largest_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
