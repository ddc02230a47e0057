/* SPDX-License-Identifier: MIT */
/*
 * Changes test cases by whole operations: insert, replace, regrow and extend
 * generate operations for the state that the program has reached; the others
 * drop, duplicate, swap, move and join operations, take another domain, an
 * operand at an edge, a field of another operation or another host; now and
 * then the result is a new program. Pure functions of their arguments, with
 * their own random numbers, for any engine.
 *
 * Not here: which changes are worth keeping; the engines decide that.
 */
#ifndef CLAIMCHECK_MUTATE_H
#define CLAIMCHECK_MUTATE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/program/program.h"

/* Change a program in place. Returns what was done, one bit each. */
uint32_t mutate_program(struct program *p, uint64_t seed);

/* Name of a bit: a word that can be part of a file's name. */
const char *mutate_name(uint32_t bit);
/* Two bits that mutate_program() never returns. */
#define MUTATE_JOINED (UINT32_C(1) << 30) /* two cases                     */
#define MUTATE_RAW (UINT32_C(1) << 31)    /* bytes of raw calls            */

/* The first part of one, the last part of the other; a's host. */
void mutate_join(struct program *a, const struct program *b, uint64_t seed);

/* The same on bytes: size of the result, at most limit. data holds limit
 * bytes, size <= limit. Raw calls stay raw calls. */
size_t mutate(uint8_t *data, size_t size, size_t limit, uint64_t seed);
size_t mutate_noting(uint8_t *data, size_t size, size_t limit, uint64_t seed,
                     uint32_t *did);
size_t mutate_cross(const uint8_t *a, size_t a_size, const uint8_t *b,
                    size_t b_size, uint8_t *out, size_t limit, uint64_t seed);

#endif /* CLAIMCHECK_MUTATE_H */
