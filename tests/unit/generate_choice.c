/* SPDX-License-Identifier: MIT */
/* The three sources of choices, each by what it promises in choice.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka.h wants those above. */
#include <cmocka.h>

#include "harness/generate/choice.h"

static void test_seed(void **state)
{
    struct choice a, b;
    unsigned int seen[7] = { 0 }, same = 0;

    (void)state;
    choice_from_seed(&a, 1);
    choice_from_seed(&b, 1);
    for ( int i = 0; i < 7000; i++ )
    {
        uint32_t n = choice_below(&a, 7);

        assert_true(n < 7);
        assert_int_equal(n, choice_below(&b, 7));
        seen[n]++;
    }
    for ( int i = 0; i < 7; i++ )
        assert_in_range(seen[i], 900, 1100);
    choice_from_seed(&b, 2);
    for ( int i = 0; i < 1000; i++ )
        same += choice_below(&a, 1000) == choice_below(&b, 1000);
    assert_true(same < 10);
    assert_false(choice_ended(&a));
}

static void test_bytes(void **state)
{
    static const uint8_t data[] = { 3, 200, 1, 2, 9 };
    struct choice c;

    (void)state;
    choice_from_bytes(&c, data, sizeof(data));
    assert_int_equal(choice_below(&c, 1), 0); /* takes no byte */
    assert_int_equal(choice_below(&c, 5), 3);
    assert_int_equal(choice_below(&c, 256), 200);
    assert_int_equal(choice_below(&c, 1000), 0x102);
    assert_false(choice_ended(&c));
    assert_int_equal(choice_below(&c, 300), 0); /* one byte is too few */
    assert_true(choice_ended(&c));
    choice_from_bytes(&c, NULL, 0);
    assert_int_equal(choice_below(&c, 2), 0);
    assert_true(choice_ended(&c));
}

/* A tree whose branches differ in depth and width: 2 + 3 * 2 + 1 leaves, a leaf
 * named by the path to it. */
static uint32_t walk(struct choice *c)
{
    uint32_t first = choice_below(c, 3), second;

    if ( first == 0 )
        return choice_below(c, 2);
    if ( first == 2 )
        return 99;
    second = choice_below(c, 3);

    return 10 + second * 10 + choice_below(c, 2);
}

static void test_odometer(void **state)
{
    static const uint32_t leaves[] = { 0, 1, 10, 11, 20, 21, 30, 31, 99 };
    static struct odometer wheels;
    unsigned int nr = 0;
    struct choice c;

    (void)state;
    choice_from_odometer(&c, &wheels);
    do
    {
        assert_true(nr < sizeof(leaves) / sizeof(leaves[0]));
        assert_int_equal(walk(&c), leaves[nr]);
        nr++;
    } while ( choice_next(&c) );
    assert_int_equal(nr, sizeof(leaves) / sizeof(leaves[0]));
}

/* Too long a sequence ends, and its first choices are still enumerated. */
static void test_odometer_full(void **state)
{
    static struct odometer wheels;
    struct choice c;

    (void)state;
    choice_from_odometer(&c, &wheels);
    for ( unsigned int i = 0; i < ODOMETER_MAX; i++ )
        assert_int_equal(choice_below(&c, 2), 0);
    assert_false(choice_ended(&c));
    assert_int_equal(choice_below(&c, 2), 0);
    assert_true(choice_ended(&c));
    assert_true(choice_next(&c));
    assert_false(choice_ended(&c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seed),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_odometer),
        cmocka_unit_test(test_odometer_full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
