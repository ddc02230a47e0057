/* SPDX-License-Identifier: MIT */
/* Sequences for states that operations drawn one by one seldom reach. */
#include "internal.h"

/* Does the host's release have a stash, so that it pays to stop? */
static bool stashes(const struct generator *g)
{
    return g->preview->hv.m.release->stash;
}

static void just(struct generator *g, enum op_code code, int dom)
{
    op_begin(g, code, dom);
    op_done(g);
}

static void with_pages(struct generator *g, enum op_code code, int dom,
                       enum pages_base base, int64_t v)
{
    *op_pages(op_begin(g, code, dom)) = (struct value){ .v = v,
                                                        .sel = (uint8_t)base };
    op_done(g);
}

static void claim(struct generator *g, int dom)
{
    claim_pages(g, dom, &op_begin(g, OP_claim, dom)->claim.pages);
    op_done(g);
}

static void reserve(struct generator *g, int dom)
{
    struct op *op = op_begin(g, one_in(g, 4) ? OP_increase : OP_populate, dom);

    reserve_pages(g, dom, op_pages(op));
    if ( one_in(g, 3) )
        op_set(op, "order", 0, below(g, 3));
    op_done(g);
}

/* Mostly make room for a new domain: destroy the one that has the id. */
static void clear(struct generator *g, int dom)
{
    if ( g->blind || dom_view(g, dom)->state == HV_DOM_ABSENT || !dom ||
         one_in(g, 3) )
        return;
    if ( model_any_mapped(&g->preview->hv.m, dom) )
        with_pages(g, OP_unmap, dom, BASE_TOT, 0);
    just(g, OP_destroy, dom);
}

void scene_build(struct generator *g, int dom)
{
    clear(g, dom);
    just(g, OP_create, dom);
    if ( !g->blind && dom_view(g, dom)->state != HV_DOM_ALIVE &&
         !one_in(g, 4) )
        return;
    if ( one_in(g, 4) )
        with_pages(g, OP_max_mem, dom, BASE_LIT,
                   below(g, g->preview->hv.shape.node_pages) + 1);
    else
        with_pages(g, OP_max_mem, dom, BASE_HOST, 0);
    if ( one_in(g, 4) )
        with_pages(g, OP_claim, dom, BASE_LIT, below(g, 24) + 1);
    else
        claim(g, dom);
    for ( unsigned int n = below(g, 3); n; n-- )
        reserve(g, dom);
    if ( one_in(g, 3) )
        just(g, OP_unpause, dom);
}

/* Give some pages back, claim again, populate. */
static void scene_balloon(struct generator *g)
{
    int dom = want_dom(g, WANT_OWNER);

    decrease_pages(g, dom, &op_begin(g, OP_decrease, dom)->decrease.nr);
    op_done(g);
    if ( one_in(g, 2) )
        with_pages(g, OP_claim, dom, BASE_TOT, below(g, 16));
    else
        claim(g, dom);
    reserve(g, dom);
}

/* One domain takes nearly all pages, another one wants the rest. */
static void scene_exhaust(struct generator *g)
{
    int dom = want_dom(g, WANT_ALIVE), other = want_dom(g, WANT_ALIVE);
    enum pages_base base;

    if ( one_in(g, 2) )
        with_pages(g, OP_claim, other, BASE_CLAIMABLE,
                   (int64_t)below(g, 3) - 1);
    base = one_in(g, 2) ? BASE_FREE : BASE_UNCLAIMED;
    with_pages(g, OP_populate, dom, base, -(int64_t)below(g, 4));
    claim(g, other);
    reserve(g, one_in(g, 2) ? dom : other);
    if ( one_in(g, 2) )
        just(g, one_in(g, 2) ? OP_extra_alloc : OP_anon_alloc, other);
}

/* All free pages are claimed: who gets pages now? */
static void scene_gate(struct generator *g)
{
    int dom = want_dom(g, WANT_ALIVE), other = want_dom(g, WANT_ALIVE);

    with_pages(g, OP_claim, dom, BASE_LIT, 0);
    with_pages(g, OP_claim, dom, BASE_CLAIMABLE, -(int64_t)below(g, 2));
    switch ( below(g, 4) )
    {
    case 0: just(g, OP_anon_alloc, 0); break;

    case 1: just(g, OP_extra_alloc, other); break;

    case 2:
        with_pages(g, OP_populate, other, BASE_LIT, below(g, 3) + 1);
        break;

    default:
        with_pages(g, OP_populate, dom, BASE_CLAIM, (int64_t)below(g, 3) - 1);
        break;
    }
}

