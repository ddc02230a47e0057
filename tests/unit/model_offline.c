/* SPDX-License-Identifier: MIT */
/*
 * Pages out of use (rules 3.16) that a stub does not have: of the hypervisor's
 * own heap, of its image, and those of a live host's domains that are in no
 * counter.
 */
#include "model_rig.h"

/* The hypervisor's structures of a domain lie in pages of its own heap: they are
 * told to be that, where there is a guest, and in these words only. */
static void test_offline_xen_heap(void **state)
{
    static const struct
    {
        uint32_t bits, owner;
        bool guest, possible;
    } told[] = {
        { PG_OFFLINE_XENPAGE | PG_OFFLINE_PENDING, DOMID_XEN, true, true },
        { PG_OFFLINE_XENPAGE | PG_OFFLINE_PENDING, DOMID_XEN, false, false },
        { PG_OFFLINE_PENDING, DOMID_XEN, true, false },
        { PG_OFFLINE_XENPAGE, DOMID_XEN, true, false },
        { PG_OFFLINE_XENPAGE | PG_OFFLINE_PENDING, DOMID_IO, true, false },
    };

    (void)state;
    for ( unsigned int i = 0; i < sizeof(told) / sizeof(told[0]); i++ )
    {
        struct rig *r = rig_new(R_C, 1, 100);
        struct host_shape shape = r->m.shape;
        struct hv_call *c;
        const char *why;

        rig_init(r, &shape, 1, true);
        if ( told[i].guest )
        {
            rig_domctl(r, XEN_DOMCTL_createdomain, 1, 0);
            r->seen.dom[1].state = HV_DOM_ALIVE;
            rig_free(r, -1);
            exactly(r, 0, CREATE_OK);
        }
        c = rig_call(r, HV_CALL_OFFLINE);
        c->arg_bytes = sizeof(struct xen_sysctl);
        c->data_bytes = sizeof(uint32_t);
        c->offline = (struct hv_offline){ sysctl_page_offline, 40, 40 };
        r->result.nr_status = 1;
        r->result.status[0] = told[i].bits | told[i].owner
                                                 << PG_OFFLINE_OWNER_SHIFT;
        model_predict(&r->m, c, NULL, &r->p);
        why = model_commit(&r->m, c, &r->p, &r->result, &r->seen);
        if ( !why != told[i].possible )
            fail_msg("%u: %s", i, why ? why : "possible");
        free(r);
    }
}

#define IMAGE                                                                 \
    (PG_OFFLINE_XENPAGE | PG_OFFLINE_FAILED |                                 \
     (uint32_t)DOMID_XEN << PG_OFFLINE_OWNER_SHIFT)
#define OWNED                                                                 \
    (PG_OFFLINE_OWNED | PG_OFFLINE_PENDING | 1U << PG_OFFLINE_OWNER_SHIFT)
#define UNDONE UINT32_C(0x01010101)

/* d1's pages 40 to 42 are to go out of use; what is told of each. */
static void offline(struct rig *r, uint32_t a, uint32_t b, uint32_t c)
{
    struct hv_call *call = rig_call(r, HV_CALL_OFFLINE);

    call->offline = (struct hv_offline){ sysctl_page_offline, 40, 42 };
    call->arg_bytes = sizeof(struct xen_sysctl);
    call->data_bytes = 12;
    r->result.nr_status = 3;
    r->result.status[0] = a;
    r->result.status[1] = b;
    r->result.status[2] = c;
    r->result.rc = -EPERM;
    model_predict(&r->m, call, NULL, &r->p);
}

static const char *offlined(struct rig *r)
{
    return model_commit(&r->m, &r->call, &r->p, &r->result, &r->seen);
}

