/* SPDX-License-Identifier: MIT */
/*
 * The search of shrink.h: drop operations in chunks of halving size, make raw
 * calls plain ones, then arguments and host simpler one by one; again, until
 * nothing more goes.
 */
#include "shrink.h"

#include <assert.h>
#include <string.h>

#include "harness/program/kinds/kind.h"
#include "harness/stop/stop.h"
#include "plain.h"

struct search
{
    struct litmus *best;
    shrink_test *test;
    void *ctx;
    struct shrink_stats *stats;
};

/* Keep a candidate if it still fails. */
static bool try(struct search *s, const struct litmus *candidate)
{
    if ( s->stats->trials >= SHRINK_TRIALS_MAX || stop_requested() ||
         program_equal(&candidate->program, &s->best->program) )
        return false;
    s->stats->trials++;
    if ( !s->test(s->ctx, candidate) )
        return false;
    s->stats->kept++;
    *s->best = *candidate;

    return true;
}

#define REMOVE(array, from, nr, all)                                          \
    memmove(&(array)[from], &(array)[(from) + (nr)],                          \
            ((all) - (from) - (nr)) * sizeof((array)[0]))

/* Operations go with what is expected of them. */
static void remove_ops(struct litmus *l, uint32_t from, uint32_t nr)
{
    struct program *p = &l->program;
    uint32_t kept = 0;

    assert(from + nr <= p->nr_ops);
    REMOVE(p->op, from, nr, p->nr_ops);
    REMOVE(l->has_result, from, nr, p->nr_ops);
    REMOVE(l->result, from, nr, p->nr_ops);
    REMOVE(l->line, from, nr, p->nr_ops);
    p->nr_ops -= (uint8_t)nr;
    for ( uint32_t i = 0; i < l->nr_expects; i++ )
    {
        struct expect x = l->expect[i];

        /* Terms follow a step: of those removed are from + 1 .. from + nr. */
        if ( x.after > from && x.after <= from + nr )
            continue;
        x.after -= x.after > from ? (uint8_t)nr : 0;
        l->expect[kept++] = x;
    }
    l->nr_expects = kept;
}

/* From the end, because what comes after the failure goes first. */
static bool drop_chunks(struct search *s)
{
    bool any = false;

    for ( uint32_t nr = s->best->program.nr_ops; nr; nr /= 2 )
        for ( uint32_t end = s->best->program.nr_ops; end >= nr; )
        {
            struct litmus l = *s->best;

            remove_ops(&l, end - nr, nr);
            if ( try(s, &l) )
                any = true;
            end -= nr;
            if ( end > s->best->program.nr_ops )
                end = s->best->program.nr_ops;
            if ( !end )
                break;
        }

    return any;
}

static bool is_dom(const struct op *op, unsigned int arg)
{
    return op_table[op->code].arg[arg].kind == ARG_DOM;
}

static bool simplify_arg(struct search *s, uint32_t i, unsigned int arg)
{
    const struct op *op = &s->best->program.op[i];
    enum arg_kind kind = op_table[op->code].arg[arg].kind;

    for ( unsigned int k = 0; k < KIND_SIMPLER; k++ )
    {
        struct litmus l = *s->best;

        if ( kind_simpler(&l.program.op[i].arg[arg], kind, &op->arg[arg], k) &&
             try(s, &l) )
            return true;
    }

    return false;
}

/* A raw call says more than the plain one; where that does not matter, it goes. */
static bool plain_calls(struct search *s)
{
    bool any = false;

    for ( uint32_t i = 0; i < s->best->program.nr_ops; i++ )
    {
        struct litmus l = *s->best;

        if ( op_plain(&l.program.op[i], &s->best->program.op[i]) )
            any |= try(s, &l);
    }

    return any;
}

