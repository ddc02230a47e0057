/* SPDX-License-Identifier: MIT */
/* populate and increase: rules 3.1-3.4, 4.1-4.6, and their 32-bit forms. */
#include "model_rig.h"

#define POPULATE XENMEM_populate_physmap
#define INCREASE XENMEM_increase_reservation
#define R_A RELEASE_4_17
#define R_B RELEASE_4_21
#define R_C RELEASE_4_22

static const enum release regimes[] = { R_A, R_B, R_C };

/* A domain d1 with a limit, on a host with so many free pages. */
static struct rig *with_domain(enum release rel, uint64_t free, uint32_t max)
{
    struct rig *r = rig_new(rel, 1, free);

    rig_create(r, 1, max);
    return r;
}

/* d1 gets blocks: the view changes as regimes without surprises have it. */
static void gets(struct rig *r, uint32_t blocks, uint32_t order)
{
    uint32_t pages = blocks << order, claim = r->seen.dom[1].claim;

    rig_frames(r->out, blocks, 64, order);
    rig_free(r, -(int64_t)pages);
    r->seen.dom[1].tot += pages;
    rig_claimed(r, 1, -(int64_t)(claim < pages ? claim : pages));
}

/* ---- front end: the rows of 3.2 in order, each with all later ones spoilt --- */
static void test_front_end_order(void **state)
{
    struct rig *r = with_domain(R_C, 100, 0);
    struct hv_call *c;

    (void)state;
    rig_create(r, 2, 10);
    c = rig_resv(r, POPULATE, 1, 4, 19);
    c->cmd |= 2 << MEMOP_EXTENT_SHIFT;
    exactly(r, 2, RESV_ORDER);
    c->resv.extent_start.p = (void *)(uintptr_t)GUEST_NONCANONICAL;
    exactly(r, 2, RESV_RANGE);
    c->caller = (struct hv_caller){ .domid = 2 };
    exactly(r, 2, RESV_XSM);
    c->resv.mem_flags = XENMEMF_exact_node(0);
    exactly(r, 2, RESV_NODE);
    c->resv.mem_flags |= 12;
    exactly(r, 2, RESV_BITS);
    c->resv.domid = 3;
    exactly(r, 2, RESV_DOMID);
    c->resv.nr_extents = 2;
    exactly(r, 2, RESV_START);
    c->resv.nr_extents = UINT64_C(1) << 26;
    exactly(r, 2, RESV_NR);
    c->arg_bytes = 31;
    exactly(r, 2, RESV_FAULT);
    c->caller.flags |= HV_CALLER_USER;
    exactly(r, -EPERM, CALLER_USER);
    free(r);
}

static void test_front_end_edges(void **state)
{
    struct rig *r = with_domain(R_C, 100, 10);
    struct hv_call *c;

    (void)state;
    rig_resv(r, POPULATE, 1, 0, 0);
    exactly(r, 0, RESV_START);
    c = rig_resv(r, POPULATE, 1, MEMOP_EXTENTS_MAX, 0);
    c->list_entries = 0;
    exactly(r, 0, POPULATE_LIST);
    /* The largest start extent comes back as it is. */
    c = rig_resv(r, POPULATE, 1, 1, 0);
    c->cmd |= UINT64_MAX << MEMOP_EXTENT_SHIFT;
    exactly(r, (long)(UINT64_MAX >> MEMOP_EXTENT_SHIFT), RESV_START);
    /* DOMID_SELF is the caller; itself may be acted on by anybody. */
    c = rig_resv(r, POPULATE, DOMID_SELF, 1, 0);
    c->caller = (struct hv_caller){ .domid = 1 };
    gets(r, 1, 0);
    exactly(r, 1, POPULATE_DONE);
    /* Above Xen, below the hole: addresses, though not mapped. */
    c = rig_resv(r, POPULATE, 1, 1, 0);
    c->list_entries = 0;
    c->resv.extent_start.p = (void *)(uintptr_t)UINT64_C(0xffff880000000000);
    exactly(r, 0, POPULATE_LIST);
    c->resv.extent_start.p = (void *)(uintptr_t)UINT64_C(0xffff87fffffffff8);
    exactly(r, 0, RESV_RANGE);
    c->resv.extent_start.p = (void *)(uintptr_t)UINT64_C(0x800000000000);
    exactly(r, 0, RESV_RANGE);
    c->resv.extent_start.p = (void *)(uintptr_t)UINT64_C(0x7ffffffffff8);
    exactly(r, 0, POPULATE_LIST);
    /* The start extent counts in the address. */
    c->cmd |= 1 << MEMOP_EXTENT_SHIFT;
    c->resv.nr_extents = 2;
    exactly(r, 1, RESV_RANGE);
    free(r);
}

