/* SPDX-License-Identifier: MIT */
/*
 * Claim sets: the successor of XENMEM_claim_pages, as two drafts of it describe
 * it. Xen has merged neither, so no Xen header has these structures; names and
 * numbers are those of the drafts where they agree (docs/claim-sets.md).
 *
 *   draft-v7: XEN_DOMCTL_claim_memory = 91, with a mode: set or get
 *   draft-v8: XEN_DOMCTL_set_memory_claims = 91, get_memory_claims = 92
 *
 * The payload lies where every domctl has its own, at xen_domctl.u, and has the
 * same layout for 32-bit callers.
 */
#ifndef CLAIMCHECK_CLAIM_MEMORY_H
#define CLAIMCHECK_CLAIM_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "xen_abi.h"

#define XEN_DOMCTL_claim_memory 91
#define XEN_DOMCTL_get_memory_claims 92

/* draft-v7: what mode says. draft-v8 has padding there, which must be 0. */
#define CLAIM_MEMORY_SET 0U
#define CLAIM_MEMORY_GET 1U

/* Targets that are no nodes: host-wide; draft-v7 only: a total of the domain,
 * as XENMEM_claim_pages takes it. */
#define CLAIM_TARGET_HOST UINT32_C(0x80000000)
#define CLAIM_TARGET_LEGACY UINT32_C(0x40000000)

/* Nodes that Xen can have (MAX_NUMNODES): larger targets are none. */
#define CLAIM_NODES_MAX 64
/* The most entries of a set: one for each node, and the host-wide one. */
#define CLAIM_SET_MAX (CLAIM_NODES_MAX + 1)

/* One entry. */
struct xen_memory_claim
{
    uint64_aligned_t pages;
    uint32_t target;
    uint32_t pad; /* draft-v7 calls it cmd; 0 in both */
};

/* What a domctl has at xen_domctl.u. */
struct xen_domctl_claim_memory
{
    uint64_aligned_t entries; /* guest address of struct xen_memory_claim[]  */
    uint32_t nr_entries; /* in: of the array; a get writes back how many     */
    uint32_t mode;
};

_Static_assert(sizeof(struct xen_memory_claim) == 16 &&
                   offsetof(struct xen_memory_claim, target) == 8 &&
                   offsetof(struct xen_memory_claim, pad) == 12,
               "the same layout for 32-bit and 64-bit callers");
_Static_assert(sizeof(struct xen_domctl_claim_memory) == 16 &&
                   offsetof(struct xen_domctl_claim_memory, nr_entries) == 8 &&
                   offsetof(struct xen_domctl_claim_memory, mode) == 12,
               "the same layout for 32-bit and 64-bit callers");
_Static_assert(sizeof(struct xen_domctl_claim_memory) <=
                   sizeof(((struct xen_domctl *)NULL)->u),
               "it fits where a domctl has its payload");

#endif /* CLAIMCHECK_CLAIM_MEMORY_H */
