/* SPDX-License-Identifier: MIT */
/* The failure report; see report.h. */
#include "report.h"

#include <string.h>

#include "counters.h"
#include "harness/program/quote.h"
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

void report_between(FILE *f, const struct engine *e)
{
    if ( !e->op )
        fprintf(f, " >  -  %s\n",
                e->draining ? "(all is released: compared with the start)"
                : e->step   ? "(after the last step)"
                            : "(before the first step)");
}

static void report_host(FILE *f, const struct run_spec *spec)
{
    host_print(f, spec->program, RELEASE_BIT(spec->release), spec->release);
}

static void report_counters(FILE *f, struct engine *e)
{
    struct hv_view expected;
    bool known = engine_expected(e, &expected);
    const struct hv_view *before = !e->op                  ? &e->start
                                   : e->phase == CALL_NONE ? &e->seen
                                                           : &e->before;
    const struct counter_table t = {
        .indent = " ",
        .column = { { e->op ? "before" : "at the start", before },
                    { "expected", known ? &expected : NULL },
                    { "seen", &e->seen } },
        .nr = 3,
        .mark = '!',
    };

    counters_print(f, &t);
    if ( !known )
        fprintf(f, "    (what is expected depends on a result that did not "
                   "come back)\n");
}

/* ---- what to do next ---- */

static void option(FILE *f, const char *name, const char *value)
{
    if ( !value )
        return;
    fprintf(f, " %s ", name);
    quote_shell(f, value);
}

void report_options(FILE *f, const struct report_hints *h)
{
    option(f, "--on", h->on);
    option(f, "--fault", h->fault);
    fputs(h->strict ? " --strict" : "", f);
}

void report_command(FILE *f, const struct report_hints *h, const char *what,
                    const char *verb, bool options, const char *release)
{
    fprintf(f, "%-8s ", what);
    quote_shell_path(f, h->cli);
    fprintf(f, " %s", verb);
    if ( options )
        report_options(f, h);
    option(f, "--release", release);
    fputs(h->any_bytes ? " --raw " : " ", f);
    quote_shell_path(f, h->path);
    fputc('\n', f);
}

/* A command that writes them to the file. */
static void report_save(FILE *f, const struct report_hints *h)
{
    static const char digit[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrst"
        "uvwxyz0123456789+/";

    fprintf(f, "%-8s echo ", "save:");
    for ( size_t at = 0; at < h->unsaved_size; at += 3 )
    {
        size_t n = h->unsaved_size - at;
        uint32_t bits = (uint32_t)h->unsaved[at] << 16 |
                        (n > 1 ? (uint32_t)h->unsaved[at + 1] << 8 : 0) |
                        (n > 2 ? h->unsaved[at + 2] : 0);

        for ( unsigned int i = 0; i < 4; i++ )
            fputc(i <= n ? digit[bits >> (18 - 6 * i) & 63] : '=', f);
    }
    fputs(" | base64 -d > ", f);
    quote_shell_path(f, h->path);
    fputc('\n', f);
}

void report_next(FILE *f, const struct run_spec *spec,
                 const struct report_hints *h)
{
    const char *release = spec ? release_name(spec->release) : NULL;
    const char *asked = h->any_release ? NULL : release;

    if ( !h->path )
        return;
    if ( h->unsaved )
        report_save(f, h);
    if ( h->program )
    {
        fprintf(f, "%-8s %s ", "replay:", h->program);
        quote_shell_path(f, h->path);
        fputc('\n', f);
        return;
    }
    report_command(f, h, "replay:", "replay --trace", true, release);
    report_command(f, h, "explain:", "explain", true, release);
    report_command(f, h, "shrink:", "shrink", true, asked);
    report_command(f, h, "promote:", "promote", true, asked);
    report_command(f, h, "as text:", "text", false, NULL);
}

void report_on(FILE *f, const struct hypervisor *h)
{
    fputs(h->ops->name, f);
    if ( h->ops->build )
        fprintf(f, " (%s)", h->ops->build);
}

/* ---- a violation ---- */

static void trace_to(void *ctx, const struct step_info *info)
{
    report_step(ctx, info);
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

/* Other releases that it is the report of. */
static void report_also(FILE *f, const struct report_hints *h)
{
    const char *sep = "(in the same way on ";

    for ( unsigned int r = 0; r < RELEASE_COUNT; r++ )
        if ( h->also & RELEASE_BIT(r) )
        {
            fprintf(f, "%s%s", sep, release_name((enum release)r));
            sep = ", ";
        }
    if ( h->also )
        fprintf(f, ")\n");
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
    fputs("on ", f);
    report_on(f, &e->h);
    fprintf(f, ", %s:\n",
            r->step < spec->program->nr_ops
                ? "at the step marked >"
                : "after the last step, while releasing all");
    report_also(f, hints);
    report_host(f, spec);

    e->o = (struct engine_options){ .on_step = trace_to, .ctx = f };
    traced.audit_each_step |= r->audited;
    engine_run(e, &traced, &again);
    e->o = saved;
    report_between(f, e);
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
                  const char *place, const struct report_hints *hints)
{
    const struct program *p = e->spec.program;

    fprintf(f, "claimcheck: violation: %s/%s\n", what,
            e->op ? op_table[e->op->code].name : "start");
    if ( *place )
        fprintf(f, "  %s\n", place);
    fputs("on ", f);
    report_on(f, &e->h);
    fputs(p ? ", as far as it got:\n" : ", before the first step\n", f);
    if ( !p )
    {
        report_next(f, NULL, hints);
        return;
    }
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
