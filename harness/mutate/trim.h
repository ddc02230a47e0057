/* SPDX-License-Identifier: MIT */
/*
 * Trimming by whole operations: shorter and shorter runs of them are left out,
 * the last ones first. The caller runs each candidate and says whether it
 * behaves the same. For engines that keep a corpus; harness/shrink shrinks
 * failing programs further, and more slowly.
 */
#ifndef CLAIMCHECK_MUTATE_TRIM_H
#define CLAIMCHECK_MUTATE_TRIM_H

#include "harness/program/program.h"

struct trim
{
    struct program best, candidate;
    /* Operations to leave out next: so many, up to number end - 1. */
    uint32_t chunk, end;
    uint32_t step, steps;
    uint8_t out[PROGRAM_BYTES_MAX];
};

/* Begin; returns a bound on the number of candidates, or 0 if there is nothing
 * to leave out (raw calls are never trimmed). */
uint32_t trim_start(struct trim *t, const uint8_t *data, size_t size);

/* Puts the next candidate into t->out and returns its size, which is less
 * than that of the input. Not to be called once trim_done() has returned
 * the bound. */
size_t trim_next(struct trim *t);

/* Whether the candidate behaves the same. Returns the number of candidates so
 * far, or the bound of trim_start() at the end. */
uint32_t trim_done(struct trim *t, bool same);

#endif /* CLAIMCHECK_MUTATE_TRIM_H */
