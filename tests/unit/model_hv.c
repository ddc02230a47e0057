/* SPDX-License-Identifier: MIT */
/*
 * The model as a hypervisor: what it offers. A program that needs more is skipped,
 * which fails nothing.
 *
 * Not here: how it answers calls, which is what the corpus and the matrix say
 * that run on it.
 */
#include "model_rig.h"

#include "model/model_hv.h"

/* All but what looks inside of a heap that it has not, and what only makes runs
 * faster. */
static void test_offers_all_calls(void **state)
{
    const uint32_t inside = HV_CAP_AUDIT | HV_CAP_HOOKS | HV_CAP_CAPACITY |
                            HV_CAP_FETCHES | HV_CAP_HASH | HV_CAP_SAVE;

    (void)state;
    assert_int_equal(model_hv_ops.caps, HV_CAPS_ALL & ~inside);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_offers_all_calls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
