/* SPDX-License-Identifier: MIT */
/*
 * Whole programs. Three things help them find bugs: swarm testing (each
 * program leaves out about half of the operations and prefers some), scenes
 * (scenes.c), and operands at the limits of the current state (operands.c).
 */
#include "internal.h"

#include <string.h>

/* A weight is 0 or 1 .. WEIGHT_MAX. */
#define WEIGHT_MAX 8
/* One program in so many ignores the state. */
#define BLIND_ONE_IN 16
/* ... and one is mostly raw calls, which can be wrong in many ways. */
#define RAW_ONE_IN 4
#define RAW_WEIGHT (6 * WEIGHT_MAX)

static void choose_host(struct choice *c, struct host_shape *host,
                        const struct generate_options *o)
{
    static const uint16_t pages[] = { 8, 16, 32, 64, 64, 64, 128, 256 };

    if ( o->shape )
    {
        *host = *o->shape;
        if ( host->node_pages > PROGRAM_NODE_PAGES_MAX )
            host->node_pages = PROGRAM_NODE_PAGES_MAX;
    }
    else
    {
        host->nodes = (uint8_t)(choice_one_in(c, 2)
                                    ? 1
                                    : choice_below(c, HV_NODES_MAX) + 1);
        host->node_pages =
            choice_one_in(c, 8)
                ? choice_below(c, PROGRAM_NODE_PAGES_MAX) + 1
                : pages[choice_below(c, sizeof(pages) / sizeof(*pages))];
        host->llc = choice_one_in(c, 12);
    }
    if ( o->lacks & HV_CAP_LLC )
        host->llc = false;
    host->release = (uint8_t)(o->release < 0 ? choice_below(c, RELEASED_COUNT)
                                             : (uint32_t)o->release);
}

/* Does the hypervisor lack the operation, whatever its arguments? */
static bool offered(const struct generator *g, unsigned int code)
{
    struct op op = { .code = (uint8_t)code };

    for ( unsigned int a = 0; a < op_table[code].nr_args; a++ )
        kind_default(&op.arg[a], op_table[code].arg[a].kind);

    return g->caps == HV_CAPS_ALL || !op_needs(&op, g->caps);
}

static void choose_weights(struct generator *g)
{
    unsigned int known = op_count((enum release)g->preview.hv.shape.release);

    memset(g->weight, 0, sizeof(g->weight));
    g->weights = 0;
    for ( unsigned int i = 0; i < known; i++ )
    {
        g->weight[i] = one_in(g, 2) ? 0 : (uint8_t)(below(g, WEIGHT_MAX) + 1);
        if ( !offered(g, i) )
            g->weight[i] = 0;
        g->weights += g->weight[i];
    }
    /* Never left out: claims are what this is about. */
    g->weights += WEIGHT_MAX;
    g->weight[OP_claim] += WEIGHT_MAX;
    if ( one_in(g, g->preview.hv.shape.llc ? 2 : RAW_ONE_IN) )
    {
        g->weights += RAW_WEIGHT;
        g->weight[OP_memory_op] += RAW_WEIGHT;
    }
    if ( known == OP_COUNT && offered(g, OP_claim_set) )
    {
        g->weights += 3 * WEIGHT_MAX;
        g->weight[OP_claim_set] += 2 * WEIGHT_MAX;
        g->weight[OP_claim_memory] += WEIGHT_MAX;
    }
    g->scenes = (uint8_t)below(g, 6);
}

static void choose_active(struct generator *g)
{
    uint32_t first;

    g->nr_active = (uint8_t)(below(g, ACTIVE_MAX) + 1);
    first = below(g, HV_DOMS_MAX - 1);
    for ( unsigned int i = 0; i < g->nr_active; i++ )
        g->active[i] = (uint8_t)((first + i) % (HV_DOMS_MAX - 1) + 1);
}

/* g is large, and left uninitialised: fields not set here are written before
 * use. */
static void start(struct generator *g, struct choice *c,
                  const struct host_shape *host,
                  const struct generate_options *o)
{
    g->c = c;
    g->wide = o->wide;
    g->caps = HV_CAPS_ALL & ~o->lacks;
    g->nr = 0;
    g->blind = o->blind || one_in(g, BLIND_ONE_IN);
    preview_start(&g->preview, host);
    choose_weights(g);
    choose_active(g);
}

static void more(struct generator *g)
{
    if ( below(g, 8) < g->scenes )
        random_scene(g);
    else
        random_op(g);
}

void program_choose(struct program *p, struct choice *c,
                    const struct generate_options *o)
{
    struct generator g;

    assert(o->ops <= PROGRAM_OPS_MAX && o->release < RELEASE_COUNT);
    program_init(p);
    choose_host(c, &p->host, o);
    start(&g, c, &p->host, o);
    g.op = p->op;
    g.max = o->ops ? o->ops : below(&g, PROGRAM_OPS_MAX) + 1;

    for ( unsigned int i = 0; i < g.nr_active; i++ )
        if ( !one_in(&g, 8) )
            scene_build(&g, g.active[i]);
    /* Operations that the hypervisor lacks are dropped, so bound the draws. */
    for ( unsigned int i = 0;
          !full(&g) && !choice_ended(c) && i < 4 * PROGRAM_OPS_MAX; i++ )
        more(&g);

    p->nr_ops = (uint8_t)g.nr;
    p->wide = !program_is_narrow(p);
    assert(o->wide || !p->wide);
}

void program_generate(struct program *p, uint64_t seed,
                      const struct generate_options *o)
{
    struct choice c;

    choice_from_seed(&c, seed);
    program_choose(p, &c, o);
}

/* The domains that a program works on: those it names, while there is room. */
static void adopt_active(struct generator *g, const struct program *p)
{
    uint32_t named = 0;

    for ( unsigned int i = 0; i < p->nr_ops; i++ )
        if ( op_slot(&p->op[i]) >= 0 )
            named |= 1U << op_slot(&p->op[i]);
    named &= ~1U;
    if ( !named || one_in(g, 8) )
        return;
    for ( g->nr_active = 0; named && g->nr_active < ACTIVE_MAX;
          named &= named - 1 )
        g->active[g->nr_active++] = (uint8_t)__builtin_ctz(named);
}

uint32_t generate_at(const struct program *p, uint32_t at, struct choice *c,
                     struct op *out, uint32_t n,
                     const struct generate_options *o)
{
    struct generator g;

    assert(n && at <= p->nr_ops);
    start(&g, c, &p->host, o);
    adopt_active(&g, p);
    for ( uint32_t i = 0; i < at && !g.blind; i++ )
        preview_step(&g.preview, &p->op[i]);
    g.op = out;
    g.max = n;
    for ( unsigned int i = 0; !full(&g) && !choice_ended(c) && i < 4 * n; i++ )
        more(&g);

    return g.nr;
}
