/* SPDX-License-Identifier: MIT */
/* decrease_reservation and the two queries: rules 3.5, 3.7, 4.7. */
#include "model_rig.h"

#define DECREASE XENMEM_decrease_reservation

/* d1 owns frames 40..49; and has a claim if so said. */
static struct rig *with_pages(enum release rel, uint32_t claim)
{
    struct rig *r = rig_with_pages(rel, 50, 10);

    if ( claim )
        rig_claims(r, 1, 10 + claim);
    return r;
}

static struct hv_call *decrease(struct rig *r, uint64_t nr, uint32_t order,
                                uint64_t first)
{
    struct hv_call *c = rig_resv(r, DECREASE, 1, nr, order);

    rig_frames(r->list, nr, first, order);
    return c;
}

/* d1 loses pages; in regime R-A its claim grows, if it has one. */
static void loses(struct rig *r, uint32_t pages)
{
    r->seen.dom[1].tot -= pages;
    rig_free(r, pages);
    if ( r->m.release->grow_on_free && r->seen.dom[1].claim )
        rig_claimed(r, 1, pages);
}

/* Vectors 12 and 13. */
static void test_growth(void **state)
{
    (void)state;
    for ( unsigned int i = 0; i < 3; i++ )
    {
        struct rig *r = with_pages(regimes[i], 5);

        decrease(r, 3, 0, 40);
        loses(r, 3);
        exactly(r, 3, DECREASE_DONE);
        assert_int_equal(r->m.counters.dom[1].claim, i ? 5 : 8);
        free(r);

        /* Without a claim nothing grows. */
        r = with_pages(regimes[i], 0);
        decrease(r, 3, 0, 40);
        loses(r, 3);
        exactly(r, 3, DECREASE_DONE);
        assert_int_equal(r->m.counters.claimed, 0);
        free(r);
    }
}

static void test_not_owned(void **state)
{
    struct rig *r = with_pages(R_C, 0);

    (void)state;
    /* Beyond what it owns. */
    decrease(r, 5, 0, 48);
    loses(r, 2);
    exactly(r, 2, DECREASE_OWNER);
    /* The same frame twice. */
    decrease(r, 2, 0, 40);
    r->list[1] = 40;
    loses(r, 1);
    exactly(r, 1, DECREASE_OWNER);
    /* No frame at all; somebody else's. */
    decrease(r, 1, 0, 0);
    exactly(r, 0, DECREASE_OWNER);
    rig_create(r, 2, 10);
    rig_populates(r, 2, 1, 70);
    decrease(r, 1, 0, 70);
    exactly(r, 0, DECREASE_OWNER);
    rig_page(r, HV_CALL_MAP, 2, 70);
    exactly(r, 0, MAP_OK);
    decrease(r, 1, 0, 70);
    exactly(r, 0, DECREASE_OWNER);
    /* An extent that fails half way: what was freed stays freed. */
    decrease(r, 2, 2, 44);
    loses(r, 4);
    exactly(r, 1, DECREASE_OWNER);
    decrease(r, 1, 1, 43);
    loses(r, 1);
    exactly(r, 0, DECREASE_OWNER);
    free(r);
}

static void test_list(void **state)
{
    struct rig *r = with_pages(R_C, 0);

    (void)state;
    decrease(r, 5, 0, 40)->list_entries = 2;
    loses(r, 2);
    exactly(r, 2, DECREASE_LIST);
    decrease(r, 5, 0, 42)->cmd |= 3 << MEMOP_EXTENT_SHIFT;
    loses(r, 2);
    exactly(r, 5, DECREASE_DONE);
    assert_true(r->m.names[0].owned[1] & (1 << (42 - HV_FRAME_BASE)));
    assert_false(r->m.names[0].owned[1] & (1 << (45 - HV_FRAME_BASE)));
    /* 32-bit callers name frames by 32 bits. */
    decrease(r, 1, 0, (UINT64_C(1) << 32) + 42)->caller.flags |=
        HV_CALLER_ABI32;
    r->call.arg_bytes = COMPAT_RESERVATION_SIZE;
    loses(r, 1);
    exactly(r, 1, DECREASE_DONE);
    free(r);
}

/* A mapped page is given back at the last unmapping, and not before. */
static void test_mapped(void **state)
{
    (void)state;
    for ( unsigned int i = 0; i < 3; i++ )
    {
        struct rig *r = with_pages(regimes[i], 5);

        rig_page(r, HV_CALL_MAP, 1, 40);
        exactly(r, 0, MAP_OK);
        rig_page(r, HV_CALL_MAP, 1, 40);
        exactly(r, 0, MAP_OK);
        decrease(r, 2, 0, 40);
        r->list[1] = 40;
        exactly(r, 2, DECREASE_DONE);
        decrease(r, 1, 0, 40);
        exactly(r, 1, DECREASE_DONE);
        rig_page(r, HV_CALL_UNMAP, 1, 40);
        exactly(r, 0, UNMAP_OK);
        rig_page(r, HV_CALL_UNMAP, 1, 40);
        loses(r, 1);
        exactly(r, 0, UNMAP_OK);
        rig_page(r, HV_CALL_UNMAP, 1, 40);
        exactly(r, -EINVAL, UNMAP_FRAME);
        free(r);
    }
}

