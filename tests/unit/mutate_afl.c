/* SPDX-License-Identifier: MIT */
/* AFL++'s interface to the mutator, driven as afl-fuzz drives it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka.h wants those above. */
#include <cmocka.h>

#include "harness/generate/generate.h"
#include "harness/mutate/afl.h"
#include "harness/mutate/mutate.h"

static size_t some_program(uint8_t *bytes, unsigned int ops, uint64_t seed)
{
    const struct generate_options o = { .release = -1, .ops = ops };
    static struct program p;

    program_generate(&p, seed, &o);
    return program_encode(&p, bytes);
}

/* Names begin as scripts/fuzz expects, are files' names, and differ. */
static void test_describe(void **state)
{
    static uint8_t bytes[PROGRAM_BYTES_MAX];
    size_t size = some_program(bytes, 20, 1);
    void *m = afl_custom_init(NULL, 7);
    unsigned int longer = 0;

    (void)state;
    for ( unsigned int i = 0; i < 200; i++ )
    {
        size_t limit = i % 2 ? 64 : 16;
        const char *name;
        uint8_t *out;

        assert_true(afl_custom_fuzz(m, bytes, size, &out, bytes, size,
                                    PROGRAM_BYTES_MAX) > 0);
        name = afl_custom_describe(m, limit);
        assert_memory_equal(name, "operations", 10);
        assert_true(strlen(name) < limit);
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz-"),
                         strlen(name));
        longer += strlen(name) > 10;
    }
    assert_true(longer > 100);
    afl_custom_deinit(m);
}

/* The program does the same while its claims of d1 stay. */
static unsigned int claims(const uint8_t *bytes, size_t size)
{
    static struct program p;
    unsigned int n = 0;

    program_decode(&p, bytes, size, NULL);
    for ( unsigned int i = 0; i < p.nr_ops; i++ )
        n += p.op[i].code == OP_claim;

    return n;
}

static void trim_one(unsigned int ops, uint64_t seed)
{
    static uint8_t bytes[PROGRAM_BYTES_MAX], best[PROGRAM_BYTES_MAX];
    size_t size = some_program(bytes, ops, seed), best_size = size;
    unsigned int want = claims(bytes, size);
    void *m = afl_custom_init(NULL, 0);
    int32_t steps = afl_custom_init_trim(m, bytes, size), at = 0;
    static struct program p;

    assert_in_range(steps, ops, 2 * ops + 7);
    memcpy(best, bytes, size);
    while ( at < steps )
    {
        uint8_t *out;
        size_t n = afl_custom_trim(m, &out);
        bool same = claims(out, n) == want;
        int32_t next;

        assert_true(n < best_size);
        if ( same )
        {
            memcpy(best, out, n);
            best_size = n;
        }
        next = afl_custom_post_trim(m, same);
        assert_true(next > at);
        at = next;
    }
    program_decode(&p, best, best_size, NULL);
    assert_int_equal(p.nr_ops, want);
    afl_custom_deinit(m);
}

static void test_trim(void **state)
{
    (void)state;
    for ( unsigned int ops = 1; ops <= PROGRAM_OPS_MAX; ops++ )
        for ( uint64_t seed = 0; seed < 20; seed++ )
            trim_one(ops, seed);
}

/* Nothing to leave out: no program, raw calls. */
static void test_no_trim(void **state)
{
    uint8_t bytes[HEADER_BYTES + RESERVATION_BYTES] = { 0 };
    void *m = afl_custom_init(NULL, 0);

    (void)state;
    assert_int_equal(afl_custom_init_trim(m, bytes, 0), 0);
    assert_int_equal(afl_custom_init_trim(m, bytes, HEADER_BYTES), 0);
    bytes[0] = FORMAT_VERSION << FORMAT_VERSION_SHIFT | KIND_RESERVATION;
    assert_int_equal(afl_custom_init_trim(m, bytes, sizeof(bytes)), 0);
    afl_custom_deinit(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_describe),
        cmocka_unit_test(test_trim),
        cmocka_unit_test(test_no_trim),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
