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

#include <string.h>

#include "harness/program/kinds/kind.h"
#include "harness/generate/generate.h"
#include "harness/shrink/shrink.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(candidates_are_valid),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
