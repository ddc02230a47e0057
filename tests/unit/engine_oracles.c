/* SPDX-License-Identifier: MIT */
/*
 * Every oracle of the engine must be able to fail: a hypervisor that is the stub
 * but for one lie, and the signature that the lie must be reported with. The
 * same programs without the lie must hold.
 *
 * Not here: faults inside the stub (stub/faults.def); what the engine says of the
 * stub as it is (engine_verdicts.c).
 */
#include "engine_case.h"

#include <errno.h>

#include "stub/stub.h"

/* What a lying hypervisor does, from the call number `from` on. */
struct lie
{
    const char *program, *signature;
    unsigned int from; /* calls made before the lie, 0: none */
    /* Instead of, or after, the call. */
    bool skip_call;
    void (*result)(struct hv_result *r);
    void (*view)(struct hv_view *v);
    const char *fail;  /* id for the fail hook, inside the call    */
    const char *audit; /* what the audit claims to have found      */
    bool twice;        /* argument byte 2 was fetched twice        */
    bool window;       /* the heap looks over-claimed at unlock    */
    bool blocks;       /* one free block less                      */
};

static struct
{
    struct hypervisor stub, liar;
    struct hypervisor_ops ops;
    const struct lie *lie;
    const struct hv_hooks *hooks;
    enum release release;
    unsigned int calls;
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
    rig.hooks = hooks;
    rig.release = shape->release;
    rig.stub.ops->reset(hv, shape, hooks);
}

static unsigned int lie_issue(void *hv, const struct hv_call *call,
                              struct hv_result *result)
{
    (void)hv;
    rig.calls++;
    if ( lying() && rig.lie->fail )
        /* In parentheses, for cmocka has a macro of that name. */
        (rig.hooks->fail)(rig.hooks->ctx, rig.lie->fail, "made up", "file", 1);
    if ( !lying() || !rig.lie->skip_call )
        hv_issue(&rig.stub, rig.release, call, result);
    if ( lying() && rig.lie->result )
        rig.lie->result(result);

    return 1;
}

static void lie_observe(void *hv, struct hv_view *view)
{
    rig.stub.ops->observe(hv, view);
    if ( lying() && rig.lie->view )
        rig.lie->view(view);
}

static void lie_heap(void *hv, uint64_t *free, uint64_t *claimed)
{
    rig.stub.ops->heap(hv, free, claimed);
    if ( lying() && rig.lie->window )
        *claimed = *free + 1;
}

static const char *lie_audit(void *hv, char *why, size_t size)
{
    if ( !lying() || !rig.lie->audit )
        return rig.stub.ops->audit(hv, why, size);
    *why = 0;
    return rig.lie->audit;
}

static void lie_capacity(void *hv, struct hv_capacity *c)
{
    static uint32_t blocks[HV_BLOCK_COUNTS_MAX];

    rig.stub.ops->capacity(hv, c);
    if ( !lying() || !rig.lie->blocks )
        return;
    memcpy(blocks, c->blocks,
           c->nodes * c->zones * c->orders * sizeof(blocks[0]));
    blocks[0]++; /* of node 0, order 0 */
    c->blocks = blocks;
}

static uint32_t lie_fetched(void *hv)
{
    uint32_t twice = rig.stub.ops->fetched_twice(hv);

    return lying() && rig.lie->twice ? 3 : twice;
}

static int open_rig(void **state)
{
    const struct stub_options options = { 0 };
    const struct engine_options engine = { 0 };
    const char *why;

    (void)state;
    assert_true(stub_open(&rig.stub, &options, &why));
    rig.ops = *rig.stub.ops;
    rig.ops.reset = lie_reset;
    rig.ops.issue = lie_issue;
    rig.ops.observe = lie_observe;
    rig.ops.heap = lie_heap;
    rig.ops.audit = lie_audit;
    rig.ops.capacity = lie_capacity;
    rig.ops.fetched_twice = lie_fetched;
    rig.liar = (struct hypervisor){ &rig.ops, rig.stub.hv };
    engine_init(&rig.engine, &rig.liar, &engine);

    return 0;
}

static int close_rig(void **state)
{
    (void)state;
    rig.stub.ops->close(rig.stub.hv);
    return 0;
}

/* ---- the lies ---- */

#define NODES "host nodes=2 pages=64 release=4.22\n"

