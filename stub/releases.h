/* SPDX-License-Identifier: MIT */
/*
 * What a Xen release does, as far as the stub must know. Written from the
 * behaviour of the releases, apart from model/releases.c on purpose: two
 * opinions.
 */
#ifndef CLAIMCHECK_STUB_RELEASES_H
#define CLAIMCHECK_STUB_RELEASES_H

#include <stdbool.h>
#include <stdint.h>

#include "hypervisor/release.h"

/* Which domids createdomain takes as "choose one for me" (rules 3.9). */
enum domid_rule
{
    DOMID_RULE_ROVER,  /* 0 and reserved ids; none free: -ENOMEM            */
    DOMID_RULE_BITMAP, /* 0 and reserved ids; none free: -EEXIST            */
    DOMID_RULE_ANY,    /* DOMID_ANY only; none free: -EEXIST                */
};

struct release_facts
{
    bool redeem_at_alloc;   /* regime R-C (rules 9)                        */
    bool grow_on_free;      /* regime R-A (rules 9)                        */
    bool claim_tests_dying; /* rules 1.1 10                                */
    bool has_llc;           /* knows LLC colouring at all                  */
    bool claim_tests_llc;   /* rules 1.1 2                                 */
    bool info_finds_next;   /* getdomaininfo of an unknown id, rules 3.8 k */
    bool stashes;           /* a populate that is stopped inside an extent
                             * keeps its block for the continuation, rules 3.18 */
    uint8_t claim_sets;     /* draft of claim sets: 7, 8; 0: none          */
    uint8_t domids;         /* enum domid_rule                             */
    uint8_t domctl_version; /* interface_version, rules 3.8 b              */
    uint8_t sysctl_version; /* interface_version, rules 3.11 b             */
};

/* The same facts as masks: releases on which a planted fault can show. Drafts
 * are only named for what no release has. */
#define RELEASES_GROWING_ON_FREE                                              \
    (RELEASE_RANGE(RELEASE_4_17, RELEASE_4_19) | RELEASE_BIT(RELEASE_4_20))
#define RELEASES_REDEEMING_AT_ALLOC                                           \
    (RELEASE_BIT(RELEASE_4_19_5) | RELEASE_BIT(RELEASE_4_20_3) |              \
     RELEASE_RANGE(RELEASE_4_21_1, RELEASE_4_22))
#define RELEASES_TESTING_DYING RELEASES_REDEEMING_AT_ALLOC
#define RELEASES_TESTING_LLC                                                  \
    (RELEASE_BIT(RELEASE_4_20_3) | RELEASE_RANGE(RELEASE_4_21_1, RELEASE_4_22))
#define RELEASES_FINDING_NEXT RELEASE_BIT(RELEASE_4_17)
#define RELEASES_WITH_DOMID_ANY RELEASE_BIT(RELEASE_4_22)
#define RELEASES_WITH_STASH RELEASE_RANGE(RELEASE_4_22, RELEASE_DRAFT_V8)
#define RELEASES_DRAFT_V7 RELEASE_BIT(RELEASE_DRAFT_V7)
#define RELEASES_DRAFT_V8 RELEASE_BIT(RELEASE_DRAFT_V8)
#define RELEASES_WITH_SETS (RELEASES_DRAFT_V7 | RELEASES_DRAFT_V8)
#define ALL_RELEASES_BUT(mask) (RELEASE_MASK_ALL & ~(mask))

const struct release_facts *release_facts(enum release r);

#endif /* CLAIMCHECK_STUB_RELEASES_H */
