/* SPDX-License-Identifier: MIT */
/*
 * Test cases from files, folders and stdin, for every verb that reads some.
 *
 * Not here: running them.
 */
#ifndef CLAIMCHECK_CASE_H
#define CLAIMCHECK_CASE_H

#include "harness/program/text.h"

/* Bytes of a file: far above any program's text with comments. */
#define CASE_BYTES_MAX (256 * 1024)
/* Folders within folders: deeper is taken for a loop. */
#define CASE_DEPTH_MAX 16

struct case_file
{
    const char *path; /* for messages; "<stdin>" */
    const char *name; /* below the folder that was named, else the last part
                       * of path; "stdin" */
    bool is_text;
    /* The case; of bytes: a program without expectations, for one release. */
    struct litmus litmus;
    /* What was read. */
    uint8_t *data;
    size_t size;
};

/* What to do with a case; returns an exit code. */
typedef int case_fn(void *ctx, struct case_file *c);

/*
 * Call fn for every case of these paths: a file, a folder (all files below it,
 * in order of their names, not hidden ones or README*), or "-". any_bytes is the
 * option --raw: take them as a fuzz target does, any bytes are good. Says what
 * is wrong with each bad file and goes on. Returns the worst exit code,
 * EXIT_BAD_INPUT for a bad file.
 */
int cases_each(char *const *paths, int nr, bool any_bytes, case_fn *fn,
               void *ctx);

/*
 * Where a verb writes cases: stdout (out NULL or "-"), into a folder (out is
 * one; the file is called after the case, its '/' replaced by '-', ".claim"
 * taken off, suffix added), or one file.
 */
struct case_output
{
    const char *verb, *out, *suffix;
    unsigned int nr; /* cases so far */
};

/* NULL after having said what is wrong. */
FILE *case_output_open(struct case_output *o, const struct case_file *c);
/* An exit code. */
int case_output_close(const struct case_output *o, FILE *f);

#endif /* CLAIMCHECK_CASE_H */
