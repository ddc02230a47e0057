/* SPDX-License-Identifier: MIT */
/* claimcheck replay: run cases, check everything, report. */
#include "verbs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/engine/stats.h"
#include "harness/program/quote.h"
#include "harness/session/spec.h"
#include "harness/stop/stop.h"

/* Each case is run so often in one process, with equal hashes: a state that
 * survives from one run to the next shows. */
#define TIMES_MAX 1000

struct replay
{
    struct setup setup;
    struct stats stats;
    bool trace, json, quiet;
    FILE *steps; /* of the run under way, for the trace */
    uint64_t times;
    uint64_t cases, runs, violations, weak, skipped;
    uint64_t other_size; /* expectations that hold for a stubbed host only */
    /* Of the case under way. */
    struct failure
    {
        struct run_spec spec;
        struct run_result r;
        bool reported;
    } failure[RELEASE_COUNT];
    unsigned int nr_failures;
};

static void say_path(const char *path, const char *what)
{
    quote_text(stdout, path);
    printf(": %s\n", what);
}

static void trace_step(void *ctx, const struct step_info *info)
{
    struct replay *p = ctx;

    report_step(p->steps, info);
}

static void trace_again(void *ctx)
{
    struct replay *p = ctx;

    rewind(p->steps);
}

/* Run it with a trace on stdout: of one run, if it is made again. */
static bool run_traced(struct replay *p, struct run_spec *spec,
                       struct run_result *r)
{
    struct engine *e = p->setup.engine;
    char *text = NULL;
    size_t size = 0;
    bool other_size;

    p->steps = open_memstream(&text, &size);
    if ( !p->steps )
        out_of_memory();
    e->o.on_step = trace_step;
    e->o.on_again = trace_again;
    e->o.ctx = p;
    other_size = setup_run(&p->setup, spec, r);
    e->o.on_step = NULL;
    e->o.on_again = NULL;
    if ( r->outcome == RUN_VIOLATION )
        report_between(p->steps, e);
    if ( fclose(p->steps) )
        out_of_memory();
    fwrite(text, 1, size, stdout);
    free(text);

    return other_size;
}

/* Does it end like this each time? */
static bool same_again(struct replay *p, const struct case_file *c,
                       const struct run_spec *spec,
                       const struct run_result *first)
{
    struct run_result r;

    for ( uint64_t i = 1; i < p->times && !stop_requested(); i++ )
    {
        engine_run(p->setup.engine, spec, &r);
        if ( r.hash == first->hash && r.outcome == first->outcome )
            continue;
        diag_path(c->path,
                  "run %" PRIu64 " of %" PRIu64 " has hash %016" PRIx64
                  ", the first had %016" PRIx64,
                  i + 1, p->times, r.hash, first->hash);
        return false;
    }

    return true;
}

/* One that failed: reported when all releases have run, so that those which
 * fail in the same way are one report. */
static void note_failure(struct replay *p, const struct run_spec *spec,
                         const struct run_result *r)
{
    struct failure *f = &p->failure[p->nr_failures++];

    f->spec = *spec;
    f->r = *r;
    f->reported = false;
    p->violations++;
}

static int run_release(struct replay *p, const struct case_file *c,
                       enum release release)
{
    bool unchecked = setup_unchecked(c, release);
    struct run_spec spec;
    struct run_result r;

    setup_spec(&p->setup, c, release, &spec);
    if ( p->trace )
        say_path(c->path, release_name(release));
    p->other_size += p->trace ? run_traced(p, &spec, &r)
                              : setup_run(&p->setup, &spec, &r);
    if ( !same_again(p, c, &spec, &r) )
    {
        p->violations++;
        return EXIT_VIOLATION;
    }

    p->runs += r.outcome != RUN_SKIPPED;
    p->weak += r.weaknesses != 0;
    p->skipped += r.outcome == RUN_SKIPPED;
    if ( p->json )
        report_json(stdout, c->path, &spec, &r, unchecked);
    else if ( !p->quiet || r.outcome == RUN_VIOLATION )
        report_line(stdout, c->path, &spec, &r, unchecked);
    if ( r.outcome == RUN_VIOLATION )
        note_failure(p, &spec, &r);

