/* SPDX-License-Identifier: MIT */
/* claimcheck emit-c: a case as a C program that needs nothing of claimcheck. */
#include "harness/cases/case.h"
#include "harness/cases/diag.h"
#include "verbs.h"

#include <stdlib.h>

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
    const char *why;
    char *text = NULL;
    size_t size;
    FILE *m = open_memstream(&text, &size), *f;
    int rc;

    if ( !m )
        return EXIT_BAD_INPUT;
    why = emit_c(m, &c->litmus, release, c->name);
    fclose(m);
    if ( why )
    {
        diag_path(c->path, "no C program can do this: %s", why);
        free(text);
        return EXIT_CANNOT_RUN;
    }

    f = case_output_open(&e->out, c);
    if ( f )
        fwrite(text, 1, size, f);
    rc = f ? case_output_close(&e->out, f) : EXIT_BAD_INPUT;
    free(text);

    return rc;
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
    if ( optind == argc )
    {
        diag(
            "emit-c: no FILE, expected one or more; claimcheck emit-c --help");
        return EXIT_BAD_INPUT;
    }

    return cases_each(argv + optind, argc - optind, any_bytes, one, &e);
}
