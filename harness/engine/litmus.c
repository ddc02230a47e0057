/* SPDX-License-Identifier: MIT */
/* Checks a litmus test's expectations while the engine runs its program. */
#include "litmus.h"

#include <inttypes.h>

struct context
{
    struct engine *e;
    const struct litmus *l;
    uint32_t next; /* first expect term not yet checked */
    void (*on_step)(void *ctx, const struct step_info *info);
    void *ctx;
};

static uint64_t counter(const struct hv_view *v, const struct expect *x)
{
    switch ( (enum expect_what)x->what )
    {
    case EXPECT_HOST_FREE: return v->free;
    case EXPECT_HOST_CLAIMED: return v->claimed;
    case EXPECT_NODE_FREE: return v->node_free[x->index];
    case EXPECT_DOM_TOT: return v->dom[x->index].tot;
    case EXPECT_DOM_EXTRA: return v->dom[x->index].extra;
    case EXPECT_DOM_MAX: return v->dom[x->index].max;
    case EXPECT_DOM_CLAIM: return v->dom[x->index].claim;
    case EXPECT_DOM_STATE: return v->dom[x->index].state;
    }

    return 0;
}

/* Check the terms that follow `after` steps. */
static void check_expects(struct context *c, uint32_t after,
                          const struct hv_view *view)
{
    const struct litmus *l = c->l;

    for ( ; c->next < l->nr_expects && l->expect[c->next].after <= after;
          c->next++ )
    {
        const struct expect *x = &l->expect[c->next];
        char name[EXPECT_NAME_MAX];
        uint64_t seen = counter(view, x);

        if ( seen == x->value )
            continue;
        expect_print(name, sizeof(name), x);
        engine_fail(c->e, INV_EXPECT,
                    "line %u: expected %s=%" PRIu64 ", it is %" PRIu64,
                    x->line, name, x->value, seen);
    }
}

/* Tell a hypervisor that takes wishes what the next step should return. */
static void prefer(const struct context *c, uint32_t step)
{
    const struct hypervisor *h = &c->e->h;

    if ( h->ops->prefer )
        h->ops->prefer(h->hv,
                       step < c->l->program.nr_ops && c->l->has_result[step],
                       step < c->l->program.nr_ops ? c->l->result[step] : 0);
}

static void on_start(void *ctx)
{
    prefer(ctx, 0);
}

static void on_step(void *ctx, const struct step_info *info)
{
    struct context *c = ctx;
    const struct litmus *l = c->l;
    char want[24], got[24];

    if ( c->on_step )
        c->on_step(c->ctx, info);
    prefer(c, info->drain ? l->program.nr_ops : info->step + 1);
    if ( info->drain )
        return;

    if ( !info->step )
        check_expects(c, 0, &c->e->start);
    if ( l->has_result[info->step] )
    {
        result_print(want, sizeof(want), l->result[info->step]);
        result_print(got, sizeof(got), info->rc);
        if ( info->not_run )
            engine_fail(c->e, INV_EXPECT,
                        "line %u: expected %s, but the step "
                        "could not run: %s",
                        l->line[info->step], want, info->not_run);
        if ( info->rc != l->result[info->step] )
            engine_fail(c->e, INV_EXPECT, "line %u: expected %s, got %s",
                        l->line[info->step], want, got);
    }
    check_expects(c, info->step + 1, info->view);
}

void litmus_run(struct engine *e, const struct litmus *l, enum release release,
                struct run_result *r)
{
    struct engine_options saved = e->o;
    struct context c = {
        .e = e, .l = l, .on_step = saved.on_step, .ctx = saved.ctx
    };
    struct program p = l->program;

    p.host.release = (uint8_t)release;
    e->o.on_start = on_start;
    e->o.on_step = on_step;
    e->o.ctx = &c;
    e->o.past_weaknesses = true;
    engine_run(e, &p, r);
    e->o = saved;
    e->program = &l->program;
}
