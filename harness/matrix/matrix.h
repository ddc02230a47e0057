/* SPDX-License-Identifier: MIT */
/*
 * The validation matrix: does a corpus test every rule of the model? For each
 * release and rule a case that triggers it, one that narrowly avoids it, and the
 * rules it overrides. Recomputed from a corpus, never written by hand.
 */
#ifndef CLAIMCHECK_MATRIX_H
#define CLAIMCHECK_MATRIX_H

enum matrix_form
{
    MATRIX_SUMMARY, /* a line for each release, and what is missing, in part */
    MATRIX_FULL, /* ... and then every rule and pair                       */
    MATRIX_CSV,  /* a row for each                                         */
    MATRIX_JSON, /* an object on a line for each release                   */
};

struct matrix_options
{
    int release;       /* enum release, or RELEASE_OF_CASE: every one */
    const char *on;    /* what runs the cases, as --on says; NULL: the stub */
    const char *fault; /* planted in it; NULL: none */
    const char *fill;  /* folder for cases that fill gaps; NULL: none wanted */
    enum matrix_form form;
};

/*
 * Replay these files and folders, then print the matrix on stdout:
 * the newest release first. Returns an exit code:
 * EXIT_VIOLATION if a case fails or something is missing, EXIT_BAD_INPUT after
 * having said what is wrong.
 */
int matrix_run(const struct matrix_options *o, char *const *paths, int nr);

#endif /* CLAIMCHECK_MATRIX_H */
