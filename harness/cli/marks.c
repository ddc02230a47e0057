/* SPDX-License-Identifier: MIT */
/*
 * claimcheck marks: do the corpus and generated programs reach every place that
 * tests must reach (marks/marks.def), and not the one that nothing can?
 */
#include "verbs.h"

#include <inttypes.h>
#include <string.h>

#include "harness/generate/generate.h"
#include "harness/report/json.h"
#include "harness/session/spec.h"
#include "harness/stop/stop.h"
#include "marks/marks.h"

#define COUNT_DEFAULT 20000
#define COUNT_MAX 100000000
/* One program in so many uses values that only wide records hold. */
#define WIDE_EVERY 4

/* What reached a mark first. */
enum reached_by
{
    BY_NOTHING,
    BY_CORPUS,
    BY_PROGRAMS
};

static const char *const by_names[] = { "no", "corpus", "programs" };

struct marks
{
    struct setup setup;
    uint64_t count, seed, cases;
    uint64_t done; /* programs */
    bool json;
    unsigned char by[MARK_COUNT]; /* enum reached_by */
};

/* What this source was the first to reach. */
static void note(struct marks *m, enum reached_by source)
{
    for ( unsigned int i = 0; i < MARK_COUNT; i++ )
        if ( mark_reached[i] && !m->by[i] )
            m->by[i] = (unsigned char)source;
}

static int run(struct marks *m, const struct run_spec *spec)
{
    struct run_result r;

    engine_run(m->setup.engine, spec, &r);

    return r.outcome == RUN_VIOLATION ? verb_report(&m->setup, spec, &r)
                                      : EXIT_HELD;
}

static int run_case(void *ctx, struct case_file *c)
{
    struct marks *m = ctx;
    int rc = EXIT_HELD;

    m->cases++;
    m->setup.hints.path = c->path;
    for ( unsigned int release = 0;
          release < RELEASE_COUNT && !stop_requested(); release++ )
    {
        struct run_spec spec;

        if ( !(c->litmus.releases & RELEASE_BIT(release)) )
            continue;
        setup_spec(&m->setup, c, (enum release)release, &spec);
        /* Where no generated program gets, bytes too. */
        spec.tolerance = PAST_WEAKNESS;
        rc = exit_worse(rc, run(m, &spec));
    }
    note(m, BY_CORPUS);

    return rc;
}

static int programs(struct marks *m)
{
    int rc = EXIT_HELD;

    m->setup.hints.path = NULL;
    for ( ; m->done < m->count && !rc && !stop_requested(); m->done++ )
    {
        const struct generate_options o = {
            .release = -1,
            .wide = m->done % WIDE_EVERY == WIDE_EVERY - 1,
        };
        struct program p;

        program_generate(&p, m->seed + m->done, &o);
        rc = run(m, RUN_PROGRAM(&p));
    }
    note(m, BY_PROGRAMS);

    return rc;
}

static void print_mark(const struct marks *m, unsigned int i)
{
    const struct mark_info *mark = &mark_table[i];
    const char *kind = mark->kind == MARK_MUST ? "must" : "never";

    if ( m->json )
    {
        printf("{\"mark\":\"%s\",\"kind\":\"%s\",\"reached\":\"%s\",\"text\":",
               mark->name, kind, by_names[m->by[i]]);
        json_string(stdout, mark->text);
        printf("}\n");
    }
    else
        printf("%-26s %-6s %-9s %s%s\n", mark->name, kind, by_names[m->by[i]],
               mark->text,
               (mark->kind == MARK_MUST) == !!m->by[i] ? "" : "   <- WRONG");
}

static int finish(struct marks *m, int rc)
{
    unsigned int wrong = marks_wrong(m->by);

    for ( unsigned int i = 0; i < MARK_COUNT; i++ )
        print_mark(m, i);
    fflush(stdout);
    fprintf(stderr,
            "marks: %u of %u as they should be, after %" PRIu64
            " cases and %" PRIu64 " programs\n",
            MARK_COUNT - wrong, MARK_COUNT, m->cases, m->count);

    return exit_worse(rc, wrong ? EXIT_VIOLATION : EXIT_HELD);
}

static bool option(struct marks *m, int c, char **argv)
{
    switch ( c )
    {
    case 'n': return option_number(argv, "--count", 0, COUNT_MAX, &m->count);
    case 's':
        return option_number(argv, "--seed", 0, UINT64_MAX / 2, &m->seed);
    case 'j': m->json = true; return true;
    default: return false;
    }
}

int verb_marks(int argc, char **argv)
{
    static const struct option names[] = {
        { "count", required_argument, NULL, 'n' },
        { "seed", required_argument, NULL, 's' },
        { "json", no_argument, NULL, 'j' },
        { 0 }
    };
    static struct marks m = { .setup = { .release = RELEASE_OF_CASE },
                              .count = COUNT_DEFAULT };
    const struct engine_options o = { 0 };
    char *usual, **paths = &usual;
    int c, rc, nr = 1;

    while ( (c = option_next(argc, argv, ":", names)) != -1 )
        if ( !option(&m, c, argv) )
            return EXIT_BAD_INPUT;
    if ( optind < argc )
    {
        paths = argv + optind;
        nr = argc - optind;
    }
    else if ( !(usual = corpus_usual(argv[0])) )
        return EXIT_BAD_INPUT;
    if ( !marks_built_in )
    {
        diag("marks: this build has none, expected one with CLAIMCHECK_MARKS "
             "(preset dev)");
        return exit_worse(cases_check(paths, nr, false), EXIT_CANNOT_RUN);
    }
    rc = setup_open(&m.setup, &o);
    if ( rc )
        return rc;

    rc = cases_each(paths, nr, false, run_case, &m);
    if ( rc == EXIT_HELD || rc == EXIT_VIOLATION )
        rc = exit_worse(rc, programs(&m));
    if ( stop_heeded() )
        diag("marks: stopped by %s after %" PRIu64 " cases and %" PRIu64
             " programs",
             stop_name(), m.cases, m.done);
    else if ( rc == EXIT_HELD || rc == EXIT_VIOLATION )
        rc = finish(&m, rc);
    setup_close(&m.setup);

    return rc;
}
