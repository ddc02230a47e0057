/* SPDX-License-Identifier: MIT */
/* Mappings, the hypervisor's own pages, extra pages: rules 3.12, 3.13, 4. */
#include "model_rig.h"

static void test_map(void **state)
{
    struct rig *r = rig_with_pages(R_C, 50, 6);

    (void)state;
    rig_page(r, HV_CALL_MAP, 2, 40);
    exactly(r, -ESRCH, MAP_DOMID);
    rig_page(r, HV_CALL_MAP, 0x7ff0, 40);
    exactly(r, -ESRCH, MAP_DOMID);
    rig_page(r, HV_CALL_MAP, 1, 46);
    exactly(r, -EINVAL, MAP_FRAME);
    rig_page(r, HV_CALL_MAP, 1, 0);
    exactly(r, -EINVAL, MAP_FRAME);
    rig_page(r, HV_CALL_UNMAP, 2, 40);
    exactly(r, -ESRCH, UNMAP_DOMID);
    rig_page(r, HV_CALL_UNMAP, 1, 40);
    exactly(r, -EINVAL, UNMAP_FRAME);
    rig_page(r, HV_CALL_MAP, 1, 40);
    exactly(r, 0, MAP_OK);
    assert_int_equal(r->m.names[0].mapped[1], 1 << (40 - HV_FRAME_BASE));
    rig_page(r, HV_CALL_UNMAP, 1, 40);
    exactly(r, 0, UNMAP_OK);
    assert_int_equal(r->m.names[0].mapped[1], 0);
    assert_true(r->m.names[0].owned[1] & (1 << (40 - HV_FRAME_BASE)));
    free(r);
}

/* dom0's frames get a name when they turn out to be its. */
static void test_map_unnamed(void **state)
{
    struct rig *r = rig_with_pages(R_C, 50, 6);

    (void)state;
    rig_page(r, HV_CALL_MAP, 0, 200);
    step(r, 0, MAP_FRAME);
    assert_int_equal(r->p.lo, -EINVAL);
    assert_int_equal(r->m.dom[0].initial, DOM0_PAGES - 1);
    rig_page(r, HV_CALL_MAP, 1, 200);
    exactly(r, -EINVAL, MAP_FRAME);
    rig_page(r, HV_CALL_UNMAP, 0, 200);
    exactly(r, 0, UNMAP_OK);
    rig_page(r, HV_CALL_MAP, 0, 201);
    step(r, -EINVAL, MAP_FRAME);
    free(r);
}

static void test_anon(void **state)
{
    struct rig *r = rig_with_pages(R_C, 50, 6); /* 94 free */

    (void)state;
    rig_page(r, HV_CALL_ANON_ALLOC, 0, 0);
    r->call.order = 3;
    r->result.frame = 64;
    rig_free(r, -8);
    step(r, 0, ANON_OK);
    assert_true(model_allows(&r->p, -ENOMEM)); /* blocks were not counted */
    /* Somebody's frame, though not a domain's. */
    rig_resv(r, XENMEM_decrease_reservation, 1, 1, 0);
    r->list[0] = 64;
    exactly(r, 0, DECREASE_OWNER);

    rig_blocks(r, 0, 6, 0, 0); /* none at all */
    rig_page(r, HV_CALL_ANON_ALLOC, 0, 0);
    r->call.order = 3;
    exactly(r, -ENOMEM, ANON_SPACE);
    rig_blocks(r, 0, 7, 6, 1);
    rig_page(r, HV_CALL_ANON_ALLOC, 0, 0);
    r->call.order = 6;
    r->result.frame = 128;
    rig_free(r, -64);
    exactly(r, 0, ANON_OK);
    r->capacity = NULL;
    for ( uint32_t order = 5; order < 256; order++ )
    {
        rig_page(r, HV_CALL_ANON_ALLOC, 0, 0);
        r->call.order = order;
        exactly(r, -ENOMEM, ANON_GATE);
    }
    rig_page(r, HV_CALL_ANON_FREE, 0, 64);
    r->call.order = 3;
    rig_free(r, 8);
    exactly(r, 0, ANON_FREE);
    model_predict(&r->m, &r->call, NULL, &r->p);
    assert_non_null(
        model_commit(&r->m, &r->call, &r->p, &r->result, &r->seen));
    free(r);
}

