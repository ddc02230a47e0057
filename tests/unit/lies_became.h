/* SPDX-License-Identifier: MIT */
/*
 * All lies that the engine is told, by number, and those that it takes: whether
 * they are the rows of engine_lies.def.
 *
 * Not here: how they are told (engine_lies.c), what finds them (lies_found.c).
 */
#ifndef CLAIMCHECK_TESTS_LIES_BECAME_H
#define CLAIMCHECK_TESTS_LIES_BECAME_H

#include "harness/engine/engine.h"
#include "lies.h"

/* Lies that are no values. */
enum act
{
    FAILS,         /* an assertion fires in the call                         */
    READS_TWICE,   /* a byte of the argument                                 */
    OVER_CLAIMED,  /* is seen once inside the call, as are these three:      */
    PART_INSIDE,   /* a claim on a node that no domain has                   */
    HALF_INSIDE,   /* of a set                                               */
    AUDIT_OBJECTS, /* from this call on, as with these two:                  */
    HOLDS_SECRETS, /* pages of domains hold what another one wrote           */
    COUNTS_DIRTY,  /* one free page more is counted as to be scrubbed        */
    NR_ACTS
};

/* A lie's number: first those about results, then about the state, about what
 * else was told, and acts. */
#define FIRST_STATE NR_RESULT_LIES
#define FIRST_REPORT (FIRST_STATE + NR_LIES)
#define FIRST_ACT (FIRST_REPORT + NR_REPORT_LIES)
#define NR_ALL_LIES (FIRST_ACT + NR_ACTS)

const char *lie_name(unsigned int lie);

/* To be told: which lie, in which call of the run. */
struct telling
{
    unsigned int lie, call;
    enum seen seen;
    enum rule rule;  /* that decides the call */
    enum op_code op; /* what it is            */
};

/* It was told, and not found at the call; where: the first is shown. */
void lie_taken(const struct telling *t, const char *where);
/* What the engine says must have been seen instead is not what there was. */
void lie_misleads(const struct telling *t, const char *where);
/* Rows of engine_lies.def that are not as they must be, and lies that misled.
 * They are printed. */
unsigned int lies_not_as_listed(void);

#endif /* CLAIMCHECK_TESTS_LIES_BECAME_H */
