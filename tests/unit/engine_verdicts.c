/* SPDX-License-Identifier: MIT */
/*
 * What the engine says of the stub as it is: that it does not do what a case
 * expects, and which known weaknesses of a release it has met; and what it wishes
 * for, because a case expects it.
 */
#include "engine_case.h"

static struct
{
    struct stub_rig on;
    struct litmus litmus;
    char wishes[256];
    bool wished; /* at last */
} rig;

static void run(const char *text, const struct run_spec *how,
                struct run_result *r)
{
    struct run_spec spec = *how;

    case_parse(&rig.litmus, text);
    spec.program = &rig.litmus.program;
    engine_run(&rig.on.engine, &spec, r);
}

static int open_rig(void **state)
{
    const struct engine_options engine = { 0 };

    *state = &rig.on;
    stub_rig_open(&rig.on, &engine);

    return 0;
}

/* ---- litmus expectations ---- */

static void broken_expectations_are_found(void **state)
{
    static const struct
    {
        const char *text, *detail;
    } v[] = {
        { "create d1 = EEXIST\n", "line 1: expected EEXIST, got 0" },
        { "expect host.claimed=1\n",
          "line 1: expected host.claimed=1, it is 0" },
        { "expect d1.state=alive\ncreate d1\n",
          "line 1: expected d1.state=alive, it is absent" },
        { BUILT "claim d1 8\nexpect d1.claim=9\n",
          "line 4: expected d1.claim=9, it is 8" },
        { BUILT "anon_free = 0\n",
          "line 3: expected 0, but the step could not run: the hypervisor "
          "holds no block" },
    };
    struct run_spec spec = { .release = RELEASE_4_22 };
    struct run_result r;

    (void)state;
    for ( unsigned int i = 0; i < sizeof(v) / sizeof(v[0]); i++ )
    {
        case_parse(&rig.litmus, v[i].text);
        spec.program = &rig.litmus.program;
        spec.expects = &rig.litmus;
        engine_run(&rig.on.engine, &spec, &r);
        assert_int_equal(r.outcome, RUN_VIOLATION);
        assert_int_equal(strncmp(r.signature, "EXPECT/", 7), 0);
        assert_string_equal(r.detail, v[i].detail);
    }
}

/* ---- known weaknesses ---- */

static const struct
{
    enum weakness weakness;
    const char *program;
} weak[] = {
    { WEAK_DYING_CLAIM, CLAIMED "populate d1 1\nmap d1 1\ndestroy d1\n"
                                "claim d1 2\n" },
    { WEAK_GROW_ON_FREE, CLAIMED "populate d1 4\ndecrease d1 1\n" },
    { WEAK_ASSIGN_WINDOW, "create d1\nmax_mem d1 host\nclaim d1 claimable\n"
                          "populate d1 1\n" },
    { WEAK_CLAIM_LOST, CLAIMED "max_mem d1 2\npopulate d1 3\n" },
    { WEAK_MAX_BELOW_CLAIM, CLAIMED "max_mem d1 1\n" },
    { WEAK_ORPHAN_PAGE, BUILT "increase d1 1 list=unmapped\n" },
    { WEAK_HALF_EXTENT, BUILT "populate d1 3\ndecrease d1 1 order=2\n" },
    { WEAK_COMPAT_REREAD,
      "create d1\nmemory_op caller=dom0 abi=32 cmd=populate start=0 domid=d1 "
      "nr=1024 order=0 flags=0x10000 list=ok arg=ok\n" },
    { WEAK_LLC_CLAIM, "host llc=1\ncreate d1\nmax_mem d1 host\n"
                      "claim d1 claimable\npopulate d1 claim\npopulate d1 1\n"
                      "populate d1 28\n" },
    { WEAK_LLC_REGROW,
      "host llc=1\ncreate d1\nmax_mem d1 host\npopulate d1 2\n"
      "claim d1 claimable\ndecrease d1 2\n" },
};

static void run_weak(unsigned int i, enum release release, bool strict,
                     struct run_result *r)
{
    const struct run_spec spec = {
        .program = &rig.litmus.program,
        .release = release,
        .tolerance = strict ? NO_WEAKNESS : END_AT_WEAKNESS,
    };

    case_parse(&rig.litmus, weak[i].program);
    engine_run(&rig.on.engine, &spec, r);
}

static void weaknesses_are_named_where_they_are(void **state)
{
    struct run_result r;

    (void)state;
    for ( unsigned int i = 0; i < sizeof(weak) / sizeof(weak[0]); i++ )
        for ( unsigned int rel = 0; rel < RELEASE_COUNT; rel++ )
        {
            const struct weakness_info *w = &weakness_table[weak[i].weakness];
            bool has = w->releases & RELEASE_BIT(rel);

            run_weak(i, (enum release)rel, false, &r);
            if ( r.outcome == RUN_VIOLATION )
                fail_msg("%s on %s: %s: %s", w->name, release_name(rel),
                         r.signature, r.detail);
            if ( !!(r.weaknesses & 1U << weak[i].weakness) != has )
                fail_msg("%s on %s: %s", w->name, release_name(rel),
                         has ? "not met" : "met");
            if ( (r.outcome == RUN_WEAKNESS) != (has && w->ends) &&
                 !(r.weaknesses & ~(1U << weak[i].weakness)) )
                fail_msg("%s on %s: ends wrongly", w->name, release_name(rel));
            run_weak(i, (enum release)rel, true, &r);
            if ( has && r.outcome != RUN_VIOLATION )
                fail_msg("%s on %s: strict, and held", w->name,
                         release_name(rel));
        }
}

