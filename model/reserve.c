/* SPDX-License-Identifier: MIT */
/*
 * What XENMEM_populate_physmap and XENMEM_increase_reservation must answer: rules
 * 3.3, 3.4 and 4.
 *
 * Not here: how an extent is done (reserve_extents.c), what the model makes of
 * what was done (reserve_commit.c).
 */
#include "reserve.h"
#include "marks/marks.h"

/* Record the rules that were evaluated for the last extent. */
static void note_rules(struct prediction *p, const struct resv *r,
                       enum rule last)
{
    static const uint8_t populate[] = {
        RULE_POPULATE_LIST, RULE_ALLOC_LLC_ORDER, RULE_ALLOC_GATE,
        RULE_ALLOC_SPACE,   RULE_ASSIGN_DYING,    RULE_ASSIGN_ABOVE,
        RULE_ASSIGN_ROOM,   RULE_POPULATE_WRITE,  RULE_POPULATE_STOP,
        RULE_POPULATE_DONE,
    };
    static const uint8_t increase[] = {
        RULE_ALLOC_LLC_ORDER, RULE_ALLOC_GATE,    RULE_ALLOC_SPACE,
        RULE_ASSIGN_DYING,    RULE_ASSIGN_ABOVE,  RULE_ASSIGN_ROOM,
        RULE_INCREASE_LIST,   RULE_INCREASE_DONE,
    };
    const uint8_t *rules = reserve_populates(r) ? populate : increase;

    while ( !decides(p, rules[0], rules[0] == last) )
        rules++;
}

/* Rules 3.3 b, c: populate on demand takes no memory, and writes nothing; what
 * was read of a 32-bit caller's list is written back all the same. */
uint64_t reserve_demanded(const struct resv *r)
{
    uint64_t done = r->entries < r->nr ? r->entries : r->nr;

    return done < r->start ? r->start : done;
}

static void populate_on_demand(const struct hv_call *call,
                               const struct resv *r, struct prediction *p)
{
    uint64_t done = reserve_demanded(r);

    answer(p, (long)r->start);
    if ( decides(p, RULE_POPULATE_LIST, r->entries <= r->start) ||
         decides(p, RULE_POPULATE_POD_SELF, r->slot == call->caller.domid) ||
         decides(p, RULE_POPULATE_WRITE, r->abi32 && r->readonly) )
        return;
    p->rule = done < r->nr ? RULE_POPULATE_LIST : RULE_POPULATE_POD;
    if ( reserve_may_stop(call) && done - r->start >= call->stop &&
         r->nr - r->start > call->stop )
    {
        p->rule = RULE_POPULATE_STOP;
        answer_also(p, HV_CONTINUE);
    }
    if ( p->rule != RULE_POPULATE_LIST ) /* looked at above */
        evaluate(p, p->rule);
    answer(p, (long)done);
}

static void space_of(const struct model *m, const struct hv_capacity *capacity,
                     const struct resv *r, struct prediction *p)
{
    uint32_t drift = (uint32_t)model_drift(m);

    if ( !model_coloured(m) )
    {
        heap_space(m, capacity, r, &p->space_lo, &p->space_hi);
        p->space_lo -= drift < p->space_lo ? drift : p->space_lo;
        p->space_hi += drift;
        return;
    }
    /* How much the coloured heap has left cannot be observed. */
    p->space_lo = 0;
    p->space_hi = m->host_pages;
}

/* The pages that were put aside are in the heap again before the call looks for
 * blocks: as so many more, or perhaps as a part of a larger one. */
static void space_of_freed(const struct model *m, const struct resv *r,
                           struct prediction *p)
{
    const struct hv_domain_view *d = &m->counters.dom[r->slot];
    bool larger = d->stash >> r->order == 0;
    uint32_t blocks = larger ? 1 : d->stash >> r->order;

    if ( r->exact && r->node != (int)d->stash_node )
        return;
    p->space_hi += blocks;
    if ( !larger && r->zone_max == HV_ZONES - 1 && !model_has_sets(m) )
        p->space_lo += blocks;
}

/* Rules 3.3 f: can a populate be left before its end, of which at most o is done?
 * Each invocation does an extent, or stops inside one, for which it has a block. */
static bool may_be_left(const struct model *m, const struct hv_call *call,
                        const struct resv *r, const struct model_outcome *o)
{
    if ( reserve_may_stash(m, r->slot, r->order) )
        return o->allocated || reserve_lost(o->ended, r->order);
    return o->counted >= call->stop && r->nr - r->start > call->stop;
}

void reserve_predict(const struct model *m, const struct hv_call *call,
                     const struct hv_capacity *capacity, struct prediction *p)
{
    struct model_outcome *o = &p->outcome, other, most;
    struct resv r;
    bool left, open;

    if ( !resv_front_end(m, call, &r, p) )
        return;
    if ( reserve_on_demand(&r) )
    {
        populate_on_demand(call, &r, p);
        return;
    }

    space_of(m, capacity, &r, p);
    if ( reserve_stash(m, &r) == STASH_FREED )
        space_of_freed(m, &r, p);
    else
        heap_tried(m, capacity, &r, p);
    open = p->space_lo < p->space_hi;
    if ( open || reserve_may_stop(call) )
        reserve_extents(m, &r, p->space_hi, model_drift(m), &most);
    left = reserve_may_stop(call) && may_be_left(m, call, &r, &most);
    if ( left )
        answer_also(p, HV_CONTINUE);
    /* The rule that is named is the one for the free pages last seen. */
    reserve_extents(m, &r, model_drift(m) ? p->space_hi : p->space_lo, 0, o);
    note_rules(p, &r, left ? RULE_POPULATE_STOP : o->rule);
    p->ended = o->ended;
    answer(p, (long)(r.start + o->counted));
    if ( model_drift(m) )
    {
        reserve_extents(m, &r, p->space_lo, -model_drift(m), &other);
        p->lo = (long)(r.start + other.counted);
    }
    if ( open )
        p->hi = (long)(r.start + most.counted);
}
