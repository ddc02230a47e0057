/* SPDX-License-Identifier: MIT */
/*
 * What the engine tells of a run besides what is wrong: where it ended and what
 * was seen there, and that it asks for nothing that is not offered.
 *
 * Not here: signatures of lies (engine_oracles.c), counters (engine_counts.c).
 */
#include "engine_case.h"

static struct
{
    struct stub_rig on;
    struct litmus litmus;
    const struct hv_hooks *hooks;
    unsigned int calls, breaks_at; /* the call that ends badly, from 1     */
    unsigned int looks;            /* at the state                           */
    unsigned int told;             /* steps                                  */
    struct step_info last;         /* that was told ...                      */
    struct hv_view view;           /* ... with what was seen                 */
} rig;

static void run(const char *text, const struct run_spec *how,
                struct run_result *r)
{
    struct run_spec spec = *how;

    case_parse(&rig.litmus, text);
    spec.program = &rig.litmus.program;
    rig.calls = rig.told = 0;
    engine_run(&rig.on.engine, &spec, r);
    assert_false(rig.on.engine.running);
    rig.breaks_at = 0;
}

static void keep_step(void *ctx, const struct step_info *info)
{
    (void)ctx;
    rig.told++;
    rig.last = *info;
    rig.view = *info->view;
}

static void reset(void *hv, const struct host_shape *shape,
                  const struct hv_hooks *hooks)
{
    rig.hooks = hooks;
    rig.on.stub.ops->reset(hv, shape, hooks);
}

static void observe(void *hv, struct hv_view *view)
{
    rig.looks++;
    rig.on.stub.ops->observe(hv, view);
}

/* Makes the call, and does not come back. */
static unsigned int fails(void *hv, const struct hv_call *call,
                          struct hv_result *result)
{
    unsigned int n = stub_rig_issue(&rig.on, call, result);

    (void)hv;
    if ( ++rig.calls == rig.breaks_at )
        (rig.hooks->fail)(rig.hooks->ctx, "BUG", "made up", "file", 7);
    return n;
}

static unsigned int crashes(void *hv, const struct hv_call *call,
                            struct hv_result *result)
{
    if ( ++rig.calls == rig.breaks_at )
        engine_crashed(&rig.on.engine, "SIGNAL-11", "made up");
    (void)hv;
    return stub_rig_issue(&rig.on, call, result);
}

static void what_is_seen_inside_a_call_is_told(void **state)
{
    const struct run_spec spec = { .release = RELEASE_4_22 };
    struct run_result r;

    (void)state;
    rig.on.ops.issue = fails;
    rig.breaks_at = 2;
    run(BUILT, &spec, &r);
    rig.on.ops.issue = NULL;
    assert_int_equal(r.outcome, RUN_VIOLATION);
    assert_string_equal(r.signature, "BUG/max_mem");
    assert_string_equal(r.detail, "made up (file:7)");
    assert_int_equal(r.step, 1);
    assert_true(rig.last.failed && rig.last.in_call && !rig.last.drain);
    assert_int_equal(rig.view.dom[1].max, 32);
    /* The next run is another one. */
    run(BUILT, &spec, &r);
    assert_int_equal(r.outcome, RUN_HELD);
    assert_false(rig.last.failed || rig.last.in_call);
    assert_int_equal(r.steps, 3);
}

/* In a call, and in a call of the drain; its state is not looked at. */
static void a_crash_is_of_its_call(void **state)
{
    const struct run_spec spec = { .release = RELEASE_4_22 };
    static const struct
    {
        unsigned int call, step;
        const char *signature;
    } rows[] = {
        { 1, 0, "SIGNAL-11/create" },
        { 3, 2, "SIGNAL-11/claim" },
        { 4, 3, "SIGNAL-11/claim" },
        { 5, 3, "SIGNAL-11/destroy" },
    };
    struct run_result r;

    (void)state;
    rig.on.ops.issue = crashes;
    for ( unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        unsigned int looks = rig.looks;

        rig.breaks_at = rows[i].call;
        run(CLAIMED, &spec, &r);
        assert_int_equal(r.outcome, RUN_VIOLATION);
        assert_true(r.crash);
        assert_string_equal(r.signature, rows[i].signature);
        assert_string_equal(r.detail, "made up");
        assert_int_equal(r.step, rows[i].step);
        assert_int_equal(rig.last.drain, rows[i].call > 3);
        /* Once at the start, and after each call that came back. */
        assert_int_equal(rig.looks - looks, rows[i].call);
    }
    rig.on.ops.issue = NULL;
}

