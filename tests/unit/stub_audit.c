/* SPDX-License-Identifier: MIT */
/* The audit must find each kind of damage, done here by hand. */
#include "stub_util.h"

static int setup(void **state)
{
    bench_setup(state);
    assert_int_equal(populate(*state, 1, 3, 0), 3);
    return 0;
}

static void expect(struct bench *b, const char *id)
{
    char why[160] = "";
    const char *found = b->h.ops->audit(b->h.hv, why, sizeof(why));

    assert_non_null(found);
    if ( strcmp(found, id) )
        fail_msg("expected %s, got %s: %s", id, found, why);
    assert_int_not_equal(strlen(why), 0);
}

/* The first block of a list of node 0. */
static uint32_t *head(struct heap *h, uint32_t zone, uint32_t order)
{
    return &list_heads(h)[list_of(h, 0, zone, order)];
}

/* Any free block of an order above 0 and where it is listed. */
static uint32_t some_block(struct heap *h, uint32_t *zone, uint32_t *order)
{
    for ( *zone = h->zone_top; *zone >= HV_ZONE_FIRST; (*zone)-- )
        for ( *order = h->orders - 1; *order > 0; (*order)-- )
            if ( *head(h, *zone, *order) != PAGE_NONE )
                return *head(h, *zone, *order);
    fail();
    return 0;
}

static void misaligned(void **state)
{
    struct heap *h = bench_heap(*state);
    uint32_t zone, order, id = some_block(h, &zone, &order);

    assert_sound(*state);
    ++*head(h, zone, order);
    h->page[id + 1] = h->page[id];
    expect(*state, "BUDDY");
}

static void not_merged(void **state)
{
    struct heap *h = bench_heap(*state);
    uint32_t zone, order, id = some_block(h, &zone, &order);

    block_remove(h, id);
    block_insert(h, id, order - 1);
    block_insert(h, id + (1U << (order - 1)), order - 1);
    expect(*state, "BUDDY");
}

/* Single pages, too. */
static void pages_not_merged(void **state)
{
    struct heap *h = bench_heap(*state);
    uint32_t zone, order, id = some_block(h, &zone, &order);

    block_remove(h, id);
    block_insert(h, id, 0);
    for ( uint32_t o = 0; o < order; o++ )
        block_insert(h, id + (1U << o), o);
    expect(*state, "BUDDY");
}

/* A list of coloured pages that comes back to where it was. */
static void colours_in_a_ring(void **state)
{
    struct bench *b = *state;
    struct heap *h = bench_heap(b);

    bench_reset(b, RELEASE_4_22, 1, 64, true);
    assert_sound(b);
    assert_int_not_equal(h->colour_head, PAGE_NONE);
    h->page[h->page[h->colour_head].next].next = h->colour_head;
    expect(b, "CONSERVE");
}

static void in_two_lists(void **state)
{
    struct heap *h = bench_heap(*state);
    uint32_t zone, order, id = some_block(h, &zone, &order);

    block_insert(h, id + 1, 0);
    expect(*state, "CONSERVE");
    h->page[id + 1].state = PAGE_FREE_INNER;
    expect(*state, "BUDDY"); /* a listed page that is no head */
}

static void overlapping(void **state)
{
    struct heap *h = bench_heap(*state);
    uint32_t zone, order, id = some_block(h, &zone, &order);
    uint32_t next = h->page[id].next;

    /* The same block twice in its list. */
    (void)zone;
    h->page[id].next = id;
    h->page[id].prev = PAGE_NONE;
    expect(*state, "BUDDY");
    h->page[id].next = next;
    assert_sound(*state);
}

static void wrong_list(void **state)
{
    struct heap *h = bench_heap(*state);
    uint32_t zone, order, id = some_block(h, &zone, &order);

    *head(h, zone == HV_ZONE_FIRST ? h->zone_top : HV_ZONE_FIRST, order) = id;
    *head(h, zone, order) = PAGE_NONE;
    expect(*state, "BUDDY");
}

