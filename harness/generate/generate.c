/* SPDX-License-Identifier: MIT */
/*
 * Random programs. Three things make them good: swarm (each program leaves out
 * about half of the operations and prefers some), scenes (sequences that get
 * past "no such domain"), and operands at the edges of what matters.
 */
#include "internal.h"

#include <assert.h>
#include <string.h>

#include "../program/fields.h"
#include "choice.h"

/* Domains that a program works on; all eight would never meet each other. */
#define ACTIVE_MAX 4
/* A weight is 0 or 1 .. WEIGHT_MAX. */
#define WEIGHT_MAX 8

struct generator
{
    struct choice c;
    struct program *p;
    uint32_t caps;
    unsigned int ops;   /* wanted */
    bool wide;
    uint8_t active[ACTIVE_MAX];
    uint8_t nr_active;
    uint8_t weight[OP_COUNT];
    uint32_t weights;   /* sum */
    uint8_t scenes;     /* of 8 draws, so many are scenes */
};

static uint32_t below(struct generator *g, uint32_t n)
{
    return choice_below(&g->c, n);
}

static bool one_in(struct generator *g, uint32_t n)
{
    return choice_one_in(&g->c, n);
}

/* ---- operands ---- */

static int active_dom(struct generator *g)
{
    if ( one_in(g, 16) )
        return (int)below(g, HV_DOMS_MAX);

    return g->active[below(g, g->nr_active)];
}

static void random_pages(struct generator *g, struct value *v)
{
    static const int16_t near[] = { 0, 0, 0, 1, -1, 2, -2, 3, -4, 8 };

    switch ( below(g, 4) )
    {
    case 0:
        *v = (struct value){ .v = below(g, 17), .sel = BASE_LIT };
        break;

    case 1:
        *v = (struct value){ .v = (int64_t)below(g, g->p->host.node_pages + 2),
                             .sel = BASE_LIT };
        break;

    default:
        v->v = near[below(g, sizeof(near) / sizeof(*near))];
        v->sel = (uint8_t)below(g, BASE_COUNT);
        /* 0 as a literal's offset; below 0 it has no narrow form. */
        if ( v->sel == BASE_LIT && v->v < 0 )
            v->v = -v->v;
        break;
    }
}

static void random_wide(struct generator *g, enum arg_kind kind,
                        struct value *v)
{
    uint8_t bytes[16];
    uint64_t n = choice_bits(&g->c);

    /* Few bits as often as many. */
    le_put(bytes, 8, choice_bits(&g->c));
    le_put(bytes + 1, 8, n >> below(g, 64));
    if ( field_table[kind].bytes <= 8 )
        le_put(bytes, 8, n >> below(g, 64));
    field_decode_wide(v, kind, bytes);
}

static void random_value(struct generator *g, enum arg_kind kind,
                         struct value *v)
{
    uint32_t values = 1U << (4 * field_table[kind].nibbles);

    if ( kind == ARG_DOM )
        v->v = active_dom(g);
    else if ( g->wide && one_in(g, 8) )
        random_wide(g, kind, v);
    else if ( kind == ARG_PAGES )
        random_pages(g, v);
    else if ( kind == ARG_ORDER && !one_in(g, 4) )
        v->v = below(g, 4);
    else
        field_decode_narrow(v, kind, below(g, values));
}

/* ---- operations ---- */

static bool full(const struct generator *g)
{
    return g->p->nr_ops >= g->ops;
}

/* An operation with defaults; what does not fit any more is written to one
 * place behind the end. */
static struct op *emit(struct generator *g, struct op *spare,
                       enum op_code code, int dom)
{
    struct op *op = full(g) ? spare : &g->p->op[g->p->nr_ops++];
    const struct op_info *info = &op_table[code];

    memset(op, 0, sizeof(*op));
    op->code = (uint8_t)code;
    for ( unsigned int i = 0; i < info->nr_args; i++ )
        field_default(&op->arg[i], info->arg[i].kind);
    if ( info->nr_args && info->arg[0].kind == ARG_DOM )
        op->arg[0].v = dom;

    return op;
}

/* Set an argument by name: operations may gain arguments and keep meaning. */
static void set(struct op *op, const char *name, uint8_t sel, int64_t v)
{
    int i = op_arg_index((enum op_code)op->code, name, strlen(name));

    assert(i >= 0);
    op->arg[i] = (struct value){ .v = v, .sel = sel };
    assert(field_valid(op_table[op->code].arg[i].kind, &op->arg[i]));
}

