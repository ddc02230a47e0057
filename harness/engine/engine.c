/* SPDX-License-Identifier: MIT */
/*
 * A run: reset, steps, audit, drain, audit, hash. A step is lowered to calls
 * (harness/lower), each of which is made and compared with the model (call.c)
 * and with the invariants (invariants.c).
 */
#include "impl.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "marks/marks.h"
#include "stats.h"

static void tell_step(struct engine *e, long rc, bool failed)
{
    struct step_info info;

    if ( !e->o.on_step )
        return;
    info = (struct step_info){ .step = e->step,
                               .op = e->op,
                               .drain = e->draining,
                               .not_run = e->lower.not_run,
                               .rc = rc,
                               .failed = failed,
                               .in_call = e->cut,
                               .view = &e->seen };
    e->o.on_step(e->o.ctx, &info);
}

_Noreturn void engine_stop(struct engine *e, enum outcome outcome)
{
    /* Stopped inside a call: show what the observer of the moment sees. */
    e->cut = e->in_window;
    e->in_window = false;
    if ( e->cut && !e->r->crash )
        e->h.ops->observe(e->h.hv, &e->seen);
    e->r->outcome = outcome;
    e->r->step = e->draining ? e->spec.program->nr_ops : e->step;
    if ( e->op && outcome == RUN_VIOLATION )
        tell_step(e, e->rc, true);
    longjmp(e->stop, 1);
}

void invariant_broken(struct engine *e, enum invariant inv, const char *fmt,
                      ...)
{
    int weakness;
    va_list ap;

    /* A spoilt state keeps breaking invariants; only conformance says more. */
    if ( e->spoilt )
        return;

    weakness = weakness_find(e, inv);
    if ( weakness >= 0 && e->spec.tolerance != NO_WEAKNESS )
    {
        e->r->weaknesses |= 1U << weakness;
        if ( inv == INV_BUDDY ) /* lists that lead astray */
            engine_stop(e, RUN_WEAKNESS);
        if ( weakness_table[weakness].ends )
            e->spoilt |= 1U << weakness;
        else
            MARK(weakness_passed);
        return;
    }

    va_start(ap, fmt);
    engine_vfail(e, inv, fmt, ap);
}

/* ---- hooks: what the implementation tells and asks during a call ---- */

/* The heap lock is free now: whatever it protects must be in order. */
static void check_window(struct engine *e)
{
    uint64_t free, claimed;

    e->h.ops->heap(e->h.hv, &free, &claimed);
    if ( __builtin_expect(claimed > free, 0) )
        window_over_claimed(e, claimed, free);
    if ( __builtin_expect(e->has_sets, 0) )
        check_set_window(e);
}

static void on_event(void *ctx, enum hv_event event, enum hv_lock lock,
                     const void *object, const char *fn, int line)
{
    struct engine *e = ctx;

    (void)object;
    (void)fn;
    (void)line;
    if ( event == HV_EVENT_UNLOCK && lock == HV_LOCK_HEAP && e->in_window )
        check_window(e);
}

/* The same where somebody listens. Apart, because it is done at every unlock. */
static void on_event_told(void *ctx, enum hv_event event, enum hv_lock lock,
                          const void *object, const char *fn, int line)
{
    struct engine *e = ctx;

    if ( e->in_window )
        e->o.on_event(e->o.call_ctx, e, event, lock, fn, line);
    on_event(ctx, event, lock, object, fn, line);
}

static bool on_preempt(void *ctx)
{
    struct engine *e = ctx;
    uint32_t every = e->call.kind == HV_CALL_DOMCTL ? e->call.domctl.preempt
                                                    : e->call.preempt;

    if ( !every || !e->in_window )
        return false;
    /* destroydomain: every invocation stops as soon as it may; hv_issue counts
     * them. Others: every so-many-th question. */
    if ( e->call.kind == HV_CALL_DOMCTL )
        return true;

    return ++e->preempt_asked % every == 0;
}

/* A source by its name in this tree, however the compiler was told of it: as
 * "../../stub/claim.c" or with a whole path. A plug-in's may be elsewhere. */
static const char *in_tree(const char *file)
{
    const size_t root = strlen(__FILE__) - strlen("harness/engine/engine.c");

    return strncmp(file, __FILE__, root) ? file : file + root;
}

