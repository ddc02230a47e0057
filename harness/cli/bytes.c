/* SPDX-License-Identifier: MIT */
/* claimcheck bytes: any case to canonical bytes. */
#include "harness/cases/case.h"
#include "harness/cases/diag.h"
#include "verbs.h"

#include <string.h>

struct bytes
{
    struct case_output o;
    bool narrow, wide; /* what is wanted */
};

static int one(void *ctx, struct case_file *c)
{
    struct bytes *b = ctx;
    struct program *p = &c->litmus.program;
    uint8_t bytes[PROGRAM_BYTES_MAX];
    size_t size;

    if ( !program_has_bytes(p) )
    {
        diag_path(c->path,
                  "pages=%u has no bytes, expected at most %u, or "
                  "a multiple of %u up to %u",
                  p->host.node_pages, PROGRAM_SMALL_NODE, PROGRAM_LARGE_UNIT,
                  PROGRAM_NODE_PAGES_MAX);
        return EXIT_BAD_INPUT;
    }
    if ( b->narrow && !program_is_narrow(p) )
    {
        diag_path(c->path, "an argument has no narrow form, expected a value "
                           "of the tables in docs/format.md, or --kind wide");
        return EXIT_BAD_INPUT;
    }
    if ( b->narrow || b->wide )
        p->wide = b->wide;
    size = program_encode(p, bytes);

    fwrite(bytes, 1, size, case_output_begin(&b->o));

    return case_output_end(&b->o, c);
}

int verb_bytes(int argc, char **argv)
{
    static const struct option names[] = {
        { "output", required_argument, NULL, 'o' },
        { "kind", required_argument, NULL, 'k' },
        { "raw", no_argument, NULL, 'r' },
        { 0 }
    };
    struct bytes b = { .o = { .verb = argv[0], .suffix = "" } };
    bool any_bytes = false;
    int c;

    while ( (c = option_next(argc, argv, ":o:", names)) != -1 )
        switch ( c )
        {
        case 'o': b.o.out = optarg; break;
        case 'k':
            b.narrow = !strcmp(optarg, "narrow");
            b.wide = !strcmp(optarg, "wide");
            if ( b.narrow || b.wide )
                break;
            diag("bytes: '%s' is no kind of records, expected narrow or wide",
                 optarg);
            return EXIT_BAD_INPUT;
        case 'r': any_bytes = true; break;
        default: return EXIT_BAD_INPUT;
        }

    if ( optind == argc || !b.o.out )
    {
        diag("bytes: no %s; claimcheck bytes --help",
             b.o.out ? "FILE, expected one or more"
                     : "-o OUT, expected where to write");
        return EXIT_BAD_INPUT;
    }

    return cases_convert(argv + optind, argc - optind, any_bytes, one, &b,
                         &b.o);
}