static void lost_block(void **state)
{
    struct heap *h = bench_heap(*state);
    uint32_t zone, order, id = some_block(h, &zone, &order);

    block_remove(h, id);
    h->avail[0][zone] -= 1U << order;
    h->node_free[0] -= 1U << order;
    h->free -= 1U << order;
    expect(*state, "CONSERVE");
}

/* Each counter alone, one too high. */
static void counters(void **state)
{
    struct heap *h = bench_heap(*state);
    uint32_t zone = 0, order = 0;

    some_block(h, &zone, &order);
#define BUMP(field, id)                                                       \
    do                                                                        \
    {                                                                         \
        (field)++;                                                            \
        expect(*state, id);                                                   \
        (field)--;                                                            \
        assert_sound(*state);                                                 \
    } while ( 0 )
    BUMP(h->free, "CONSERVE");
    BUMP(h->node_free[0], "CONSERVE");
    BUMP(h->node_free[3], "CONSERVE");
    BUMP(h->avail[0][zone], "CONSERVE");
    BUMP(list_counts(h)[list_of(h, 0, zone, order)], "CONSERVE");
    BUMP(h->dom[1].tot, "OWNER");
    BUMP(h->dom[1].extra, "OWNER");
    BUMP(bench_stub(*state)->w.dom[1].owned, "OWNER");
    BUMP(bench_stub(*state)->w.dom[1].allocated, "OWNER");
    BUMP(bench_stub(*state)->w.dom[1].refs, "OWNER");
    BUMP(bench_stub(*state)->w.dom[2].refs, "OWNER");
#undef BUMP
}

static struct frame *frame_with(struct bench *b, uint8_t owner, uint8_t flags)
{
    struct stub *s = bench_stub(b);

    for ( uint32_t i = 0; i < s->w.pages; i++ )
        if ( s->frame[i].owner == owner && s->frame[i].flags == flags )
            return &s->frame[i];
    fail();
    return NULL;
}

static void frames(void **state)
{
    struct bench *b = *state;
    struct frame *f = frame_with(b, 2, FRAME_ALLOCATED), *g, was = *f;

    f->owner = 1; /* dom0's here, d1's there */
    expect(b, "OWNER");
    *f = was;
    f->flags = 0; /* nothing refers to it */
    expect(b, "CONSERVE");
    *f = was;
    g = frame_with(b, 0, 0); /* free, but marked */
    g->flags = FRAME_ANON;
    expect(b, "CONSERVE");
    g->flags = 0;
    g = frame_with(b, 0, FRAME_ANON);
    g->flags = 0; /* neither free nor in use */
    expect(b, "CONSERVE");
    g->flags = FRAME_ANON;
    g->maps = 1;
    expect(b, "CONSERVE");
    g->maps = 0;
    assert_sound(b);
    f->flags |= FRAME_ANON; /* d1's as well */
    expect(b, "CONSERVE");
    *f = was;
    bench_heap(b)->page[g - bench_stub(b)->frame].owner = 1;
    expect(b, "OWNER");
}

/* Frames in a stash are nobody's, not free, and in the stash of a domain. */
static void stashed(void **state)
{
    struct bench *b = *state;
    struct frame *free = frame_with(b, 0, 0);
    struct frame *anon = frame_with(b, 0, FRAME_ANON);
    struct frame *owned = frame_with(b, 2, FRAME_ALLOCATED);

    free->flags = FRAME_STASHED;
    expect(b, "STASH");
    free->flags = 0;
    owned->flags |= FRAME_STASHED;
    expect(b, "STASH");
    owned->flags = FRAME_ALLOCATED;
    anon->flags = FRAME_STASHED;
    expect(b, "STASH"); /* no domain has it */
    anon->owner = 2;
    expect(b, "STASH");
    anon->owner = 0;
    anon->flags = FRAME_ANON;
    assert_sound(b);
}

/* A domain that is gone has nothing. */
static void gone(void **state)
{
    struct domain *d = &bench_stub(*state)->w.dom[1];
    struct domain was = *d;

    d->present = false;
    expect(*state, "OWNER"); /* referred to */
    d->refs = 0;
    expect(*state, "OWNER"); /* with pages */
    *d = was;
    assert_sound(*state);
}

