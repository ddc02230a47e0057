/* SPDX-License-Identifier: MIT */
/*
 * The first command of a report about an input that is in no file yet makes the
 * file; and who does all again that claimcheck does not. Not here: that the other
 * commands work (tests/plugins/pasted.py).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/report/report.h"

#define NAME "crash of today"

/* Paste the command that saves these bytes, and read the file. */
static void saves(const uint8_t *input, size_t length)
{
    const struct report_hints hints = { .cli = "claimcheck",
                                        .path = NAME,
                                        .unsaved = input,
                                        .unsaved_size = length };
    char *text = NULL, *line;
    uint8_t back[64];
    size_t size;
    FILE *f = open_memstream(&text, &size);

    assert_non_null(f);
    report_next(f, NULL, &hints);
    fclose(f);
    line = strchr(text, '\n');
    assert_non_null(line);
    *line = 0;
    assert_memory_equal(text, "save:    ", 9);
    assert_memory_equal(line + 1, "replay:  ", 9);
    assert_int_equal(system(text + 9), 0);
    free(text);
    f = fopen(NAME, "rb");
    assert_non_null(f);
    assert_int_equal(fread(back, 1, sizeof(back), f), length);
    assert_memory_equal(back, input, length);
    fclose(f);
}

static void unsaved_input(void **state)
{
    char folder[] = "/tmp/claimcheck-next-XXXXXX";
    uint8_t input[60];

    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    for ( size_t i = 0; i < sizeof(input); i++ )
        input[i] = (uint8_t)(i * 89 ^ 0xff);
    for ( size_t length = 0; length <= sizeof(input); length += 4 )
        saves(input, length);
    saves(input, 1);
    saves(input, 2);
    unlink(NAME);
    rmdir(folder);
}

/* claimcheck takes no such file. */
static void another_program(void **state)
{
    const struct report_hints hints = { .cli = "claimcheck",
                                        .path = NAME,
                                        .program = "FAULT=x fuzz_text" };
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    (void)state;
    assert_non_null(f);
    report_next(f, NULL, &hints);
    fclose(f);
    assert_string_equal(text, "replay:  FAULT=x fuzz_text '" NAME "'\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unsaved_input),
        cmocka_unit_test(another_program),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