static _Noreturn void on_fail(void *ctx, const char *id, const char *what,
                              const char *file, int line)
{
    struct engine *e = ctx;
    int weakness = weakness_find(e, invariant_of(id));

    /* The call cannot go on, nor can the run. */
    if ( weakness >= 0 && weakness_table[weakness].ends &&
         e->spec.tolerance != NO_WEAKNESS )
    {
        e->r->weaknesses |= 1U << weakness;
        engine_stop(e, RUN_WEAKNESS);
    }
    engine_fail(e, invariant_of(id), "%s (%s:%d)", what, in_tree(file), line);
}

void engine_init(struct engine *e, const struct hypervisor *h,
                 const struct engine_options *o)
{
    memset(e, 0, offsetof(struct engine, room));
    MODEL_USE(&e->model, &e->room);
    MODEL_USE(&e->spare, &e->spare_room);
    e->h = *h;
    e->o = *o;
    e->hooks =
        (struct hv_hooks){ .ctx = e, .preempt = on_preempt, .fail = on_fail };
    e->lower.h = &e->h;
    e->lower.view = &e->seen;
    e->lower.model = &e->model;
    e->lower.call = &e->call;
    e->lower.result = &e->result;
    e->lower.issue = checked_call;
    e->lower.ctx = e;
}

/* ---- a run ---- */

static struct host_shape host_of(const struct run_spec *spec)
{
    struct host_shape host = spec->program->host;

    host.release = (uint8_t)spec->release;
    return host;
}

/* The model of this host: of the program's shape, or of the only one there is,
 * with the rules of the run's release. */
static void start_model(struct engine *e)
{
    const struct hypervisor_ops *ops = e->h.ops;
    struct host_shape shape = host_of(&e->spec);

    if ( ops->shape )
    {
        shape = ops->shape(e->h.hv);
        shape.release = (uint8_t)e->spec.release;
    }
    model_init(&e->model, &shape, &e->start, ops, e->h.hv);
    if ( ops->follows )
    {
        const struct hv_facts *own = NULL;

        ops->follows(e->h.hv, &own);
        if ( own )
            e->model.release = own;
    }
    if ( ops->shape ) /* which is clipped; the pages that are there are not */
    {
        e->model.host_pages = (uint32_t)e->start.free;
        for ( unsigned int d = 0; d < HV_DOMS_MAX; d++ )
            e->model.host_pages += e->start.dom[d].tot;
    }
}

static void reset(struct engine *e, const struct host_shape *host)
{
    e->in_window = false;
    e->hooks.event = e->o.on_event ? on_event_told : on_event;
    e->hooks.events = e->o.on_event ? UINT32_MAX : 1U << HV_EVENT_UNLOCK;
    e->h.ops->reset(e->h.hv, host, &e->hooks);
}

void engine_prepare(struct engine *e, const struct host_shape *host)
{
    /* A crash before the run is of no step of the run before. */
    e->spec.program = NULL;
    e->op = NULL;
    reset(e, host);
    e->prepared = true;
}

/* Bytes of a table of free blocks. */
static size_t blocks_size(const struct hv_capacity *c)
{
    return c->nodes * c->zones * c->orders * sizeof(c->blocks[0]);
}

static void keep_blocks(struct engine *e)
{
    struct hv_capacity c;

    e->h.ops->capacity(e->h.hv, &c);
    assert(blocks_size(&c) <= sizeof(e->start_blocks));
    memcpy(e->start_blocks, c.blocks, blocks_size(&c));
}

static void start_run(struct engine *e, struct run_result *r)
{
    const struct hypervisor_ops *ops = e->h.ops;
    const struct host_shape host = host_of(&e->spec);

    memset(r, 0, sizeof(*r));
    e->r = r;
    e->step = 0;
    e->draining = e->in_window = e->cut = false;
    e->phase = CALL_NONE;
    e->op = NULL;
    e->spoilt = 0;
    e->anon_pages = 0;
    e->wrote = false;
    memset(e->stash_claim, 0, sizeof(e->stash_claim));
    e->nr_checked = 0;
    offline_start(e);
    lower_start(&e->lower);
    if ( !e->prepared )
        reset(e, &host);
    e->prepared = false;
    /* Forget what was fetched before this run. */
    if ( ops->caps & HV_CAP_FETCHES )
        ops->fetched_twice(e->h.hv);
    sets_start(e);
    ops->observe(e->h.hv, &e->start);
    invariants_start(e);
    if ( ops->caps & HV_CAP_CAPACITY )
        keep_blocks(e);
    start_model(e);
}

