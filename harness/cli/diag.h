/* SPDX-License-Identifier: MIT */
/* What the user is told on stderr. */
#ifndef CLAIMCHECK_DIAG_H
#define CLAIMCHECK_DIAG_H

#include "harness/program/text.h"

/* "claimcheck: ..." and a newline. */
void diag(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* "path: ..." for what has no place within the file. */
void diag_path(const char *path, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* "path:line:column: ..." for each problem kept, and how many more. */
void diag_problems(const char *path, const struct problems *problems);

#endif /* CLAIMCHECK_DIAG_H */