/* Arguments that are mostly left alone: an odd one mostly means an error. */
static bool often_default(enum arg_kind kind)
{
    return kind == ARG_FLAGS || kind == ARG_LIST || kind == ARG_NODE ||
           kind == ARG_CALLER || kind == ARG_MEMARG || kind == ARG_ABI ||
           kind == ARG_START || kind == ARG_PAD || kind == ARG_ORDER32;
}

static void random_raw(struct generator *g, struct op *op)
{
    static const uint8_t cmds[] = {
        XENMEM_claim_pages, XENMEM_claim_pages, XENMEM_claim_pages,
        XENMEM_populate_physmap, XENMEM_increase_reservation,
        XENMEM_decrease_reservation, XENMEM_current_reservation,
        XENMEM_maximum_reservation,
    };
    uint8_t cmd = cmds[below(g, sizeof(cmds))];

    if ( !one_in(g, 8) )
        set(op, "cmd", 0, cmd);
    if ( !one_in(g, 4) )
        set(op, "domid", 1, active_dom(g));
    /* A claim names no list. */
    if ( cmd == XENMEM_claim_pages && !one_in(g, 4) )
        set(op, "list", MEM_NULL, 0);
    /* Guests: what they may not do shows only where they are and ask. */
    if ( one_in(g, 3) )
        set(op, "caller", 0, g->active[below(g, g->nr_active)]);
    if ( g->wide && one_in(g, 4) )
        set(op, "pad", 0, below(g, 3) + 1);
    if ( g->wide && one_in(g, 4) )
        set(op, "flags", 0, XENMEMF_exact_node_request |
                            XENMEMF_node(below(g, HV_NODES_MAX)));
}

static void random_op(struct generator *g, struct op *spare)
{
    uint32_t at = below(g, g->weights);
    unsigned int code = 0;
    const struct op_info *info;
    struct op *op;

    while ( at >= g->weight[code] )
        at -= g->weight[code++];

    op = emit(g, spare, (enum op_code)code, active_dom(g));
    info = &op_table[code];
    for ( unsigned int i = 0; i < info->nr_args; i++ )
        if ( !often_default(info->arg[i].kind) || one_in(g, 6) )
            random_value(g, info->arg[i].kind, &op->arg[i]);
    if ( code == OP_memory_op )
        random_raw(g, op);
}

/* ---- scenes ---- */

static void scene_build(struct generator *g, struct op *spare, int dom)
{
    struct op *op;

    emit(g, spare, OP_create, dom);
    op = emit(g, spare, OP_max_mem, dom);
    if ( one_in(g, 4) )
        set(op, "pages", BASE_LIT, below(g, g->p->host.node_pages) + 1);
    else
        set(op, "pages", BASE_HOST, 0);
    op = emit(g, spare, OP_claim, dom);
    if ( one_in(g, 3) )
        set(op, "pages", BASE_CLAIMABLE, (int64_t)below(g, 3) - 1);
    else
        set(op, "pages", BASE_LIT, below(g, 32) + 1);

    for ( unsigned int n = below(g, 3); n; n-- )
    {
        op = emit(g, spare, OP_populate, dom);
        set(op, "nr", BASE_LIT, below(g, 8) + 1);
        if ( one_in(g, 3) )
            set(op, "order", 0, below(g, 3));
    }
    if ( one_in(g, 2) )
        emit(g, spare, OP_unpause, dom);
}

static void scene_balloon(struct generator *g, struct op *spare, int dom)
{
    struct op *op = emit(g, spare, OP_decrease, dom);
    uint8_t base;

    set(op, "nr", BASE_LIT, below(g, 8) + 1);
    op = emit(g, spare, OP_claim, dom);
    set(op, "pages", BASE_TOT, below(g, 16));
    op = emit(g, spare, one_in(g, 2) ? OP_populate : OP_increase, dom);
    base = one_in(g, 2) ? BASE_CLAIM : BASE_LIT;
    set(op, "nr", base, below(g, 8));
}

static void scene_exhaust(struct generator *g, struct op *spare, int dom)
{
    int other = active_dom(g);
    struct op *op = emit(g, spare, OP_populate, dom);
    uint8_t base = one_in(g, 2) ? BASE_FREE : BASE_UNCLAIMED;

    set(op, "nr", base, -(int64_t)below(g, 4));
    op = emit(g, spare, OP_claim, other);
    set(op, "pages", BASE_CLAIMABLE, (int64_t)below(g, 3) - 1);
    op = emit(g, spare, OP_populate, one_in(g, 2) ? dom : other);
    set(op, "nr", BASE_LIT, below(g, 4) + 1);
    if ( one_in(g, 2) )
        emit(g, spare, OP_anon_alloc, 0);
}

