/* SPDX-License-Identifier: MIT */
/* XENMEM_claim_pages: every row of rules 1.1 and 1.2 decides somewhere. */
#include "model_rig.h"

/* Calls f for every release. */
static void every_release(void (*f)(enum release))
{
    for ( int rel = 0; rel < RELEASE_COUNT; rel++ )
        f((enum release)rel);
}

/* Vectors 1-4, 6. */
static void claims_of(enum release rel)
{
    struct rig *r = rig_new(rel, 1, 100);

    rig_create(r, 1, 0);
    rig_claim(r, 1, 1);
    exactly(r, -EINVAL, CLAIM_ABOVE_MAX);
    rig_domctl(r, XEN_DOMCTL_max_mem, 1, 50 * 4);
    r->seen.dom[1].max = 50;
    exactly(r, 0, MAX_MEM_OK);
    rig_claim(r, 1, 51);
    exactly(r, -EINVAL, CLAIM_ABOVE_MAX);
    rig_claims(r, 1, 50);
    rig_claim(r, 1, 50);
    exactly(r, -EINVAL, CLAIM_SECOND);
    rig_claim(r, 1, 0);
    rig_claimed(r, 1, -50);
    exactly(r, 0, CLAIM_RELEASE);
    rig_claim(r, 1, 0);
    exactly(r, 0, CLAIM_RELEASE);

    rig_populates(r, 1, 10, 40);
    rig_claim(r, 1, 10);
    exactly(r, -EINVAL, CLAIM_NOT_ABOVE);
    rig_claim(r, 1, 11);
    rig_claimed(r, 1, 1);
    exactly(r, 0, CLAIM_OK);
    free(r);
}

static void test_claims(void **state)
{
    (void)state;
    every_release(claims_of);
}

/* Vector 5. */
static void unclaimed_of(enum release rel)
{
    struct rig *r = rig_new(rel, 1, 100);

    rig_create(r, 1, 1000);
    rig_create(r, 2, 1000);
    rig_claims(r, 2, 60);
    rig_claim(r, 1, 41);
    exactly(r, -ENOMEM, CLAIM_NOMEM);
    rig_claims(r, 1, 40);
    free(r);
}

static void test_unclaimed(void **state)
{
    (void)state;
    every_release(unclaimed_of);
}

/* The limit is looked at before memory, owned pages before the limit. */
static void test_order_of_claim_rules(void **state)
{
    struct rig *r = rig_new(R_C, 1, 10);

    (void)state;
    rig_create(r, 1, 20);
    rig_claim(r, 1, UINT64_MAX);
    exactly(r, -EINVAL, CLAIM_ABOVE_MAX);
    rig_claim(r, 1, 20);
    exactly(r, -ENOMEM, CLAIM_NOMEM);
    rig_populates(r, 1, 5, 40);
    rig_domctl(r, XEN_DOMCTL_max_mem, 1, 4);
    r->seen.dom[1].max = 1;
    exactly(r, 0, MAX_MEM_OK);
    rig_claim(r, 1, 3);
    exactly(r, -EINVAL, CLAIM_NOT_ABOVE);
    free(r);
}

/* More claimed than free: the subtraction wraps and nothing is refused. */
static void test_wrap(void **state)
{
    struct rig *r = rig_new(R_C, 1, 10);
    struct host_shape shape = r->m.shape;

    (void)state;
    r->seen.dom[1] = (struct hv_domain_view){ .state = HV_DOM_ALIVE,
                                              .max = 10,
                                              .claim = 10 };
    r->seen.dom[2] = (struct hv_domain_view){ .state = HV_DOM_ALIVE,
                                              .max = 1000 };
    r->seen.claimed = 10;
    rig_free(r, -1);
    rig_init(r, &shape, 0, true);
    rig_claims(r, 2, 1000);
    assert_int_equal(model_view(&r->m)->claimed, 1010);
    free(r);
}

/* Spoils one argument more at each turn, last row first: the row decides
 * although all later ones would, too. */
