/* SPDX-License-Identifier: MIT */
/*
 * A rig on which the whole corpus runs twice: all of the host is seen exactly,
 * then as much of it as of a live one.
 */
#ifndef CLAIMCHECK_TESTS_CORPUS_RIG_H
#define CLAIMCHECK_TESTS_CORPUS_RIG_H

#include "engine_case.h"

#include "harness/cases/case.h"
#include "harness/cases/diag.h"

/* A case with the rules of one of its releases. An exit code. */
typedef int corpus_rig_fn(const char *name, const struct run_spec *spec);

static inline int corpus_rig_case(void *ctx, struct case_file *c)
{
    corpus_rig_fn **fn = ctx;
    struct run_spec spec = { .program = &c->litmus.program };
    int code = EXIT_HELD;

    for ( unsigned int r = 0; code == EXIT_HELD && r < RELEASE_COUNT; r++ )
        if ( c->litmus.releases & RELEASE_BIT(r) )
        {
            spec.release = (enum release)r;
            code = (*fn)(c->name, &spec);
        }

    return code;
}

static inline void corpus_rig_run(struct stub_rig *r, corpus_rig_fn *fn)
{
    static char path[] = CLAIMCHECK_CORPUS;
    char *paths[] = { path };

    assert_int_equal(cases_each(paths, 1, false, corpus_rig_case, &fn),
                     EXIT_HELD);
    r->ops.caps &= ~(uint32_t)(HV_CAP_EXACT | HV_CAP_CAPACITY | HV_CAP_SETS);
    r->ops.domain_pages = 0;
    assert_int_equal(cases_each(paths, 1, false, corpus_rig_case, &fn),
                     EXIT_HELD);
}

#endif /* CLAIMCHECK_TESTS_CORPUS_RIG_H */
