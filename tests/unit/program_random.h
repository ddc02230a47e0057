/* SPDX-License-Identifier: MIT */
/* Random bytes, texts and programs for the tests of harness/program. */
#ifndef CLAIMCHECK_TESTS_PROGRAM_RANDOM_H
#define CLAIMCHECK_TESTS_PROGRAM_RANDOM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants those above. */
#include <cmocka.h>

#include "harness/program/kinds/kind.h"
#include "harness/generate/generate.h"
#include "harness/program/text.h"

/* Programs of each property: 3 seconds under ASan and UBSan. Each round is
 * another program, so more rounds are more of the same. */
#define ROUNDS 32000

static inline uint64_t test_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static inline void random_bytes(uint64_t *state, uint8_t *out, size_t size)
{
    for ( size_t i = 0; i < size; i++ )
        out[i] = (uint8_t)(test_random(state) >> 24);
}

/* A program from the generator or from random bytes, short ones mostly. */
static inline void random_program(struct program *p, uint64_t round)
{
    uint64_t state = round * 2654435761u + 88172645463325252u;
    uint8_t bytes[PROGRAM_BYTES_MAX];
    size_t size = test_random(&state) % (round % 16 ? 256 : sizeof(bytes));

    if ( round % 2 )
    {
        struct generate_options o = { .release = -1, .wide = round % 4 == 3 };

        o.ops = (unsigned int)(test_random(&state) % 12) + 1;
        program_generate(p, round, &o);
        return;
    }

    random_bytes(&state, bytes, size);
    program_decode(p, bytes, size, NULL);
}

#endif /* CLAIMCHECK_TESTS_PROGRAM_RANDOM_H */
