/* SPDX-License-Identifier: MIT */
/*
 * Every oracle about claim sets must be able to fail: a hypervisor that is the
 * model but for one lie, as in engine_oracles.c, and the signature that the lie
 * must be reported with.
 */
#include "engine_case.h"

#include <errno.h>
#include <stdlib.h>

#include "model/model_hv.h"

struct lie
{
    const char *program, *signature;
    unsigned int from; /* calls made before the lie */
    bool skip_call;
    void (*result)(struct hv_result *r);
    void (*view)(struct hv_view *v);
    void (*inside)(struct hv_view *v); /* what is seen inside the call */
};

static struct
{
    struct hypervisor model, liar;
    struct hypervisor_ops ops;
    const struct lie *lie;
    const struct hv_hooks *hooks;
    unsigned int calls;
    bool is_inside;
    struct engine engine;
    struct litmus litmus;
} rig;

static bool lying(void)
{
    return rig.lie && rig.calls > rig.lie->from;
}

static void lie_reset(void *hv, const struct host_shape *shape,
                      const struct hv_hooks *hooks)
{
    rig.calls = 0;
    rig.is_inside = false;
    rig.hooks = hooks;
    rig.model.ops->reset(hv, shape, hooks);
}

static unsigned int lie_issue(void *hv, const struct hv_call *call,
                              struct hv_result *result)
{
    rig.calls++;
    rig.is_inside = lying() && rig.lie->inside;
    if ( rig.is_inside )
        rig.hooks->event(rig.hooks->ctx, HV_EVENT_UNLOCK, HV_LOCK_HEAP, NULL,
                         "function", 1);
    rig.is_inside = false;
    if ( !lying() || !rig.lie->skip_call )
        rig.model.ops->issue(hv, call, result);
    if ( lying() && rig.lie->result )
        rig.lie->result(result);

    return 1;
}

static void lie_observe(void *hv, struct hv_view *view)
{
    rig.model.ops->observe(hv, view);
    if ( rig.is_inside )
        rig.lie->inside(view);
    else if ( lying() && rig.lie->view )
        rig.lie->view(view);
}

static void lie_heap(void *hv, uint64_t *free, uint64_t *claimed)
{
    struct hv_view view;

    rig.model.ops->observe(hv, &view);
    *free = view.free;
    *claimed = view.claimed;
}

static int open_rig(void **state)
{
    const struct engine_options options = { 0 };

    (void)state;
    assert_true(model_hypervisor_open(&rig.model));
    rig.ops = *rig.model.ops;
    rig.ops.caps |= HV_CAP_HOOKS;
    rig.ops.reset = lie_reset;
    rig.ops.issue = lie_issue;
    rig.ops.observe = lie_observe;
    rig.ops.heap = lie_heap;
    rig.liar = (struct hypervisor){ &rig.ops, rig.model.hv };
    engine_init(&rig.engine, &rig.liar, &options);

    return 0;
}

static int close_rig(void **state)
{
    (void)state;
    rig.model.ops->close(rig.model.hv);
    return 0;
}

/* ---- the lies ---- */

static void node_sum_off(struct hv_view *v)
{
    v->node_claimed[0]++;
}
static void node_over_claimed(struct hv_view *v)
{
    uint32_t more = (uint32_t)(v->node_free[0] - v->node_claimed[0]) + 1;

    v->dom[1].node_claim[0] += more;
    v->node_claimed[0] += more;
    v->dom[1].claim += more;
    v->claimed += more;
}
static void more_in_parts(struct hv_view *v)
{
    v->dom[1].claim = v->dom[1].node_claim[0] - 1;
}
static void total_off(struct hv_view *v)
{
    v->dom[1].claim++;
    v->claimed++;
}
static void wrong_node(struct hv_view *v)
{
    v->dom[1].node_claim[0]--;
    v->node_claimed[0]--;
    v->dom[1].node_claim[1]++;
    v->node_claimed[1]++;
}
static void took_from_node(struct hv_view *v)
{
    v->node_free[0]--;
    v->free--;
    v->dom[2].tot++;
}
static void host_part_only(struct hv_view *v)
{
    v->dom[1].claim += 2;
    v->claimed += 2;
}
static void part_grew(struct hv_view *v)
{
    v->dom[1].node_claim[0]++;
    v->node_claimed[0]++;
}
static void part_lost(struct hv_view *v)
{
    v->dom[1].node_claim[0]--;
    v->node_claimed[0]--;
}
static void nothing_done(struct hv_result *r)
{
    r->rc = 0;
}
static void one_done(struct hv_result *r)
{
    r->rc = 1;
}
static void page_more_told(struct hv_result *r)
{
    r->entry_space[1].pages++;
}
static void entry_more_told(struct hv_result *r)
{
    r->entry_space[r->nr_entries++] = r->entry_space[0];
}
static void entry_less_told(struct hv_result *r)
{
    r->nr_entries--;
}
static void written_beyond(struct hv_result *r)
{
    r->entry_space[r->nr_entries].pad = 0;
}
static void another_order(struct hv_result *r)
{
    struct xen_memory_claim first = r->entry_space[0];

    r->entry_space[0] = r->entry_space[1];
    r->entry_space[1] = first;
}

