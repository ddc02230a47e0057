/* SPDX-License-Identifier: MIT */
/*
 * The judgement on marks can fail: one that must be reached and was not, and
 * the canary that was. (Whether they are: `claimcheck marks` in tests/guards.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "marks/marks.h"

/* All that must be reached is, and nothing else. */
static void as_they_should_be(unsigned char reached[MARK_COUNT])
{
    for ( unsigned int m = 0; m < MARK_COUNT; m++ )
        reached[m] = mark_table[m].kind == MARK_MUST;
}

static void each_mark_counts(void **state)
{
    unsigned char reached[MARK_COUNT];

    (void)state;
    as_they_should_be(reached);
    assert_int_equal(marks_wrong(reached), 0);
    for ( unsigned int m = 0; m < MARK_COUNT; m++ )
    {
        as_they_should_be(reached);
        reached[m] = !reached[m];
        assert_int_equal(marks_wrong(reached), 1);
    }
    memset(reached, 0, sizeof(reached));
    assert_true(marks_wrong(reached) == MARK_COUNT - 1);
}

static void there_is_one_canary(void **state)
{
    unsigned int never = 0;

    (void)state;
    for ( unsigned int m = 0; m < MARK_COUNT; m++ )
    {
        never += mark_table[m].kind == MARK_NEVER;
        assert_true(strlen(mark_table[m].text) > 10);
    }
    assert_int_equal(never, 1);
    assert_int_equal(mark_table[MARK_canary].kind, MARK_NEVER);
}

static void a_mark_is_noted_where_they_are_built_in(void **state)
{
    (void)state;
    memset(mark_reached, 0, sizeof(mark_reached));
    MARK(heap_split);
    MARK_IF(marks_built_in, heap_merge);
    MARK_IF(!marks_built_in, heap_regrow);
    assert_int_equal(mark_reached[MARK_heap_split], marks_built_in);
    assert_int_equal(mark_reached[MARK_heap_merge], marks_built_in);
    assert_int_equal(mark_reached[MARK_heap_regrow], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mark_counts),
        cmocka_unit_test(there_is_one_canary),
        cmocka_unit_test(a_mark_is_noted_where_they_are_built_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
