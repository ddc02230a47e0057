/* SPDX-License-Identifier: MIT */
/*
 * What was reached: runs, steps, operations x results, rules that decided,
 * known weaknesses met. Counting is an addition in the step path; nothing is
 * printed there.
 */
#ifndef CLAIMCHECK_STATS_H
#define CLAIMCHECK_STATS_H

#include <stdio.h>

#include "engine.h"

/* Classes of results: counts (all, some, none of what was asked), then one for
 * each errno; see stats.c. */
enum result_class
{
    CLASS_ALL,   /* 0 from a call that returns 0, or all extents             */
    CLASS_SHORT, /* some extents */
    CLASS_NONE,  /* no extent of several asked for */
    CLASS_ERRNO, /* first of the errnos */
    CLASS_COUNT = CLASS_ERRNO + 16
};

struct stats
{
    uint64_t runs, steps, calls;
    uint64_t outcome[RUN_VIOLATION + 1];
    uint64_t reached[OP_COUNT][CLASS_COUNT];
    uint64_t rules[RULE_COUNT];
    uint64_t weaknesses[WEAK_COUNT];
    uint64_t releases[RELEASE_COUNT]; /* runs by the release of the host */
    uint64_t fault_runs; /* that reached the planted fault; for who plants it
                          * to count, as the engine knows of none */
    uint64_t
        length[PROGRAM_OPS_MAX + 1]; /* programs by number of operations */
};

void stats_run(struct stats *s, const struct program *p,
               const struct run_result *r);
/* One checked call. */
void stats_call(struct stats *s, enum op_code op, const struct hv_call *call,
                long rc, enum rule rule);

/* Text of a class: "all", "short", "none", "EINVAL", ...; NULL if unused. */
const char *stats_class_name(enum result_class c);

/* One JSON object on one line; a later one of the same pid replaces it. masked
 * prints the members of its "masked". */
void stats_json(FILE *f, const struct stats *s, const char *target, long pid,
                void (*masked)(FILE *f));
/* A table of operations x results, for people. */
void stats_table(FILE *f, const struct stats *s);

#endif /* CLAIMCHECK_STATS_H */