static void scene_kill(struct generator *g, struct op *spare, int dom)
{
    struct op *op;

    if ( one_in(g, 2) )
        set(emit(g, spare, OP_map, dom), "nr", BASE_LIT, below(g, 3) + 1);
    op = emit(g, spare, OP_destroy, dom);
    set(op, "steps", 0, one_in(g, 2) ? below(g, 3) : 0);
    op = emit(g, spare, OP_claim, dom);
    set(op, "pages", BASE_TOT, below(g, 8));
    if ( one_in(g, 2) )
        set(emit(g, spare, OP_unmap, dom), "nr", BASE_TOT, 0);
    if ( one_in(g, 2) )
        emit(g, spare, OP_destroy, dom);
}

static void random_scene(struct generator *g, struct op *spare)
{
    static void (*const scenes[])(struct generator *g, struct op *spare,
                                  int dom) = {
        scene_build, scene_build, scene_balloon, scene_exhaust, scene_kill,
    };

    uint32_t i = below(g, sizeof(scenes) / sizeof(scenes[0]));

    scenes[i](g, spare, active_dom(g));
}

/* ---- a program ---- */

static void choose_host(struct generator *g, const struct generate_options *o)
{
    static const uint16_t pages[] = { 8, 16, 32, 64, 64, 64, 128, 256 };
    struct host_shape *host = &g->p->host;

    if ( o->shape )
        *host = *o->shape;
    else
    {
        host->nodes = one_in(g, 2) ? 1 : (uint8_t)(below(g, HV_NODES_MAX) + 1);
        host->node_pages = one_in(g, 8)
                           ? (uint16_t)(below(g, HV_NODE_PAGES_MAX) + 1)
                           : pages[below(g, sizeof(pages) / sizeof(*pages))];
        host->llc = one_in(g, 16);
    }
    host->release = (uint8_t)(o->release < 0 ? below(g, RELEASE_COUNT)
                                             : (uint32_t)o->release);
}

static void choose_swarm(struct generator *g)
{
    uint32_t first;

    g->weights = 0;
    for ( unsigned int i = 0; i < OP_COUNT; i++ )
    {
        struct op op = { .code = (uint8_t)i };

        for ( unsigned int a = 0; a < op_table[i].nr_args; a++ )
            field_default(&op.arg[a], op_table[i].arg[a].kind);
        g->weight[i] = one_in(g, 2) || op_needs(&op, g->caps)
                       ? 0 : (uint8_t)(below(g, WEIGHT_MAX) + 1);
        g->weights += g->weight[i];
    }
    /* What it is all about is never left out. */
    g->weights += WEIGHT_MAX;
    g->weight[OP_claim] += WEIGHT_MAX;

    g->scenes = (uint8_t)below(g, 6);
    g->nr_active = (uint8_t)(below(g, ACTIVE_MAX) + 1);
    first = below(g, HV_DOMS_MAX - 1);
    for ( unsigned int i = 0; i < g->nr_active; i++ )
        g->active[i] = (uint8_t)((first + i) % (HV_DOMS_MAX - 1) + 1);
}

/* Nothing that the hypervisor does not offer. */
static void fit(struct generator *g)
{
    unsigned int kept = 0;

    if ( g->caps == HV_CAPS_ALL )
        return;
    for ( unsigned int i = 0; i < g->p->nr_ops; i++ )
        if ( offers_fit(&g->p->op[i], g->caps, g->active[0]) )
            g->p->op[kept++] = g->p->op[i];
    g->p->nr_ops = (uint8_t)kept;
    if ( !(g->caps & HV_CAP_SHAPE) )
        g->p->host.llc = false;
}

void program_generate(struct program *p, uint64_t seed,
                      const struct generate_options *o)
{
    struct generator g = { .p = p, .wide = o->wide,
                           .caps = HV_CAPS_ALL & ~o->lacks };
    struct op spare;

    assert(o->ops <= PROGRAM_OPS_MAX && o->release < RELEASE_COUNT);
    choice_from_seed(&g.c, seed);
    program_init(p);
    choose_host(&g, o);
    choose_swarm(&g);
    g.ops = o->ops ? o->ops : below(&g, PROGRAM_OPS_MAX) + 1;

    for ( unsigned int i = 0; i < g.nr_active; i++ )
        if ( !one_in(&g, 8) )
            scene_build(&g, &spare, g.active[i]);
    while ( !full(&g) )
        if ( below(&g, 8) < g.scenes )
            random_scene(&g, &spare);
        else
            random_op(&g, &spare);

    fit(&g);
    p->wide = !program_is_narrow(p);
    assert(o->wide || !p->wide);
}
