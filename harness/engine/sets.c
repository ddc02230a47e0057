/* SPDX-License-Identifier: MIT */
/*
 * Soundness of claim sets: what parts of claims on nodes promise, whatever the
 * draft. Not here: what is promised of whole claims (invariants.c), nor any rule
 * of a draft (model/claim_set.c).
 */
#include "impl.h"

#include <errno.h>
#include <string.h>

void sets_start(struct engine *e)
{
    e->has_sets = RELEASE_BIT(e->spec.release) & RELEASE_MASK_DRAFTS &&
                  e->h.ops->caps & HV_CAP_SETS;
    e->view_bytes = hv_view_bytes(e->has_sets);
    /* A host without sets leaves its claims on nodes as they were. */
    memset(&e->start, 0, sizeof(e->start));
}

static uint64_t node_parts(const struct hv_view *v, unsigned int slot)
{
    uint64_t sum = 0;

    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
        sum += v->node_claim[slot][n];
    return sum;
}

/* The parts of a view, against each other and against the totals. */
static void check_parts(struct engine *e, const struct hv_view *v)
{
    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
    {
        uint64_t sum = 0;

        for ( unsigned int d = 0; d < HV_DOMS_MAX; d++ )
            sum += v->node_claim[d][n];
        if ( sum != v->node_claimed[n] )
            invariant_broken(e, INV_NODE_CLAIM_SUM,
                             "node %u counts %llu claimed pages, the domains "
                             "%llu",
                             n, (unsigned long long)v->node_claimed[n],
                             (unsigned long long)sum);
    }
    for ( unsigned int d = 0; d < HV_DOMS_MAX; d++ )
        if ( node_parts(v, d) > v->dom[d].claim )
            invariant_broken(e, INV_SET_SUM,
                             "d%u claims %llu pages of nodes, and %u in all",
                             d, (unsigned long long)node_parts(v, d),
                             v->dom[d].claim);
}

/* A node on which more is claimed than it has; HV_NODES_MAX: none. */
static unsigned int over_claimed(const struct hv_view *v)
{
    unsigned int n = 0;

    while ( n < HV_NODES_MAX && v->node_claimed[n] <= v->node_free[n] )
        n++;
    return n;
}

static void check_over_claim(struct engine *e, enum invariant inv,
                             const struct hv_view *v)
{
    unsigned int n = over_claimed(v);

    if ( n < HV_NODES_MAX )
        invariant_broken(e, inv,
                         "node %u has %llu pages claimed and %llu free", n,
                         (unsigned long long)v->node_claimed[n],
                         (unsigned long long)v->node_free[n]);
}

/* What of it a node counts is judged apart. */
static bool same_claims(const struct hv_view *a, const struct hv_view *b)
{
    for ( unsigned int d = 0; d < HV_DOMS_MAX; d++ )
        if ( a->dom[d].claim != b->dom[d].claim )
            return false;

    return a->claimed == b->claimed &&
           !memcmp(a->node_claim, b->node_claim, sizeof(a->node_claim));
}

/* Of a call that sets: nobody may see claims that are neither those before it
 * nor those that it leaves. */
static void check_half_done(struct engine *e, const struct hv_view *now)
{
    if ( e->call_op != OP_claim_set || same_claims(now, &e->before) )
        return;
    if ( !e->set_seen )
        e->set_window = *now;
    else if ( !same_claims(now, &e->set_window) )
        invariant_broken(e, INV_SET_ATOMIC,
                         "heap_lock released with half of a set");
    e->set_seen = true;
}

void check_set_window(struct engine *e)
{
    struct hv_view now;

    e->h.ops->observe(e->h.hv, &now);
    check_parts(e, &now);
    check_over_claim(e, INV_NODE_OVER_CLAIM, &now);
    check_half_done(e, &now);
}

/* ---- after the call ---- */