/* ---- what a block that is put aside has used up of a claim ---- */

/* d2 gets blocks of four dirty pages, until it must stop at one. */
#define DIRTY(claim)                                                          \
    "host nodes=1 pages=64 release=4.22\ncreate d1\nmax_mem d1 host\n"        \
    "populate d1 12 order=2\nwrite d1 48\ndestroy d1\n"                       \
    "create d2\nmax_mem d2 32\nclaim d2 " claim "\n"
#define STOP(preempt) "populate d2 3 order=2 preempt=" preempt " stop=1\n"

static void what_is_lost_is_said(void **state)
{
    static const struct
    {
        const char *text;
        unsigned int lost;
    } rows[] = {
        /* At the first, the second and the third block. */
        { DIRTY("16") STOP("1"), 4 },
        { DIRTY("3") STOP("1"), 3 },
        { DIRTY("16") STOP("3"), 4 },
        { DIRTY("6") STOP("3"), 2 },
        { DIRTY("16") STOP("5"), 4 },
        /* The first is that of the stash, which had used up claim before. */
        { DIRTY("16") STOP("1") STOP("2"), 4 },
        { DIRTY("5") STOP("1") STOP("2"), 1 },
    };
    struct run_spec spec = { .release = RELEASE_4_22,
                             .tolerance = NO_WEAKNESS };
    char text[512], detail[128];
    struct run_result r;

    (void)state;
    for ( unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        snprintf(text, sizeof(text), "%spopulate d2 1\n", rows[i].text);
        snprintf(detail, sizeof(detail),
                 "4 pages that were aside for d2 are free, and its claim has "
                 "lost %u for them",
                 rows[i].lost);
        run(text, &spec, &r);
        assert_string_equal(r.signature, "KEEP/populate");
        assert_string_equal(r.detail, detail);
    }
}

/* The claim was used up by the pages that came before the block put aside: nothing
 * of it is lost with the block. */
static void a_claim_is_not_lost_with_a_block(void **state)
{
    const struct run_spec spec = { .release = RELEASE_4_22 };
    struct run_result r;

    (void)state;
    run("create d1\nmax_mem d1 12\npopulate d1 3 order=2\nwrite d1 12\n"
        "destroy d1\ncreate d1\ncreate d2\nmax_mem d2 16\nclaim d2 2\n"
        "populate d2 2 order=2 preempt=1 stop=3\nunpause d2\n",
        &spec, &r);
    assert_int_equal(r.outcome, RUN_HELD);
    assert_int_equal(r.weaknesses, 1U << WEAK_STASH_HALF);
}

/* ---- wishes ---- */

static void wish(void *hv, bool any, long rc)
{
    size_t len = strlen(rig.wishes);

    (void)hv;
    snprintf(rig.wishes + len, sizeof(rig.wishes) - len, any ? " %ld" : " -",
             rc);
}

static void wish_at_end(void *hv, bool any, long rc)
{
    (void)hv;
    (void)rc;
    rig.wished = any;
}

/* Before each step, of the written result, if there is one. */
static void results_are_wished_for(void **state)
{
    struct run_spec spec = { .release = RELEASE_4_22, .expects = &rig.litmus };
    struct run_result r;

    (void)state;
    rig.on.ops.prefer = wish;
    rig.wishes[0] = 0;
    run("create d1 = 0\nmax_mem d1 32\nclaim d1 33 = EINVAL\n", &spec, &r);
    rig.on.ops.prefer = NULL;
    assert_int_equal(r.outcome, RUN_HELD);
    /* create, max_mem, claim, and the drain's first step and what follows. */
    assert_string_equal(rig.wishes, " 0 - -22 - -");
}

/* Nor is anything wished for in the drain of the longest program. */
static void nothing_is_wished_for_in_the_drain(void **state)
{
    struct run_spec spec = { .release = RELEASE_4_22, .expects = &rig.litmus };
    static const char first[] = "create d1\n", other[] = "physinfo = 0\n";
    char text[PROGRAM_OPS_MAX * sizeof(other)];
    size_t len = sizeof(first) - 1;
    struct run_result r;

    (void)state;
    memcpy(text, first, sizeof(first));
    for ( unsigned int i = 1; i < PROGRAM_OPS_MAX; i++ )
    {
        memcpy(text + len, other, sizeof(other));
        len += sizeof(other) - 1;
    }
    rig.on.ops.prefer = wish_at_end;
    run(text, &spec, &r);
    rig.on.ops.prefer = NULL;
    assert_int_equal(r.outcome, RUN_HELD);
    assert_false(rig.wished);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_expectations_are_found),
        cmocka_unit_test(weaknesses_are_named_where_they_are),
        cmocka_unit_test(what_is_lost_is_said),
        cmocka_unit_test(a_claim_is_not_lost_with_a_block),
        cmocka_unit_test(results_are_wished_for),
        cmocka_unit_test(nothing_is_wished_for_in_the_drain),
    };

    return cmocka_run_group_tests(tests, open_rig, stub_rig_close);
}
