/* SPDX-License-Identifier: MIT */
/* Messages on stderr. */
#include "diag.h"

#include <stdarg.h>

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

int exit_worse(int a, int b)
{
    static const int worst_first[] = { EXIT_INTERNAL, EXIT_VIOLATION,
                                       EXIT_BAD_INPUT, EXIT_CANNOT_RUN };

    for ( unsigned int i = 0; i < sizeof(worst_first) / sizeof(int); i++ )
        if ( a == worst_first[i] || b == worst_first[i] )
            return worst_first[i];

    return EXIT_HELD;
}
