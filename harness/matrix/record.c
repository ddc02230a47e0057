/* SPDX-License-Identifier: MIT */
/*
 * What the calls of a run show of each rule. The model says which rule decides a
 * call, which were looked at, and which others the call violates.
 */
#include "state.h"

#include <stdlib.h>
#include <string.h>

#include "harness/cases/diag.h"

void *matrix_alloc(size_t size)
{
    void *p = calloc(1, size);

    if ( !p )
        out_of_memory();

    return p;
}

char *matrix_copy(const char *s)
{
    size_t size = strlen(s) + 1;

    return memcpy(matrix_alloc(size), s, size);
}

void results_add(struct results *r, const struct step_info *info)
{
    if ( info->drain || info->in_call || info->step >= PROGRAM_OPS_MAX )
        return;
    r->rc[info->step] = info->rc;
    r->ran[info->step] = !info->not_run;
    r->nr = info->step + 1;
}

void matrix_witness(struct witness *w, const struct matrix *m, uint32_t step,
                    const struct program *p, const struct results *r)
{
    free(w->file);
    w->file = matrix_copy(m->file);
    w->step = step;
    w->program = *p;
    w->program.host.release = (uint8_t)m->now;
    w->program.nr_ops = (uint8_t)(step + 1);
    w->results = *r;
}

/* The witness that is shown is the shortest program; of these, the first. */
bool shorter(const struct witness *w, uint32_t step)
{
    return !w->file || step < w->step;
}

/* The call under way is the first to show this, or a shorter one. */
static void better_witness(struct matrix *m, const struct engine *e,
                           struct witness *w, enum rule rule, enum rule other)
{
    if ( !w->file )
    {
        m->is_new = true;
        m->new_rule = rule;
        m->new_other = other;
    }
    matrix_witness(w, m, e->step, m->program, &m->results);
    w->next_fresh = m->fresh;
    m->fresh = w;
}

static void record_pairs(struct matrix *m, const struct engine *e)
{
    struct matrix_release *t = m->release[m->now];
    enum rule first = e->prediction.rule;
    uint64_t violated[RULE_WORDS];
    const char *why;

    model_conditions(&e->model, &e->call, violated);
    for ( unsigned int r = 0; r < RULE_COUNT; r++ )
    {
        struct witness **w = &t->overrides[first][r];

        if ( r == first || !(violated[r / 64] >> (r % 64) & 1) ||
             (*w && !shorter(*w, e->step)) ||
             !matrix_pair(t, first, (enum rule)r, &why) )
            continue;
        if ( !*w )
            *w = matrix_alloc(sizeof(**w));
        better_witness(m, e, *w, first, (enum rule)r);
    }
}

void matrix_record(void *ctx, const struct engine *e)
{
    struct matrix *m = ctx;
    struct matrix_release *t = m->release[m->now];
    const struct prediction *p = &e->prediction;
    struct rule_row *row = &t->rule[p->rule];

    if ( e->draining )
        return;
    matrix_classify(&m->classes, e);
    for ( unsigned int i = 0; i < p->nr_evaluated; i++ )
        t->rule[p->evaluated[i]].evaluated++;
    row->decided++;
    if ( !row->near_miss.file && shorter(&row->witness, e->step) )
    {
        better_witness(m, e, &row->witness, p->rule, p->rule);
        row->lo = p->lo;
    }
    if ( (!row->near_miss.file || shorter(&row->witness, e->step)) &&
         !matrix_no_near_miss(p->rule) && row->tries < NEAR_MISS_TRIES_MAX &&
         m->nr_queued < NEAR_MISS_QUEUE_MAX )
    {
        m->queued[m->nr_queued].step = e->step;
        m->queued[m->nr_queued].lo = p->lo;
        m->queued[m->nr_queued++].rule = p->rule;
    }
    record_pairs(m, e);
}

/* The step has returned, and with it the call that was a witness. */
void matrix_step(void *ctx, const struct step_info *info)
{
    struct matrix *m = ctx;

    if ( info->drain )
        return;
    results_add(&m->results, info);
    for ( ; m->fresh; m->fresh = m->fresh->next_fresh )
        m->fresh->results = m->results;
    if ( !info->failed )
        matrix_classified(m, info->step, info->rc);
    m->classes.calls = 0;
}