static void test_order_limits(void **state)
{
    static const struct
    {
        uint16_t flags;
        uint32_t most;
    } callers[] = {
        { 0, 9 }, { HV_CALLER_HARDWARE, 12 }, { HV_CALLER_CONTROL, 18 },
        { HV_CALLER_CONTROL | HV_CALLER_HARDWARE, 18 },
    };
    struct rig *r = with_domain(R_C, 100, 10);

    (void)state;
    for ( unsigned int i = 0; i < 4; i++ )
    {
        struct hv_call *c = rig_resv(r, POPULATE, 1, 1, callers[i].most);

        c->caller = (struct hv_caller){ .domid = 1,
                                        .flags = callers[i].flags };
        exactly(r, 0, ALLOC_GATE);
        c->resv.extent_order++;
        exactly(r, 0, RESV_ORDER);
    }
    rig_resv(r, POPULATE, 1, 1, UINT32_MAX);
    exactly(r, 0, RESV_ORDER);
    /* Nobody is held to less than the largest order for populate on demand. */
    rig_resv(r, POPULATE, 1, 1, 18)->resv.mem_flags =
        XENMEMF_populate_on_demand;
    r->call.caller = (struct hv_caller){ .domid = 1 };
    exactly(r, 0, POPULATE_POD_SELF);
    free(r);
}

/* ---- populate ---- */

/* Vectors 14 and 15: the limit fell below the claim. */
static void test_assign_fails_under_claim(void **state)
{
    (void)state;
    for ( unsigned int i = 0; i < 3; i++ )
    {
        struct rig *r = with_domain(regimes[i], 100, 3);

        rig_claims(r, 1, 3);
        rig_domctl(r, XEN_DOMCTL_max_mem, 1, 2 * 4);
        r->seen.dom[1].max = 2;
        exactly(r, 0, MAX_MEM_OK);
        rig_resv(r, POPULATE, 1, 3, 0);
        gets(r, 2, 0);
        if ( regimes[i] == R_C )
            rig_claimed(r, 1, -1);
        exactly(r, 2, ASSIGN_ROOM);
        /* And above the limit. */
        rig_domctl(r, XEN_DOMCTL_max_mem, 1, 4);
        r->seen.dom[1].max = 1;
        exactly(r, 0, MAX_MEM_OK);
        rig_resv(r, POPULATE, 1, 1, 0);
        exactly(r, 0, ASSIGN_ABOVE);
        free(r);
    }
}

