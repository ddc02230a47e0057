/* SPDX-License-Identifier: MIT */
/*
 * XENMEM_populate_physmap and XENMEM_increase_reservation: rules 3.3, 3.4 and
 * 4. Extents are done one after the other on a copy of the counters; a
 * prediction throws the copy away, a commit keeps it.
 */
#include "internal.h"
#include "marks/marks.h"

/* The counters that an allocation for one domain touches. */
struct account
{
    uint64_t free, claimed;
    uint32_t tot, max, claim;
};

/* How a call may go. */
struct outcome
{
    struct account account;
    uint64_t allocated; /* extents the domain got                            */
    uint64_t counted;   /* extents the caller is told                        */
    enum rule ended;    /* why there are no more                             */
    enum rule rule;     /* why no more are counted                           */
};

static bool is_populate(const struct resv *r)
{
    return r->op == XENMEM_populate_physmap;
}

static struct account account_of(const struct model *m, int slot)
{
    const struct hv_domain_view *d = &m->counters.dom[slot];

    return (struct account){ .free = m->counters.free,
                             .claimed = m->counters.claimed,
                             .tot = d->tot,
                             .max = d->max,
                             .claim = d->claim };
}

/* Rules 4.3 and 4.5: an allocation redeems the claim. */
static void redeem(struct account *a, uint32_t pages)
{
    uint32_t used = a->claim < pages ? a->claim : pages;

    a->claim -= used;
    a->claimed -= used;
}

/* Rules 4.5: may the domain own so many more pages? RULE_NONE if so. */
static enum rule assign(const struct model *m, const struct account *a,
                        int slot, uint32_t pages)
{
    if ( model_dying(m, slot) )
        return RULE_ASSIGN_DYING;
    if ( a->tot > a->max )
        return RULE_ASSIGN_ABOVE;
    return pages > a->max - a->tot ? RULE_ASSIGN_ROOM : RULE_NONE;
}

/* One extent, while the heap has space blocks. RULE_NONE: it is allocated. */
static enum rule do_extent(const struct model *m, const struct resv *r,
                           uint64_t space, struct account *a)
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
        redeem(a, pages);
    refused = assign(m, a, r->slot, pages);
    if ( refused )
        return refused;

    if ( !coloured )
        a->free -= pages;
    a->tot += pages;
    if ( !m->release->redeem_at_alloc )
        redeem(a, pages);
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
    if ( !is_populate(r) && !r->list )
        return limit;
    if ( r->entries < r->nr )
        readable = r->entries > r->start ? r->entries - r->start : 0;
    *listed = r->readonly ? 0 : readable;
    if ( is_populate(r) )
        want = readable;
    if ( *listed < want )
        limit = r->abi32 ? (*listed / COMPAT_CHUNK + 1) * COMPAT_CHUNK
                         : *listed + 1;
    return limit < want ? limit : want;
}

/* Why extents that were allocated are not counted. */
static enum rule unwritten(const struct resv *r)
{
    return is_populate(r) ? RULE_POPULATE_WRITE : RULE_INCREASE_LIST;
}

/* drift: how many more free pages (negative: fewer) there may be than were
 * last seen. */
static void do_extents(const struct model *m, const struct resv *r,
                       uint64_t space, int64_t drift, struct outcome *o)
{
    uint64_t want = r->nr - r->start, listed;
    uint64_t limit = listed_extents(r, want, &listed);

    o->account = account_of(m, r->slot);
    o->account.free = drift < 0 && o->account.free < (uint64_t)-drift
                          ? 0
                          : o->account.free + (uint64_t)drift;
    o->rule = RULE_NONE;
    for ( o->allocated = 0; o->allocated < limit; o->allocated++ )
    {
        o->rule = do_extent(m, r, space - o->allocated, &o->account);
        if ( o->rule )
            break;
    }

    o->ended = o->rule;
    o->counted = o->allocated < listed ? o->allocated : listed;
    if ( o->counted < o->allocated )
        o->rule = unwritten(r);
    else if ( !o->rule && o->counted < want )
        o->rule = RULE_POPULATE_LIST;
    else if ( !o->rule )
        o->rule = is_populate(r) ? RULE_POPULATE_DONE : RULE_INCREASE_DONE;
}

/* Record the rules that were evaluated for the last extent. */
static void note_rules(struct prediction *p, const struct resv *r,
                       enum rule last)
{
    static const uint8_t populate[] = {
        RULE_POPULATE_LIST, RULE_ALLOC_LLC_ORDER, RULE_ALLOC_GATE,
        RULE_ALLOC_SPACE,   RULE_ASSIGN_DYING,    RULE_ASSIGN_ABOVE,
        RULE_ASSIGN_ROOM,   RULE_POPULATE_WRITE,  RULE_POPULATE_DONE,
    };
    static const uint8_t increase[] = {
        RULE_ALLOC_LLC_ORDER, RULE_ALLOC_GATE,    RULE_ALLOC_SPACE,
        RULE_ASSIGN_DYING,    RULE_ASSIGN_ABOVE,  RULE_ASSIGN_ROOM,
        RULE_INCREASE_LIST,   RULE_INCREASE_DONE,
    };
    const uint8_t *rules = is_populate(r) ? populate : increase;

