/* SPDX-License-Identifier: MIT */
/*
 * The engine must find what is nearly right. Between it and the stub stands a
 * hypervisor that runs the corpus and lies about one call: its result, the state
 * after it, what it told, or what is seen inside it. Each lie must be a
 * violation at that call, but for those that the model must believe
 * (model_lies.def) and those of engine_lies.def, each with its reason. What it is
 * found by, and what is said of it, must be what engine_lies.txt has.
 *
 * A program is run once for each lie. So of each lie only a few are told where
 * the same rule decides: MOST. Not here: that calls are held to be what they
 * are, which is what the corpus says; faults of the stub (stub/faults.def).
 */
#include "corpus_rig.h"

#include <stdlib.h>

#include "lies_became.h"
#include "lies_found.h"

#define MOST 8

/* No lie. */
#define NOTHING NR_ALL_LIES

#define TELLINGS_MAX 65536

static struct
{
    struct stub_rig on;
    const struct hv_hooks *hooks; /* the engine's ...                        */
    struct hv_hooks own;          /* ... behind these                        */
    const char *name;             /* of the case                             */
    bool update;                  /* write down what they are found by       */
    unsigned int calls;           /* of this run                             */
    unsigned int unlocks;         /* of this call                            */
    bool inside;                  /* such an act is seen now                 */
    bool view_is_told;            /* the next view is that of told           */
    struct hv_view honest;        /* after the call that is lied about       */
    bool writes;                  /* a page has been written                 */
    uint8_t writer;               /* ... first by that domain                */
    struct told told;
    /* In this run: what is told, or NOTHING: then what to tell is found out. */
    struct telling now, to_tell[TELLINGS_MAX];
    unsigned int nr_to_tell;
    /* How often was it told? */
    unsigned int said[NR_SEEN][RULE_COUNT][NR_ALL_LIES];
} rig;

static enum seen how_seen(void)
{
    return !(rig.on.ops.caps & HV_CAP_EXACT)      ? DRIFT
           : model_coloured(&rig.on.engine.model) ? COLOURED
                                                  : EXACT;
}

static bool telling(unsigned int lie)
{
    return rig.now.lie == lie;
}

static bool act(enum act a)
{
    return telling(FIRST_ACT + a) && rig.calls == rig.now.call;
}

/* An act that lasts. */
static bool act_since(enum act a)
{
    return telling(FIRST_ACT + a) && rig.calls >= rig.now.call;
}

/* ---- what can be told of a call ---- */

/* True if it fits the call. */
static bool tell(unsigned int lie, const struct hv_result *r,
                 const struct hv_view *v)
{
    struct told *t = &rig.told;

    told_start(t, r, v);
    if ( lie < FIRST_STATE )
        t->r->rc = result_lies[lie].rc +
                   (result_lies[lie].relative ? t->r->rc : 0);
    else if ( lie < FIRST_REPORT )
        lies[lie - FIRST_STATE].tell(t);
    else
        report_lies[lie - FIRST_REPORT].tell(t);

    return told_lies(t, r, v, rig.on.engine.view_bytes);
}

static bool fits(enum act a)
{
    const struct engine *e = &rig.on.engine;
    bool audited = e->h.ops->caps & HV_CAP_AUDIT && !e->draining;

    switch ( a )
    {
    case FAILS:
    case READS_TWICE: return true;
    case OVER_CLAIMED: return rig.unlocks;
    case PART_INSIDE: return rig.unlocks && e->has_sets;
    case HALF_INSIDE:
        return rig.unlocks && e->has_sets && e->call_op == OP_claim_set;
    case AUDIT_OBJECTS: return audited;
    case HOLDS_SECRETS: return audited && rig.writes;
    case COUNTS_DIRTY:
        return audited && rig.writes && !model_coloured(&e->model);
    case NR_ACTS: break;
    }

    return false;
}

/* Note what of it will be told in runs of their own. */
static void find_lies(const struct hv_result *r, const struct hv_view *v)
{
    struct telling t = { .call = rig.calls,
                         .seen = how_seen(),
                         .rule = rig.on.engine.prediction.rule,
                         .op = rig.on.engine.call_op };

    for ( t.lie = 0; t.lie < NR_ALL_LIES; t.lie++ )
    {
        if ( rig.said[t.seen][t.rule][t.lie] >= MOST ||
             !(t.lie < FIRST_ACT ? tell(t.lie, r, v)
                                 : fits((enum act)(t.lie - FIRST_ACT))) )
            continue;
        assert_true(rig.nr_to_tell < TELLINGS_MAX);
        rig.said[t.seen][t.rule][t.lie]++;
        rig.to_tell[rig.nr_to_tell++] = t;
    }
}

