/* SPDX-License-Identifier: MIT */
/*
 * One operation by itself: drawn by the swarm's weights, for a domain on which
 * it can succeed, with arguments that mostly do. Near misses are deliberate:
 * now and then one argument is drawn again regardless of the state.
 */
#include "internal.h"

/* One operation in so many has an argument drawn regardless of the state. */
#define MISS_ONE_IN 8
/* ... and one has all its arguments drawn so. */
#define BLIND_ONE_IN 12
/* Arguments mostly left at their default, because others mostly mean an
 * error. */
#define ODD_ONE_IN 8
/* One in so many takes any domain, and one takes a dying one. */
#define ANY_DOMAIN_ONE_IN 8
#define ENDED_ONE_IN 16
/* How often to draw an operation until one finds a domain that suits it. */
#define TRIES 3

#define KIND_BIT(kind) (UINT64_C(1) << ARG_##kind)

_Static_assert(ARG_KIND_COUNT <= 64, "a bit for each kind");

static bool often_default(enum arg_kind kind)
{
    const uint64_t often = KIND_BIT(FLAGS) | KIND_BIT(LIST) | KIND_BIT(NODE) |
                           KIND_BIT(CALLER) | KIND_BIT(MEMARG) |
                           KIND_BIT(ABI) | KIND_BIT(START) | KIND_BIT(PAD) |
                           KIND_BIT(ORDER32) | KIND_BIT(VERSION) |
                           KIND_BIT(FLIP) | KIND_BIT(STOP) | KIND_BIT(POOL);

    return often >> kind & 1;
}

/* ---- arguments by the state, one function for each operation that needs it:
 * the first page count, order and the like ---- */

static void claim_arguments(struct generator *g, struct op *op)
{
    claim_pages(g, op_slot(op), &op->claim.pages);
}

static void limit_arguments(struct generator *g, struct op *op)
{
    limit_pages(g, op_slot(op), &op->max_mem.pages);
}

/* Small orders; now and then a large one, or one at a caller's limit (rules
 * 3.2 i). */
static void some_order(struct generator *g, struct op *op)
{
    static const uint8_t edges[] = { 9, 10, 12, 18, 18, 19 };

    if ( is_large(g) && one_in(g, 2) )
    {
        op_set(op, "order", 0, large_order(g));
        *op_pages(op) = (struct value){ 1 + (int64_t)below(g, 2), BASE_LIT };
    }
    else if ( one_in(g, 24) )
        op_set(op, "order", 0, edges[below(g, sizeof(edges))]);
    else if ( one_in(g, 5) )
        op_set(op, "order", 0, 1 + below(g, one_in(g, 4) ? 8 : 3));
}

static void reserve_arguments(struct generator *g, struct op *op)
{
    reserve_pages(g, op_slot(op), op_pages(op));
    some_order(g, op);
    if ( g->preview->hv.shape.nodes > 1 && one_in(g, 3) )
        random_value(g, ARG_NODE, op_argument(op, "node"));
    if ( one_in(g, 6) )
        op_set(op, "preempt", 0, below(g, 4) + 1);
    if ( op->code == OP_populate && op->populate.preempt.v && one_in(g, 4) )
        op->populate.stop.v = 1 + below(g, 2);
}

static void decrease_arguments(struct generator *g, struct op *op)
{
    decrease_pages(g, op_slot(op), &op->decrease.nr);
    some_order(g, op);
    if ( one_in(g, 6) )
        op_set(op, "preempt", 0, below(g, 4) + 1);
}

static void destroy_arguments(struct generator *g, struct op *op)
{
    if ( one_in(g, 2) )
        op->destroy.steps.v = below(g, 4);
}

static void map_arguments(struct generator *g, struct op *op)
{
    op_set(op, "nr", BASE_LIT, below(g, 3) + 1);
}

static void unmap_arguments(struct generator *g, struct op *op)
{
    if ( one_in(g, 2) )
        op->unmap.nr = (struct value){ .sel = BASE_TOT };
    else
        map_arguments(g, op);
}

