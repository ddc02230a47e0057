/* SPDX-License-Identifier: MIT */
/* Reading test cases: files, folders, stdin. */
#include "case.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "diag.h"

struct reader
{
    struct case_file c;
    bool any_bytes;
    case_fn *fn;
    void *ctx;
    size_t found; /* cases in the folder being read */
    int rc;       /* worst so far */
};

static void worst(struct reader *r, int rc)
{
    r->rc = exit_worse(r->rc, rc);
}

static void bad(struct reader *r, const char *what)
{
    diag_path(r->c.path, "%s", what);
    worst(r, EXIT_BAD_INPUT);
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
    else if ( note->kind )
        problem_add(problems, 1, 1, "kind of records %u, expected 0 .. %u",
                    data[0] & FORMAT_KIND_MASK, KIND_COUNT - 1);
    if ( size < HEADER_BYTES )
        problem_add(problems, 1, (uint32_t)size + 1,
                    "%zu bytes, expected a header of %d", size, HEADER_BYTES);
    /* With another format the rest means nothing. */
    if ( note->version || note->kind || size < HEADER_BYTES )
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
        bad(r, strerror(errno));
    else if ( !r->c.size && !r->any_bytes )
        bad(r, "empty, expected a test case");
    else if ( r->c.size > CASE_BYTES_MAX )
        bad(r, "more than 256 KiB, expected a test case");
    else if ( !parse(&r->c, r->any_bytes) )
        worst(r, EXIT_BAD_INPUT);
    else
        worst(r, r->fn(r->ctx, &r->c));
}

static void read_file(struct reader *r, const char *path, const char *name)
{
    FILE *f = fopen(path, "rb");

    r->c.path = path;
    r->c.name = name;
    r->found++;
    if ( !f )
    {
        bad(r, strerror(errno));
        return;
    }
    read_stream(r, f);
    fclose(f);
}

/* ---- folders ---- */

static int wanted(const struct dirent *d)
{
    return d->d_name[0] != '.' && strncmp(d->d_name, "README", 6);
}

/* By bytes: the same order in every locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* skip: characters of path that name the folder the user gave. */
static void read_folder(struct reader *r, const char *path, size_t skip,
                        unsigned int depth)
{
    struct dirent **entry;
    int nr = scandir(path, &entry, wanted, by_name);

    if ( nr < 0 || depth > CASE_DEPTH_MAX )
    {
        r->c.path = path;
        bad(r, nr < 0 ? strerror(errno) : "too many folders within folders");
    }

    for ( int i = 0; i < nr; i++ )
    {
        char below[4096];
        struct stat st;
        int len = snprintf(below, sizeof(below), "%s/%s", path,
                           entry[i]->d_name);

        free(entry[i]);
        r->c.path = below;
        if ( len >= (int)sizeof(below) )
            bad(r, "name too long");
        else if ( lstat(below, &st) )
            bad(r, strerror(errno));
        else if ( S_ISDIR(st.st_mode) )
        {
            if ( depth <= CASE_DEPTH_MAX )
                read_folder(r, below, skip, depth + 1);
        }
        /* A link to a file is one; a link to a folder may be a loop. */
        else if ( !stat(below, &st) && S_ISREG(st.st_mode) )
            read_file(r, below, below + skip);
    }
    if ( nr >= 0 )
        free(entry);
}

static void read_path(struct reader *r, const char *path)
{
    const char *slash = strrchr(path, '/');
    struct stat st;

    if ( !strcmp(path, "-") )
    {
        r->c.path = "<stdin>";
        r->c.name = "stdin";
        read_stream(r, stdin);
    }
    else if ( !stat(path, &st) && S_ISDIR(st.st_mode) )
    {
        r->found = 0;
        read_folder(r, path, strlen(path) + 1, 0);
        r->c.path = path;
        if ( !r->found )
            bad(r, "no test cases in this folder, expected some");
    }
    else
        read_file(r, path, slash ? slash + 1 : path);
}

int cases_each(char *const *paths, int nr, bool any_bytes, case_fn *fn,
               void *ctx)
{
    struct reader *r = calloc(1, sizeof(*r));
    uint8_t *data = malloc(CASE_BYTES_MAX + 1);
    int rc;

    if ( !r || !data )
    {
        diag("out of memory");
        free(r);
        free(data);
        return EXIT_INTERNAL;
    }

    r->c.data = data;
    r->any_bytes = any_bytes;
    r->fn = fn;
    r->ctx = ctx;
    for ( int i = 0; i < nr; i++ )
        read_path(r, paths[i]);
    rc = r->rc;
    free(data);
    free(r);

    return rc;
}
