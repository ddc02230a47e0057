/* SPDX-License-Identifier: MIT */
/* Messages on stderr, and options that are wrong. */
#include "diag.h"

#include <stdarg.h>
#include <string.h>

#include "harness/program/fields.h"
#include "verbs.h"

void diag(const char *fmt, ...)
{
    va_list args;

    fputs("claimcheck: ", stderr);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
}

void diag_path(const char *path, const char *fmt, ...)
{
    va_list args;

    fprintf(stderr, "%s: ", path);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
}

void diag_problems(const char *path, const struct problems *problems)
{
    uint32_t kept = problems->nr < TEXT_PROBLEMS_MAX ? problems->nr
                                                     : TEXT_PROBLEMS_MAX;

    for ( uint32_t i = 0; i < kept; i++ )
        fprintf(stderr, "%s:%u:%u: %s\n", path, problems->problem[i].line,
                problems->problem[i].column, problems->problem[i].text);
    if ( kept < problems->nr )
        fprintf(stderr, "%s: %u more\n", path, problems->nr - kept);
}

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

    diag("%s: '%s' is no value of %s, expected %llu .. %llu", argv[0], optarg,
         name, (unsigned long long)min, (unsigned long long)max);
    return false;
}
