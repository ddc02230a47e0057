/* SPDX-License-Identifier: MIT */
/* The failure report; see report.h. */
#include "report.h"

#include <string.h>

#include "harness/program/text.h"

#define LINE_MAX_CHARS (TEXT_LINE_MAX + 1)

void report_step(FILE *f, const struct step_info *info)
{
    char line[LINE_MAX_CHARS], rc[RESULT_NAME_MAX], number[12] = "-";

    op_print(line, sizeof(line), info->op);
    result_print(rc, sizeof(rc), info->rc);
    if ( !info->drain )
        snprintf(number, sizeof(number), "%u", info->step + 1);
    fprintf(f, " %c%3s  %-44s ", info->failed ? '>' : ' ', number, line);
    if ( info->not_run )
        fprintf(f, "  (not run: %s)\n", info->not_run);
    else if ( info->in_call )
        fprintf(f, "  (during the call)\n");
    else
        fprintf(f, "= %s\n", rc);
}

static void report_host(FILE *f, const struct run_spec *spec)
{
    const struct host_shape *host = &spec->program->host;

    fprintf(f, "host nodes=%u pages=%u release=%s%s\n", host->nodes,
            host->node_pages, release_name(spec->release),
            host->llc ? " llc=1" : "");
}

/* ---- counters ---- */

static void value_cell(FILE *f, const struct expect *x, uint64_t value)
{
    char text[EXPECT_VALUE_MAX];
    struct expect with = *x;

    with.value = value;
    expect_value_print(text, sizeof(text), &with);
    fprintf(f, " %12s", text);
}

static void report_counters(FILE *f, const struct engine *e)
{
    const struct hv_view *before = &e->before;
    struct hv_view expected;
    bool known = engine_expected(e, &expected);
    struct expect x;

    if ( !e->op )
        before = &e->start;
    else if ( e->phase == CALL_NONE )
        before = &e->seen;
    fprintf(f, "    %-16s %12s %12s %12s\n", "counter",
            e->op ? "before" : "at the start", "expected", "seen");
    for ( unsigned int i = 0; counter_at(i, &x); i++ )
    {
        uint64_t was = counter_value(before, &x);
        uint64_t want = known ? counter_value(&expected, &x) : 0;
        uint64_t seen = counter_value(&e->seen, &x);
        char name[EXPECT_NAME_MAX];

        if ( !was && !want && !seen )
            continue;
        expect_print(name, sizeof(name), &x);
        fprintf(f, " %c  %-16s", known && want != seen ? '!' : ' ', name);
        value_cell(f, &x, was);
        if ( known )
            value_cell(f, &x, want);
        else
            fprintf(f, " %12s", "?");
        value_cell(f, &x, seen);
        fputc('\n', f);
    }
    if ( !known )
        fprintf(f, "    (what is expected depends on a result that did not "
                   "come back)\n");
}

/* ---- what to do next ---- */

/* As a word that a shell takes as it is. */
static void shell_word(FILE *f, const char *s)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_-+=.,:/@%";

    if ( *s && !s[strspn(s, plain)] )
    {
        fputs(s, f);
        return;
    }
    fputc('\'', f);
    for ( ; *s; s++ )
        if ( *s == '\'' )
            fputs("'\\''", f);
        else
            fputc(*s, f);
    fputc('\'', f);
}

static void command(FILE *f, const struct report_hints *h, const char *what,
                    const char *verb, const char *flags, const char *release)
{
    fprintf(f, "%-8s ", what);
    shell_word(f, h->cli);
    fprintf(f, " %s%s%s%s%s ", verb, flags, release ? " --release " : "",
            release ? release : "", h->any_bytes ? " --raw" : "");
    shell_word(f, h->path);
    fputc('\n', f);
}

static void report_next(FILE *f, const struct run_spec *spec,
                        const struct report_hints *h)
{
    const char *release = release_name(spec->release);

    if ( !h->path )
        return;
    command(f, h, "replay:", "replay --trace", h->flags, release);
    command(f, h, "shrink:", "shrink", h->flags, release);
    command(f, h, "as text:", "text", "", NULL);
}

/* ---- a violation ---- */

static void trace_to(void *ctx, const struct step_info *info)
{
    report_step(ctx, info);
}

/* What failed if it was no step. */
static const char *between_steps(const struct engine *e)
{
    if ( e->draining )
        return "(all is released: compared with the start)";

    return e->step ? "(after the last step)" : "(before the first step)";
}

/* Steps that were never reached. */
static void report_rest(FILE *f, const struct engine *e)
{
    const struct program *p = e->spec.program;
    char line[LINE_MAX_CHARS];

    if ( e->draining )
        return;
    for ( uint32_t i = e->step + (e->op != NULL); i < p->nr_ops; i++ )
    {
        op_print(line, sizeof(line), &p->op[i]);
        fprintf(f, "  %3u  %s\n", i + 1, line);
    }
}

/* The second run is the first one, or the report says that it is not. */
static bool same_run(FILE *f, const struct engine *e,
                     const struct run_result *first,
                     const struct run_result *again)
{
    bool fixed = e->h.ops->caps & HV_CAP_EXACT;

    if ( again->outcome == first->outcome && again->step == first->step &&
         !strcmp(again->signature, first->signature) )
        return true;
    fprintf(f,
            "%s: the run for this report ended otherwise: %s at step %u, "
            "expected %s at step %u\n",
            fixed ? "claimcheck: internal error"
                  : "this host changes by itself",
            *again->signature ? again->signature : "no violation",
            again->step + 1, first->signature, first->step + 1);

    return !fixed;
}

bool report_violation(FILE *f, struct engine *e, const struct run_spec *spec,
                      const struct run_result *r,
                      const struct report_hints *hints)
{
    const struct engine_options saved = e->o;
    struct run_spec traced = *spec;
    struct run_result again;
    bool same;

    fprintf(f, "claimcheck: violation: %s\n", r->signature);
    fprintf(f, "  %s\n", r->detail);
    fprintf(f, "on %s, %s:\n", e->h.ops->name,
            r->step < spec->program->nr_ops
                ? "at the step marked >"
                : "after the last step, while releasing all");
    report_host(f, spec);

    e->o = (struct engine_options){ .on_step = trace_to, .ctx = f };
    traced.audit_each_step |= r->audited;
    engine_run(e, &traced, &again);
    e->o = saved;
    if ( !e->op )
        fprintf(f, " >  -  %s\n", between_steps(e));
    report_rest(f, e);
    report_counters(f, e);
    if ( e->op && e->phase != CALL_NONE )
        fprintf(f, "rule:    %s (rules %s): %s\n",
                rule_table[e->prediction.rule].id,
                rule_table[e->prediction.rule].row,
                rule_table[e->prediction.rule].text);
    same = same_run(f, e, r, &again);
    report_next(f, spec, hints);

    return same;
}

void report_crash(FILE *f, const struct engine *e, const char *what,
                  const struct report_hints *hints)
{
    const struct program *p = e->spec.program;

    fprintf(f, "claimcheck: violation: %s/%s\n", what,
            e->op ? op_table[e->op->code].name : "start");
    if ( !p )
        return;
    report_host(f, &e->spec);
    for ( uint32_t i = 0; i < p->nr_ops; i++ )
    {
        char line[LINE_MAX_CHARS];

        op_print(line, sizeof(line), &p->op[i]);
        fprintf(f, " %c%3u  %s\n", !e->draining && i == e->step ? '>' : ' ',
                i + 1, line);
    }
    report_next(f, &e->spec, hints);
}
