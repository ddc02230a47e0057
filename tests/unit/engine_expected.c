/* SPDX-License-Identifier: MIT */
/*
 * What must have been seen instead, of a call that returns what no call does:
 * known, or left open (engine_expected()).
 *
 * Not here: that it is right, which the corpus shows (engine_lies.c).
 */
#include "engine_case.h"

#include <errno.h>

static struct
{
    struct stub_rig on;
    struct litmus litmus;
    unsigned int calls, refused; /* the call that is said to have failed */
} rig;

static unsigned int refuses(void *hv, const struct hv_call *call,
                            struct hv_result *result)
{
    unsigned int n = stub_rig_issue(&rig.on, call, result);

    (void)hv;
    if ( ++rig.calls == rig.refused )
        result->rc = -EXDEV;
    return n;
}

/* A call returns what no call does. */
static bool is_expected(const char *text, unsigned int call,
                        struct hv_view *expected)
{
    struct run_result r;

    case_parse(&rig.litmus, text);
    rig.calls = 0;
    rig.refused = call;
    engine_run(&rig.on.engine, RUN_PROGRAM(&rig.litmus.program), &r);
    assert_int_equal(r.outcome, RUN_VIOLATION);

    return engine_expected(&rig.on.engine, expected);
}

static void what_must_have_been_is_known_or_not(void **state)
{
    struct hv_view v;

    (void)state;
    assert_true(is_expected(CLAIMED, 3, &v));
    assert_int_equal(v.dom[1].claim, 8);
    assert_true(is_expected(BUILT "claim d1 33\n", 3, &v));
    assert_int_equal(v.dom[1].claim, 0);
    assert_true(is_expected("create d3\n", 1, &v));
    assert_int_equal(v.dom[3].state, HV_DOM_ALIVE);
    /* Which frames it would have got; how far it came, or would have come. */
    assert_false(is_expected(BUILT "populate d1 1\n", 3, &v));
    assert_false(is_expected(
        BUILT "populate d1 4 order=2\nwrite d1 16\ndestroy d1\ncreate d1\n"
              "max_mem d1 32\npopulate d1 4 order=2 preempt=1 stop=1\n",
        23, &v));
    assert_false(
        is_expected(BUILT "populate d1 8\ndestroy d1 steps=1\n", 4, &v));
}

static int open_rig(void **state)
{
    const struct engine_options engine = { 0 };

    *state = &rig.on;
    stub_rig_open(&rig.on, &engine);
    rig.on.ops.issue = refuses;

    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_must_have_been_is_known_or_not),
    };

    return cmocka_run_group_tests(tests, open_rig, stub_rig_close);
}