static void check_atomic(struct engine *e)
{
    bool changed = !same_claims(&e->before, &e->seen);

    if ( e->result.rc && (changed || e->set_seen) )
        invariant_broken(e, INV_SET_ATOMIC,
                         "a set that was refused changed claims");
    else if ( e->set_seen && !same_claims(&e->set_window, &e->seen) )
        invariant_broken(e, INV_SET_ATOMIC,
                         "heap_lock released with half of a set");
}

/* What the entries of a set that succeeded ask for: of one target. */
static uint64_t asked(const struct hv_call *c, uint32_t target)
{
    uint64_t pages = 0;

    /* None, or fewer than are stated, if a planted fault let the call by. */
    for ( uint32_t i = 0; c->entries && i < c->domctl.nr_entries; i++ )
        if ( c->entries[i].target == target )
            pages += c->entries[i].pages;

    return pages;
}

/* The parts of the claim are those asked for, and with the host's part they are
 * the total; a total that was asked for is one with the pages owned. */
static void check_set_made(struct engine *e, int slot)
{
    const struct hv_domain_view *d = &e->seen.dom[slot];
    const uint32_t *parts = e->seen.node_claim[slot];
    uint64_t total = asked(&e->call, CLAIM_TARGET_LEGACY);

    if ( total )
        total -= d->tot;
    total += asked(&e->call, CLAIM_TARGET_HOST);
    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
    {
        uint64_t part = asked(&e->call, n);

        total += part;
        if ( parts[n] != part )
            invariant_broken(e, INV_SET_SUM,
                             "d%d claims %u pages of node %u, asked for %llu",
                             slot, parts[n], n, (unsigned long long)part);
    }
    if ( d->claim != total )
        invariant_broken(e, INV_SET_SUM,
                         "d%d claims %u pages, the parts of its set are %llu",
                         slot, d->claim, (unsigned long long)total);
}

/* Parts grow by a set only, and shrink no more than the claim does. */
static void check_part_change(struct engine *e, int slot)
{
    for ( int d = 0; d < HV_DOMS_MAX; d++ )
    {
        const uint32_t *a = e->before.node_claim[d];
        const uint32_t *b = e->seen.node_claim[d];
        uint32_t fell = e->before.dom[d].claim - e->seen.dom[d].claim;
        uint64_t parts_fell = node_parts(&e->before, (unsigned int)d) -
                              node_parts(&e->seen, (unsigned int)d);

        if ( e->call_op == OP_claim_set && d == slot )
            continue;
        for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
            if ( b[n] > a[n] )
                invariant_broken(e, INV_REGROW,
                                 "d%d's claim on node %u grew from %u to %u",
                                 d, n, a[n], b[n]);
        if ( parts_fell > fell )
            invariant_broken(e, INV_KEEP,
                             "d%d's claims on nodes fell by %llu, its claim "
                             "by %u",
                             d, (unsigned long long)parts_fell, fell);
    }
}

static bool allocates(enum op_code op)
{
    return op == OP_populate || op == OP_increase || op == OP_anon_alloc ||
           op == OP_extra_alloc || op == OP_create;
}

void check_sets(struct engine *e, int slot)
{
    if ( e->call_op == OP_claim_set )
        check_atomic(e);
    if ( !e->changed && e->call_op != OP_claim_set )
        return;
    check_parts(e, &e->seen);
    check_over_claim(
        e, allocates(e->call_op) ? INV_NODE_PROTECT : INV_NODE_OVER_CLAIM,
        &e->seen);
    check_part_change(e, slot);
    /* More entries than a set can have are not there to be read: conformance
     * tells of a hypervisor that takes them. */
    if ( e->call_op == OP_claim_set && !e->result.rc && slot >= 0 &&
         e->call.domctl.nr_entries <= CLAIM_SET_MAX )
        check_set_made(e, slot);
}

