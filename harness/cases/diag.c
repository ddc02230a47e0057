/* SPDX-License-Identifier: MIT */
/* Messages on stderr. */
#include "diag.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "harness/program/quote.h"

/* Room for a path and what is said of it. */
#define MESSAGE_MAX 8192

/* One message is one line, whatever it quotes. */
static void say(const char *fmt, va_list args)
{
    char text[MESSAGE_MAX];

    vsnprintf(text, sizeof(text), fmt, args);
    quote_text(stderr, text);
    fputc('\n', stderr);
}

void diag(const char *fmt, ...)
{
    va_list args;

    fputs("claimcheck: ", stderr);
    va_start(args, fmt);
    say(fmt, args);
    va_end(args);
}

void diag_path(const char *path, const char *fmt, ...)
{
    va_list args;

    quote_text(stderr, path);
    fputs(": ", stderr);
    va_start(args, fmt);
    say(fmt, args);
    va_end(args);
}

void diag_problems(const char *path, const struct problems *problems)
{
    uint32_t kept = problems->nr < TEXT_PROBLEMS_MAX ? problems->nr
                                                     : TEXT_PROBLEMS_MAX;

    for ( uint32_t i = 0; i < kept; i++ )
    {
        const struct problem *p = &problems->problem[i];

        quote_text(stderr, path);
        fprintf(stderr, ":%u:%u: ", p->line, p->column);
        quote_text(stderr, p->text);
        fputc('\n', stderr);
    }
    if ( kept < problems->nr )
        diag_path(path, "%u more", problems->nr - kept);
}

/* ---- exit codes ---- */

/* The higher the worse. */
static int rank(int code)
{
    switch ( code )
    {
    case EXIT_HELD: return 0;
    case EXIT_CANNOT_RUN: return 1;
    default: return 2; /* 128 + a signal */
    case EXIT_BAD_INPUT: return 3;
    case EXIT_VIOLATION: return 4;
    case EXIT_INTERNAL: return 5;
    }
}

int exit_worse(int a, int b)
{
    return rank(a) >= rank(b) ? a : b;
}

int exit_of_errno(int error)
{
    static const int of_the_name[] = { ENOENT, ENOTDIR,      EISDIR, EACCES,
                                       EPERM,  ENAMETOOLONG, ELOOP,  EROFS,
                                       ENXIO,  ETXTBSY };

    for ( size_t i = 0; i < sizeof(of_the_name) / sizeof(int); i++ )
        if ( error == of_the_name[i] )
            return EXIT_BAD_INPUT;

    return EXIT_INTERNAL;
}

void out_of_memory(void)
{
    diag("out of memory");
    exit(EXIT_INTERNAL);
}