static void test_order_of_arguments(void **state)
{
    struct rig *r = rig_new(R_C, 1, 100);
    struct hv_call *c;

    (void)state;
    rig_create(r, 1, 50);
    c = rig_claim(r, 1, 51);
    c->caller = (struct hv_caller){ .domid = 1 };
    exactly(r, -EPERM, CLAIM_XSM);
    c->resv.domid = 2;
    exactly(r, -EINVAL, CLAIM_DOMID);
    c->resv.mem_flags = UINT32_C(1) << 31;
    exactly(r, -EINVAL, CLAIM_FLAGS);
    c->resv.extent_order = 1;
    exactly(r, -EINVAL, CLAIM_ORDER);
    c->resv.extent_start.p = (void *)(uintptr_t)1;
    exactly(r, -EINVAL, CLAIM_LIST);
    c->arg_bytes = 31;
    exactly(r, -EFAULT, CLAIM_FAULT);
    c->cmd |= 1 << MEMOP_EXTENT_SHIFT; /* vector 28 */
    exactly(r, -EINVAL, CLAIM_START_EXTENT);
    c->caller.flags |= HV_CALLER_ABI32; /* vector 25 */
    exactly(r, -ENOSYS, CLAIM_COMPAT);
    c->caller.flags |= HV_CALLER_USER;
    exactly(r, -EPERM, CALLER_USER);
    free(r);
}

/* All rules before the deciding one are told, in order. */
static void test_evaluated(void **state)
{
    static const enum rule rules[] = {
        RULE_CALLER_USER,        RULE_COMMAND,
        RULE_CLAIM_COMPAT,       RULE_CLAIM_LLC,
        RULE_CLAIM_START_EXTENT, RULE_CLAIM_FAULT,
        RULE_CLAIM_LIST,         RULE_CLAIM_ORDER,
        RULE_CLAIM_FLAGS,
    };
    struct rig *r = rig_new(R_C, 1, 100);

    (void)state;
    rig_claim(r, 0, 0)->resv.mem_flags = 1;
    exactly(r, -EINVAL, CLAIM_FLAGS);
    assert_int_equal(r->p.nr_evaluated, sizeof(rules) / sizeof(rules[0]));
    for ( unsigned int i = 0; i < r->p.nr_evaluated; i++ )
        assert_int_equal(r->p.evaluated[i], rules[i]);
    free(r);
}

/* Vectors 26, 27 and the table of domids. */
static void domids_of(enum release rel)
{
    static const uint16_t bad[] = { 2,         7,          8,
                                    0x7fef,    DOMID_SELF, DOMID_IO,
                                    DOMID_XEN, DOMID_COW,  DOMID_INVALID,
                                    DOMID_ANY, DOMID_IDLE, 0x8000,
                                    0xffff };
    struct rig *r = rig_new(rel, 1, 100);
    struct hv_call *c;

    rig_create(r, 1, 50);
    for ( unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++ )
    {
        rig_claim(r, bad[i], 0);
        exactly(r, -EINVAL, CLAIM_DOMID);
    }
    rig_claim(r, 0, 0);
    exactly(r, 0, CLAIM_RELEASE);
    c = rig_claim(r, 1, 1);
    c->caller = (struct hv_caller){ .domid = 1 };
    exactly(r, -EPERM, CLAIM_XSM);
    c->resv.mem_flags = 1;
    exactly(r, -EINVAL, CLAIM_FLAGS);
    free(r);
}

static void test_domids(void **state)
{
    (void)state;
    every_release(domids_of);
}

/* LLC colouring: refused first where the release says so, else ignored. */
static void llc_of(enum release rel)
{
    struct rig *r = rig_new_llc(rel);

    rig_claim(r, 0, 0)->cmd |= 1 << MEMOP_EXTENT_SHIFT;
    if ( rel == RELEASE_4_20_3 || rel == RELEASE_4_21_1 ||
         rel >= RELEASE_4_22 )
        exactly(r, -EOPNOTSUPP, CLAIM_LLC);
    else
        exactly(r, -EINVAL, CLAIM_START_EXTENT);
    free(r);
}

static void test_llc(void **state)
{
    (void)state;
    every_release(llc_of);
}

/* Other commands are not the model's. */
static void test_commands(void **state)
{
    struct rig *r = rig_new(R_C, 1, 100);

    (void)state;
    for ( uint64_t cmd = 0; cmd < 64; cmd++ )
    {
        if ( cmd == 0 || cmd == 1 || cmd == 3 || cmd == 4 || cmd == 6 ||
             cmd == 11 || cmd == 24 )
            continue;
        rig_memory_op(r, cmd, 0, 1);
        exactly(r, -ENOSYS, COMMAND);
    }
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_claims),
        cmocka_unit_test(test_unclaimed),
        cmocka_unit_test(test_order_of_claim_rules),
        cmocka_unit_test(test_wrap),
        cmocka_unit_test(test_order_of_arguments),
        cmocka_unit_test(test_evaluated),
        cmocka_unit_test(test_domids),
        cmocka_unit_test(test_llc),
        cmocka_unit_test(test_commands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
