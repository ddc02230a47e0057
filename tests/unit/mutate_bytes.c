/* SPDX-License-Identifier: MIT */
/*
 * The mutator on bytes: a pure function, within its limit, and what it returns
 * is canonical. Not here: whether it finds anything (claimcheck hunt).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "harness/mutate/mutate.h"

/* Of each chain. In so many a program has had every size there is; raw calls,
 * which grow slowly, have reached 42 of 64. */
#define ROUNDS 300

static void chain(enum program_kind kind, size_t limit)
{
    static uint8_t a[PROGRAM_BYTES_MAX], b[PROGRAM_BYTES_MAX];
    static uint8_t c[PROGRAM_BYTES_MAX];
    size_t size = limit < HEADER_BYTES ? 0 : HEADER_BYTES, changed = 0;

    memset(a, 0, sizeof(a));
    a[0] = FORMAT_VERSION << FORMAT_VERSION_SHIFT |
           (kind == KIND_SYSCTL ? KIND_DOMCTL : kind);
    a[HEADER_AT_HOST] = kind == KIND_SYSCTL ? HEADER_SYSCTL : 0;
    for ( uint64_t seed = 0; seed < ROUNDS; seed++ )
    {
        size_t n, m;

        memcpy(b, a, sizeof(a));
        memcpy(c, a, sizeof(a));
        n = mutate(b, size, limit, seed);
        m = mutate(c, size, limit, seed);
        assert_int_equal(n, m);
        assert_memory_equal(b, c, n);
        assert_true(n <= limit);
        if ( limit >= HEADER_BYTES )
            assert_true(program_kind_is_raw(kind)
                            ? program_bytes_kind(b, n) == kind
                            : !program_kind_is_raw(program_bytes_kind(b, n)));
        changed += n != size || memcmp(a, b, n);
        m = mutate_cross(a, size, b, n, c, limit, seed);
        assert_true(m <= limit);
        memcpy(a, b, sizeof(a));
        size = n;
    }
    if ( limit > 100 )
        assert_true(changed > ROUNDS / 2);
}

static void test_bytes(void **state)
{
    static const size_t limits[] = { 0,  1,   3,
                                     4,  5,   47,
                                     48, 200, PROGRAM_BYTES_MAX };

    (void)state;
    for ( size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++ )
        for ( unsigned int kind = 0; kind < KIND_COUNT; kind++ )
            chain((enum program_kind)kind, limits[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_bytes) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