/* Vectors 7, 8 (at rest), 10: nine free pages, five claimed. */
static void test_gate(void **state)
{
    (void)state;
    for ( unsigned int i = 0; i < 3; i++ )
    {
        struct rig *r = with_domain(regimes[i], 9, 1000);

        rig_create(r, 2, 1000);
        rig_claims(r, 1, 5);
        rig_resv(r, POPULATE, 1, 1, 3);
        exactly(r, 0, ALLOC_GATE);
        rig_resv(r, POPULATE, 1, 1, 2);
        gets(r, 1, 2);
        step(r, 1, ALLOC_SPACE); /* blocks are not known */
        assert_int_equal(r->p.lo, 0);
        assert_int_equal(r->p.hi, 1);
        assert_int_equal(r->seen.claimed, 1);

        /* Others find the claimed page taken: 5 free, 1 claimed. */
        rig_resv(r, POPULATE, 2, 10, 0);
        rig_frames(r->out, 4, 80, 0);
        rig_free(r, -4);
        r->seen.dom[2].tot = 4;
        exactly(r, 4, ALLOC_GATE);
        rig_page(r, HV_CALL_ANON_ALLOC, 0, 0);
        exactly(r, -ENOMEM, ANON_GATE);
        rig_page(r, HV_CALL_EXTRA_ALLOC, 1, 0);
        exactly(r, -ENOMEM, EXTRA_GATE);
        /* The claimant gets it. */
        rig_resv(r, INCREASE, 1, 1, 0);
        rig_frames(r->out, 1, 90, 0);
        rig_free(r, -1);
        r->seen.dom[1].tot++;
        rig_claimed(r, 1, -1);
        exactly(r, 1, INCREASE_DONE);
        free(r);
    }
}

/* A claim larger than free memory passes the gate, and finds no page. */
static void test_gate_passes_empty_heap(void **state)
{
    struct rig *r = with_domain(R_C, 2, 100);
    struct host_shape shape = r->m.shape;

    (void)state;
    r->seen.dom[1].claim = 5;
    r->seen.claimed = 5;
    model_init(&r->m, &shape, &r->seen, 0, true, rig_page_id, NULL);
    rig_resv(r, POPULATE, 1, 5, 0);
    gets(r, 2, 0);
    exactly(r, 2, ALLOC_SPACE);
    free(r);
}

static void test_populate_list(void **state)
{
    struct rig *r = with_domain(R_C, 100, 50);

    (void)state;
    rig_claims(r, 1, 20);
    rig_resv(r, POPULATE, 1, 5, 0)->list_entries = 3;
    gets(r, 3, 0);
    exactly(r, 3, POPULATE_LIST);
    assert_int_equal(r->m.dom[1].nameless, 0);
    rig_resv(r, POPULATE, 1, 5, 0)->resv.extent_start.p = NULL;
    r->call.list_entries = 0;
    exactly(r, 0, POPULATE_LIST);
    /* From the middle: done extents are left alone. */
    rig_resv(r, POPULATE, 1, 5, 0)->cmd |= 3 << MEMOP_EXTENT_SHIFT;
    rig_frames(&r->out[3], 2, 80, 0);
    rig_free(r, -2);
    r->seen.dom[1].tot += 2;
    rig_claimed(r, 1, -2);
    exactly(r, 5, POPULATE_DONE);
    free(r);
}

static void test_populate_on_demand(void **state)
{
    struct rig *r = with_domain(R_C, 100, 50);
    struct hv_call *c;

    (void)state;
    c = rig_resv(r, POPULATE, 1, 500, 9);
    c->resv.mem_flags = XENMEMF_populate_on_demand;
    exactly(r, 500, POPULATE_POD);
    c->list_entries = 7;
    exactly(r, 7, POPULATE_LIST);
    c->cmd |= 8 << MEMOP_EXTENT_SHIFT;
    exactly(r, 8, POPULATE_LIST);
    c = rig_resv(r, POPULATE, 0, 5, 0);
    c->resv.mem_flags = XENMEMF_populate_on_demand;
    exactly(r, 0, POPULATE_POD_SELF);
    c->list_entries = 0;
    exactly(r, 0, POPULATE_LIST);
    /* increase does not know the flag */
    rig_resv(r, INCREASE, 1, 1, 0)->resv.mem_flags = XENMEMF_populate_on_demand;
    gets(r, 1, 0);
    exactly(r, 1, INCREASE_DONE);
    free(r);
}

/* ---- increase ---- */

