/* SPDX-License-Identifier: MIT */
/*
 * All lies that the engine is told, by number, and what becomes of them: whether
 * that is what engine_lies.def says.
 *
 * Not here: how they are told (engine_lies.c).
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

/* It was told, and not found at the call; where: the first is shown. */
void lie_taken(enum seen seen, enum rule rule, unsigned int lie,
               const char *where);
/* What a run with a lie came to, which without it meets these weaknesses. False:
 * nothing of the lie was found. */
bool lie_found(unsigned int lie, const struct run_result *r,
               uint32_t weaknesses);
const char *lie_name(unsigned int lie);
/* Did the engine know what it must have seen instead? */
void lie_is_known(unsigned int lie);
void lie_leaves_open(unsigned int lie);
/* ... or was it wrong about that? */
void lie_misleads(enum rule rule, unsigned int lie, const char *where);
/* Rows of engine_lies.def that are not as they must be, which are printed. */
unsigned int lies_not_as_listed(void);

#endif /* CLAIMCHECK_TESTS_LIES_BECAME_H */
