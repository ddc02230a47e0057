/* SPDX-License-Identifier: MIT */
/*
 * The model must refuse what is nearly right. After each call of the corpus it
 * is asked, in copies, what it would have said of the neighbours of what
 * happened: another errno, one extent more or less, a page, a claim or a state
 * that is not as it should be. Each it must refuse, but for those of the table
 * in model_lies.def, each with its reason.
 *
 * Not here: the engine's own oracles (engine_oracles.c); that the model takes
 * what is right, which is what the corpus says.
 */
#include "corpus_rig.h"

#include <stdio.h>
#include <stdlib.h>

#include "lies.h"

#define NR_ALL (NR_RESULT_LIES + NR_LIES)

static const char *lie_name(unsigned int i)
{
    return i < NR_RESULT_LIES ? result_lies[i].name
                              : lies[i - NR_RESULT_LIES].name;
}

/* What the model must believe at times: TAKEN(how much is seen, the rule that
 * decides, the lie, why). */
static const struct taken
{
    enum seen seen;
    const char *row, *lie;
} taken[] = {
#define TAKEN(seen, row, lie, why) { seen, row, lie },
#include "model_lies.def"
#undef TAKEN
};
#define NR_TAKEN (sizeof(taken) / sizeof(taken[0]))

/* ---- asking the model ---- */

static struct
{
    struct stub_rig on;
    enum release release;
    const struct hv_call *call; /* just made; NULL: none */
    struct hv_result *result;
    struct told told;
    struct model model;
    MODEL_ROOM(HV_PAGES_MAX) room;
    /* Of each rule that decided: how often each lie was told and taken. */
    unsigned int said[NR_SEEN][RULE_COUNT][NR_ALL];
    unsigned int taken[NR_SEEN][RULE_COUNT][NR_ALL];
    /* Where a lie was taken first. */
    char where[NR_SEEN][RULE_COUNT][NR_ALL][64];
    const char *name; /* of the case */
} rig;

static bool takes(const struct hv_result *r, const struct hv_view *v)
{
    const struct prediction *p = &rig.on.engine.prediction;

    if ( !model_allows(p, r->rc) )
        return false;
    model_copy(&rig.model, &rig.on.engine.model);
    return !model_commit(&rig.model, rig.call, p, r, v) &&
           !memcmp(model_view(&rig.model), v, rig.on.engine.view_bytes);
}

static enum seen how_seen(void)
{
    return !(rig.on.ops.caps & HV_CAP_EXACT)      ? DRIFT
           : model_coloured(&rig.on.engine.model) ? COLOURED
                                                  : EXACT;
}

static void count(unsigned int lie, bool is_taken)
{
    enum rule rule = rig.on.engine.prediction.rule;
    enum seen seen = how_seen();

    rig.said[seen][rule][lie]++;
    if ( is_taken && !rig.taken[seen][rule][lie]++ )
        snprintf(rig.where[seen][rule][lie], sizeof(rig.where[0][0][0]),
                 "%s, call %u", rig.name,
                 (unsigned int)rig.on.engine.step + 1);
}

static void lie_about_result(void)
{
    for ( unsigned int i = 0; i < NR_RESULT_LIES; i++ )
    {
        long rc = result_lies[i].rc +
                  (result_lies[i].relative ? rig.result->rc : 0);

        if ( rc != rig.result->rc )
            count(i, model_allows(&rig.on.engine.prediction, rc));
    }
}

/* The sets of pages say what the pages do; those of a domain that dies are used
 * by the model as a hypervisor only. */
static void check_names(void)
{
    const struct model *m = &rig.on.engine.model;

    for ( uint32_t id = 0; id < m->page_ids; id++ )
    {
        const struct model_page *page = &m->page[id];
        const struct model_names *names = &m->names[id / 64];

        for ( int slot = 0; slot < HV_DOMS_MAX; slot++ )
            if ( m->counters.dom[slot].state == HV_DOM_ALIVE &&
                 ((names->owned[slot] >> (id % 64) & 1) !=
                      (page->owner == slot && page->allocated &&
                       !page->extra) ||
                  (names->mapped[slot] >> (id % 64) & 1) !=
                      (page->owner == slot && page->maps)) )
                fail_msg("%s: page %u is not in the sets that it should be",
                         rig.name, (unsigned int)id);
    }
}

