/* SPDX-License-Identifier: MIT */
/*
 * Soundness: what must be true of any hypervisor that keeps its promises,
 * judged from observations alone, before and after a call. It knows nothing of
 * releases; what a release is known to break is excused in weaknesses.c.
 */
#include "impl.h"

#include <string.h>

/* Slot of the domain a call is about, or -1. */
static int target_slot(const struct engine *e)
{
    const struct hv_call *c = &e->call;
    uint16_t domid = c->kind == HV_CALL_DOMCTL ? c->domctl.domid : c->domid;

    if ( c->kind == HV_CALL_MEMORY_OP )
        return domid_resolve(c->resv.domid, &c->caller);

    return domid < HV_DOMS_MAX ? domid : -1;
}

static bool is_allocation(enum op_code op)
{
    return op == OP_populate || op == OP_increase || op == OP_anon_alloc ||
           op == OP_extra_alloc || op == OP_create;
}

static bool is_memory_call(enum op_code op)
{
    return op == OP_populate || op == OP_increase || op == OP_decrease;
}

static uint64_t start_extent(const struct engine *e)
{
    return e->call.cmd >> MEMOP_EXTENT_SHIFT;
}

/* By how much pages plus claim exceed the limit. */
static uint64_t excess(const struct hv_domain_view *d)
{
    uint64_t want = (uint64_t)d->tot + d->claim;

    return want > d->max ? want - d->max : 0;
}

/* Calls that make and release claims. */
static bool claims(enum op_code op)
{
    return op == OP_claim || op == OP_claim_set;
}

static void check_claim_change(struct engine *e, unsigned int slot)
{
    const struct hv_domain_view *a = &e->before.dom[slot];
    const struct hv_domain_view *b = &e->seen.dom[slot];
    bool here = target_slot(e) == (int)slot;
    int64_t got = ((int64_t)b->tot + b->extra) - ((int64_t)a->tot + a->extra);

    if ( b->claim > a->claim )
    {
        if ( !here || !claims(e->call_op) || e->result.rc )
            invariant_broken(e, INV_REGROW, "d%u's claim grew from %u to %u",
                             slot, a->claim, b->claim);
        return;
    }

    if ( here && !e->result.rc && claims(e->call_op) )
        return; /* released, or replaced */
    if ( b->state != HV_DOM_ALIVE )
        return; /* destroyed */
    if ( (int64_t)(a->claim - b->claim) > (got > 0 ? got : 0) )
        invariant_broken(
            e, INV_KEEP,
            "d%u's claim fell from %u to %u, but it %s %lld pages", slot,
            a->claim, b->claim, got < 0 ? "gave back" : "received",
            (long long)(got < 0 ? -got : got));
}

/* As memcmp, but inline: eight times a call. */
static bool same_domain(const struct hv_domain_view *a,
                        const struct hv_domain_view *b)
{
    return a->state == b->state && a->tot == b->tot && a->extra == b->extra &&
           a->max == b->max && a->claim == b->claim &&
           !memcmp(a->node_claim, b->node_claim, sizeof(a->node_claim));
}

static void check_domain(struct engine *e, unsigned int slot)
{
    const struct hv_domain_view *a = &e->before.dom[slot];
    const struct hv_domain_view *b = &e->seen.dom[slot];

    if ( same_domain(a, b) )
        return;

    if ( a->claim != b->claim )
        check_claim_change(e, slot);
    if ( b->claim && (b->state == HV_DOM_DYING || b->state == HV_DOM_DEAD) )
        invariant_broken(e, INV_DEAD_CLAIM, "d%u is dying and claims %u pages",
                         slot, b->claim);
    if ( b->claim && excess(b) > excess(a) )
        invariant_broken(e, INV_CAP,
                         "d%u owns %u and claims %u pages, its "
                         "limit is %u",
                         slot, b->tot, b->claim, b->max);
    if ( b->tot > e->model.host_pages || b->extra > e->model.host_pages )
        invariant_broken(e, INV_OWNER,
                         "d%u owns %u pages, %u extra: the host "
                         "has %u",
                         slot, b->tot, b->extra, e->model.host_pages);
}

static void check_claim_call(struct engine *e, int slot)
{
    uint64_t nr = e->call.resv.nr_extents;

    if ( e->result.rc || slot < 0 )
        return;
    if ( !nr && e->seen.dom[slot].claim )
        invariant_broken(e, INV_RELEASE_ZERO,
                         "d%d claims %u pages after "
                         "releasing its claim",
                         slot, e->seen.dom[slot].claim);
    if ( nr && e->before.dom[slot].claim )
        invariant_broken(e, INV_ONE_CLAIM,
                         "d%d claimed %u pages already, and "
                         "may claim again",
                         slot, e->before.dom[slot].claim);
}

bool is_plain_order0(const struct engine *e, int slot, uint32_t flags)
{
    const struct hv_call *c = &e->call;

    return slot >= 0 && e->before.dom[slot].state == HV_DOM_ALIVE &&
           c->caller.flags == (HV_CALLER_CONTROL | HV_CALLER_HARDWARE) &&
           c->arg_bytes >= sizeof(c->resv) && !c->resv.extent_order &&
           c->resv.mem_flags == flags &&
           c->resv.nr_extents <= MEMOP_EXTENTS_MAX &&
           start_extent(e) < c->resv.nr_extents &&
           c->list_entries >= c->resv.nr_extents && !c->readonly;
}

