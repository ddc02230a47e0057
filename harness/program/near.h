/* SPDX-License-Identifier: MIT */
/* Which of some words a word is nearly. */
#ifndef CLAIMCHECK_NEAR_H
#define CLAIMCHECK_NEAR_H

#include <stddef.h>

/* The best word so far, and by how many slips of the pen it differs from the
 * one that was written: a character left out, put in or exchanged, or two
 * neighbours that changed places. Upper and lower case are the same. */
struct near
{
    const char *s; /* what was written; not 0-terminated */
    size_t len;
    const char *best; /* NULL: none is near */
    unsigned int slips;
};

/* At most two slips, of short words one: anything else is a guess. */
void near_start(struct near *n, const char *s, size_t len);
/* Is it this word? NULL and "" are none. */
void near_try(struct near *n, const char *word);

/* An ASCII letter in lower case; anything else as it is. */
char near_lower(char c);

#endif /* CLAIMCHECK_NEAR_H */