static void lie_about_state(const struct hv_view *v)
{
    struct told *t = &rig.told;

    t->call = rig.call;
    t->before = &rig.on.engine.before;
    told_frames(t, &rig.on.engine.model, &rig.on.h);
    t->drift = how_seen() == DRIFT;
    for ( unsigned int i = 0; i < NR_LIES; i++ )
    {
        told_start(t, rig.result, v);
        lies[i].tell(t);
        if ( told_lies(t, rig.result, v, rig.on.engine.view_bytes) )
            count(NR_RESULT_LIES + i, takes(t->r, &t->v));
    }
}

/* What decided is one of all conditions, for which the matrix asks. */
static void check_conditions(void)
{
    enum rule decided = rig.on.engine.prediction.rule;
    uint64_t set[RULE_WORDS];

    model_conditions(&rig.on.engine.model, rig.call, set);
    if ( rule_table[decided].family & FAMILY_ALL &&
         !(set[decided / 64] >> (decided % 64) & 1) )
        fail_msg("%s: rule %s decides, and does not hold", rig.name,
                 rule_table[decided].row);
}

/* Each rule was looked at once, and the last one is what decided. */
static void check_evaluated(void)
{
    const struct prediction *p = &rig.on.engine.prediction;
    bool seen[RULE_COUNT] = { false };

    for ( unsigned int i = 0; i < p->nr_evaluated; i++ )
    {
        if ( seen[p->evaluated[i]] )
            fail_msg("%s: rule %s was looked at twice", rig.name,
                     rule_table[p->evaluated[i]].row);
        seen[p->evaluated[i]] = true;
    }
    if ( !seen[p->rule] )
        fail_msg("%s: rule %s decides, and was not looked at", rig.name,
                 rule_table[p->rule].row);
}

/* ---- between engine and stub ---- */

static void watch_reset(void *hv, const struct host_shape *shape,
                        const struct hv_hooks *hooks)
{
    rig.release = shape->release;
    rig.call = NULL;
    rig.on.stub.ops->reset(hv, shape, hooks);
}

static unsigned int watch_issue(void *hv, const struct hv_call *call,
                                struct hv_result *result)
{
    unsigned int n;

    (void)hv;
    n = hv_issue(&rig.on.stub, rig.release, call, result);
    rig.call = call;
    rig.result = result;
    return n;
}

static void watch_observe(void *hv, struct hv_view *view)
{
    rig.on.stub.ops->observe(hv, view);
    if ( !rig.call || rig.on.engine.in_window )
        return;
    check_conditions();
    check_evaluated();
    check_names();
    lie_about_result();
    if ( takes(rig.result, view) )
        lie_about_state(view);
    rig.call = NULL;
}

/* ---- the corpus, and what became of the lies ---- */

static int run_case(const char *name, const struct run_spec *spec)
{
    struct run_result result;

    rig.name = name;
    engine_run(&rig.on.engine, spec, &result);

    return result.outcome == RUN_VIOLATION ? EXIT_VIOLATION : EXIT_HELD;
}

static bool may_be_taken(enum seen seen, unsigned int rule, unsigned int lie)
{
    for ( unsigned int i = 0; i < NR_TAKEN; i++ )
        if ( taken[i].seen == seen &&
             !strcmp(taken[i].row, rule_table[rule].row) &&
             !strcmp(taken[i].lie, lie_name(lie)) )
            return true;
    return false;
}

static void each_lie_is_refused(void **state)
{
    unsigned int bad = 0;

    (void)state;
    corpus_rig_run(&rig.on, run_case);

    for ( unsigned int s = 0; s < NR_SEEN; s++ )
        for ( unsigned int r = 0; r < RULE_COUNT; r++ )
            for ( unsigned int i = 0; i < NR_ALL; i++ )
                if ( !rig.taken[s][r][i] == may_be_taken((enum seen)s, r, i) )
                {
                    print_message("TAKEN(%s, \"%s\", \"%s\"): %u of %u: %s\n",
                                  seen_names[s], rule_table[r].row,
                                  lie_name(i), rig.taken[s][r][i],
                                  rig.said[s][r][i], rig.where[s][r][i]);
                    bad++;
                }
    assert_int_equal(bad, 0);
}

static int open_rig(void **state)
{
    const struct engine_options engine = { 0 };

    *state = &rig.on;
    stub_rig_open(&rig.on, &engine);
    rig.on.ops.reset = watch_reset;
    rig.on.ops.issue = watch_issue;
    rig.on.ops.observe = watch_observe;
    MODEL_USE(&rig.model, &rig.room);

    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_lie_is_refused),
    };

    return cmocka_run_group_tests(tests, open_rig, stub_rig_close);
}
