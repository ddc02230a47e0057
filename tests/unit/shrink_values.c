/* SPDX-License-Identifier: MIT */
/*
 * The shrinker tries and keeps nothing that could not be written down: every
 * candidate has a text and bytes that mean the same again.
 *
 * Not here: how short the result is (tests/guards/hunt.py).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "harness/program/kinds/kind.h"
#include "harness/generate/generate.h"
#include "harness/shrink/shrink.h"
#include "harness/stop/stop.h"

#define PROGRAMS 300

struct watch
{
    unsigned int tried;
    enum op_code wanted;
};

/* Fails as long as one operation of the wanted kind is there. */
static bool still_has_it(void *ctx, const struct litmus *l)
{
    const struct program *p = &l->program;
    struct watch *w = ctx;
    bool has = false;

    w->tried++;
    for ( uint32_t i = 0; i < p->nr_ops; i++ )
    {
        const struct op_info *info = &op_table[p->op[i].code];

        for ( unsigned int a = 0; a < info->nr_args; a++ )
            if ( !kind_valid(info->arg[a].kind, &p->op[i].arg[a]) )
                fail_msg("%s: argument %s has a value that no text says",
                         info->name, info->arg[a].name);
        has |= p->op[i].code == w->wanted;
    }

    return has;
}

static void candidates_are_valid(void **state)
{
    static struct litmus l;
    unsigned int tried = 0, shrunk = 0;

    (void)state;
    for ( unsigned int i = 0; i < PROGRAMS; i++ )
    {
        const struct generate_options o = { .release = -1, .wide = i % 2 };
        struct watch w = { .wanted = OP_memory_op };
        struct shrink_stats stats;

        program_generate(&l.program, i, &o);
        if ( !still_has_it(&w, &l) )
            continue;
        shrink(&l, still_has_it, &w, &stats);
        assert_int_equal(l.program.nr_ops, 1);
        tried += w.tried;
        shrunk++;
    }
    /* A test of no program would pass, too. */
    assert_true(shrunk > PROGRAMS / 20);
    assert_true(tried > 10 * shrunk);
}

/* Fails as long as the domain is destroyed. */
static bool destroys(void *ctx, const struct litmus *l)
{
    (void)ctx;
    for ( uint32_t i = 0; i < l->program.nr_ops; i++ )
        if ( l->program.op[i].code == OP_destroy )
            return true;
    return false;
}

/* What is expected of an operation goes where it goes. */
static void expectations_stay_with_their_operations(void **state)
{
    static const char text[] = "create d1 = 0\n"
                               "expect d1.claim=1 d1.tot=2\n"
                               "physinfo\n"
                               "destroy d1 = EINVAL\n"
                               "expect d1.claim=3\n"
                               "physinfo = 7\n";
    static struct litmus l;
    struct problems problems = { 0 };
    struct shrink_stats stats;

    (void)state;
    assert_true(litmus_parse(&l, text, sizeof(text) - 1, &problems));
    shrink(&l, destroys, NULL, &stats);
    assert_int_equal(l.program.nr_ops, 1);
    assert_true(l.has_result[0]);
    assert_int_equal(l.result[0], -EINVAL);
    assert_int_equal(l.line[0], 4);
    assert_int_equal(l.nr_expects, 1);
    assert_int_equal(l.expect[0].after, 1);
    assert_int_equal(l.expect[0].value, 3);
}

/* A signal arrives at that trial. */
#define STOP_AT 5

static bool stops(void *ctx, const struct litmus *l)
{
    struct watch *w = ctx;
    bool has = still_has_it(w, l);

    if ( w->tried == STOP_AT )
        raise(SIGTERM);
    return has;
}

/* What it has by then is what it ends with. */
static void stopped_it_keeps_the_best(void **state)
{
    const struct generate_options o = { .release = -1, .ops = 32 };
    static struct litmus l;
    struct watch w = { 0 };
    struct shrink_stats stats;

    (void)state;
    stop_watch();
    program_generate(&l.program, 1, &o);
    w.wanted = (enum op_code)l.program.op[0].code;
    shrink(&l, stops, &w, &stats);
    assert_int_equal(stats.trials, STOP_AT);
    assert_true(stats.kept > 0);
    assert_true(l.program.nr_ops < 32);
    assert_true(still_has_it(&w, &l));
    assert_int_equal(stop_code(), 128 + SIGTERM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expectations_stay_with_their_operations),
        cmocka_unit_test(candidates_are_valid),
        /* The last: from then on every search ends at once. */
        cmocka_unit_test(stopped_it_keeps_the_best),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
