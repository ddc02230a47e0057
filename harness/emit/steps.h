/* SPDX-License-Identifier: MIT */
/* What a program in dom0 can do of a case, and why not. */
#ifndef CLAIMCHECK_EMIT_STEPS_H
#define CLAIMCHECK_EMIT_STEPS_H

#include "harness/engine/engine.h"

/* Room for a reason. */
#define EMIT_WHY_MAX (3 * TEXT_LINE_MAX)

/*
 * XEN_DOMCTL_destroydomain does return half-way, but to the hypervisor, which
 * goes on by itself: a toolstack sees a destroyed domain. What a case does in
 * steps is one call here if nothing else comes in between.
 */
struct emit_steps
{
    struct program program;
    uint8_t last[PROGRAM_OPS_MAX]; /* step of the case, from 0, that each of
                                    * program's steps ends with */
};

/* left: after which steps the rules leave a domain half destroyed. False: a
 * program in dom0 cannot do it; why says which step and what is wrong. */
bool emit_steps(struct emit_steps *to, const struct litmus *l,
                const bool left[PROGRAM_OPS_MAX], char why[EMIT_WHY_MAX]);

/* False: a case needs more than dom0's own calls; why says which step does. How
 * its domains are destroyed is left to emit_steps(). */
bool emit_needs_nothing(const struct litmus *l, char why[EMIT_WHY_MAX]);

/* Why a call must not be made on somebody's host: it could not be taken back.
 * NULL: no harm. */
const char *emit_harm(const struct hv_call *c);

/* why: "step 3 (line 5): claim d1 4: REASON"; step from 0. */
void emit_because(char why[EMIT_WHY_MAX], const struct litmus *l,
                  uint32_t step, const char *reason);

#endif /* CLAIMCHECK_EMIT_STEPS_H */