#define HOST "host nodes=2 pages=16 release=draft-v8\n"
#define SET HOST BUILT "claim_set d1 host=2 node0=3\n" /* call 3 */

static const struct lie lies[] = {
    { SET, "NODE-CLAIM-SUM/claim_set", 2, .view = node_sum_off },
    { SET "physinfo\n", "NODE-CLAIM-SUM/physinfo", 3, .inside = node_sum_off },
    { SET, "NODE-OVER-CLAIM/claim_set", 2, .view = node_over_claimed },
    { SET "physinfo\n", "NODE-OVER-CLAIM/physinfo", 3,
      .inside = node_over_claimed },
    { SET, "SET-SUM/claim_set", 2, .view = more_in_parts },
    { SET, "SET-SUM/claim_set", 2, .view = total_off },
    { SET, "SET-SUM/claim_set", 2, .view = wrong_node },
    { SET "physinfo\n", "SET-SUM/physinfo", 3, .inside = more_in_parts },
    { HOST BUILT "create d2\nmax_mem d2 8\nclaim_set d1 node0=unclaimed\n"
                 "populate d2 1 node=0!\n",
      "NODE-PROTECT/populate", 5, .view = took_from_node, .result = one_done },
    { SET "populate d1 1 node=0!\n", "NODE-SPEND/populate", 3,
      .skip_call = true, .result = nothing_done },
    { SET, "SET-ATOMIC/claim_set", 2, .inside = host_part_only },
    { SET "claim_set d1 node1=1\n", "SET-ATOMIC/claim_set", 3,
      .view = total_off },
    { SET "claim_set d1 node1=1\n", "SET-ATOMIC/claim_set", 3,
      .inside = total_off },
    { SET "claim_get d1\n", "GET-TRUTH/claim_get", 3,
      .result = page_more_told },
    { SET "claim_get d1\n", "GET-TRUTH/claim_get", 3,
      .result = entry_more_told },
    { SET "claim_get d1\n", "GET-TRUTH/claim_get", 3,
      .result = entry_less_told },
    { SET "claim_get d1\n", "GET-TRUTH/claim_get", 3,
      .result = written_beyond },
    { SET "claim_get d1 capacity=1\n", "GET-TRUTH/claim_get", 3,
      .result = entry_less_told },
    { SET "claim_get d1\n", "STATE/claim_get", 3, .result = another_order },
    { SET "physinfo\n", "REGROW/physinfo", 3, .view = part_grew },
    { SET "physinfo\n", "KEEP/physinfo", 3, .view = part_lost },
};

#define NR_LIES (sizeof(lies) / sizeof(lies[0]))

static void each_lie_is_found(void **state)
{
    struct run_result r;

    (void)state;
    for ( unsigned int i = 0; i < NR_LIES; i++ )
    {
        case_parse(&rig.litmus, lies[i].program);
        rig.lie = NULL;
        engine_run(&rig.engine, RUN_PROGRAM(&rig.litmus.program), &r);
        if ( r.outcome != RUN_HELD )
            fail_msg("lie %u, not told: %s: %s", i, r.signature, r.detail);
        rig.lie = &lies[i];
        engine_run(&rig.engine, RUN_PROGRAM(&rig.litmus.program), &r);
        if ( r.outcome != RUN_VIOLATION ||
             strcmp(r.signature, lies[i].signature) )
            fail_msg("lie %u: expected %s, got %s (%s)", i, lies[i].signature,
                     r.signature, r.detail);
        rig.lie = NULL;
    }
}

static void no_invariant_is_without_a_lie(void **state)
{
    (void)state;
    for ( unsigned int inv = INV_NODE_CLAIM_SUM; inv <= INV_GET_TRUTH; inv++ )
    {
        size_t len = strlen(invariant_table[inv].name);
        bool found = false;

        for ( unsigned int i = 0; i < NR_LIES; i++ )
            found |= !strncmp(lies[i].signature, invariant_table[inv].name,
                              len) &&
                     lies[i].signature[len] == '/';
        if ( !found )
            fail_msg("%s: no lie shows that it can fail",
                     invariant_table[inv].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_lie_is_found),
        cmocka_unit_test(no_invariant_is_without_a_lie),
    };

    return cmocka_run_group_tests(tests, open_rig, close_rig);
}
