/* SPDX-License-Identifier: MIT */
/* Shared by the files of harness/engine; private to them. */
#ifndef CLAIMCHECK_ENGINE_IMPL_H
#define CLAIMCHECK_ENGINE_IMPL_H

#include <stdarg.h>

#include "engine.h"

/* call.c: make e->call, checked; what lowering calls. Returns e->result.rc. */
long checked_call(void *engine);

/* told.c: is what a call told of the state true, did it read nothing twice? */
void check_told(struct engine *e);
void check_fetches(struct engine *e);

/* invariants.c */
void check_invariants(struct engine *e);
/* heap_lock was just released, with more pages claimed than are free. */
void window_over_claimed(struct engine *e, uint64_t claimed, uint64_t free);
/* A run begins: seen is the start. */
void invariants_start(struct engine *e);
/* A call begins: what was seen last is what was before it. */
void invariants_before(struct engine *e);
/* Is it an order-0 allocation by dom0 for a living domain, with these mem_flags
 * and nothing wrong in the call? */
bool is_plain_order0(const struct engine *e, int slot, uint32_t flags);

/* offline.c: pages out of use. At the start of a run, after a call about them, and
 * after others once there may be some. */
void offline_start(struct engine *e);
void check_offline(struct engine *e);
void check_handed_out(struct engine *e);
/* After a step, where pages went out of use. A release that is known to spoil
 * the free lists is audited at once when one has gone out of use or come back.
 * What pages hold there is looked at each time: the next step may cover it. */
void offline_audit(struct engine *e);
bool offline_broken_again(const struct engine *e);
/* May that page come back into use? */
bool offline_may_return(const struct engine *e, uint32_t id);
/* contents.c: what pages hold, after a call that wrote, or once one has; and as
 * a part of the audit. */
void contents_after_call(struct engine *e);
void contents_audit(struct engine *e);
bool engine_sees_contents(const struct engine *e);

/* stash.c: what is put aside for domains, after a call for the one in that slot
 * (or -1) which changed those of a mask. */
void check_stash(struct engine *e, int slot, uint32_t changed);
/* Did the call take pages from the stash of a domain? And nobody has got them? */
bool stash_left(const struct engine *e, unsigned int slot);
bool stash_freed(const struct engine *e, unsigned int slot);

/* sets.c: claim sets; of drafts only. slot: the call's domain, or -1. */
/* Before a run's first look: does the host have claim sets? */
void sets_start(struct engine *e);
void check_set_window(struct engine *e);
void check_sets(struct engine *e, int slot);
void check_node_spend(struct engine *e, int slot);
void check_get_told(struct engine *e, int slot);
/* A broken invariant: a known weakness is noted (and may end the run), anything
 * else ends the run as a violation. */
void invariant_broken(struct engine *e, enum invariant inv, const char *fmt,
                      ...) __attribute__((format(printf, 3, 4)));

/* weaknesses.c: the row that excuses it here, or -1. */
int weakness_find(const struct engine *e, enum invariant inv);

/* violation.c: end the run with a violation. */
_Noreturn void engine_fail(struct engine *e, enum invariant inv,
                           const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
_Noreturn void engine_vfail(struct engine *e, enum invariant inv,
                            const char *fmt, va_list ap);
/* ... because the model allows another result, or has another state. */
_Noreturn void result_differs(struct engine *e);
_Noreturn void state_differs(struct engine *e);

/* expects.c: check what is written, before the first step and after each. */
void expects_start(struct engine *e);
void expects_step(struct engine *e, long rc);
/* Set the counter that a term names to the value that it expects. */
void counter_set(struct hv_view *v, const struct expect *x);

/* drain.c: release all, unmap all, free all, destroy all; compare. */
void drain(struct engine *e);
/* engine.c: one operation with all that belongs to a step. */
void run_step(struct engine *e, const struct op *op);
void run_audit(struct engine *e);
_Noreturn void engine_stop(struct engine *e, enum outcome outcome);

#endif /* CLAIMCHECK_ENGINE_IMPL_H */
