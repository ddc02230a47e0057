/* SPDX-License-Identifier: MIT */
/* What the values of claim sets mean: entries of any target, and commands. */
#ifndef CLAIMCHECK_CLAIMS_H
#define CLAIMCHECK_CLAIMS_H

#include "harness/program/program.h"

/* Entries that a claim_memory can give, each an operand: entry0 and on. */
#define CLAIM_ENTRIES 3

/* Padding that an entry can have: with the base of its pages it fits a byte. */
#define ENTRY_PAD_MAX 14

/* An ENTRY: is there one, of what target, how many pages (PAGES), what padding? */
bool entry_given(const struct value *v);
uint32_t entry_target(const struct value *v);
struct value entry_pages(const struct value *v);
uint32_t entry_pad(const struct value *v);
/* ... and back; the pages' offset has 32 bits, pad is at most ENTRY_PAD_MAX. */
struct value entry_value(uint32_t target, const struct value *pages,
                         uint32_t pad);

/* The domctl that a SETCMD is. */
uint32_t set_command(const struct value *v);

/* Resolve a page count of an entry. For a node, free, unclaimed, claim and
 * claimed are those of the node; the rest is as pages_resolve() has it. */
uint64_t part_resolve(const struct value *v, const struct hv_view *view,
                      int slot, uint64_t host, uint32_t target);

#endif /* CLAIMCHECK_CLAIMS_H */
