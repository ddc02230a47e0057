/* SPDX-License-Identifier: MIT */
/* What verbs share; see verbs.h. */
#include "verbs.h"

#include <string.h>

#include "harness/program/text.h"

int option_next(int argc, char **argv, const char *letters,
                const struct option *names)
{
    int c;

    opterr = 0;
    c = getopt_long(argc, argv, letters, names, NULL);
    if ( c != '?' && c != ':' )
        return c;

    if ( c == ':' )
        diag("%s: %s needs a value; claimcheck %s --help", argv[0],
             argv[optind - 1], argv[0]);
    else if ( optopt && optopt < 256 && !strchr(letters, optopt) )
        diag("%s: unknown option -%c; claimcheck %s --help", argv[0], optopt,
             argv[0]);
    else
        diag("%s: unknown option %s; claimcheck %s --help", argv[0],
             argv[optind - 1], argv[0]);

    return OPTION_BAD;
}

bool option_number(char **argv, const char *name, uint64_t min, uint64_t max,
                   uint64_t *n)
{
    if ( number_parse(n, optarg, strlen(optarg), max) && *n >= min )
        return true;

    diag("%s: invalid %s '%s': expected %llu .. %llu", argv[0], name, optarg,
         (unsigned long long)min, (unsigned long long)max);
    return false;
}

bool options_only(int argc, char **argv)
{
    if ( optind >= argc )
        return true;

    diag("%s: unexpected argument '%s'; claimcheck %s --help", argv[0],
         argv[optind], argv[0]);
    return false;
}

int verb_report(struct setup *s, const struct run_spec *spec,
                const struct run_result *r)
{
    bool same;

    fflush(stdout);
    same = report_violation(stderr, &s->engine, spec, r, &s->hints);
    fflush(stderr);

    return same ? EXIT_VIOLATION : EXIT_INTERNAL;
}
