/* SPDX-License-Identifier: MIT */
/*
 * Near misses: the case of a witness with one argument of its call changed (or
 * LLC colouring of the host), so that the rule is looked at and passed. Each is
 * run and checked.
 */
#include "state.h"

#include "harness/stop/stop.h"

#include <string.h>

#include "harness/program/kinds/kind.h"

/* The prediction of the last step of a program, as it ran, and what all steps
 * returned. */
struct last
{
    uint32_t step;
    struct prediction p;
    bool seen;
    struct results results;
};

static void keep_last(void *ctx, const struct engine *e)
{
    struct last *last = ctx;

    if ( !e->draining && e->step == last->step )
    {
        last->p = e->prediction;
        last->seen = true;
    }
}

static void keep_result(void *ctx, const struct step_info *info)
{
    struct last *last = ctx;

    results_add(&last->results, info);
}

/* Was the rule looked at, and passed? */
static bool passed(const struct last *last, enum rule r)
{
    if ( !last->seen || last->p.rule == r )
        return false;
    for ( unsigned int i = 0; i < last->p.nr_evaluated; i++ )
        if ( last->p.evaluated[i] == r )
            return true;

    return false;
}

static bool try_variant(struct matrix *m, const struct program *p, enum rule r,
                        struct last *last)
{
    struct run_spec spec = *RUN_PROGRAM(p);
    struct run_result result;

    *last = (struct last){ .step = p->nr_ops - 1U };
    spec.no_drain = true;
    m->variants.engine->o = (struct engine_options){ .on_call = keep_last,
                                                     .on_step = keep_result,
                                                     .call_ctx = last,
                                                     .ctx = last };
    engine_run(m->variants.engine, &spec, &result);

    return result.outcome != RUN_VIOLATION && result.outcome != RUN_SKIPPED &&
           passed(last, r);
}

/* What was changed, if that led to a near miss, else NULL. */
static const char *vary(struct matrix *m, struct program *p, enum rule r,
                        struct last *last)
{
    struct op *op = &p->op[p->nr_ops - 1];
    const struct op_info *info = &op_table[op->code];

    for ( unsigned int a = 0; a < info->nr_args; a++ )
    {
        struct value was = op->arg[a];

        for ( uint32_t i = 0; i < kind_edges(info->arg[a].kind); i++ )
        {
            kind_edge(&op->arg[a], info->arg[a].kind, i);
            if ( try_variant(m, p, r, last) )
                return info->arg[a].name;
        }
        op->arg[a] = was;
    }
    /* The host may be what matters. */
    p->host.llc = !p->host.llc;
    if ( try_variant(m, p, r, last) )
        return "llc";
    p->host.llc = !p->host.llc;

    return NULL;
}

void matrix_near_misses(struct matrix *m)
{
    struct program p;
    struct last last;
    const char *changed;

    for ( uint32_t i = 0; i < m->nr_queued && !stop_requested(); i++ )
    {
        enum rule r = m->queued[i].rule;
        struct rule_row *row = &m->release[m->now]->rule[r];

        if ( (row->near_miss.file &&
              !shorter(&row->witness, m->queued[i].step)) ||
             row->tries >= NEAR_MISS_TRIES_MAX )
            continue;
        row->tries++;
        p = *m->program;
        p.host.release = (uint8_t)m->now;
        p.nr_ops = (uint8_t)(m->queued[i].step + 1);
        changed = vary(m, &p, r, &last);
        if ( !changed )
            continue;
        row->changed = changed;
        /* Witness and near miss belong together. */
        matrix_witness(&row->witness, m, m->queued[i].step, m->program,
                       &m->results);
        matrix_witness(&row->near_miss, m, m->queued[i].step, &p,
                       &last.results);
        row->lo = m->queued[i].lo;
    }
    m->nr_queued = 0;
}
