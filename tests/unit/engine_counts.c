/* SPDX-License-Identifier: MIT */
/*
 * What the engine says besides its verdicts: what it counted (stats.c), and why
 * a program is not run (missing.c).
 */
#include "engine_case.h"

#include <stdlib.h>

#include "harness/engine/stats.h"

static struct
{
    struct stub_rig on;
    struct stats stats;
    struct litmus litmus;
} rig;

static void no_masks(FILE *f)
{
    (void)f;
}

static void run(const char *text, struct run_result *r)
{
    case_parse(&rig.litmus, text);
    engine_run(&rig.on.engine, RUN_PROGRAM(&rig.litmus.program), r);
}

static void contains(const char *text, const char *part)
{
    if ( !strstr(text, part) )
        fail_msg("expected %s in %s", part, text);
}

/* The last of a list that counts none of it. */
static void ends_with(const char *text, const char *name, const char *next)
{
    char part[64];

    snprintf(part, sizeof(part), "\"%s\":0},\"%s\":{", name, next);
    contains(text, part);
}

/* In JSON, and in the table for people. */
static void calls_are_counted(void **state)
{
    struct run_result r;
    char *text = NULL;
    size_t size;
    FILE *f;

    (void)state;
    memset(&rig.stats, 0, sizeof(rig.stats));
    run("create d1\nmax_mem d1 4\nclaim d1 5\nclaim d1 2\npopulate d1 9\n"
        "populate d1 1 list=unmapped\npopulate d1 1\nphysinfo\n",
        &r);
    assert_int_equal(r.outcome, RUN_HELD);
    run("create d1\nmax_mem d1 8\nclaim d1 8\nmax_mem d1 1\n", &r);
    assert_int_equal(r.outcome, RUN_HELD);

    f = open_memstream(&text, &size);
    assert_non_null(f);
    stats_json(f, &rig.stats, "me", 7, no_masks);
    fclose(f);
    contains(text, "{\"target\":\"me\",\"pid\":7,\"runs\":2,");
    contains(text, "\"held\":2,\"ended_at_weakness\":0,\"skipped\":0,"
                   "\"violations\":0,\"fault\":{\"reached\":0},");
    contains(text,
             "\"ops\":{\"physinfo\":{\"all\":1},\"create\":{\"all\":2},");
    /* The drain releases the second program's claim. */
    contains(text, "\"claim\":{\"all\":3,\"EINVAL\":1},");
    contains(text, "\"populate\":{\"short\":1,\"none\":2},");
    contains(text, "\"weaknesses\":{\"dying-claim\":0,\"grow-on-free\":0,");
    contains(text, "\"max-below-claim\":1,");
    contains(text, "},\"rules\":{\"CALLER_USER\":0,");
    contains(text, "\"CLAIM_ABOVE_MAX\":1,");
    contains(text, "},\"releases\":{\"4.17\":0,");
    contains(text, "\"4.22\":2,");
    contains(text, "},\"masked\":{}}\n");
    ends_with(text, weakness_table[WEAK_COUNT - 1].name, "rules");
    ends_with(text, rule_table[RULE_COUNT - 1].id, "releases");
    ends_with(text, release_name(RELEASE_COUNT - 1), "masked");
    free(text);

    f = open_memstream(&text, &size);
    assert_non_null(f);
    stats_table(f, &rig.stats);
    fclose(f);
    contains(text, "  claim                ");
    contains(text, "EINVAL");
    assert_null(strstr(text, "ENOMEM"));
    free(text);
}

/* Each errno has a class of its own, by its name; others share one. */
static void each_errno_has_its_class(void **state)
{
    static const struct
    {
        int nr;
        const char *name;
    } errnos[] = {
        { 1, "EPERM" },     { 2, "ENOENT" },  { 3, "ESRCH" },
        { 14, "EFAULT" },   { 17, "EEXIST" }, { 22, "EINVAL" },
        { 12, "ENOMEM" },   { 38, "ENOSYS" }, { 95, "EOPNOTSUPP" },
        { 13, "EACCES" },   { 7, "E2BIG" },   { 16, "EBUSY" },
        { 85, "ERESTART" }, { 34, "ERANGE" }, { 105, "ENOBUFS" },
        { 4, "other" },
    };
    const struct hv_call call = { .kind = HV_CALL_PHYSINFO };

    (void)state;
    for ( unsigned int i = 0; i < sizeof(errnos) / sizeof(errnos[0]); i++ )
    {
        memset(&rig.stats, 0, sizeof(rig.stats));
        stats_call(&rig.stats, OP_physinfo, &call, -errnos[i].nr, RULE_NONE);
        for ( int c = 0; c < CLASS_COUNT; c++ )
            if ( rig.stats.reached[OP_physinfo][c] )
                assert_string_equal(stats_class_name((enum result_class)c),
                                    errnos[i].name);
        assert_int_equal(rig.stats.calls, 1);
    }
}

static struct host_shape three_nodes(void *hv)
{
    (void)hv;
    /* Whatever it says of releases: a run's is that of its program. */
    return (struct host_shape){ .nodes = 3,
                                .node_pages = 64,
                                .release = RELEASE_4_17 };
}

