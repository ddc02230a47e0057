/* SPDX-License-Identifier: MIT */
/*
 * Raw calls: a memory_op that would succeed in the current state, then none,
 * one or two of its fields made wrong. One wrong field shows whether a check
 * is there, two show which check comes first.
 */
#include "internal.h"

/* Fields of the call that can be made wrong; caller and target in more ways
 * than the others. The last ones only exist in wide records. */
static const char *const fields[] = {
    "caller", "caller", "abi",  "start", "domid", "domid", "nr",
    "order",  "flags",  "list", "arg",   "pad",   "flip",
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))
#define WIDE_FIELDS 2

/* ... and of a domctl or sysctl, which has the first ones only. */
static const char *const control_fields[] = {
    "caller", "caller", "abi",   "version", "arg",
    "cmd",    "data",   "count", "domid",   "domid",
};
#define CONTROL_FIELDS (sizeof(control_fields) / sizeof(control_fields[0]))
#define SYSCTL_FIELDS 8

/* Where a 32-bit guest's address space ends, and how wide its entries are. */
#define COMPAT_END INT64_C(0xf5800000)
#define COMPAT_ENTRY 4
/* The last place for an entry below the hole in a guest's addresses. */
#define LAST_LOW_ENTRY INT64_C(0x7ffffffffff8)

/* So many of 16 calls have no wrong field, so many at most one. */
#define RIGHT_OF_16 4
#define ONE_WRONG_OF_16 11

static const struct command
{
    uint8_t cmd, want;
    void (*pages)(struct generator *g, int dom, struct value *v);
} commands[] = {
    /* Claims more often than the rest. */
    { XENMEM_claim_pages, WANT_ALIVE, claim_pages },
    { XENMEM_claim_pages, WANT_ALIVE, claim_pages },
    { XENMEM_claim_pages, WANT_ENDED, claim_pages },
    { XENMEM_populate_physmap, WANT_ALIVE, reserve_pages },
    { XENMEM_increase_reservation, WANT_ALIVE, reserve_pages },
    { XENMEM_decrease_reservation, WANT_OWNER, decrease_pages },
    { XENMEM_current_reservation, WANT_ANY, reserve_pages },
    { XENMEM_maximum_reservation, WANT_ANY, reserve_pages },
};

uint32_t wrong_fields(struct generator *g)
{
    uint32_t n = below(g, 16);

    return (n >= RIGHT_OF_16) + (n >= ONE_WRONG_OF_16);
}

static uint32_t node_flags(struct generator *g)
{
    uint32_t flags = XENMEMF_node(below(g, HV_NODES_MAX));

    return flags | (one_in(g, 2) ? XENMEMF_exact_node_request : 0);
}

/* A guest acts on itself, by its domid or as DOMID_SELF. */
static void by_itself(struct generator *g, struct op *op, int dom)
{
    op->memory_op.caller.v = dom;
    if ( one_in(g, 2) )
        op->memory_op.domid = (struct value){ .v = DOMID_SELF };
    /* Guests cannot choose nodes; such flags exist in wide records only. */
    if ( g->wide && one_in(g, 4) )
        op->memory_op.flags.v = node_flags(g);
}

static void wrong_caller(struct generator *g, struct value *v)
{
    int dom = g->blind ? -1 : find_dom(g, WANT_ALIVE);

    if ( dom < 0 || one_in(g, 8) )
        v->v = below(g, CALLER_COUNT);
    else if ( one_in(g, 8) )
        v->v = CALLER_CTL;
    else
        v->v = dom + (one_in(g, 2) ? CALLER_USER : 0);
}

static void wrong_domid(struct generator *g, struct value *v)
{
    switch ( below(g, 4) )
    {
    case 0: *v = (struct value){ .v = DOMID_SELF }; break;

    case 1: *v = (struct value){ want_dom(g, WANT_ENDED), 1 }; break;

    case 2: *v = (struct value){ want_dom(g, WANT_ABSENT), 1 }; break;

    default: random_value(g, ARG_DOMID, v); break;
    }
}

