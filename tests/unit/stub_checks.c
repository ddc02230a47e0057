/* SPDX-License-Identifier: MIT */
/* Tables of checks: that what they say of themselves and of releases agrees
 * with the facts. What a check does: stub_calls.c, the corpus. */
#include "stub_util.h"
#include "stub/checks.h"

static const struct check_table *const tables[] = {
#define TABLE(name) &name##_checks,
    CHECK_TABLES(TABLE)
#undef TABLE
};
#define TABLES (sizeof(tables) / sizeof(tables[0]))

static void masks_are_facts(void **state)
{
    (void)state;
    for ( unsigned int r = 0; r < RELEASED_COUNT; r++ )
    {
        const struct release_facts *f = release_facts(r);
        unsigned int bit = RELEASE_BIT(r);

        assert_int_equal(f->claim_sets != 0, !!(RELEASES_WITH_SETS & bit));
        if ( f->claim_sets )
            continue; /* all else as the newest release has it */
        assert_int_equal(f->grow_on_free, !!(RELEASES_GROWING_ON_FREE & bit));
        assert_int_equal(f->redeem_at_alloc,
                         !!(RELEASES_REDEEMING_AT_ALLOC & bit));
        assert_int_equal(f->claim_tests_dying,
                         !!(RELEASES_TESTING_DYING & bit));
        assert_int_equal(f->claim_tests_llc, !!(RELEASES_TESTING_LLC & bit));
        assert_int_equal(f->info_finds_next, !!(RELEASES_FINDING_NEXT & bit));
        assert_int_equal(f->domids == DOMID_RULE_ANY,
                         !!(RELEASES_WITH_DOMID_ANY & bit));
    }
}

/* A row can only need one before it, and its name is its own. */
static void rows_need_earlier_ones(void **state)
{
    (void)state;
    for ( size_t t = 0; t < TABLES; t++ )
        for ( uint32_t i = 0; i < tables[t]->nr; i++ )
        {
            const struct check *k = &tables[t]->check[i];
            bool found = !k->needs;

            assert_int_equal(strncmp(k->rule, "rules ", 6), 0);
            for ( uint32_t j = 0; j < i; j++ )
            {
                const char *name = tables[t]->check[j].name;

                found |= k->needs && !strcmp(name, k->needs);
                assert_int_not_equal(strcmp(name, k->name), 0);
            }
            assert_true(found);
        }
}

/* Each row has its faults, and what cannot be planted is not there. */
static void faults_of_a_table(void **state)
{
    unsigned int first = stub_fault_find("claim.llc.drop");
    static const char *const next[] = {
        "claim.llc.swap",    "claim.llc.errno",   "claim.start.drop",
        "claim.start.swap",  "claim.start.errno", "claim.fault.drop",
        "claim.fault.early", "claim.fault.errno", "claim.list.drop"
    };

    (void)state;
    assert_int_not_equal(first, 0);
    for ( size_t i = 0; i < sizeof(next) / sizeof(next[0]); i++ )
    {
        first = stub_fault_next(first);
        assert_string_equal(stub_fault_id(first), next[i]);
    }
    /* The list is read by the check before. */
    assert_int_equal(stub_fault_find("claim.fault.swap"), 0);
    assert_null(stub_fault_unseen(stub_fault_find("claim.domid.swap")));
    assert_non_null(stub_fault_unseen(stub_fault_find("claim.order.swap")));
    assert_int_equal(stub_fault_releases(stub_fault_find("claim.llc.swap")),
                     RELEASES_TESTING_LLC);
    assert_int_equal(stub_fault_releases(stub_fault_find("claim.xsm.swap")),
                     RELEASES_TESTING_DYING);
}

/* The result of a claim with these two mistakes, with a fault planted. */
static long claim_with(const char *fault, uint64_t list, uint64_t start)
{
    struct bench *b = test_malloc(sizeof(*b));
    struct hv_call c = memory_call(XENMEM_claim_pages, 1, 1);
    long rc;

    bench_open(b, NULL, fault);
    create(b, 1, 10);
    c.resv.extent_start.p = (void *)(uintptr_t)list;
    c.cmd |= start << MEMOP_EXTENT_SHIFT;
    if ( start ) /* and it is unreadable */
    {
        c.arg = 0;
        c.arg_bytes = 0;
    }
    rc = issue(b, &c);
    assert_int_equal(stub_fault_hits(b->h.hv) != 0, fault && rc != -EINVAL);
    bench_close(b);
    test_free(b);

    return rc;
}

static void each_kind(void **state)
{
    (void)state;
    assert_int_equal(claim_with(NULL, 8, 0), -EINVAL);
    assert_int_equal(claim_with("claim.list.drop", 8, 0), 0);
    assert_int_equal(claim_with("claim.list.errno", 8, 0), -EPERM);
    assert_int_equal(claim_with("claim.order.drop", 8, 0), -EINVAL);
    assert_int_equal(claim_with(NULL, 0, 1), -EINVAL);
    assert_int_equal(claim_with("claim.start.swap", 0, 1), -EFAULT);
    assert_int_equal(claim_with("claim.fault.early", 0, 1), -EFAULT);
    assert_int_equal(claim_with("claim.start.drop", 0, 1), -EFAULT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_are_facts),
        cmocka_unit_test(rows_need_earlier_ones),
        cmocka_unit_test(faults_of_a_table),
        cmocka_unit_test(each_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
