/* SPDX-License-Identifier: MIT */
/*
 * What each release does: rules 9, one row each. The stub has
 * its own table, written apart from this one.
 */
#include "model.h"

const struct hv_facts model_releases[RELEASE_COUNT] = {
    [RELEASE_4_17] = {
        .grow_on_free = true, .info_next_domain = true, .zero_is_any = true,
        .domctl_version = 0x15, .sysctl_version = 0x15,
    },
    [RELEASE_4_18] = {
        .grow_on_free = true, .zero_is_any = true,
        .domctl_version = 0x16, .sysctl_version = 0x15,
    },
    [RELEASE_4_19] = {
        .grow_on_free = true, .zero_is_any = true,
        .domctl_version = 0x17, .sysctl_version = 0x15,
    },
    [RELEASE_4_19_5] = {
        .redeem_at_alloc = true, .dying_refused = true, .zero_is_any = true,
        .domctl_version = 0x17, .sysctl_version = 0x15,
    },
    [RELEASE_4_20] = {
        .grow_on_free = true, .llc_possible = true, .zero_is_any = true,
        .domctl_version = 0x17, .sysctl_version = 0x15,
    },
    [RELEASE_4_20_3] = {
        .redeem_at_alloc = true, .dying_refused = true, .llc_possible = true,
        .llc_refused = true, .zero_is_any = true,
        .domctl_version = 0x17, .sysctl_version = 0x15,
    },
    [RELEASE_4_21] = {
        .llc_possible = true, .zero_is_any = true, .none_free_exists = true,
        .domctl_version = 0x17, .sysctl_version = 0x16,
    },
    [RELEASE_4_21_1] = {
        .redeem_at_alloc = true, .dying_refused = true, .llc_possible = true,
        .llc_refused = true, .zero_is_any = true, .none_free_exists = true,
        .domctl_version = 0x17, .sysctl_version = 0x16,
    },
    [RELEASE_4_22] = {
        .redeem_at_alloc = true, .dying_refused = true, .llc_possible = true,
        .llc_refused = true, .none_free_exists = true, .stash = true,
        .domctl_version = 0x18, .sysctl_version = 0x16,
    },
    /* Drafts: as the newest release, and claim sets. */
    [RELEASE_DRAFT_V7] = {
        .redeem_at_alloc = true, .dying_refused = true, .llc_possible = true,
        .llc_refused = true, .none_free_exists = true, .stash = true,
        .claim_sets = 7,
        .domctl_version = 0x18, .sysctl_version = 0x16,
    },
    [RELEASE_DRAFT_V8] = {
        .redeem_at_alloc = true, .dying_refused = true, .llc_possible = true,
        .llc_refused = true, .none_free_exists = true, .stash = true,
        .claim_sets = 8,
        .domctl_version = 0x18, .sysctl_version = 0x16,
    },
};