static void check_spend(struct engine *e, int slot)
{
    const struct hv_domain_view *d;
    uint64_t want, done;
    char rc[RESULT_NAME_MAX];

    if ( (e->call_op != OP_populate && e->call_op != OP_increase) ||
         !is_plain_order0(e, slot, 0) )
        return;

    d = &e->before.dom[slot];
    want = e->call.resv.nr_extents - start_extent(e);
    want = want < d->claim ? want : d->claim;
    if ( d->max < d->tot || want > d->max - d->tot )
        want = d->max < d->tot ? 0 : d->max - d->tot;
    done = (uint64_t)e->result.rc - start_extent(e);
    if ( e->result.rc >= 0 && done >= want )
        return;
    result_print(rc, sizeof(rc), e->result.rc);
    invariant_broken(
        e, INV_SPEND, "d%d claims %u pages, asked for %llu and got %s", slot,
        d->claim, (unsigned long long)e->call.resv.nr_extents, rc);
}

/* Did the call say that it did nothing? */
static bool said_nothing_done(const struct engine *e)
{
    if ( e->result.rc < 0 )
        return e->result.rc != HV_CONTINUE;

    return is_memory_call(e->call_op) && e->call.kind == HV_CALL_MEMORY_OP &&
           (uint64_t)e->result.rc <= start_extent(e);
}

static void check_fail_safe(struct engine *e)
{
    struct hv_view seen;
    char rc[RESULT_NAME_MAX];

    if ( !said_nothing_done(e) )
        return;
    seen = e->seen;
    if ( !e->model
              .exact_free ) /* a live host's free pages move by themselves */
    {
        seen.free = e->before.free;
        memcpy(seen.node_free, e->before.node_free, sizeof(seen.node_free));
    }
    if ( !memcmp(&seen, &e->before, sizeof(seen)) )
        return;
    result_print(rc, sizeof(rc), e->result.rc);
    invariant_broken(e, INV_FAIL_SAFE, "it returned %s and changed the state",
                     rc);
}

/* What a view's domains add up to, in one pass. */
struct sums
{
    uint64_t claims;
    uint64_t pages; /* of domains, and what the hypervisor needs for them */
};

static struct sums view_sums(const struct engine *e, const struct hv_view *v)
{
    struct sums sums = { 0 };

    for ( unsigned int i = 0; i < HV_DOMS_MAX; i++ )
    {
        const struct hv_domain_view *d = &v->dom[i];

        sums.claims += d->claim;
        sums.pages += d->tot + d->extra;
        if ( i && d->state != HV_DOM_ABSENT )
            sums.pages += e->h.ops->domain_pages;
    }

    return sums;
}

uint64_t all_pages(const struct engine *e, const struct hv_view *v)
{
    return v->free + e->anon_pages + view_sums(e, v).pages;
}

static void check_sums(struct engine *e)
{
    struct sums sums = view_sums(e, &e->seen);
    uint64_t pages = e->seen.free + e->anon_pages + sums.pages;

    if ( sums.claims != e->seen.claimed )
        invariant_broken(e, INV_CLAIM_SUM,
                         "the host counts %llu claimed pages, "
                         "its domains %llu",
                         (unsigned long long)e->seen.claimed,
                         (unsigned long long)sums.claims);
    /* Coloured pages are not in the heap, so they come from nowhere. */
    if ( e->model.exact_free && !e->spec.program->host.llc &&
         pages != e->all_pages )
        invariant_broken(e, INV_CONSERVE,
                         "%llu pages are accounted for, there "
                         "are %llu",
                         (unsigned long long)pages,
                         (unsigned long long)e->all_pages);
}

static void check_nodes(struct engine *e)
{
    uint64_t nodes = 0;

    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
        nodes += e->seen.node_free[n];
    if ( e->model.exact_free && nodes != e->seen.free )
        invariant_broken(e, INV_REPORT,
                         "nodes have %llu free pages, the host "
                         "%llu",
                         (unsigned long long)nodes,
                         (unsigned long long)e->seen.free);
}

void check_window(struct engine *e)
{
    uint64_t free, claimed;

    e->h.ops->heap(e->h.hv, &free, &claimed);
    if ( claimed > free )
        invariant_broken(e, INV_OVER_CLAIM,
                         "heap_lock released with %llu pages "
                         "claimed and %llu free",
                         (unsigned long long)claimed,
                         (unsigned long long)free);
    if ( __builtin_expect(e->has_sets, 0) )
        check_set_window(e);
}

/* What a change of state must respect. */
static void check_change(struct engine *e)
{
    for ( unsigned int d = 0; d < HV_DOMS_MAX; d++ )
        check_domain(e, d);
    if ( e->seen.claimed > e->seen.free )
        invariant_broken(
            e, is_allocation(e->call_op) ? INV_PROTECT : INV_OVER_CLAIM,
            "%llu pages are claimed, %llu are free",
            (unsigned long long)e->seen.claimed,
            (unsigned long long)e->seen.free);
    check_fail_safe(e);
    check_sums(e);
    check_nodes(e);
}

void check_invariants(struct engine *e)
{
    int slot = target_slot(e);

    if ( __builtin_expect(e->has_sets, 0) )
    {
        check_sets(e, slot);
        check_node_spend(e, slot);
        check_get_told(e, slot);
    }
    /* A state that did not change was judged when it came about. */
    if ( memcmp(&e->before, &e->seen, sizeof(e->seen)) )
        check_change(e);
    if ( e->call_op == OP_claim )
        check_claim_call(e, slot);
    check_spend(e, slot);
    check_told(e);
    check_fetches(e);
}