void run_audit(struct engine *e)
{
    char why[DETAIL_MAX];
    const char *id;

    if ( !(e->h.ops->caps & HV_CAP_AUDIT) )
        return;
    e->pages_moved = false;
    id = e->h.ops->audit(e->h.hv, why, sizeof(why));
    if ( id )
        invariant_broken(e, invariant_of(id), "%s", why);
    if ( e->wrote )
        contents_audit(e);
}

void run_step(struct engine *e, const struct op *op)
{
    e->op = op;
    e->phase = CALL_NONE;
    e->rc = 0;
    e->rc = lower_op(&e->lower, op);
    e->r->steps++;
    /* A running hash of results: same input, same trace. */
    e->r->hash = (e->r->hash ^ (uint64_t)e->rc) * UINT64_C(0x9e3779b97f4a7c15);
    e->r->hash ^= e->r->hash >> 29;
    if ( e->spec.audit_each_step )
        run_audit(e);
    else if ( __builtin_expect(e->offline_used, 0) )
        offline_audit(e);
    if ( e->spec.expects )
        expects_step(e, e->rc);
    tell_step(e, e->rc, false);
    if ( e->spoilt && e->spec.tolerance != PAST_WEAKNESS )
    {
        MARK(run_ends_at_weakness);
        engine_stop(e, RUN_WEAKNESS);
    }
}

/* With every page free again and merged, the free blocks are those of the start:
 * as good as walking them all. Otherwise (dom0 kept a page) the audit looks. */
static bool blocks_as_at_start(const struct engine *e)
{
    struct hv_capacity c;

    if ( !(e->h.ops->caps & HV_CAP_CAPACITY) )
        return false;
    e->h.ops->capacity(e->h.hv, &c);
    return !memcmp(c.blocks, e->start_blocks, blocks_size(&c));
}

static void run_all(struct engine *e)
{
    const struct program *p = e->spec.program;

    if ( e->spec.expects )
        expects_start(e);
    for ( ; e->step < p->nr_ops; e->step++ )
        run_step(e, &p->op[e->step]);

    e->op = NULL;
    run_audit(e);
    if ( !e->spec.no_drain )
    {
        drain(e);
        if ( !blocks_as_at_start(e) )
        {
            MARK(drain_audited);
            run_audit(e);
        }
    }
    e->r->step = p->nr_ops;
    e->r->outcome = e->spoilt ? RUN_WEAKNESS : RUN_HELD;
}

static void run_once(struct engine *e, struct run_result *r)
{
    start_run(e, r);
    if ( !setjmp(e->stop) )
    {
        e->running = true;
        run_all(e);
    }
    e->running = false;
}

/* An audit after the program says what is broken, not which step broke it: run
 * again with an audit after each step. */
static void locate(struct engine *e, struct run_result *r)
{
    struct run_result late = *r;

    e->spec.audit_each_step = true;
    if ( e->o.on_again )
        e->o.on_again(e->o.ctx);
    run_once(e, r);
    r->audited = true;
    if ( r->outcome != RUN_VIOLATION )
        *r = late;
}

void engine_run(struct engine *e, const struct run_spec *spec,
                struct run_result *r)
{
    const struct program *p = spec->program;
    const char *missing = engine_missing(&e->h, p);

    assert(p->nr_ops <= PROGRAM_OPS_MAX && spec->release < RELEASE_COUNT);
    e->spec = *spec;
    if ( missing )
    {
        memset(r, 0, sizeof(*r));
        r->outcome = RUN_SKIPPED;
        snprintf(r->detail, DETAIL_MAX, "%s", missing);
    }
    else
    {
        run_once(e, r);
        if ( r->outcome == RUN_VIOLATION && !spec->audit_each_step &&
             !r->crash && r->step >= p->nr_ops &&
             (e->h.ops->caps & HV_CAP_AUDIT) )
            locate(e, r);
        if ( e->h.ops->caps & HV_CAP_HASH && e->o.hash_state && !r->crash )
            r->hash ^= e->h.ops->hash(e->h.hv);
    }
    if ( e->o.stats )
        stats_run(e->o.stats, p, r);
}
