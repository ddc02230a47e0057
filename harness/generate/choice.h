/* SPDX-License-Identifier: MIT */
/*
 * Where random choices come from. Code that generates or changes programs asks
 * for "a number below n" and need not know what answers:
 *
 *   seed      a random number generator: as many choices as are wanted
 *   bytes     an engine's bytes; when they run out, every answer is 0 and
 *             choice_ended() says so: time to finish
 *   odometer  every sequence of answers in turn, each exactly once: bounded
 *             exhaustive search of a small world
 *
 * Pure: the same source, the same answers, on every machine. Each draw
 * is a statement of its own, never one of several arguments or initialisers,
 * which C may evaluate in any order.
 */
#ifndef CLAIMCHECK_CHOICE_H
#define CLAIMCHECK_CHOICE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Choices of one sequence that an odometer can turn: more than a program of
 * PROGRAM_OPS_MAX operations takes with every argument drawn. The rest are
 * 0. */
#define ODOMETER_MAX 4096

struct odometer
{
    uint32_t at; /* choices made in this sequence                        */
    uint32_t nr; /* wheels that are set: at before the last choice_next  */
    uint32_t digit[ODOMETER_MAX];
    uint32_t base[ODOMETER_MAX];
};

struct choice
{
    uint64_t state;      /* of a seed                                    */
    const uint8_t *data; /* of bytes                                     */
    size_t left;
    bool ended;
    struct odometer *wheels; /* of an odometer                               */
};

void choice_from_seed(struct choice *c, uint64_t seed);
void choice_from_bytes(struct choice *c, const uint8_t *data, size_t size);
/* Start with the first sequence: all answers are 0. */
void choice_from_odometer(struct choice *c, struct odometer *o);

/* End this sequence and begin the next, in which the same questions get at
 * least one other answer. False if there is none. */
bool choice_next(struct choice *c);

/* Have the bytes run out, or the wheels? */
static inline bool choice_ended(const struct choice *c)
{
    return c->ended;
}

/* The answer of bytes and odometer. */
uint32_t choice_slow(struct choice *c, uint32_t n);

/* A multiplicative hash of a counter: every seed will do, even 0, 1, 2... */
static inline uint64_t choice_mix(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* 0 .. n - 1, n >= 1; the bias is negligible here. */
static inline uint32_t choice_below(struct choice *c, uint32_t n)
{
    assert(n);
    if ( __builtin_expect(c->data || c->wheels, 0) )
        return choice_slow(c, n);

    return (uint32_t)(((choice_mix(&c->state) >> 32) * n) >> 32);
}

/* True once in n times; the first answer of an odometer is false. */
static inline bool choice_one_in(struct choice *c, uint32_t n)
{
    return choice_below(c, n) == n - 1;
}

/* 64 bits, for numbers that may be anything. */
uint64_t choice_bits(struct choice *c);

#endif /* CLAIMCHECK_CHOICE_H */
