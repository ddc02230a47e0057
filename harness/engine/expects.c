/* SPDX-License-Identifier: MIT */
/*
 * What a run is expected to show: the written results and expect terms of a
 * litmus test, checked as the steps go by; and, for the report of a violation,
 * the counters that the rules want.
 */
#include "impl.h"

#include <inttypes.h>
#include <string.h>

/* ---- counters by name ---- */

#define COUNTER(member, each)                                                 \
    {                                                                         \
        offsetof(struct hv_view, member), each,                               \
            sizeof(((struct hv_view *)NULL)->member)                          \
    }

/* Where the view has them, and how far the next of that name is. */
static const struct
{
    size_t offset, each, size;
} counters[] = {
    [EXPECT_HOST_FREE] = COUNTER(free, 0),
    [EXPECT_HOST_CLAIMED] = COUNTER(claimed, 0),
    [EXPECT_NODE_FREE] = COUNTER(node_free[0], sizeof(uint64_t)),
    [EXPECT_DOM_TOT] = COUNTER(dom[0].tot, sizeof(struct hv_domain_view)),
    [EXPECT_DOM_EXTRA] = COUNTER(dom[0].extra, sizeof(struct hv_domain_view)),
    [EXPECT_DOM_MAX] = COUNTER(dom[0].max, sizeof(struct hv_domain_view)),
    [EXPECT_DOM_CLAIM] = COUNTER(dom[0].claim, sizeof(struct hv_domain_view)),
    [EXPECT_DOM_STATE] = COUNTER(dom[0].state, sizeof(struct hv_domain_view)),
};

static size_t counter_offset(const struct expect *x)
{
    return counters[x->what].offset + x->index * counters[x->what].each;
}

uint64_t counter_value(const struct hv_view *v, const struct expect *x)
{
    const char *at = (const char *)v + counter_offset(x);

    return counters[x->what].size == sizeof(uint64_t)
               ? *(const uint64_t *)(const void *)at
               : *(const uint32_t *)(const void *)at;
}

static void counter_set(struct hv_view *v, const struct expect *x)
{
    char *at = (char *)v + counter_offset(x);

    if ( counters[x->what].size == sizeof(uint64_t) )
        *(uint64_t *)(void *)at = x->value;
    else
        *(uint32_t *)(void *)at = (uint32_t)x->value;
}

bool counter_at(unsigned int i, struct expect *x)
{
    static const uint8_t host[] = { EXPECT_HOST_FREE, EXPECT_HOST_CLAIMED };
    static const uint8_t dom[] = { EXPECT_DOM_STATE, EXPECT_DOM_TOT,
                                   EXPECT_DOM_EXTRA, EXPECT_DOM_MAX,
                                   EXPECT_DOM_CLAIM };

    memset(x, 0, sizeof(*x));
    if ( i < sizeof(host) )
    {
        x->what = host[i];
        return true;
    }
    i -= sizeof(host);
    if ( i < HV_NODES_MAX )
    {
        x->what = EXPECT_NODE_FREE;
        x->index = (uint8_t)i;
        return true;
    }
    i -= HV_NODES_MAX;
    x->what = dom[i % sizeof(dom)];
    x->index = (uint8_t)(i / sizeof(dom));

    return x->index < HV_DOMS_MAX;
}

/* ---- what is written ---- */

/* Tell a hypervisor that takes wishes what the next step should return. */
static void prefer(const struct engine *e, uint32_t step)
{
    const struct litmus *l = e->spec.expects;
    bool any = step < e->spec.program->nr_ops && l->has_result[step];

    if ( e->h.ops->prefer )
        e->h.ops->prefer(e->h.hv, any, any ? l->result[step] : 0);
}

#define broken(e, ...)                                                        \
    do                                                                        \
    {                                                                         \
        (e)->r->expectation = true;                                           \
        engine_fail(e, INV_EXPECT, __VA_ARGS__);                              \
    } while ( 0 )

/* The terms that follow `after` steps. */
static void check_terms(struct engine *e, uint32_t after)
{
    const struct litmus *l = e->spec.expects;

    for ( ; e->nr_checked < l->nr_expects &&
            l->expect[e->nr_checked].after <= after;
          e->nr_checked++ )
    {
        const struct expect *x = &l->expect[e->nr_checked];
        struct expect seen = *x;
        char name[EXPECT_NAME_MAX], want[EXPECT_VALUE_MAX],
            is[EXPECT_VALUE_MAX];

        seen.value = counter_value(&e->seen, x);
        if ( seen.value == x->value )
            continue;
        e->r->term = x;
        expect_print(name, sizeof(name), x);
        expect_value_print(want, sizeof(want), x);
        expect_value_print(is, sizeof(is), &seen);
        broken(e, "line %u: expected %s=%s, it is %s", x->line, name, want,
               is);
    }
}

static void check_result(struct engine *e, long rc)
{
    const struct litmus *l = e->spec.expects;
    const char *not_run = e->lower.not_run;
    char want[RESULT_NAME_MAX], got[RESULT_NAME_MAX];

    if ( !l->has_result[e->step] || (!not_run && rc == l->result[e->step]) )
        return;
    result_print(want, sizeof(want), l->result[e->step]);
    result_print(got, sizeof(got), rc);
    if ( not_run )
        broken(e, "line %u: expected %s, but the step could not run: %s",
               l->line[e->step], want, not_run);
    broken(e, "line %u: expected %s, got %s", l->line[e->step], want, got);
}

void expects_start(struct engine *e)
{
    prefer(e, 0);
    check_terms(e, 0);
}

void expects_step(struct engine *e, long rc)
{
    prefer(e, e->draining ? PROGRAM_OPS_MAX : e->step + 1);
    if ( e->draining )
        return;
    check_result(e, rc);
    check_terms(e, e->step + 1);
}

/* ---- what the rules want ---- */

/* Would the model need frames that only the right call would have named? */
static bool names_frames(const struct hv_call *c)
{
    return c->kind != HV_CALL_DOMCTL &&
           !(c->kind == HV_CALL_MEMORY_OP && call_op_code(c) == OP_claim);
}

bool engine_expected(const struct engine *e, struct hv_view *expected)
{
    const struct prediction *p = &e->prediction;
    struct model model = e->model;
    struct hv_result result = e->result;

    if ( e->op == NULL && e->draining )
    {
        *expected = e->end;
        return true;
    }
    *expected = *model_view(&e->model);
    /* After the call: what the model says, but for what the case says. */
    if ( e->phase != CALL_MADE )
    {
        const struct litmus *l = e->spec.expects;

        for ( uint32_t i = 0; l && i < l->nr_expects; i++ )
            if ( l->expect[i].after == e->step + (e->op != NULL) )
                counter_set(expected, &l->expect[i]);
        return true;
    }

    /* During or after the call, which the model has not followed yet. */
    if ( e->cut || !model_allows(p, e->result.rc) )
    {
        if ( p->lo != p->hi || p->nr_also )
            return false;
        result.rc = p->lo;
        result.domid = e->call.domctl.domid;
        if ( result.rc < 0 && result.rc != HV_CONTINUE )
            return true; /* an error changes nothing */
        if ( names_frames(&e->call) )
            return false;
    }
    if ( model_commit(&model, &e->call, p, &result, &e->seen) )
        return false;
    *expected = *model_view(&model);

    return true;
}