/* Without a capability, a program that needs it is not run, and only that. */
static void what_is_missing_is_said(void **state)
{
    static const struct
    {
        uint32_t cap;
        bool shape;
        uint32_t node_pages_max;
        const char *program, *why; /* NULL: it is run */
    } rows[] = {
        { HV_CAP_LLC, false, 0, "host llc=1\nphysinfo\n",
          "LLC colouring is not offered" },
        { HV_CAP_LLC, false, 0, "physinfo\n", NULL },
        { HV_CAP_ANON, false, 0, "host llc=1\nphysinfo\n", NULL },
        { HV_CAP_SHAPE, true, 0, "host nodes=2\nphysinfo\n",
          "this host has another number of nodes" },
        { HV_CAP_SHAPE, true, 0,
          "host nodes=3 pages=64 release=4.22\ncreate d1\n", NULL },
        { 0, false, 64, "host pages=32\nphysinfo\n", NULL },
        { 0, false, 64, "host pages=64\nphysinfo\n", NULL },
        { 0, false, 64, "host pages=65\nphysinfo\n",
          "hosts of so many pages are not offered" },
    };
    struct run_result r;

    (void)state;
    for ( unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        rig.on.ops.caps = rig.on.stub.ops->caps & ~rows[i].cap;
        rig.on.ops.shape = rows[i].shape ? three_nodes : NULL;
        rig.on.ops.node_pages_max = rows[i].node_pages_max;
        run(rows[i].program, &r);
        rig.on.ops.caps = rig.on.stub.ops->caps;
        rig.on.ops.shape = NULL;
        rig.on.ops.node_pages_max = rig.on.stub.ops->node_pages_max;
        assert_int_equal(r.outcome, rows[i].why ? RUN_SKIPPED : RUN_HELD);
        if ( rows[i].why )
            assert_string_equal(r.detail, rows[i].why);
    }
}

static unsigned int looked_up;

static int count_page_id(void *hv, uint64_t frame)
{
    looked_up++;
    return rig.on.stub.ops->page_id(hv, frame);
}

/* However long a list is and however large its extents: no more frames are looked
 * at than a host has, a few times over. */
static void long_lists_cost_little(void **state)
{
    struct run_result r;

    (void)state;
    rig.on.ops.page_id = count_page_id;
    looked_up = 0;
    run("host nodes=4 pages=256\ncreate d1\nmax_mem d1 host\npopulate d1 8\n"
        "write d1 8\ndecrease d1 2^64-2 order=18\ndecrease d1 8\n",
        &r);
    rig.on.ops.page_id = rig.on.stub.ops->page_id;
    assert_int_equal(r.outcome, RUN_HELD);
    assert_in_range(looked_up, 8, 8 * 4 * 256);
}

static unsigned int looked_into;

static void count_page(void *hv, uint64_t frame, struct hv_page *page)
{
    looked_into++;
    rig.on.stub.ops->page(hv, frame, page);
}

/* Pages that are looked into in a run that takes one out of use; with more steps
 * before that and after. */
static unsigned int looks(enum release release, const char *first,
                          const char *more)
{
    char text[256];
    struct run_result r;

    snprintf(text, sizeof(text),
             "host nodes=1 pages=16 release=%s\ncreate d1\nmax_mem d1 8\n"
             "populate d1 1\n%soffline free\n%s",
             release_name(release), first, more);
    rig.on.ops.page = count_page;
    looked_into = 0;
    run(text, &r);
    rig.on.ops.page = rig.on.stub.ops->page;
    assert_int_equal(r.outcome, RUN_HELD);

    return looked_into;
}

/* Those of a step that moves none. */
static unsigned int looks_again(enum release release, const char *first)
{
    return looks(release, first, "physinfo\n") - looks(release, first, "");
}

/* A release that spoils its free lists then: once somebody has written, all pages
 * are looked into after each step, whether or not any has moved. */
static void each_step_is_audited(void **state)
{
    (void)state;
    for ( unsigned int i = 0; i < RELEASE_COUNT; i++ )
    {
        enum release release = (enum release)i;
        bool spoils = weakness_table[WEAK_OFFLINE_MISALIGNED].releases &
                      RELEASE_BIT(release);

        assert_int_equal(looks_again(release, "write d1 1\n"),
                         spoils ? 16 : 0);
    }
    assert_int_equal(looks(RELEASE_4_21, "", "physinfo\n"), 0);
    rig.on.ops.caps &= ~(uint32_t)HV_CAP_AUDIT;
    assert_int_equal(looks_again(RELEASE_4_21, "write d1 1\n"), 0);
    rig.on.ops.caps |= HV_CAP_AUDIT;
}

static int open_rig(void **state)
{
    const struct engine_options engine = { .stats = &rig.stats };

    *state = &rig.on;
    stub_rig_open(&rig.on, &engine);

    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_are_counted),
        cmocka_unit_test(each_errno_has_its_class),
        cmocka_unit_test(what_is_missing_is_said),
        cmocka_unit_test(long_lists_cost_little),
        cmocka_unit_test(each_step_is_audited),
    };

    return cmocka_run_group_tests(tests, open_rig, stub_rig_close);
}