/* Vectors 16 and 17; and what freeing them does. */
static void test_extra(void **state)
{
    (void)state;
    for ( unsigned int i = 0; i < 3; i++ )
    {
        struct rig *r = rig_with_pages(regimes[i], 50, 6);

        rig_claims(r, 1, 11);
        rig_page(r, HV_CALL_EXTRA_ALLOC, 1, 0);
        r->result.frame = 80;
        r->seen.dom[1].extra = 1;
        rig_free(r, -1);
        if ( regimes[i] != R_C )
            rig_claimed(r, 1, -1);
        exactly(r, 0, EXTRA_OK);
        assert_int_equal(r->m.counters.dom[1].claim, i == 2 ? 5 : 4);

        rig_page(r, HV_CALL_EXTRA_FREE, 1, 40);
        exactly(r, -EINVAL, EXTRA_FREE_FRAME);
        rig_page(r, HV_CALL_EXTRA_FREE, 2, 80);
        exactly(r, -ESRCH, EXTRA_FREE_DOMID);
        rig_page(r, HV_CALL_EXTRA_FREE, 1, 80);
        r->seen.dom[1].extra = 0;
        rig_free(r, 1);
        if ( regimes[i] == R_A )
            rig_claimed(r, 1, 1);
        exactly(r, 0, EXTRA_FREE_OK);
        rig_page(r, HV_CALL_EXTRA_FREE, 1, 80);
        exactly(r, -EINVAL, EXTRA_FREE_FRAME);
        free(r);
    }
}

static void test_extra_refused(void **state)
{
    struct rig *r = rig_new(R_C, 1, 2);

    (void)state;
    rig_page(r, HV_CALL_EXTRA_ALLOC, 1, 0);
    exactly(r, -ESRCH, EXTRA_DOMID);
    rig_create(r, 1, 2);
    rig_claims(r, 1, 2);
    rig_page(r, HV_CALL_EXTRA_ALLOC, 1, 0);
    exactly(r, -ENOMEM, EXTRA_GATE);
    rig_claim(r, 1, 0);
    rig_claimed(r, 1, -2);
    exactly(r, 0, CLAIM_RELEASE);
    rig_page(r, HV_CALL_EXTRA_ALLOC, 1, 0);
    r->result.frame = 40;
    r->seen.dom[1].extra = 1;
    rig_free(r, -1);
    exactly(r, 0, EXTRA_OK);
    free(r);
}

/* Extra pages hold the domain, and are no pages of its limit. */
static void test_extra_keeps_domain(void **state)
{
    struct rig *r = rig_new(R_C, 1, 10);

    (void)state;
    rig_create(r, 1, 0);
    rig_page(r, HV_CALL_EXTRA_ALLOC, 1, 0);
    r->result.frame = 40;
    r->seen.dom[1].extra = 1;
    rig_free(r, -1);
    exactly(r, 0, EXTRA_OK);
    rig_page(r, HV_CALL_MAP, 1, 40);
    exactly(r, 0, MAP_OK);
    assert_int_equal(r->m.names[0].mapped[1], 1 << (40 - HV_FRAME_BASE));
    rig_domctl(r, XEN_DOMCTL_destroydomain, 1, 0);
    r->seen.dom[1].state = HV_DOM_DEAD;
    exactly(r, 0, DESTROY_OK);
    rig_page(r, HV_CALL_UNMAP, 1, 40);
    memset(&r->seen.dom[1], 0, sizeof(r->seen.dom[1]));
    rig_free(r, 1);
    exactly(r, 0, UNMAP_OK);
    free(r);
}

/* An extra page that dom0 maps: given back once, free when unmapped. Giving it
 * back again may be refused or not; nothing happens either way. */
static void test_extra_mapped(void **state)
{
    struct rig *r = rig_with_pages(R_C, 50, 6);

    (void)state;
    rig_page(r, HV_CALL_EXTRA_ALLOC, 1, 0);
    r->result.frame = 80;
    r->seen.dom[1].extra = 1;
    rig_free(r, -1);
    exactly(r, 0, EXTRA_OK);
    rig_page(r, HV_CALL_MAP, 1, 80);
    exactly(r, 0, MAP_OK);
    rig_page(r, HV_CALL_EXTRA_FREE, 1, 80);
    exactly(r, 0, EXTRA_FREE_OK);
    step(r, 0, EXTRA_FREE_FRAME);
    assert_int_equal(r->p.lo, -EINVAL);
    rig_page(r, HV_CALL_UNMAP, 1, 80);
    r->seen.dom[1].extra = 0;
    rig_free(r, 1);
    exactly(r, 0, UNMAP_OK);
    free(r);
}

