/* SPDX-License-Identifier: MIT */
/*
 * Near misses: the case of a witness with one argument of its call changed (or
 * LLC colouring of the host), so that the rule is looked at and passed. Each is
 * run and checked.
 */
#include "state.h"

#include <string.h>

#include "harness/program/fields.h"

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

/* Values that the narrow tables lack: in Xen's part of a 32-bit address space;
 * address bits that leave no page, nodes out of range, and both. */
static const struct value more_lists[] = {
    { .v = 0xf5800000, .sel = MEM_ADDRESS },
};
static const struct value more_flags[] = {
    { .v = 5 },       { .v = 0x4100 },  { .v = 0x4105 },
    { .v = 0x20100 }, { .v = 0x20105 },
};

static const struct value commands[] = {
    { .v = XENMEM_claim_pages },
    { .v = XENMEM_populate_physmap },
    { .v = XENMEM_increase_reservation },
    { .v = XENMEM_decrease_reservation },
    { .v = XENMEM_current_reservation },
    { .v = XENMEM_maximum_reservation },
    { .v = MEMOP_CMD_MASK },
};

#define NR_OF(a) ((uint32_t)(sizeof(a) / sizeof((a)[0])))

uint32_t matrix_value_of(enum arg_kind kind, uint32_t i, struct value *v)
{
    static const int64_t offset[] = { 0, 1, -1, 2, 8 };
    uint32_t nr = 1U << (4 * field_table[kind].nibbles);

    if ( kind == ARG_PAGES )
    {
        nr = BASE_COUNT * 5;
        *v = (struct value){ .v = offset[i % 5],
                             .sel = (uint8_t)(i / 5 % BASE_COUNT) };
    }
    else if ( kind == ARG_PAD || kind == ARG_FLIP )
        return 0; /* nothing depends on them */
    else if ( kind == ARG_CMD )
    {
        nr = NR_OF(commands);
        *v = commands[i % nr];
    }
    else if ( kind == ARG_LIST && i >= nr )
        *v = more_lists[i - nr];
    else if ( kind == ARG_FLAGS && i >= nr )
        *v = more_flags[i - nr];
    else
        field_decode_narrow(v, kind, i);
    if ( kind == ARG_LIST )
        nr += NR_OF(more_lists);
    if ( kind == ARG_FLAGS )
        nr += NR_OF(more_flags);

    return nr;
}

static bool vary(struct matrix *m, struct program *p, enum rule r)
{
    struct op *op = &p->op[p->nr_ops - 1];
    const struct op_info *info = &op_table[op->code];

    for ( unsigned int a = 0; a < info->nr_args; a++ )
    {
        struct value was = op->arg[a];
        uint32_t nr = matrix_value_of(info->arg[a].kind, 0, &op->arg[a]);

        for ( uint32_t i = 0; i < nr; i++ )
        {
            matrix_value_of(info->arg[a].kind, i, &op->arg[a]);
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
