/* SPDX-License-Identifier: MIT */
/* Numbers of frames on a live host: dense, stable until forgotten, limited. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "live/frames.h"

/* Neighbours and far ones, as an allocator gives them. */
static uint64_t nth(unsigned int i)
{
    return i % 3 ? 0x2a000 + i : (uint64_t)i << 18;
}

static void test_dense_and_stable(void **state)
{
    static struct frames f;
    unsigned int i;

    (void)state;
    for ( i = 0; i < LIVE_FRAMES_MAX; i++ )
        assert_int_equal(frames_id(&f, nth(i)), i);
    for ( i = 0; i < LIVE_FRAMES_MAX; i++ )
        assert_int_equal(frames_id(&f, nth(i)), i);
    assert_int_equal(frames_id(&f, UINT64_MAX), -1);
}

static void test_forgotten_entirely(void **state)
{
    static struct frames f, empty;
    unsigned int i;

    (void)state;
    for ( i = 0; i < LIVE_FRAMES_MAX; i++ )
        frames_id(&f, nth(i));
    frames_forget(&f);
    assert_int_equal(f.nr, 0);
    assert_memory_equal(f.slot, empty.slot, sizeof(f.slot));
    assert_int_equal(frames_id(&f, nth(7)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dense_and_stable),
        cmocka_unit_test(test_forgotten_entirely),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
