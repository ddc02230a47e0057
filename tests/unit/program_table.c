/* SPDX-License-Identifier: MIT */
/* The operation table, page counts against a state, the generator. */
#include "program_random.h"

static void names_are_unique_and_found(void **unused)
{
    (void)unused;
    for ( int i = 0; i < OP_COUNT; i++ )
    {
        const struct op_info *info = &op_table[i];

        assert_int_equal(op_from_name(info->name, strlen(info->name)), i);
        for ( int j = 0; j < info->nr_args; j++ )
            assert_int_equal(
                op_arg_index(i, info->arg[j].name, strlen(info->arg[j].name)),
                j);
    }
    assert_int_equal(op_from_name("claimx", 6), -1);
    assert_int_equal(op_from_name("clai", 4), -1);
    assert_int_equal(op_arg_index(OP_claim, "order", 5), -1);
}

/* reservation.c relies on the places of memory_op's arguments. */
static void memory_op_is_in_order(void **unused)
{
    static const char *const names[] = { "caller", "abi", "cmd",   "start",
                                         "domid",  "nr",  "order", "flags",
                                         "list",   "arg", "pad",   "flip" };

    (void)unused;
    assert_int_equal(op_table[OP_memory_op].nr_args, OP_ARGS_MAX);
    for ( int i = 0; i < OP_ARGS_MAX; i++ )
        assert_string_equal(op_table[OP_memory_op].arg[i].name, names[i]);
}

static void bases_resolve(void **unused)
{
    static const struct hv_view view = {
        .free = 40,
        .claimed = 15,
        .dom[2] = { .tot = 7, .max = 20, .claim = 5, .extra = 2 },
        .dom[3] = { .tot = 9, .max = 4 },
    };
    static const struct
    {
        const char *text;
        int slot;
        uint64_t pages;
    } cases[] = {
        { "12", 2, 12 },
        { "tot", 2, 7 },
        { "max", 2, 20 },
        { "claim", 2, 5 },
        { "goal", 2, 12 },
        { "room", 2, 13 },
        { "room", 3, 0 },
        { "free", 2, 40 },
        { "unclaimed", 2, 25 },
        { "claimable", 2, 32 },
        { "claimable", -1, 25 },
        { "tot", -1, 0 },
        { "claimed", 2, 15 },
        { "host", -1, 64 },
        { "2^26", 2, 1UL << 26 },
        { "2^31", 2, 1UL << 31 },
        { "2^32-1", 2, 0xffffffff },
        { "2^63", 2, 1UL << 63 },
        { "2^64-1", 2, UINT64_MAX },
        { "tot-8", 2, UINT64_MAX },
    };

    (void)unused;
    for ( size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        struct value v;

        assert_true(
            kind_parse(&v, ARG_PAGES, cases[i].text, strlen(cases[i].text)));
        assert_true(pages_resolve(&v, &view, cases[i].slot, 64) ==
                    cases[i].pages);
    }
}

/* More claimed than free, as a broken hypervisor may say. */
static void unclaimed_does_not_wrap(void **unused)
{
    static const struct hv_view view = { .free = 3, .claimed = 4 };
    struct value v = { .sel = BASE_UNCLAIMED };

    (void)unused;
    assert_int_equal(pages_resolve(&v, &view, -1, 64), 0);
}

static void seeds_are_programs(void **unused)
{
    static struct program p, again;
    struct generate_options o = { .release = RELEASE_4_18, .ops = 32 };
    struct host_shape shape = { .nodes = 2, .node_pages = 17, .llc = true };
    unsigned int seen[OP_COUNT] = { 0 };

    (void)unused;
    for ( uint64_t seed = 0; seed < 2000; seed++ )
    {
        program_generate(&p, seed, &o);
        program_generate(&again, seed, &o);
        assert_true(program_equal(&p, &again));
        assert_int_equal(p.nr_ops, 32);
        assert_int_equal(p.host.release, RELEASE_4_18);
        assert_false(p.wide);
        assert_true(program_is_narrow(&p));
        for ( unsigned int i = 0; i < p.nr_ops; i++ )
        {
            const struct op_info *info = &op_table[p.op[i].code];

            seen[p.op[i].code]++;
            for ( unsigned int a = 0; a < info->nr_args; a++ )
                assert_true(kind_valid(info->arg[a].kind, &p.op[i].arg[a]));
        }
        program_generate(&again, seed + 1, &o);
        assert_false(program_equal(&p, &again));
    }
    for ( unsigned int i = 0; i < op_count(RELEASE_4_18); i++ )
        assert_in_range(seen[i], 100, 2000 * 32);

    o.shape = &shape;
    program_generate(&p, 1, &o);
    assert_int_equal(p.host.nodes, 2);
    assert_int_equal(p.host.node_pages, 17);
    assert_true(p.host.llc);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_unique_and_found),
        cmocka_unit_test(memory_op_is_in_order),
        cmocka_unit_test(bases_resolve),
        cmocka_unit_test(unclaimed_does_not_wrap),
        cmocka_unit_test(seeds_are_programs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
