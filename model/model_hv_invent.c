/* SPDX-License-Identifier: MIT */
/*
 * The model as a hypervisor: the frames that a call gets, of the nodes that it
 * tries in turn, as far as claims on nodes leave them to it.
 *
 * Not here: which frames are free, and the search for a block of them
 * (model_hv_frames.c, model_hv_find.c).
 */
#include "model_hv.h"

#include "exchange.h"
#include "reserve.h"

#include <errno.h>
#include <string.h>

bool model_hv_allocates(const struct hv_call *call)
{
    unsigned int op = call->cmd & MEMOP_CMD_MASK;

    return call->kind == HV_CALL_MEMORY_OP &&
           (op == XENMEM_populate_physmap ||
            op == XENMEM_increase_reservation);
}

/* Nodes in the order in which a call tries them, as masks (rules 4.2). */
struct turns
{
    uint32_t nodes[3];
    uint64_t end[3];               /* where model_hv_find() goes on */
    bool limited;                  /* by claims on nodes: */
    uint64_t budget[HV_NODES_MAX]; /* as in struct model_hv */
};

/* Nodes whose claims leave room for a block. */
static uint32_t affordable(const struct turns *t, uint32_t order)
{
    uint32_t nodes = 0;

    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
        nodes |= (uint32_t)(t->budget[n] >> order != 0) << n;
    return nodes;
}

static struct turns turns_of(const struct model_hv *s,
                             const struct prediction *p)
{
    uint32_t all = (UINT32_C(1) << s->shape.nodes) - 1;
    uint32_t first = p->tried[0].nodes, near = p->tried[1].nodes;

    struct turns t = { .nodes = { first, near & ~first,
                                  all & ~(first | near) } };

    t.limited = model_has_sets(&s->m);
    memcpy(t.budget, s->budget, sizeof(t.budget));
    return t;
}

/* find_in_turn() under claims on nodes, apart: for all but the drafts it is not
 * needed, and the search is what costs most. */
static __attribute__((noinline)) bool
find_under_claims(const struct model_hv *s, struct turns *t,
                  struct model_hv_want *want, uint64_t *frame)
{
    for ( unsigned int i = 0; i < 3; i++ )
    {
        want->nodes = t->nodes[i] & affordable(t, want->order);
        if ( want->nodes && model_hv_find(s, want, &t->end[i]) )
        {
            *frame = t->end[i];
            t->budget[(*frame - HV_FRAME_BASE) / s->shape.node_pages] -=
                UINT64_C(1) << want->order;
            return true;
        }
        t->nodes[i] = 0;
    }

    return false;
}

static bool find_in_turn(const struct model_hv *s, struct turns *t,
                         struct model_hv_want *want, uint64_t *frame)
{
    if ( __builtin_expect(t->limited, 0) )
        return find_under_claims(s, t, want, frame);
    for ( unsigned int i = 0; i < 3; i++ )
    {
        want->nodes = t->nodes[i];
        if ( want->nodes && model_hv_find(s, want, &t->end[i]) )
        {
            *frame = t->end[i];
            return true;
        }
        t->nodes[i] = 0; /* nothing is left there for this call */
    }

    return false;
}

/* nr single pages in turn: how many there were. The first most are written. */
static uint64_t pages_in_turn(const struct model_hv *s, struct turns *t,
                              struct model_hv_want *want, uint64_t nr,
                              uint64_t *frames, uint64_t most)
{
    uint64_t found = 0;

    for ( unsigned int i = 0; i < 3 && found < nr; i++ )
    {
        want->nodes = t->nodes[i];
        if ( want->nodes )
            found += model_hv_find_pages(s, want, &t->end[i], nr - found,
                                         most > found ? frames + found : NULL,
                                         most > found ? most - found : 0);
        if ( found < nr )
            t->nodes[i] = 0;
    }

    return found;
}

/* Frames for the extents done; returns the count for which there were any. */
static uint64_t invent_list(const struct model_hv *s,
                            const struct hv_call *call, const struct resv *r,
                            struct turns *turns, uint64_t end,
                            struct hv_result *result)
{
    struct model_hv_want want = { .order = r->order,
                                  .zone_max = r->zone_max,
                                  .coloured = model_coloured(&s->m) };
    uint64_t frame = 0, i = r->start;
    bool aside = reserve_takes_stash(&s->m, r);