/* Too many: beyond a limit, or enough to wrap narrower numbers. */
static void wrong_pages(struct generator *g, struct value *v)
{
    static const uint8_t bases[] = { BASE_MAX,   BASE_FREE,  BASE_CLAIMABLE,
                                     BASE_TOT,   BASE_P2_26, BASE_P2_31,
                                     BASE_P2_32, BASE_P2_64 };

    *v = (struct value){ .sel = bases[below(g, sizeof(bases))] };
    v->v = (int64_t)below(g, 5) - 1;
}

/* A byte that changes during the call: mostly the first of a member of the
 * structure. That is not an error of the caller. */
static void change_byte(struct generator *g, struct value *flip)
{
    static const uint8_t members[] = { 0, 4, 8, 16, 20, 24, 24, 25 };
    uint8_t byte = members[below(g, sizeof(members))];

    if ( one_in(g, 8) )
        byte = (uint8_t)below(g, MEMARG_SHORT_MAX);
    flip->v = byte + 1;
}

/* A limit that is too large for a 32-bit caller, and the query for it, which is
 * the one under construction. */
static struct op *huge_limit(struct generator *g)
{
    struct op *op;
    int dom = want_dom(g, WANT_ALIVE);
    int64_t offset = (int64_t)below(g, 3) - 1;

    op = op_begin(g, OP_max_mem, dom);
    op->max_mem.pages = (struct value){ .v = offset, .sel = BASE_P2_31 };
    op_done(g);
    op = op_begin(g, OP_memory_op, 0);
    op->memory_op.abi.v = ABI_32;
    op->memory_op.cmd.v = XENMEM_maximum_reservation;
    op->memory_op.domid = (struct value){ .v = dom, .sel = 1 };

    return op;
}

/* By a 32-bit caller: a count or a list at its limit, or past it. Returns the
 * operation under construction. */
static struct op *from_32_bits(struct generator *g, struct op *op)
{
    uint32_t nr = below(g, 3) + 1;
    int64_t before_end = (int64_t)(nr - 1 + below(g, 2)) * COMPAT_ENTRY;

    if ( one_in(g, 4) )
        return huge_limit(g);
    op->memory_op.abi.v = ABI_32;
    op->memory_op.cmd.v = one_in(g, 2) ? XENMEM_increase_reservation
                                       : XENMEM_populate_physmap;
    if ( one_in(g, 2) )
    {
        op->memory_op.nr = (struct value){ .v = -(int64_t)below(g, 2),
                                           .sel = BASE_P2_26 };
        return op;
    }
    op->memory_op.nr = (struct value){ .v = nr, .sel = BASE_LIT };
    op->memory_op.list = (struct value){ .v = COMPAT_END - before_end,
                                         .sel = MEM_ADDRESS };

    return op;
}

static bool is_place(enum arg_kind kind)
{
    return kind == ARG_MEMARG || kind == ARG_DATA || kind == ARG_LIST;
}

static void make_wrong(struct generator *g, struct op *op, const char *name)
{
    struct value *v = op_argument(op, name);
    enum arg_kind kind = op_table[op->code].arg[v - op->arg].kind;

    if ( kind == ARG_CALLER )
        wrong_caller(g, v);
    else if ( kind == ARG_DOMID )
        wrong_domid(g, v);
    else if ( kind == ARG_PAGES && !one_in(g, 4) )
        wrong_pages(g, v);
    else if ( kind == ARG_PAD )
        v->v = below(g, 3) + 1;
    else if ( kind == ARG_FLIP )
        change_byte(g, v);
    else if ( kind == ARG_FLAGS && g->wide && one_in(g, 2) )
        v->v = node_flags(g);
    else if ( is_place(kind) && g->wide && one_in(g, 3) )
        *v = (struct value){ .sel = MEM_READONLY };
    else
        random_value(g, kind, v);
}

/* ... of an exchange. */
static const char *const exchange_fields[] = {
    "caller", "caller",    "domid", "domid", "out_domid", "nr",  "out_nr",
    "order",  "out_order", "done",  "flags", "list",      "arg", "flip",
};
#define EXCHANGE_FIELDS (sizeof(exchange_fields) / sizeof(exchange_fields[0]))

/* Lists that are no guest's, or only the first of them is; and something wrong
 * that is looked at later. */
