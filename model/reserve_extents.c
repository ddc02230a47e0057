/* SPDX-License-Identifier: MIT */
/*
 * The extents of XENMEM_populate_physmap and XENMEM_increase_reservation: rules
 * 3.3, 3.4 and 4. They are done one after the other on a copy of the counters;
 * a prediction (reserve.c) throws the copy away, a commit (reserve_commit.c)
 * keeps it.
 */
#include "reserve.h"

enum model_stash reserve_stash(const struct model *m, const struct resv *r)
{
    const struct hv_domain_view *d = &m->counters.dom[r->slot];

    if ( !reserve_populates(r) || !d->stash || r->entries <= r->start ||
         r->flags & XENMEMF_populate_on_demand )
        return STASH_NONE;
    return d->stash == UINT32_C(1) << r->order &&
                   (!r->exact || r->node == (int)d->stash_node)
               ? STASH_TAKEN
               : STASH_FREED;
}

bool reserve_may_stash(const struct model *m, int slot, uint32_t order)
{
    return m->release->stash && order && !m->dom[slot].built &&
           !model_coloured(m);
}

bool reserve_takes_stash(const struct model *m, const struct resv *r)
{
    return reserve_stash(m, r) == STASH_TAKEN;
}

bool reserve_frees_stash(const struct model *m, const struct resv *r)
{
    return reserve_stash(m, r) == STASH_FREED;
}

static struct model_account reserve_account(const struct model *m, int slot)
{
    const struct hv_domain_view *d = &m->counters.dom[slot];

    return (struct model_account){ .free = m->counters.free,
                                   .claimed = m->counters.claimed,
                                   .tot = d->tot,
                                   .max = d->max,
                                   .claim = d->claim };
}

void reserve_redeem(struct model_account *a, uint32_t pages)
{
    uint32_t used = a->claim < pages ? a->claim : pages;

    a->claim -= used;
    a->claimed -= used;
}

/* Rules 4.5: may the domain own so many more pages? RULE_NONE if so. */
static enum rule assign(const struct model *m, const struct model_account *a,
                        int slot, uint32_t pages)
{
    if ( model_dying(m, slot) )
        return RULE_ASSIGN_DYING;
    if ( a->tot > a->max )
        return RULE_ASSIGN_ABOVE;
    return pages > a->max - a->tot ? RULE_ASSIGN_ROOM : RULE_NONE;
}

/* One extent, the block that was put aside: it has been paid for. */
static enum rule do_taken(const struct model *m, const struct resv *r,
                          struct model_account *a)
{
    uint32_t pages = UINT32_C(1) << r->order;
    enum rule refused = assign(m, a, r->slot, pages);

    if ( refused )
        a->free += pages;
    else
        a->tot += pages;
    return refused;
}

/* One extent, while the heap has space blocks. RULE_NONE: it is allocated. */
static enum rule do_extent(const struct model *m, const struct resv *r,
                           uint64_t space, struct model_account *a)
{
    uint32_t pages = UINT32_C(1)
                     << r->order; /* order <= 18 by the front end */
    bool coloured = model_coloured(m);
    enum rule refused;

    if ( coloured && r->order )
        return RULE_ALLOC_LLC_ORDER;
    if ( !coloured &&
         model_gate_refuses(a->free, a->claimed, pages, a->claim) )
        return RULE_ALLOC_GATE;
    if ( !space )
        return RULE_ALLOC_SPACE;

    /* R-C: what is redeemed here is lost if the domain may not own the pages
     * (rules 4.6). */
    if ( m->release->redeem_at_alloc && !coloured )
        reserve_redeem(a, pages);
    refused = assign(m, a, r->slot, pages);
    if ( refused )
        return refused;

    if ( !coloured )
        a->free -= pages;
    a->tot += pages;
    if ( !m->release->redeem_at_alloc )
        reserve_redeem(a, pages);
    return RULE_NONE;
}

/* How many extents are allocated if nothing refuses them; *listed: how many
 * of them the caller's list can hold. populate reads entry i before it
 * allocates, and both write it afterwards; for a 32-bit caller, after the
 * whole piece. */
static uint64_t listed_extents(const struct resv *r, uint64_t want,
                               uint64_t *listed)
{
    uint64_t readable = want, limit = want;

    *listed = want;
    if ( !reserve_populates(r) && !r->list )
        return limit;
    if ( r->entries < r->nr )
        readable = r->entries > r->start ? r->entries - r->start : 0;
    *listed = r->readonly ? 0 : readable;
    if ( reserve_populates(r) )
        want = readable;
    if ( *listed < want )
        limit = r->abi32 ? (*listed / COMPAT_CHUNK + 1) * COMPAT_CHUNK
                         : *listed + 1;
    return limit < want ? limit : want;
}

enum rule reserve_unwritten(const struct resv *r)
{
    return reserve_populates(r) ? RULE_POPULATE_WRITE : RULE_INCREASE_LIST;
}

void reserve_some(const struct model *m, const struct resv *r, uint64_t space,
                  int64_t drift, uint64_t most, struct model_outcome *o)
{
    uint64_t want = r->nr - r->start, listed, done = 0;
    uint64_t limit = listed_extents(r, want, &listed);
    /* Not o's: for all that the compiler knows o may lie in the model, which the
     * loop would read again after each change. */
    struct model_account a = reserve_account(m, r->slot);
    enum rule ended = RULE_NONE;

    if ( limit > most )
        limit = most;
    o->stash = reserve_stash(m, r);
    a.free = drift < 0 && a.free < (uint64_t)-drift ? 0
                                                    : a.free + (uint64_t)drift;
    if ( o->stash == STASH_FREED )
        a.free += m->counters.dom[r->slot].stash;
    if ( o->stash == STASH_TAKEN && limit )
    {
        ended = do_taken(m, r, &a);
        done = !ended;
        space++; /* what is done counts below, and this one took none */
    }
    while ( !ended && done < limit )
    {
        ended = do_extent(m, r, space - done, &a);
        done += !ended;
    }

    o->account = a;
    o->allocated = done;
    o->rule = o->ended = ended;
    o->counted = o->allocated < listed ? o->allocated : listed;
    if ( o->counted < o->allocated )
        o->rule = reserve_unwritten(r);
    else if ( !o->rule && o->counted < want )
        o->rule = RULE_POPULATE_LIST;
    else if ( !o->rule )
        o->rule = reserve_populates(r) ? RULE_POPULATE_DONE
                                       : RULE_INCREASE_DONE;
}
