/* SPDX-License-Identifier: MIT */
/*
 * Changes by whole operations. New ones are generated for the state that the
 * program has reached at that place (generate_at()).
 */
#include "changes.h"

#include <string.h>

#include "harness/generate/generate.h"
#include "harness/program/kinds/kind.h"

/* One change in so many is a new program: a search that only improves what it
 * has gets stuck. */
#define FRESH_ONE_IN 16
/* Changes made at once, at most: the more there are, the fewer are useful. */
#define CHANGES_MAX 6
/* Operations inserted or removed at once, at most. */
#define RUN_MAX 8
/* One other host in so many is of any release: the only way from released ones
 * to drafts and back, as operations differ. */
#define ANY_RELEASE_ONE_IN 4
/* One generation in so many may use arguments that only wide records hold. */
#define WIDE_ONE_IN 4

struct change
{
    struct choice *c;
    struct program *p;
    struct replay replay; /* of the program as it is now */
};

static uint32_t below(struct change *m, uint32_t n)
{
    return choice_below(m->c, n);
}

static struct op *any_op(struct change *m)
{
    return &m->p->op[below(m, m->p->nr_ops)];
}

/* One that is going to change. */
static struct op *changed_op(struct change *m)
{
    struct op *op = any_op(m);

    replay_keep(&m->replay, (uint32_t)(op - m->p->op));
    return op;
}

uint32_t open_gap(struct program *p, uint32_t at, uint32_t n)
{
    uint32_t room = PROGRAM_OPS_MAX - p->nr_ops;

    n = n < room ? n : room;
    memmove(&p->op[at + n], &p->op[at], (p->nr_ops - at) * sizeof(p->op[0]));
    p->nr_ops = (uint8_t)(p->nr_ops + n);

    return n;
}

static void close_gap(struct program *p, uint32_t at, uint32_t n)
{
    memmove(&p->op[at], &p->op[at + n],
            (p->nr_ops - at - n) * sizeof(p->op[0]));
    p->nr_ops = (uint8_t)(p->nr_ops - n);
}

/* ---- new operations ---- */

static struct generate_options options(struct change *m)
{
    return (struct generate_options){
        .release = m->p->host.release,
        .shape = &m->p->host,
        .wide = m->p->wide || !below(m, WIDE_ONE_IN),
    };
}

static uint32_t generate(struct change *m, uint32_t at, struct op *out,
                         uint32_t n)
{
    const struct generate_options o = options(m);

    return generate_at(m->p, at, m->c, out, n, &o, &m->replay);
}

static void insert(struct change *m)
{
    uint32_t at = below(m, m->p->nr_ops + 1U), n = 1 + below(m, RUN_MAX);
    struct op new[RUN_MAX];

    n = generate(m, at, new, n);
    n = open_gap(m->p, at, n);
    replay_keep(&m->replay, at + n);
    memcpy(&m->p->op[at], new, n * sizeof(new[0]));
}

static void replace(struct change *m)
{
    uint32_t at = below(m, m->p->nr_ops), n = 1 + below(m, RUN_MAX / 2);
    uint32_t left = m->p->nr_ops - at;
    struct op new[RUN_MAX];

    n = generate(m, at, new, n < left ? n : left);
    memcpy(&m->p->op[at], new, n * sizeof(new[0]));
}

/* Keep the operations before a place, generate the rest anew. */
static void regrow(struct change *m)
{
    uint32_t at = below(m, m->p->nr_ops + 1U), n;

    if ( at == PROGRAM_OPS_MAX )
        return;
    n = 1 + below(m, PROGRAM_OPS_MAX - at);
    n = generate(m, at, &m->p->op[at], n);
    m->p->nr_ops = (uint8_t)(at + n);
}

static void extend(struct change *m)
{
    uint32_t at = m->p->nr_ops;

    if ( at < PROGRAM_OPS_MAX )
        m->p->nr_ops = (uint8_t)(at +
                                 generate(m, at, &m->p->op[at],
                                          1 + below(m, PROGRAM_OPS_MAX - at)));
}

static void fresh(struct change *m)
{
    const struct host_shape host = m->p->host;
    struct generate_options o = options(m);

    /* Another host, or a change to this one. */
    o.shape = below(m, 2) ? &host : NULL;
    if ( !o.shape && !below(m, ANY_RELEASE_ONE_IN) )
        o.release = (int)below(m, RELEASE_COUNT);
    program_choose(m->p, m->c, &o);
    replay_start(&m->replay);
}

/* ---- operations that are there already ---- */

static void drop(struct change *m)
{
    uint32_t at = below(m, m->p->nr_ops);
    uint32_t n = 1 + below(m, below(m, 4) ? 1 : RUN_MAX);

    if ( n > m->p->nr_ops - at )
        n = m->p->nr_ops - at;
    replay_keep(&m->replay, at);
    close_gap(m->p, at, n);
}

static void duplicate(struct change *m)
{
    struct op op = *any_op(m);
    uint32_t at = below(m, m->p->nr_ops + 1U);

    if ( !open_gap(m->p, at, 1) )
        return;
    replay_keep(&m->replay, at);
    m->p->op[at] = op;
}

