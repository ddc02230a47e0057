/* SPDX-License-Identifier: MIT */
/* claimcheck explain: what a case does, step by step. */
#include "verbs.h"

#include <stdlib.h>

#include "harness/report/explain.h"
#include "harness/session/spec.h"

struct explainer
{
    struct setup setup;
    struct case_output out;
    bool windows, html;
};

static int write_story(struct explainer *x, const struct case_file *c,
                       const struct story *s)
{
    FILE *f = case_output_begin(&x->out);

    if ( x->html )
        explain_html(f, c->path, s);
    else
        explain_text(f, c->path, s);

    return case_output_end(&x->out, c);
}

/* The newest release that it fails on, else the newest that it can run on. */
static int one(void *ctx, struct case_file *c)
{
    struct explainer *x = ctx;
    struct story *s;
    struct run_spec spec;
    struct run_result r;
    int rc;

    x->setup.hints.path = c->path;
    if ( !setup_newest(&x->setup, c, &spec, &r) )
    {
        diag_path(c->path, "cannot run on %s: %s", x->setup.on, r.detail);
        return EXIT_CANNOT_RUN;
    }
    s = story_of(x->setup.engine, &spec, x->windows);
    if ( !s )
        out_of_memory();
    rc = write_story(x, c, s);
    if ( s->r.outcome == RUN_VIOLATION )
    {
        rc = exit_worse(rc, EXIT_VIOLATION);
        report_command(stderr, &x->setup.hints, "promote:", "promote", true,
                       x->setup.release == RELEASE_OF_CASE
                           ? NULL
                           : release_name((enum release)x->setup.release));
    }
    free(s);

    return rc;
}

static bool option(struct explainer *x, int c)
{
    switch ( c )
    {
    case 'o': x->out.out = optarg; return true;
    case 'h':
        x->html = true;
        x->out.suffix = ".html";
        x->out.out = optarg;
        return true;
    case 'w': x->windows = true; return true;
    case 'r': x->setup.hints.any_bytes = true; return true;
    default: return setup_option(&x->setup, c) > 0;
    }
}

int verb_explain(int argc, char **argv)
{
    static const struct option names[] = {
        SETUP_OPTIONS,
        { "output", required_argument, NULL, 'o' },
        { "html", required_argument, NULL, 'h' },
        { "windows", no_argument, NULL, 'w' },
        { "raw", no_argument, NULL, 'r' },
        { 0 }
    };
    static struct explainer x = { .setup = { .release = RELEASE_OF_CASE },
                                  .out = { .suffix = ".txt" } };
    int c;

    x.out.verb = argv[0];
    while ( (c = option_next(argc, argv, ":o:", names)) != -1 )
        if ( c == OPTION_BAD || !option(&x, c) )
            return EXIT_BAD_INPUT;
    if ( !files_given(argc, argv) )
        return EXIT_BAD_INPUT;

    return verb_cases(argc, argv, &x.setup, one, &x, &x.out);
}