/* Destruction that has begun may have freed an extra page, or not yet. */
static void test_extra_of_dying(void **state)
{
    (void)state;
    for ( int there = 0; there < 2; there++ )
    {
        struct rig *r = rig_with_pages(R_C, 50, 6);

        rig_page(r, HV_CALL_EXTRA_ALLOC, 1, 0);
        r->result.frame = 80;
        r->seen.dom[1].extra = 1;
        rig_free(r, -1);
        exactly(r, 0, EXTRA_OK);
        rig_domctl(r, XEN_DOMCTL_destroydomain, 1, 0)->domctl.preempt = 1;
        r->seen.dom[1].state = HV_DOM_DYING;
        rig_free(r, 1);
        if ( there )
            r->seen.dom[1].tot--;
        else
            r->seen.dom[1].extra--;
        step(r, HV_CONTINUE, DESTROY_STEP);
        rig_page(r, HV_CALL_EXTRA_FREE, 1, 80);
        if ( !there )
            exactly(r, -EINVAL, EXTRA_FREE_FRAME);
        else
        {
            r->seen.dom[1].extra = 0;
            rig_free(r, 1);
            step(r, 0, EXTRA_FREE_FRAME);
            assert_true(model_allows(&r->p, -EINVAL));
        }
        free(r);
    }
}

/* A host whose free pages drift: what is seen is what is free. */
static void test_drift(void **state)
{
    struct rig *r = rig_new(R_A, 1, 200);
    struct host_shape shape = r->m.shape;

    (void)state;
    rig_create(r, 1, 50);
    rig_init(r, &shape, 0, false);
    rig_free(r, -17);
    rig_claims(r, 1, 50);
    /* What a domain costs is not known, nor then whether it can be paid. */
    rig_domctl(r, XEN_DOMCTL_createdomain, 2, 0);
    step(r, -ENOMEM, CREATE_OK);
    /* Nor in which zones memory lies. */
    rig_resv(r, XENMEM_populate_physmap, 1, 3, 0)->resv.mem_flags = 32;
    rig_frames(r->out, 2, 40, 0);
    r->seen.dom[1].tot = 2;
    rig_claimed(r, 1, -2);
    /* The rule is that of all that may be there. */
    step(r, 2, POPULATE_DONE);
    assert_int_equal(r->p.lo, 0);
    assert_int_equal(r->p.hi, 3);
    /* With fewer pages free than may have gone, any count is possible, however
     * much the domain claims. */
    rig_free(r, -(int64_t)(r->seen.free - 10));
    r->m.counters.free = 10;
    rig_resv(r, XENMEM_populate_physmap, 1, 10, 0);
    model_predict(&r->m, &r->call, NULL, &r->p);
    assert_int_equal(r->p.lo, 0);
    assert_int_equal(r->p.hi, 10);
    rig_free(r, 150);
    r->m.counters.free = r->seen.free;
    /* Close to what is unclaimed, both answers may come; further off, one. */
    rig_claim(r, 1, 0);
    rig_claimed(r, 1, -(int64_t)r->seen.dom[1].claim);
    exactly(r, 0, CLAIM_RELEASE);
    rig_domctl(r, XEN_DOMCTL_max_mem, 1, UINT64_MAX);
    r->seen.dom[1].max = UINT32_MAX;
    exactly(r, 0, MAX_MEM_OK);
    rig_claim(r, 1, 2 + r->seen.free + 128);
    model_predict(&r->m, &r->call, NULL, &r->p);
    assert_true(model_allows(&r->p, 0) && model_allows(&r->p, -ENOMEM));
    rig_claim(r, 1, 2 + r->seen.free + 129);
    model_predict(&r->m, &r->call, NULL, &r->p);
    assert_true(!model_allows(&r->p, 0) && model_allows(&r->p, -ENOMEM));
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_map),
        cmocka_unit_test(test_map_unnamed),
        cmocka_unit_test(test_anon),
        cmocka_unit_test(test_extra),
        cmocka_unit_test(test_extra_refused),
        cmocka_unit_test(test_extra_keeps_domain),
        cmocka_unit_test(test_extra_mapped),
        cmocka_unit_test(test_extra_of_dying),
        cmocka_unit_test(test_drift),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
