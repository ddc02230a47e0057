/* SPDX-License-Identifier: MIT */
/*
 * What hints are made of. For the files that make them (hints.c, hints_line.c),
 * nobody else.
 */
#ifndef CLAIMCHECK_HINT_H
#define CLAIMCHECK_HINT_H

#include <stdbool.h>
#include <stddef.h>

#include "hints.h"

/* Longer words get no hint. */
#define HINT_WORD_MAX 40

/* A hint of these words; none; " (did you mean TEXT?)", none if it is NULL. */
struct hint hint_say(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));
struct hint hint_none(void);
struct hint hint_meant(const char *text);

/* A word as a string of HINT_WORD_MAX characters, in lower case if wanted; false
 * if it is too long. */
bool hint_copy(char *to, const struct word *w, bool lower_case);

/* What people write, and what it is called here. */
struct hint_alias
{
    const char *wrong, *right;
};

/* The right word for s of a table; NULL if it is not there. */
const char *hint_alias_of(const struct hint_alias *table, size_t nr,
                          const char *s);
#define HINT_ALIAS(table, s)                                                  \
    hint_alias_of(table, sizeof(table) / sizeof((table)[0]), s)

#endif /* CLAIMCHECK_HINT_H */
