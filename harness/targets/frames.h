/* SPDX-License-Identifier: MIT */
/*
 * The end of a fuzz target that met a violation, in a function of its own for
 * each signature: what sorts crashes by their topmost stack frame (libFuzzer's
 * users, ClusterFuzz, CASR) then sorts them by signature.
 */
#ifndef CLAIMCHECK_FRAMES_H
#define CLAIMCHECK_FRAMES_H

/* abort() from violation_OVER_CLAIM_claim() for "OVER-CLAIM/claim", and so on;
 * from violation_other() for a signature that is in none of the tables. */
_Noreturn void frames_abort(const char *signature);

#endif /* CLAIMCHECK_FRAMES_H */
