/* SPDX-License-Identifier: MIT */
/* The verbs, and what they share. */
#ifndef CLAIMCHECK_VERBS_H
#define CLAIMCHECK_VERBS_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/cases/case.h"
#include "harness/cases/diag.h"
#include "harness/session/setup.h"

#define RAW_OPTION                                                            \
    "  --raw    take each FILE as a fuzzer's bytes, whatever they are\n"

#define CORPUS_OPTION                                                         \
    "  CORPUS       files and folders; default corpus/ here, else that of\n"  \
    "               the tree that this program was built or installed in\n"

#define VERB(name, arguments, summary, options)                               \
    int verb_##name(int argc, char **argv);
#include "verbs.def"
#undef VERB

struct verb
{
    const char *name, *arguments, *summary, *options;
    int (*run)(int argc, char **argv);
};

extern const struct verb verbs[];
extern const size_t nr_verbs;

/* A verb's name as it is typed: '-' for the '_' that C wants. Valid until the
 * next call. */
const char *verb_typed(const struct verb *verb);

/* What help and man page both say. */
/* clang-format off */
#define ABOUT_FILES                                                           \
    "A FILE is text or bytes, a folder (everything below it but README* and\n" \
    "hidden files), or - for stdin.\n"
#define ABOUT_EXIT_CODES                                                      \
    "0 held, 1 violation, 2 bad usage or input, 3 the harness itself\n"        \
    "failed, 128 + n stopped by signal n, 77 cannot run here; of several the\n" \
    "worst: 3, 1, 2, 128 + n, 77, 0.\n"
#define ABOUT_LISTS                                                           \
    "claimcheck VERB --help says more of a verb, claimcheck --man all of it\n" \
    "as a man page; claimcheck --version; claimcheck --list verbs,\n"          \
    "implementations, releases or faults prints names, one a line.\n"
/* clang-format on */

/* getopt_long with our messages: an option, -1 at the end, OPTION_BAD after
 * having said what is wrong. argv[0] is the verb. */
#define OPTION_BAD (-2)
int option_next(int argc, char **argv, const char *letters,
                const struct option *names);

/* Report a violation on stderr; EXIT_VIOLATION, or EXIT_INTERNAL if it was not
 * seen again for the report. */
int verb_report(struct setup *s, const struct run_spec *spec,
                const struct run_result *r);

/* The number that an option was given, from min to max; false after having
 * said what is wrong. */
bool option_number(char **argv, const char *name, uint64_t min, uint64_t max,
                   uint64_t *n);

/*
 * The corpus of a verb that was told none: corpus/ here, or that of the source
 * tree in which this program was built, or the installed one. NULL after having
 * said where it looked. Valid until the next call.
 */
char *corpus_usual(const char *verb);

/* Nothing stands after the options; false after having said what does. */
bool options_only(int argc, char **argv);

/* Some FILE does; false after having said that none does. */
bool files_given(int argc, char **argv);

/* cases_convert() of the files after the options, over a setup that is open
 * meanwhile; out may be NULL. An exit code. */
int verb_cases(int argc, char **argv, struct setup *s, case_fn *fn, void *ctx,
               const struct case_output *out);

#endif /* CLAIMCHECK_VERBS_H */
