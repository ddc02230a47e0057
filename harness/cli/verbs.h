/* SPDX-License-Identifier: MIT */
/* The verbs, and what they share. */
#ifndef CLAIMCHECK_VERBS_H
#define CLAIMCHECK_VERBS_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

#include "harness/cases/case.h"
#include "harness/cases/diag.h"
#include "harness/session/setup.h"

#define RAW_OPTION                                                            \
    "  --raw    take each FILE as a fuzzer's bytes, whatever they are\n"

#define VERB(name, arguments, summary, options)                               \
    int verb_##name(int argc, char **argv);
#include "verbs.def"
#undef VERB

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

/* Nothing stands after the options; false after having said what does. */
bool options_only(int argc, char **argv);

#endif /* CLAIMCHECK_VERBS_H */
