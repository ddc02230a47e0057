/* SPDX-License-Identifier: MIT */
/*
 * Shrinks a failing case: fewer operations, simpler arguments, a smaller host,
 * for as long as it still fails in the same way. It works on operations, never
 * on bytes; what is written as expected of an operation goes where it goes.
 */
#ifndef CLAIMCHECK_SHRINK_H
#define CLAIMCHECK_SHRINK_H

#include "harness/engine/engine.h"
#include "harness/program/text.h"

struct shrink_stats
{
    uint32_t trials; /* cases tried */
    uint32_t kept;   /* ... that still failed */
};

/*
 * Shrink what failed: r is what engine_run(e, spec, r) returned, and *l is
 * spec's program with what is expected of it (nothing, if spec->expects is
 * NULL). *l becomes a case for spec's release that fails with the same
 * signature; if an expectation was broken, the same one in the same way.
 * Expectations stay with their operations, but for those that the rules no
 * longer bear out once others are gone: without the bug the case holds. A signal
 * (harness/stop) ends the search, with the best case so far.
 */
void shrink_violation(struct engine *e, const struct run_spec *spec,
                      const struct run_result *r, struct litmus *l,
                      struct shrink_stats *stats);

/*
 * The newest release on which a program fails as in r, which is spec's run: that
 * is the one to look at. Only for a case without expectations, which are those
 * of a release.
 */
enum release shrink_newest(struct engine *e, const struct run_spec *spec,
                           const struct run_result *r);

/* ---- the search by itself ---- */

/* Does this case still fail in the same way? */
typedef bool shrink_test(void *ctx, const struct litmus *l);

/* A bound on trials, so that shrinking ends on any machine: enough for 64
 * operations of 11 arguments, several times over. */
#define SHRINK_TRIALS_MAX 20000

/*
 * Shrink *l, which must fail: test(ctx, l) is true. The result fails too; it is
 * never the empty program unless that fails. Deterministic.
 */
void shrink(struct litmus *l, shrink_test *test, void *ctx,
            struct shrink_stats *stats);

#endif /* CLAIMCHECK_SHRINK_H */
