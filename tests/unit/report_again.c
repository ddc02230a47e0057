/* SPDX-License-Identifier: MIT */
/*
 * A report runs the program once more (report_violation()): what it says if that
 * run ends as the first did, and if it does not. Not here: what else a report
 * says (tests of cli, guards.reports).
 */
#include "engine_case.h"

#include <stdio.h>
#include <stdlib.h>

#include "harness/report/report.h"

/* What the audits of a run find, when the engine is at that step. */
struct finds
{
    const char *id; /* NULL: nothing */
    uint32_t step;
};

/* Steps of the program; the audit behind the last one is at that number. */
#define STEPS 3

static struct
{
    struct stub_rig on;
    const struct finds *run; /* each run has its own */
} rig;

static void reset(void *hv, const struct host_shape *shape,
                  const struct hv_hooks *hooks)
{
    rig.run++;
    rig.on.stub.ops->reset(hv, shape, hooks);
}

static const char *audit(void *hv, char *why, size_t size)
{
    (void)hv;
    if ( !rig.run->id || rig.on.engine.step != rig.run->step )
        return NULL;
    snprintf(why, size, "it says so");

    return rig.run->id;
}

/* The report of a program with these findings; true: of the run that failed. */
static bool report(const struct finds *finds, char **text)
{
    const struct report_hints hints = { .cli = "claimcheck",
                                        .path = "case",
                                        .strict = true };
    static struct litmus l;
    struct run_result r;
    size_t size;
    FILE *f = open_memstream(text, &size);
    bool same;

    assert_non_null(f);
    case_parse(&l, "host nodes=1 pages=64 release=4.22\n" CLAIMED);
    assert_int_equal(l.program.nr_ops, STEPS);
    rig.run = finds - 1;
    engine_run(&rig.on.engine, RUN_PROGRAM(&l.program), &r);
    assert_int_equal(r.outcome, RUN_VIOLATION);
    same = report_violation(f, &rig.on.engine, RUN_PROGRAM(&l.program), &r,
                            &hints);
    fclose(f);
    assert_non_null(strstr(*text, "explain: claimcheck explain --strict "));

    return same;
}

static void says(const char *text, const char *words)
{
    if ( !strstr(text, words) )
        fail_msg("expected \"%s\" in:\n%s", words, text);
}

#define OTHERWISE "the run for this report ended otherwise: "

/* Where only the audit behind the last step finds something, a second run with
 * an audit after each step shows no other. */
static void behind_the_last_step(void **state)
{
    static const struct finds finds[] = { { "BUDDY", STEPS },
                                          { "BUDDY", STEPS },
                                          { "BUDDY", STEPS } };
    char *text;

    (void)state;
    assert_true(report(finds, &text));
    says(text, "claimcheck: violation: BUDDY/");
    says(text, "\n >  -  (after the last step)\n");
    assert_null(strstr(text, OTHERWISE));
    free(text);
}

/* The findings of the first run, of the one that audits each step, and of the
 * report's; and what the report says of the last one. */
static void otherwise(void **state)
{
    static const struct
    {
        struct finds finds[4];
        const char *ended;
    } told[] = {
        { { { "BUDDY", STEPS }, { NULL, 0 }, { NULL, 0 } },
          "no violation at step 4, expected BUDDY/end at step 4\n" },
        { { { "BUDDY", STEPS }, { "BUDDY", 1 }, { "BUDDY", 2 } },
          "BUDDY/claim at step 3, expected BUDDY/max_mem at step 2\n" },
        { { { "BUDDY", STEPS }, { "BUDDY", 1 }, { "OWNER", 1 } },
          "OWNER/max_mem at step 2, expected BUDDY/max_mem at step 2\n" },
    };
    const uint32_t caps = rig.on.ops.caps;
    char *text;

    (void)state;
    for ( size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++ )
    {
        rig.on.ops.caps = caps;
        assert_false(report(told[i].finds, &text));
        says(text, "\nclaimcheck: internal error: " OTHERWISE);
        says(text, told[i].ended);
        free(text);
        /* A host may change by itself. */
        rig.on.ops.caps = caps & ~HV_CAP_EXACT;
        assert_true(report(told[i].finds, &text));
        says(text, "\nthis host changes by itself: " OTHERWISE);
        says(text, told[i].ended);
        free(text);
    }
    rig.on.ops.caps = caps;
}

static int open_rig(void **state)
{
    const struct engine_options engine = { 0 };

    *state = &rig.on;
    stub_rig_open(&rig.on, &engine);
    rig.on.ops.reset = reset;
    rig.on.ops.audit = audit;

    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(behind_the_last_step),
        cmocka_unit_test(otherwise),
    };

    return cmocka_run_group_tests(tests, open_rig, stub_rig_close);
}
