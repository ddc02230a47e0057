/* SPDX-License-Identifier: MIT */
/* The life and death of domains: rules 3.9, 3.10. */
#include "model_rig.h"

static struct hv_call *destroy(struct rig *r, uint16_t dom, uint32_t steps)
{
    struct hv_call *c = rig_domctl(r, XEN_DOMCTL_destroydomain, dom, 0);

    c->domctl.preempt = steps;
    return c;
}

static void absent(struct rig *r, unsigned int dom)
{
    memset(&r->seen.dom[dom], 0, sizeof(r->seen.dom[dom]));
}

static void test_create(void **state)
{
    struct rig *r = rig_new(R_C, 1, 100);
    struct host_shape shape = r->m.shape;

    (void)state;
    /* A domain costs three pages, which no claim pays for. */
    rig_init(r, &shape, 3, true);
    rig_domctl(r, XEN_DOMCTL_createdomain, 1, 0);
    r->seen.dom[1].state = HV_DOM_ALIVE;
    rig_free(r, -3);
    exactly(r, 0, CREATE_OK);
    rig_domctl(r, XEN_DOMCTL_createdomain, 1, 0);
    exactly(r, -EEXIST, CREATE_EXISTS);
    rig_domctl(r, XEN_DOMCTL_createdomain, 8, 0);
    exactly(r, -ENOMEM, CREATE_SLOT);
    rig_domctl(r, XEN_DOMCTL_createdomain, 3, HV_CREATE_NO_VCPUS);
    exactly(r, -EINVAL, CREATE_CONFIG);
    rig_domctl(r, XEN_DOMCTL_createdomain, 3, HV_CREATE_KNOWN_FLAGS + 1);
    exactly(r, -EINVAL, CREATE_CONFIG);
    rig_domctl(r, XEN_DOMCTL_max_mem, 1, 400);
    r->seen.dom[1].max = 100;
    exactly(r, 0, MAX_MEM_OK);
    rig_claims(r, 1, 95); /* 97 are free */
    rig_domctl(r, XEN_DOMCTL_createdomain, 2, 0);
    exactly(r, -ENOMEM, CREATE_NOMEM);
    rig_claim(r, 1, 0);
    rig_claimed(r, 1, -95);
    exactly(r, 0, CLAIM_RELEASE);
    rig_claims(r, 1, 94);
    rig_domctl(r, XEN_DOMCTL_createdomain, 2, 0);
    r->seen.dom[2].state = HV_DOM_ALIVE;
    rig_free(r, -3);
    exactly(r, 0, CREATE_OK);
    destroy(r, 2, 0);
    absent(r, 2);
    rig_free(r, 3);
    exactly(r, 0, DESTROY_OK);
    free(r);
}

/* Which ids mean "any" changed in 4.22. */
static void test_create_any(void **state)
{
    static const uint16_t ids[] = { 0, DOMID_SELF, DOMID_ANY, 0xffff };

    (void)state;
    for ( int rel = 0; rel < RELEASE_COUNT; rel++ )
        for ( unsigned int i = 0; i < 4; i++ )
        {
            struct rig *r = rig_new((enum release)rel, 1, 100);

            rig_domctl(r, XEN_DOMCTL_createdomain, ids[i], 0);
            if ( rel >= RELEASE_4_22 && ids[i] != DOMID_ANY )
                exactly(r, -EEXIST, CREATE_EXISTS);
            else
            {
                r->result.domid = 5;
                r->seen.dom[5].state = HV_DOM_ALIVE;
                step(r, 0, CREATE_OK);
                assert_false(model_allows(&r->p, -ENOMEM));
                /* A host that has other ids, too. */
                r->m.exact_free = false;
                model_predict(&r->m, &r->call, NULL, &r->p);
                assert_true(model_allows(&r->p, -ENOMEM));
            }
            free(r);
        }
}

/* "Any" with d1 to d7 in use: nothing is free on the stub; a live host has other
 * ids, and says first what is wrong with the configuration. */
