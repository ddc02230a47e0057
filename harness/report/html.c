/* SPDX-License-Identifier: MIT */
/*
 * A story as one HTML page without scripts: verdict, timeline, steps. Light and
 * dark by the reader's setting, and printable. The style: html_style.h; the
 * timeline: timeline.c.
 */
#include "explain.h"

#include <inttypes.h>
#include <string.h>

#include "counters.h"
#include "html.h"
#include "html_style.h"

void html_text(FILE *f, const char *s)
{
    for ( ; *s; s++ )
        switch ( *s )
        {
        case '<': fputs("&lt;", f); break;
        case '>': fputs("&gt;", f); break;
        case '&': fputs("&amp;", f); break;
        case '"': fputs("&quot;", f); break;
        default:
            /* A file's name may be any bytes. */
            fputc(*s >= ' ' && *s <= '~' ? *s : '?', f);
        }
}

/* ---- counters ---- */

static void counters(FILE *f, const struct counter_table *t)
{
    bool header = false;
    struct expect x;

    for ( unsigned int i = 0; counter_at(i, &x); i++ )
    {
        char name[EXPECT_NAME_MAX], value[EXPECT_VALUE_MAX];
        bool mark;

        if ( !counter_shown(t, &x, &mark) )
            continue;
        if ( !header )
        {
            fprintf(f, "<table><thead><tr><th>counter</th>");
            for ( unsigned int c = 0; c < t->nr; c++ )
                fprintf(f, "<th>%s</th>", t->column[c].title);
            fprintf(f, "</tr></thead><tbody>\n");
            header = true;
        }
        expect_print(name, sizeof(name), &x);
        fprintf(f, "<tr%s><th scope=row>%s</th>",
                mark && !t->marked_only ? " class=differs" : "", name);
        for ( unsigned int c = 0; c < t->nr; c++ )
            fprintf(f, "<td>%s</td>",
                    counter_cell(value, &x, t->column[c].view));
        fprintf(f, "</tr>\n");
    }
    if ( header )
        fprintf(f, "</tbody></table>\n");
}

static void failure(FILE *f, const struct story *s, const char *first,
                    const struct hv_view *before)
{
    const struct counter_table t = {
        .column = { { first, before },
                    { "expected", s->has_expected ? &s->expected : NULL },
                    { "seen", &s->seen } },
        .nr = 3,
    };

    fprintf(f, "<p class=bad><strong>%s</strong>: ", s->r.signature);
    html_text(f, s->r.detail);
    fprintf(f, "</p>\n");
    counters(f, &t);
}

/* ---- steps ---- */

static void events(FILE *f, const struct story_step *st)
{
    if ( !st->nr_events )
        return;
    fprintf(f, "<details><summary>locks</summary><ul>\n");
    for ( uint32_t i = 0; i < st->nr_events; i++ )
    {
        const struct story_event *v = &st->event[i];
        bool window = v->event == HV_EVENT_UNLOCK && v->lock == HV_LOCK_HEAP;

        fprintf(f, "<li%s>%s %s, %s:%d",
                window && v->claimed > v->free ? " class=bad" : "",
                v->event == HV_EVENT_PREEMPT ? "preemption point"
                                             : hv_lock_name(v->lock),
                lock_event_of(v), v->fn, v->line);
        if ( window )
            fprintf(f, ": %" PRIu64 " free, %" PRIu64 " claimed", v->free,
                    v->claimed);
        fprintf(f, "</li>\n");
    }
    fprintf(f, "</ul></details>\n");
}

