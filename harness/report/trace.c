/* SPDX-License-Identifier: MIT */
/* Two runs side by side; see trace.h. */
#include "trace.h"

#include <inttypes.h>
#include <string.h>

#include "counters.h"

/* ---- noting a run ---- */

struct noting
{
    struct trace *t;
    const struct engine *e;
    struct trace_step now;
};

static void on_call(void *ctx, const struct engine *e)
{
    struct noting *n = ctx;

    n->now.decided = true;
    n->now.rule = (uint8_t)e->prediction.rule;
}

/* The pages that a call named by frame, in its list. */
static uint64_t pages_hash(const struct engine *e, long rc)
{
    const struct hv_call *c = &e->call;
    unsigned int cmd = c->cmd & MEMOP_CMD_MASK;
    uint64_t hash = 0;

    if ( c->kind != HV_CALL_MEMORY_OP || !e->result.list || rc <= 0 ||
         (cmd != XENMEM_populate_physmap &&
          cmd != XENMEM_increase_reservation) )
        return 0;
    for ( uint32_t i = 0; i < c->list_entries && i < (uint64_t)rc; i++ )
        hash = (hash ^
                (uint64_t)e->h.ops->page_id(e->h.hv, e->result.list[i])) *
               UINT64_C(0x9e3779b97f4a7c15);

    return hash;
}

static void on_step(void *ctx, const struct step_info *info)
{
    struct noting *n = ctx;

    if ( info->drain )
        return;
    n->now.rc = info->rc;
    n->now.not_run = info->not_run;
    n->now.failed = info->failed;
    n->now.view = *info->view;
    if ( !info->failed && !info->not_run )
        n->now.pages_hash = pages_hash(n->e, info->rc);
    n->t->step[n->t->nr++] = n->now;
    memset(&n->now, 0, sizeof(n->now));
}

static void on_again(void *ctx)
{
    struct noting *n = ctx;

    n->t->nr = 0;
    memset(&n->now, 0, sizeof(n->now));
}

void trace_run(struct trace *t, const char *name, struct engine *e,
               const struct program *p, enum release release)
{
    const struct engine_options saved = e->o;
    struct noting n = { .t = t, .e = e };
    const struct run_spec spec = { .program = p,
                                   .release = release,
                                   .tolerance = PAST_WEAKNESS };

    t->name = name;
    t->nr = 0;
    e->o = (struct engine_options){ .on_step = on_step,
                                    .on_again = on_again,
                                    .ctx = &n,
                                    .on_call = on_call,
                                    .call_ctx = &n };
    engine_run(e, &spec, &t->r);
    e->o = saved;
}

/* ---- comparing ---- */

static uint64_t apart(const struct hv_view *a, const struct hv_view *b,
                      const struct expect *x)
{
    return counter_value(a, x) - counter_value(b, x);
}

struct trace_difference trace_compare(const struct trace *of_a,
                                      const struct trace *of_b, uint32_t i)
{
    const struct trace_step *a = &of_a->step[i], *b = &of_b->step[i];
    struct trace_difference d = { 0 };
    struct expect x;

    d.ended = a->failed != b->failed;
    d.result = !a->failed && !b->failed &&
               (a->rc != b->rc || !a->not_run != !b->not_run);
    d.pages = a->pages_hash != b->pages_hash;
    for ( unsigned int n = 0; counter_at(n, &x); n++ )
        if ( apart(&a->view, &b->view, &x) !=
             (i ? apart(&a[-1].view, &b[-1].view, &x) : 0) )
            d.counters |= 1U << x.what;
    d.any = d.ended || d.result || d.pages || d.counters;

    return d;
}

static uint32_t shorter(const struct trace *a, const struct trace *b)
{
    return a->nr < b->nr ? a->nr : b->nr;
}

/* ---- words ---- */

static void violation(FILE *f, const struct trace *t)
{
    fprintf(f, "the run ends with %s", t->r.signature);
    if ( *t->r.detail )
        fprintf(f, ": %s", t->r.detail);
}

static void side(FILE *f, const struct trace *t, uint32_t i, const char *name,
                 const char *indent)
{
    const struct trace_step *s = &t->step[i];
    char rc[RESULT_NAME_MAX];

    result_print(rc, sizeof(rc), s->rc);
    fprintf(f, "%s%s: ", indent, name);
    if ( s->failed )
        violation(f, t);
    else
        fputs(s->not_run ? "not run" : rc, f);
    if ( s->not_run )
        fprintf(f, ", %s", s->not_run);
    if ( s->decided )
        fprintf(f, ", by %s (rules %s): %s", rule_table[s->rule].id,
                rule_table[s->rule].row, rule_table[s->rule].text);
    fputc('\n', f);
}

void trace_print_step(FILE *f, const struct trace *of_a,
                      const struct trace *of_b, uint32_t i,
                      const struct trace_difference *how, const char *indent)
{
    const struct trace_step *a = &of_a->step[i], *b = &of_b->step[i];
    const struct counter_table t = {
        .indent = indent,
        .column = { { of_a->name, &a->view }, { of_b->name, &b->view } },
        .nr = 2,
        .mark = ' ',
        .marked_only = true,
    };

    if ( how->result || how->ended || a->rule != b->rule )
    {
        side(f, of_a, i, of_a->name, indent);
        side(f, of_b, i, of_b->name, indent);
    }
    else
        side(f, of_a, i, "both", indent);
    if ( how->pages )
        fprintf(f, "%sother pages were chosen\n", indent);
    if ( how->counters && !counters_print(f, &t) )
        fprintf(f, "%sthe counters are the same again\n", indent);
}

/* A violation after the steps. */
static bool at_end(FILE *f, const struct program *p, const struct trace *t)
{
    if ( t->r.outcome != RUN_VIOLATION || t->r.step < p->nr_ops )
        return false;
    fprintf(f, "%s: while releasing all ", t->name);
    violation(f, t);
    fputc('\n', f);

    return true;
}

bool trace_print(FILE *f, const struct program *p, const struct trace *a,
                 const struct trace *b)
{
    char line[TEXT_LINE_MAX + 1];
    unsigned int differences = 0;

    for ( uint32_t i = 0; i < shorter(a, b); i++ )
    {
        const struct trace_difference how = trace_compare(a, b, i);

        if ( !how.any )
            continue;
        op_print(line, sizeof(line), &p->op[i]);
        fprintf(f, "%s at step %u: %s\n",
                differences++ ? "then" : "the first difference is", i + 1,
                line);
        trace_print_step(f, a, b, i, &how, "    ");
    }
    if ( a->nr != b->nr )
        fprintf(f, "%s ends at step %u\n", a->nr < b->nr ? a->name : b->name,
                shorter(a, b));
    if ( !differences && a->nr == b->nr )
        fprintf(f, "no difference in %u steps\n", a->nr);

    differences += at_end(f, p, a);
    differences += at_end(f, p, b);

    return differences || a->nr != b->nr;
}
