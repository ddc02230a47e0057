/* SPDX-License-Identifier: MIT */
/*
 * Calls that are not the engine's own, judged by the invariants alone
 * (judge.c). Not here: what a program over the stub shows (tests of preload).
 */
#include "engine_case.h"

static struct
{
    struct stub_rig on;
    enum release release;
    struct hv_result result;
    uint64_t list[8];
    void (*lie)(struct hv_view *v); /* about each view */
} rig;

#define LIST_AT (GUEST_LIST_END - sizeof(rig.list))

static void observe(void *hv, struct hv_view *view)
{
    rig.on.stub.ops->observe(hv, view);
    if ( rig.lie )
        rig.lie(view);
}

static void start(enum release release)
{
    const struct host_shape shape = { .release = (uint8_t)release,
                                      .nodes = 2,
                                      .node_pages = 32 };

    rig.lie = NULL;
    rig.release = release;
    engine_prepare(&rig.on.engine, &shape);
    engine_judge_start(&rig.on.engine, &shape);
}

static struct run_result judged(const struct hv_call *call)
{
    struct run_result r;

    engine_judge_before(&rig.on.engine, call);
    hv_issue(&rig.on.stub, rig.release, call, &rig.result);
    engine_judge_after(&rig.on.engine, &rig.result, &r);

    return r;
}

static struct run_result control(uint32_t cmd, uint64_t value)
{
    const struct hv_call call = {
        .kind = HV_CALL_DOMCTL,
        .caller = hv_caller_dom0(),
        .domctl = { .cmd = cmd,
                    .version = hv_domctl_version(rig.release),
                    .domid = 1,
                    .value = value },
    };

    return judged(&call);
}

static struct run_result memory(unsigned int op, uint64_t nr)
{
    struct hv_call call = {
        .kind = HV_CALL_MEMORY_OP,
        .caller = hv_caller_dom0(),
        .arg = GUEST_ARG_END - sizeof(struct xen_memory_reservation),
        .arg_bytes = sizeof(struct xen_memory_reservation),
        .cmd = op,
        .resv = { .nr_extents = nr, .domid = 1 },
    };

    if ( op != XENMEM_claim_pages )
    {
        call.resv.extent_start.p = (void *)(uintptr_t)LIST_AT;
        call.list_entries = sizeof(rig.list) / sizeof(rig.list[0]);
        call.list = rig.list;
    }

    return judged(&call);
}

static void is_held(struct run_result r, long rc, uint32_t weaknesses)
{
    assert_string_equal(r.signature, "");
    assert_int_equal(r.outcome, RUN_HELD);
    assert_int_equal(r.weaknesses, weaknesses);
    assert_int_equal(rig.result.rc, rc);
}

static void is_broken(struct run_result r, const char *signature)
{
    assert_int_equal(r.outcome, RUN_VIOLATION);
    assert_string_equal(r.signature, signature);
}

/* d1 with a limit and a claim, pages. */
static void start_claimed(enum release release, uint64_t max, uint64_t claim)
{
    start(release);
    is_held(control(XEN_DOMCTL_createdomain, 0), 0, 0);
    is_held(control(XEN_DOMCTL_max_mem, max * 4), 0, 0);
    is_held(memory(XENMEM_claim_pages, claim), 0, 0);
}

static void claimed_more(struct hv_view *v)
{
    v->claimed++;
}
static void grown_claim(struct hv_view *v)
{
    v->dom[1].claim++;
    v->claimed++;
}
static void page_more(struct hv_view *v)
{
    v->dom[1].tot++;
}
static void part(struct hv_view *v)
{
    v->node_claimed[1]++;
}

static void honest_calls_hold(void **state)
{
    (void)state;
    for ( unsigned int r = 0; r < RELEASE_COUNT; r++ )
    {
        start_claimed((enum release)r, 16, 8);
        is_held(memory(XENMEM_populate_physmap, 4), 4, 0);
        is_held(memory(XENMEM_increase_reservation, 2), 2, 0);
        is_held(memory(XENMEM_claim_pages, 0), 0, 0);
        is_held(control(XEN_DOMCTL_destroydomain, 0), 0, 0);
    }
}

static void lies_are_found(void **state)
{
    (void)state;
    start_claimed(RELEASE_4_22, 16, 8);
    rig.lie = claimed_more;
    is_broken(memory(XENMEM_populate_physmap, 1), "CLAIM-SUM/populate");
    start_claimed(RELEASE_4_22, 16, 8);
    rig.lie = grown_claim;
    is_broken(control(XEN_DOMCTL_max_mem, 68), "REGROW/max_mem");
    start_claimed(RELEASE_4_22, 16, 8);
    rig.lie = page_more;
    is_broken(control(XEN_DOMCTL_max_mem, 68), "CONSERVE/max_mem");
    start_claimed(RELEASE_DRAFT_V8, 16, 8);
    rig.lie = part;
    is_broken(control(XEN_DOMCTL_max_mem, 68), "NODE-CLAIM-SUM/max_mem");
    /* Of a release without claim sets, nobody looks at them. */
    start_claimed(RELEASE_4_22, 16, 8);
    rig.lie = part;
    is_held(control(XEN_DOMCTL_max_mem, 68), 0, 0);
}

/* Which rule ends an allocation is asked of the model. */
static void weaknesses_are_excused(void **state)
{
    (void)state;
    start_claimed(RELEASE_4_22, 8, 8);
    is_held(control(XEN_DOMCTL_max_mem, 8), 0, 1U << WEAK_MAX_BELOW_CLAIM);
    is_held(memory(XENMEM_populate_physmap, 3), 2, 1U << WEAK_CLAIM_LOST);
    start_claimed(RELEASE_4_20, 8, 8);
    is_held(control(XEN_DOMCTL_max_mem, 8), 0, 1U << WEAK_MAX_BELOW_CLAIM);
    is_held(memory(XENMEM_populate_physmap, 3), 2, 0);
}

/* Where nobody says which blocks are free: as a plug-in's allocator may have it. */
static void without_capacity(void **state)
{
    struct hypervisor_ops *ops = &rig.on.ops;

    ops->caps &= ~HV_CAP_CAPACITY;
    ops->capacity = NULL;
    honest_calls_hold(state);
    lies_are_found(state);
    weaknesses_are_excused(state);
    ops->caps = rig.on.stub.ops->caps;
    ops->capacity = rig.on.stub.ops->capacity;
}

static int open_rig(void **state)
{
    const struct engine_options engine = { 0 };

    *state = &rig.on;
    stub_rig_open(&rig.on, &engine);
    rig.on.ops.observe = observe;

    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_calls_hold),
        cmocka_unit_test(lies_are_found),
        cmocka_unit_test(weaknesses_are_excused),
        cmocka_unit_test(without_capacity),
    };

    return cmocka_run_group_tests(tests, open_rig, stub_rig_close);
}