/* Mostly all of its pages. */
static void write_arguments(struct generator *g, struct op *op)
{
    if ( one_in(g, 4) )
        map_arguments(g, op);
    else
        op->write.nr = (struct value){ .sel = BASE_TOT };
}

/* Few pages, of small orders, or a large block for many. */
static void exchange_arguments(struct generator *g, struct op *op)
{
    op->exchange.nr = (struct value){ 1 + (int64_t)below(g, 4), BASE_LIT };
    if ( one_in(g, 2) )
        op->exchange.order.v = below(g, 3);
    if ( one_in(g, 2) )
        op->exchange.out_order.v = below(g, 3);
    if ( is_large(g) && one_in(g, 2) )
    {
        op->exchange.nr.v = 1;
        (one_in(g, 2) ? &op->exchange.order : &op->exchange.out_order)->v = 9;
    }
    if ( g->preview->hv.shape.nodes > 1 && one_in(g, 3) )
        random_value(g, ARG_NODE, &op->exchange.node);
    if ( one_in(g, 4) )
        op->exchange.preempt.v = below(g, 3) + 1;
}

static void block_arguments(struct generator *g, struct op *op)
{
    op->anon_alloc.order.v = one_in(g, 2) ? 0 : below(g, 4);
    if ( one_in(g, 3) )
        op->anon_alloc.pool.v = 1 + (uint32_t)want_dom(g, WANT_ALIVE);
}

/* A page of whatever kind, of the first few: they meet again. */
static void page_arguments(struct generator *g, struct op *op)
{
    op_set(op, "index", 0, below(g, one_in(g, 4) ? 16 : 3));
}

/* Pages of domains and free ones alike; few break. */
static void offline_arguments(struct generator *g, struct op *op)
{
    int dom = want_dom(g, WANT_OWNER);

    op_set(op, "of", 0, one_in(g, 2) ? HOLDER_FREE : HOLDER_DOM + dom);
    if ( one_in(g, 16) )
        op_set(op, "of", 0, one_in(g, 2) ? HOLDER_XEN : HOLDER_HOST);
    if ( one_in(g, 16) )
        op->offline.broken.v = 1;
    page_arguments(g, op);
}

/* Mostly one that is out of use. */
static void online_arguments(struct generator *g, struct op *op)
{
    op_set(op, "of", 0, HOLDER_OFFLINE);
    page_arguments(g, op);
    if ( one_in(g, 8) )
        random_value(g, ARG_HOLDER, op_argument(op, "of"));
}

static void raw_arguments(struct generator *g, struct op *op)
{
    (void)op;
    raw_call(g);
}

/* Other operations: any domain, arguments drawn regardless of the state. */
static const struct
{
    uint8_t want;
    void (*arguments)(struct generator *g, struct op *op);
} makers[OP_COUNT] = {
    [OP_create] = { WANT_ABSENT, NULL },
    [OP_max_mem] = { WANT_ALIVE, limit_arguments },
    [OP_claim] = { WANT_ALIVE, claim_arguments },
    [OP_populate] = { WANT_ALIVE, reserve_arguments },
    [OP_increase] = { WANT_ALIVE, reserve_arguments },
    [OP_decrease] = { WANT_OWNER, decrease_arguments },
    [OP_unpause] = { WANT_ALIVE, NULL },
    [OP_node_affinity] = { WANT_ALIVE, NULL },
    [OP_destroy] = { WANT_ALIVE, destroy_arguments },
    [OP_map] = { WANT_OWNER, map_arguments },
    [OP_unmap] = { WANT_MAPPED, unmap_arguments },
    [OP_anon_alloc] = { WANT_ANY, block_arguments },
    [OP_extra_alloc] = { WANT_ALIVE, NULL },
    [OP_extra_free] = { WANT_EXTRA, NULL },
    [OP_write] = { WANT_OWNER, write_arguments },
    [OP_exchange] = { WANT_OWNER, exchange_arguments },
    [OP_memory_exchange] = { WANT_ANY, exchange_call },
    [OP_memory_op] = { WANT_ANY, raw_arguments },
    [OP_domctl] = { WANT_ANY, control_call },
    [OP_sysctl] = { WANT_ANY, control_call },
    [OP_offline] = { WANT_ANY, offline_arguments },
    [OP_online] = { WANT_ANY, online_arguments },
    [OP_offline_query] = { WANT_ANY, online_arguments },
    [OP_claim_set] = { WANT_ALIVE, set_arguments },
    [OP_claim_get] = { WANT_ALIVE, get_arguments },
    [OP_claim_memory] = { WANT_ANY, set_call },
};

