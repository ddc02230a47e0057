/* SPDX-License-Identifier: MIT */
/* Between claim_set.c and claim_entries.c; nobody else's business. */
#ifndef CLAIMCHECK_MODEL_CLAIM_SET_H
#define CLAIMCHECK_MODEL_CLAIM_SET_H

#include "internal.h"

/* The entries of a call. */
struct set
{
    const struct model *m;
    const struct hv_domain_view *d;
    const uint32_t *own; /* what it claims on each node */
    const struct xen_memory_claim *entry;
    uint32_t nr;
    /* Of the entries up to some place: */
    uint64_t sum, host, legacy, node[HV_NODES_MAX];
    bool has_host, has_legacy, has_node[HV_NODES_MAX];
};

/* Pages on nodes. */
uint64_t set_nodes(const struct set *s);
void set_add_entry(struct set *s, const struct xen_memory_claim *e);
/* The first entry that breaks a rule decides, by the first rule that it breaks.
 * False: the call is refused. */
bool set_check_entries(struct set *s, struct prediction *p);

#endif /* CLAIMCHECK_MODEL_CLAIM_SET_H */