/* A page of Xen's image ends the call, on a live host: rules 3.16. */
static void test_offline_image(void **state)
{
    struct rig *r = rig_with_pages(R_C, 50, 6);
    const struct host_shape shape = r->m.shape;

    (void)state;
    offline(r, OWNED, IMAGE, UNDONE);
    assert_true(model_allows(&r->p, 0));
    assert_false(model_allows(&r->p, -EPERM));

    rig_init(r, &shape, 0, false);
    rig_resv(r, XENMEM_populate_physmap, 1, 3, 0);
    rig_frames(r->out, 3, 40, 0);
    r->seen.dom[1].tot += 3;
    step(r, 3, POPULATE_DONE);
    offline(r, OWNED, IMAGE, UNDONE);
    assert_true(model_allows(&r->p, 0));
    assert_true(model_allows(&r->p, -EPERM));
    assert_null(offlined(r));
    assert_true(r->m.page[40 - HV_FRAME_BASE].offline);
    assert_false(r->m.page[41 - HV_FRAME_BASE].offline);
    assert_false(r->m.page[42 - HV_FRAME_BASE].offline);

    /* Told of no such page; of more than was done; and 0, though there is one. */
    offline(r, OWNED, OWNED, UNDONE);
    assert_non_null(offlined(r));
    offline(r, OWNED, IMAGE, OWNED);
    assert_non_null(offlined(r));
    offline(r, OWNED, IMAGE, OWNED);
    r->result.rc = 0;
    assert_non_null(offlined(r));
    /* It is so of taking out of use alone. */
    r->call.offline.action = sysctl_page_online;
    model_predict(&r->m, &r->call, NULL, &r->p);
    assert_false(model_allows(&r->p, -EPERM));
    free(r);
}

/* A live host's domain has two pages that are in no counter: one without a name
 * may be its own although the domain has none; on other hosts it may not. */
static void test_offline_uncounted(void **state)
{
    (void)state;
    for ( int live = 0; live < 2; live++ )
    {
        struct rig *r = rig_new(R_C, 1, 100);
        const struct host_shape shape = r->m.shape;

        rig_init(r, &shape, 0, !live);
        rig_domctl(r, XEN_DOMCTL_createdomain, 1, 0);
        r->seen.dom[1].state = HV_DOM_ALIVE;
        step(r, 0, CREATE_OK);
        offline(r, OWNED, OWNED, OWNED);
        r->result.rc = 0;
        assert_int_equal(!offlined(r), live);
        free(r);
    }
}

/* Nor need it have any but an extra page without a name. */
static void test_offline_extra_without_a_name(void **state)
{
    (void)state;
    for ( uint32_t extra = 0; extra < 2; extra++ )
    {
        struct rig *r = rig_new_llc(R_C);

        rig_create(r, 1, 10);
        if ( extra )
        {
            /* The coloured heap's pages have none. */
            rig_page(r, HV_CALL_EXTRA_ALLOC, 1, 0);
            r->seen.dom[1].extra = 1;
            step(r, 0, EXTRA_OK);
        }
        offline(r, OWNED, OWNED, OWNED);
        r->result.rc = 0;
        assert_int_equal(!offlined(r), extra);
        free(r);
    }
}

static bool holds(const uint64_t *set, enum rule which)
{
    return set[which / 64] >> (which % 64) & 1;
}

/* Of an unknown action no condition about frames is one. */
static void test_offline_unknown_action(void **state)
{
    struct rig *r = rig_with_pages(R_C, 50, 6);
    uint64_t set[RULE_WORDS];

    (void)state;
    offline(r, OWNED, OWNED, OWNED);
    r->call.offline.action = 7;
    model_conditions(&r->m, &r->call, set);
    assert_true(holds(set, RULE_OFFLINE_ACTION));
    assert_false(holds(set, RULE_OFFLINE_FRAME));
    assert_false(holds(set, RULE_OFFLINE_BROKEN));
    free(r);
}

/* Of a range that is none, no condition about its words or frames is one. */
static void test_offline_no_range(void **state)
{
    struct rig *r = rig_with_pages(R_C, 50, 6);
    uint64_t set[RULE_WORDS];

    (void)state;
    offline(r, OWNED, OWNED, OWNED);
    r->call.offline.action = 7;
    r->call.offline.end = r->call.offline.start - 1;
    r->call.readonly = HV_READONLY_LIST;
    model_conditions(&r->m, &r->call, set);
    assert_true(holds(set, RULE_OFFLINE_RANGE));
    assert_false(holds(set, RULE_OFFLINE_FAULT));
    assert_false(holds(set, RULE_OFFLINE_ACTION));
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_offline_xen_heap),
        cmocka_unit_test(test_offline_image),
        cmocka_unit_test(test_offline_uncounted),
        cmocka_unit_test(test_offline_extra_without_a_name),
        cmocka_unit_test(test_offline_unknown_action),
        cmocka_unit_test(test_offline_no_range),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