/* ---- between engine and stub ---- */

static void on_event(void *ctx, enum hv_event event, enum hv_lock lock,
                     const void *object, const char *fn, int line)
{
    if ( event == HV_EVENT_UNLOCK && lock == HV_LOCK_HEAP &&
         rig.on.engine.in_window )
        rig.inside = !rig.unlocks++;
    rig.hooks->event(ctx, event, lock, object, fn, line);
    rig.inside = false;
}

static void lie_reset(void *hv, const struct host_shape *shape,
                      const struct hv_hooks *hooks)
{
    rig.hooks = hooks;
    rig.own = *hooks;
    rig.own.event = on_event;
    rig.calls = 0;
    rig.inside = rig.view_is_told = rig.writes = false;
    rig.on.stub.ops->reset(hv, shape, &rig.own);
}

/* What the call told is falsified where the engine has it. */
static void take_told(struct hv_result *r)
{
    const struct told *t = &rig.told;

    memcpy(r, t->r,
           offsetof(struct hv_result, status) +
               r->nr_status * sizeof(r->status[0]));
    rig.view_is_told = true;
}

static unsigned int lie_issue(void *hv, const struct hv_call *call,
                              struct hv_result *result)
{
    const struct engine *e = &rig.on.engine;
    struct hv_view view = e->seen;
    unsigned int n;

    rig.calls++;
    rig.unlocks = 0;
    rig.told.call = call;
    rig.told.before = &e->before;
    if ( telling(NOTHING) || rig.calls == rig.now.call )
        told_frames(&rig.told, &e->model, &rig.on.h);
    rig.told.drift = how_seen() == DRIFT;
    n = stub_rig_issue(&rig.on, call, result);
    if ( call->kind == HV_CALL_WRITE && !result->rc && !rig.writes )
    {
        rig.writes = true;
        rig.writer = (uint8_t)call->domid;
    }
    rig.on.stub.ops->observe(hv, &view);
    if ( rig.calls == rig.now.call )
        rig.honest = view;
    if ( act(FAILS) )
        (rig.hooks->fail)(rig.hooks->ctx, "BUG", "made up", "file", 1);
    if ( telling(NOTHING) )
        find_lies(result, &view);
    else if ( rig.now.lie < FIRST_ACT && rig.calls == rig.now.call &&
              tell(rig.now.lie, result, &view) )
        take_told(result);

    return n;
}

static void lie_observe(void *hv, struct hv_view *view)
{
    rig.on.stub.ops->observe(hv, view);
    if ( rig.view_is_told )
        memcpy(view, &rig.told.v, rig.on.engine.view_bytes);
    rig.view_is_told = false;
    if ( !rig.inside )
        return;
    view->node_claimed[0] += act(PART_INSIDE);
    view->claimed += act(HALF_INSIDE);
    view->dom[1].claim += act(HALF_INSIDE);
}

static void lie_heap(void *hv, uint64_t *free, uint64_t *claimed)
{
    rig.on.stub.ops->heap(hv, free, claimed);
    if ( rig.inside && act(OVER_CLAIMED) )
        *claimed = *free + 1;
}

static uint32_t lie_fetched(void *hv)
{
    uint32_t twice = rig.on.stub.ops->fetched_twice(hv);

    return act(READS_TWICE) ? 1 : twice;
}

static const char *lie_audit(void *hv, char *why, size_t size)
{
    if ( !act_since(AUDIT_OBJECTS) )
        return rig.on.stub.ops->audit(hv, why, size);
    *why = 0;
    return "OWNER";
}

static void lie_page(void *hv, uint64_t frame, struct hv_page *page)
{
    rig.on.stub.ops->page(hv, frame, page);
    if ( act_since(HOLDS_SECRETS) && page->owner >= 0 &&
         page->owner != rig.writer )
        page->word = LOWER_WORD + 1;
}