static void swap(struct change *m)
{
    struct op *a = changed_op(m), *b = changed_op(m), op = *a;

    *a = *b;
    *b = op;
}

static void move(struct change *m)
{
    uint32_t from = below(m, m->p->nr_ops);
    struct op op = m->p->op[from];
    uint32_t to;

    close_gap(m->p, from, 1);
    to = below(m, m->p->nr_ops + 1U);
    open_gap(m->p, to, 1);
    replay_keep(&m->replay, from < to ? from : to);
    m->p->op[to] = op;
}

static void retarget(struct change *m)
{
    struct op *op = changed_op(m);

    if ( op_slot(op) >= 0 )
        op_set_slot(op, (int)below(m, HV_DOMS_MAX));
}

/* Of the steps from a base, the nearest. */
#define STEPS_NEAR 5

/* One argument to a value of its kind's table; pages: a base and a small
 * step. */
static void operand(struct change *m)
{
    struct op *op = changed_op(m);
    const struct op_info *info = &op_table[op->code];
    struct value v = { .v = 0 };
    enum arg_kind kind;
    uint32_t i, step;

    if ( !info->nr_args )
        return;
    i = below(m, info->nr_args);
    kind = info->arg[i].kind;
    if ( kind == ARG_PAGES )
    {
        v.sel = (uint8_t)below(m, BASE_COUNT);
        step = below(m, v.sel == BASE_LIT ? 17 : STEPS_NEAR + 1);
        /* The base itself twice as often. */
        v.v = v.sel == BASE_LIT ? (int64_t)step
                                : pages_steps[step ? step - 1 : 0];
    }
    else if ( kind_codes(kind) > 1 )
        kind_decode_narrow(&v, kind, below(m, kind_codes(kind)));
    else if ( m->p->wide ) /* padding */
        v.v = below(m, 3);
    op->arg[i] = v;
}

static void copy_field(struct change *m)
{
    struct op *to = changed_op(m);
    const struct op *from = any_op(m);
    const struct op_info *a = &op_table[to->code], *b = &op_table[from->code];
    uint32_t i, j;

    if ( !a->nr_args || !b->nr_args )
        return;
    i = below(m, a->nr_args);
    for ( j = 0; j < b->nr_args; j++ )
        if ( b->arg[j].kind == a->arg[i].kind )
            to->arg[i] = from->arg[j];
}

/* Among the released ones, or among the drafts: programs of the one know
 * operations that the others have not. */
static void other_release(struct change *m)
{
    struct host_shape *host = &m->p->host;
    bool draft = RELEASE_BIT(host->release) & RELEASE_MASK_DRAFTS;

    host->release = (uint8_t)(draft ? RELEASED_COUNT +
                                          below(m,
                                                RELEASE_COUNT - RELEASED_COUNT)
                                    : below(m, RELEASED_COUNT));
}

static void other_host(struct change *m)
{
    struct host_shape *host = &m->p->host;

    switch ( below(m, 4) )
    {
    case 0: host->nodes = (uint8_t)(1 + below(m, HV_NODES_MAX)); break;
    case 1: host->node_pages = 8U << below(m, 9); break;
    case 2: host->llc = !host->llc; break;
    default: other_release(m); break;
    }
    replay_start(&m->replay);
}

/* Weights. Changes that make something new are more frequent; another host is
 * rare, because it changes what all operations mean. fresh is drawn apart. */
static const struct
{
    const char *name;
    void (*make)(struct change *m);
    uint8_t weight;
} changes[] = {
    { "fresh", fresh, 0 },       { "insert", insert, 4 },
    { "replace", replace, 3 },   { "regrow", regrow, 9 },
    { "extend", extend, 2 },     { "operand", operand, 4 },
    { "drop", drop, 1 },         { "duplicate", duplicate, 1 },
    { "swap", swap, 1 },         { "move", move, 1 },
    { "retarget", retarget, 1 }, { "copy", copy_field, 1 },
    { "host", other_host, 1 },
};
/* Sum of the weights. */
#define WEIGHTS 29

const char *change_name(unsigned int number)
{
    return number < sizeof(changes) / sizeof(changes[0]) ? changes[number].name
                                                         : "unknown";
}

static unsigned int draw(struct change *m)
{
    uint32_t at = below(m, WEIGHTS);
    unsigned int i = 0;

    while ( at >= changes[i].weight )
    {
        at -= changes[i++].weight;
        assert(i < sizeof(changes) / sizeof(changes[0]));
    }

    return i;
}

uint32_t change(struct program *p, struct choice *c)
{
    struct change m;
    uint32_t n, did = 0;

    /* Not cleared as a whole: it is large. */
    m.c = c;
    m.p = p;
    replay_start(&m.replay);
    n = 1 + below(&m, CHANGES_MAX);
    if ( !p->nr_ops || !below(&m, FRESH_ONE_IN) )
    {
        fresh(&m);
        return 1;
    }
    while ( n-- && p->nr_ops )
    {
        unsigned int i = draw(&m);

        m.replay.last = !n;
        changes[i].make(&m);
        did |= 1U << i;
    }

    return did;
}
