/* SPDX-License-Identifier: MIT */
/*
 * Who is watched for crashes and hangs (harness/report/crash.h): each engine for
 * itself, and none any more once it is forgotten. Signals are raised, no time
 * passes. And what a report says that is made in the middle of a call, or before
 * any. Crashes of a real plug-in: tests/plugins/crashes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "harness/program/text.h"
#include "harness/report/crash.h"
#include "harness/report/report.h"
#include "stub/stub.h"

/* Looks of the timer at one call: more than a hang takes. */
#define LOOKS 10

struct watched
{
    struct hypervisor h;
    struct hypervisor_ops ops;
    struct engine *e; /* on the heap: ASan tells when it is looked at later */
    struct report_hints hints;
};

static long (*stub_op)(void *hv, const struct hv_caller *caller, uint64_t *cmd,
                       uint64_t arg);

static void look(void)
{
    for ( unsigned int i = 0; i < LOOKS; i++ )
        raise(SIGPROF);
}

static long slow_op(void *hv, const struct hv_caller *caller, uint64_t *cmd,
                    uint64_t arg)
{
    look();
    return stub_op(hv, caller, cmd, arg);
}

static void open_one(struct watched *w)
{
    const struct stub_options stub = { .fault = NULL };
    const struct engine_options o = { 0 };
    const char *why;

    memset(w, 0, sizeof(*w));
    assert_true(stub_open(&w->h, &stub, &why));
    w->ops = *w->h.ops;
    stub_op = w->ops.memory_op;
    w->ops.memory_op = slow_op;
    w->h.ops = &w->ops;
    w->e = malloc(sizeof(*w->e));
    assert_non_null(w->e);
    engine_init(w->e, &w->h, &o);
    crash_watch(w->e, &w->hints, NULL);
    crash_recover(w->e);
}

static void free_one(struct watched *w)
{
    w->h.ops->close(w->h.hv);
    free(w->e);
    look();
}

static void run_one(const struct watched *w, struct run_result *r)
{
    static const char text[] = "host nodes=1 pages=64 release=4.22\n"
                               "create d1\nmax_mem d1 9\nclaim d1 5\n";
    static struct litmus l;
    struct problems problems = { 0 };

    assert_true(litmus_parse(&l, text, strlen(text), &problems));
    engine_run(w->e, RUN_PROGRAM(&l.program), r);
}

static void hangs(const struct watched *w)
{
    struct run_result r;

    run_one(w, &r);
    assert_int_equal(r.outcome, RUN_VIOLATION);
    assert_string_equal(r.signature, "HANG/claim");
}

static void is_left_alone(const struct watched *w)
{
    struct run_result r;

    run_one(w, &r);
    assert_int_equal(r.outcome, RUN_HELD);
}

/* In turns, whichever came first. */
static void two_engines(void **state)
{
    struct watched a, b;

    (void)state;
    open_one(&a);
    open_one(&b);
    hangs(&a);
    hangs(&b);
    hangs(&a);

    /* One that is left is watched as before. */
    crash_forget(a.e);
    is_left_alone(&a);
    hangs(&b);
    free_one(&a);
    hangs(&b);
    crash_forget(b.e);
    is_left_alone(&b);
    free_one(&b);
}

static void its_place_is_free(void **state)
{
    struct watched a, b, c;

    (void)state;
    open_one(&a);
    open_one(&b);
    crash_forget(a.e);
    free_one(&a);
    open_one(&c);
    hangs(&b);
    hangs(&c);
    crash_forget(b.e);
    free_one(&b);
    crash_forget(c.e);
    free_one(&c);
}

/* ---- the report ---- */

static struct
{
    struct engine *e;
    unsigned int nr;
    char *text[2];
} told;

static void tell(void)
{
    const struct report_hints hints = { .cli = "claimcheck", .path = "case" };
    size_t size;
    FILE *f;

    assert_true(told.nr < 2);
    f = open_memstream(&told.text[told.nr++], &size);
    assert_non_null(f);
    report_crash(f, told.e, "CRASH", "stub/claim.c:1", &hints);
    fclose(f);
}

static long telling_op(void *hv, const struct hv_caller *caller, uint64_t *cmd,
                       uint64_t arg)
{
    tell();
    return stub_op(hv, caller, cmd, arg);
}

/* The beginning of a report. */
static void told_so(unsigned int nr, const char *text)
{
    assert_true(nr < told.nr);
    if ( strncmp(told.text[nr], text, strlen(text)) )
        fail_msg("expected\n%s, got\n%s", text, told.text[nr]);
    free(told.text[nr]);
}

static void as_far_as_it_got(void **state)
{
    const struct host_shape shape = { .release = RELEASE_4_22,
                                      .nodes = 1,
                                      .node_pages = 64 };
    struct watched w;

    (void)state;
    open_one(&w);
    crash_forget(w.e);
    told.e = w.e;
    engine_prepare(w.e, &shape);
    tell();
    told_so(0, "claimcheck: violation: CRASH/start\n"
               "  stub/claim.c:1\n"
               "on stub, before the first step\n"
               "replay:  claimcheck replay --trace case\n");
    told.nr = 0;
    w.ops.memory_op = telling_op;
    is_left_alone(&w);
    /* In its step, and when all is released. */
    told_so(0, "claimcheck: violation: CRASH/claim\n"
               "  stub/claim.c:1\n"
               "on stub, as far as it got:\n"
               "host nodes=1 pages=64 release=4.22\n"
               "    1  create d1\n"
               "    2  max_mem d1 9\n"
               " >  3  claim d1 5\n"
               "replay:  claimcheck replay --trace --release 4.22 case\n");
    told_so(1, "claimcheck: violation: CRASH/claim\n"
               "  stub/claim.c:1\n"
               "on stub, as far as it got:\n"
               "host nodes=1 pages=64 release=4.22\n"
               "    1  create d1\n"
               "    2  max_mem d1 9\n"
               "    3  claim d1 5\n"
               "replay:");
    free_one(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_engines),
        cmocka_unit_test(its_place_is_free),
        cmocka_unit_test(as_far_as_it_got),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
