/* SPDX-License-Identifier: MIT */
/* claimcheck generate: random programs as text. */
#include "case.h"
#include "diag.h"
#include "verbs.h"

#include <inttypes.h>

#include "../program/generate.h"

struct generate
{
    struct generate_options o;
    uint64_t seed, count;
    const char *folder;
};

static int one(const struct generate *g, uint64_t seed)
{
    struct program p;
    char path[4096];
    FILE *f = stdout;

    program_generate(&p, seed, &g->o);
    if ( g->folder )
    {
        snprintf(path, sizeof(path), "%s/%" PRIu64 ".claim", g->folder, seed);
        f = fopen(path, "w");
        if ( !f )
        {
            diag_path(path, "cannot write; -o wants a folder that exists");
            return EXIT_BAD_INPUT;
        }
    }

    fprintf(f, "# seed %" PRIu64 "\n", seed);
    program_print(f, &p);
    if ( f != stdout && (ferror(f) | fclose(f)) )
    {
        diag_path(path, "cannot write");
        return EXIT_BAD_INPUT;
    }

    return EXIT_HELD;
}

/* One option; false if it is bad. */
static bool option(struct generate *g, int c, char **argv)
{
    uint64_t ops;

    switch ( c )
    {
    case 's':
        return option_number(argv, "--seed", 0, UINT64_MAX, &g->seed);
    case 'c':
        return option_number(argv, "--count", 1, 1000000, &g->count);
    case 'o':
        g->folder = optarg;
        return true;
    case 'n':
        if ( !option_number(argv, "--ops", 1, PROGRAM_OPS_MAX, &ops) )
            return false;
        g->o.ops = (unsigned int)ops;
        return true;
    case 'w':
        g->o.wide = true;
        return true;
    case 'r':
        g->o.release = release_from_name(optarg);
        if ( g->o.release >= 0 )
            return true;
        diag("generate: unknown release '%s', expected one of those that "
             "claimcheck ops lists", optarg);
        return false;
    default:
        return false;
    }
}

int verb_generate(int argc, char **argv)
{
    static const struct option names[] = {
        { "seed", required_argument, NULL, 's' },
        { "count", required_argument, NULL, 'c' },
        { "output", required_argument, NULL, 'o' },
        { "release", required_argument, NULL, 'r' },
        { "ops", required_argument, NULL, 'n' },
        { "wide", no_argument, NULL, 'w' },
        { 0 }
    };
    struct generate g = { .o = { .release = -1 }, .count = 1 };
    int rc = EXIT_HELD;
    int c;

    while ( (c = option_next(argc, argv, ":o:", names)) != -1 )
        if ( !option(&g, c, argv) )
            return EXIT_BAD_INPUT;
    if ( optind < argc )
    {
        diag("generate: '%s' is too much, expected options only",
             argv[optind]);
        return EXIT_BAD_INPUT;
    }

    for ( uint64_t i = 0; i < g.count && rc == EXIT_HELD; i++ )
        rc = one(&g, g.seed + i);

    return rc;
}