static void crash_on_call(void *ctx, const struct engine *e)
{
    (void)ctx;
    (void)e;
    if ( ++rig.calls == rig.breaks_at )
        engine_crashed(&rig.on.engine, "SIGNAL-11", "made up");
}

static const char *crash_in_audit(void *hv, char *why, size_t size)
{
    (void)hv;
    (void)why;
    (void)size;
    engine_crashed(&rig.on.engine, "SIGNAL-11", "made up");
}

/* Between two calls it is of the step, or of the end. */
static void a_crash_outside_of_calls_is_of_the_step(void **state)
{
    const struct run_spec spec = { .release = RELEASE_4_22 };
    struct run_result r;

    (void)state;
    rig.on.engine.o.on_call = crash_on_call;
    rig.breaks_at = 2;
    run(CLAIMED, &spec, &r);
    assert_string_equal(r.signature, "SIGNAL-11/max_mem");
    /* The report shows what was seen last, not what was before the last call. */
    assert_int_equal(rig.on.engine.phase, CALL_NONE);
    rig.breaks_at = 5;
    run(CLAIMED, &spec, &r);
    assert_string_equal(r.signature, "SIGNAL-11/drain");
    rig.on.engine.o.on_call = NULL;
    rig.on.ops.audit = crash_in_audit;
    run(CLAIMED, &spec, &r);
    rig.on.ops.audit = rig.on.stub.ops->audit;
    assert_string_equal(r.signature, "SIGNAL-11/end");
    assert_int_equal(r.step, 3);
}

/* The third step spoils the state, on a release that lets a dying domain claim. */
static void a_weakness_ends_the_run_or_not(void **state)
{
    static const char text[] = BUILT "populate d1 1\nmap d1 1\ndestroy d1\n"
                                     "claim d1 2\nphysinfo\nphysinfo\n";
    struct run_spec spec = { .release = RELEASE_4_17 };
    struct run_result r;

    (void)state;
    run(text, &spec, &r);
    assert_int_equal(r.outcome, RUN_WEAKNESS);
    assert_int_equal(r.weaknesses, 1U << WEAK_DYING_CLAIM);
    assert_int_equal(r.step, 5);
    assert_int_equal(r.steps, 6);
    assert_int_equal(rig.told, 6);
    spec.tolerance = PAST_WEAKNESS;
    run(text, &spec, &r);
    assert_int_equal(r.outcome, RUN_WEAKNESS);
    assert_int_equal(r.step, 8);
    assert_true(r.steps > 8);
    spec.tolerance = NO_WEAKNESS;
    run(text, &spec, &r);
    assert_int_equal(r.outcome, RUN_VIOLATION);
    assert_string_equal(r.signature, "DEAD-CLAIM/claim");
    assert_int_equal(r.step, 5);
}

/* What is not offered may be NULL. */
static void nothing_is_asked_that_is_not_offered(void **state)
{
    const struct run_spec spec = { .release = RELEASE_4_22,
                                   .audit_each_step = true };
    const struct hypervisor_ops all = rig.on.ops;
    struct run_result r;
    uint64_t hash;

    (void)state;
    rig.on.engine.o.hash_state = true;
    run(CLAIMED, &spec, &r);
    hash = r.hash;
    rig.on.ops.caps &= ~(uint32_t)(HV_CAP_HASH | HV_CAP_AUDIT |
                                   HV_CAP_CAPACITY | HV_CAP_FETCHES);
    rig.on.ops.hash = NULL;
    rig.on.ops.audit = NULL;
    rig.on.ops.capacity = NULL;
    rig.on.ops.fetched_twice = NULL;
    run(CLAIMED, &spec, &r);
    rig.on.ops = all;
    assert_int_equal(r.outcome, RUN_HELD);
    assert_true(r.hash != hash);
    rig.on.engine.o.hash_state = false;
    hash = r.hash;
    run(CLAIMED, &spec, &r);
    assert_true(r.hash == hash);
    /* Another result is another hash. */
    run(BUILT "claim d1 99\n", &spec, &r);
    assert_true(r.hash != hash);
}

/* Like 4.17, but for one thing. */
static struct hv_facts own_facts;

static uint32_t follows(void *hv, const struct hv_facts **own)
{
    (void)hv;
    *own = &own_facts;
    return RELEASE_BIT(RELEASE_4_22);
}

static void rules_of_its_own_are_followed(void **state)
{
    static const char text[] = CLAIMED "populate d1 4\ndecrease d1 1\n";
    const struct run_spec spec = { .release = RELEASE_4_22 };
    struct run_result r;

    (void)state;
    run(text, &spec, &r);
    assert_int_equal(r.outcome, RUN_HELD);
    own_facts = model_releases[RELEASE_4_22];
    own_facts.grow_on_free = true;
    rig.on.ops.follows = follows;
    run(text, &spec, &r);
    rig.on.ops.follows = rig.on.stub.ops->follows;
    assert_int_equal(r.outcome, RUN_VIOLATION);
    assert_string_equal(r.signature, "STATE/decrease");
}

