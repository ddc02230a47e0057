/* SPDX-License-Identifier: MIT */
/* Names of Xen releases, and in what they can differ. Not here: which does what
 * (model/, stub/). */
#ifndef CLAIMCHECK_RELEASE_H
#define CLAIMCHECK_RELEASE_H

#include <stdbool.h>
#include <stdint.h>

enum release
{
#define RELEASE(id, name) RELEASE_##id,
#include "releases.def"
#undef RELEASE
    RELEASE_COUNT
};

#define RELEASE_DEFAULT RELEASE_4_22
#define RELEASE_DRAFT_NEWEST RELEASE_DRAFT_V8

/* One bit per release, for tables that name several. */
#define RELEASE_BIT(r) (1U << (r))
/* Those that Xen has released come first. */
#define RELEASED_COUNT RELEASE_DRAFT_V7
#define RELEASE_MASK_ALL ((1U << RELEASED_COUNT) - 1)
/* Those that it has not, and both. */
#define RELEASE_MASK_EVERY ((1U << RELEASE_COUNT) - 1)
#define RELEASE_MASK_DRAFTS (RELEASE_MASK_EVERY & ~RELEASE_MASK_ALL)
/* All releases from a to b, both included. */
#define RELEASE_RANGE(a, b)                                                   \
    ((RELEASE_BIT((b) + 1) - 1) & ~(RELEASE_BIT(a) - 1))

/* A row of facts: what a release does, or an implementation of its own. */
struct hv_facts
{
#define FACT(name, text) bool name;
#define NUMBER(name, text) uint32_t name;
#include "facts.def"
#undef FACT
#undef NUMBER
};

/* The released ones, or the drafts: whichever r is one of. */
static inline uint32_t release_kin(enum release r)
{
    return RELEASE_BIT(r) & RELEASE_MASK_DRAFTS ? RELEASE_MASK_DRAFTS
                                                : RELEASE_MASK_ALL;
}

/* The nth of a mask, which is not 0, from 0; counted round. */
static inline enum release release_nth(uint32_t mask, uint64_t n)
{
    for ( n %= (unsigned int)__builtin_popcount(mask); n; n-- )
        mask &= mask - 1;

    return (enum release)__builtin_ctz(mask);
}

/* "4.17"; r must be a release. */
const char *release_name(enum release r);

/* The release of that exact name, or -1. */
int release_from_name(const char *name);

/* That of a Xen which reports itself so, extra being ".7" or ".5-pre": the newest
 * of that minor version which is not newer; -1: none. */
int release_of_version(int major, int minor, const char *extra);

#endif /* CLAIMCHECK_RELEASE_H */
