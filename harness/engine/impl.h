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
void check_window(struct engine *e);
/* Pages that a view accounts for, the hypervisor's own included. */
uint64_t all_pages(const struct engine *e, const struct hv_view *v);
/* Is it an order-0 allocation by dom0 for a living domain, with these mem_flags
 * and nothing wrong in the call? */
bool is_plain_order0(const struct engine *e, int slot, uint32_t flags);

/* sets.c: claim sets; of drafts only. slot: the call's domain, or -1. */
bool engine_has_sets(const struct engine *e);
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