static const char *no_memory_ops(void *hv, const struct hv_call *call)
{
    (void)hv;
    return call->kind == HV_CALL_MEMORY_OP ? "made up" : NULL;
}

/* The call is not made, and no other is from then on. */
static void a_call_that_must_not_be_made_ends_the_run(void **state)
{
    const struct run_spec spec = { .release = RELEASE_4_22 };
    struct run_result r;

    (void)state;
    rig.on.ops.issue = fails;
    rig.on.ops.refuses = no_memory_ops;
    run(BUILT "physinfo\n", &spec, &r);
    assert_int_equal(r.outcome, RUN_HELD);
    run(CLAIMED "physinfo\n", &spec, &r);
    rig.on.ops.refuses = NULL;
    rig.on.ops.issue = NULL;
    assert_int_equal(r.outcome, RUN_SKIPPED);
    assert_string_equal(r.detail, "made up");
    assert_int_equal(rig.calls, 2);
}

/* A list takes so many pages; one of dom0's has no name. */
static void one_full_list_is_enough(void **state)
{
    const struct run_spec spec = { .release = RELEASE_4_22 };
    struct run_result r;

    (void)state;
    run("host nodes=1 pages=2048\nincrease d0 1023\nincrease d0 1 list=null\n",
        &spec, &r);
    assert_int_equal(r.outcome, RUN_HELD);
    assert_int_equal(r.steps, 3);
}

/* Of a run that ended where it was, all the rest is as at first. */
static void each_run_begins_anew(void **state)
{
    const struct run_spec spec = { .release = RELEASE_4_22 };
    struct run_result first, r;

    (void)state;
    run("create d1\nmax_mem d1 8\nanon_alloc\npopulate d1 2\nwrite d1 2\n"
        "physinfo\n",
        &spec, &first);
    assert_int_equal(first.outcome, RUN_HELD);
    rig.on.ops.issue = fails;
    rig.breaks_at = 6;
    run("create d1\nmax_mem d1 8\nanon_alloc\npopulate d1 2\nwrite d1 2\n"
        "physinfo\n",
        &spec, &r);
    rig.on.ops.issue = NULL;
    assert_int_equal(r.outcome, RUN_VIOLATION);
    run("create d1\nmax_mem d1 8\nanon_alloc\npopulate d1 2\nwrite d1 2\n"
        "physinfo\n",
        &spec, &r);
    assert_memory_equal(&r, &first, sizeof(r));
}

/* A page behind the last one was out of use when the host was larger. */
static void a_smaller_host_ends_where_it_does(void **state)
{
#define OFFLINE(page)                                                         \
    "sysctl caller=dom0 abi=64 cmd=page_offline version=0 arg=ok "            \
    "action=offline start=" page " end=" page "\n"
    static const char small[] = "host nodes=1 pages=16\n" OFFLINE("47");
    struct run_spec spec = { .release = RELEASE_4_22 };
    struct run_result first, r;

    (void)state;
    run(small, &spec, &first);
    assert_int_equal(first.outcome, RUN_HELD);
    spec.no_drain = true;
    run("host nodes=1 pages=64\n" OFFLINE("48"), &spec, &r);
    assert_int_equal(r.outcome, RUN_HELD);
    spec.no_drain = false;
    run(small, &spec, &r);
    assert_memory_equal(&r, &first, sizeof(r));
#undef OFFLINE
}

static int open_rig(void **state)
{
    const struct engine_options engine = { .on_step = keep_step };

    *state = &rig.on;
    stub_rig_open(&rig.on, &engine);
    rig.on.ops.reset = reset;
    rig.on.ops.observe = observe;

    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_seen_inside_a_call_is_told),
        cmocka_unit_test(a_crash_is_of_its_call),
        cmocka_unit_test(a_crash_outside_of_calls_is_of_the_step),
        cmocka_unit_test(a_weakness_ends_the_run_or_not),
        cmocka_unit_test(nothing_is_asked_that_is_not_offered),
        cmocka_unit_test(a_call_that_must_not_be_made_ends_the_run),
        cmocka_unit_test(rules_of_its_own_are_followed),
        cmocka_unit_test(one_full_list_is_enough),
        cmocka_unit_test(each_run_begins_anew),
        cmocka_unit_test(a_smaller_host_ends_where_it_does),
    };

    return cmocka_run_group_tests(tests, open_rig, stub_rig_close);
}
