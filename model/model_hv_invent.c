/* SPDX-License-Identifier: MIT */
/*
 * The model as a hypervisor: the frames that a call gets, of the nodes that it
 * tries in turn, as far as claims on nodes leave them to it.
 *
 * Not here: which frames are free, and the search for a block of them
 * (model_hv_frames.c).
 */
#include "model_hv.h"

#include "internal.h"

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

/* Frames for the extents done; returns the count for which there were any. */
static long invent_list(const struct model_hv *s, const struct hv_call *call,
                        const struct resv *r, struct turns turns,
                        struct hv_result *result)
{
    struct model_hv_want want = { .order = r->order,
                                  .zone_max = r->zone_max,
                                  .coloured = model_coloured(&s->m) };
    uint64_t frame = 0;
    long i = (long)r->start;

    memcpy(result->list_space, call->list,
           call->list_entries * sizeof(call->list[0]));
    for ( ; i < result->rc; i++ )
    {
        if ( !find_in_turn(s, &turns, &want, &frame) )
            break;
        if ( (uint32_t)i < call->list_entries )
            result->list_space[i] = frame;
    }
    result->list = result->list_space;

    return i < result->rc ? i : result->rc;
}

void model_hv_invent(const struct model_hv *s, const struct hv_call *call,
                     const struct prediction *p, struct hv_result *result)
{
    struct prediction front = { .nr_evaluated = 0 };
    struct model_hv_want want = {
        .order = call->order,
        .zone_max = HV_ZONES - 1,
        .coloured = model_coloured(&s->m) && call->kind == HV_CALL_EXTRA_ALLOC
    };
    struct turns turns = turns_of(s, p);
    struct resv r;
    long rc;

    if ( !model_hv_allocates(call) )
    {
        result->frame = 0;
        if ( !find_in_turn(s, &turns, &want, &result->frame) )
            result->rc = -ENOMEM;
        return;
    }
    if ( !resv_front_end(&s->m, call, &r, &front) )
        return;
    if ( r.exact ) /* perhaps a node that no host has */
    {
        turns.nodes[0] = r.node < s->shape.nodes ? UINT32_C(1) << r.node : 0;
        turns.nodes[1] = turns.nodes[2] = 0;
    }
    rc = invent_list(s, call, &r, turns, result);
    if ( model_allows(p, rc) ) /* else these extents need no pages (PoD) */
        result->rc = rc;
}

uint32_t model_hv_wanted(const struct model_hv *s, const struct hv_call *call)
{
    uint32_t node = (call->resv.mem_flags & MEMF_NODE_MASK) >> MEMF_NODE_SHIFT;

    return model_hv_allocates(call) && node && node <= s->shape.nodes
               ? UINT32_C(1) << (node - 1)
               : 0;
}

void model_hv_budgets(struct model_hv *s, const struct hv_call *call)
{
    bool sets = model_has_sets(&s->m) && !model_coloured(&s->m);
    struct resv r = { .no_refcount = true, .slot = MODEL_NOBODY };
    struct prediction front = { .nr_evaluated = 0 };

    if ( sets && model_hv_allocates(call) )
        resv_front_end(&s->m, call, &r, &front);
    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
        s->budget[n] = sets ? claim_usable(&s->m, &r, n) : UINT64_MAX;
}

void model_hv_spread(struct model_hv *s, const struct hv_call *call,
                     const struct hv_view *before, const struct prediction *p)
{
    struct prediction front = { .nr_evaluated = 0 };
    uint64_t taken[HV_NODES_MAX];
    uint32_t redeemed, lost;
    unsigned int n = 0;
    struct resv r;

    if ( !model_has_sets(&s->m) || !model_hv_allocates(call) ||
         !resv_front_end(&s->m, call, &r, &front) )
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
                 s->m.counters.dom[r.slot].node_claim);
}
