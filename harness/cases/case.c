/* SPDX-License-Identifier: MIT */
/* Reading test cases: files, folders, stdin. */
#include "case.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "harness/stop/stop.h"
#include "list.h"

struct reader
{
    struct case_file c;
    bool any_bytes;
    case_fn *fn;
    void *ctx;
    int rc; /* worst so far */
};

static void worst(struct reader *r, int rc)
{
    r->rc = exit_worse(r->rc, rc);
}

static void bad(struct reader *r, const char *what, int rc)
{
    diag_path(r->c.path, "%s", what);
    worst(r, rc);
}

/* A signal has ended a read, too. */
static void unreadable(struct reader *r)
{
    int error = errno;

    if ( error != EINTR || !stop_requested() )
        bad(r, strerror(error), exit_of_errno(error));
}

/* ---- one file ---- */

/* What is wrong with bytes that were not made by a fuzzer. */
static void byte_problems(struct problems *problems, const uint8_t *data,
                          size_t size, const struct decode_note *note)
{
    if ( note->version )
        problem_add(problems, 1, 1,
                    "byte format %u, expected %d (or text; --raw takes any "
                    "bytes)",
                    data[0] >> FORMAT_VERSION_SHIFT, FORMAT_VERSION);
    if ( size < HEADER_BYTES )
        problem_add(problems, 1, (uint32_t)size + 1,
                    "%zu bytes, expected a header of %d", size, HEADER_BYTES);
    /* With another format the rest means nothing. */
    if ( note->version || size < HEADER_BYTES )
        return;

    if ( note->header )
        problem_add(problems, 1, (uint32_t)note->header_offset + 1,
                    "header byte 0x%02x, expected %s",
                    data[note->header_offset],
                    note->header_offset == 1 ? "the number of a release"
                                             : "only bits in use");
    if ( note->tail )
        problem_add(problems, 1, (uint32_t)(size - note->tail) + 1,
                    "%zu bytes of a cut record, expected whole records",
                    note->tail);
    if ( note->over )
        problem_add(problems, 1, (uint32_t)(size - note->over) + 1,
                    "%zu bytes more than a program, expected at most %d "
                    "operations",
                    note->over, PROGRAM_OPS_MAX);
}

static bool parse(struct case_file *c, bool any_bytes)
{
    struct problems problems = { 0 };
    struct decode_note note;

    c->is_text = !any_bytes && looks_like_text(c->data, c->size);
    if ( c->is_text )
        litmus_parse(&c->litmus, (const char *)c->data, c->size, &problems);
    else
    {
        memset(&c->litmus, 0, sizeof(c->litmus));
        program_decode(&c->litmus.program, c->data, c->size, &note);
        c->litmus.releases = RELEASE_BIT(c->litmus.program.host.release);
        if ( !any_bytes )
            byte_problems(&problems, c->data, c->size, &note);
    }
    diag_problems(c->path, &problems);

    return !problems.nr;
}

static void read_stream(struct reader *r, FILE *f)
{
    r->c.size = fread(r->c.data, 1, CASE_BYTES_MAX + 1, f);
    if ( ferror(f) )
        unreadable(r);
    else if ( !r->c.size && !r->any_bytes )
        bad(r, "empty, expected a test case", EXIT_BAD_INPUT);
    else if ( r->c.size > CASE_BYTES_MAX )
        bad(r, "more than 256 KiB, expected a test case", EXIT_BAD_INPUT);
    else if ( !parse(&r->c, r->any_bytes) )
        worst(r, EXIT_BAD_INPUT);
    else
        worst(r, r->fn(r->ctx, &r->c));
}

static void read_entry(struct reader *r, const struct case_entry *e)
{
    FILE *f;

    r->c.name = e->name;
    if ( !strcmp(e->path, "-") )
    {
        r->c.path = "<stdin>";
        read_stream(r, stdin);
        return;
    }
    r->c.path = e->path;
    f = fopen(e->path, "rb");
    if ( !f )
    {
        unreadable(r);
        return;
    }
    read_stream(r, f);
    fclose(f);
}

/* ---- all ---- */

static void read_all(struct reader *r, const struct case_list *l)
{
    size_t done = 0;

    /* A case that was cut short is not done. */
    while ( done < l->nr && !stop_requested() )
    {
        read_entry(r, &l->entry[done]);
        if ( stop_heeded() )
            break;
        done++;
    }
    if ( stop_heeded() )
        diag("stopped by %s after %zu of %zu cases", stop_name(), done, l->nr);
}

int cases_convert(char *const *paths, int nr, bool any_bytes, case_fn *fn,
                  void *ctx, const struct case_output *o)
{
    struct reader r = { .any_bytes = any_bytes, .fn = fn, .ctx = ctx };
    struct case_list l;

    r.c.data = malloc(CASE_BYTES_MAX + 1);
    if ( !r.c.data )
        out_of_memory();
    case_list_make(&l, paths, nr);
    r.rc = l.rc;
    if ( o && !case_output_names(o, &l) )
        worst(&r, EXIT_BAD_INPUT);
    else
        read_all(&r, &l);
    case_list_free(&l);
    free(r.c.data);

    return r.rc;
}

int cases_each(char *const *paths, int nr, bool any_bytes, case_fn *fn,
               void *ctx)
{
    return cases_convert(paths, nr, any_bytes, fn, ctx, NULL);
}

static int is_good(void *ctx, struct case_file *c)
{
    (void)ctx;
    (void)c;
    return EXIT_HELD;
}

int cases_check(char *const *paths, int nr, bool any_bytes)
{
    return cases_each(paths, nr, any_bytes, is_good, NULL);
}