    memcpy(result->list_space, call->list,
           call->list_entries * sizeof(call->list[0]));
    result->list = result->list_space;
    if ( !r->order && !turns->limited && !aside && i < end )
    {
        bool listed = i < call->list_entries && !reserve_on_demand(r);

        return i + pages_in_turn(s, turns, &want, end - i,
                                 listed ? result->list_space + i : NULL,
                                 listed ? call->list_entries - i : 0);
    }
    for ( ; i < end; i++ )
    {
        if ( !(aside && i == r->start) &&
             !find_in_turn(s, turns, &want, &frame) )
            break;
        if ( i < call->list_entries && !reserve_on_demand(r) )
            result->list_space[i] = aside && i == r->start ? s->stash[r->slot]
                                                           : frame;
    }

    return i;
}

/* A populate is left unfinished; false: it cannot be, for lack of a block. */
static bool leave(struct model_hv *s, const struct hv_call *call,
                  const struct resv *r, const struct prediction *p,
                  struct turns turns, struct hv_result *result,
                  struct hv_view *seen)
{
    struct model_hv_want want = { .order = r->order, .zone_max = r->zone_max };
    uint64_t extents, frame = 0;
    bool stash;

    if ( !model_hv_leaves(s, call, p, &extents, &stash) ||
         invent_list(s, call, r, &turns, extents, result) < extents )
        return false;
    if ( stash && !find_in_turn(s, &turns, &want, &frame) )
        return false;
    result->extents = extents;
    if ( reserve_takes_stash(&s->m, r) || reserve_frees_stash(&s->m, r) )
        seen->dom[r->slot].stash = seen->dom[r->slot].stash_node = 0;
    if ( stash )
    {
        model_hv_put_aside(s, r->slot, frame, r->order);
        seen->dom[r->slot].stash = UINT32_C(1) << r->order;
        seen->dom[r->slot].stash_node = (uint32_t)(frame - HV_FRAME_BASE) /
                                        s->shape.node_pages;
    }

    return true;
}

/* Perhaps one that no host has. */
static void one_node(const struct model_hv *s, const struct resv *r,
                     struct turns *t)
{
    t->nodes[0] = r->node < s->shape.nodes ? UINT32_C(1) << r->node : 0;
    t->nodes[1] = t->nodes[2] = 0;
}

/* A block of the hypervisor's own, or an extra page. */
static void invent_block(const struct model_hv *s, const struct hv_call *call,
                         struct turns *turns, struct hv_result *result)
{
    struct model_hv_want want = {
        .order = call->order,
        .zone_max = HV_ZONES - 1,
        .coloured = model_coloured(&s->m) && call->kind == HV_CALL_EXTRA_ALLOC
    };

    if ( !find_in_turn(s, turns, &want, &result->frame) )
        result->rc = -ENOMEM;
}

void model_hv_invent(struct model_hv *s, const struct hv_call *call,
                     const struct prediction *p, struct hv_result *result,
                     struct hv_view *seen)
{
    struct turns turns = turns_of(s, p);
    struct resv r;
    long rc;

    if ( !model_hv_allocates(call) )
        invent_block(s, call, &turns, result);
    /* Only a populate or an increase has passed. */
    if ( !resv_passed(&s->m, call, p, &r) )
        return;
    if ( r.exact )
        one_node(s, &r, &turns);
    if ( result->rc == HV_CONTINUE )
    {
        if ( leave(s, call, &r, p, turns, result, seen) )
            return;
        result->rc = p->hi;
    }
    rc = (long)invent_list(s, call, &r, &turns, (uint64_t)result->rc, result);
    if ( model_allows(p, rc) ) /* else these extents need no pages (PoD) */
        result->rc = rc;
}

/* ---- exchanges ---- */

static bool chunk_given(const struct model_hv *s, const struct hv_call *call,
                        const struct exchange *x, uint64_t chunk,
                        struct exchange_given *given)
{
    for ( uint64_t n = 0; n < exchange_inputs(x); n++ )
        if ( exchange_gives(&s->m, x->out.slot,
                            exchange_input(&s->m, call, x, chunk, n),
                            given) != OWNS )
            return false;

    return true;
}

