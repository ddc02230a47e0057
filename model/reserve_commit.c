/* SPDX-License-Identifier: MIT */
/*
 * What the model makes of a populate or an increase that was done: counters,
 * claims, names of pages, and why a result cannot be.
 *
 * Not here: what the call must answer (reserve.c).
 */
#include "reserve.h"
#include "marks/marks.h"

/* NULL, or what is wrong about where such a call was left. */
static const char *on_demand_left(const struct hv_call *call,
                                  const struct resv *r,
                                  const struct hv_result *result)
{
    return result->rc == HV_CONTINUE &&
                   (result->extents < r->start + call->stop ||
                    result->extents > reserve_demanded(r) ||
                    result->extents >= r->nr)
               ? "a call was left after more or fewer extents than it can do"
               : NULL;
}

/* Does this outcome agree with what was observed? */
static bool fits(const struct model_outcome *o, uint64_t counted, int slot,
                 const struct hv_view *seen)
{
    return o->counted == counted && o->account.tot == seen->dom[slot].tot &&
           o->account.claim == seen->dom[slot].claim;
}

/*
 * What happened, given how many extents were counted. Mostly there is one
 * answer. If the number of free blocks is not known, the first extent that is
 * not counted may have ended before or after the heap gave a block (rules 4.6,
 * 3.4 a); and a 32-bit increase whose list faults keeps the extents of its
 * last invocation, which depends on preemption (rules 2.2). Then the outcome
 * is chosen that agrees with what was observed.
 */
static void find_outcome(const struct model *m, const struct hv_call *call,
                         const struct resv *r, const struct prediction *p,
                         uint64_t counted, const struct hv_view *seen,
                         struct model_outcome *o)
{
    uint64_t grown, taken, spaces[3] = { p->space_hi };
    bool open = p->space_lo < p->space_hi;

    if ( !open && model_drift(m) )
        reserve_extents(m, r, p->space_hi, model_drift(m), o);
    else if ( !open )
        *o = p->outcome;
    if ( !open &&
         !(r->abi32 && call->preempt && o->rule == reserve_unwritten(r)) )
        return;
    grown = (uint64_t)seen->dom[r->slot].tot - m->counters.dom[r->slot].tot;
    taken = reserve_stash(m, r) == STASH_TAKEN;
    spaces[1] = counted - (counted ? taken : 0);
    spaces[2] = (grown >> r->order) - (grown ? taken : 0);
    for ( unsigned int i = 0; i < 3; i++ )
    {
        if ( spaces[i] > p->space_hi )
            continue;
        reserve_extents(m, r, spaces[i], model_drift(m), o);
        if ( fits(o, counted, r->slot, seen) )
        {
            MARK(model_open_outcome);
            return;
        }
    }
    /* None agrees: the comparison of the counters will say what differs. */
    reserve_extents(m, r, open ? spaces[1] : p->space_hi, model_drift(m), o);
}

static const char *name_extents(struct model *m, const struct resv *r,
                                const struct model_outcome *o,
                                const uint64_t *list)
{
    uint64_t unnamed = o->allocated;

    if ( reserve_populates(r) || r->list )
    {
        unnamed -= o->counted;
        for ( uint64_t i = 0; i < o->counted; i++ )
        {
            uint64_t frame = list[r->start + i];
            const char *why = model_name_block(m, frame, r->order, r->slot,
                                               false);

            if ( why )
                return why;
            /* Zones hold powers of 2, and a block lies in one of them. Of the one
             * that was put aside nobody asks where. */
            if ( !(o->stash == STASH_TAKEN && !i) &&
                 r->zone_max < HV_ZONES - 1 && frame >> r->zone_max )
                return "an allocated frame is above the address limit";
        }
    }
    MARK_IF(unnamed, model_nameless);
    m->dom[r->slot].nameless += (uint32_t)(unnamed << r->order);
    return NULL;
}

uint32_t reserve_lost(enum rule ended, uint32_t order)
{
    return ended == RULE_ASSIGN_DYING || ended == RULE_ASSIGN_ABOVE ||
                   ended == RULE_ASSIGN_ROOM
               ? UINT32_C(1) << order
               : 0;
}

/* Which parts of a claim were used up: those of the nodes that lost pages. */
static void spread_claim(struct model *m, const struct resv *r,
                         const struct model_outcome *o,
                         const struct hv_view *seen)
{
    uint32_t redeemed = m->counters.dom[r->slot].claim - o->account.claim;
    uint64_t taken[HV_NODES_MAX];

    /* A wrong count of the host is left to the comparison of counters. */
    if ( !redeemed || !model_has_sets(m) || seen->free != o->account.free )
        return;
    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
        taken[n] = m->counters.node_free[n] - seen->node_free[n];
    m->counters.dom[r->slot].claim = o->account.claim;
    claim_spread(m, r->slot, redeemed, taken, reserve_lost(o->ended, r->order),
                 seen->node_claim[r->slot]);
}

