/* SPDX-License-Identifier: MIT */
/*
 * Litmus tests: programs with written expectations, which must hold on every
 * hypervisor that follows one of the releases named.
 */
#ifndef CLAIMCHECK_LITMUS_H
#define CLAIMCHECK_LITMUS_H

#include "harness/program/text.h"
#include "engine.h"

/*
 * Run a litmus test with the rules of one release (one of l->releases, or
 * another, to see it fail). Besides all that engine_run checks, every "= R" and
 * every expect line must hold; a broken one is the violation EXPECT/<op>, with
 * its source line. Known weaknesses are passed by: a litmus test may show one.
 */
void litmus_run(struct engine *e, const struct litmus *l, enum release release,
                struct run_result *r);

#endif /* CLAIMCHECK_LITMUS_H */
