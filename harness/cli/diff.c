/* SPDX-License-Identifier: MIT */
/*
 * claimcheck diff: one program under two releases, implementations or faults;
 * and the shortest programs that tell two apart (harness/contrast).
 */
#include "verbs.h"

#include <inttypes.h>
#include <string.h>

#include "harness/contrast/contrast.h"
#include "harness/program/quote.h"
#include "harness/report/trace.h"
#include "harness/session/spec.h"
#include "harness/stop/stop.h"

#define FAULT_PREFIX "fault="
#define COUNT_MAX 10000000

struct differ
{
    struct contrast_side side[2];
    struct setup setup[2];
    int release; /* of sides that name none; RELEASE_OF_CASE */
    bool any_bytes, markdown;
    uint64_t count, seed;
    struct trace trace[2];
};

/* What a word says of a side: a release, fault=ID, or an implementation, which
 * is opened for these files. An exit code. */
static int take_side(struct differ *d, unsigned int i, const char *word,
                     char *const *files, int nr)
{
    struct contrast_side *side = &d->side[i];
    struct setup *s = &d->setup[i];
    const struct engine_options o = { 0 };
    int rc;

    side->name = word;
    s->release = RELEASE_OF_CASE;
    if ( !strncmp(word, FAULT_PREFIX, strlen(FAULT_PREFIX)) )
        s->fault = word + strlen(FAULT_PREFIX);
    else if ( (word[0] >= '0' && word[0] <= '9') ||
              release_from_name(word) >= 0 )
    {
        s->release = setup_release(word);
        if ( s->release < 0 )
            return EXIT_BAD_INPUT;
    }
    else
        s->on = word;
    if ( s->release < 0 )
        s->release = d->release;
    side->release = s->release;
    s->hints.any_bytes = d->any_bytes;
    rc = setup_open_for(s, &o, files, nr);
    side->engine = s->engine;

    return rc;
}

static int one(void *ctx, struct case_file *c)
{
    struct differ *d = ctx;
    const struct program *p = &c->litmus.program;
    bool differ;

    for ( unsigned int i = 0; i < 2; i++ )
    {
        contrast_run(&d->trace[i], &d->side[i], p);
        if ( d->trace[i].r.outcome != RUN_SKIPPED )
            continue;
        diag_path(c->path, "cannot run on %s: %s", d->side[i].name,
                  d->trace[i].r.detail);
        return EXIT_CANNOT_RUN;
    }
    quote_text(stdout, c->path);
    fputs(": ", stdout);
    differ = trace_print(stdout, p, &d->trace[0], &d->trace[1]);

    return differ ? EXIT_VIOLATION : EXIT_HELD;
}

static int generate(struct differ *d)
{
    static struct contrast c;

    c = (struct contrast){
        .a = d->side[0], .b = d->side[1], .count = d->count, .seed = d->seed
    };
    if ( !contrast_search(&c) ||
         !(d->markdown ? contrast_markdown : contrast_print)(stdout, &c) )
        out_of_memory();
    if ( stop_heeded() )
        diag("diff: stopped by %s after %" PRIu64 " of %" PRIu64 " programs",
             stop_name(), c.done, c.count);

    return c.nr ? EXIT_VIOLATION : EXIT_HELD;
}

static bool option(struct differ *d, int c, char **argv)
{
    switch ( c )
    {
    case 'R': d->release = setup_release(optarg); return d->release >= 0;
    case 'g':
        return option_number(argv, "--generate", 1, COUNT_MAX, &d->count);
    case 's': return option_number(argv, "--seed", 0, UINT64_MAX, &d->seed);
    case 'm': d->markdown = true; return true;
    case 'r': d->any_bytes = true; return true;
    default: return false;
    }
}

static int run(struct differ *d, int argc, char **argv)
{
    int files = argc - 2, rc = EXIT_BAD_INPUT;

    if ( files < 0 || (files == 0) != (d->count != 0) )
    {
        diag("diff: expected FILE... A B, or --generate N A B; claimcheck "
             "diff --help");
        return rc;
    }
    rc = take_side(d, 0, argv[files], argv, files);
    if ( !rc )
    {
        rc = take_side(d, 1, argv[files + 1], argv, files);
        if ( !rc )
        {
            rc = d->count ? generate(d)
                          : cases_each(argv, files, d->any_bytes, one, d);
            setup_close(&d->setup[1]);
        }
        setup_close(&d->setup[0]);
    }

    return rc;
}

int verb_diff(int argc, char **argv)
{
    static const struct option names[] = {
        { "release", required_argument, NULL, 'R' },
        { "generate", required_argument, NULL, 'g' },
        { "seed", required_argument, NULL, 's' },
        { "markdown", no_argument, NULL, 'm' },
        { "raw", no_argument, NULL, 'r' },
        { 0 }
    };
    static struct differ d = { .release = RELEASE_OF_CASE };
    int c;

    while ( (c = option_next(argc, argv, ":", names)) != -1 )
        if ( c == OPTION_BAD || !option(&d, c, argv) )
            return EXIT_BAD_INPUT;

    return run(&d, argc - optind, argv + optind);
}
