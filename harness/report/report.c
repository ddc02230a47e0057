/* SPDX-License-Identifier: MIT */
/* The failure report; see report.h. */
#include "report.h"

#include <inttypes.h>

#include "harness/program/text.h"

#define LINE_MAX_CHARS (TEXT_LINE_MAX + 1)

void report_step(FILE *f, const struct step_info *info, char mark)
{
    char line[LINE_MAX_CHARS], rc[24];

    op_print(line, sizeof(line), info->op);
    result_print(rc, sizeof(rc), info->rc);
    if ( info->drain )
        fprintf(f, " %c  -  %-44s = %s\n", mark, line, rc);
    else if ( info->not_run )
        fprintf(f, " %c%3u  %-44s   (not run: %s)\n", mark, info->step + 1,
                line, info->not_run);
    else
        fprintf(f, " %c%3u  %-44s = %s\n", mark, info->step + 1, line, rc);
}

static void report_host(FILE *f, const struct program *p)
{
    fprintf(f, "host nodes=%u pages=%u release=%s%s\n", p->host.nodes,
            p->host.node_pages, release_name(p->host.release),
            p->host.llc ? " llc=1" : "");
}

static void counter_line(FILE *f, const char *name, const char *what,
                         uint64_t model, uint64_t seen)
{
    char label[32];

    if ( !model && !seen )
        return;
    snprintf(label, sizeof(label), "%s.%s", name, what);
    fprintf(f, " %c  %-16s %12" PRIu64 " %12" PRIu64 "\n",
            model == seen ? ' ' : '!', label, model, seen);
}

void report_views(FILE *f, const struct hv_view *m, const struct hv_view *s)
{
    static const char *const dom[] = { "d0", "d1", "d2", "d3",
                                       "d4", "d5", "d6", "d7" };
    static const char *const node[] = { "node0", "node1", "node2", "node3" };

    fprintf(f, "    %-16s %12s %12s\n", "counter", "model", "seen");
    counter_line(f, "host", "free", m->free, s->free);
    counter_line(f, "host", "claimed", m->claimed, s->claimed);
    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
        counter_line(f, node[n], "free", m->node_free[n], s->node_free[n]);
    for ( unsigned int d = 0; d < HV_DOMS_MAX; d++ )
    {
        counter_line(f, dom[d], "state", m->dom[d].state, s->dom[d].state);
        counter_line(f, dom[d], "tot", m->dom[d].tot, s->dom[d].tot);
        counter_line(f, dom[d], "extra", m->dom[d].extra, s->dom[d].extra);
        counter_line(f, dom[d], "max", m->dom[d].max, s->dom[d].max);
        counter_line(f, dom[d], "claim", m->dom[d].claim, s->dom[d].claim);
    }
}

static void trace_to(void *ctx, const struct step_info *info)
{
    report_step(ctx, info, ' ');
}

static void report_next(FILE *f, const struct report_hints *h)
{
    if ( !h->path )
        return;
    fprintf(f, "replay:  %s replay --trace%s %s\n", h->cli, h->flags, h->path);
    fprintf(f, "shrink:  %s shrink%s %s\n", h->cli, h->flags, h->path);
    fprintf(f, "as text: %s text %s\n", h->cli, h->path);
}

/* The step that ended the run: its on_step was never called. */
static void report_last(FILE *f, const struct engine *e)
{
    struct step_info last = {
        .step = e->step, .op = e->op, .drain = e->draining, .rc = e->result.rc
    };

    if ( e->op && e->calling )
        report_step(f, &last, '>');
}

/* Steps that were never reached. */
static void report_rest(FILE *f, const struct engine *e)
{
    char line[LINE_MAX_CHARS];

    if ( e->draining )
        return;
    for ( uint32_t i = e->step + 1; i < e->program->nr_ops; i++ )
    {
        op_print(line, sizeof(line), &e->program->op[i]);
        fprintf(f, "  %3u  %-44s\n", i + 1, line);
    }
}

void report_violation(FILE *f, struct engine *e, const struct program *p,
                      const struct run_result *r,
                      const struct report_hints *hints)
{
    struct engine_options saved = e->o;
    struct run_result again;

    fprintf(f, "claimcheck: violation: %s\n", r->signature);
    fprintf(f, "  %s\n", r->detail);
    fprintf(f, "on %s, %s:\n", e->h.ops->name,
            r->step < p->nr_ops ? "at the step marked >"
                                : "after the last step, while releasing all");
    report_host(f, p);

    e->o.on_start = NULL;
    e->o.on_step = trace_to;
    e->o.ctx = f;
    e->o.stats = NULL;
    e->o.audit_each_step = true;
    engine_run(e, p, &again);
    e->o = saved;
    report_last(f, e);
    report_rest(f, e);
    report_views(f, model_view(&e->model), &e->seen);
    if ( e->calling )
        fprintf(f, "rule:    %s (%s): %s\n", rule_table[e->prediction.rule].id,
                rule_table[e->prediction.rule].row,
                rule_table[e->prediction.rule].text);
    report_next(f, hints);
}

void report_crash(FILE *f, const struct engine *e, const char *what,
                  const struct report_hints *hints)
{
    fprintf(f, "claimcheck: violation: %s/%s\n", what,
            e->op ? op_table[e->op->code].name : "start");
    if ( !e->program )
        return;
    report_host(f, e->program);
    for ( uint32_t i = 0; i < e->program->nr_ops; i++ )
    {
        char line[LINE_MAX_CHARS];

        op_print(line, sizeof(line), &e->program->op[i]);
        fprintf(f, " %c%3u  %s\n", !e->draining && i == e->step ? '>' : ' ',
                i + 1, line);
    }
    report_next(f, hints);
}