static void far_lists(struct generator *g, struct op *op)
{
    static const char *const later[] = { "domid", "flags", "caller" };
    struct value *list = &op->memory_exchange.list;

    *list = (struct value){ .sel = MEM_NONCANONICAL };
    if ( g->wide && one_in(g, 3) )
    {
        /* 2^61 inputs are too many for their list, and 2^60 outputs are not. */
        *list = (struct value){ .sel = MEM_OK };
        op->memory_exchange.nr = (struct value){ .v = INT64_C(1) << 60,
                                                 .sel = BASE_LIT };
        op->memory_exchange.order.v = 0;
        op->memory_exchange.out_order.v = 1;
    }
    else if ( g->wide && one_in(g, 2) )
    {
        op->memory_exchange.nr = (struct value){ .v = 1, .sel = BASE_LIT };
        *list = (struct value){ .v = LAST_LOW_ENTRY, .sel = MEM_ADDRESS };
    }
    make_wrong(g, op, later[below(g, 3)]);
    op->memory_exchange.out_domid = op->memory_exchange.domid;
}

void exchange_call(struct generator *g, struct op *op)
{
    int dom = want_dom(g, WANT_OWNER);
    uint32_t wrong = wrong_fields(g);

    op_begin(g, OP_memory_exchange, 0);
    op->memory_exchange.domid = (struct value){ .v = dom, .sel = 1 };
    op->memory_exchange.nr = (struct value){ 1 + (int64_t)below(g, 3),
                                             BASE_LIT };
    op->memory_exchange.order.v = one_in(g, 2) ? 0 : below(g, 2);
    op->memory_exchange.out_order.v = one_in(g, 2) ? 0 : below(g, 2);
    op->memory_exchange.done.v = one_in(g, 4) ? below(g, 3) : 0;
    if ( dom && one_in(g, 4) )
    {
        op->memory_exchange.caller.v = dom;
        op->memory_exchange.domid = (struct value){ .v = DOMID_SELF };
    }
    op->memory_exchange.out_domid = op->memory_exchange.domid;
    if ( one_in(g, 4) )
    {
        far_lists(g, op);
        return;
    }
    while ( wrong-- )
        make_wrong(
            g, op,
            exchange_fields[below(g, EXCHANGE_FIELDS - (g->wide ? 0 : 1))]);
}

/* As if the first part of a reservation had been done before. */
static void start_inside(struct generator *g, struct op *op, int dom)
{
    uint64_t nr = preview_pages(g->preview, &op->memory_op.nr, dom);

    /* 0 .. 4 have narrow forms */
    op->memory_op.start.v = below(g, nr < 4 ? (uint32_t)nr + 1 : 5);
}

static void call(struct generator *g, const struct command *c, int dom)
{
    struct op *op = op_begin(g, OP_memory_op, 0);
    uint32_t wrong = wrong_fields(g);

    op->memory_op.cmd.v = c->cmd;
    op->memory_op.domid = (struct value){ .v = dom, .sel = 1 };
    c->pages(g, dom, &op->memory_op.nr);
    if ( c->cmd == XENMEM_claim_pages )
        op->memory_op.list.sel = MEM_NULL;
    else
    {
        if ( dom && one_in(g, 3) )
            by_itself(g, op, dom);
        if ( c->pages == decrease_pages || one_in(g, 8) )
            start_inside(g, op, dom);
        if ( is_large(g) && one_in(g, 2) )
        {
            op->memory_op.order.v = large_order(g);
            if ( dom && one_in(g, 2) )
                by_itself(g, op, dom);
        }
    }
    if ( one_in(g, 32) )
        random_value(g, ARG_CMD, &op->memory_op.cmd);
    if ( g->wide && one_in(g, 16) )
        op = from_32_bits(g, op);
    while ( wrong-- )
        make_wrong(g, op,
                   fields[below(g, FIELDS - (g->wide ? 0 : WIDE_FIELDS))]);
    if ( g->wide && one_in(g, 4) )
        change_byte(g, &op->memory_op.flip);
}

/* Of createdomain: mostly right, else with an unknown flag or without vCPUs. */
static void configuration(struct generator *g, struct value *v)
{
    uint32_t wrong = below(g, 8);

    *v = (struct value){ 0, BASE_LIT };
    if ( wrong == 0 )
        v->v = 2 * (HV_CREATE_KNOWN_FLAGS + 1);
    else if ( wrong == 1 && g->wide )
        v->v = (int64_t)HV_CREATE_NO_VCPUS;
}