/* The outputs of a chunk, if there are frames for all of them. */
static bool invent_chunk(const struct model_hv *s, const struct hv_call *call,
                         const struct exchange *x, uint64_t chunk,
                         struct turns *turns, struct hv_result *result)
{
    struct model_hv_want want = { .order = x->out.order,
                                  .zone_max = x->out.zone_max,
                                  .coloured = model_coloured(&s->m) };
    uint64_t nr = UINT64_C(1) << x->out_chunk, frame;
    struct turns again = *turns;

    for ( uint64_t i = 0; i < nr; i++ )
        if ( !find_in_turn(s, turns, &want, &frame) )
            return false;
    for ( uint64_t i = 0; i < nr; i++ )
    {
        uint64_t at = hv_out_entry(call, (chunk << x->out_chunk) + i);

        find_in_turn(s, &again, &want, &frame);
        if ( at < HV_LIST_MAX && !(call->readonly & HV_READONLY_LIST) )
            result->list_space[at] = frame;
    }

    return true;
}

/* Pages that were given serve nobody before the call has ended. */
void model_hv_exchange(const struct model_hv *s, const struct hv_call *call,
                       const struct prediction *p, struct hv_result *result)
{
    struct turns turns = turns_of(s, p);
    struct exchange_given given;
    struct exchange x;
    uint64_t chunk, last, end;
    long rc = result->rc;
    /* One more is done. */
    bool untold = p->rule == RULE_EXCHANGE_WRITE;

    exchange_passed(&s->m, call, &x);
    if ( x.out.exact )
        one_node(s, &x.out, &turns);
    exchange_none_given(&s->m, &given);
    memcpy(result->list_space, call->list,
           call->list_entries * sizeof(call->list[0]));
    result->list = result->list_space;
    last = x.first + (rc == p->lo ? p->space_hi : p->space_lo);
    end = last + (untold && rc == p->lo);
    for ( chunk = x.first; chunk < end; chunk++ )
    {
        if ( !chunk_given(s, call, &x, chunk, &given) )
            rc = -EINVAL;
        else if ( !invent_chunk(s, call, &x, chunk, &turns, result) )
            rc = -ENOMEM;
        else
            continue;
        break;
    }
    if ( call->readonly & HV_READONLY_ARG )
        return;
    result->rc = rc;
    if ( chunk > last )
        chunk = last;
    result->nr_exchanged = chunk << x.in_chunk;
}

/* ---- claims on nodes ---- */

uint32_t model_hv_wanted(const struct model_hv *s, const struct hv_call *call)
{
    struct resv r = { .flags = call->resv.mem_flags };

    return model_hv_allocates(call) && resv_node(&call->caller, &r) &&
                   r.node >= 0 && (uint32_t)r.node < s->shape.nodes
               ? UINT32_C(1) << r.node
               : 0;
}

void model_hv_budgets(struct model_hv *s, const struct hv_call *call)
{
    const struct resv xen = { .no_refcount = true, .slot = MODEL_NOBODY };
    struct prediction front = { .nr_evaluated = 0 };
    struct resv r = xen;

    if ( model_hv_allocates(call) && !resv_front_end(&s->m, call, &r, &front) )
        r = xen; /* it takes nothing */
    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
        s->budget[n] = claim_usable(&s->m, &r, n);
}

void model_hv_spread(struct model_hv *s, const struct hv_call *call,
                     const struct hv_view *before, const struct prediction *p)
{
    uint64_t taken[HV_NODES_MAX];
    uint32_t redeemed, lost;
    unsigned int n = 0;
    struct resv r;

    if ( !model_hv_allocates(call) || !resv_passed(&s->m, call, p, &r) )
        return;
    redeemed = before->dom[r.slot].claim - s->m.counters.dom[r.slot].claim;
    if ( !redeemed )
        return;
    for ( unsigned int i = 0; i < HV_NODES_MAX; i++ )
        taken[i] = before->node_free[i] - s->m.counters.node_free[i];
    /* A block that was lost came from the first node that could give it. */
    lost = reserve_lost(p->ended, r.order);
    while ( lost && n < s->shape.nodes - 1U &&
            (s->budget[n] < lost || (r.exact && r.node != (int)n)) )
        n++;
    taken[n] += lost;
    claim_spread(&s->m, r.slot, redeemed, taken, 0,
                 s->m.counters.node_claim[r.slot]);
}
