/* SPDX-License-Identifier: MIT */
/* Text of programs: inverse, canonical form, problems and their places. */
#include "program_random.h"

#define TEXT_MAX (PROGRAM_OPS_MAX * (TEXT_LINE_MAX + 1))

static size_t print_to(char *out, const struct litmus *l,
                       const struct program *p)
{
    FILE *f = fmemopen(out, TEXT_MAX, "w");
    long size;

    assert_non_null(f);
    if ( l )
        litmus_print(f, l);
    else
        program_print(f, p);
    size = ftell(f);
    assert_int_equal(fclose(f), 0);
    assert_in_range(size, 1, TEXT_MAX - 1);

    return (size_t)size;
}

static void program_survives_text(void **unused)
{
    static struct program p;
    static struct litmus l;
    static char text[TEXT_MAX], again[TEXT_MAX];
    static struct problems problems;

    (void)unused;
    for ( uint64_t i = 0; i < ROUNDS; i++ )
    {
        size_t size;

        random_program(&p, i);
        size = print_to(text, NULL, &p);
        assert_true(looks_like_text((uint8_t *)text, size));
        if ( !litmus_parse(&l, text, size, &problems) )
            fail_msg("%s:%u: %s", text, problems.problem[0].line,
                     problems.problem[0].text);
        assert_true(program_equal(&p, &l.program));
        assert_int_equal(print_to(again, &l, NULL), size);
        assert_memory_equal(text, again, size);
    }
}

/* Random edits of a good text: never a crash, and every problem has a place
 * within the text. */
static void broken_text_is_reported(void **unused)
{
    static const char bits[] = "=+-!#0189abdxn.,:_ \t\n\r\x80\xc3\xa9\x01";
    static char text[TEXT_MAX], copy[TEXT_MAX];
    static struct litmus l;
    static struct problems problems;
    static struct program p;
    uint64_t state = 7;
    unsigned int bad = 0;

    (void)unused;
    for ( unsigned int i = 0; i < ROUNDS / 2; i++ )
    {
        size_t size;
        char *exact;

        if ( !(i % 64) )
        {
            random_program(&p, i + 1);
            print_to(text, NULL, &p);
            strncat(text,
                    "expect d1.claim=3 host.free=4 d2.state=dying\n"
                    "claim d1 4 = ENOMEM\n",
                    sizeof(text) - strlen(text) - 1);
        }
        size = strlen(text);
        memcpy(copy, text, size);
        for ( uint64_t n = test_random(&state) % 4 + 1; n; n-- )
        {
            size_t at = test_random(&state) % size;
            size_t from = test_random(&state) % size;
            size_t len = test_random(&state) % (size - from) % 24;

            if ( n & 1 )
                copy[at] = bits[test_random(&state) % (sizeof(bits) - 1)];
            else if ( at + len <= size )
                memmove(copy + at, copy + from, len);
        }
        size -= test_random(&state) % 8 % size;
        /* Exactly as long as it is, so that ASan sees a read too many. */
        exact = malloc(size);
        assert_non_null(exact);
        memcpy(exact, copy, size);
        bad += !litmus_parse(&l, exact, size, &problems);
        for ( unsigned int j = 0; j < problems.nr && j < TEXT_PROBLEMS_MAX;
              j++ )
        {
            assert_in_range(problems.problem[j].line, 1, size + 1);
            assert_in_range(problems.problem[j].column, 1, size + 1);
            assert_non_null(strstr(problems.problem[j].text, "expected"));
        }
        free(exact);
    }
    assert_in_range(bad, ROUNDS / 8, ROUNDS / 2);
}

static void litmus_survives_text(void **unused)
{
    static const char text[] =
        "host nodes=4 pages=256 release=4.19,4.17,4.22 llc=1 records=wide\n"
        "expect host.free=960\n"
        "create d1                                = 0\n"
        "claim d1 2^64-1                          = ENOMEM\n"
        "populate d1 8 order=2 node=3! flags=0x20000 = 8\n"
        "destroy d1 steps=1                       = ERESTART\n"
        "expect host.free=10 host.claimed=2 node3.free=4 d1.tot=1 d1.extra=1\n"
        "expect d1.max=3 d7.claim=4 d1.state=dying d2.state=absent\n"
        "physinfo\n"
        "anon_free index=3                        = -1234567\n";
    static char out[TEXT_MAX];
    static struct litmus l;
    static struct problems problems;

    (void)unused;
    assert_true(litmus_parse(&l, text, sizeof(text) - 1, &problems));
    assert_int_equal(l.releases, RELEASE_BIT(RELEASE_4_17) |
                                     RELEASE_BIT(RELEASE_4_19) |
                                     RELEASE_BIT(RELEASE_4_22));
    assert_int_equal(l.program.host.release, RELEASE_4_19);
    assert_int_equal(l.nr_expects, 10);
    assert_int_equal(l.expect[0].after, 0);
    assert_int_equal(l.expect[9].after, 4);
    assert_int_equal(l.expect[9].value, HV_DOM_ABSENT);
    assert_int_equal(l.expect[7].index, 7);
    assert_int_equal(l.result[1], -12);
    assert_int_equal(l.result[3], HV_CONTINUE);
    assert_false(l.has_result[4]);
    assert_int_equal(l.line[2], 5);
    out[print_to(out, &l, NULL)] = 0;
    assert_string_equal(out, text);
}

