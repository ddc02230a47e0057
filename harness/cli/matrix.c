/* SPDX-License-Identifier: MIT */
/* claimcheck matrix: options; the work is in harness/matrix. */
#include "harness/matrix/matrix.h"

#include "harness/cases/diag.h"
#include "harness/session/setup.h"
#include "verbs.h"

static bool form(struct matrix_options *o, enum matrix_form wanted)
{
    if ( o->form != MATRIX_SUMMARY && o->form != wanted )
    {
        diag("matrix: --json, --csv and --full are three forms, expected one");
        return false;
    }
    o->form = wanted;

    return true;
}

static bool option(struct matrix_options *o, struct setup *s, int c)
{
    switch ( c )
    {
    case 'a': return form(o, MATRIX_FULL);
    case 'c': return form(o, MATRIX_CSV);
    case 'j': return form(o, MATRIX_JSON);
    case 'f': o->fill = optarg; return true;
    case 'H':
        diag("matrix: the page is made by scripts/matrix --html %s", optarg);
        return false;
    case 'O':
    case 'R':
    case 'F': return setup_option(s, c) > 0;
    default: return false;
    }
}

int verb_matrix(int argc, char **argv)
{
    static const struct option names[] = {
        { "on", required_argument, NULL, 'O' },
        { "release", required_argument, NULL, 'R' },
        { "fault", required_argument, NULL, 'F' },
        { "full", no_argument, NULL, 'a' },
        { "csv", no_argument, NULL, 'c' },
        { "json", no_argument, NULL, 'j' },
        { "html", required_argument, NULL, 'H' },
        { "fill", required_argument, NULL, 'f' },
        { 0 }
    };
    static struct setup s = { .release = RELEASE_OF_CASE };
    struct matrix_options o = { 0 };
    char *usual, **paths = &usual;
    int c, nr = 1;

    while ( (c = option_next(argc, argv, ":", names)) != -1 )
        if ( !option(&o, &s, c) )
            return EXIT_BAD_INPUT;
    o.on = s.on;
    o.release = s.release;
    o.fault = s.fault;
    if ( optind < argc )
    {
        paths = argv + optind;
        nr = argc - optind;
    }
    else if ( !(usual = corpus_usual(argv[0])) )
        return EXIT_BAD_INPUT;

    return matrix_run(&o, paths, nr);
}
