/* SPDX-License-Identifier: MIT */
/* The stub's facts per release: rules 9. */
#include "releases.h"

#include <assert.h>

/* What some columns of the table have in common. */
#define REGIME_A .grow_on_free = true
#define REGIME_B .grow_on_free = false
#define REGIME_C .redeem_at_alloc = true, .claim_tests_dying = true
#define NO_LLC .has_llc = false
#define LLC .has_llc = true
#define LLC_REFUSED .has_llc = true, .claim_tests_llc = true

/* clang-format off */
#define ROW(release, regime, llc, rule, domctl, sysctl, ...) \
    [RELEASE_##release] = { regime, llc, .domids = DOMID_RULE_##rule, \
                            .domctl_version = domctl, \
                            .sysctl_version = sysctl, __VA_ARGS__ }
static const struct release_facts facts[RELEASE_COUNT] = {
    ROW(4_17,   REGIME_A, NO_LLC,      ROVER,  0x15, 0x15,
        .info_finds_next = true),
    ROW(4_18,   REGIME_A, NO_LLC,      ROVER,  0x16, 0x15,),
    ROW(4_19,   REGIME_A, NO_LLC,      ROVER,  0x17, 0x15,),
    ROW(4_19_5, REGIME_C, NO_LLC,      ROVER,  0x17, 0x15,),
    ROW(4_20,   REGIME_A, LLC,         ROVER,  0x17, 0x15,),
    ROW(4_20_3, REGIME_C, LLC_REFUSED, ROVER,  0x17, 0x15,),
    ROW(4_21,   REGIME_B, LLC,         BITMAP, 0x17, 0x16,),
    ROW(4_21_1, REGIME_C, LLC_REFUSED, BITMAP, 0x17, 0x16,),
    ROW(4_22,   REGIME_C, LLC_REFUSED, ANY,    0x18, 0x16,
        .stashes = true),
    ROW(DRAFT_V7, REGIME_C, LLC_REFUSED, ANY,  0x18, 0x16,
        .stashes = true, .claim_sets = 7),
    ROW(DRAFT_V8, REGIME_C, LLC_REFUSED, ANY,  0x18, 0x16,
        .stashes = true, .claim_sets = 8),
};
/* clang-format on */

const struct release_facts *release_facts(enum release r)
{
    assert((unsigned int)r < RELEASE_COUNT);
    /* A release without a row would speak interface version 0. */
    assert(facts[r].domctl_version && facts[r].sysctl_version);
    return &facts[r];
}