void check_node_spend(struct engine *e, int slot)
{
    const struct hv_call *c = &e->call;
    uint32_t node = XENMEMF_get_node(c->resv.mem_flags), flags;
    uint64_t start = c->cmd >> MEMOP_EXTENT_SHIFT, want, done;
    const struct hv_domain_view *d;
    uint32_t part;

    flags = XENMEMF_node(node) | XENMEMF_exact_node_request;
    if ( (e->call_op != OP_populate && e->call_op != OP_increase) ||
         node >= HV_NODES_MAX || c->resv.mem_flags != flags ||
         !is_plain_order0(e, slot, flags) )
        return;
    d = &e->before.dom[slot];
    want = c->resv.nr_extents - start;
    part = e->before.node_claim[slot][node];
    want = want < part ? want : part;
    if ( d->max < d->tot || want > d->max - d->tot )
        want = d->max < d->tot ? 0 : d->max - d->tot;
    done = (uint64_t)e->result.rc - start;
    if ( e->result.rc >= 0 && done >= want )
        return;
    invariant_broken(
        e, INV_NODE_SPEND,
        "d%d claims %u pages of node %u, asked for %llu there and "
        "got %ld",
        slot, part, node, (unsigned long long)c->resv.nr_extents,
        e->result.rc);
}

/* ---- GET-TRUTH ---- */

/* The part of a target in what a get wrote; *once: it is there once at most. */
static uint64_t told_part(const struct hv_result *r, uint32_t target,
                          bool *once)
{
    uint64_t pages = 0;
    unsigned int times = 0;

    for ( uint32_t i = 0; r->entries && i < r->nr_entries; i++ )
        if ( r->entries[i].target == target )
        {
            pages += r->entries[i].pages;
            times++;
        }
    *once = times <= 1;

    return pages;
}

static void check_part_told(struct engine *e, uint32_t target, uint64_t is)
{
    bool once;
    uint64_t pages = told_part(&e->result, target, &once);

    if ( pages != is || !once )
        invariant_broken(
            e, INV_GET_TRUTH, "target %#x is told as %llu pages%s, it is %llu",
            target, (unsigned long long)pages,
            once ? "" : ", in several entries", (unsigned long long)is);
}

/* Entries from one on are as they were. */
static void check_untouched(struct engine *e, uint32_t i)
{
    const struct hv_call *c = &e->call;

    for ( ; (i + 1) * sizeof(*c->entries) <= c->data_bytes; i++ )
        if ( memcmp(&c->entries[i], &e->result.entries[i],
                    sizeof(*c->entries)) )
            invariant_broken(e, INV_GET_TRUTH,
                             "entry %u was written, but is not one of those "
                             "told",
                             i);
}

void check_get_told(struct engine *e, int slot)
{
    const struct hv_domain_view *d = slot < 0 ? NULL : &e->seen.dom[slot];
    uint32_t room = e->call.domctl.nr_entries, nr;
    uint64_t placed = e->call.data_bytes / sizeof(*e->call.entries);
    bool failed = e->result.rc != 0;

    if ( !e->call.entries )
        return;
    if ( e->call_op != OP_claim_get ||
         (failed && e->result.rc != -ERANGE && e->result.rc != -ENOBUFS) )
    {
        /* A get that faults may have written some. */
        if ( e->result.entries && !e->call.flip &&
             (e->call_op != OP_claim_get || e->result.rc != -EFAULT) )
            check_untouched(e, 0);
        return;
    }
    if ( !d )
        return;
    nr = e->result.nr_entries;
    if ( failed ? nr <= room : nr > room || nr > placed )
    {
        invariant_broken(e, INV_GET_TRUTH,
                         "%u entries are told for room of %u", nr, room);
        return;
    }
    if ( e->result.entries )
        check_untouched(e, failed ? 0 : nr);
    if ( failed )
        return;
    check_part_told(e, CLAIM_TARGET_HOST,
                    d->claim - node_parts(&e->seen, (unsigned int)slot));
    for ( uint32_t n = 0; n < HV_NODES_MAX; n++ )
        check_part_told(e, n, e->seen.node_claim[slot][n]);
}
