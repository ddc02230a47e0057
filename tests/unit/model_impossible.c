/* SPDX-License-Identifier: MIT */
/* What cannot have happened must not pass: model_commit says so, or the view of
 * the model differs from what is seen. */
#include "model_rig.h"

#define POPULATE XENMEM_populate_physmap

static struct rig *start(void)
{
    struct rig *r = rig_new(R_C, 2, 50);

    rig_create(r, 1, 50);
    rig_create(r, 2, 50);
    rig_populates(r, 2, 2, 60);
    return r;
}

/* The call returned rc; is it what the model calls impossible, by these words? */
static void impossible(struct rig *r, long rc, const char *words)
{
    const char *why;

    model_predict(&r->m, &r->call, r->capacity, &r->p);
    assert_in_set_of(r, rc);
    r->result.rc = rc;
    why = model_commit(&r->m, &r->call, &r->p, &r->result, &r->seen);
    if ( !why || !strstr(why, words) )
        fail_msg("expected '%s', got '%s'", words, why ? why : "(nothing)");
    free(r);
}

/* d1 populates nr blocks, frames to be spoilt. */
static struct rig *populating(uint32_t nr, uint32_t order)
{
    struct rig *r = start();

    rig_resv(r, POPULATE, 1, nr, order);
    rig_frames(r->out, nr, 100, order);
    rig_free(r, -(int64_t)(nr << order));
    r->seen.dom[1].tot = nr << order;
    return r;
}

static void test_frames(void **state)
{
    struct rig *r;

    (void)state;
    r = populating(2, 0);
    r->out[1] = r->out[0];
    impossible(r, 2, "owned already");
    r = populating(2, 0);
    r->out[1] = 60;
    impossible(r, 2, "owned already");
    r = populating(2, 0);
    r->out[1] = HV_FRAME_BASE - 1;
    impossible(r, 2, "not one of this host");
    r = populating(1, 2);
    r->out[0] = 102;
    impossible(r, 1, "not aligned");
    r = populating(2, 2);
    r->out[1] = 60;
    impossible(r, 2, "owned already");
}

/* A page is free again only when its owner's counters say so. */
static void test_frame_still_mapped(void **state)
{
    struct rig *r = start();

    (void)state;
    rig_page(r, HV_CALL_MAP, 2, 60);
    exactly(r, 0, MAP_OK);
    rig_resv(r, XENMEM_decrease_reservation, 2, 1, 0);
    r->list[0] = 60;
    exactly(r, 1, DECREASE_DONE);
    rig_resv(r, POPULATE, 1, 1, 0);
    r->out[0] = 60;
    rig_free(r, -1);
    r->seen.dom[1].tot = 1;
    impossible(r, 1, "owned already");
}

static void test_anon_frame(void **state)
{
    struct rig *r = start();

    (void)state;
    rig_page(r, HV_CALL_ANON_ALLOC, 0, 0);
    r->result.frame = 61;
    rig_free(r, -1);
    impossible(r, 0, "owned already");
}

static void test_nodes(void **state)
{
    struct rig *r;

    (void)state;
    /* Nodes do not add up to the host. */
    r = populating(2, 0);
    r->seen.node_free[0]--;
    impossible(r, 2, "not those of the host");
    /* One node gains while the host loses. */
    r = populating(2, 0);
    r->seen.node_free[0]--;
    r->seen.node_free[1]++;
    impossible(r, 2, "wrong way");
    /* Pages of another node than the one asked for. */
    r = populating(2, 0);
    r->call.resv.mem_flags = XENMEMF_exact_node(1);
    impossible(r, 2, "cannot touch");
    /* Another node than the one asked for, which has pages. */
    r = populating(2, 0);
    r->call.resv.mem_flags = XENMEMF_node(1);
    impossible(r, 2, "than the one asked for");
    /* An address that was not to be. */
    r = populating(2, 0);
    r->out[1] = 256;
    r->call.resv.mem_flags = XENMEMF_address_bits(20);
    impossible(r, 2, "above the address limit");
    /* Outside of the affinity, which has pages. */
    r = populating(2, 0);
    r->m.dom[1].affinity = 2;
    impossible(r, 2, "node affinity");
    r = start();
    r->m.dom[1].affinity = 2;
    rig_page(r, HV_CALL_EXTRA_ALLOC, 1, 0);
    r->result.frame = 100;
    rig_free(r, -1);
    r->seen.dom[1].extra = 1;
    impossible(r, 0, "node affinity");
    /* Nothing moved, but for the nodes. */
    r = start();
    rig_claim(r, 1, 0);
    r->seen.node_free[0]--;
    r->seen.node_free[1]++;
    impossible(r, 0, "the host's did not");
}

/* If the host's count itself is wrong, the view differs and names it. */
static void test_host_count(void **state)
{
    struct rig *r = populating(2, 0);

    (void)state;
    r->seen.free++;
    r->seen.node_free[0]++;
    model_predict(&r->m, &r->call, NULL, &r->p);
    r->result.rc = 2;
    assert_null(model_commit(&r->m, &r->call, &r->p, &r->result, &r->seen));
    assert_int_equal(model_view(&r->m)->free, r->seen.free - 1);
    free(r);
}

static void test_destroy(void **state)
{
    struct rig *r = start();

    (void)state;
    rig_domctl(r, XEN_DOMCTL_destroydomain, 2, 0)->domctl.preempt = 1;
    r->seen.dom[2].state = HV_DOM_DYING;
    impossible(r, HV_CONTINUE, "less than a page");

    r = start();
    rig_domctl(r, XEN_DOMCTL_destroydomain, 2, 0)->domctl.preempt = 1;
    r->seen.dom[2].state = HV_DOM_DYING;
    r->seen.dom[2].tot++;
    impossible(r, HV_CONTINUE, "grew");

    r = start();
    rig_page(r, HV_CALL_MAP, 2, 60);
    exactly(r, 0, MAP_OK);
    rig_domctl(r, XEN_DOMCTL_destroydomain, 2, 0)->domctl.preempt = 2;
    r->seen.dom[2].state = HV_DOM_DYING;
    r->seen.dom[2].tot = 0;
    impossible(r, HV_CONTINUE, "mapped");
}

static void test_create(void **state)
{
    struct rig *r = start();

    (void)state;
    rig_domctl(r, XEN_DOMCTL_createdomain, 3, 0);
    r->result.domid = 4;
    impossible(r, 0, "another domid");
    r = start();
    rig_domctl(r, XEN_DOMCTL_createdomain, DOMID_ANY, 0);
    r->result.domid = 2;
    impossible(r, 0, "another domid");
    r = start();
    rig_domctl(r, XEN_DOMCTL_createdomain, DOMID_ANY, 0);
    r->result.domid = 8;
    impossible(r, 0, "another domid");
}

/* Results next to the allowed ones are not allowed. */
static void test_results(void **state)
{
    struct rig *r = populating(2, 0);

    (void)state;
    model_predict(&r->m, &r->call, NULL, &r->p);
    assert_true(model_allows(&r->p, 2));
    assert_false(model_allows(&r->p, 1));
    assert_false(model_allows(&r->p, 3));
    assert_false(model_allows(&r->p, -ENOMEM));
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_frame_still_mapped),
        cmocka_unit_test(test_anon_frame),
        cmocka_unit_test(test_nodes),
        cmocka_unit_test(test_host_count),
        cmocka_unit_test(test_destroy),
        cmocka_unit_test(test_create),
        cmocka_unit_test(test_results),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
