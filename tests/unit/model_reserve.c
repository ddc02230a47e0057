/* SPDX-License-Identifier: MIT */
/* populate and increase: rules 3.1-3.4, 4.1, 4.3, 4.5, 4.6. */
#include "model_rig.h"

#define POPULATE XENMEM_populate_physmap
#define INCREASE XENMEM_increase_reservation

/* ---- front end: the rows of 3.2 in order, each with all later ones spoilt --- */
static void test_front_end_order(void **state)
{
    struct rig *r = rig_with_domain(R_C, 100, 0);
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
    struct rig *r = rig_with_domain(R_C, 100, 10);
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
    rig_gets(r, 1, 0);
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
        { 0, 9 },
        { HV_CALLER_HARDWARE, 12 },
        { HV_CALLER_CONTROL, 18 },
        { HV_CALLER_CONTROL | HV_CALLER_HARDWARE, 18 },
    };
    struct rig *r = rig_with_domain(R_C, 100, 10);

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

/* Vectors 14 and 15: the limit fell below the claim. */
static void test_assign_fails_under_claim(void **state)
{
    (void)state;
    for ( unsigned int i = 0; i < 3; i++ )
    {
        struct rig *r = rig_with_domain(regimes[i], 100, 3);

        rig_claims(r, 1, 3);
        rig_domctl(r, XEN_DOMCTL_max_mem, 1, 2 * 4);
        r->seen.dom[1].max = 2;
        exactly(r, 0, MAX_MEM_OK);
        rig_resv(r, POPULATE, 1, 3, 0);
        rig_gets(r, 2, 0);
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
        struct rig *r = rig_with_domain(regimes[i], 9, 1000);

        rig_create(r, 2, 1000);
        rig_claims(r, 1, 5);
        rig_resv(r, POPULATE, 1, 1, 3);
        exactly(r, 0, ALLOC_GATE);
        rig_resv(r, POPULATE, 1, 1, 2);
        rig_gets(r, 1, 2);
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
    struct rig *r = rig_with_domain(R_C, 2, 100);
    struct host_shape shape = r->m.shape;

    (void)state;
    r->seen.dom[1].claim = 5;
    r->seen.claimed = 5;
    rig_init(r, &shape, 0, true);
    rig_resv(r, POPULATE, 1, 5, 0);
    rig_gets(r, 2, 0);
    exactly(r, 2, ALLOC_SPACE);
    free(r);
}

static void test_populate_list(void **state)
{
    struct rig *r = rig_with_domain(R_C, 100, 50);

    (void)state;
    rig_claims(r, 1, 20);
    rig_resv(r, POPULATE, 1, 5, 0)->list_entries = 3;
    rig_gets(r, 3, 0);
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
    struct rig *r = rig_with_domain(R_C, 100, 50);
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
    rig_resv(r, INCREASE, 1, 1, 0)->resv.mem_flags =
        XENMEMF_populate_on_demand;
    rig_gets(r, 1, 0);
    exactly(r, 1, INCREASE_DONE);
    free(r);
}

static void test_increase_list(void **state)
{
    struct rig *r = rig_with_domain(R_C, 100, 50);

    (void)state;
    /* The page of the extent whose name could not be written stays. */
    rig_resv(r, INCREASE, 1, 5, 0)->list_entries = 2;
    rig_gets(r, 3, 0);
    exactly(r, 2, INCREASE_LIST);
    assert_int_equal(r->m.dom[1].nameless, 1);
    /* Without a list nothing is told, and nothing faults. */
    rig_resv(r, INCREASE, 1, 5, 0)->resv.extent_start.p = NULL;
    r->call.list_entries = 0;
    rig_gets(r, 5, 0);
    exactly(r, 5, INCREASE_DONE);
    assert_int_equal(r->m.dom[1].nameless, 6);
    /* Not an address: found before anything is allocated. */
    rig_resv(r, INCREASE, 1, 5, 0)->resv.extent_start.p =
        (void *)(uintptr_t)GUEST_NONCANONICAL;
    r->call.list_entries = 0;
    exactly(r, 0, RESV_RANGE);
    free(r);
}

/* What a live host has free moves by itself: beside claims, fewer or more pages
 * may be had than those that were seen would leave, 128 at most. */
static void test_gate_of_a_live_host(void **state)
{
    struct rig *r = rig_new(R_C, 1, 1000);
    const struct host_shape shape = r->m.shape;

    (void)state;
    rig_create(r, 1, 200);
    r->seen.claimed = 850; /* of others */
    rig_init(r, &shape, 0, false);
    rig_resv(r, XENMEM_populate_physmap, 1, 160, 0);
    model_predict(&r->m, &r->call, NULL, &r->p);
    assert_int_equal(r->p.lo, 150 - 128);
    assert_int_equal(r->p.hi, 160);
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
        cmocka_unit_test(test_gate_of_a_live_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
