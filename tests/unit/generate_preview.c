/* SPDX-License-Identifier: MIT */
/*
 * What is generated suits the state: the replay follows programs, most
 * operations do what they are for, and nothing becomes unreachable. Not here:
 * whether that finds faults (claimcheck hunt).
 */
#include "program_random.h"

#include "harness/generate/preview.h"
#include "harness/program/kinds/kind.h"

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
    static struct replay r;

    (void)state;
    for ( uint64_t seed = 0; seed < 500; seed++ )
    {
        struct choice c;

        choice_from_seed(&c, seed);
        replay_start(&r);
        assert_int_equal(generate_at(p, 3, &c, out, 8, &o, &r), 8);
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

/* More than there is room for in the program, as who inserts asks for. */
static void test_behind_the_end(void **state)
{
    const struct generate_options o = { .release = -1,
                                        .ops = PROGRAM_OPS_MAX };
    static struct replay r;
    static struct program p;
    struct op out[3 * REPLAY_STRIDE];
    struct choice c;

    (void)state;
    for ( uint64_t seed = 0; seed < 32; seed++ )
    {
        program_generate(&p, seed, &o);
        replay_start(&r);
        choice_from_seed(&c, seed);
        generate_at(&p, PROGRAM_OPS_MAX, &c, out, sizeof(out) / sizeof(*out),
                    &o, &r);
        assert_int_equal(r.kept >> REPLAY_STATES, 0);
    }
}

/* Both previews are in the same state. */
static void assert_same_state(const struct preview *a, const struct preview *b)
{
    const struct model *m = &a->hv.m, *n = &b->hv.m;
    const struct lower_left *l = &a->lower.left, *k = &b->lower.left;

    assert_int_equal(a->lost, b->lost);
    assert_memory_equal(preview_view(a), preview_view(b),
                        sizeof(struct hv_view));
    assert_memory_equal(m->dom, n->dom, sizeof(m->dom));
    assert_int_equal(m->hidden, n->hidden);
    assert_memory_equal(m->names, n->names,
                        model_words(m) * sizeof(m->names[0]));
    assert_memory_equal(m->page, n->page, m->page_ids * sizeof(m->page[0]));
    assert_int_equal(a->hv.nr_taken, b->hv.nr_taken);
    for ( uint32_t w = 0; w < model_words(m); w++ )
    {
        struct model_hv_frames f = a->hv.frames[w], g = b->hv.frames[w];

        f.lost = g.lost = 0; /* of the last call alone, as budgets are */
        assert_memory_equal(&f, &g, sizeof(f));
    }
    assert_ptr_equal(m->hv, &a->hv);
    assert_int_equal(l->nr_anon, k->nr_anon);
    assert_int_equal(l->nr_extra, k->nr_extra);
    assert_int_equal(l->nr_writes, k->nr_writes);
    /* Not as memory: what pads them is anything. */
    for ( uint32_t i = 0; i < l->nr_anon; i++ )
    {
        assert_int_equal(l->anon[i].frame, k->anon[i].frame);
        assert_int_equal(l->anon[i].order, k->anon[i].order);
    }
    for ( uint32_t i = 0; i < l->nr_extra; i++ )
    {
        assert_int_equal(l->extra[i].frame, k->extra[i].frame);
        assert_int_equal(l->extra[i].dom, k->extra[i].dom);
    }
}

/* A call that does not come to the domain leaves the block that is put aside,
 * where the model is the hypervisor too. */
static void test_refused_keeps_stash(void **state)
{
    static const char stopped[] =
        "host nodes=1 pages=64 release=4.22\n"
        "create d2\nmax_mem d2 16\npopulate d2 16\nwrite d2 tot\n"
        "destroy d2\ncreate d1\nmax_mem d1 32\n"
        "populate d1 1 order=3 preempt=1 stop=1\n";
    static const char refused[] =
        "memory_op caller=d1.user abi=64 cmd=populate start=0 domid=d1 nr=1 "
        "order=0 flags=0 list=ok arg=ok\n";
    static struct preview before, after;
    char text[sizeof(stopped) + sizeof(refused)];

    (void)state;
    snprintf(text, sizeof(text), "%s%s", stopped, refused);
    replay(&before, stopped);
    assert_int_equal(before.hv.aside, 1U << 1);
    replay(&after, text);
    assert_int_equal(after.hv.aside, before.hv.aside);
    assert_same_state(&before, &after);
}

/* What the generator leaves out changes nothing. */
static void test_follow(void **state)
{
    static struct preview all, some;
    static struct program p;

    (void)state;
    for ( uint64_t round = 0; round < 4000; round++ )
    {
        const struct generate_options o = { .release = (int)(round %
                                                             RELEASE_COUNT) };

        program_generate(&p, round, &o);
        preview_start(&all, &p.host);
        preview_start(&some, &p.host);
        for ( unsigned int i = 0; i < p.nr_ops; i++ )
        {
            preview_step(&all, &p.op[i]);
            preview_follow(&some, &p.op[i]);
            /* Numbers of words, which nothing here looks at. */
            some.lower.left.nr_writes = all.lower.left.nr_writes;
            assert_same_state(&all, &some);
        }
    }
}

/* Pages found at once are those found one by one. */
static void assert_same_pages(const struct preview *p, uint32_t nodes,
                              uint32_t zone_max, uint32_t nr, uint32_t most)
{
    const struct model_hv_want want = { .nodes = nodes, .zone_max = zone_max };
    static uint64_t frames[HV_LIST_MAX];
    uint64_t end = 0, last = 0, found = 0;

    memset(frames, 0, sizeof(frames));
    assert_true(most < HV_LIST_MAX);
    while ( found < nr && model_hv_find(&p->hv, &want, &end) )
        found++;
    assert_int_equal(
        model_hv_find_pages(&p->hv, &want, &last, nr, frames, most), found);
    assert_int_equal(last, end);
    end = 0;
    for ( uint32_t i = 0; i < most && i < found; i++ )
    {
        assert_true(model_hv_find(&p->hv, &want, &end));
        assert_int_equal(frames[i], end);
    }
    assert_int_equal(frames[most < found ? most : found], 0);
}

static void test_pages_at_once(void **state)
{
    static struct preview preview;
    static struct program p;
    struct choice c;

    (void)state;
    choice_from_seed(&c, 1);
    for ( uint64_t round = 0; round < 2000; round++ )
    {
        const struct generate_options o = { .release = -1 };
        uint32_t zone_max = HV_ZONES - 1;
        uint32_t nodes = choice_below(&c, UINT32_C(1) << HV_NODES_MAX);
        uint32_t nr = choice_below(&c, 300), most = choice_below(&c, 300);

        program_generate(&p, round, &o);
        preview_start(&preview, &p.host);
        for ( unsigned int i = 0; i < p.nr_ops; i++ )
            preview_follow(&preview, &p.op[i]);
        if ( choice_one_in(&c, 4) )
            zone_max = choice_below(&c, HV_ZONES);
        assert_same_pages(&preview, nodes, zone_max, nr, most);
    }
}

/* At some place of p, by a replay that was kept and by one from the start. */
static void generate_twice(struct program *p, uint64_t seed,
                           struct replay *kept)
{
    static struct replay anew;
    const struct generate_options o = { .release = -1 };
    struct op out[2][8] = { 0 };
    struct choice c, d;
    uint32_t at, n;

    choice_from_seed(&c, seed);
    at = choice_below(&c, p->nr_ops);
    n = 1 + choice_below(&c, 8);
    n = n < p->nr_ops - at ? n : p->nr_ops - at;
    d = c;
    replay_start(&anew);
    assert_int_equal(generate_at(p, at, &c, out[0], n, &o, kept), n);
    assert_int_equal(generate_at(p, at, &d, out[1], n, &o, &anew), n);
    for ( uint32_t i = 0; i < n; i++ )
    {
        assert_int_equal(out[0][i].code, out[1][i].code);
        for ( unsigned int a = 0; a < OP_ARGS_MAX; a++ )
            assert_true(value_equal(&out[0][i].arg[a], &out[1][i].arg[a]));
    }
    memcpy(&p->op[at], out[0], n * sizeof(out[0][0]));
    assert_int_equal(kept->at, anew.at);
    assert_same_state(&kept->preview, &anew.preview);
}

/* A replay that is kept from place to place, and told of what changes in
 * between, generates what one from the start does: so often it went on, and back to
 * a state that is not the start. */
static void keep_replay(const struct generate_options *o, unsigned int rounds,
                        unsigned int *went_on, unsigned int *went_back)
{
    static struct replay kept;
    static struct program p;

    *went_on = *went_back = 0;
    for ( uint64_t seed = 0; seed < rounds; seed++ )
    {
        if ( seed % 8 == 0 )
        {
            program_generate(&p, seed, o);
            replay_start(&kept);
        }
        generate_twice(&p, seed, &kept);
        p.op[seed % 32] = p.op[seed % 7];
        replay_keep(&kept, seed % 32);
        *went_on += kept.at != REPLAY_NOWHERE && kept.at > REPLAY_STRIDE;
        *went_back += kept.at == REPLAY_NOWHERE && kept.kept > 1;
    }
}

static void test_kept_replay(void **state)
{
    const struct host_shape large = { .nodes = HV_NODES_MAX,
                                      .node_pages = PROGRAM_NODE_PAGES_MAX };
    struct generate_options o = { .release = -1, .ops = 32 };
    unsigned int went_on, went_back;

    (void)state;
    keep_replay(&o, 2400, &went_on, &went_back);
    assert_true(went_on > 240);
    assert_true(went_back > 240);
    o.shape = &large;
    keep_replay(&o, 80, &went_on, &went_back);
    assert_true(went_on > 8);
    assert_int_equal(went_back, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replay),
        cmocka_unit_test(test_any_program),
        cmocka_unit_test(test_most_succeed),
        cmocka_unit_test(test_from_bytes),
        cmocka_unit_test(test_at_a_place),
        cmocka_unit_test(test_refused_keeps_stash),
        cmocka_unit_test(test_pages_at_once),
        cmocka_unit_test(test_follow),
        cmocka_unit_test(test_behind_the_end),
        cmocka_unit_test(test_kept_replay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
