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

/* Which domids createdomain takes as "choose one for me" (spec 3.9). */
enum domid_rule
{
    DOMID_RULE_ROVER,  /* 0 and reserved ids; none free: -ENOMEM            */
    DOMID_RULE_BITMAP, /* 0 and reserved ids; none free: -EEXIST            */
    DOMID_RULE_ANY,    /* DOMID_ANY only; none free: -EEXIST                */
};

struct release_facts
{
    bool redeem_at_alloc;   /* regime R-C (spec 0.2)                       */
    bool grow_on_free;      /* regime R-A (spec 0.2)                       */
    bool claim_tests_dying; /* spec 1.1 row 10                             */
    bool has_llc;           /* knows LLC colouring at all                  */
    bool claim_tests_llc;   /* spec 1.1 row 2                              */
    bool info_finds_next;   /* getdomaininfo of an unknown id (spec 3.8)   */
    uint8_t domids;         /* enum domid_rule                             */
    uint8_t domctl_version; /* interface_version (spec 3.8)                */
    uint8_t sysctl_version; /* interface_version (spec 3.11)               */
};

const struct release_facts *release_facts(enum release r);

#endif /* CLAIMCHECK_STUB_RELEASES_H */
