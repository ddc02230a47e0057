/* SPDX-License-Identifier: MIT */
/* What the user is told: messages on stderr, and exit codes. */
#ifndef CLAIMCHECK_DIAG_H
#define CLAIMCHECK_DIAG_H

#include "harness/program/text.h"

/* Exit codes; 77 is what test drivers take as "skipped". The worst of several
 * cases: exit_worse(). */
#define EXIT_HELD 0
#define EXIT_VIOLATION 1
#define EXIT_BAD_INPUT 2
#define EXIT_INTERNAL 3 /* the harness itself failed */
#define EXIT_CANNOT_RUN 77

/* The worse of two: 3, 1, 2, 77, 0. */
int exit_worse(int a, int b);

/* "claimcheck: ..." and a newline. */
void diag(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* "path: ..." for what has no place within the file. */
void diag_path(const char *path, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* "path:line:column: ..." for each problem kept, and how many more. */
void diag_problems(const char *path, const struct problems *problems);

#endif /* CLAIMCHECK_DIAG_H */
