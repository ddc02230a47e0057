/* SPDX-License-Identifier: MIT */
/*
 * Shrinks a failing program: fewer operations, simpler arguments, a smaller
 * host, for as long as it still fails in the same way. It works on operations,
 * never on bytes. Pure search: what "the same way" is, the caller says.
 */
#ifndef CLAIMCHECK_SHRINK_H
#define CLAIMCHECK_SHRINK_H

#include "harness/program/program.h"

/* Does this program still fail in the same way? */
typedef bool shrink_test(void *ctx, const struct program *p);

struct shrink_stats
{
    uint32_t trials; /* programs tried */
    uint32_t kept;   /* ... that still failed */
};

/* A bound on trials, so that shrinking ends on any machine: enough for 64
 * operations of 11 arguments, several times over. */
#define SHRINK_TRIALS_MAX 20000

/*
 * Shrink *p, which must fail: test(ctx, p) is true. The result fails too; it is
 * never the empty program unless that fails. Deterministic.
 */
void shrink(struct program *p, shrink_test *test, void *ctx,
            struct shrink_stats *stats);

#endif /* CLAIMCHECK_SHRINK_H */
