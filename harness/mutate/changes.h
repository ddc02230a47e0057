/* SPDX-License-Identifier: MIT */
/* What the sources of harness/mutate share; private to it. */
#ifndef CLAIMCHECK_MUTATE_CHANGES_H
#define CLAIMCHECK_MUTATE_CHANGES_H

#include "harness/generate/choice.h"
#include "harness/program/program.h"

/* Make room for n operations at a place; returns for how many there is
 * room. */
uint32_t open_gap(struct program *p, uint32_t at, uint32_t n);

/* Change a program a little, or now and then replace it. Returns one bit for
 * each kind of change made; change_name() names a bit by its number. */
uint32_t change(struct program *p, struct choice *c);
const char *change_name(unsigned int number);

#endif /* CLAIMCHECK_MUTATE_CHANGES_H */
