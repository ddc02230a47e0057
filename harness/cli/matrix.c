/* SPDX-License-Identifier: MIT */
/* claimcheck matrix: replay a corpus, then say what it reached of every rule. */
#include "harness/matrix/matrix.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/engine/litmus.h"
#include "harness/report/report.h"
#include "harness/cases/diag.h"
#include "verbs.h"

static int run_release(struct matrix *m, const struct case_file *c,
                       enum release release)
{
    struct program program = c->litmus.program;
    struct run_result r;

    program.host.release = (uint8_t)release;
    m->name = c->path;
    m->program = &program;
    m->now = release;
    m->nr_wanted = 0;
    if ( c->is_text && (c->litmus.releases & RELEASE_BIT(release)) )
        litmus_run(&m->setup.engine, &c->litmus, release, &r);
    else
        engine_run(&m->setup.engine, &program, &r);
    m->runs++;
    if ( r.outcome == RUN_VIOLATION )
    {
        m->violations++;
        diag_path(c->path, "%s: %s: %s", release_name(release), r.signature,
                  r.detail);
        return EXIT_VIOLATION;
    }
    matrix_near_misses(m);

    return EXIT_HELD;
}

/* Every case runs on every release asked for: what it was written for is where
 * its expectations hold, all other checks hold everywhere. */
static int one(void *ctx, struct case_file *c)
{
    struct matrix *m = ctx;
    int rc = EXIT_HELD;

    m->cases++;
    for ( int r = 0; r < RELEASE_COUNT; r++ )
        if ( m->release[r] && run_release(m, c, (enum release)r) )
            rc = EXIT_VIOLATION;

    return rc;
}

struct matrix_args
{
    bool json;
    const char *html, *fill;
};

static bool arguments(int argc, char **argv, struct matrix *m,
                      struct matrix_args *a)
{
    static const struct option names[] = {
        { "release", required_argument, NULL, 'R' },
        { "fault", required_argument, NULL, 'F' },
        { "json", no_argument, NULL, 'j' },
        { "html", required_argument, NULL, 'H' },
        { "fill", required_argument, NULL, 'f' },
        { 0 }
    };
    int c;

    while ( (c = option_next(argc, argv, ":", names)) != -1 )
    {
        if ( c == OPTION_BAD )
            return false;
        if ( c == 'j' )
            a->json = true;
        else if ( c == 'H' )
            a->html = optarg;
        else if ( c == 'f' )
            a->fill = optarg;
        else if ( setup_option(&m->setup, c) <= 0 )
            return false;
    }

    return true;
}

static int write_page(const struct matrix *m, const char *path)
{
    FILE *f = fopen(path, "w");
    bool ok = f != NULL;

    if ( f )
    {
        matrix_html(f, m);
        ok = !ferror(f);
        ok = !fclose(f) && ok;
    }
    if ( !ok )
        diag_path(path, "%s", strerror(errno));

    return ok ? EXIT_HELD : EXIT_BAD_INPUT;
}

static int report(struct matrix *m, const struct matrix_args *a)
{
    int rc = EXIT_HELD;

    for ( int r = 0; r < RELEASE_COUNT; r++ )
    {
        if ( !m->release[r] )
            continue;
        (a->json ? matrix_json : matrix_text)(stdout, m, (enum release)r);
        if ( !matrix_complete(m, (enum release)r) )
            rc = EXIT_VIOLATION;
    }
    if ( a->html && write_page(m, a->html) )
        rc = EXIT_BAD_INPUT;

    return rc;
}

static void drop(struct matrix *m)
{
    for ( int r = 0; r < RELEASE_COUNT; r++ )
    {
        struct matrix_release *t = m->release[r];

        for ( unsigned int i = 0; t && i < RULE_COUNT * RULE_COUNT; i++ )
        {
            struct sighting *s = t->wins[i / RULE_COUNT][i % RULE_COUNT];

            if ( s )
                free(s->name);
            free(s);
        }
        for ( unsigned int i = 0; t && i < RULE_COUNT; i++ )
        {
            free(t->rule[i].witness.name);
            free(t->rule[i].near_miss.name);
        }
        free(t);
    }
    setup_close(&m->setup);
    setup_close(&m->search);
    free(m);
}

int verb_matrix(int argc, char **argv)
{
    static char corpus[] = "corpus";
    static char *const usual[] = { corpus };
    struct matrix *m = calloc(1, sizeof(*m));
    struct matrix_args a = { 0 };
    struct engine_options o = { .on_call = matrix_on_call, .call_ctx = m };
    bool given;
    int rc, judged;

    assert(m);
    m->setup.release = RELEASE_OF_CASE;
    if ( !arguments(argc, argv, m, &a) || !setup_open(&m->setup, &o) )
    {
        free(m);
        return EXIT_BAD_INPUT;
    }
    m->search.fault = m->setup.fault;
    o = (struct engine_options){ .no_drain = true };
    if ( !setup_open(&m->search, &o) )
    {
        setup_close(&m->setup);
        free(m);
        return EXIT_BAD_INPUT;
    }
    for ( int r = 0; r < RELEASE_COUNT; r++ )
        if ( m->setup.release < 0 || m->setup.release == r )
        {
            m->release[r] = calloc(1, sizeof(struct matrix_release));
            assert(m->release[r]);
        }

    given = optind < argc;
    rc = cases_each(given ? argv + optind : usual, given ? argc - optind : 1,
                    false, one, m);
    if ( rc != EXIT_BAD_INPUT && a.fill )
    {
        int filled = matrix_fill(m, a.fill, m->setup.release);

        rc = filled > rc ? filled : rc;
    }
    if ( rc != EXIT_BAD_INPUT )
    {
        judged = report(m, &a);
        rc = judged > rc ? judged : rc;
    }
    drop(m);

    return rc;
}