/* The block that a call was left with, inside an extent, is put aside. NULL, or
 * why that is impossible. */
static const char *put_aside(const struct model *m, const struct resv *r,
                             const struct prediction *p,
                             const struct hv_view *seen,
                             struct model_outcome *o, struct hv_domain_view *d)
{
    const struct hv_domain_view *s = &seen->dom[r->slot];
    uint32_t pages = UINT32_C(1) << r->order;
    struct model_account *a = &o->account;
    uint64_t taken = o->stash == STASH_TAKEN;

    /* Another size is left to the comparison of counters. */
    if ( !reserve_may_stash(m, r->slot, r->order) || model_dying(m, r->slot) )
        return "a block was put aside that cannot be";
    if ( !o->allocated && taken )
    {
        /* The same once more. */
        d->stash = pages;
        return NULL;
    }
    if ( model_gate_refuses(a->free, a->claimed, pages, a->claim) ||
         o->allocated >= p->space_hi + taken )
        return "a block was put aside that cannot be had";
    if ( s->stash_node >= m->shape.nodes ||
         (r->exact && r->node != (int)s->stash_node) )
        return "a block was put aside of a node that was not asked for";
    reserve_redeem(a, pages);
    a->free -= pages;
    d->stash = pages;
    d->stash_node = s->stash_node;
    return NULL;
}

/* A call that was left unfinished: what it had done by then. */
static const char *leave(const struct model *m, const struct resv *r,
                         const struct prediction *p, uint64_t done,
                         const struct hv_view *seen, struct model_outcome *o,
                         struct hv_domain_view *d)
{
    reserve_some(m, r, p->space_hi, model_drift(m), done, o);
    if ( o->allocated != done || o->counted != done ||
         done >= r->nr - r->start )
        return "a call was left after more extents than it can do";
    return seen->dom[r->slot].stash ? put_aside(m, r, p, seen, o, d) : NULL;
}

/* Extents that a call must have done that is left with nothing put aside: one in
 * each invocation, unless they may all have ended in putting a block aside. */
static uint64_t least_left(const struct model *m, const struct hv_call *call,
                           const struct resv *r)
{
    return reserve_may_stash(m, r->slot, r->order) ? !model_dying(m, r->slot)
                                                   : call->stop;
}

/* What was put aside is free: the node's pages are, before the call takes any. */
static void return_stash(struct model *m, int slot, uint64_t *before,
                         bool nodes)
{
    const struct hv_domain_view *d = &m->counters.dom[slot];

    *before += d->stash;
    if ( nodes )
        m->counters.node_free[d->stash_node] += d->stash;
}

const char *reserve_commit(struct model *m, const struct hv_call *call,
                           const struct prediction *p,
                           const struct hv_result *result,
                           const struct hv_view *seen, uint32_t *nodes,
                           uint64_t *before)
{
    struct hv_domain_view *d, after;
    struct model_outcome o;
    const char *why;
    struct resv r;

    if ( !resv_passed(m, call, p, &r) )
        return NULL;
    if ( reserve_on_demand(&r) )
        return on_demand_left(call, &r, result);
    if ( r.exact )
        *nodes = r.node < HV_NODES_MAX ? 1U << r.node : 0;

    d = &m->counters.dom[r.slot];
    after = *d;
    if ( reserve_stash(m, &r) != STASH_NONE )
        after.stash = 0;
    why = NULL;
    if ( result->rc == HV_CONTINUE )
    {
        uint64_t done = result->extents - r.start;

        why = leave(m, &r, p, done, seen, &o, &after);
        if ( !why && !seen->dom[r.slot].stash &&
             done < least_left(m, call, &r) )
            why = "a call was left before each invocation had done an extent";
    }
    else
        find_outcome(m, call, &r, p, (uint64_t)result->rc - r.start, seen, &o);
    if ( why )
        return why;
    if ( o.stash == STASH_FREED ||
         (o.stash == STASH_TAKEN && !o.allocated && !after.stash) )
        return_stash(m, r.slot, before, seen->free == o.account.free);
    spread_claim(m, &r, &o, seen);
    d->stash = after.stash;
    d->stash_node = after.stash ? after.stash_node : 0;
    d->tot = o.account.tot;
    d->claim = o.account.claim;
    m->counters.claimed = o.account.claimed;
    m->counters.free = o.account.free;
    /* It asks of single pages only, and those are never put aside. */
    why = heap_untried(m, p, o.allocated, r.order, seen);
    return why ? why : name_extents(m, &r, &o, result->list);
}
