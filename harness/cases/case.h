/* SPDX-License-Identifier: MIT */
/*
 * Test cases from files, folders and stdin, for every verb that reads some.
 *
 * Not here: running them.
 */
#ifndef CLAIMCHECK_CASE_H
#define CLAIMCHECK_CASE_H

#include "file.h"
#include "harness/program/text.h"

/* Bytes of a file: far above any program's text with comments. */
#define CASE_BYTES_MAX (256 * 1024)

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
 * is wrong with each bad file and goes on; a signal (harness/stop) ends it,
 * which it says. Returns the worst exit code, EXIT_BAD_INPUT for a bad file.
 */
int cases_each(char *const *paths, int nr, bool any_bytes, case_fn *fn,
               void *ctx);

/* Are all of them good? An exit code, after having said which are not. */
int cases_check(char *const *paths, int nr, bool any_bytes);

/*
 * Where a verb writes cases: stdout (out NULL or "-"), into a folder (out is
 * one; the file is called after the case, its '/' replaced by '-', ".claim"
 * taken off, suffix added), or one file.
 */
struct case_output
{
    const char *verb, *out, *suffix;
    unsigned int nr; /* cases so far */
    struct file_text text;
};

/* As cases_each(), for an fn that writes each case to o. If two cases would be
 * written to one file, that is said and nothing is done. */
int cases_convert(char *const *paths, int nr, bool any_bytes, case_fn *fn,
                  void *ctx, const struct case_output *o);

bool case_output_is_stdout(const struct case_output *o);
bool case_output_to_folder(const struct case_output *o);

/* The stream for the next case. */
FILE *case_output_begin(struct case_output *o);
/* Write what was printed there; an exit code. */
int case_output_end(struct case_output *o, const struct case_file *c);
/* Or forget it. */
void case_output_drop(struct case_output *o);

/* Has each case a file of its own? False after having said which has not. */
struct case_list;
bool case_output_names(const struct case_output *o, const struct case_list *l);

#endif /* CLAIMCHECK_CASE_H */