static bool simplify_args(struct search *s)
{
    const struct program *p = &s->best->program;
    bool any = false;

    for ( uint32_t i = 0; i < p->nr_ops; i++ )
        for ( unsigned int a = 0; a < op_table[p->op[i].code].nr_args; a++ )
            /* A domain is a name, not a size: renamed as a whole below. */
            if ( !is_dom(&p->op[i], a) )
                while ( simplify_arg(s, i, a) )
                    any = true;

    return any;
}

/* Two names have become one: a counter is expected to be one thing. */
static void drop_doubles(struct litmus *l)
{
    uint32_t kept = 0;

    for ( uint32_t i = 0; i < l->nr_expects; i++ )
    {
        struct expect x = l->expect[i];
        uint32_t j = 0;

        while ( j < kept && (l->expect[j].after != x.after ||
                             l->expect[j].what != x.what ||
                             l->expect[j].index != x.index) )
            j++;
        if ( j == kept )
            l->expect[kept++] = x;
    }
    l->nr_expects = kept;
}

static void rename_value(struct value *v, enum arg_kind kind, int64_t from,
                         int64_t to)
{
    if ( (kind == ARG_DOM || kind == ARG_DOMID || kind == ARG_CALLER) &&
         v->v == from )
        v->v = to;
    else if ( kind == ARG_CALLER && v->v == CALLER_USER + from )
        v->v = CALLER_USER + to;
}

/* Call domain `from` domain `to` everywhere. */
static bool rename_domain(struct search *s, int64_t from, int64_t to)
{
    struct litmus l = *s->best;

    for ( uint32_t i = 0; i < l.program.nr_ops; i++ )
    {
        struct op *op = &l.program.op[i];

        for ( unsigned int a = 0; a < op_table[op->code].nr_args; a++ )
            rename_value(&op->arg[a], op_table[op->code].arg[a].kind, from,
                         to);
    }
    for ( uint32_t i = 0; i < l.nr_expects; i++ )
        if ( expect_is_of_domain(&l.expect[i]) && l.expect[i].index == from )
            l.expect[i].index = (uint8_t)to;
    drop_doubles(&l);

    return try(s, &l);
}

static bool rename_domains(struct search *s)
{
    bool any = false;

    for ( int64_t from = 2; from < HV_DOMS_MAX; from++ )
        for ( int64_t to = 1; to < from; to++ )
            any |= rename_domain(s, from, to);

    return any;
}

/* Hosts in order of size: what people like to read. */
static bool smaller_host(struct search *s)
{
    static const uint16_t pages[] = { 8, 16, 32, 64, 128 };
    bool any = false;
    struct litmus l = *s->best;

    l.program.host.llc = false;
    any |= try(s, &l);
    for ( unsigned int n = 1; n < s->best->program.host.nodes; n++ )
    {
        l = *s->best;
        l.program.host.nodes = (uint8_t)n;
        any |= try(s, &l);
    }
    for ( unsigned int i = 0; i < sizeof(pages) / sizeof(pages[0]); i++ )
    {
        l = *s->best;
        if ( pages[i] >= l.program.host.node_pages )
            break;
        l.program.host.node_pages = pages[i];
        if ( try(s, &l) )
            return true;
    }
    /* None of these: then as few as it takes. */
    for ( l = *s->best; l.program.host.node_pages > pages[0]; l = *s->best )
    {
        l.program.host.node_pages--;
        if ( !try(s, &l) )
            break;
        any = true;
    }

    return any;
}

void shrink(struct litmus *l, shrink_test *test, void *ctx,
            struct shrink_stats *stats)
{
    struct search s = { .best = l, .test = test, .ctx = ctx, .stats = stats };
    bool any;

    memset(stats, 0, sizeof(*stats));
    do
    {
        any = drop_chunks(&s);
        any |= plain_calls(&s);
        any |= smaller_host(&s);
        any |= rename_domains(&s);
        any |= simplify_args(&s);
    } while ( any && stats->trials < SHRINK_TRIALS_MAX && !stop_heeded() );
}