/* These make their own near misses. */
static bool is_raw(enum op_code code)
{
    return code == OP_memory_op || code == OP_domctl || code == OP_sysctl ||
           code == OP_claim_memory || code == OP_memory_exchange;
}

static enum op_code draw_code(struct generator *g)
{
    uint32_t at = below(g, g->weights);
    unsigned int code = 0;

    while ( at >= g->weight[code] )
        at -= g->weight[code++];

    return (enum op_code)code;
}

static void blind_op(struct generator *g)
{
    enum op_code code = draw_code(g);
    struct op *op = op_begin(g, code, any_dom(g));
    const struct op_info *info = &op_table[code];

    for ( unsigned int i = 0; i < info->nr_args; i++ )
        if ( !often_default(info->arg[i].kind) || one_in(g, ODD_ONE_IN) )
            random_value(g, info->arg[i].kind, &op->arg[i]);
    if ( code == OP_memory_op )
        raw_call(g);
    else if ( code == OP_claim_memory )
        set_call(g, op);
    else if ( code == OP_memory_exchange )
        exchange_call(g, op);
    else if ( is_raw(code) )
        control_call(g, op);
    op_done(g);
}

/* An operation and a domain on which it can mostly succeed. */
static enum op_code draw_pair(struct generator *g, int *dom)
{
    enum op_code code = draw_code(g);

    *dom = -1;
    if ( one_in(g, ANY_DOMAIN_ONE_IN) )
        *dom = any_dom(g);
    else if ( one_in(g, ENDED_ONE_IN) )
        *dom = find_dom(g, WANT_ENDED);
    for ( unsigned int i = 1; *dom < 0 && i < TRIES; i++ )
    {
        *dom = find_dom(g, (enum want)makers[code].want);
        if ( *dom < 0 )
            code = draw_code(g);
    }
    if ( *dom < 0 )
        *dom = want_dom(g, (enum want)makers[code].want);

    return code;
}

/* A domain whose limit is still 0 can neither claim nor get pages. */
static void set_limit(struct generator *g, int dom)
{
    op_begin(g, OP_max_mem, dom);
    limit_pages(g, dom, &g->next->max_mem.pages);
    op_done(g);
}

static void state_op(struct generator *g)
{
    int dom;
    enum op_code code = draw_pair(g, &dom);
    const struct op_info *info = &op_table[code];
    struct op *op;
    uint32_t i;

    if ( makers[code].want == WANT_ALIVE && code != OP_max_mem &&
         dom_view(g, dom)->state == HV_DOM_ALIVE && !dom_view(g, dom)->max &&
         !one_in(g, 4) )
        set_limit(g, dom);

    op = op_begin(g, code, dom);
    for ( i = 0; i < info->nr_args; i++ )
        if ( often_default(info->arg[i].kind)
                 ? one_in(g, ODD_ONE_IN)
                 : !makers[code].arguments && info->arg[i].kind != ARG_DOM )
            random_value(g, info->arg[i].kind, &op->arg[i]);
    if ( makers[code].arguments )
        makers[code].arguments(g, op);
    if ( info->nr_args && !is_raw(code) && one_in(g, MISS_ONE_IN) )
    {
        i = below(g, info->nr_args);
        random_value(g, info->arg[i].kind, &op->arg[i]);
    }
    op_done(g);
}

void random_op(struct generator *g)
{
    if ( g->blind || one_in(g, BLIND_ONE_IN) )
        blind_op(g);
    else
        state_op(g);
}
