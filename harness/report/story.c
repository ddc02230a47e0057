/* SPDX-License-Identifier: MIT */
/* Noting a run; see story.h. */
#include "story.h"

#include <stdlib.h>
#include <string.h>

struct teller
{
    struct story *story;
    struct engine *e;
    /* Of the step under way. */
    struct story_step now;
};

static void on_call(void *ctx, const struct engine *e)
{
    struct teller *t = ctx;

    if ( !t->now.calls++ )
        sentence_of(t->now.sentence, SENTENCE_MAX, &e->call);
    t->now.rule = (uint8_t)e->prediction.rule;
}

static void on_event(void *ctx, const struct engine *e, enum hv_event event,
                     enum hv_lock lock, const char *fn, int line)
{
    struct teller *t = ctx;
    struct story_event *to = &t->now.event[t->now.nr_events];

    if ( event == HV_EVENT_LOCK_BEFORE )
        return;
    if ( t->now.nr_events == STORY_EVENTS_MAX )
    {
        t->now.events_lost++;
        return;
    }
    *to = (struct story_event){ event, lock, fn, line, 0, 0 };
    if ( event == HV_EVENT_UNLOCK && lock == HV_LOCK_HEAP && e->h.ops->heap )
        e->h.ops->heap(e->h.hv, &to->free, &to->claimed);
    t->now.nr_events++;
}

static void on_step(void *ctx, const struct step_info *info)
{
    struct teller *t = ctx;
    struct story *s = t->story;
    struct hv_view after = *info->view;

    t->now.op = *info->op;
    t->now.step = info->step;
    t->now.drain = info->drain;
    t->now.failed = info->failed;
    t->now.in_call = info->in_call;
    t->now.not_run = info->not_run;
    t->now.rc = info->rc;
    t->now.after = after;
    if ( s->nr < STORY_STEPS_MAX )
        s->step[s->nr++] = t->now;
    else
        s->lost++;
    memset(&t->now, 0, sizeof(t->now));
    t->now.before = after;
}

/* Everything that there is: free, owned, and what the hypervisor took. */
static uint64_t pages_of(const struct engine *e, const struct hv_view *v)
{
    uint64_t owned = 0, shape = (uint64_t)e->spec.program->host.nodes *
                                e->spec.program->host.node_pages;

    for ( unsigned int d = 0; d < HV_DOMS_MAX; d++ )
        owned += v->dom[d].tot + v->dom[d].extra;
    if ( e->h.ops->shape || shape < v->free + owned )
        return v->free + owned;

    return shape;
}

/* The run that finds the step is the story. */
static void on_again(void *ctx)
{
    struct teller *t = ctx;

    t->story->nr = t->story->lost = 0;
    memset(&t->now, 0, sizeof(t->now));
}

struct story *story_of(struct engine *e, const struct run_spec *spec,
                       bool events)
{
    const struct engine_options saved = e->o;
    struct teller t = { .story = calloc(1, sizeof(struct story)), .e = e };
    struct story *s = t.story;

    if ( !s )
        return NULL;
    s->spec = *spec;
    s->on = &e->h;
    e->o = (struct engine_options){ .on_step = on_step,
                                    .on_again = on_again,
                                    .ctx = &t,
                                    .on_call = on_call,
                                    .on_event = events ? on_event : NULL,
                                    .call_ctx = &t };
    engine_run(e, spec, &s->r);
    e->o = saved;
    s->start = e->start;
    s->seen = e->seen;
    s->pages = pages_of(e, &s->start);
    if ( s->nr )
        s->step[0].before = s->start;
    if ( s->r.outcome == RUN_VIOLATION )
        s->has_expected = engine_expected(e, &s->expected);

    return s;
}