static void test_increase_list(void **state)
{
    struct rig *r = with_domain(R_C, 100, 50);

    (void)state;
    /* The page of the extent whose name could not be written stays. */
    rig_resv(r, INCREASE, 1, 5, 0)->list_entries = 2;
    gets(r, 3, 0);
    exactly(r, 2, INCREASE_LIST);
    assert_int_equal(r->m.dom[1].nameless, 1);
    /* Without a list nothing is told, and nothing faults. */
    rig_resv(r, INCREASE, 1, 5, 0)->resv.extent_start.p = NULL;
    r->call.list_entries = 0;
    gets(r, 5, 0);
    exactly(r, 5, INCREASE_DONE);
    assert_int_equal(r->m.dom[1].nameless, 6);
    /* Not an address: found before anything is allocated. */
    rig_resv(r, INCREASE, 1, 5, 0)->resv.extent_start.p =
        (void *)(uintptr_t)GUEST_NONCANONICAL;
    r->call.list_entries = 0;
    exactly(r, 0, RESV_RANGE);
    free(r);
}

/* A claim is lost or not, depending on whether there was a block: seen. */
static void test_unknown_blocks(void **state)
{
    for ( unsigned int lost = 0; lost < 2; lost++ )
    {
        struct rig *r = with_domain(R_C, 100, 5);

        (void)state;
        rig_claims(r, 1, 5);
        rig_resv(r, POPULATE, 1, 2, 1);
        rig_frames(r->out, 2, 64, 1);
        rig_free(r, -4);
        r->seen.dom[1].tot = 4;
        rig_claimed(r, 1, -4);
        step(r, 2, ALLOC_SPACE);
        rig_resv(r, POPULATE, 1, 1, 1);
        if ( lost )
            rig_claimed(r, 1, -1);
        step(r, 0, ALLOC_SPACE);
        assert_int_equal(r->p.hi, 0);
        free(r);
    }
}

/* ---- what the heap has ---- */

static void test_capacity(void **state)
{
    static struct hv_capacity cap;
    struct rig *r = rig_new(R_C, 2, 100);

    (void)state;
    rig_create(r, 1, 1000);
    memset(&cap, 0, sizeof(cap));
    cap.blocks[0][6][3] = 1;  /* two extents of order 2 */
    cap.blocks[1][8][2] = 1;
    cap.blocks[1][11][4] = 1; /* four */
    r->capacity = &cap;

    rig_resv(r, POPULATE, 1, 9, 2);
    gets(r, 7, 2);
    exactly(r, 7, ALLOC_SPACE);
    free(r);

    /* Only what lies low: 18 address bits leave zones up to 6. */
    r = rig_new(R_C, 2, 100);
    rig_create(r, 1, 1000);
    r->capacity = &cap;
    rig_resv(r, POPULATE, 1, 9, 2)->resv.mem_flags = 18;
    gets(r, 2, 2);
    exactly(r, 2, ALLOC_SPACE);
    rig_resv(r, POPULATE, 1, 9, 3)->resv.mem_flags = 17;
    exactly(r, 0, ALLOC_SPACE);
    free(r);
}

/* 2 * 256 pages from frame 32: 10 significant bits, so 22 bits are a limit no
 * more. */
static void test_bits_limit(void **state)
{
    static struct hv_capacity cap;
    struct rig *r = rig_new(R_C, 2, 100);

    (void)state;
    rig_create(r, 1, 1000);
    memset(&cap, 0, sizeof(cap));
    r->capacity = &cap;
    rig_resv(r, POPULATE, 1, 1, 0)->resv.mem_flags = 21;
    exactly(r, 0, ALLOC_SPACE);
    rig_resv(r, POPULATE, 1, 1, 0)->resv.mem_flags = 22;
    gets(r, 1, 0);
    exactly(r, 1, POPULATE_DONE);
    /* Frames up to 255: 20 bits are all of them, 19 are not. */
    r->m.shape.node_pages = 112;
    r->m.host_pages = 224;
    rig_resv(r, POPULATE, 1, 1, 0)->resv.mem_flags = 19;
    exactly(r, 0, ALLOC_SPACE);
    rig_resv(r, POPULATE, 1, 1, 0)->resv.mem_flags = 20;
    rig_frames(r->out, 1, 65, 0);
    rig_free(r, -1);
    r->seen.dom[1].tot++;
    exactly(r, 1, POPULATE_DONE);
    for ( uint32_t bits = 1; bits <= 12; bits++ )
    {
        rig_resv(r, POPULATE, 1, 1, 0)->resv.mem_flags = bits;
        exactly(r, 0, RESV_BITS);
    }
    free(r);
}