static void step(FILE *f, const struct story *s, uint32_t i)
{
    const struct story_step *st = &s->step[i];
    const struct counter_table changes = {
        .column = { { "before", &st->before }, { "after", &st->after } },
        .nr = 2,
        .marked_only = true,
    };
    char line[TEXT_LINE_MAX + 1], rc[RESULT_NAME_MAX];

    op_print(line, sizeof(line), &st->op);
    result_print(rc, sizeof(rc), st->rc);
    fprintf(f, "<section id=step%u%s><h3><span class=nr>", i + 1,
            st->failed ? " class=failed" : "");
    if ( st->drain )
        fprintf(f, "end");
    else
        fprintf(f, "%u", st->step + 1);
    fprintf(f, "</span> <code>");
    html_text(f, line);
    fprintf(f, "</code> ");
    if ( st->not_run )
        fprintf(f, "<em>not run: %s</em>", st->not_run);
    else if ( st->in_call )
        fprintf(f, "<em>failed during the call</em>");
    else
        fprintf(f, "= <code>%s</code>", rc);
    fprintf(f, "</h3>\n");
    if ( st->calls )
    {
        fprintf(f, "<p>");
        html_text(f, st->sentence);
        fprintf(f, "%s. <span class=rule>Rule %s (rules %s): ",
                st->calls > 1 ? ", in several calls" : "",
                rule_table[st->rule].id, rule_table[st->rule].row);
        html_text(f, rule_table[st->rule].text);
        fprintf(f, ".</span></p>\n");
    }
    else
        fprintf(f, "<p>No call is made.</p>\n");
    if ( st->failed )
        failure(f, s, "before", &st->before);
    else
        counters(f, &changes);
    events(f, st);
    fprintf(f, "</section>\n");
}

/* ---- the page ---- */

static void head(FILE *f, const char *path, const struct story *s,
                 const char *verdict)
{
    fprintf(f, "<!DOCTYPE html>\n<html lang=en><head><meta charset=utf-8>\n"
               "<meta name=viewport content=\"width=device-width\">\n"
               "<title>");
    html_text(f, path);
    fprintf(f, ": %s</title>\n<style>\n%s</style></head>\n<body><main>\n<h1>",
            verdict, html_style);
    html_text(f, path);
    fprintf(f, "</h1>\n<p>On %s", s->on->ops->name);
    if ( s->on->ops->build )
    {
        fputs(" (", f);
        html_text(f, s->on->ops->build);
        fputc(')', f);
    }
    fprintf(f, ", Xen %s: <strong class=%s>%s</strong></p>\n",
            release_name(s->spec.release),
            s->r.outcome == RUN_VIOLATION ? "bad" : "good", verdict);
    if ( *s->r.detail )
    {
        fprintf(f, "<p class=%s>",
                s->r.outcome == RUN_VIOLATION ? "bad" : "note");
        html_text(f, s->r.detail);
        fprintf(f, "</p>\n");
    }
    fprintf(f, "<pre>");
    host_print(f, s->spec.program, RELEASE_BIT(s->spec.release),
               s->spec.release);
    fprintf(f, "</pre>\n");
}

void explain_html(FILE *f, const char *path, const struct story *s)
{
    char verdict[VERDICT_MAX];
    bool failed = false;

    verdict_of(verdict, s);
    head(f, path, s, verdict);
    if ( s->r.outcome != RUN_SKIPPED )
        timeline_svg(f, s);
    fprintf(f, "<h2 id=steps>Steps</h2>\n");
    for ( uint32_t i = 0; i < s->nr; i++ )
    {
        if ( s->step[i].drain && (!i || !s->step[i - 1].drain) )
            fprintf(f, "<p class=note>The program is over: all is released "
                       "and destroyed.</p>\n");
        failed |= s->step[i].failed;
        step(f, s, i);
    }
    if ( s->lost )
        fprintf(f, "<p class=note>And %u steps more.</p>\n", s->lost);
    if ( s->r.outcome == RUN_VIOLATION && !failed )
    {
        fprintf(f, "<section class=failed><h3>%s</h3>\n",
                s->nr ? "After the last step" : "Before the first step");
        failure(f, s, "at the start", &s->start);
        fprintf(f, "</section>\n");
    }
    fprintf(f, "</main></body></html>\n");
}
