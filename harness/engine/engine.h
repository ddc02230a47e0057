/* SPDX-License-Identifier: MIT */
/*
 * The engine: runs a program on a hypervisor, one checked step after another:
 * predict (model), call (seam), observe, check invariants, compare with the
 * model; then drains: everything is released and destroyed, and the host must
 * be as it was. Nothing is printed and nothing allocated here.
 *
 * Not here: what a report looks like (report.c), where programs come from.
 */
#ifndef CLAIMCHECK_ENGINE_H
#define CLAIMCHECK_ENGINE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "model/model.h"
#include "hypervisor/hypervisor.h"
#include "harness/lower/lower.h"
#include "run_spec.h"

enum invariant
{
#define INVARIANT(id, name, text) INV_##id,
#include "invariants.def"
#undef INVARIANT
    INV_COUNT
};

struct invariant_info
{
    const char *name, *text;
};

extern const struct invariant_info invariant_table[INV_COUNT];

/* The invariant that an implementation names; BUG if it is none of ours. */
enum invariant invariant_of(const char *id);

enum weakness
{
#define WEAKNESS(id, name, releases, invs, calls, ends, title, fix, shortest) \
    WEAK_##id,
#include "weaknesses.def"
#undef WEAKNESS
    WEAK_COUNT
};

struct weakness_info
{
    const char *name;
    uint32_t releases;   /* RELEASE_BIT of each             */
    uint64_t invariants; /* 1 << enum invariant             */
    uint64_t calls;      /* 1 << enum op_code of the call   */
    bool ends;           /* the run ends                    */
    const char *title, *fix, *shortest;
};

extern const struct weakness_info weakness_table[WEAK_COUNT];

enum outcome
{
    RUN_HELD,     /* every check held                                        */
    RUN_WEAKNESS, /* ended at a known weakness                               */
    RUN_SKIPPED,  /* needs what the hypervisor does not offer                */
    RUN_VIOLATION,
};

#define SIGNATURE_MAX 64
#define DETAIL_MAX 256

struct run_result
{
    enum outcome outcome;
    char
        signature[SIGNATURE_MAX]; /* "PROTECT/populate"; "" if held          */
    char detail[DETAIL_MAX];      /* one line: what was seen, what allowed   */
    uint32_t step;  /* of the program where it ended, from 0; nr_ops and
                          * above: while draining                             */
    uint32_t steps; /* operations carried out, those of the drain too    */
    uint32_t
        weaknesses;   /* 1 << enum weakness of those met                   */
    uint64_t hash;    /* of all results and, if offered, the final state   */
    bool expectation; /* what is broken is written in spec.expects ...       */
    const struct expect *term; /* ... this term; NULL: the result of step    */
    bool crash;   /* it was a signal, a hang: engine_crashed()               */
    bool audited; /* a second run found the step, by an audit after each: to
                   * see it again, set audit_each_step                       */
};

/* What happened in a step; for traces and feedback. */
struct step_info
{
    uint32_t step;
    const struct op *op;
    bool drain;          /* not of the program: releasing everything         */
    const char *not_run; /* why the step did nothing, or NULL                */
    long rc;             /* result of the operation                          */
    bool failed; /* it ended the run with a violation ...                    */
    bool
        in_call; /* ... before its call returned: rc means nothing           */
    const struct hv_view *view; /* after it */
};

/* Counters of what was reached; see stats.h. */
struct stats;

struct engine;

struct engine_options
{
    bool hash_state;     /* r->hash covers the final state, not only results */
    struct stats *stats; /* NULL: not counted */
    /* Called after each step. Reads only. NULL: not called. */
    void (*on_step)(void *ctx, const struct step_info *info);
    /* What was told of steps is void: the run is made again, to find out which
     * one broke what an audit found. NULL: not called. */
    void (*on_again)(void *ctx);
    /* Called before each call with its prediction: e->call, e->prediction and
     * e->model as they stand. Reads only. NULL: not called. */
    void (*on_call)(void *call_ctx, const struct engine *e);
    /* Called at each event of a call, with call_ctx. NULL: not called. */
    void (*on_event)(void *call_ctx, const struct engine *e,
                     enum hv_event event, enum hv_lock lock, const char *fn,
                     int line);
    void *call_ctx;
    void *ctx;
};

/* Where the call under way stands. */
enum call_phase
{
    CALL_NONE, /* the step has made none */
    CALL_MADE, /* predicted, and perhaps not back: in_window                 */
    CALL_IMPOSSIBLE, /* ... and the model could not follow: it has in part   */
    CALL_COMMITTED, /* judged sound, and the model has followed              */
    CALL_DONE,      /* what is judged now is the step, or the end            */
};

/* What a view's domains add up to. */
struct view_sums
{
    uint64_t claims;
    uint64_t pages; /* of domains, and what the hypervisor needs for them */
};

/*
 * State of the engine. One per hypervisor; large (some 20 MiB, of which it
 * touches what the host's pages need), so not for the stack. Members are
 * private to harness/engine and report.c.
 */
struct engine
{
    struct hypervisor h;
    struct engine_options o;
    struct hv_hooks hooks;

