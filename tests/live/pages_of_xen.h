/* SPDX-License-Identifier: MIT */
/*
 * Stands in for libxencall, with a Xen that knows two things: which frame is
 * dom0's and which d2's, and which frames were brought back into use.
 */
#ifndef CLAIMCHECK_TESTS_LIVE_PAGES_OF_XEN_H
#define CLAIMCHECK_TESTS_LIVE_PAGES_OF_XEN_H

#include <stdint.h>

#include "live/calls.h"

#define BACK_MAX 16

/* Shared with children of the process. */
struct pages_of_xen
{
    uint64_t dom0s, d2s; /* a frame of each */
    long online;         /* result of bringing one back, if not 0 */
    uint32_t nr_back;
    uint64_t back[BACK_MAX];
};
extern struct pages_of_xen *pages;

/* Calls over it, which take the versions of 4.20.3. */
void pages_open(struct live_calls *c);

#endif /* CLAIMCHECK_TESTS_LIVE_PAGES_OF_XEN_H */
