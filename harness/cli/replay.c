/* SPDX-License-Identifier: MIT */
/* claimcheck replay: run cases, check everything, report. */
#include "harness/cases/case.h"
#include "harness/cases/diag.h"
#include "harness/report/json.h"
#include "harness/session/setup.h"
#include "verbs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/engine/litmus.h"
#include "harness/report/report.h"
#include "harness/engine/stats.h"

/* Each case is run so often in one process, with equal hashes: a state that
 * survives from one run to the next shows. */
#define TIMES_MAX 1000

struct replay
{
    struct setup setup;
    struct stats stats;
    bool trace, json, quiet;
    uint64_t times;
    uint64_t cases, runs, violations, weak, skipped;
    uint64_t other_size; /* expectations that hold for a stubbed host only */
};

static void trace_step(void *ctx, const struct step_info *info)
{
    (void)ctx;
    report_step(stdout, info, ' ');
}

static const char *outcome_name(enum outcome o)
{
    static const char *const names[] = { "held", "known weakness", "skipped",
                                         "violation" };

    return names[o];
}

static void print_json(const struct case_file *c, enum release release,
                       const struct run_result *r)
{
    const char *sep = "";

    printf("{\"file\":");
    json_string(stdout, c->path);
    printf(",\"release\":\"%s\",\"outcome\":\"%s\",\"signature\":",
           release_name(release), outcome_name(r->outcome));
    json_string(stdout, r->signature);
    printf(",\"detail\":");
    json_string(stdout, r->detail);
    printf(",\"step\":%u,\"steps\":%u,\"hash\":\"%016" PRIx64
           "\",\"weaknesses\":[",
           r->step + 1, r->steps, r->hash);
    for ( unsigned int w = 0; w < WEAK_COUNT; w++ )
        if ( r->weaknesses >> w & 1 )
        {
            printf("%s\"%s\"", sep, weakness_table[w].name);
            sep = ",";
        }
    printf("]}\n");
}

static void print_line(const struct case_file *c, enum release release,
                       const struct run_result *r)
{
    printf("%s: %s: %s", c->path, release_name(release),
           outcome_name(r->outcome));
    if ( r->outcome == RUN_SKIPPED )
        printf(": %s", r->detail);
    for ( unsigned int w = 0; w < WEAK_COUNT; w++ )
        if ( r->weaknesses >> w & 1 )
            printf(" [%s]", weakness_table[w].name);
    printf("\n");
}

/* Run a case once; litmus expectations hold for the releases it names only. */
static void run_one(struct replay *p, const struct case_file *c,
                    enum release release, struct run_result *r)
{
    struct program program = c->litmus.program;

    if ( c->is_text && (c->litmus.releases & RELEASE_BIT(release)) )
    {
        litmus_run(&p->setup.engine, &c->litmus, release, r);
        /* Written results are those of a stubbed host of that size. On a host
         * with a size of its own the rules decide alone. */
        if ( !p->setup.h.ops->shape || r->outcome != RUN_VIOLATION ||
             strncmp(r->signature, "EXPECT/", 7) )
            return;
        p->other_size++;
    }
    program.host.release = (uint8_t)release;
    engine_run(&p->setup.engine, &program, r);
}

static void report(struct replay *p, const struct case_file *c,
                   enum release release, const struct run_result *r)
{
    static struct program program;

    program = c->litmus.program;
    program.host.release = (uint8_t)release;
    fflush(stdout);
    report_violation(stderr, &p->setup.engine, &program, r, &p->setup.hints);
    fflush(stderr);
}

static int run_release(struct replay *p, const struct case_file *c,
                       enum release release)
{
    struct run_result first, r;

    if ( p->trace )
    {
        printf("%s: %s\n", c->path, release_name(release));
        p->setup.engine.o.on_step = trace_step;
    }
    run_one(p, c, release, &first);
    p->setup.engine.o.on_step = NULL;
    for ( uint64_t i = 1; i < p->times; i++ )
    {
        run_one(p, c, release, &r);
        if ( r.hash == first.hash && r.outcome == first.outcome )
            continue;
        diag_path(c->path,
                  "run %" PRIu64 " of %" PRIu64 " has hash %016" PRIx64
                  ", the first had %016" PRIx64,
                  i + 1, p->times, r.hash, first.hash);
        p->violations++;
        return EXIT_VIOLATION;
    }

    p->runs++;
    p->weak += first.weaknesses != 0;
    p->skipped += first.outcome == RUN_SKIPPED;
    if ( p->json )
        print_json(c, release, &first);
    else if ( !p->quiet || first.outcome == RUN_VIOLATION )
        print_line(c, release, &first);
    if ( first.outcome != RUN_VIOLATION )
        return EXIT_HELD;
    p->violations++;
    report(p, c, release, &first);

    return EXIT_VIOLATION;
}

/* A hypervisor with a release of its own runs the cases for that one. */
static int run_own_release(struct replay *p, const struct case_file *c)
{
    const struct hypervisor *h = &p->setup.h;
    uint8_t release = h->ops->shape(h->hv).release;

    if ( c->is_text && !(c->litmus.releases & RELEASE_BIT(release)) )
    {
        p->skipped++;
        if ( !p->quiet && !p->json )
            printf("%s: skipped: not a case for %s\n", c->path,
                   release_name(release));
        return EXIT_HELD;
    }

    return run_release(p, c, release);
}

static int one(void *ctx, struct case_file *c)
{
    struct replay *p = ctx;
    int rc = EXIT_HELD;

    p->cases++;
    p->setup.hints.path = c->path;
    if ( p->setup.release >= 0 )
        return run_release(p, c, (enum release)p->setup.release);
    if ( p->setup.h.ops->shape )
        return run_own_release(p, c);
    for ( unsigned int release = 0; release < RELEASE_COUNT; release++ )
        if ( c->litmus.releases & RELEASE_BIT(release) &&
             run_release(p, c, (enum release)release) )
            rc = EXIT_VIOLATION;

    return rc;
}

static bool option(struct replay *p, int c, char **argv, bool *raw)
{
    switch ( c )
    {
    case 't': p->trace = true; return true;
    case 'j': p->json = true; return true;
    case 'q': p->quiet = true; return true;
    case 'r': *raw = true; return true;
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
    bool raw = false;
    int c, rc;

    while ( (c = option_next(argc, argv, ":", names)) != -1 )
        if ( c == OPTION_BAD || !option(&p, c, argv, &raw) )
            return EXIT_BAD_INPUT;
    if ( optind == argc )
    {
        diag(
            "replay: no FILE, expected one or more; claimcheck replay --help");
        return EXIT_BAD_INPUT;
    }
    if ( !setup_open(&p.setup, &o) )
        return EXIT_BAD_INPUT;

    rc = cases_each(argv + optind, argc - optind, raw, one, &p);
    if ( !p.json )
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
