/* SPDX-License-Identifier: MIT */
/* claimcheck: dispatch to a verb. What verbs do is in a file each. */
#include <stdio.h>
#include <string.h>

#include "harness/program/program.h"
#include "harness/cases/diag.h"
#include "verbs.h"

static const struct verb
{
    const char *name, *arguments, *summary, *options;
    int (*run)(int argc, char **argv);
} verbs[] = {
#define VERB(name, arguments, summary, options)                               \
    { #name, arguments, summary, options, verb_##name },
#include "verbs.def"
#undef VERB
};

#define NR_VERBS (sizeof(verbs) / sizeof(verbs[0]))

/* A verb's name as it is typed: '-' for the '_' that C wants. */
static const char *typed(const struct verb *verb)
{
    static char name[16];

    snprintf(name, sizeof(name), "%s", verb->name);
    for ( char *c = name; *c; c++ )
        if ( *c == '_' )
            *c = '-';

    return name;
}

static void usage(FILE *f)
{
    fprintf(f, "usage: claimcheck VERB ...\n");
    for ( size_t i = 0; i < NR_VERBS; i++ )
        fprintf(f, "  %-12s %s\n", typed(&verbs[i]), verbs[i].summary);
    fprintf(f, "\nclaimcheck VERB --help says more; claimcheck --version.\n"
               "A FILE is text or bytes, a folder (everything below it but\n"
               "README* and hidden files), or - for stdin.\n"
               "Exit codes: 0 held, 1 violation, 2 bad usage or input, 3 the\n"
               "harness itself failed, 77 cannot run here; of several the\n"
               "worst: 3, 1, 2, 77, 0.\n");
}

static int help(const struct verb *verb)
{
    printf("usage: claimcheck %s %s\n%s\n%s", typed(verb), verb->arguments,
           verb->summary, verb->options);
    return EXIT_HELD;
}

static int run(int argc, char **argv)
{
    for ( size_t i = 0; i < NR_VERBS; i++ )
    {
        if ( strcmp(typed(&verbs[i]), argv[0]) )
            continue;
        for ( int j = 1; j < argc && strcmp(argv[j], "--"); j++ )
            if ( !strcmp(argv[j], "--help") )
                return help(&verbs[i]);
        return verbs[i].run(argc, argv);
    }

    diag("unknown verb '%s', expected one of those that claimcheck --help "
         "lists",
         argv[0]);
    return EXIT_BAD_INPUT;
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
    if ( !strcmp(argv[1], "--help") )
    {
        usage(stdout);
        rc = EXIT_HELD;
    }
    else if ( !strcmp(argv[1], "--version") )
    {
        printf("claimcheck %s, byte format %d\n", CLAIMCHECK_VERSION,
               FORMAT_VERSION);
        rc = EXIT_HELD;
    }
    else
        rc = run(argc - 1, argv + 1);

    /* A full disk must not look like success. */
    if ( fflush(stdout) || ferror(stdout) )
    {
        diag("stdout: cannot write");
        rc = EXIT_BAD_INPUT;
    }

    return rc;
}
