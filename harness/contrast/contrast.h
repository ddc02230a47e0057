/* SPDX-License-Identifier: MIT */
/*
 * The shortest programs that tell two hypervisors, or two releases of one,
 * apart: one for each pair of rules that decide otherwise.
 */
#ifndef CLAIMCHECK_CONTRAST_H
#define CLAIMCHECK_CONTRAST_H

#include <stdio.h>

#include "harness/engine/engine.h"
#include "harness/report/trace.h"

/* Different ways to differ that are told: more than rules that changed. */
#define CONTRAST_MAX 64

struct contrast_side
{
    const char *name;
    struct engine *engine;
    int release; /* enum release, or -1: the program's */
};

/* Run a program there. */
void contrast_run(struct trace *t, const struct contrast_side *side,
                  const struct program *p);

/* Programs differ in the same way if these are equal. */
struct contrast_way
{
    uint8_t rule_a, rule_b; /* that decide the first step that differs */
    bool result, ended;
    uint32_t counters; /* which, as in trace_difference; not where pages lie */
};

struct contrast
{
    struct contrast_side a, b;
    uint64_t count, seed; /* programs to generate, the first of them */
    uint64_t done;        /* programs, when a signal ended it */

    uint32_t nr; /* ways found, the shortest program of each */
    struct contrast_way way[CONTRAST_MAX];
    struct program shortest[CONTRAST_MAX];
};

/* Generate, compare, shrink; the same each time. A signal (harness/stop) ends it.
 * These return false if there is no memory. */
bool contrast_search(struct contrast *c);

bool contrast_print(FILE *f, const struct contrast *c);
/* As part of docs/releases.md. */
bool contrast_markdown(FILE *f, const struct contrast *c);

#endif /* CLAIMCHECK_CONTRAST_H */