/* Pages without a name: a frame may be one, so both answers stand. */
static void test_nameless(void **state)
{
    struct rig *r = with_pages(R_C, 0);

    (void)state;
    rig_resv(r, XENMEM_increase_reservation, 1, 2, 0)->list_entries = 0;
    r->call.resv.extent_start.p = NULL;
    rig_free(r, -2);
    r->seen.dom[1].tot += 2;
    exactly(r, 2, INCREASE_DONE);

    decrease(r, 5, 0, 80);
    loses(r, 1);
    step(r, 1, DECREASE_OWNER);
    assert_int_equal(r->p.lo, 0);
    assert_int_equal(r->p.hi, 2); /* there are only two */
    assert_int_equal(r->m.dom[1].nameless, 1);
    /* Half an extent, seen from the count. */
    decrease(r, 1, 1, 90);
    loses(r, 1);
    step(r, 0, DECREASE_OWNER);
    assert_int_equal(r->m.dom[1].nameless, 0);
    decrease(r, 1, 0, 92);
    exactly(r, 0, DECREASE_OWNER);
    free(r);
}

/* dom0's own pages are known as a number. */
static void test_dom0(void **state)
{
    struct rig *r = with_pages(R_C, 0);

    (void)state;
    rig_resv(r, DECREASE, 0, 2, 0);
    rig_frames(r->list, 2, 200, 0);
    r->seen.dom[0].tot -= 2;
    rig_free(r, 2);
    step(r, 2, DECREASE_OWNER);
    assert_int_equal(r->m.dom[0].initial, DOM0_PAGES - 2);
    /* But not a page that is somebody's. */
    rig_resv(r, DECREASE, 0, 1, 0);
    r->list[0] = 40;
    exactly(r, 0, DECREASE_OWNER);
    free(r);
}

/* ---- the queries ---- */

static void test_queries(void **state)
{
    struct rig *r = with_pages(R_C, 5);
    struct hv_call *c;

    (void)state;
    c = rig_memory_op(r, XENMEM_current_reservation, 1, 0);
    c->arg_bytes = 2;
    exactly(r, 10, QUERY_CURRENT);
    c->caller = (struct hv_caller){ .domid = 1 };
    exactly(r, 10, QUERY_CURRENT);
    c->resv.domid = DOMID_SELF;
    exactly(r, 10, QUERY_CURRENT);
    c->resv.domid = 0;
    exactly(r, -EPERM, QUERY_XSM);
    c->resv.domid = 2;
    exactly(r, -ESRCH, QUERY_DOMID);
    c->arg_bytes = 1;
    exactly(r, -EFAULT, QUERY_FAULT);
    c->cmd |= 1 << MEMOP_EXTENT_SHIFT;
    exactly(r, -EINVAL, QUERY_START);

    rig_domctl(r, XEN_DOMCTL_max_mem, 1, UINT64_MAX);
    r->seen.dom[1].max = UINT32_MAX;
    exactly(r, 0, MAX_MEM_OK);
    c = rig_memory_op(r, XENMEM_maximum_reservation, 1, 0);
    exactly(r, UINT32_MAX, QUERY_MAXIMUM);
    c->caller.flags |= HV_CALLER_ABI32;
    exactly(r, INT32_MAX, QUERY_MAXIMUM);
    free(r);
}

/* d1 on a live host, where it has two pages that are in no counter. */
static struct rig *live(void)
{
    struct rig *r = rig_new(R_C, 1, 100);
    const struct host_shape shape = r->m.shape;

    rig_init(r, &shape, 0, false);
    rig_domctl(r, XEN_DOMCTL_createdomain, 1, 0);
    r->seen.dom[1].state = HV_DOM_ALIVE;
    step(r, 0, CREATE_OK);
    return r;
}

static void live_gets(struct rig *r, uint32_t nr, uint64_t base)
{
    rig_resv(r, XENMEM_populate_physmap, 1, nr, 0);
    rig_frames(r->out, nr, base, 0);
    rig_free(r, -(int64_t)nr);
    r->seen.dom[1].tot += nr;
    step(r, nr, POPULATE_DONE);
}

/* It gives them back once. */
static void test_uncounted(void **state)
{
    struct rig *r = live();

    (void)state;
    decrease(r, 3, 0, 40);
    step(r, 2, DECREASE_OWNER);
    assert_int_equal(r->p.hi, 2);
    decrease(r, 1, 0, 50);
    exactly(r, 0, DECREASE_OWNER);
    free(r);
}

/* ... also between others of an extent that is given back in part. */
static void test_uncounted_between(void **state)
{
    struct rig *r = live();

    (void)state;
    rig_domctl(r, XEN_DOMCTL_max_mem, 1, 50 * 4);
    r->seen.dom[1].max = 50;
    step(r, 0, MAX_MEM_OK);
    live_gets(r, 1, 40);
    live_gets(r, 2, 43);
    /* 40, then 41 and 42, that have no counter; 45 is nobody's. */
    decrease(r, 1, 3, 40);
    loses(r, 3);
    step(r, 0, DECREASE_OWNER);
    /* There are no more of them. */
    live_gets(r, 1, 50);
    live_gets(r, 1, 52);
    decrease(r, 1, 2, 50);
    loses(r, 2);
    model_predict(&r->m, &r->call, NULL, &r->p);
    r->result.rc = 0;
    model_commit(&r->m, &r->call, &r->p, &r->result, &r->seen);
    assert_int_equal(r->m.counters.dom[1].tot, 1);
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_growth),
        cmocka_unit_test(test_not_owned),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_mapped),
        cmocka_unit_test(test_nameless),
        cmocka_unit_test(test_dom0),
        cmocka_unit_test(test_queries),
        cmocka_unit_test(test_uncounted),
        cmocka_unit_test(test_uncounted_between),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