static void claimed_more(struct hv_view *v)
{
    v->claimed++;
}
static void over_claim(struct hv_view *v)
{
    v->dom[1].max = 1000;
    v->dom[1].claim = (uint32_t)v->free + 1;
    v->claimed = v->free + 1;
}
static void one_left(struct hv_view *v)
{
    v->dom[1].claim = v->claimed = 1;
}
static void dead_claim(struct hv_view *v)
{
    v->dom[1].claim = v->claimed = 2;
}
static void took_claimed(struct hv_view *v)
{
    v->free--;
    v->node_free[0]--;
    v->dom[2].tot++;
}
static void lost_claim(struct hv_view *v)
{
    v->dom[1].claim = v->claimed = 5;
}
static void grown_claim(struct hv_view *v)
{
    v->dom[1].claim++;
    v->claimed++;
}
static void other_max(struct hv_view *v)
{
    v->dom[1].max = 33;
}
static void small_max(struct hv_view *v)
{
    v->dom[1].max = 1;
}
static void page_lost(struct hv_view *v)
{
    v->free--;
    v->node_free[0]--;
}
static void wrapped(struct hv_view *v)
{
    v->dom[1].tot = UINT32_MAX;
}
static void node_off(struct hv_view *v)
{
    v->node_free[0]++;
}
static void rc_zero(struct hv_result *r)
{
    r->rc = 0;
}
static void rc_one(struct hv_result *r)
{
    r->rc = 1;
}
static void rc_eperm(struct hv_result *r)
{
    r->rc = -EPERM;
}
static void phys_off(struct hv_result *r)
{
    r->out.phys.free_pages++;
}
static void phys_claims_off(struct hv_result *r)
{
    r->out.phys.outstanding_pages++;
}
static void info_off(struct hv_result *r)
{
    r->out.info.tot_pages++;
}
static void info_dying(struct hv_result *r)
{
    r->out.info.flags |= XEN_DOMINF_dying;
}
static void phys_nodes_off(struct hv_result *r)
{
    r->out.phys.nr_nodes++;
}
static void phys_last_node_off(struct hv_result *r)
{
    r->out.phys.max_node_id++;
}
static void phys_pages_off(struct hv_result *r)
{
    r->out.phys.total_pages--;
}
static void phys_last_frame_off(struct hv_result *r)
{
    r->out.phys.max_mfn++;
}
static void info_running(struct hv_result *r)
{
    r->out.info.flags &= ~(uint32_t)XEN_DOMINF_paused;
}
/* An entry that the result counts, and one that it does not; lists lie in the
 * stub's memory. */
static void frame_of_dom0(struct hv_result *r)
{
    ((uint64_t *)(uintptr_t)r->list)[0] = HV_FRAME_BASE - 1;
}
static void last_entry(struct hv_result *r)
{
    ((uint64_t *)(uintptr_t)r->list)[3]++;
}
static void no_rc_enomem(struct hv_result *r)
{
    r->rc = -ENOMEM;
}
/* One page came from, or goes to, another node. */
static void other_node(struct hv_view *v)
{
    v->node_free[0]--;
    v->node_free[1]++;
}
static void numa_off(struct hv_result *r)
{
    r->out.node_free[0]++;
}