    return EXIT_HELD;
}

static bool same_failure(const struct failure *a, const struct failure *b)
{
    return a->r.step == b->r.step && !strcmp(a->r.signature, b->r.signature);
}

/* The newest release of those that fail in the same way stands for all. */
static int report_failures(struct replay *p)
{
    struct report_hints *hints = &p->setup.hints;
    int rc = EXIT_HELD;

    for ( unsigned int i = p->nr_failures; i--; )
    {
        const struct failure *f = &p->failure[i];

        if ( f->reported )
            continue;
        hints->also = 0;
        for ( unsigned int j = 0; j < i; j++ )
            if ( !p->failure[j].reported && same_failure(&p->failure[j], f) )
            {
                p->failure[j].reported = true;
                hints->also |= RELEASE_BIT(p->failure[j].spec.release);
            }
        rc = exit_worse(rc, verb_report(&p->setup, &f->spec, &f->r));
    }
    hints->also = 0;

    return rc;
}

static int one(void *ctx, struct case_file *c)
{
    struct replay *p = ctx;
    const struct hypervisor *h = &p->setup.h;
    uint32_t releases = setup_releases(&p->setup, c);
    int rc = EXIT_HELD;

    p->cases++;
    p->setup.hints.path = c->path;
    p->nr_failures = 0;
    if ( !releases )
    {
        p->skipped++;
        if ( !p->quiet && !p->json )
        {
            quote_text(stdout, c->path);
            printf(": skipped: not a case for a release that %s follows\n",
                   h->ops->name);
        }
    }
    for ( unsigned int release = 0; release < RELEASE_COUNT; release++ )
        if ( (releases & RELEASE_BIT(release)) && !stop_requested() )
            rc = exit_worse(rc, run_release(p, c, (enum release)release));

    return exit_worse(rc, report_failures(p));
}

static bool option(struct replay *p, int c, char **argv)
{
    switch ( c )
    {
    case 't': p->trace = true; return true;
    case 'j': p->json = true; return true;
    case 'q': p->quiet = true; return true;
    case 'r': p->setup.hints.any_bytes = true; return true;
    case 'n': return option_number(argv, "--times", 1, TIMES_MAX, &p->times);
    default: return setup_option(&p->setup, c) > 0;
    }
}

int verb_replay(int argc, char **argv)
{
    static const struct option names[] = { SETUP_OPTIONS,
                                           { "trace", no_argument, NULL, 't' },
                                           { "json", no_argument, NULL, 'j' },
                                           { "quiet", no_argument, NULL, 'q' },
                                           { "times", required_argument, NULL,
                                             'n' },
                                           { "raw", no_argument, NULL, 'r' },
                                           { 0 } };
    static struct replay p = { .setup = { .release = RELEASE_OF_CASE },
                               .times = 1 };
    struct engine_options o = { .hash_state = true, .stats = &p.stats };
    int c, rc;

    while ( (c = option_next(argc, argv, ":", names)) != -1 )
        if ( c == OPTION_BAD || !option(&p, c, argv) )
            return EXIT_BAD_INPUT;
    if ( !files_given(argc, argv) )
        return EXIT_BAD_INPUT;
    rc = setup_open_for(&p.setup, &o, argv + optind, argc - optind);
    if ( rc )
        return rc;
    p.setup.hints.any_release = p.setup.hints.any_bytes &&
                                p.setup.release == RELEASE_OF_CASE;
    rc = cases_each(argv + optind, argc - optind, p.setup.hints.any_bytes, one,
                    &p);
    /* Nothing could be read: what was wrong has been said. */
    if ( !p.json && p.cases )
        printf("%" PRIu64 " cases, %" PRIu64 " runs on %s, %" PRIu64 " steps: "
               "%" PRIu64 " violations, %" PRIu64
               " met a known weakness, %" PRIu64 " skipped\n",
               p.cases, p.runs, p.setup.on, p.stats.steps, p.violations,
               p.weak, p.skipped);
    if ( p.other_size && !p.json )
        printf("%" PRIu64
               " cases were judged by the rules alone: their written "
               "results are for a stubbed host\n",
               p.other_size);
    setup_close(&p.setup);

    return rc;
}