/* Other ways to write the same. */
static void loose_text_is_canonical_after(void **unused)
{
    static const struct
    {
        const char *loose, *canonical;
    } pairs[] = {
        { "claim pages=0x10 dom=d1", "claim d1 16" },
        { "\tclaim  d1\ttot+0 # note\r", "claim d1 tot" },
        { "claim d1 claimed-0", "claim d1 claimed" },
        { "claim d1 claimable", "claim d1 claimable" },
        { "populate d1 preempt=1 nr=8", "populate d1 8 preempt=1" },
        { "populate d1 1 order=0 list=ok node=any", "populate d1 1" },
        { "memory_op cmd=24 domid=3 nr=5 abi=32",
          "memory_op caller=dom0 abi=32 cmd=claim start=0 domid=d3 nr=5 "
          "order=0 flags=0 list=ok arg=ok" },
        { "memory_op cmd=60 domid=0x7ff0 flags=4096 caller=d7.user",
          "memory_op caller=d7.user abi=64 cmd=60 start=0 domid=self nr=0 "
          "order=0 flags=0x1000 list=ok arg=ok" },
        { "claim d1 -9223372036854775808", NULL },
        { "claim d1 2^64-9223372036854775808",
          "claim d1 2^64-9223372036854775808" },
        { "claim d1 18446744073709551615", "claim d1 18446744073709551615" },
        { "claim d1 18446744073709551616", NULL },
        { "claim d1 tot+9223372036854775808", NULL },
    };

    (void)unused;
    for ( size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++ )
    {
        static struct litmus l;
        static struct problems problems;
        char line[TEXT_LINE_MAX + 1];
        bool good = litmus_parse(&l, pairs[i].loose, strlen(pairs[i].loose),
                                 &problems);

        assert_int_equal(good, pairs[i].canonical != NULL);
        if ( !good )
            continue;
        op_print(line, sizeof(line), &l.program.op[0]);
        assert_string_equal(line, pairs[i].canonical);
    }
}

static void releases_of_a_file(void **unused)
{
    static const char all[] = "host release=all\nphysinfo\n";
    static char out[TEXT_MAX];
    static struct litmus l;
    static struct problems problems;

    (void)unused;
    assert_true(litmus_parse(&l, all, sizeof(all) - 1, &problems));
    assert_int_equal(l.releases, RELEASE_MASK_ALL);
    assert_int_equal(l.program.host.release, RELEASE_DEFAULT);
    out[print_to(out, &l, NULL)] = 0;
    assert_string_equal(out, "host nodes=1 pages=64 release=all\nphysinfo\n");
    assert_true(litmus_parse(&l, "", 0, &problems));
    assert_int_equal(l.releases, RELEASE_BIT(RELEASE_DEFAULT));
}

static void results_have_names(void **unused)
{
    static const struct
    {
        long rc;
        const char *text;
    } results[] = {
        { 0, "0" },
        { 7, "7" },
        { -1, "EPERM" },
        { -3, "ESRCH" },
        { -11, "EAGAIN" },
        { -12, "ENOMEM" },
        { -13, "EACCES" },
        { -14, "EFAULT" },
        { -16, "EBUSY" },
        { -17, "EEXIST" },
        { -22, "EINVAL" },
        { -34, "ERANGE" },
        { -38, "ENOSYS" },
        { HV_CONTINUE, "ERESTART" },
        { -95, "EOPNOTSUPP" },
        { -200, "-200" },
    };

    (void)unused;
    for ( size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++ )
    {
        char text[24];
        long rc;

        result_print(text, sizeof(text), results[i].rc);
        assert_string_equal(text, results[i].text);
        assert_true(result_parse(&rc, text, strlen(text)));
        assert_int_equal(rc, results[i].rc);
    }
}

static void no_bytes_look_like_text(void **unused)
{
    uint8_t header[HEADER_BYTES] = { 0 };

    (void)unused;
    for ( unsigned int kind = 0; kind <= FORMAT_KIND_MASK; kind++ )
    {
        header[0] = (uint8_t)(FORMAT_VERSION << FORMAT_VERSION_SHIFT | kind);
        assert_false(looks_like_text(header, sizeof(header)));
    }
    assert_true(looks_like_text((const uint8_t *)"claim", 5));
    assert_true(looks_like_text((const uint8_t *)"\n", 1));
    assert_false(looks_like_text((const uint8_t *)"A\0\0", 3));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(program_survives_text),
        cmocka_unit_test(broken_text_is_reported),
        cmocka_unit_test(litmus_survives_text),
        cmocka_unit_test(loose_text_is_canonical_after),
        cmocka_unit_test(releases_of_a_file),
        cmocka_unit_test(results_have_names),
        cmocka_unit_test(no_bytes_look_like_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
