/* SPDX-License-Identifier: MIT */
/* claimcheck matrix: options; the work is in harness/matrix. */
#include "harness/matrix/matrix.h"

#include "harness/cases/diag.h"
#include "harness/session/setup.h"
#include "verbs.h"

static bool option(struct matrix_options *o, struct setup *s, int c)
{
    switch ( c )
    {
    case 'j': o->json = true; return true;
    case 'f': o->fill = optarg; return true;
    case 'H':
        diag("matrix: the page is made by scripts/matrix --html %s", optarg);
        return false;
    case 'R':
    case 'F': return setup_option(s, c) > 0;
    default: return false;
    }
}

int verb_matrix(int argc, char **argv)
{
    static const struct option names[] = {
        { "release", required_argument, NULL, 'R' },
        { "fault", required_argument, NULL, 'F' },
        { "json", no_argument, NULL, 'j' },
        { "html", required_argument, NULL, 'H' },
        { "fill", required_argument, NULL, 'f' },
        { 0 }
    };
    static char corpus[] = "corpus";
    char *const usual[] = { corpus };
    struct setup s = { .release = RELEASE_OF_CASE };
    struct matrix_options o = { 0 };
    int c;

    while ( (c = option_next(argc, argv, ":", names)) != -1 )
        if ( !option(&o, &s, c) )
            return EXIT_BAD_INPUT;
    o.release = s.release;
    o.fault = s.fault;

    return optind < argc ? matrix_run(&o, argv + optind, argc - optind)
                         : matrix_run(&o, usual, 1);
}
