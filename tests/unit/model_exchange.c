/* SPDX-License-Identifier: MIT */
/*
 * XENMEM_exchange (rules 3.6) by a domain that dies, whose pages have no names,
 * so that no program can ask for them; nr_exchanged where another vCPU changes
 * it; and hosts on which the stub is never found.
 */
#include "model_rig.h"

/* d1 gives extents of an order that begin at frame, for single pages. */
static void exchange(struct rig *r, uint64_t nr, uint32_t order,
                     uint64_t frame)
{
    struct hv_call *c = rig_memory_op(r, XENMEM_exchange, 1, nr);

    c->arg_bytes = sizeof(struct xen_memory_exchange);
    c->resv.extent_order = order;
    c->resv.extent_start.p = (void *)(uintptr_t)GUEST_LIST_START;
    c->out.domid = 1;
    c->out.nr_extents = nr << order;
    c->out.extent_start.p = (void *)(uintptr_t)(GUEST_LIST_START +
                                                nr * sizeof(uint64_t));
    c->list_entries = (uint32_t)(nr + (nr << order));
    rig_frames(r->list, nr, frame, order);
    memcpy(r->out, r->list, sizeof(r->out));
    model_predict(&r->m, c, NULL, &r->p);
}

/* d1 is half destroyed: five pages are left of six. */
static struct rig *dying(void)
{
    struct rig *r = rig_with_pages(R_C, 50, 6);

    rig_domctl(r, XEN_DOMCTL_destroydomain, 1, 0)->domctl.preempt = 1;
    r->seen.dom[1].state = HV_DOM_DYING;
    r->seen.dom[1].tot = 5;
    rig_free(r, 1);
    step(r, HV_CONTINUE, DESTROY_STEP);
    return r;
}

/* The call said rc and how many were exchanged, and so many pages are free: is
 * that so, for the model? */
static bool believed(struct rig *r, long rc, uint64_t exchanged, int pages)
{
    bool is;

    r->result.rc = rc;
    r->result.nr_exchanged = exchanged;
    r->seen.dom[1].tot -= (uint32_t)pages;
    rig_free(r, pages);
    is = model_allows(&r->p, rc) &&
         !model_commit(&r->m, &r->call, &r->p, &r->result, &r->seen) &&
         !memcmp(model_view(&r->m), &r->seen, sizeof(r->seen));
    free(r);
    return is;
}

/* Which pages are given, what is told, and whether it can be. */
static void test_dying(void **state)
{
    static const struct
    {
        uint64_t nr, frame;
        uint32_t order;
        long rc;
        uint64_t exchanged;
        int pages;
        bool possible;
    } told[] = {
        /* A page that may be the domain's is lost, or was not its own. */
        { 1, 40, 0, 0, 0, 1, true },
        { 1, 40, 0, -EINVAL, 0, 0, true },
        { 1, 40, 0, 0, 0, 0, false },
        { 1, 40, 0, 0, 0, 2, false },
        { 1, 40, 0, 0, 1, 1, false },
        { 1, 40, 0, -ENOMEM, 0, 0, false },
        { 1, 40, 0, -EFAULT, 0, 0, false },
        /* The first chunk is the last. */
        { 2, 40, 0, 0, 0, 1, true },
        { 2, 40, 0, 0, 0, 2, false },
        /* Of a block, those pages that were given before one was not. */
        { 1, 40, 1, 0, 0, 2, true },
        { 1, 40, 1, 0, 0, 1, false },
        { 1, 40, 1, -EINVAL, 0, 1, true },
        { 1, 40, 1, -EINVAL, 0, 2, true },
        { 1, 40, 1, -EINVAL, 0, 3, false },
        /* No page of the host: nothing is given, or what is before it. */
        { 1, 0, 0, -EINVAL, 0, 0, true },
        { 1, 0, 0, -EINVAL, 0, 1, false },
        { 1, 0, 0, 0, 0, 0, false },
        { 1, HV_FRAME_BASE - 1, 1, -EINVAL, 0, 1, false },
        { 1, HV_FRAME_BASE + RIG_NODE_PAGES - 1, 1, -EINVAL, 0, 1, true },
        { 1, HV_FRAME_BASE + RIG_NODE_PAGES - 1, 1, -EINVAL, 0, 2, false },
        { 1, HV_FRAME_BASE + RIG_NODE_PAGES - 1, 1, 0, 0, 1, false },
    };

    (void)state;
    for ( unsigned int i = 0; i < sizeof(told) / sizeof(told[0]); i++ )
    {
        struct rig *r = dying();

        exchange(r, told[i].nr, told[i].order, told[i].frame);
        if ( believed(r, told[i].rc, told[i].exchanged, told[i].pages) !=
             told[i].possible )
            fail_msg("%u: expected %s", i,
                     told[i].possible ? "possible" : "impossible");
    }
}

/* That nothing can be written changes nothing of what is lost. */
static void test_dying_readonly(void **state)
{
    (void)state;
    for ( int lost = 0; lost < 3; lost++ )
    {
        struct rig *r = dying();

        exchange(r, 1, 0, 40);
        r->call.readonly = HV_READONLY_ARG | HV_READONLY_LIST;
        model_predict(&r->m, &r->call, NULL, &r->p);
        assert_int_equal(believed(r, -EFAULT, 0, lost), lost < 2);
    }
}

