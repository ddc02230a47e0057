/* SPDX-License-Identifier: MIT */
/*
 * Raw calls: a memory_op that would succeed in the state there is, and then
 * none, one or two of its fields made wrong. One wrong field shows whether a
 * check is there, two show which of two comes first.
 */
#include "internal.h"

/* Fields of the call that can be made wrong; who calls and for whom in more
 * ways than others. The last one has wide forms only. */
static const char *const fields[] = {
    "caller", "caller", "abi", "start", "domid", "domid", "nr", "order",
    "flags", "list", "arg", "pad",
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

/* Of 16 calls, so many have no wrong field, and so many at most one. */
#define RIGHT_OF_16 4
#define ONE_WRONG_OF_16 11

static const struct command
{
    uint8_t cmd, want;
    void (*pages)(struct generator *g, int dom, struct value *v);
} commands[] = {
    /* What it is all about comes more often. */
    { XENMEM_claim_pages, WANT_ALIVE, claim_pages },
    { XENMEM_claim_pages, WANT_ALIVE, claim_pages },
    { XENMEM_claim_pages, WANT_ENDED, claim_pages },
    { XENMEM_populate_physmap, WANT_ALIVE, reserve_pages },
    { XENMEM_increase_reservation, WANT_ALIVE, reserve_pages },
    { XENMEM_decrease_reservation, WANT_OWNER, decrease_pages },
    { XENMEM_current_reservation, WANT_ANY, reserve_pages },
    { XENMEM_maximum_reservation, WANT_ANY, reserve_pages },
};

static uint32_t node_flags(struct generator *g)
{
    uint32_t flags = XENMEMF_node(below(g, HV_NODES_MAX));

    return flags | (one_in(g, 2) ? XENMEMF_exact_node_request : 0);
}

/* A guest acts on itself, by name or as "self". */
static void by_itself(struct generator *g, struct op *op, int dom)
{
    op_set(op, "caller", 0, dom);
    if ( one_in(g, 2) )
        op_set(op, "domid", 0, DOMID_SELF);
    /* Nodes are not for guests to choose; such flags have wide forms only. */
    if ( g->wide && one_in(g, 4) )
        op_set(op, "flags", 0, node_flags(g));
}

static void wrong_caller(struct generator *g, struct op *op)
{
    int dom = g->blind ? -1 : find_dom(g, WANT_ALIVE);

    if ( dom < 0 || one_in(g, 8) )
        op_set(op, "caller", 0, below(g, CALLER_COUNT));
    else if ( one_in(g, 8) )
        op_set(op, "caller", 0, CALLER_CTL);
    else
        op_set(op, "caller", 0, dom + (one_in(g, 2) ? CALLER_USER : 0));
}

static void wrong_domid(struct generator *g, struct op *op)
{
    switch ( below(g, 4) )
    {
    case 0:
        op_set(op, "domid", 0, DOMID_SELF);
        break;

    case 1:
        op_set(op, "domid", 1, want_dom(g, WANT_ENDED));
        break;

    case 2:
        op_set(op, "domid", 1, want_dom(g, WANT_ABSENT));
        break;

    default:
        random_value(g, ARG_DOMID, op_argument(op, "domid"));
        break;
    }
}

/* Too many: beyond a limit, or so many that narrower numbers wrap. */
static void wrong_pages(struct generator *g, struct value *v)
{
    static const uint8_t bases[] = { BASE_MAX, BASE_FREE, BASE_CLAIMABLE,
                                     BASE_TOT, BASE_P2_26, BASE_P2_31,
                                     BASE_P2_32, BASE_P2_64 };

    *v = (struct value){ .sel = bases[below(g, sizeof(bases))] };
    v->v = (int64_t)below(g, 5) - 1;
}

static void make_wrong(struct generator *g, struct op *op)
{
    const char *name = fields[below(g, FIELDS - !g->wide)];
    struct value *v = op_argument(op, name);
    enum arg_kind kind = op_table[OP_memory_op].arg[v - op->arg].kind;

    if ( kind == ARG_CALLER )
        wrong_caller(g, op);
    else if ( kind == ARG_DOMID )
        wrong_domid(g, op);
    else if ( kind == ARG_PAGES && !one_in(g, 4) )
        wrong_pages(g, v);
    else if ( kind == ARG_PAD )
        v->v = below(g, 3) + 1;
    else if ( kind == ARG_FLAGS && g->wide && one_in(g, 2) )
        v->v = node_flags(g);
    else
        random_value(g, kind, v);
}

/* The first part of a reservation may have been done before. */
static void start_inside(struct generator *g, struct op *op, int dom)
{
    uint64_t nr = world_pages(&g->w, op_argument(op, "nr"), dom);

    /* 0 .. 4 have narrow forms */
    op_set(op, "start", 0, below(g, nr < 4 ? (uint32_t)nr + 1 : 5));
}

static void call(struct generator *g, const struct command *c, int dom)
{
    struct op *op = op_begin(g, OP_memory_op, 0);
    uint32_t wrong = below(g, 16);

    op_set(op, "cmd", 0, c->cmd);
    op_set(op, "domid", 1, dom);
    c->pages(g, dom, op_argument(op, "nr"));
    if ( c->cmd == XENMEM_claim_pages )
        op_set(op, "list", MEM_NULL, 0);
    else
    {
        if ( dom && one_in(g, 3) )
            by_itself(g, op, dom);
        if ( c->pages == decrease_pages || one_in(g, 8) )
            start_inside(g, op, dom);
    }
    if ( one_in(g, 32) )
        random_value(g, ARG_CMD, op_argument(op, "cmd"));
    wrong = (wrong >= RIGHT_OF_16) + (wrong >= ONE_WRONG_OF_16);
    while ( wrong-- )
        make_wrong(g, op);
}

void raw_call(struct generator *g)
{
    const struct command *c =
        &commands[below(g, sizeof(commands) / sizeof(commands[0]))];

    call(g, c, want_dom(g, (enum want)c->want));
}

void raw_claim(struct generator *g, int dom)
{
    call(g, &commands[0], dom);
}