    while ( !decides(p, rules[0], rules[0] == last) )
        rules++;
}

/* Rules 3.3 b, c: populate on demand takes no memory, and writes nothing; what
 * was read of a 32-bit caller's list is written back all the same. */
static void populate_on_demand(const struct hv_call *call,
                               const struct resv *r, struct prediction *p)
{
    uint64_t done = r->entries < r->nr ? r->entries : r->nr;

    if ( done < r->start )
        done = r->start;
    answer(p, (long)r->start);
    if ( decides(p, RULE_POPULATE_LIST, r->entries <= r->start) ||
         decides(p, RULE_POPULATE_POD_SELF, r->slot == call->caller.domid) ||
         decides(p, RULE_POPULATE_WRITE, r->abi32 && r->readonly) )
        return;
    p->rule = done < r->nr ? RULE_POPULATE_LIST : RULE_POPULATE_POD;
    p->evaluated[p->nr_evaluated++] = (uint8_t)p->rule;
    answer(p, (long)done);
}

static bool is_on_demand(const struct resv *r)
{
    return is_populate(r) && (r->flags & XENMEMF_populate_on_demand);
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

void reserve_predict(const struct model *m, const struct hv_call *call,
                     const struct hv_capacity *capacity, struct prediction *p)
{
    struct outcome o;
    struct resv r;

    if ( !resv_front_end(m, call, &r, p) )
        return;
    if ( is_on_demand(&r) )
    {
        populate_on_demand(call, &r, p);
        return;
    }

    space_of(m, capacity, &r, p);
    heap_tried(m, capacity, &r, p);
    /* The rule that is named is the one for the free pages last seen. */
    do_extents(m, &r, model_drift(m) ? p->space_hi : p->space_lo, 0, &o);
    note_rules(p, &r, o.rule);
    p->ended = o.ended;
    answer(p, (long)(r.start + o.counted));
    if ( model_drift(m) )
    {
        do_extents(m, &r, p->space_lo, -model_drift(m), &o);
        p->lo = (long)(r.start + o.counted);
    }
    if ( p->space_lo < p->space_hi )
    {
        do_extents(m, &r, p->space_hi, model_drift(m), &o);
        p->hi = (long)(r.start + o.counted);
    }
}

/* Does this outcome agree with what was observed? */
static bool fits(const struct outcome *o, uint64_t counted, int slot,
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
                         struct outcome *o)
{
    uint64_t grown = (uint64_t)seen->dom[r->slot].tot -
                     m->counters.dom[r->slot].tot;
    uint64_t spaces[] = { p->space_hi, counted, grown >> r->order };
    bool open = p->space_lo < p->space_hi;

    do_extents(m, r, spaces[0], model_drift(m), o);
    if ( !open && !(r->abi32 && call->preempt && o->rule == unwritten(r)) )
        return;
    for ( unsigned int i = 0; i < 3; i++ )
    {
        if ( spaces[i] > p->space_hi )
            continue;
        do_extents(m, r, spaces[i], model_drift(m), o);
        if ( fits(o, counted, r->slot, seen) )
        {
            MARK(model_open_outcome);
            return;
        }
    }
    /* None agrees: the comparison of the counters will say what differs. */
    do_extents(m, r, open ? counted : p->space_hi, model_drift(m), o);
}

static const char *name_extents(struct model *m, const struct resv *r,
                                const struct outcome *o, const uint64_t *list)
{
    uint64_t unnamed = o->allocated;

    if ( is_populate(r) || r->list )
    {
        unnamed -= o->counted;
        for ( uint64_t i = 0; i < o->counted; i++ )
        {
            uint64_t frame = list[r->start + i];
            const char *why = model_name_block(m, frame, r->order, r->slot,
                                               false);

            if ( why )
                return why;
            /* Zones hold powers of 2, and a block lies in one of them. */
            if ( r->zone_max < HV_ZONES - 1 && frame >> r->zone_max &&
                 !model_coloured(m) )
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
                         const struct outcome *o, const struct hv_view *seen)
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
                 seen->dom[r->slot].node_claim);
}

const char *reserve_commit(struct model *m, const struct hv_call *call,
                           const struct prediction *p,
                           const struct hv_result *result,
                           const struct hv_view *seen, uint32_t *nodes)
{
    struct prediction front = { .nr_evaluated = 0 };
    struct hv_domain_view *d;
    struct outcome o;
    const char *why;
    struct resv r;

    if ( !resv_front_end(m, call, &r, &front) || is_on_demand(&r) )
        return NULL;
    if ( r.exact )
        *nodes = r.node < HV_NODES_MAX ? 1U << r.node : 0;

    find_outcome(m, call, &r, p, (uint64_t)result->rc - r.start, seen, &o);
    spread_claim(m, &r, &o, seen);
    d = &m->counters.dom[r.slot];
    d->tot = o.account.tot;
    d->claim = o.account.claim;
    m->counters.claimed = o.account.claimed;
    m->counters.free = o.account.free;
    why = heap_untried(m, p, o.allocated, r.order, seen);
    return why ? why : name_extents(m, &r, &o, result->list);
}
