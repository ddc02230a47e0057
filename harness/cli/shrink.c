/* SPDX-License-Identifier: MIT */
/* claimcheck shrink: the shortest program that fails in the same way. */
#include "harness/cases/case.h"
#include "harness/cases/diag.h"
#include "harness/session/setup.h"
#include "verbs.h"

#include <inttypes.h>
#include <string.h>

#include "harness/report/report.h"
#include "harness/shrink/shrink.h"

struct shrinker
{
    struct setup setup;
    struct case_output out;
    char signature[SIGNATURE_MAX];
};

static bool same_failure(void *ctx, const struct program *p)
{
    struct shrinker *s = ctx;
    struct run_result r;

    engine_run(&s->setup.engine, p, &r);
    return r.outcome == RUN_VIOLATION && !strcmp(r.signature, s->signature);
}

static int write_case(struct shrinker *s, const struct case_file *c,
                      const struct program *p)
{
    FILE *f = case_output_open(&s->out, c);

    if ( !f )
        return EXIT_BAD_INPUT;
    fprintf(f, "# %s\n", s->signature);
    program_print(f, p);

    return case_output_close(&s->out, f);
}

static int one(void *ctx, struct case_file *c)
{
    struct shrinker *s = ctx;
    static struct program p;
    struct shrink_stats stats;
    struct run_result r;
    uint32_t before;

    p = c->litmus.program;
    if ( s->setup.release >= 0 )
        p.host.release = (uint8_t)s->setup.release;
    s->setup.hints.path = c->path;
    engine_run(&s->setup.engine, &p, &r);
    if ( r.outcome != RUN_VIOLATION )
    {
        diag_path(c->path,
                  "it does not fail (release %s), expected a case that "
                  "does",
                  release_name(p.host.release));
        return EXIT_BAD_INPUT;
    }

    memcpy(s->signature, r.signature, sizeof(s->signature));
    before = p.nr_ops;
    shrink(&p, same_failure, s, &stats);
    fprintf(stderr, "%s: %s: %u operations, %u after %u trials\n", c->path,
            s->signature, before, p.nr_ops, stats.trials);

    return write_case(s, c, &p);
}

int verb_shrink(int argc, char **argv)
{
    static const struct option names[] = { SETUP_OPTIONS,
                                           { "output", required_argument, NULL,
                                             'o' },
                                           { "raw", no_argument, NULL, 'r' },
                                           { 0 } };
    static struct shrinker s = { .setup = { .release = RELEASE_OF_CASE },
                                 .out = { .suffix = ".claim" } };
    const struct engine_options o = { 0 };
    bool raw = false;
    int c, rc;

    s.out.verb = argv[0];
    while ( (c = option_next(argc, argv, ":o:", names)) != -1 )
        if ( c == 'o' )
            s.out.out = optarg;
        else if ( c == 'r' )
            raw = true;
        else if ( c == OPTION_BAD || setup_option(&s.setup, c) <= 0 )
            return EXIT_BAD_INPUT;
    if ( optind == argc )
    {
        diag(
            "shrink: no FILE, expected one or more; claimcheck shrink --help");
        return EXIT_BAD_INPUT;
    }
    if ( !setup_open(&s.setup, &o) )
        return EXIT_BAD_INPUT;
    rc = cases_each(argv + optind, argc - optind, raw, one, &s);
    setup_close(&s.setup);

    return rc;
}
