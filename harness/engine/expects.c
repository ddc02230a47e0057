/* SPDX-License-Identifier: MIT */
/*
 * The written results and expect terms of a litmus test, checked as the steps
 * go by.
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

/* From a domain's claims on nodes to the next domain's. */
#define EACH_NODE_CLAIM (HV_NODES_MAX * sizeof(uint32_t))

/* Where the view has them, and how far the next of that name is. */
static const struct
{
    size_t offset, each, size;
} counters[] = {
    [EXPECT_HOST_FREE] = COUNTER(free, 0),
    [EXPECT_HOST_CLAIMED] = COUNTER(claimed, 0),
    [EXPECT_NODE_FREE] = COUNTER(node_free[0], sizeof(uint64_t)),
    [EXPECT_NODE_CLAIMED] = COUNTER(node_claimed[0], sizeof(uint64_t)),
    [EXPECT_DOM_TOT] = COUNTER(dom[0].tot, sizeof(struct hv_domain_view)),
    [EXPECT_DOM_EXTRA] = COUNTER(dom[0].extra, sizeof(struct hv_domain_view)),
    [EXPECT_DOM_MAX] = COUNTER(dom[0].max, sizeof(struct hv_domain_view)),
    [EXPECT_DOM_CLAIM] = COUNTER(dom[0].claim, sizeof(struct hv_domain_view)),
    [EXPECT_DOM_CLAIM0] = COUNTER(node_claim[0][0], EACH_NODE_CLAIM),
    [EXPECT_DOM_CLAIM1] = COUNTER(node_claim[0][1], EACH_NODE_CLAIM),
    [EXPECT_DOM_CLAIM2] = COUNTER(node_claim[0][2], EACH_NODE_CLAIM),
    [EXPECT_DOM_CLAIM3] = COUNTER(node_claim[0][3], EACH_NODE_CLAIM),
    [EXPECT_DOM_STATE] = COUNTER(dom[0].state, sizeof(struct hv_domain_view)),
    [EXPECT_DOM_STASH] = COUNTER(dom[0].stash, sizeof(struct hv_domain_view)),
    [EXPECT_DOM_STASH_NODE] = COUNTER(dom[0].stash_node,
                                      sizeof(struct hv_domain_view)),
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

void counter_set(struct hv_view *v, const struct expect *x)
{
    char *at = (char *)v + counter_offset(x);

    if ( counters[x->what].size == sizeof(uint64_t) )
        *(uint64_t *)(void *)at = x->value;
    else
        *(uint32_t *)(void *)at = (uint32_t)x->value;
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
