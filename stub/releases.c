/* SPDX-License-Identifier: MIT */
/* The stub's facts per release: rules 9. */
#include "releases.h"

#include <assert.h>

/* What the columns of the table below have in common. */
#define REGIME_A .grow_on_free = true
#define REGIME_B .grow_on_free = false
#define REGIME_C .redeem_at_alloc = true, .claim_tests_dying = true

static const struct release_facts facts[RELEASE_COUNT] = {
    [RELEASE_4_17] = {
        REGIME_A,
        .info_finds_next = true,
        .domids = DOMID_RULE_ROVER,
        .domctl_version = 0x15, .sysctl_version = 0x15,
    },
    [RELEASE_4_18] = {
        REGIME_A,
        .domids = DOMID_RULE_ROVER,
        .domctl_version = 0x16, .sysctl_version = 0x15,
    },
    [RELEASE_4_19] = {
        REGIME_A,
        .domids = DOMID_RULE_ROVER,
        .domctl_version = 0x17, .sysctl_version = 0x15,
    },
    [RELEASE_4_19_5] = {
        REGIME_C,
        .domids = DOMID_RULE_ROVER,
        .domctl_version = 0x17, .sysctl_version = 0x15,
    },
    [RELEASE_4_20] = {
        REGIME_A,
        .has_llc = true,
        .domids = DOMID_RULE_ROVER,
        .domctl_version = 0x17, .sysctl_version = 0x15,
    },
    [RELEASE_4_20_3] = {
        REGIME_C,
        .has_llc = true, .claim_tests_llc = true,
        .domids = DOMID_RULE_ROVER,
        .domctl_version = 0x17, .sysctl_version = 0x15,
    },
    [RELEASE_4_21] = {
        REGIME_B,
        .has_llc = true,
        .domids = DOMID_RULE_BITMAP,
        .domctl_version = 0x17, .sysctl_version = 0x16,
    },
    [RELEASE_4_21_1] = {
        REGIME_C,
        .has_llc = true, .claim_tests_llc = true,
        .domids = DOMID_RULE_BITMAP,
        .domctl_version = 0x17, .sysctl_version = 0x16,
    },
    [RELEASE_4_22] = {
        REGIME_C,
        .has_llc = true, .claim_tests_llc = true,
        .domids = DOMID_RULE_ANY,
        .domctl_version = 0x18, .sysctl_version = 0x16,
    },
};

const struct release_facts *release_facts(enum release r)
{
    assert((unsigned int)r < RELEASE_COUNT);
    /* A release without a row would speak interface version 0. */
    assert(facts[r].domctl_version && facts[r].sysctl_version);
    return &facts[r];
}