/* References to a destroyed domain, and queries about it. */
static void ask_about(struct generator *g, int dom)
{
    switch ( below(g, 6) )
    {
    case 0: just(g, OP_domain_info, dom); break;

    case 1:
        just(g, one_in(g, 2) ? OP_current_reservation : OP_max_mem, dom);
        break;

    case 2: reserve(g, dom); break;

    case 3:
        raw_claim(g, dom);
        op_done(g);
        break;

    default: with_pages(g, OP_claim, dom, BASE_TOT, below(g, 8)); break;
    }
}

static void scene_kill(struct generator *g)
{
    int dom = want_dom(g, WANT_OWNER);

    if ( g->weight[OP_write] && one_in(g, 2) )
        with_pages(g, OP_write, dom, BASE_TOT, 0);
    if ( one_in(g, 2) )
        with_pages(g, OP_map, dom, BASE_LIT, below(g, 3) + 1);
    op_begin(g, OP_destroy, dom)->destroy.steps.v = one_in(g, 2) ? below(g, 3)
                                                                 : 0;
    op_done(g);
    ask_about(g, dom);
    if ( one_in(g, 2) )
        with_pages(g, OP_unmap, dom, BASE_TOT, 0);
    if ( one_in(g, 2) )
        just(g, OP_destroy, dom);
}

/* A populate of blocks that somebody wrote, and left to be scrubbed. */
static void stopped_populate(struct generator *g, int dom, uint32_t order)
{
    struct op *op = op_begin(g, OP_populate, dom);

    *op_pages(op) = (struct value){ 1 + (int64_t)below(g, 3), BASE_LIT };
    op->populate.order.v = order;
    op->populate.preempt.v = 1 + below(g, 2);
    op->populate.stop.v = 1 + below(g, 2);
    if ( g->preview->hv.shape.nodes > 1 && one_in(g, 2) )
        random_value(g, ARG_NODE, &op->populate.node);
    op_done(g);
}

/* A domain leaves dirty pages; while another one is built from them, which is
 * stopped on the way, something else happens. */
static void scene_stash(struct generator *g)
{
    int dom = want_dom(g, WANT_OWNER), other;
    uint32_t order = 1 + below(g, 4);

    with_pages(g, OP_populate, dom, BASE_UNCLAIMED, -(int64_t)below(g, 16));
    with_pages(g, OP_write, dom, BASE_TOT, 0);
    just(g, OP_destroy, dom);
    other = one_in(g, 4) ? want_dom(g, WANT_ALIVE) : any_dom(g);
    scene_build(g, other);
    stopped_populate(g, other, order);
    switch ( below(g, 6) )
    {
    case 0: just(g, OP_unpause, other); break;

    case 1: just(g, OP_destroy, other); break;

    case 2: claim(g, other); break;

    case 3: ask_about(g, other); break;

    case 4: stopped_populate(g, want_dom(g, WANT_ALIVE), order); return;

    default:
        stopped_populate(g, other, one_in(g, 2) ? order : 1 + below(g, 4));
        break;
    }
    if ( one_in(g, 2) )
        reserve(g, one_in(g, 4) ? want_dom(g, WANT_ALIVE) : other);
}

static void scene_rebuild(struct generator *g)
{
    scene_build(g, any_dom(g));
}

void random_scene(struct generator *g)
{
    static void (*const scenes[])(struct generator * g) = {
        scene_rebuild, scene_balloon, scene_exhaust, scene_gate, scene_kill,
    };

    if ( g->weight[OP_claim_set] && one_in(g, 2) )
    {
        scene_set(g);
        return;
    }
    if ( g->weight[OP_write] && one_in(g, 4) && stashes(g) )
    {
        scene_stash(g);
        return;
    }
    scenes[below(g, sizeof(scenes) / sizeof(scenes[0]))](g);
}
