/* SPDX-License-Identifier: MIT */
/*
 * Every oracle about claim sets must be able to fail: a hypervisor that is the
 * model but for one lie, as in engine_oracles.c, and the signature that the lie
 * must be reported with.
 */
#include "liar.h"

#include <errno.h>
#include <stdlib.h>

#include "model/model_hv.h"

/* ---- the lies ---- */

static void node_sum_off(struct hv_view *v)
{
    v->node_claimed[0]++;
}
static void node_over_claimed(struct hv_view *v)
{
    uint32_t more = (uint32_t)(v->node_free[0] - v->node_claimed[0]) + 1;

    v->node_claim[1][0] += more;
    v->node_claimed[0] += more;
    v->dom[1].claim += more;
    v->claimed += more;
}
static void more_in_parts(struct hv_view *v)
{
    v->dom[1].claim = v->node_claim[1][0] - 1;
}
static void total_off(struct hv_view *v)
{
    v->dom[1].claim++;
    v->claimed++;
}
static void wrong_node(struct hv_view *v)
{
    v->node_claim[1][0]--;
    v->node_claimed[0]--;
    v->node_claim[1][1]++;
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
/* The set as it will be, then half of it. */
static void made_then_half(struct hv_view *v)
{
    static unsigned int looks;

    v->node_claim[1][0] = v->node_claimed[0] = 3;
    v->dom[1].claim = v->claimed = looks++ % 2 ? 4 : 5;
}
static void count_only(struct hv_view *v)
{
    v->claimed++;
}
/* Of two domains, so that no sum is another one. */
static void parts_change_places(struct hv_view *v)
{
    v->node_claim[1][0]--;
    v->node_claim[1][1]++;
    v->node_claim[2][0]++;
    v->node_claim[2][1]--;
}
static void part_grew(struct hv_view *v)
{
    v->node_claim[1][0]++;
    v->node_claimed[0]++;
}
static void part_lost(struct hv_view *v)
{
    v->node_claim[1][0]--;
    v->node_claimed[0]--;
}
/* The last node and slot are looked at, too. */
static void last_node_part_grew(struct hv_view *v)
{
    v->node_claim[1][HV_NODES_MAX - 1]++;
    v->node_claimed[HV_NODES_MAX - 1]++;
}
static void last_part_grew(struct hv_view *v)
{
    v->node_claim[HV_DOMS_MAX - 1][0]++;
    v->node_claimed[0]++;
}
static void last_part_lost(struct hv_view *v)
{
    v->node_claim[HV_DOMS_MAX - 1][0]--;
    v->node_claimed[0]--;
}
static void last_more_in_parts(struct hv_view *v)
{
    v->dom[HV_DOMS_MAX - 1].claim = 2;
}
static void last_host_part_only(struct hv_view *v)
{
    v->dom[HV_DOMS_MAX - 1].claim--;
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
/* More than its array has place for. */
static void all_asked_told(struct hv_result *r)
{
    r->nr_entries = 3;
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

/* Of the last slot; three calls. */
#define LAST_SET HOST "create d7\nmax_mem d7 32\nclaim_set d7 host=2 node0=3\n"

/* Of two domains; six calls. */
#define TWO                                                                   \
    HOST BUILT "create d2\nmax_mem d2 8\nclaim_set d1 node0=2\n"              \
               "claim_set d2 node1=2\n"

/* Of node 0 nothing is left for d2; five calls. */
#define ALL_CLAIMED                                                           \
    HOST BUILT "create d2\nmax_mem d2 8\nclaim_set d1 node0=unclaimed\n"

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
    { ALL_CLAIMED "populate d2 1 node=0!\n", "NODE-PROTECT/populate", 5,
      .view = took_from_node, .result = one_done },
    { ALL_CLAIMED "increase d2 1 node=0!\n", "NODE-PROTECT/increase", 5,
      .view = took_from_node, .result = one_done },
    { ALL_CLAIMED "anon_alloc\n", "NODE-PROTECT/anon_alloc", 5,
      .view = took_from_node },
    { ALL_CLAIMED "extra_alloc d2\n", "NODE-PROTECT/extra_alloc", 5,
      .view = took_from_node },
    { ALL_CLAIMED "create d3\n", "NODE-PROTECT/create", 5,
      .view = took_from_node },
    { ALL_CLAIMED "physinfo\n", "NODE-OVER-CLAIM/physinfo", 5,
      .view = took_from_node },
    { SET "populate d1 1 node=0!\n", "NODE-SPEND/populate", 3,
      .skip_call = true, .result = nothing_done },
    /* The limit leaves fewer pages than the part, but two. */
    { SET "max_mem d1 2\npopulate d1 3 node=0!\n", "NODE-SPEND/populate", 4,
      .skip_call = true, .result = one_done },
    { SET, "SET-ATOMIC/claim_set", 2, .inside = host_part_only },
    { SET, "SET-ATOMIC/claim_set", 2, .inside = count_only },
    { SET, "SET-ATOMIC/claim_set", 2, .inside = made_then_half,
      .twice_inside = true },
    { TWO "claim_set d1 node1=2\n", "SET-ATOMIC/claim_set", 6,
      .inside = parts_change_places },
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
    { SET
      "claim_memory caller=dom0 abi=64 cmd=get_memory_claims domid=d1 nr=3 "
      "arg=ok data=short:32\n",
      "GET-TRUTH/claim_get", 3, .result = all_asked_told,
      .says = "3 entries are told for room of 3" },
    { SET "claim_get d1\n", "GET-TRUTH/claim_get", 3,
      .result = written_beyond },
    { SET "claim_get d1 capacity=1\n", "GET-TRUTH/claim_get", 3,
      .result = entry_less_told },
    { SET "claim_get d1\n", "STATE/claim_get", 3, .result = another_order },
    /* More entries than there are anywhere: 64 GiB of them. */
    { SET "claim_memory caller=dom0 abi=64 cmd=claim_memory domid=d1 mode=0 "
          "nr=0xfffffffe arg=ok entry0=host:1\n",
      "RESULT/claim_set", 3, .result = nothing_done },
    /* A domain that cannot be. */
    { SET "claim_memory caller=dom0 abi=64 cmd=claim_memory domid=8 nr=1 "
          "arg=ok entry0=host:1\n",
      "RESULT/claim_set", 3, .result = nothing_done,
      .says = "got 0, expected " },
    { SET "physinfo\n", "REGROW/physinfo", 3, .view = part_grew },
    { SET "physinfo\n", "KEEP/physinfo", 3, .view = part_lost },
    { "host nodes=4 pages=16 release=draft-v8\n" BUILT
      "claim_set d1 host=2\nphysinfo\n",
      "REGROW/physinfo", 3, .view = last_node_part_grew },
    { LAST_SET "physinfo\n", "REGROW/physinfo", 3, .view = last_part_grew },
    { LAST_SET "physinfo\n", "KEEP/physinfo", 3, .view = last_part_lost },
    { LAST_SET "physinfo\n", "SET-SUM/physinfo", 3,
      .inside = last_more_in_parts },
    { LAST_SET "claim_set d7 node1=1\n", "SET-ATOMIC/claim_set", 3,
      .inside = last_host_part_only },
};

#define NR_LIES (sizeof(lies) / sizeof(lies[0]))

static void each_lie_is_found(void **state)
{
    (void)state;
    liar_check(lies, NR_LIES);
}

static void no_invariant_is_without_a_lie(void **state)
{
    (void)state;
    liar_covers(lies, NR_LIES, INV_NODE_CLAIM_SUM, INV_GET_TRUTH);
}

static int open_rig(void **state)
{
    struct hypervisor model;

    (void)state;
    assert_true(model_hypervisor_open(&model));
    liar_open(&model);

    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_lie_is_found),
        cmocka_unit_test(no_invariant_is_without_a_lie),
    };

    return cmocka_run_group_tests(tests, open_rig, liar_close);
}
