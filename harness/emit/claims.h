/* SPDX-License-Identifier: MIT */
/* Between emit.c and claims.c. */
#ifndef CLAIMCHECK_EMIT_CLAIMS_H
#define CLAIMCHECK_EMIT_CLAIMS_H

#include <stdio.h>

#include "hypervisor/hypervisor.h"

/* A domctl about a claim set. NULL, or why C cannot say it. */
const char *emit_claim_set(FILE *f, const struct hv_call *c,
                           uint32_t right_version);
/* That a get must have told what it told here. */
void emit_claims_told(FILE *f, unsigned int step, const struct hv_result *r);

#endif /* CLAIMCHECK_EMIT_CLAIMS_H */