static void test_create_one_more(void **state)
{
    (void)state;
    for ( int rel = 0; rel < RELEASE_COUNT; rel++ )
    {
        struct rig *r = rig_new((enum release)rel, 1, 100);
        bool exists = r->m.release->none_free_exists;

        for ( unsigned int d = 1; d < HV_DOMS_MAX; d++ )
            r->m.counters.dom[d].state = HV_DOM_ALIVE;
        for ( int live = 0; live < 2; live++ )
        {
            r->m.exact_free = !live;
            rig_domctl(r, XEN_DOMCTL_createdomain, DOMID_ANY, 0);
            model_predict(&r->m, &r->call, NULL, &r->p);
            assert_int_equal(model_allows(&r->p, -EEXIST), exists);
            assert_int_equal(model_allows(&r->p, -ENOMEM), !exists || live);
            assert_false(model_allows(&r->p, -EINVAL));
            assert_false(model_allows(&r->p, 0));
            rig_domctl(r, XEN_DOMCTL_createdomain, DOMID_ANY,
                       HV_CREATE_NO_VCPUS);
            model_predict(&r->m, &r->call, NULL, &r->p);
            assert_int_equal(model_allows(&r->p, -EINVAL), live);
        }
        free(r);
    }
}

/* Vector 19, and the claim goes before any page. */
static void test_destroy_steps(void **state)
{
    (void)state;
    for ( unsigned int i = 0; i < 3; i++ )
    {
        struct rig *r = rig_with_pages(regimes[i], 50, 6);

        rig_claims(r, 1, 11);
        destroy(r, 1, 2);
        r->seen.dom[1].state = HV_DOM_DYING;
        r->seen.dom[1].tot = 4;
        rig_claimed(r, 1, -5);
        rig_free(r, 2);
        step(r, HV_CONTINUE, DESTROY_STEP);
        assert_true(model_allows(&r->p, 0));
        assert_int_equal(r->m.names[0].owned[1], 0);
        assert_int_equal(r->m.dom[1].nameless, 4);
        /* A frame of it may be free or not. */
        rig_resv(r, XENMEM_decrease_reservation, 1, 6, 0);
        rig_frames(r->list, 6, 40, 0);
        r->seen.dom[1].tot = 3;
        rig_free(r, 1);
        step(r, 1, DECREASE_OWNER);
        assert_int_equal(r->p.lo, 0);
        assert_int_equal(r->p.hi, 4);
        /* Five invocations end it: three pages are left. */
        destroy(r, 1, 5);
        absent(r, 1);
        rig_free(r, 3);
        exactly(r, 0, DESTROY_OK);
        free(r);
    }
}

/* Nothing can be allocated for a dying domain; in R-C the claim call says so. */
static void test_dying_refused(void **state)
{
    (void)state;
    for ( unsigned int i = 0; i < 3; i++ )
    {
        struct rig *r = rig_with_pages(regimes[i], 50, 6);

        destroy(r, 1, 1);
        r->seen.dom[1].state = HV_DOM_DYING;
        r->seen.dom[1].tot = 5;
        rig_free(r, 1);
        step(r, HV_CONTINUE, DESTROY_STEP);
        rig_resv(r, XENMEM_populate_physmap, 1, 1, 0);
        exactly(r, 0, ASSIGN_DYING);
        rig_page(r, HV_CALL_EXTRA_ALLOC, 1, 0);
        exactly(r, -ENOMEM, EXTRA_DYING);
        rig_claim(r, 1, 0);
        if ( regimes[i] == R_C )
            exactly(r, -EINVAL, CLAIM_DYING);
        else
            exactly(r, 0, CLAIM_RELEASE);
        free(r);
    }
}

