/* SPDX-License-Identifier: MIT */
/* claimcheck: dispatch to a verb. What verbs do is in a file each. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <commit.h> /* made by cmake/Commit.cmake */

#include "harness/program/near.h"
#include "harness/program/program.h"
#include "harness/cases/diag.h"
#include "harness/stop/stop.h"
#include "man.h"
#include "verbs.h"

const struct verb verbs[] = {
#define VERB(name, arguments, summary, options)                               \
    { #name, arguments, summary, options, verb_##name },
#include "verbs.def"
#undef VERB
};

const size_t nr_verbs = sizeof(verbs) / sizeof(verbs[0]);

static const char *typed(const char *verb)
{
    static char name[16];

    snprintf(name, sizeof(name), "%s", verb);
    for ( char *c = name; *c; c++ )
        if ( *c == '_' )
            *c = '-';

    return name;
}

const char *verb_typed(const struct verb *verb)
{
    return typed(verb->name);
}

static void usage(FILE *f)
{
    fprintf(f, "usage: claimcheck VERB ...\n");
    for ( size_t i = 0; i < nr_verbs; i++ )
        fprintf(f, "  %-12s %s\n", verb_typed(&verbs[i]), verbs[i].summary);
    fprintf(f, "\n" ABOUT_FILES "\n" ABOUT_LISTS
               "\nExit codes: " ABOUT_EXIT_CODES);
}

static int help(const struct verb *verb)
{
    printf("usage: claimcheck %s %s\n%s\n%s", verb_typed(verb),
           verb->arguments, verb->summary, verb->options);
    return EXIT_HELD;
}

static int run(int argc, char **argv)
{
    struct near n;

    for ( size_t i = 0; i < nr_verbs; i++ )
    {
        if ( strcmp(verb_typed(&verbs[i]), argv[0]) )
            continue;
        for ( int j = 1; j < argc && strcmp(argv[j], "--"); j++ )
            if ( !strcmp(argv[j], "--help") )
                return help(&verbs[i]);
        return verbs[i].run(argc, argv);
    }

    near_start(&n, argv[0], strlen(argv[0]));
    for ( size_t i = 0; i < nr_verbs; i++ )
        near_try(&n, verbs[i].name);
    diag("unknown verb '%s', expected one of those that claimcheck --help "
         "lists%s%s%s",
         argv[0], n.best ? " (did you mean " : "", n.best ? typed(n.best) : "",
         n.best ? "?)" : "");
    return EXIT_BAD_INPUT;
}

static int version(void)
{
    const char *commit = CLAIMCHECK_COMMIT; /* "" if nobody knows */

    printf("claimcheck %s%s%s%s, byte format %d\n", CLAIMCHECK_VERSION,
           *commit ? " (" : "", commit, *commit ? ")" : "", FORMAT_VERSION);
    return EXIT_HELD;
}

/* An option in the place of a verb. */
static int top_option(int argc, char **argv)
{
    bool lists = !strcmp(argv[0], "--list");

    if ( argc > 1 + lists )
    {
        diag("%s: unexpected argument '%s'; claimcheck --help", argv[0],
             argv[1 + lists]);
        return EXIT_BAD_INPUT;
    }
    if ( lists )
        return list(argv[1]);
    if ( !strcmp(argv[0], "--version") )
        return version();
    if ( !strcmp(argv[0], "--man") )
        man_page();
    else if ( !strcmp(argv[0], "--help") )
        usage(stdout);
    else
    {
        diag("unknown option %s; claimcheck --help", argv[0]);
        return EXIT_BAD_INPUT;
    }
    return EXIT_HELD;
}

/* A file that is opened must not become a closed stdout: each of the three is
 * open, if only to fail when it is used. */
static void open_standard(void)
{
    for ( int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++ )
        if ( fcntl(fd, F_GETFD) < 0 )
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* What could not be told must not look like success. */
static int close_output(void)
{
    bool lost = ferror(stdout);

    errno = 0;
    if ( fclose(stdout) || lost )
        diag("stdout: cannot write%s%s", errno ? ": " : "",
             errno ? strerror(errno) : "");
    else if ( !ferror(stderr) )
        return EXIT_HELD;

    return EXIT_INTERNAL;
}

int main(int argc, char **argv)
{
    int rc;

    open_standard();
    stop_watch();
    setup_program_name(argv[0]);
    if ( argc < 2 )
    {
        usage(stderr);
        return EXIT_BAD_INPUT;
    }
    rc = (*argv[1] == '-' ? top_option : run)(argc - 1, argv + 1);

    rc = exit_worse(rc, stop_code());

    return exit_worse(rc, close_output());
}
