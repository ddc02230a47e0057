/* SPDX-License-Identifier: MIT */
/*
 * Near misses: the case of a witness with one argument of its call changed (or
 * LLC colouring of the host), so that the rule is looked at and passed. Each is
 * run and checked.
 */
#include "state.h"

#include <string.h>

#include "harness/program/kinds/kind.h"

/* The prediction of the last step of a program, as it ran. */
struct last
{
    uint32_t step;
    struct prediction p;
    bool seen;
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

static bool try_variant(struct matrix *m, const struct program *p, enum rule r)
{
    struct last last = { .step = p->nr_ops - 1U };
    struct run_spec spec = *RUN_PROGRAM(p);
    struct run_result result;

    spec.no_drain = true;
    m->variants.engine.o.on_call = keep_last;
    m->variants.engine.o.call_ctx = &last;
    engine_run(&m->variants.engine, &spec, &result);

    return result.outcome != RUN_VIOLATION && result.outcome != RUN_SKIPPED &&
           passed(&last, r);
}

static bool vary(struct matrix *m, struct program *p, enum rule r)
{
    struct op *op = &p->op[p->nr_ops - 1];
    const struct op_info *info = &op_table[op->code];

    for ( unsigned int a = 0; a < info->nr_args; a++ )
    {
        struct value was = op->arg[a];

        for ( uint32_t i = 0; i < kind_edges(info->arg[a].kind); i++ )
        {
            kind_edge(&op->arg[a], info->arg[a].kind, i);
            if ( try_variant(m, p, r) )
                return true;
        }
        op->arg[a] = was;
    }
    /* The host may be what matters. */
    p->host.llc = !p->host.llc;
    if ( try_variant(m, p, r) )
        return true;
    p->host.llc = !p->host.llc;

    return false;
}

void matrix_near_misses(struct matrix *m)
{
    struct program p;

    for ( uint32_t i = 0; i < m->nr_queued; i++ )
    {
        enum rule r = m->queued[i].rule;
        struct rule_row *row = &m->release[m->now]->rule[r];

        if ( row->near_miss.file || row->tries >= NEAR_MISS_TRIES_MAX )
            continue;
        row->tries++;
        p = *m->program;
        p.host.release = (uint8_t)m->now;
        p.nr_ops = (uint8_t)(m->queued[i].step + 1);
        if ( !vary(m, &p, r) )
            continue;
        /* Witness and near miss belong together. */
        matrix_witness(&row->witness, m, m->queued[i].step, m->program);
        matrix_witness(&row->near_miss, m, m->queued[i].step, &p);
        row->lo = m->queued[i].lo;
    }
    m->nr_queued = 0;
}