/* ---- an allocator that is sound, and says otherwise ---- */

static struct
{
    struct allocator_ops ops;
    const struct allocator_ops *honest;
    uint64_t frame; /* this one is d1's */
} liar;

static void one_more(const void *a, uint32_t doms,
                     struct hv_domain_view dom[HV_DOMS_MAX])
{
    liar.honest->counts(a, doms, dom);
    dom[1].extra++;
}

static void one_is_owned(const void *a, uint64_t frame, uint32_t nr,
                         struct alloc_page *pages)
{
    liar.honest->pages(a, frame, nr, pages);
    if ( liar.frame - frame < nr )
        pages[liar.frame - frame].owner = 1;
}

static void lies_of_the_allocator(void **state)
{
    struct bench *b = *state;
    struct stub *s = bench_stub(b);

    liar.honest = s->alloc;
    liar.ops = *liar.honest;
    s->alloc = &liar.ops;
    assert_sound(b);
    liar.ops.counts = one_more;
    expect(b, "OWNER");
    liar.ops.counts = liar.honest->counts;
    liar.frame = HV_FRAME_BASE + (uint64_t)(frame_with(b, 0, 0) - s->frame);
    liar.ops.pages = one_is_owned; /* of a free page */
    expect(b, "OWNER");
    s->alloc = liar.honest;
    assert_sound(b);
}

static void bugs_are_told(void **state)
{
    struct bench *b = *state;
    uint64_t frame = b->list[0];

    if ( !setjmp(b->back) )
        b->h.ops->anon_free(b->h.hv, frame, 0); /* a domain's */
    assert_string_equal(b->id, "BUG");

    bench_reset(b, RELEASE_4_22, 1, 64, false);
    if ( !setjmp(b->back) )
        put_domain(b->h.hv, 3);
    assert_string_equal(b->id, "BUG");

    bench_reset(b, RELEASE_4_22, 1, 64, false);
    create(b, 1, 40);
    assert_int_equal(claim(b, 1, 5), 0);
    bench_heap(b)->claimed = 0; /* less than the claim to be redeemed */
    if ( !setjmp(b->back) )
        (void)populate(b, 1, 1, 0);
    assert_string_equal(b->id, "BUG");
}

/* Of drafts with claim sets. */
static void parts_of_claims(void **state)
{
    struct bench *b = *state;
    struct heap *h = bench_heap(b);

    bench_reset(b, RELEASE_DRAFT_V8, 2, 64, false);
    create(b, 1, 40);
    assert_int_equal(claim(b, 1, 5), 0);
    assert_sound(b);
    h->dom[1].node_claims = 2; /* of no node */
    expect(b, "SET-SUM");
    h->dom[1].node_claim[1] = 2;
    expect(b, "NODE-CLAIM-SUM");
    h->node_claimed[1] = 2;
    assert_sound(b);
    h->dom[1].claim = 1; /* less than its parts */
    expect(b, "SET-SUM");
}

static void bitmap(void **state)
{
    struct bench *b = test_malloc(sizeof(*b));
    struct stub *s;
    uint64_t id;

    (void)state;
    bench_open(b, &bitmap_allocator, NULL);
    assert_sound(b);
    s = bench_stub(b);
    id = (uint64_t)(frame_with(b, 1, FRAME_ALLOCATED) - s->frame);
    bitmap_allocator.free(s->a, 0, HV_FRAME_BASE + id, 0);
    expect(b, "OWNER"); /* it was freed behind the front end */
    bench_close(b);
    test_free(b);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, bench_teardown)
    const struct CMUnitTest tests[] = {
        T(misaligned),
        T(not_merged),
        T(pages_not_merged),
        T(colours_in_a_ring),
        T(in_two_lists),
        T(overlapping),
        T(wrong_list),
        T(lost_block),
        T(counters),
        T(frames),
        T(stashed),
        T(gone),
        T(lies_of_the_allocator),
        T(bugs_are_told),
        T(parts_of_claims),
        cmocka_unit_test(bitmap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
