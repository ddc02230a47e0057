/* SPDX-License-Identifier: MIT */
/*
 * What the stub's allocator does where a correct hypervisor is free: nobody sees
 * it in a result. Which block it takes, what it leaves in a page's state, what it
 * says of its lists. Not here: what calls show (stub_reservation.c and others).
 */
#include "stub_util.h"

static long anon_alloc(struct bench *b, uint32_t order, uint64_t *frame)
{
    return b->h.ops->anon_alloc(b->h.hv, -1, order, frame);
}

/* The lower frame of a pair that both belong to the domain, from a frame on. */
static uint64_t pair_from(struct bench *b, int dom, uint64_t frame)
{
    const struct heap *h = bench_heap(b);

    for ( frame += frame & 1;; frame += 2 )
    {
        uint64_t id = frame - HV_FRAME_BASE;

        assert_true(id + 1 < h->pages);
        if ( h->page[id].owner == dom && h->page[id + 1].owner == dom )
            return frame;
    }
}

static void free_pair(struct bench *b, uint16_t dom, uint64_t frame)
{
    b->list[0] = frame;
    b->list[1] = frame + 1;
    assert_int_equal(decrease(b, dom, 2), 2);
}

/* Two free pairs and no other page: a clean one, and in front of it in its list
 * one that must be scrubbed. */
static void two_pairs(struct bench *b, uint64_t *clean, uint64_t *dirty)
{
    uint64_t of_domain;
    uint32_t rest;

    create(b, 2, 64);
    max_mem(b, 1, 64);
    assert_int_equal(populate(b, 2, 1, 1), 1);
    rest = (uint32_t)view_of(b).free;
    assert_int_equal(populate(b, 1, rest, 0), rest);
    *dirty = pair_from(b, 2, HV_FRAME_BASE);
    *clean = pair_from(b, 1, HV_FRAME_BASE);
    b->h.ops->write(b->h.hv, 2, *dirty, 1);
    free_pair(b, 1, *clean);
    assert_int_equal(destroy(b, 2, 0), 0);
    /* With d2 went the page that Xen has for each domain. */
    assert_int_equal(view_of(b).free, 5);
    assert_int_equal(anon_alloc(b, 0, &of_domain), 0);
}

static void dirty_blocks_come_last(void **state)
{
    struct bench *b = *state;
    uint64_t clean, dirty, frame;

    two_pairs(b, &clean, &dirty);
    assert_int_equal(anon_alloc(b, 1, &frame), 0);
    assert_int_equal(frame, clean);
    assert_int_equal(anon_alloc(b, 1, &frame), 0);
    assert_int_equal(frame, dirty);
}

static void a_dirty_page_is_as_good(void **state)
{
    struct bench *b = *state;
    uint64_t clean, dirty, frame;

    two_pairs(b, &clean, &dirty);
    assert_int_equal(anon_alloc(b, 0, &frame), 0);
    assert_int_equal(frame & ~UINT64_C(1), dirty);
}

/* Those of the block alone count. */
static void which_blocks_are_dirty(void **state)
{
    struct heap *h = bench_heap(*state);
    uint32_t id = 0, n;

    while ( h->page[id].state != PAGE_FREE || !h->page[id].order ||
            id + (1U << h->page[id].order) >= h->pages )
        assert_true(++id < h->pages);
    n = 1U << h->page[id].order;
    h->node_dirty[0] = 1;
    h->page[id + n].flags |= PAGE_IS_DIRTY;
    assert_false(block_dirty(h, id));
    h->page[id + n - 1].flags |= PAGE_IS_DIRTY;
    assert_true(block_dirty(h, id));
}

static void assert_no_links(struct bench *b)
{
    const struct heap *h = bench_heap(b);
    uint32_t used = 0;

    for ( uint32_t id = 0; id < h->pages; id++ )
    {
        const struct heap_page *p = &h->page[id];

        if ( p->state != PAGE_USED )
            continue;
        used++;
        assert_int_equal(p->next, 0);
        assert_int_equal(p->prev, 0);
        assert_int_equal(p->order, 0);
    }
    assert_true(used >= 9);
}

/* Equal states have equal hashes. */
static void pages_in_use_have_no_links(void **state)
{
    struct bench *b = *state;

    assert_int_equal(populate(b, 1, 9, 0), 9);
    assert_int_equal(populate(b, 1, 3, 1), 3);
    assert_int_equal(populate(b, 1, 2, 3), 2);
    assert_no_links(b);
}

