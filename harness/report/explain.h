/* SPDX-License-Identifier: MIT */
/* A story for people: as text, and as a page. */
#ifndef CLAIMCHECK_EXPLAIN_H
#define CLAIMCHECK_EXPLAIN_H

#include <stdio.h>

#include "story.h"

/* As text: each step with its sentence, the rule, the counters that changed,
 * and its lock events, if the story has them. */
void explain_text(FILE *f, const char *path, const struct story *s);

/* As one HTML page that needs nothing else: a timeline and the same. */
void explain_html(FILE *f, const char *path, const struct story *s);

/* "held", "known weakness: dying-claim", "violation: OVER-CLAIM/claim". */
#define VERDICT_MAX 128
void verdict_of(char *out, const struct story *s);

/* What became of a lock; "" of another event. */
const char *lock_event_of(const struct story_event *v);

#endif /* CLAIMCHECK_EXPLAIN_H */
