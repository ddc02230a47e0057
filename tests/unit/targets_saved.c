/* SPDX-License-Identifier: MIT */
/* The SHA-1 that names of saved inputs are made of, against sha1sum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "harness/targets/saved.h"

/* Lengths at which the padding changes. */
static void names_of_inputs(void **state)
{
    static const struct
    {
        size_t length;
        const char *sha1;
    } rows[] = {
        { 0, "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
        { 1, "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8" },
        { 55, "c1c8bbdc22796e28c0e15163d20899b65621d65a" },
        { 56, "c2db330f6083854c99d4b5bfb6e8f29f201be699" },
        { 63, "03f09f5b158a7a8cdad920bddc29b81c18a551f5" },
        { 64, "0098ba824b5c16427bd7a1122a5a442a25ec644d" },
        { 119, "ee971065aaa017e0632a8ca6c77bb3bf8b1dfc56" },
        { 120, "f34c1488385346a55709ba056ddd08280dd4c6d6" },
        { 128, "ad5b3fdbcb526778c2839d2f151ea753995e26a0" },
        { 1000, "291e9a6c66994949b57ba5e650361e98fc36b1ba" },
    };
    uint8_t data[1000];
    char text[SHA1_TEXT];

    (void)state;
    memset(data, 'a', sizeof(data));
    for ( size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        sha1_text(text, data, rows[i].length);
        assert_string_equal(text, rows[i].sha1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(names_of_inputs) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