/* Vectors 20 and 21: a claim made on a dying domain is nobody's to release. */
static void test_claim_of_dying(void **state)
{
    struct rig *r = rig_new(R_A, 1, 100);

    (void)state;
    rig_create(r, 1, 20);
    rig_populates(r, 1, 7, 40);
    destroy(r, 1, 1);
    r->seen.dom[1].state = HV_DOM_DYING;
    r->seen.dom[1].tot = 6;
    rig_free(r, 1);
    step(r, HV_CONTINUE, DESTROY_STEP);
    rig_claims(r, 1, 10);
    destroy(r, 1, 3);
    r->seen.dom[1].tot = 3;
    rig_free(r, 3);
    rig_claimed(r, 1, 3);
    step(r, HV_CONTINUE, DESTROY_STEP);
    destroy(r, 1, 0);
    rig_free(r, 3);
    absent(r, 1);
    r->seen.claimed = 10;
    exactly(r, 0, DESTROY_OK);
    free(r);
}

/* Mapped pages keep a dead domain; the leak grows even then (Xen 4.17). */
static void test_lingering(void **state)
{
    struct rig *r = rig_with_pages(R_A, 200, 6);

    (void)state;
    for ( uint64_t f = 40; f < 46; f++ )
    {
        rig_page(r, HV_CALL_MAP, 1, f);
        exactly(r, 0, MAP_OK);
    }
    destroy(r, 1, 0);
    r->seen.dom[1].state = HV_DOM_DEAD;
    exactly(r, 0, DESTROY_OK);
    rig_claims(r, 1, 100);
    assert_int_equal(r->seen.dom[1].claim, 94);
    destroy(r, 1, 0);
    exactly(r, 0, DESTROY_DEAD);
    rig_domctl(r, XEN_DOMCTL_createdomain, 1, 0);
    exactly(r, -EEXIST, CREATE_EXISTS);
    for ( uint64_t f = 40; f < 46; f++ )
    {
        rig_page(r, HV_CALL_UNMAP, 1, f);
        rig_free(r, 1);
        r->seen.dom[1].tot--;
        rig_claimed(r, 1, 1);
        if ( f == 45 )
            absent(r, 1);
        exactly(r, 0, UNMAP_OK);
    }
    assert_int_equal(model_view(&r->m)->claimed, 100);
    rig_claim(r, 1, 0);
    exactly(r, -EINVAL, CLAIM_DOMID);
    free(r);
}

/* A mapped page of a half-destroyed domain: the last unmapping frees it, or
 * does not yet. */
static void test_unmap_while_dying(void **state)
{
    (void)state;
    for ( int freed = 0; freed < 2; freed++ )
    {
        struct rig *r = rig_with_pages(R_C, 50, 6);

        rig_page(r, HV_CALL_MAP, 1, 40);
        exactly(r, 0, MAP_OK);
        destroy(r, 1, 1);
        r->seen.dom[1].state = HV_DOM_DYING;
        step(r, HV_CONTINUE, DESTROY_STEP); /* the mapped page: none freed */
        rig_page(r, HV_CALL_UNMAP, 1, 40);
        if ( freed )
        {
            r->seen.dom[1].tot--;
            rig_free(r, 1);
        }
        exactly(r, 0, UNMAP_OK);
        assert_int_equal(r->m.dom[1].nameless, freed ? 5 : 6);
        destroy(r, 1, 0);
        rig_free(r, r->seen.dom[1].tot);
        absent(r, 1);
        exactly(r, 0, DESTROY_OK);
        free(r);
    }
}

static void test_destroy_refused(void **state)
{
    struct rig *r = rig_with_pages(R_C, 50, 6);

    (void)state;
    destroy(r, 0, 0);
    exactly(r, -EINVAL, DESTROY_SELF);
    destroy(r, 2, 0);
    exactly(r, -ESRCH, DOMCTL_DOMID);
    /* With more steps than pages it must end. */
    destroy(r, 1, 7);
    absent(r, 1);
    rig_free(r, 6);
    exactly(r, 0, DESTROY_OK);
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create),
        cmocka_unit_test(test_create_any),
        cmocka_unit_test(test_create_one_more),
        cmocka_unit_test(test_destroy_steps),
        cmocka_unit_test(test_dying_refused),
        cmocka_unit_test(test_claim_of_dying),
        cmocka_unit_test(test_lingering),
        cmocka_unit_test(test_unmap_while_dying),
        cmocka_unit_test(test_destroy_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