/* Somebody inverts the lowest byte of nr_exchanged: what is there after a call
 * of two domains, or one that has nothing to do. */
static void test_changed_by_another(void **state)
{
    static const struct
    {
        uint16_t domid;
        uint64_t nr;
        uint32_t readonly;
        long rc;
        uint64_t exchanged;
        bool possible;
    } told[] = {
        /* It is written back, so that the change is gone. */
        { 2, 1, 0, -EINVAL, 0, true },
        { 2, 1, 0, -EINVAL, 0xff, false },
        { 2, 1, HV_READONLY_ARG, -EFAULT, 0, true },
        { 2, 1, HV_READONLY_ARG, -EFAULT, 0xff, true },
        { 2, 1, HV_READONLY_ARG, -EFAULT, 0xfe, false },
        { 2, 1, HV_READONLY_ARG, -EFAULT, 0x1ff, false },
        { 1, 0, 0, 0, 0, true },
        { 1, 0, 0, 0, 0xff, true },
        { 1, 0, 0, 0, 1, false },
    };

    (void)state;
    for ( unsigned int i = 0; i < sizeof(told) / sizeof(told[0]); i++ )
    {
        struct rig *r = rig_with_pages(R_C, 50, 6);

        exchange(r, told[i].nr, 0, 40);
        r->call.out.domid = told[i].domid;
        r->call.readonly = told[i].readonly;
        r->call.flip = 1 + offsetof(struct xen_memory_exchange, nr_exchanged);
        model_predict(&r->m, &r->call, NULL, &r->p);
        if ( believed(r, told[i].rc, told[i].exchanged, 0) !=
             told[i].possible )
            fail_msg("%u: expected %s", i,
                     told[i].possible ? "possible" : "impossible");
    }
}

/* The first page of a host, twice in one chunk. */
static void test_first_page_twice(void **state)
{
    struct rig *r = rig_with_domain(R_C, 100, 50);

    (void)state;
    rig_populates(r, 1, 2, HV_FRAME_BASE);
    exchange(r, 2, 0, HV_FRAME_BASE);
    r->call.out.nr_extents = r->call.out.extent_order = 1;
    r->call.list_entries = 3;
    model_predict(&r->m, &r->call, NULL, &r->p);
    assert_true(model_allows(&r->p, 0));
    r->list[1] = r->list[0];
    model_predict(&r->m, &r->call, NULL, &r->p);
    assert_false(model_allows(&r->p, 0));
    assert_true(model_allows(&r->p, -EINVAL));
    free(r);
}

/* The third chunk may give what the first one gave: it may have come back. */
static void test_given_again(void **state)
{
    struct rig *r = rig_with_pages(R_C, 50, 6);

    (void)state;
    exchange(r, 3, 0, 40);
    r->list[2] = r->list[0];
    model_predict(&r->m, &r->call, NULL, &r->p);
    assert_true(model_allows(&r->p, 0));
    assert_true(model_allows(&r->p, -EINVAL));
    free(r);
}

/* d1 exchanges its page of a coloured host, of whose heap it is not known what it
 * has; the output cannot be written. */
static struct rig *coloured(uint8_t offline)
{
    struct rig *r = rig_new_llc(R_C);

    rig_create(r, 1, 50);
    rig_resv(r, XENMEM_populate_physmap, 1, 1, 0);
    rig_frames(r->out, 1, 40, 0);
    r->seen.dom[1].tot++;
    step(r, 1, ALLOC_SPACE);
    r->m.page[40 - HV_FRAME_BASE].offline = offline;
    exchange(r, 1, 0, 40);
    r->call.readonly = HV_READONLY_LIST;
    model_predict(&r->m, &r->call, NULL, &r->p);
    assert_int_equal(r->p.rule, RULE_EXCHANGE_WRITE);

    return r;
}

/* If it has nothing, nothing is done that could not be told. */
static void test_nothing_to_tell(void **state)
{
    struct rig *r = coloured(0);

    (void)state;
    r->result.rc = -ENOMEM;
    assert_null(model_commit(&r->m, &r->call, &r->p, &r->result, &r->seen));
    assert_int_equal(r->m.page[40 - HV_FRAME_BASE].owner, 1);
    free(r);
}

/* If it has something, the input is given back: one that was to go out of use has
 * gone. */
static void test_untold_is_done(void **state)
{
    struct rig *r = coloured(MODEL_OFFLINING);

    (void)state;
    r->result.rc = -EFAULT;
    assert_null(model_commit(&r->m, &r->call, &r->p, &r->result, &r->seen));
    assert_int_equal(r->m.page[40 - HV_FRAME_BASE].owner, MODEL_NOBODY);
    assert_int_equal(r->m.page[40 - HV_FRAME_BASE].offline, MODEL_OFFLINED);
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changed_by_another),
        cmocka_unit_test(test_dying),
        cmocka_unit_test(test_dying_readonly),
        cmocka_unit_test(test_first_page_twice),
        cmocka_unit_test(test_given_again),
        cmocka_unit_test(test_nothing_to_tell),
        cmocka_unit_test(test_untold_is_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
