/* SPDX-License-Identifier: MIT */
/* claimcheck text: any case to canonical text. */
#include "harness/cases/case.h"
#include "harness/cases/diag.h"
#include "verbs.h"

static int one(void *ctx, struct case_file *c)
{
    struct case_output *o = ctx;
    FILE *f = case_output_begin(o);

    if ( case_output_is_stdout(o) && o->nr > 1 )
        fprintf(f, "\n");
    litmus_print(f, &c->litmus);

    return case_output_end(o, c);
}

int verb_text(int argc, char **argv)
{
    static const struct option names[] = { { "output", required_argument, NULL,
                                             'o' },
                                           { "raw", no_argument, NULL, 'r' },
                                           { 0 } };
    struct case_output o = { .verb = argv[0], .suffix = ".claim" };
    bool any_bytes = false;
    int c;

    while ( (c = option_next(argc, argv, ":o:", names)) != -1 )
        switch ( c )
        {
        case 'o': o.out = optarg; break;
        case 'r': any_bytes = true; break;
        default: return EXIT_BAD_INPUT;
        }

    if ( !files_given(argc, argv) )
        return EXIT_BAD_INPUT;

    return cases_convert(argv + optind, argc - optind, any_bytes, one, &o, &o);
}
