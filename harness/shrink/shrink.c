/* SPDX-License-Identifier: MIT */
/*
 * The search of shrink.h: drop operations in chunks of halving size, then make
 * arguments and host simpler one by one; again, until nothing more goes.
 */
#include "shrink.h"

#include <assert.h>
#include <string.h>

#include "harness/program/fields.h"

struct search
{
    struct program *best;
    shrink_test *test;
    void *ctx;
    struct shrink_stats *stats;
};

/* Keep a candidate if it still fails. */
static bool try(struct search *s, const struct program *candidate)
{
    if ( s->stats->trials >= SHRINK_TRIALS_MAX ||
         program_equal(candidate, s->best) )
        return false;
    s->stats->trials++;
    if ( !s->test(s->ctx, candidate) )
        return false;
    s->stats->kept++;
    *s->best = *candidate;

    return true;
}

static void remove_ops(struct program *p, uint32_t from, uint32_t nr)
{
    assert(from + nr <= p->nr_ops);
    memmove(&p->op[from], &p->op[from + nr],
            (p->nr_ops - from - nr) * sizeof(p->op[0]));
    p->nr_ops -= nr;
}

/* From the end, because what comes after the failure goes first. */
static bool drop_chunks(struct search *s)
{
    bool any = false;

    for ( uint32_t nr = s->best->nr_ops; nr; nr /= 2 )
        for ( uint32_t end = s->best->nr_ops; end >= nr; )
        {
            struct program p = *s->best;

            remove_ops(&p, end - nr, nr);
            if ( try(s, &p) )
                any = true;
            end = end - nr < s->best->nr_ops ? end - nr : s->best->nr_ops;
            if ( !end )
                break;
        }

    return any;
}

/* Simpler values of an argument, simplest first; false if there is no such. */
static bool simpler(const struct value *v, unsigned int i, struct value *out)
{
    *out = *v;
    switch ( i )
    {
    case 0: *out = (struct value){ 0 }; return true;
    case 1: out->v = 0; return v->v != 0;
    case 2: out->v = v->v < 0 ? -1 : 1; return v->v > 1 || v->v < -1;
    case 3: out->v = v->v / 2; return v->v > 1 || v->v < -1;
    case 4: out->v = v->v > 0 ? v->v - 1 : v->v + 1; return v->v != 0;
    default: return false;
    }
}

#define SIMPLER 5

static bool is_dom(const struct op *op, unsigned int arg)
{
    return op_table[op->code].arg[arg].kind == ARG_DOM;
}

static bool simplify_arg(struct search *s, uint32_t i, unsigned int arg)
{
    enum arg_kind kind = op_table[s->best->op[i].code].arg[arg].kind;

    for ( unsigned int k = 0; k < SIMPLER; k++ )
    {
        struct program p = *s->best;
        struct value *v = &p.op[i].arg[arg];

        /* Not every kind has a 0: domids are a domain's or a number. */
        if ( simpler(&s->best->op[i].arg[arg], k, v) && field_valid(kind, v) &&
             try(s, &p) )
            return true;
    }

    return false;
}

static bool simplify_args(struct search *s)
{
    bool any = false;

    for ( uint32_t i = 0; i < s->best->nr_ops; i++ )
        for ( unsigned int a = 0; a < op_table[s->best->op[i].code].nr_args;
              a++ )
            /* A domain is a name, not a size: renamed as a whole below. */
            if ( !is_dom(&s->best->op[i], a) )
                while ( simplify_arg(s, i, a) )
                    any = true;

    return any;
}

/* Call domain `from` domain `to` everywhere. */
static bool rename_domain(struct search *s, int64_t from, int64_t to)
{
    struct program p = *s->best;

    for ( uint32_t i = 0; i < p.nr_ops; i++ )
        for ( unsigned int a = 0; a < op_table[p.op[i].code].nr_args; a++ )
            if ( is_dom(&p.op[i], a) && p.op[i].arg[a].v == from )
                p.op[i].arg[a].v = to;

    return try(s, &p);
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
    struct program p = *s->best;

    p.host.llc = false;
    any |= try(s, &p);
    p = *s->best;
    p.host.nodes = 1;
    any |= try(s, &p);
    for ( unsigned int i = 0; i < sizeof(pages) / sizeof(pages[0]); i++ )
    {
        p = *s->best;
        if ( pages[i] >= p.host.node_pages )
            break;
        p.host.node_pages = pages[i];
        if ( try(s, &p) )
            return true;
    }

    return any;
}

void shrink(struct program *p, shrink_test *test, void *ctx,
            struct shrink_stats *stats)
{
    struct search s = { .best = p, .test = test, .ctx = ctx, .stats = stats };
    bool any;

    memset(stats, 0, sizeof(*stats));
    do
    {
        any = drop_chunks(&s);
        any |= smaller_host(&s);
        any |= rename_domains(&s);
        any |= simplify_args(&s);
    } while ( any && stats->trials < SHRINK_TRIALS_MAX );
}
