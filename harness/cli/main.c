/* SPDX-License-Identifier: MIT */
/* claimcheck: dispatch to a verb. What verbs do is in a file each. */
#include <stdio.h>
#include <string.h>

#include "harness/program/near.h"
#include "harness/program/program.h"
#include "harness/cases/diag.h"
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
    printf("claimcheck %s, byte format %d\n", CLAIMCHECK_VERSION,
           FORMAT_VERSION);
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

int main(int argc, char **argv)
{
    int rc;

    setup_program_name(argv[0]);
    if ( argc < 2 )
    {
        usage(stderr);
        return EXIT_BAD_INPUT;
    }
    rc = (*argv[1] == '-' ? top_option : run)(argc - 1, argv + 1);

    /* A full disk must not look like success. */
    if ( fflush(stdout) || ferror(stdout) )
    {
        diag("stdout: cannot write");
        rc = exit_worse(rc, EXIT_BAD_INPUT);
    }

    return rc;
}