static const struct lie lies[] = {
    { CLAIMED, "CLAIM-SUM/claim", 2, .view = claimed_more },
    { CLAIMED, "OVER-CLAIM/claim", 2, .view = over_claim },
    { CLAIMED, "OVER-CLAIM/claim", 2, .window = true },
    { CLAIMED "claim d1 0\n", "RELEASE-ZERO/claim", 3, .view = one_left },
    { CLAIMED "populate d1 1\nmap d1 1\ndestroy d1\n", "DEAD-CLAIM/destroy", 5,
      .view = dead_claim },
    { "create d1\nmax_mem d1 host\ncreate d2\nmax_mem d2 8\nclaim d1 claimable\n"
      "populate d2 1\n",
      "PROTECT/populate", 5, .view = took_claimed, .result = rc_one },
    { CLAIMED "populate d1 4\n", "SPEND/populate", 3, .skip_call = true,
      .result = rc_zero },
    { CLAIMED "populate d1 1\n", "KEEP/populate", 3, .view = lost_claim },
    { CLAIMED "populate d1 4\ndecrease d1 1\n", "REGROW/decrease", 4,
      .view = grown_claim },
    { CLAIMED "claim d1 9\n", "FAIL-SAFE/claim", 3, .view = other_max },
    { CLAIMED "claim d1 9\n", "ONE-CLAIM/claim", 3, .result = rc_zero },
    { CLAIMED, "CAP/claim", 2, .view = small_max },
    { BUILT "physinfo\n", "CONSERVE/physinfo", 2, .view = page_lost },
    { BUILT "physinfo\n", "OWNER/physinfo", 2, .view = wrapped },
    { BUILT "physinfo\n", "BUDDY/physinfo", 2, .audit = "BUDDY" },
    { BUILT "physinfo\n", "CONSERVE/physinfo", 2, .audit = "CONSERVE" },
    /* A plug-in may have checks of its own, under names nobody here knows. */
    { BUILT "physinfo\n", "BUG/physinfo", 2, .audit = "ITS-OWN" },
    { CLAIMED, "LOCKS/claim", 2, .fail = "LOCKS" },
    { CLAIMED, "BUG/claim", 2, .fail = "BUG" },
    { CLAIMED, "BUG/claim", 2, .fail = "an id that nobody knows" },
    { CLAIMED, "FETCH/claim", 2, .twice = true },
    { BUILT "physinfo\n", "REPORT/physinfo", 2, .result = phys_off },
    { BUILT "physinfo\n", "REPORT/physinfo", 2, .result = phys_claims_off },
    { BUILT "physinfo\n", "REPORT/physinfo", 2, .view = node_off },
    { BUILT "domain_info d1\n", "REPORT/domain_info", 2, .result = info_off },
    { BUILT "domain_info d1\n", "REPORT/domain_info", 2,
      .result = info_dying },
    { BUILT "numainfo\n", "REPORT/numainfo", 2, .result = numa_off },
    { BUILT "physinfo\n", "RESULT/physinfo", 2, .result = rc_eperm },
    { BUILT "physinfo\n", "STATE/physinfo", 2, .view = other_max },
    { BUILT "physinfo\n", "REPORT/physinfo", 2, .result = phys_nodes_off },
    { BUILT "physinfo\n", "REPORT/physinfo", 2, .result = phys_last_node_off },
    { BUILT "physinfo\n", "REPORT/physinfo", 2, .result = phys_pages_off },
    { BUILT "physinfo\n", "REPORT/physinfo", 2,
      .result = phys_last_frame_off },
    { BUILT "domain_info d1\n", "STATE/domain_info", 2,
      .result = info_running },
    /* Seven domains are room enough for one that is to choose its id. */
    { "domctl caller=dom0 abi=64 cmd=createdomain version=0 domid=any value=0 "
      "arg=ok\n",
      "RESULT/create", 0, .skip_call = true, .result = no_rc_enomem },
    { BUILT "populate d1 1\n", "STATE/populate", 2, .result = frame_of_dom0 },
    { "create d1\nmax_mem d1 3\npopulate d1 4\n", "STATE/populate", 2,
      .result = last_entry },
    { BUILT "decrease d1 4\n", "STATE/decrease", 2, .result = last_entry },
    { NODES BUILT "populate d1 1 node=1\n", "STATE/populate", 2,
      .view = other_node },
    { NODES BUILT "node_affinity d1 mask=2\npopulate d1 1\n", "STATE/populate",
      3, .view = other_node },
    { NODES BUILT "node_affinity d1 mask=2\nextra_alloc d1\n",
      "STATE/extra_alloc", 3, .view = other_node },
    /* Only the end of the drain knows where pages were at the start. */
    { NODES BUILT "populate d1 1\n", "RELEASE-ZERO/drain", 3,
      .view = other_node },
    /* The audit after the drain: the free blocks are not those of the start. */
    { BUILT "populate d1 1\n", "BUDDY/drain", 3, .audit = "BUDDY",
      .blocks = true },
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

/* EXPECT has a test of its own: engine_verdicts.c; claim sets: engine_sets.c. */
static void no_invariant_is_without_a_lie(void **state)
{
    (void)state;
    for ( unsigned int inv = 0; inv < INV_COUNT; inv++ )
    {
        size_t len = strlen(invariant_table[inv].name);
        bool found = inv == INV_EXPECT ||
                     (inv >= INV_NODE_CLAIM_SUM && inv <= INV_GET_TRUTH);

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