    /* The run */
    struct run_spec spec;
    uint32_t step;
    long rc; /* of the step: of its last call so far, then of the operation */
    bool draining;
    uint32_t spoilt; /* weaknesses met that end a run, when going past them */
    struct run_result *r;
    jmp_buf stop;
    struct hv_view start;
    struct view_sums sums; /* of seen                     */
    uint64_t all_pages;    /* accounted for at the start  */
    uint64_t now_pages;    /* ... and in seen             */
    uint32_t start_blocks[HV_BLOCK_COUNTS_MAX];
    struct hv_view before, seen;
    size_t view_bytes;  /* what of a view this host fills       */
    bool changed;       /* seen is not before          */
    struct lower lower; /* makes calls of operations */
    uint32_t anon_pages;
    bool prepared;       /* engine_prepare() has reset the host */
    uint32_t nr_checked; /* expect terms so far                 */
    struct hv_view end;  /* what the drain must lead to         */

    /* Pages out of use: some were told to be; as many are, and as many more may
     * be. */
    bool offline_used;
    uint32_t offline_out, offline_open;
    bool pages_moved; /* not as many are accounted for as at the last audit */

    /* What of each domain's claim was used up for the pages in its stash. */
    uint32_t stash_claim[HV_DOMS_MAX];

    /* The call under way */
    struct hv_call call;
    enum op_code call_op; /* what the call is, also when made by memory_op  */
    struct prediction prediction;
    struct hv_result result;
    uint32_t preempt_asked;
    /* Of a call that sets claims: what was first seen of it inside the call. */
    bool has_sets; /* claim sets are judged: it is a draft's host */
    bool set_seen;
    struct hv_view set_window;
    /* Some domain has written; who did, by operation, from 0, or -1. */
    bool wrote;
    int8_t writer[PROGRAM_OPS_MAX];
    enum call_phase phase;
    bool in_window; /* the call has not returned                           */
    uint64_t calls; /* made so far, in all runs                            */
    bool running;   /* engine_crashed() may be called                       */
    bool cut;       /* ... and never did: the run was ended inside it      */
    /* The operation under way, of program or drain. NULL: before the first
     * step, after the last, or all is released. */
    const struct op *op;
    struct op drain_op; /* of the drain, if that is it                    */

    struct model model;
    struct model spare; /* for engine_expected(), which asks what if */

    /* Last, because engine_init() does not touch it. */
    MODEL_ROOM(HV_PAGES_MAX) room, spare_room;
    uint8_t offline_told[HV_PAGES_MAX]; /* where offline_used               */
    /* A bit for each page: its contents were given away (contents.c). Valid
     * where wrote is set. */
    uint64_t given[(HV_PAGES_MAX + 63) / 64];
};

/* h is not closed by the engine. */
void engine_init(struct engine *e, const struct hypervisor *h,
                 const struct engine_options *o);

/* A new engine, in a room of its own (hypervisor/room.h). NULL: there is no
 * memory. */
struct engine *engine_new(const struct hypervisor *h,
                          const struct engine_options *o);

/* NULL is none. */
void engine_free(struct engine *e);

/* The same on the model as a hypervisor, which does all by the rules. */
struct engine *engine_on_model(void);
void engine_on_model_free(struct engine *e);

/* Run a program from a fresh host. r is filled in completely. */
void engine_run(struct engine *e, const struct run_spec *spec,
                struct run_result *r);

/*
 * End the run that is under way (e->running) as a violation, id/call, because
 * the implementation crashed or hangs; from a signal handler, too. Its state is
 * not looked at any more.
 */
_Noreturn void engine_crashed(struct engine *e, const char *id,
                              const char *detail);

/*
 * The same in a process of its own, so that nothing of a crash is left in this
 * one: it is a violation if that process ends in any other way than with a
 * result. Nothing is told to on_step, on_call and stats of this process.
 */
void engine_run_isolated(struct engine *e, const struct run_spec *spec,
                         struct run_result *r);

/* Reset the host for the next run, which must be of that host: for who wants
 * the reset at a moment of his own (targets). */
void engine_prepare(struct engine *e, const struct host_shape *host);

/*
 * After a run that ended with a violation: what must have been seen instead of
 * e->seen. False if the rules leave that open, or leave it to frames that only
 * the right result would have named.
 */
bool engine_expected(struct engine *e, struct hv_view *expected);

/* The value of a counter (an expect term) in a view. */
uint64_t counter_value(const struct hv_view *v, const struct expect *x);

/* The operation that a call is in a release: claim for a raw memory_op with that
 * command. */
enum op_code call_op_code(const struct hv_call *call, enum release release);

/*
 * Judge calls that others make on the engine's hypervisor, by the invariants
 * alone: start once, then before and after each call. A call that is
 * none of the program's kinds has a result other than 0, and must change
 * nothing. r->outcome is RUN_HELD or RUN_VIOLATION; r->weaknesses has those met,
 * and after one that ends a run nothing more is judged.
 */
void engine_judge_start(struct engine *e, const struct host_shape *shape);
void engine_judge_before(struct engine *e, const struct hv_call *call);
void engine_judge_after(struct engine *e, const struct hv_result *result,
                        struct run_result *r);

/* Why this hypervisor cannot run the program, or NULL if it can. */
const char *engine_missing(const struct hypervisor *h,
                           const struct program *p);

#endif /* CLAIMCHECK_ENGINE_H */
