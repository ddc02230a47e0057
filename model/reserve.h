/* SPDX-License-Identifier: MIT */
/* What the sources about populate and increase share; nobody else's business. */
#ifndef CLAIMCHECK_MODEL_RESERVE_H
#define CLAIMCHECK_MODEL_RESERVE_H

#include "internal.h"

static inline bool reserve_populates(const struct resv *r)
{
    return r->op == XENMEM_populate_physmap;
}

static inline bool reserve_on_demand(const struct resv *r)
{
    return reserve_populates(r) && (r->flags & XENMEMF_populate_on_demand);
}

/* What becomes of the block that the domain has put aside. */
enum model_stash reserve_stash(const struct model *m, const struct resv *r);
/* Why extents that were allocated are not counted. */
enum rule reserve_unwritten(const struct resv *r);
/* Rules 4.3 and 4.5: an allocation redeems the claim. */
void reserve_redeem(struct model_account *a, uint32_t pages);
/* Do extents, one after the other. drift: how many more free pages (negative: fewer) there may be than were
 * last seen. most: so many extents at most. */
void reserve_some(const struct model *m, const struct resv *r, uint64_t space,
                  int64_t drift, uint64_t most, struct model_outcome *o);
/* All of them. */
static inline void reserve_extents(const struct model *m, const struct resv *r,
                                   uint64_t space, int64_t drift,
                                   struct model_outcome *o)
{
    reserve_some(m, r, space, drift, UINT64_MAX, o);
}

/* Extents of a populate on demand. */
uint64_t reserve_demanded(const struct resv *r);

#endif /* CLAIMCHECK_MODEL_RESERVE_H */
