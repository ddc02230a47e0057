/* SPDX-License-Identifier: MIT */
/*
 * Does wrong on purpose what the build is there to stop, as its argument says:
 * built with the flags of everything else, it shows that they are in force
 * (tests/guards/checks_on.py). Exit code 0 means that nothing stopped it.
 */
#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Volatile, so that no compiler sees what comes, or leaves it out. */
static volatile int one = 1;
static char *volatile memory;

/* clang-tidy sees what is wrong here, as it should.
 * NOLINTBEGIN(bugprone-signed-char-misuse,clang-analyzer-unix.Malloc) */
static int out_of_bounds(void)
{
    memory = calloc(16, 1);
    if ( !memory )
        return EXIT_FAILURE;
    one = memory[15 + one];
    free(memory);

    return EXIT_SUCCESS;
}

static int use_after_free(void)
{
    memory = calloc(16, 1);
    if ( !memory )
        return EXIT_FAILURE;
    free(memory);

    one = memory[one];

    return EXIT_SUCCESS;
}
/* NOLINTEND(bugprone-signed-char-misuse,clang-analyzer-unix.Malloc) */

static int overflow(void)
{
    volatile int max = INT_MAX;

    max = max + one;
    return 0;
}

static int shift(void)
{
    volatile int far = 31 + one;

    return (one << far) & 0;
}

static int assertion(void)
{
    assert(one == 2);
    return 0;
}

static int nothing(void)
{
    return 0;
}

static const struct
{
    const char *name;
    int (*run)(void);
} deeds[] = {
    { "out_of_bounds", out_of_bounds }, { "use_after_free", use_after_free },
    { "overflow", overflow },           { "shift", shift },
    { "assertion", assertion },         { "nothing", nothing },
};

int main(int argc, char **argv)
{
    for ( size_t i = 0; argc == 2 && i < sizeof(deeds) / sizeof(deeds[0]);
          i++ )
        if ( !strcmp(argv[1], deeds[i].name) )
            return deeds[i].run();
    fprintf(stderr, "usage: %s DEED\n", argv[0]);

    return 2;
}