static void test_nodes(void **state)
{
    struct rig *r = rig_new(R_C, 2, 10);

    (void)state;
    rig_create(r, 1, 1000);
    /* Exactly node 1 has ten pages. */
    rig_resv(r, POPULATE, 1, 12, 0)->resv.mem_flags = XENMEMF_exact_node(1);
    rig_frames(r->out, 10, 300, 0);
    r->seen.free -= 10;
    r->seen.node_free[1] = 0;
    r->seen.dom[1].tot = 10;
    exactly(r, 10, ALLOC_SPACE);
    /* A node that is not there: none if exactly that, else any. */
    rig_resv(r, POPULATE, 1, 1, 0)->resv.mem_flags = XENMEMF_exact_node(63);
    exactly(r, 0, ALLOC_SPACE);
    rig_resv(r, POPULATE, 1, 1, 0)->resv.mem_flags = XENMEMF_node(63);
    gets(r, 1, 0);
    exactly(r, 1, POPULATE_DONE);
    rig_resv(r, POPULATE, 1, 1, 0)->resv.mem_flags = XENMEMF_node(64);
    exactly(r, 0, RESV_NODE);
    /* Virtual nodes mean nothing without a table. */
    rig_resv(r, POPULATE, 1, 1, 0)->resv.mem_flags =
        XENMEMF_exact_node(64) | XENMEMF_vnode;
    rig_frames(r->out, 1, 100, 0);
    rig_free(r, -1);
    r->seen.dom[1].tot++;
    exactly(r, 1, POPULATE_DONE);
    /* Others may not choose: ignored, or refused if exact. */
    rig_resv(r, POPULATE, 1, 1, 0)->resv.mem_flags = XENMEMF_node(1);
    r->call.caller = (struct hv_caller){ .domid = 1 };
    rig_frames(r->out, 1, 101, 0);
    rig_free(r, -1);
    r->seen.dom[1].tot++;
    exactly(r, 1, POPULATE_DONE);
    /* The exact flag alone is nothing. */
    rig_resv(r, POPULATE, 1, 1, 0)->resv.mem_flags =
        XENMEMF_exact_node_request;
    r->call.caller = (struct hv_caller){ .domid = 1 };
    rig_frames(r->out, 1, 102, 0);
    rig_free(r, -1);
    r->seen.dom[1].tot++;
    exactly(r, 1, POPULATE_DONE);
    free(r);
}

/* Coloured pages: one at a time, no gate, nobody's counters but the owner's. */
static void test_llc(void **state)
{
    struct rig *r = rig_new_llc(R_C);

    (void)state;
    rig_create(r, 1, 3);
    rig_resv(r, POPULATE, 1, 1, 1);
    exactly(r, 0, ALLOC_LLC_ORDER);
    rig_resv(r, POPULATE, 1, 5, 0);
    rig_frames(r->out, 2, 5000, 0);
    r->seen.dom[1].tot = 2;
    step(r, 2, ALLOC_SPACE);
    assert_int_equal(r->p.hi, 3);
    assert_int_equal(r->m.dom[1].nameless, 2);
    free(r);

    /* 4.20.0: the claim call is not refused, and assign redeems. */
    r = rig_new_llc(RELEASE_4_20);
    rig_create(r, 1, 3);
    rig_claims(r, 1, 3);
    rig_resv(r, POPULATE, 1, 2, 0);
    rig_frames(r->out, 2, 5000, 0);
    r->seen.dom[1].tot = 2;
    rig_claimed(r, 1, -2);
    step(r, 2, ALLOC_SPACE);
    free(r);
}

/* ---- 32-bit callers ---- */

