/* SPDX-License-Identifier: MIT */
/*
 * Words of a line of text, and who reads which statement.
 *
 * Not here: what the words mean.
 */
#ifndef CLAIMCHECK_SCAN_H
#define CLAIMCHECK_SCAN_H

#include "text.h"

/* A run of characters that are not blank; column from 1, in bytes. */
struct word
{
    const char *s;
    size_t len;
    uint32_t column;
};

/* NAME=VALUE taken apart. has_value is false if there is no '='. */
struct pair
{
    struct word name, value;
    bool has_value;
};

/* A line being read. */
struct line
{
    const char *s;
    size_t len, at;
    uint32_t nr; /* from 1 */
    struct problems *problems;
};

/* The next word; false at the end of the line, with word->column set to where
 * something could have followed. */
bool line_next(struct line *line, struct word *word);

bool word_is(const struct word *word, const char *text);
void word_split(struct pair *pair, const struct word *word);

/* What of a word is quoted in a problem. */
#define QUOTE_MAX 32
#define QUOTE(w) (int)((w).len < QUOTE_MAX ? (w).len : QUOTE_MAX), (w).s

/* Where records=narrow was asked for; line is 0 if it was not. */
struct narrow_wish
{
    uint32_t line, column;
};

/* The rest of the line as a description of the host. */
void host_parse(struct litmus *l, struct narrow_wish *narrow,
                struct line *line);

/* The i-th word that may stand there; NULL if there are no more. */
const char *host_key(unsigned int i);
const char *result_name(unsigned int i);
const char *state_name(unsigned int i);

/* The rest of the line as expect terms, all to be checked after so many
 * steps. */
void expect_parse(struct litmus *l, struct line *line, uint8_t after);

#endif /* CLAIMCHECK_SCAN_H */
