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
           op == OP_extra_alloc || op == OP_create || op == OP_exchange;
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

    /* A block put aside for it is as good as received; its loss is judged apart. */
    if ( b->stash && (!a->stash || stash_left(e, slot)) )
        got += b->stash;

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

static void check_domain(struct engine *e, unsigned int slot)
{
    const struct hv_domain_view *a = &e->before.dom[slot];
    const struct hv_domain_view *b = &e->seen.dom[slot];

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
           c->list_entries >= c->resv.nr_extents && !c->readonly && !c->stop;
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

/* Is it free pages alone that changed? */
static bool only_free_changed(const struct engine *e)
{
    struct hv_view seen = e->seen;

    seen.free = e->before.free;
    memcpy(seen.node_free, e->before.node_free, sizeof(seen.node_free));
    return !memcmp(&seen, &e->before, sizeof(seen));
}

/* Of a call after which the state is another one. */
static void check_fail_safe(struct engine *e)
{
    char rc[RESULT_NAME_MAX];

    if ( !said_nothing_done(e) )
        return;
    /* A live host's free pages move by themselves; chunks of an exchange before
     * the one that failed are done, which changes no count of a domain. */
    if ( (!e->model.exact_free || hv_is_exchange(&e->call)) &&
         only_free_changed(e) )
        return;
    result_print(rc, sizeof(rc), e->result.rc);
    invariant_broken(e, INV_FAIL_SAFE, "it returned %s and changed the state",
                     rc);
}

/* ---- what the domains of a view add up to ---- */

static uint64_t pages_of(const struct engine *e, const struct hv_view *v,
                         unsigned int slot)
{
    const struct hv_domain_view *d = &v->dom[slot];
    uint64_t pages = (uint64_t)d->tot + d->extra + d->stash;

    return slot && d->state != HV_DOM_ABSENT ? pages + e->h.ops->domain_pages
                                             : pages;
}

/* Pages that are accounted for, the hypervisor's own included. */
static uint64_t all_pages(const struct engine *e)
{
    return e->seen.free + e->anon_pages + e->sums.pages;
}

void invariants_start(struct engine *e)
{
    e->before = e->seen = e->start;
    e->changed = false;
    e->sums = (struct view_sums){ 0 };
    for ( unsigned int d = 0; d < HV_DOMS_MAX; d++ )
    {
        e->sums.claims += e->seen.dom[d].claim;
        e->sums.pages += pages_of(e, &e->seen, d);
    }
    e->all_pages = e->now_pages = all_pages(e);
    e->pages_moved = false;
}

void invariants_before(struct engine *e)
{
    if ( e->changed )
        memcpy(&e->before, &e->seen, e->view_bytes);
}

static void check_sums(struct engine *e)
{
    uint64_t pages = all_pages(e);

    e->pages_moved |= pages != e->now_pages;
    e->now_pages = pages;
    if ( e->sums.claims != e->seen.claimed )
        invariant_broken(e, INV_CLAIM_SUM,
                         "the host counts %llu claimed pages, "
                         "its domains %llu",
                         (unsigned long long)e->seen.claimed,
                         (unsigned long long)e->sums.claims);
    /* Coloured pages are not in the heap, so they come from nowhere. */
    if ( e->model.exact_free && !e->spec.program->host.llc &&
         e->all_pages - pages - e->offline_out > e->offline_open )
        invariant_broken(e, INV_CONSERVE,
                         "%llu pages are accounted for, there "
                         "are %llu",
                         (unsigned long long)pages + e->offline_out,
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

void window_over_claimed(struct engine *e, uint64_t claimed, uint64_t free)
{
    invariant_broken(e, INV_OVER_CLAIM,
                     "heap_lock released with %llu pages "
                     "claimed and %llu free",
                     (unsigned long long)claimed, (unsigned long long)free);
}

/* Did it change? The sums change with it. */
static bool changed_domain(struct engine *e, unsigned int d)
{
    const struct hv_domain_view *a = &e->before.dom[d];
    const struct hv_domain_view *b = &e->seen.dom[d];

    if ( !memcmp(a, b, sizeof(*a)) )
        return false;
    e->sums.claims += (uint64_t)b->claim - a->claim;
    e->sums.pages += pages_of(e, &e->seen, d) - pages_of(e, &e->before, d);

    return true;
}

/* Which domains changed: mostly the call's alone, or none. */
static uint32_t changed_domains(struct engine *e, int slot)
{
    const struct hv_domain_view *a = e->before.dom, *b = e->seen.dom;
    unsigned int d = slot >= 0 ? (unsigned int)slot : 0;
    uint32_t changed = 0;

    if ( !memcmp(a, b, d * sizeof(*a)) &&
         !memcmp(&a[d + 1], &b[d + 1], (HV_DOMS_MAX - 1 - d) * sizeof(*a)) )
        return (uint32_t)changed_domain(e, d) << d;
    for ( d = 0; d < HV_DOMS_MAX; d++ )
        changed |= (uint32_t)changed_domain(e, d) << d;

    return changed;
}

/* What a change of state must respect. What did not change was judged when it
 * came about. */
static void check_change(struct engine *e, int slot)
{
    uint32_t changed = changed_domains(e, slot);

    for ( uint32_t left = changed; left; left &= left - 1 )
        check_domain(e, (unsigned int)__builtin_ctz(left));
    if ( changed )
        check_stash(e, slot, changed);
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

    e->changed = memcmp(&e->before, &e->seen, e->view_bytes) != 0;
    if ( e->call.kind == HV_CALL_OFFLINE || e->call.kind == HV_CALL_BREAK )
        check_offline(e);
    else if ( __builtin_expect(e->offline_used, 0) )
        check_handed_out(e);
    if ( __builtin_expect(e->has_sets, 0) )
    {
        check_sets(e, slot);
        check_node_spend(e, slot);
        check_get_told(e, slot);
    }
    if ( e->changed )
        check_change(e, slot);
    if ( e->call_op == OP_claim )
        check_claim_call(e, slot);
    check_spend(e, slot);
    check_told(e);
    check_fetches(e);
}
