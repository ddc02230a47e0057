/* SPDX-License-Identifier: MIT */
/*
 * A run as a story: every step with what it asked for, which rule decided, what
 * came back, and the counters before and after it. Explanations, pages and
 * comparisons are made from it.
 *
 * Not here: what they look like (explain.c, html.c, diff.c).
 */
#ifndef CLAIMCHECK_STORY_H
#define CLAIMCHECK_STORY_H

#include "harness/engine/engine.h"

/* Steps that are kept: the program's, and of the drain more than it takes. */
#define STORY_STEPS_MAX (3 * PROGRAM_OPS_MAX)
/* Lock events that are kept of a step. */
#define STORY_EVENTS_MAX 64
/* Characters of the sentence about a step. */
#define SENTENCE_MAX 160

struct story_event
{
    enum hv_event event;
    enum hv_lock lock;
    const char *fn;
    int line;
    uint64_t free, claimed; /* at the release of heap_lock */
};

struct story_step
{
    struct op op;
    uint32_t step; /* of the program, from 0 */
    bool drain, failed, in_call;
    const char *not_run;
    long rc;
    char sentence[SENTENCE_MAX];
    uint32_t calls; /* how many it made; with none, no rule decided */
    uint8_t rule;   /* enum rule, of the last */
    struct hv_view before, after;
    uint32_t nr_events, events_lost;
    struct story_event event[STORY_EVENTS_MAX];
};

struct story
{
    struct run_spec spec;
    struct run_result r;
    const struct hypervisor *on; /* what it ran on */
    struct hv_view start;
    uint64_t pages; /* all of the host */
    /* If it failed: the counters that should have been seen, if that is known. */
    bool has_expected;
    struct hv_view seen, expected;
    uint32_t nr, lost; /* steps kept and not kept */
    struct story_step step[STORY_STEPS_MAX];
};

/* Run spec and note what happens; NULL without memory. The caller frees it. */
struct story *story_of(struct engine *e, const struct run_spec *spec,
                       bool events);

/* What a call asks for, in a sentence without a full stop: "dom0 claims 8 pages
 * for d1". */
void sentence_of(char *out, size_t size, const struct hv_call *call);

#endif /* CLAIMCHECK_STORY_H */
