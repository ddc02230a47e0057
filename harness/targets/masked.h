/* SPDX-License-Identifier: MIT */
/*
 * Signatures that a campaign has met already (CLAIMCHECK_MASK): a run that ends
 * with one of them is counted, and the process goes on.
 */
#ifndef CLAIMCHECK_MASKED_H
#define CLAIMCHECK_MASKED_H

#include <stdbool.h>
#include <stdio.h>

#define MASKED_MAX 128

/* list: SIGNATURE,SIGNATURE,... or NULL. False if it has one that is empty, or
 * too long, or more than MASKED_MAX. */
bool masked_read(const char *list);
/* Is it one of them? Then it is counted. */
bool masked(const char *signature);
/* As the members of a JSON object: "SIGNATURE":COUNT,... */
void masked_json(FILE *f);

#endif /* CLAIMCHECK_MASKED_H */
