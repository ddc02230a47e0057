/* SPDX-License-Identifier: MIT */
/* What the heap has for populate and increase: rules 3.1, 4.2, 4.4. */
#include "model_rig.h"

#define POPULATE XENMEM_populate_physmap
#define INCREASE XENMEM_increase_reservation

/* A claim is lost or not, depending on whether there was a block: seen. */
static void test_unknown_blocks(void **state)
{
    for ( unsigned int lost = 0; lost < 2; lost++ )
    {
        struct rig *r = rig_with_domain(R_C, 100, 5);

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

static void few_blocks(struct rig *r)
{
    rig_blocks(r, 0, 6, 3, 1); /* two extents of order 2 */
    rig_blocks(r, 1, 8, 2, 1);
    rig_blocks(r, 1, 11, 4, 1); /* four */
}

static void test_capacity(void **state)
{
    struct rig *r = rig_new(R_C, 2, 100);

    (void)state;
    rig_create(r, 1, 1000);
    few_blocks(r);

    rig_resv(r, POPULATE, 1, 9, 2);
    rig_gets(r, 7, 2);
    exactly(r, 7, ALLOC_SPACE);
    free(r);

    /* Only what lies low: 18 address bits leave zones up to 6. */
    r = rig_new(R_C, 2, 100);
    rig_create(r, 1, 1000);
    few_blocks(r);
    rig_resv(r, POPULATE, 1, 9, 2)->resv.mem_flags = 18;
    rig_gets(r, 2, 2);
    rig_frames(r->out, 2, 40, 2);
    exactly(r, 2, ALLOC_SPACE);
    rig_resv(r, POPULATE, 1, 9, 3)->resv.mem_flags = 17;
    exactly(r, 0, ALLOC_SPACE);
    free(r);
}

/* 2 * 256 pages from frame 32: 10 significant bits, so 22 bits are a limit no
 * more. */
static void test_bits_limit(void **state)
{
    struct rig *r = rig_new(R_C, 2, 100);

    (void)state;
    rig_create(r, 1, 1000);
    rig_blocks(r, 0, 6, 0, 0); /* none at all */
    rig_resv(r, POPULATE, 1, 1, 0)->resv.mem_flags = 21;
    exactly(r, 0, ALLOC_SPACE);
    rig_resv(r, POPULATE, 1, 1, 0)->resv.mem_flags = 22;
    rig_gets(r, 1, 0);
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
    rig_gets(r, 1, 0);
    exactly(r, 1, POPULATE_DONE);
    rig_resv(r, POPULATE, 1, 1, 0)->resv.mem_flags = XENMEMF_node(64);
    exactly(r, 0, RESV_NODE);
    /* Virtual nodes mean nothing without a table. */
    rig_resv(r, POPULATE, 1, 1, 0)->resv.mem_flags = XENMEMF_exact_node(64) |
                                                     XENMEMF_vnode;
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

/* The node that is asked for has a page, whether or not blocks are counted. */
static void test_node_comes_first(void **state)
{
    (void)state;
    for ( uint32_t node = 0; node < 2; node++ )
    {
        struct rig *r = rig_new(R_C, 2, 10);

        rig_create(r, 1, 1000);
        rig_resv(r, POPULATE, 1, 1, 0)->resv.mem_flags = XENMEMF_node(1);
        rig_frames(r->out, 1, HV_FRAME_BASE + RIG_NODE_PAGES * node, 0);
        r->seen.free--;
        r->seen.node_free[node]--;
        r->seen.dom[1].tot++;
        model_predict(&r->m, &r->call, NULL, &r->p);
        r->result.rc = 1;
        assert_int_equal(
            !model_commit(&r->m, &r->call, &r->p, &r->result, &r->seen),
            node == 1);
        free(r);
    }
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unknown_blocks),
        cmocka_unit_test(test_capacity),
        cmocka_unit_test(test_bits_limit),
        cmocka_unit_test(test_nodes),
        cmocka_unit_test(test_node_comes_first),
        cmocka_unit_test(test_llc),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
