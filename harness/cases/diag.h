/* SPDX-License-Identifier: MIT */
/* What the user is told: messages on stderr, and exit codes. */
#ifndef CLAIMCHECK_DIAG_H
#define CLAIMCHECK_DIAG_H

#include "harness/program/text.h"

/* Exit codes, see docs/exit-codes.md; 77 is what test drivers take as "skipped".
 * After a signal: 128 + its number (harness/stop). */
#define EXIT_HELD 0
#define EXIT_VIOLATION 1
#define EXIT_BAD_INPUT 2
#define EXIT_INTERNAL 3 /* the harness itself failed */
#define EXIT_CANNOT_RUN 77

/* The worse of two: 3, 1, 2, 128 + n, 77, 0. */
int exit_worse(int a, int b);

/* What a file that cannot be read or written is: EXIT_BAD_INPUT if another name
 * helps, EXIT_INTERNAL if not (no space, a bad disk). */
int exit_of_errno(int error);

/* Says so, and ends the program with EXIT_INTERNAL. */
_Noreturn void out_of_memory(void);

/* Of messages, whatever is not to be shown is escaped: see quote_text(). */

/* "claimcheck: ..." and a newline. */
void diag(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* "path: ..." for what has no place within the file. */
void diag_path(const char *path, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* "path:line:column: ..." for each problem kept, and how many more. */
void diag_problems(const char *path, const struct problems *problems);

#endif /* CLAIMCHECK_DIAG_H */