static struct hv_call *compat(struct rig *r, uint64_t cmd, uint64_t nr)
{
    struct hv_call *c = rig_resv(r, cmd, 1, nr, 0);

    c->caller.flags |= HV_CALLER_ABI32;
    c->arg_bytes = COMPAT_RESERVATION_SIZE;
    return c;
}

static void test_compat_front_end(void **state)
{
    struct rig *r = with_domain(R_C, 100, 50);
    struct hv_call *c;

    (void)state;
    /* 64-bit values are cut off: list, count, command word. */
    c = compat(r, POPULATE, (UINT64_C(1) << 32) + 3);
    c->resv.extent_start.p =
        (void *)(uintptr_t)((UINT64_C(1) << 63) | GUEST_LIST_START);
    c->cmd |= UINT64_C(1) << 40;
    c->list_entries = 3;
    gets(r, 3, 0);
    exactly(r, 3, POPULATE_DONE);

    c = compat(r, POPULATE, 2);
    c->resv.domid = 2;
    exactly(r, 0, RESV_DOMID);
    c->resv.extent_start.p = (void *)(uintptr_t)0xf57ffff9;
    exactly(r, 0, COMPAT_RANGE);
    c->resv.extent_start.p = (void *)(uintptr_t)0xf57ffff8;
    exactly(r, 0, RESV_DOMID);
    c->resv.extent_start.p = NULL;
    c->resv.nr_extents = MEMOP_EXTENTS_MAX;
    exactly(r, 0, RESV_DOMID);
    c->resv.nr_extents++;
    exactly(r, 0, COMPAT_NR);
    c->arg_bytes = COMPAT_RESERVATION_SIZE - 1;
    exactly(r, 0, COMPAT_FAULT);
    free(r);
}

/* The list is written after a whole piece is allocated. */
static void test_compat_increase(void **state)
{
    struct rig *r = with_domain(R_C, 100, 50);

    (void)state;
    compat(r, INCREASE, 6)->list_entries = 2;
    gets(r, 6, 0);
    exactly(r, 2, INCREASE_LIST);
    assert_int_equal(r->m.dom[1].nameless, 4);
    /* Preempted: as many as the last invocation had done. */
    compat(r, INCREASE, 6)->list_entries = 2;
    r->call.preempt = 1;
    rig_frames(r->out, 2, 100, 0);
    rig_free(r, -3);
    r->seen.dom[1].tot += 3;
    step(r, 2, INCREASE_LIST);
    assert_int_equal(r->m.dom[1].nameless, 5);
    free(r);
}

static void test_compat_pieces(void **state)
{
    struct rig *r = rig_new(R_C, 4, 256);

    (void)state;
    rig_create(r, 1, 2000);
    /* The second piece has one extent only. */
    compat(r, INCREASE, 1021)->list_entries = 1019;
    rig_frames(r->out, 1019, HV_FRAME_BASE, 0);
    r->seen.free = 4;
    r->seen.node_free[0] = 4;
    for ( unsigned int n = 1; n < 4; n++ )
        r->seen.node_free[n] = 0;
    r->seen.dom[1].tot = 1020;
    exactly(r, 1019, INCREASE_LIST);
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_front_end_order),
        cmocka_unit_test(test_front_end_edges),
        cmocka_unit_test(test_order_limits),
        cmocka_unit_test(test_assign_fails_under_claim),
        cmocka_unit_test(test_gate),
        cmocka_unit_test(test_gate_passes_empty_heap),
        cmocka_unit_test(test_populate_list),
        cmocka_unit_test(test_populate_on_demand),
        cmocka_unit_test(test_increase_list),
        cmocka_unit_test(test_unknown_blocks),
        cmocka_unit_test(test_capacity),
        cmocka_unit_test(test_bits_limit),
        cmocka_unit_test(test_nodes),
        cmocka_unit_test(test_llc),
        cmocka_unit_test(test_compat_front_end),
        cmocka_unit_test(test_compat_increase),
        cmocka_unit_test(test_compat_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
