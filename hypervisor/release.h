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

/* One bit per release, for tables that name several. */
#define RELEASE_BIT(r) (1U << (r))
#define RELEASE_MASK_ALL ((1U << RELEASE_COUNT) - 1)
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

/* "4.17"; r must be a release. */
const char *release_name(enum release r);

/* The release of that exact name, or -1. */
int release_from_name(const char *name);

#endif /* CLAIMCHECK_RELEASE_H */