static void pages_with_a_colour_have_no_links(void **state)
{
    struct bench *b = *state;

    bench_reset(b, RELEASE_4_22, 1, 64, true);
    create(b, 1, 40);
    assert_int_equal(populate(b, 1, 9, 0), 9);
    assert_no_links(b);
}

/* No more zones than have frames. */
static void lists_are_those_of_the_host(void **state)
{
    struct bench *b = *state;

    for ( uint32_t pages = 1; pages <= HV_NODE_PAGES_MAX / 2; pages *= 2 )
    {
        struct hv_capacity c;

        bench_reset(b, RELEASE_4_22, 2, pages, false);
        b->h.ops->capacity(b->h.hv, &c);
        assert_int_equal(c.nodes, 2);
        assert_int_equal(c.zone_first, zone_of(0));
        assert_int_equal(c.zones, zone_of(2 * pages - 1) - zone_of(0) + 1);
        assert_int_equal(c.orders, 32 - __builtin_clz(2 * pages));
    }
    bench_reset(b, RELEASE_4_22, HV_NODES_MAX, HV_NODE_PAGES_MAX, false);
    assert_int_equal(bench_heap(b)->orders, HV_ORDERS);
    assert_sound(b);
}

/* A free page that must be scrubbed goes out of use, and comes back as one that
 * need not; it stays counted (rules 4.9). */
static void dirt_is_forgotten(void **state)
{
    struct bench *b = *state;
    uint64_t clean, dirty, before[HV_NODES_MAX], after[HV_NODES_MAX];
    struct hv_page page;
    uint32_t status;

    two_pairs(b, &clean, &dirty);
    b->h.ops->scrub_pages(b->h.hv, before);
    b->h.ops->page(b->h.hv, dirty, &page);
    assert_true(page.dirty);
    assert_int_equal(heap_offline(bench_heap(b), dirty, false, &status), 0);
    assert_int_equal(heap_online(bench_heap(b), dirty, &status), 0);
    b->h.ops->page(b->h.hv, dirty, &page);
    assert_true(page.free);
    assert_false(page.dirty);
    b->h.ops->scrub_pages(b->h.hv, after);
    assert_int_equal(after[0], before[0]);
}

/* Faults that are planted in the allocator are counted with it. */
static void hits_are_counted(void **state)
{
    struct bench *b = *state;

    bench_close(b);
    bench_open(b, NULL, "claim_not_set_on_domain");
    create(b, 1, 40);
    assert_int_equal(b->h.ops->fault_hits(b->h.hv), 0);
    assert_int_equal(claim(b, 1, 5), 0);
    assert_int_equal(b->h.ops->fault_hits(b->h.hv), 1);
}

/* A page that was given in an exchange comes back, but to a domain that dies it
 * does not: the rest counts no more. */
static void a_dying_domain_adopts_nothing(void **state)
{
    struct bench *b = *state;
    struct stub *s = bench_stub(b);
    uint64_t frame;

    assert_int_equal(populate(b, 1, 5, 0), 5);
    frame = b->list[0];
    s->alloc->steal(s->a, 1, frame);
    assert_true(s->alloc->adopt(s->a, 1, frame, 0, 1));
    assert_int_equal(view_of(b).dom[1].tot, 5);

    s->alloc->steal(s->a, 1, frame);
    s->w.dom[1].dying = DYING_DYING;
    assert_false(s->alloc->adopt(s->a, 1, frame, 0, 1));
    assert_int_equal(bench_heap(b)->page[frame - HV_FRAME_BASE].owner,
                     OWNER_NONE);
    assert_int_equal(view_of(b).dom[1].tot, 4);
}

/* A domain that has yet to run gets pages at once where no block can be put
 * aside for it. */
static void no_stash_no_stop(void **state)
{
    struct bench *b = *state;

    bench_close(b);
    bench_open(b, &bitmap_allocator, NULL);
    create(b, 1, 40);
    b->preempts = 3;
    assert_int_equal(populate(b, 1, 4, 0), 4);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)
    const struct CMUnitTest tests[] = {
        T(dirty_blocks_come_last),
        T(a_dirty_page_is_as_good),
        T(which_blocks_are_dirty),
        T(pages_in_use_have_no_links),
        T(pages_with_a_colour_have_no_links),
        T(lists_are_those_of_the_host),
        T(dirt_is_forgotten),
        T(hits_are_counted),
        T(a_dying_domain_adopts_nothing),
        T(no_stash_no_stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
