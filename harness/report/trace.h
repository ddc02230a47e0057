/* SPDX-License-Identifier: MIT */
/*
 * What can be seen of a run, step by step, and where two runs of one program
 * part: another result, other counters, other pages.
 *
 * Not here: what the two runs differ in (harness/cli/diff.c).
 */
#ifndef CLAIMCHECK_TRACE_H
#define CLAIMCHECK_TRACE_H

#include <stdio.h>

#include "harness/engine/engine.h"

struct trace_step
{
    long rc;
    const char *not_run;
    bool failed;         /* the run ended here */
    bool decided;        /* a rule decided: the last call's */
    uint8_t rule;        /* enum rule */
    uint64_t pages_hash; /* of the ids of the pages that it named, in order */
    struct hv_view view; /* after it */
};

struct trace
{
    const char *name; /* of this side */
    struct run_result r;
    uint32_t nr; /* steps of the program that were carried out */
    struct trace_step step[PROGRAM_OPS_MAX];
};

/* Run it on e, past known weaknesses, without what is expected of it. */
void trace_run(struct trace *t, const char *name, struct engine *e,
               const struct program *p, enum release release);

/* How two steps differ. */
struct trace_difference
{
    bool any, result, pages, ended;
    uint32_t counters; /* 1 << enum expect_what of those that differ */
};

/* At a step that both have: a difference in a counter that was there before it
 * by the same amount is none. */
struct trace_difference trace_compare(const struct trace *a,
                                      const struct trace *b, uint32_t i);

/* All of it, as text. Returns whether they differ. */
bool trace_print(FILE *f, const struct program *p, const struct trace *a,
                 const struct trace *b);
/* The words of how one step differs, as lines that begin with indent. */
void trace_print_step(FILE *f, const struct trace *a, const struct trace *b,
                      uint32_t step, const struct trace_difference *how,
                      const char *indent);

#endif /* CLAIMCHECK_TRACE_H */
