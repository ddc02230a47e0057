/* SPDX-License-Identifier: MIT */
/*
 * What is generated suits the state: the replay follows programs, most
 * operations do what they are for, and nothing becomes unreachable. Not here:
 * whether that finds faults (claimcheck hunt).
 */
#include "program_random.h"

#include "harness/generate/preview.h"

static const struct program *parse(const char *text)
{
    static struct litmus l;
    static struct problems problems;

    problems.nr = 0;
    if ( !litmus_parse(&l, text, strlen(text), &problems) )
        fail_msg("line %u: %s", problems.problem[0].line,
                 problems.problem[0].text);

    return &l.program;
}

static void replay(struct preview *w, const char *text)
{
    const struct program *p = parse(text);

    preview_start(w, &p->host);
    for ( unsigned int i = 0; i < p->nr_ops; i++ )
        preview_step(w, &p->op[i]);
    assert_false(w->lost);
}

/* Counters that the rules give, by hand. */
static void test_replay(void **state)
{
    static struct preview w;
    const struct hv_view *v = preview_view(&w);

    (void)state;
    replay(&w, "host nodes=1 pages=64 release=4.22\n"
               "create d1\nmax_mem d1 40\nclaim d1 20\npopulate d1 5\n"
               "memory_op caller=d1 cmd=populate domid=self nr=3\n"
               "decrease d1 2\nclaim d2 3\n");
    assert_int_equal(v->dom[1].tot, 6);
    assert_int_equal(v->dom[1].claim, 12);
    assert_int_equal(v->claimed, 12);
    assert_int_equal(v->dom[2].state, HV_DOM_ABSENT);
    replay(&w, "host nodes=2 pages=16 release=4.17\n"
               "create d3\nmax_mem d3 host\nclaim d3 unclaimed\n"
               "populate d3 4\nmap d3 2\ndestroy d3\n");
    assert_int_equal(v->dom[3].state, HV_DOM_DEAD);
    assert_int_equal(v->dom[3].tot, 2);
    assert_int_equal(v->claimed, 0);
    assert_true(model_any_mapped(&w.hv.m, 3));
    replay(&w, "host nodes=1 pages=64 release=4.22\ncreate d1\n"
               "max_mem d1 host\npopulate d1 9\ndestroy d1 steps=2\n");
    assert_int_equal(v->dom[1].state, HV_DOM_DYING);
}

/* Any program at all: no abort, and hardly ever stuck. */
static void test_any_program(void **state)
{
    static struct program p;
    static struct preview w;
    unsigned int lost = 0, rounds = 20000;

    (void)state;
    for ( uint64_t round = 0; round < rounds; round++ )
    {
        random_program(&p, round);
        preview_start(&w, &p.host);
        for ( unsigned int i = 0; i < p.nr_ops; i++ )
            preview_step(&w, &p.op[i]);
        lost += w.lost;
    }
    assert_in_range(lost, 0, rounds / 50);
}

struct share
{
    unsigned int good, all;
};

static void count(struct share share[OP_COUNT], const struct program *p)
{
    static struct preview w;

    preview_start(&w, &p->host);
    for ( unsigned int i = 0; i < p->nr_ops; i++ )
    {
        long rc = preview_step(&w, &p->op[i]);
        bool takes = p->op[i].code == OP_populate ||
                     p->op[i].code == OP_increase ||
                     p->op[i].code == OP_decrease || p->op[i].code == OP_map;

        share[p->op[i].code].all++;
        share[p->op[i].code].good += takes ? rc > 0 : rc == 0;
    }
}

static unsigned int percent(const struct share *s)
{
    return 100 * s->good / s->all;
}

/* Most do what they are for, all are refused now and then; and without knowing
 * the state it is worse, or knowing it is worth nothing. */
static void test_most_succeed(void **state)
{
    static const uint8_t codes[] = { OP_create,   OP_max_mem,  OP_claim,
                                     OP_populate, OP_increase, OP_decrease,
                                     OP_map };
    static struct share known[OP_COUNT], blind[OP_COUNT];
    static struct program p;

    (void)state;
    for ( uint64_t seed = 0; seed < 4000; seed++ )
    {
        struct generate_options o = { .release = -1 };

        program_generate(&p, seed, &o);
        count(known, &p);
        o.blind = true;
        program_generate(&p, seed, &o);
        count(blind, &p);
    }
    for ( unsigned int i = 0; i < sizeof(codes); i++ )
    {
        unsigned int good = percent(&known[codes[i]]);

        print_message("%-10s %u%% (blind %u%%)\n", op_table[codes[i]].name,
                      good, percent(&blind[codes[i]]));
        assert_in_range(good, 50, 98);
        assert_true(good > percent(&blind[codes[i]]));
    }
}

/* Bytes: any string is a program, the same one each time, and ends with it. */
static void test_from_bytes(void **state)
{
    const struct generate_options o = { .release = -1 };
    static struct program p, again;
    uint8_t bytes[600];
    uint64_t random = 1;
    unsigned int ops[2] = { 0, 0 };

    (void)state;
    for ( unsigned int round = 0; round < 500; round++ )
    {
        size_t size = round % 2 ? sizeof(bytes) : round % 64;
        struct choice c;

        random_bytes(&random, bytes, size);
        choice_from_bytes(&c, bytes, size);
        program_choose(&p, &c, &o);
        choice_from_bytes(&c, bytes, size);
        program_choose(&again, &c, &o);
        assert_true(program_equal(&p, &again));
        ops[round % 2] += p.nr_ops;
    }
    assert_true(ops[1] > 2 * ops[0]);
}

/* At a place: as many as asked, for the domains there are. */
static void test_at_a_place(void **state)
{
    const struct generate_options o = { .release = -1 };
    static const char text[] = "host nodes=1 pages=64 release=4.22\n"
                               "create d5\nmax_mem d5 host\npopulate d5 9\n";
    const struct program *p = parse(text);
    struct op out[8];
    unsigned int named = 0, all = 0;

    (void)state;
    for ( uint64_t seed = 0; seed < 500; seed++ )
    {
        struct choice c;

        choice_from_seed(&c, seed);
        assert_int_equal(generate_at(p, 3, &c, out, 8, &o), 8);
        for ( unsigned int i = 0; i < 8; i++ )
        {
            if ( op_slot(&out[i]) < 0 )
                continue;
            all++;
            named += op_slot(&out[i]) == 5;
        }
    }
    assert_true(named > all / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replay),
        cmocka_unit_test(test_any_program),
        cmocka_unit_test(test_most_succeed),
        cmocka_unit_test(test_from_bytes),
        cmocka_unit_test(test_at_a_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
