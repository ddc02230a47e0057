/* SPDX-License-Identifier: MIT */
/* A story as text; see explain.h. */
#include "explain.h"

#include <inttypes.h>
#include <string.h>

#include "counters.h"
#include "harness/program/quote.h"
#include "report.h"

void verdict_of(char *out, const struct story *s)
{
    const struct run_result *r = &s->r;
    size_t len;

    if ( r->outcome == RUN_VIOLATION )
    {
        snprintf(out, VERDICT_MAX, "violation: %s", r->signature);
        return;
    }
    snprintf(out, VERDICT_MAX, "%s",
             r->outcome == RUN_SKIPPED ? "skipped: it cannot run here"
             : r->weaknesses           ? "known weakness:"
                                       : "held");
    for ( unsigned int w = 0; w < WEAK_COUNT; w++ )
    {
        len = strlen(out);
        if ( r->weaknesses >> w & 1 )
            snprintf(out + len, VERDICT_MAX - len, " %s",
                     weakness_table[w].name);
    }
}

const char *lock_event_of(const struct story_event *v)
{
    return v->event == HV_EVENT_LOCK        ? "taken"
           : v->event == HV_EVENT_UNLOCK    ? "released"
           : v->event == HV_EVENT_CONTENDED ? "found taken"
                                            : "";
}

static void events(FILE *f, const struct story_step *st)
{
    for ( uint32_t i = 0; i < st->nr_events; i++ )
    {
        const struct story_event *v = &st->event[i];

        if ( v->event == HV_EVENT_PREEMPT )
            fprintf(f, "      preemption point");
        else
            fprintf(f, "      %s %s", hv_lock_name(v->lock), lock_event_of(v));
        fprintf(f, " (%s:%d)", v->fn, v->line);
        if ( v->event == HV_EVENT_UNLOCK && v->lock == HV_LOCK_HEAP )
            fprintf(f, ": %" PRIu64 " pages free, %" PRIu64 " claimed%s",
                    v->free, v->claimed,
                    v->claimed > v->free ? "  <- more than there are" : "");
        fputc('\n', f);
    }
    if ( st->events_lost )
        fprintf(f, "      and %u events more\n", st->events_lost);
}

static void step(FILE *f, const struct story *s, const struct story_step *st)
{
    const struct step_info info = { .step = st->step,
                                    .op = &st->op,
                                    .drain = st->drain,
                                    .not_run = st->not_run,
                                    .rc = st->rc,
                                    .failed = st->failed,
                                    .in_call = st->in_call,
                                    .view = &st->after };
    const struct counter_table changes = {
        .indent = "      ",
        .column = { { "before", &st->before }, { "after", &st->after } },
        .nr = 2,
        .mark = ' ',
        .marked_only = true,
    };
    const struct counter_table failure = {
        .indent = "      ",
        .column = { { "before", &st->before },
                    { "expected", s->has_expected ? &s->expected : NULL },
                    { "seen", &st->after } },
        .nr = 3,
        .mark = '!',
    };

    report_step(f, &info);
    if ( !st->calls )
        fprintf(f, "      No call is made.\n");
    else
        fprintf(f, "      %s%s.\n", st->sentence,
                st->calls > 1 ? ", in several calls" : "");
    if ( st->calls )
        fprintf(f, "      Rule %s (rules %s): %s.\n", rule_table[st->rule].id,
                rule_table[st->rule].row, rule_table[st->rule].text);
    events(f, st);
    if ( st->failed )
    {
        fprintf(f, "      VIOLATION %s: %s\n", s->r.signature, s->r.detail);
        counters_print(f, &failure);
    }
    else if ( memcmp(&st->before, &st->after, sizeof(st->before)) )
        counters_print(f, &changes);
    else if ( st->calls )
        fprintf(f, "      Nothing changes.\n");
}

/* It failed, but no step did. */
static void between(FILE *f, const struct story *s)
{
    const struct counter_table t = {
        .indent = "      ",
        .column = { { "at the start", &s->start },
                    { "expected", s->has_expected ? &s->expected : NULL },
                    { "seen", &s->seen } },
        .nr = 3,
        .mark = '!',
    };

    fprintf(f, " >  -  %s\n      VIOLATION %s: %s\n",
            s->nr ? "(after the last step)" : "(before the first step)",
            s->r.signature, s->r.detail);
    counters_print(f, &t);
}

void explain_text(FILE *f, const char *path, const struct story *s)
{
    bool failed = false, drained = false;
    char verdict[VERDICT_MAX];

    verdict_of(verdict, s);
    quote_text(f, path);
    fputs(" on ", f);
    report_on(f, s->on);
    fprintf(f, ", %s: %s\n", release_name(s->spec.release), verdict);
    if ( s->r.outcome == RUN_SKIPPED )
    {
        fprintf(f, "  %s\n", s->r.detail);
        return;
    }
    host_print(f, s->spec.program, RELEASE_BIT(s->spec.release),
               s->spec.release);
    for ( uint32_t i = 0; i < s->nr; i++ )
    {
        failed |= s->step[i].failed;
        if ( s->step[i].drain && !drained )
            fprintf(f, "The program is over: all is released and "
                       "destroyed.\n");
        drained |= s->step[i].drain;
        step(f, s, &s->step[i]);
    }
    if ( s->lost )
        fprintf(f, "(and %u steps more)\n", s->lost);
    if ( s->r.outcome == RUN_VIOLATION && !failed )
        between(f, s);
}
