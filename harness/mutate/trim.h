/* SPDX-License-Identifier: MIT */
/*
 * Trimming by whole operations: smaller and smaller runs of them are left out,
 * last ones first. Whoever drives it runs each candidate and says whether it
 * does the same. For engines that keep a corpus; a failing program is shrunk
 * further, and more slowly, by harness/shrink.
 */
#ifndef CLAIMCHECK_MUTATE_TRIM_H
#define CLAIMCHECK_MUTATE_TRIM_H

#include "harness/program/program.h"

struct trim
{
    struct program best, candidate;
    /* Operations to leave out next: so many, the last one is end - 1. */
    uint32_t chunk, end;
    uint32_t step, steps;
    uint8_t out[PROGRAM_BYTES_MAX];
};

/* Begin; returns a bound on the number of candidates. 0: there is nothing to
 * leave out (raw calls are left alone, too). */
uint32_t trim_start(struct trim *t, const uint8_t *data, size_t size);

/* The next candidate, in t->out, and its size: less than that of the bytes at
 * the start. Not to be called when trim_done said that all is done. */
size_t trim_next(struct trim *t);

/* It does the same, or not. Returns the candidates so far; trim_start's bound
 * when all is done. */
uint32_t trim_done(struct trim *t, bool same);

#endif /* CLAIMCHECK_MUTATE_TRIM_H */
