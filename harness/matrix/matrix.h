/* SPDX-License-Identifier: MIT */
/*
 * The validation matrix: does a corpus test every rule of the model? For each
 * release and rule a case that triggers it, one that narrowly avoids it, and the
 * rules it overrides. Recomputed from a corpus, never written by hand.
 */
#ifndef CLAIMCHECK_MATRIX_H
#define CLAIMCHECK_MATRIX_H

#include <stdbool.h>

struct matrix_options
{
    int release;       /* enum release, or RELEASE_OF_CASE: every one */
    const char *fault; /* planted in the stub; NULL: none */
    const char *fill;  /* folder for cases that fill gaps; NULL: none wanted */
    bool json;
};

/*
 * Replay these files and folders on the stub, then print the matrix on stdout:
 * as text, or one JSON object for each release. Returns an exit code:
 * EXIT_VIOLATION if a case fails or something is missing, EXIT_BAD_INPUT after
 * having said what is wrong.
 */
int matrix_run(const struct matrix_options *o, char *const *paths, int nr);

#endif /* CLAIMCHECK_MATRIX_H */
