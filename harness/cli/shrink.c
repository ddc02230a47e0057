/* SPDX-License-Identifier: MIT */
/* claimcheck shrink: the shortest program that fails in the same way. */
#include "verbs.h"

#include "harness/session/spec.h"
#include "harness/shrink/shrink.h"
#include "harness/stop/stop.h"

struct shrinker
{
    struct setup setup;
    struct case_output out;
};

static int write_case(struct shrinker *s, const struct case_file *c,
                      const char *signature)
{
    FILE *f = case_output_begin(&s->out);

    fprintf(f, "# %s\n", signature);
    litmus_print(f, &c->litmus);

    return case_output_end(&s->out, c);
}

/* What to do next, with the file that was written; with the one that was read if
 * there is none. */
static void say_next(struct shrinker *s)
{
    struct report_hints hints = s->setup.hints;
    const char *release = NULL;

    if ( !case_output_is_stdout(&s->out) )
    {
        hints.path = s->out.out;
        hints.any_bytes = false;
    }
    else if ( s->setup.release != RELEASE_OF_CASE )
        release = release_name((enum release)s->setup.release);
    report_command(stderr, &hints, "explain:", "explain", true, release);
    report_command(stderr, &hints, "promote:", "promote", true, release);
}

static int shorten(struct shrinker *s, struct case_file *c,
                   const struct run_spec *spec, const struct run_result *r)
{
    unsigned int before = spec->program->nr_ops;
    struct shrink_stats stats;
    int rc;

    shrink_violation(s->setup.engine, spec, r, &c->litmus, &stats);
    diag_path(c->path, "%s: %u operations, %u after %u trials%s", r->signature,
              before, c->litmus.program.nr_ops, stats.trials, stop_clause());

    rc = write_case(s, c, r->signature);
    if ( !rc && !case_output_to_folder(&s->out) )
        say_next(s);

    return rc;
}

static void nothing_to_shrink(const struct shrinker *s,
                              const struct case_file *c)
{
    uint32_t releases = setup_releases(&s->setup, c);
    const char *one = NULL;

    for ( unsigned int r = 0; r < RELEASE_COUNT; r++ )
        if ( releases == RELEASE_BIT(r) )
            one = release_name((enum release)r);
    diag_path(c->path, "nothing to shrink: the case passes on %s",
              one ? one : "each of its releases");
}

/* The newest release that it fails on. */
static int one(void *ctx, struct case_file *c)
{
    struct shrinker *s = ctx;
    struct run_result r;
    struct run_spec spec;

    s->setup.hints.path = c->path;
    if ( !setup_newest_failure(&s->setup, c, &spec, &r) )
    {
        diag_path(c->path, "cannot run on %s: %s", s->setup.on, r.detail);
        return EXIT_CANNOT_RUN;
    }
    if ( r.outcome == RUN_VIOLATION )
        return shorten(s, c, &spec, &r);
    nothing_to_shrink(s, c);

    return EXIT_BAD_INPUT;
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
    int c;

    s.out.verb = argv[0];
    while ( (c = option_next(argc, argv, ":o:", names)) != -1 )
        if ( c == 'o' )
            s.out.out = optarg;
        else if ( c == 'r' )
            s.setup.hints.any_bytes = true;
        else if ( c == OPTION_BAD || setup_option(&s.setup, c) <= 0 )
            return EXIT_BAD_INPUT;
    if ( !files_given(argc, argv) )
        return EXIT_BAD_INPUT;

    return verb_cases(argc, argv, &s.setup, one, &s, &s.out);
}
