/* SPDX-License-Identifier: MIT */
/*
 * The main of a fuzz target where there is no fuzz engine (presets dev and
 * release): replays files and folders, text or bytes, each several times with
 * equal hashes. Same binary name, same inputs, other main.
 *
 * Not here: expectations of litmus tests (claimcheck replay).
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "harness/cases/case.h"
#include "harness/cases/diag.h"
#include "target.h"

/* A state that leaks from one run to the next shows at the second or third. */
#define TIMES 4

struct replayed
{
    uint64_t cases, steps;
    uint64_t left_alone; /* inputs of a kind that this target does not run */
};

/* Named .claim: text. All else is an engine's bytes, and any bytes will do, so
 * a look at them cannot tell. */
static bool is_text(const struct case_file *c)
{
    static const char suffix[] = ".claim";
    size_t len = strlen(c->path);

    return len >= sizeof(suffix) &&
           !strcmp(c->path + len - strlen(suffix), suffix);
}

static bool parse(struct case_file *c)
{
    struct problems problems = { 0 };

    litmus_parse(&c->litmus, (const char *)c->data, c->size, &problems);
    diag_problems(c->path, &problems);

    return !problems.nr;
}

/* Run these bytes TIMES times; an exit code. */
static int run_bytes(struct replayed *r, const char *path, const uint8_t *data,
                     size_t size)
{
    const struct run_result *result = NULL;
    uint64_t hash = 0;

    for ( unsigned int i = 0; i < TIMES; i++ )
    {
        LLVMFuzzerTestOneInput(data, size);
        result = target_result();
        if ( !result )
        {
            r->left_alone++;
            return EXIT_HELD;
        }
        if ( i && result->hash != hash )
        {
            diag_path(path,
                      "run %u has hash %016" PRIx64 ", the first had %" PRIx64,
                      i + 1, result->hash, hash);
            return EXIT_VIOLATION;
        }
        hash = result->hash;
    }
    r->cases++;
    r->steps += result->steps;

    return EXIT_HELD;
}

static int one(void *ctx, struct case_file *c)
{
    static uint8_t bytes[PROGRAM_BYTES_MAX];

    target_path(c->path, !is_text(c));
    if ( target_takes_text || !is_text(c) )
        return run_bytes(ctx, c->path, c->data, c->size);
    if ( !parse(c) )
        return EXIT_BAD_INPUT;
    if ( !program_has_bytes(&c->litmus.program) )
    {
        diag_path(c->path,
                  "pages=%u has no bytes, expected at most %u, or "
                  "a multiple of %u up to %u",
                  c->litmus.program.host.node_pages, PROGRAM_SMALL_NODE,
                  PROGRAM_LARGE_UNIT, PROGRAM_NODE_PAGES_MAX);
        return EXIT_BAD_INPUT;
    }

    return run_bytes(ctx, c->path, bytes,
                     program_encode(&c->litmus.program, bytes));
}

int main(int argc, char **argv)
{
    struct replayed r = { 0 };
    int rc;

    if ( argc < 2 || argv[1][0] == '-' )
    {
        fprintf(stderr,
                "usage: %s FILE...\nReplays files and folders; to "
                "fuzz, build the preset fuzz.\n",
                argv[0]);
        return argc == 2 && !strcmp(argv[1], "--help") ? EXIT_HELD
                                                       : EXIT_BAD_INPUT;
    }
    target_want_hash();
    rc = cases_each(argv + 1, argc - 1, true, one, &r);
    if ( r.left_alone )
        fprintf(stderr,
                "%" PRIu64 " inputs left alone: of a kind that %s does "
                "not run\n",
                r.left_alone, argv[0]);
    if ( !r.cases && !rc )
    {
        diag_path(argv[0], "no case was run");
        rc = EXIT_BAD_INPUT;
    }
    fprintf(stderr,
            "%" PRIu64 " cases, %u times each, %" PRIu64 " steps: %s\n",
            r.cases, TIMES, r.steps, rc ? "FAILED" : "held");

    return rc;
}