static void lie_scrub_pages(void *hv, uint64_t pages[HV_NODES_MAX])
{
    rig.on.stub.ops->scrub_pages(hv, pages);
    pages[0] += act_since(COUNTS_DIRTY);
}

/* ---- the corpus, and what became of the lies ---- */

static void run(struct telling now, const struct run_spec *spec,
                struct run_result *r)
{
    rig.now = now;
    engine_run(&rig.on.engine, spec, r);
}

static bool lasts(unsigned int lie)
{
    return lie >= FIRST_ACT + AUDIT_OBJECTS;
}

/* A run that ends at a weakness, with that call, is not audited, and what is seen
 * in that call is not judged. */
static bool is_looked_at(const struct telling *t, bool held,
                         unsigned int last_call)
{
    return held || t->lie < FIRST_ACT ||
           (!lasts(t->lie) && t->call != last_call);
}

/* What must have been seen instead is what the stub shows, but for on which node
 * pages are. */
static bool is_honest(const struct hv_view *v)
{
    struct hv_view seen = *v;

    memcpy(seen.node_free, rig.honest.node_free, sizeof(seen.node_free));
    return !memcmp(&seen, &rig.honest, rig.on.engine.view_bytes);
}

static enum expected what_expected(const struct telling *t, const char *where)
{
    struct hv_view expected;

    /* Others are told in the middle of a call; and what happened to a page out
     * of use is what is told of it. */
    if ( t->lie > FIRST_ACT + FAILS ||
         (t->lie >= FIRST_STATE && t->lie < FIRST_REPORT &&
          !strncmp(lies[t->lie - FIRST_STATE].name, "status_", 7)) )
        return NOT_ASKED;
    if ( !engine_expected(&rig.on.engine, &expected) )
        return OPEN;
    if ( is_honest(&expected) )
        return KNOWN;
    if ( t->seen == EXACT )
        lie_misleads(t, where);

    return NOT_ASKED;
}

static void run_lie(const struct telling *t, const struct run_spec *spec,
                    uint32_t weaknesses)
{
    enum expected expected = NOT_ASKED;
    struct run_result r;
    char where[128];
    bool violation, at_once;

    run(*t, spec, &r);
    violation = r.outcome == RUN_VIOLATION;
    r.weaknesses &= ~weaknesses;
    at_once = lasts(t->lie) || rig.calls == t->call || !violation;
    snprintf(where, sizeof(where), "%s, %s, call %u%s", rig.name,
             release_name(spec->release), t->call,
             at_once ? "" : ", found later");
    if ( violation && at_once )
        expected = what_expected(t, where);
    lie_found(t, &r, expected);
    if ( !at_once || !(violation || r.weaknesses) )
        lie_taken(t, where);
}

static int run_case(const char *name, const struct run_spec *spec)
{
    unsigned int calls;
    struct run_result r;

    rig.name = name;
    rig.nr_to_tell = 0;
    run((struct telling){ .lie = NOTHING }, spec, &r);
    if ( r.outcome == RUN_VIOLATION )
        return EXIT_VIOLATION;
    calls = rig.calls;
    for ( unsigned int i = 0; i < rig.nr_to_tell; i++ )
        if ( is_looked_at(&rig.to_tell[i], r.outcome == RUN_HELD, calls) )
            run_lie(&rig.to_tell[i], spec, r.weaknesses);

    return EXIT_HELD;
}

static void each_lie_is_found(void **state)
{
    (void)state;
    corpus_rig_run(&rig.on, run_case);
    if ( rig.update )
        found_store();
    assert_int_equal(lies_not_as_listed() + found_not_as_stored(), 0);
}

static int open_rig(void **state)
{
    const struct engine_options engine = { 0 };
    struct hypervisor_ops *ops = &rig.on.ops;

    *state = &rig.on;
    stub_rig_open(&rig.on, &engine);
    ops->reset = lie_reset;
    ops->issue = lie_issue;
    ops->observe = lie_observe;
    ops->heap = lie_heap;
    ops->fetched_twice = lie_fetched;
    ops->audit = lie_audit;
    ops->page = lie_page;
    ops->scrub_pages = lie_scrub_pages;

    return 0;
}

/* engine_lies --update: write engine_lies.txt anew. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_lie_is_found),
    };

    rig.update = argc > 1 && !strcmp(argv[1], "--update");
    return cmocka_run_group_tests(tests, open_rig, stub_rig_close);
}
