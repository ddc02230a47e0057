/* SPDX-License-Identifier: MIT */
/*
 * Whole programs. Three things help them find bugs: swarm testing (each
 * program leaves out about half of the operations and prefers some), scenes
 * (scenes.c), and operands at the limits of the current state (operands.c).
 */
#include "internal.h"

#include <string.h>

/* An operation that is no matter of claims is in half of so many programs. */
#define RARE_ONE_IN 4
/* A weight is 0 or 1 .. WEIGHT_MAX. */
#define WEIGHT_MAX 8
/* One program in so many ignores the state. */
#define BLIND_ONE_IN 16
/* ... and one is mostly raw calls, which can be wrong in many ways. */
#define RAW_ONE_IN 4
#define RAW_WEIGHT (6 * WEIGHT_MAX)

/* A quarter of the odd node sizes stands for large hosts, with blocks that a guest
 * may not have: 1 program in 32, because a run on one costs as much as eight
 * others. Sizes like these are drawn often enough without them. */
#define STANDS_FOR_LARGE(pages) ((pages) > 64 && (pages) <= 128)

static uint32_t choose_node_pages(struct choice *c, uint32_t max)
{
    static const uint16_t large[] = { 1024, PROGRAM_NODE_PAGES_MAX };
    static const uint16_t pages[] = { 8, 16, 32, 64, 64, 64, 128, 256 };
    uint32_t any;

    if ( !choice_one_in(c, 8) )
        return pages[choice_below(c, sizeof(pages) / sizeof(*pages))];
    any = choice_below(c, PROGRAM_SMALL_NODE) + 1;
    if ( !STANDS_FOR_LARGE(any) || (max && max < PROGRAM_NODE_PAGES_MAX) )
        return any;

    return large[any % 2];
}

static void choose_host(struct choice *c, struct host_shape *host,
                        const struct generate_options *o)
{
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
        host->node_pages = choose_node_pages(c, o->node_pages_max);
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

    return !op_needs(&op, g->caps);
}

/* Claims do not depend on these: a few programs are enough for them. */
static bool is_rare(unsigned int code)
{
    return code == OP_write || code == OP_exchange ||
           code == OP_memory_exchange;
}

static void choose_weights(struct generator *g)
{
    unsigned int known = op_count((enum release)g->preview->hv.shape.release);
    bool all = g->caps == HV_CAPS_ALL;

    memset(g->weight, 0, sizeof(g->weight));
    g->weights = 0;
    for ( unsigned int i = 0; i < known; i++ )
    {
        g->weight[i] = one_in(g, 2) ? 0 : (uint8_t)(below(g, WEIGHT_MAX) + 1);
        if ( (!all && !offered(g, i)) ||
             (is_rare(i) && !one_in(g, RARE_ONE_IN)) )
            g->weight[i] = 0;
        g->weights += g->weight[i];
    }
    /* Never left out: claims are what this is about. */
    g->weights += WEIGHT_MAX;
    g->weight[OP_claim] += WEIGHT_MAX;
    /* Guests make no other calls, and have limits of their own. */
    if ( one_in(g, g->preview->hv.shape.llc || is_large(g) ? 2 : RAW_ONE_IN) )
    {
        g->weights += RAW_WEIGHT;
        g->weight[OP_memory_op] += RAW_WEIGHT;
    }
    if ( known == OP_COUNT && (all || offered(g, OP_claim_set)) )
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

/* g is large, and left uninitialised: fields not set here or in choose_swarm()
 * are written before use. */
static void start(struct generator *g, struct choice *c,
                  const struct generate_options *o)
{
    g->c = c;
    g->wide = o->wide;
    g->caps = HV_CAPS_ALL & ~o->lacks;
    g->nr = 0;
    g->blind = o->blind || one_in(g, BLIND_ONE_IN);
}

static void choose_swarm(struct generator *g)
{
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
    struct preview preview;

    assert(o->ops <= PROGRAM_OPS_MAX && o->release < RELEASE_COUNT);
    program_init(p);
    choose_host(c, &p->host, o);
    start(&g, c, o);
    preview_start(&preview, &p->host);
    g.preview = &preview;
    g.replay = NULL;
    choose_swarm(&g);
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
    /* What is generated for narrow records fits them. */
    p->wide = o->wide && !program_is_narrow(p);
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
                     const struct generate_options *o, struct replay *r)
{
    struct generator g;

    assert(n && at <= p->nr_ops);
    replay_keep(r, at);
    start(&g, c, o);
    /* Those that ignore the state know that of the start. */
    replay_go(r, p, g.blind ? 0 : at);
    g.preview = &r->preview;
    g.replay = r;
    choose_swarm(&g);
    adopt_active(&g, p);
    g.op = out;
    g.max = n;
    for ( unsigned int i = 0; !full(&g) && !choice_ended(c) && i < 4 * n; i++ )
        more(&g);

    return g.nr;
}