/* The domid is an argument that is right and wrong in many ways of its own. */
static void new_domain(struct generator *g, struct value *domid,
                       struct value *config)
{
    if ( one_in(g, 4) )
        random_value(g, ARG_DOMID, domid);
    else
        domid->v = want_dom(g, WANT_ABSENT);
    configuration(g, config);
}

/* Frames of a host whose numbers are below 2^8, a few behind them too. */
#define NARROW_FRAMES 220

/* As many frames as an array of 32 bits has bytes for words, one more, or all. */
static void huge_range(struct generator *g, struct op *op)
{
    op->sysctl.start.v = below(g, 2);
    op->sysctl.end.v = one_in(g, 2) ? (int64_t)UINT32_MAX
                                    : UINT32_MAX / 4 + below(g, 2);
}

/* What to do with a few frames, mostly of the host. */
static void frame_range(struct generator *g, struct op *op)
{
    uint32_t pages = g->preview->hv.shape.nodes *
                     g->preview->hv.shape.node_pages;
    uint32_t start;

    /* Of the first frames only are there narrow forms. */
    if ( !g->wide && pages > NARROW_FRAMES )
        pages = NARROW_FRAMES;
    start = HV_FRAME_BASE + below(g, pages);
    op->sysctl.action.v = sysctl_page_offline + below(g, 3);
    op->sysctl.start.v = start;
    op->sysctl.end.v = start + below(g, 4);
    if ( one_in(g, 8) )
        random_value(g, ARG_ACTION, &op->sysctl.action);
    if ( one_in(g, 8) )
        random_value(g, ARG_FRAME, &op->sysctl.start);
    if ( one_in(g, 8) )
        random_value(g, ARG_FRAME, &op->sysctl.end);
    if ( g->wide && one_in(g, 12) )
        huge_range(g, op);
}

void control_call(struct generator *g, struct op *op)
{
    static const uint8_t domctls[] = {
        XEN_DOMCTL_getdomaininfo, XEN_DOMCTL_createdomain,
        XEN_DOMCTL_destroydomain, XEN_DOMCTL_unpausedomain,
        XEN_DOMCTL_unpausedomain, XEN_DOMCTL_max_mem,
        XEN_DOMCTL_max_mem,       XEN_DOMCTL_setnodeaffinity,
    };
    static const uint8_t sysctls[] = {
        XEN_SYSCTL_physinfo,
        XEN_SYSCTL_numainfo,
        XEN_SYSCTL_page_offline_op,
    };
    bool domctl = op->code == OP_domctl;
    uint32_t nr = domctl ? CONTROL_FIELDS : SYSCTL_FIELDS;
    uint32_t wrong = wrong_fields(g);
    uint8_t cmd = sysctls[below(g, sizeof(sysctls))];

    if ( domctl )
    {
        cmd = domctls[below(g, sizeof(domctls))];
        op_begin(g, OP_domctl, 0);
        op->domctl.cmd.v = cmd;
        if ( cmd == XEN_DOMCTL_createdomain )
            new_domain(g, &op->domctl.domid, &op->domctl.value);
        else
        {
            op->domctl.domid.v = want_dom(g, WANT_ALIVE);
            limit_pages(g, 0, &op->domctl.value);
        }
        if ( cmd == XEN_DOMCTL_setnodeaffinity )
            op->domctl.value = (struct value){ below(g, 1 << HV_NODES_MAX),
                                               BASE_LIT };
    }
    else
    {
        op_begin(g, OP_sysctl, 0);
        op->sysctl.cmd.v = cmd;
        if ( cmd == XEN_SYSCTL_numainfo && one_in(g, 2) )
            random_value(g, ARG_ARRAY, &op->sysctl.distance);
        if ( cmd == XEN_SYSCTL_page_offline_op )
            frame_range(g, op);
    }
    while ( wrong-- )
        make_wrong(g, op, control_fields[below(g, nr)]);
    if ( g->wide && one_in(g, 4) )
        change_byte(g, domctl ? &op->domctl.flip : &op->sysctl.flip);
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
