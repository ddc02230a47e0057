/* SPDX-License-Identifier: MIT */
/*
 * What somebody may have meant by a word that is none: for the end of messages,
 * " (did you mean claim?)". Nothing here decides what is right.
 */
#ifndef CLAIMCHECK_HINTS_H
#define CLAIMCHECK_HINTS_H

#include "harness/program/kinds/kind.h"
#include "scan.h"

/* Characters of a hint, the final 0 included. */
#define HINT_MAX 80

struct hint
{
    char text[HINT_MAX]; /* "" if there is none */
};

/* Of the word that stands where a statement begins. */
struct hint hint_statement(const struct word *w);
/* Of a value of that kind; of the name of an argument of an operation. */
struct hint hint_value(enum arg_kind kind, const struct word *w);
struct hint hint_argument(const struct op_info *info, const struct word *w);
/* Which argument of an operation a word without a name may be for, or -1. */
int hint_unnamed(const struct op_info *info, const struct word *w);
/* Of a word after the last argument; before is the one before it. */
struct hint hint_after_arguments(const struct word *before,
                                 const struct word *w);
/* Of a result, a counter, the value of a counter. */
struct hint hint_result(const struct word *w);
struct hint hint_counter(const struct word *w);
struct hint hint_counter_value(bool state, const struct word *w);
/* Of a host's property, of a release. */
struct hint hint_host(const struct word *w);
struct hint hint_release(const struct word *w);

#endif /* CLAIMCHECK_HINTS_H */
