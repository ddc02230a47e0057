/* SPDX-License-Identifier: MIT */
/* The matrix of a corpus: replay it on every release, print what it showed. */
#include "state.h"

#include <stdlib.h>

#include "harness/cases/case.h"
#include "harness/cases/diag.h"
#include "harness/session/spec.h"
#include "harness/stop/stop.h"

static int run_release(struct matrix *m, const struct case_file *c,
                       enum release release)
{
    struct matrix_release *t = m->release[release];
    struct program program = c->litmus.program;
    struct run_spec spec;
    struct run_result r;

    program.host.release = (uint8_t)release;
    m->file = c->path;
    m->program = &program;
    m->now = release;
    m->nr_queued = 0;
    m->fresh = NULL;
    m->results.nr = 0;
    setup_spec(&m->setup, c, release, &spec);
    engine_run(m->setup.engine, &spec, &r);
    t->runs++;
    if ( r.outcome == RUN_VIOLATION )
    {
        t->violations++;
        diag_path(c->path, "%s: %s: %s", release_name(release), r.signature,
                  r.detail);
        return EXIT_VIOLATION;
    }
    matrix_near_misses(m);

    return EXIT_HELD;
}

/* Every case runs on every release asked for: what it was written for is where
 * its expectations hold, all other checks hold everywhere. */
static int run_case(void *ctx, struct case_file *c)
{
    struct matrix *m = ctx;
    int rc = EXIT_HELD;

    m->setup.hints.path = c->path;
    for ( int r = 0; r < RELEASE_COUNT && !stop_requested(); r++ )
        if ( m->release[r] )
            rc = exit_worse(rc, run_release(m, c, (enum release)r));

    return rc;
}

int matrix_next(const struct matrix *m, int release)
{
    do
        release--;
    while ( release >= 0 && !m->release[release] );

    return release;
}

static int print(const struct matrix *m, enum matrix_form form)
{
    int rc = EXIT_HELD;

    if ( form == MATRIX_SUMMARY || form == MATRIX_FULL )
        matrix_summary(stdout, m);
    else if ( form == MATRIX_CSV )
        matrix_csv(stdout, m);
    for ( int r = RELEASE_COUNT; (r = matrix_next(m, r)) >= 0; )
    {
        if ( form == MATRIX_FULL )
            matrix_text(stdout, m, (enum release)r);
        else if ( form == MATRIX_JSON )
            matrix_json(stdout, m, (enum release)r);
        if ( !matrix_complete(m, (enum release)r) )
            rc = EXIT_VIOLATION;
    }

    return rc;
}

static struct matrix_release *new_release(const struct matrix *m,
                                          enum release release)
{
    struct matrix_release *t = matrix_alloc(sizeof(*t));

    t->release = release;
    t->caps = m->setup.h.ops->caps;

    return t;
}

static void drop_release(struct matrix_release *t)
{
    for ( unsigned int a = 0; a < RULE_COUNT; a++ )
    {
        for ( unsigned int b = 0; b < RULE_COUNT; b++ )
            if ( t->overrides[a][b] )
            {
                free(t->overrides[a][b]->file);
                free(t->overrides[a][b]);
            }
        free(t->rule[a].witness.file);
        free(t->rule[a].near_miss.file);
    }
    matrix_drop_fields(t);
    free(t);
}

static int open_both(struct matrix *m, const struct matrix_options *o)
{
    const struct engine_options replay = { .on_call = matrix_record,
                                           .on_step = matrix_step,
                                           .call_ctx = m,
                                           .ctx = m };
    const struct engine_options variants = { 0 };
    int rc;

    m->setup.on = o->on;
    m->setup.release = o->release;
    m->setup.fault = o->fault;
    rc = setup_open(&m->setup, &replay);
    if ( !rc )
        setup_share(&m->variants, &m->setup, &variants);

    return rc;
}

int matrix_run(const struct matrix_options *o, char *const *paths, int nr)
{
    struct matrix *m = matrix_alloc(sizeof(*m));
    int rc = open_both(m, o);

    if ( rc )
    {
        free(m);
        return rc;
    }
    /* A draft only if it is named. */
    for ( int r = 0; r < RELEASE_COUNT; r++ )
        if ( o->release == r ||
             (o->release == RELEASE_OF_CASE &&
              m->setup.releases & RELEASE_MASK_ALL & RELEASE_BIT(r)) )
            m->release[r] = new_release(m, (enum release)r);

    m->corpus = paths[0];
    rc = cases_each(paths, nr, false, run_case, m);
    if ( o->fill && (rc == EXIT_HELD || rc == EXIT_VIOLATION) )
        rc = exit_worse(rc, matrix_fill(m, o->fill));
    /* Of a part of the corpus it would say what is not so. */
    if ( (rc == EXIT_HELD || rc == EXIT_VIOLATION) && !stop_heeded() )
        rc = exit_worse(rc, print(m, o->form));

    for ( int r = 0; r < RELEASE_COUNT; r++ )
        if ( m->release[r] )
            drop_release(m->release[r]);
    setup_close(&m->variants);
    setup_close(&m->setup);
    free(m);

    return rc;
}
