/* SPDX-License-Identifier: MIT */
/* claimcheck emit-c: a case as a C program that needs nothing of claimcheck. */
#include "harness/cases/case.h"
#include "harness/cases/diag.h"
#include "verbs.h"

#include "harness/emit/emit.h"

struct emit
{
    struct case_output out;
    int release; /* enum release, or -1: the first that the case names */
};

static int one(void *ctx, struct case_file *c)
{
    struct emit *e = ctx;
    enum release release = e->release < 0 ? c->litmus.program.host.release
                                          : (enum release)e->release;
    FILE *f = case_output_begin(&e->out);
    char why[EMIT_WHY_MAX];

    switch ( emit_c(f, &c->litmus, release, c->name, why) )
    {
    case EMIT_DONE: return case_output_end(&e->out, c);
    case EMIT_NO_MEMORY: out_of_memory();
    case EMIT_BAD_CASE:
        case_output_drop(&e->out);
        diag_path(c->path, "%s", why);
        return EXIT_BAD_INPUT;
    case EMIT_CANNOT: break;
    }
    case_output_drop(&e->out);
    diag_path(c->path, "no C program can do this: %s", why);

    return EXIT_CANNOT_RUN;
}

static bool take_release(struct emit *e, const char *name)
{
    e->release = setup_release(name);
    return e->release >= 0;
}

int verb_emit_c(int argc, char **argv)
{
    static const struct option names[] = {
        { "output", required_argument, NULL, 'o' },
        { "release", required_argument, NULL, 'R' },
        { "raw", no_argument, NULL, 'r' },
        { 0 }
    };
    struct emit e = { .out = { .verb = argv[0], .suffix = ".c" },
                      .release = -1 };
    bool any_bytes = false;
    int c;

    while ( (c = option_next(argc, argv, ":o:", names)) != -1 )
        if ( c == 'o' )
            e.out.out = optarg;
        else if ( c == 'r' )
            any_bytes = true;
        else if ( c != 'R' || !take_release(&e, optarg) )
            return EXIT_BAD_INPUT;
    if ( !files_given(argc, argv) )
        return EXIT_BAD_INPUT;

    return cases_convert(argv + optind, argc - optind, any_bytes, one, &e,
                         &e.out);
}
