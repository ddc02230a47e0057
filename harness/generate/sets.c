/* SPDX-License-Identifier: MIT */
/*
 * Claim sets, on hosts of the drafts: sets that mostly succeed, raw ones with no,
 * one or two fields made wrong, and what then happens on the nodes.
 */
#include "internal.h"

#include "harness/program/kinds/claims.h"

static const char *const fields[] = {
    "caller", "caller", "abi",    "domid",  "domid",  "mode",   "nr",
    "data",   "arg",    "entry0", "entry1", "entry1", "entry2", "flip",
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))
#define WIDE_FIELDS 1

static uint32_t nodes(const struct generator *g)
{
    return g->preview->hv.shape.nodes;
}

/* Some pages of a part: few, or about all that nobody has claimed. */
static struct value part(struct generator *g)
{
    switch ( below(g, 8) )
    {
    case 0: return (struct value){ (int64_t)below(g, 3) - 1, BASE_UNCLAIMED };
    case 1: return (struct value){ (int64_t)below(g, 3) - 1, BASE_ROOM };
    case 2: return (struct value){ (int64_t)below(g, 2), BASE_CLAIM };
    default: return (struct value){ 1 + (int64_t)below(g, 8), BASE_LIT };
    }
}

void set_arguments(struct generator *g, struct op *op)
{
    struct value *node = &op->claim_set.node0;

    op->claim_set.host = (struct value){ 0 };
    for ( uint32_t n = 0; n < HV_NODES_MAX; n++ )
        node[n] = (struct value){ 0 };
    /* A domain with a claim can release it, in every draft. */
    if ( one_in(g, dom_view(g, op_slot(op))->claim ? 2 : 12) )
        return;
    if ( one_in(g, 2) )
        op->claim_set.host = part(g);
    for ( uint32_t n = 0; n < nodes(g); n++ )
        if ( one_in(g, 2) )
            node[n] = part(g);
    if ( one_in(g, 16) && nodes(g) < HV_NODES_MAX )
        node[nodes(g)] = part(g); /* a node that there is not */
}

void get_arguments(struct generator *g, struct op *op)
{
    op->claim_get.capacity.v = one_in(g, 2) ? below(g, 7) : 0;
}

/* An entry of a host's node or of the host, with a narrow form. */
static struct value entry(struct generator *g, uint32_t which)
{
    static const struct value pages[] = {
        { .v = 1 },
        { .v = 2 },
        { .v = 4 },
        { .v = 8 },
        { .sel = BASE_UNCLAIMED },
        { .v = 1, .sel = BASE_UNCLAIMED },
        { .sel = BASE_ROOM },
    };
    uint32_t i = one_in(g, 2) ? below(g, 4)
                              : below(g, sizeof(pages) / sizeof(pages[0]));
    uint32_t target = which ? which - 1 : CLAIM_TARGET_HOST;

    return entry_value(target, &pages[i], 0);
}

static void make_wrong(struct generator *g, struct op *op)
{
    const char *name = fields[below(g, FIELDS - (g->wide ? 0 : WIDE_FIELDS))];
    struct value *v = op_argument(op, name);

    random_value(g, op_table[op->code].arg[v - op->arg].kind, v);
}

void set_call(struct generator *g, struct op *op)
{
    bool v7 = g->preview->hv.shape.release == RELEASE_DRAFT_V7;
    struct value *given = &op->claim_memory.entry0;
    uint32_t nr = 1 + below(g, 3), wrong = wrong_fields(g), first;

    op_begin(g, OP_claim_memory, 0);
    op->claim_memory.domid = (struct value){ want_dom(g, WANT_ALIVE), 1 };
    if ( one_in(g, 4) )
    {
        op->claim_memory.cmd.v = !v7;
        op->claim_memory.mode.v = v7;
        op->claim_memory.nr.v = 1 + (int64_t)below(g, 7);
        nr = 0;
    }
    /* Different targets, in turns. */
    first = below(g, nodes(g) + 1);
    for ( uint32_t i = 0; i < nr && i < nodes(g) + 1; i++ )
        given[i] = entry(g, (first + i) % (nodes(g) + 1));
    if ( v7 && nr && one_in(g, 8) )
        given[0] = entry_value(CLAIM_TARGET_LEGACY, &(struct value){ .v = 8 },
                               0);
    while ( wrong-- )
        make_wrong(g, op);
    /* Entries change once they were read: no error of the caller. */
    if ( g->wide && nr && one_in(g, 4) )
        op->claim_memory.flip.v =
            1 + (int64_t)(sizeof(struct xen_domctl) +
                          below(g, nr * (uint32_t)sizeof(
                                            struct xen_memory_claim)));
}

/* A page of a node, by who claims it and by somebody else. */
static void on_node(struct generator *g, int dom, uint32_t n, bool exact)
{
    struct op *op = op_begin(g, one_in(g, 4) ? OP_increase : OP_populate, dom);

    *op_pages(op) = (struct value){ 1 + (int64_t)below(g, 3), BASE_LIT };
    op_set(op, "node", exact, (int64_t)n);
    if ( one_in(g, 4) )
        op_set(op, "order", 0, 1 + below(g, 2));
    op_done(g);
}

void scene_set(struct generator *g)
{
    int dom = want_dom(g, WANT_ALIVE), other = want_dom(g, WANT_ALIVE);
    uint32_t n = below(g, nodes(g));
    struct op *op;

    op_begin(g, OP_claim_set, dom);
    op_done(g);
    op = op_begin(g, OP_claim_set, dom);
    set_arguments(g, op);
    if ( one_in(g, 2) ) /* all of a node */
        (&op->claim_set.node0)[n] = (struct value){ -(int64_t)below(g, 2),
                                                    BASE_UNCLAIMED };
    op_done(g);
    for ( uint32_t i = 1 + below(g, 4); i; i-- )
    {
        bool exact = !one_in(g, 4);
        uint32_t node = one_in(g, 2) ? n : below(g, nodes(g));

        on_node(g, one_in(g, 2) ? dom : other, node, exact);
    }
    if ( one_in(g, 4) )
    {
        op_begin(g, OP_claim_get, dom);
        op_done(g);
    }
}
