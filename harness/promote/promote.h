/* SPDX-License-Identifier: MIT */
/*
 * From a failure to a regression test: shrunk, with the results that the rules
 * want, named after what it is, for every release for which these results hold.
 *
 * Not here: where it is written, and what it is compared with (harness/cli).
 */
#ifndef CLAIMCHECK_PROMOTE_H
#define CLAIMCHECK_PROMOTE_H

#include <stdio.h>

#include "harness/engine/engine.h"
#include "harness/shrink/shrink.h"

/* As names of the corpus are, ".claim" included, with room for "-9". */
#define PROMOTE_NAME_MAX 44

struct promotion
{
    struct litmus l;             /* the test */
    struct run_result r;         /* how the shrunk case fails */
    bool has_rule;               /* one decided the call that failed */
    uint8_t rule;                /* enum rule */
    bool has_results;            /* the rules say what should come back */
    char name[PROMOTE_NAME_MAX]; /* "over-claim-claim-nomem" */
    struct shrink_stats stats;
};

/*
 * r is what engine_run(e, spec, r) returned, a violation; *p->l is its case. NULL,
 * or why it is no test: the rules do not bear out what the case itself expects.
 */
const char *promote(struct engine *e, const struct run_spec *spec,
                    const struct run_result *r, struct promotion *p);

/* The test with its head; about is the last line of it: who found it, where. */
void promote_print(FILE *f, const struct promotion *p, const char *about);

/* Is that test about the same: the same program, or the same signature (in the
 * first line of its text) by the same calls? */
bool promote_is_same(const struct promotion *p, const struct litmus *l,
                     const char *text, size_t size);

#endif /* CLAIMCHECK_PROMOTE_H */
