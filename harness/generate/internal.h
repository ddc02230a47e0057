/* SPDX-License-Identifier: MIT */
/* What the sources of harness/generate share with each other, and nobody else. */
#ifndef CLAIMCHECK_GENERATE_INTERNAL_H
#define CLAIMCHECK_GENERATE_INTERNAL_H

#include "generate.h"

/* offers.c: change an operation into one that these capabilities suffice for;
 * where dom0's pages must not be touched, those of dom are. False: there is no
 * such operation. */
bool offers_fit(struct op *op, uint32_t caps, int dom);

#endif /* CLAIMCHECK_GENERATE_INTERNAL_H */
