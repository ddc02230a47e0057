/* SPDX-License-Identifier: MIT */
/* The model as a hypervisor; see model_hv.h. */
#include "model_hv.h"

#include "internal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What dom0 owns at the start, as on the stub. */
#define DOM0_PAGES 4

static int page_id(void *hv, uint64_t frame)
{
    const struct model_hv *s = hv;
    uint64_t pages = s->shape.nodes * s->shape.node_pages;

    return frame >= HV_FRAME_BASE && frame < HV_FRAME_BASE + pages
               ? (int)(frame - HV_FRAME_BASE)
               : -1;
}

static uint64_t page_frame(void *hv, int id)
{
    (void)hv;
    return HV_FRAME_BASE + (uint64_t)id;
}

void model_hv_reset(struct model_hv *s, const struct host_shape *shape)
{
    uint32_t host = shape->nodes * shape->node_pages;
    uint32_t dom0 = host / 2 < DOM0_PAGES ? host / 2 : DOM0_PAGES;
    struct hv_view start = { 0 };

    s->shape = *shape;
    /* A release without colouring boots as if it had not been asked for. */
    s->shape.llc = shape->llc && model_releases[shape->release].llc_possible;
    start.dom[0] = (struct hv_domain_view){ .state = HV_DOM_ALIVE,
                                            .tot = dom0,
                                            .max = host };
    model_hv_boot(s, &start);
    s->prefers = false;
    model_init(&s->m, shape, &start, &model_hv_ops, s);
}

static bool allocates(const struct hv_call *call)
{
    unsigned int op = call->cmd & MEMOP_CMD_MASK;

    return call->kind == HV_CALL_MEMORY_OP &&
           (op == XENMEM_populate_physmap ||
            op == XENMEM_increase_reservation);
}

static void fill_info(const struct model_hv *s, struct hv_result *result,
                      uint16_t domid)
{
    const struct hv_domain_view *d;

    while ( s->m.counters.dom[domid].state == HV_DOM_ABSENT )
        domid++; /* 4.17 reports the next one; the model allowed it */
    d = &s->m.counters.dom[domid];
    result->domid = domid;
    memset(&result->out.info, 0, sizeof(result->out.info));
    result->out.info.domain = domid;
    result->out.info.tot_pages = d->tot;
    result->out.info.max_pages = d->max;
    result->out.info.outstanding_pages = d->claim;
    result->out.info.max_vcpu_id = XEN_INVALID_MAX_VCPU_ID;
    result->out.info.flags = (d->state == HV_DOM_DEAD ? XEN_DOMINF_dying : 0) |
                             (s->m.dom[domid].pauses ? XEN_DOMINF_paused : 0);
}

/* The id asked for, or the first free one. */
static uint16_t created_domid(const struct model_hv *s, uint16_t domid)
{
    uint16_t d = 1;

    if ( domid && domid < HV_DOMS_MAX )
        return domid;
    while ( d < HV_DOMS_MAX - 1 &&
            s->m.counters.dom[d].state != HV_DOM_ABSENT )
        d++;

    return d;
}

static void fill_distances(struct hv_result *result)
{
    uint32_t n = result->nr_nodes;

    memset(result->distance, UINT8_MAX, sizeof(result->distance));
    for ( uint32_t i = 0; i < n * n; i++ )
        result->distance[i] = model_distance(i / n, i % n);
}

static void fill_output(const struct model_hv *s, const struct hv_call *call,
                        struct hv_result *result)
{
    const struct hv_view *v = &s->m.counters;

    if ( hv_is_claim_set(call) )
        claim_get_fill(&s->m, call, result);
    if ( result->rc )
        return;
    if ( call->kind == HV_CALL_PHYSINFO )
    {
        memset(&result->out.phys, 0, sizeof(result->out.phys));
        result->out.phys.threads_per_core = 1;
        result->out.phys.cores_per_socket = 1;
        result->out.phys.nr_cpus = 1;
        result->out.phys.free_pages = v->free;
        result->out.phys.outstanding_pages = v->claimed;
        result->out.phys.nr_nodes = s->shape.nodes;
        result->out.phys.max_node_id = s->shape.nodes - 1U;
        result->out.phys.total_pages = s->m.host_pages;
        result->out.phys.max_mfn = page_frame(NULL, (int)s->m.host_pages - 1);
    }
    else if ( call->kind == HV_CALL_NUMAINFO )
    {
        bool array = !call->placed || call->data;

        result->nr_nodes = numainfo_nodes(&s->m, call);
        for ( uint32_t n = 0; n < HV_NODES_MAX; n++ )
        {
            bool told = array && n < result->nr_nodes;

            result->out.node_free[n] = told ? v->node_free[n] : 0;
            result->node_size[n] = told ? s->shape.node_pages : 0;
        }
        if ( call->distance )
            fill_distances(result);
    }
    else if ( call->kind == HV_CALL_DOMCTL )
    {
        if ( call->domctl.cmd == XEN_DOMCTL_createdomain )
            result->domid = created_domid(s, call->domctl.domid);
        else
            result->domid = call->domctl.domid;
        if ( call->domctl.cmd == XEN_DOMCTL_getdomaininfo )
            fill_info(s, result, call->domctl.domid);
    }
}

/* A domain's mapped pages, extra ones or the others. */
static uint32_t mapped_pages(const struct model *m, unsigned int slot,
                             bool extra)
{
    uint32_t n = 0;

    for ( uint32_t id = 0; id < m->host_pages; id++ )
        n += m->page[id].owner == (int)slot && m->page[id].maps &&
             m->page[id].extra == extra;
    return n;
}

/* Pages of a domain that a destroy has yet to come to, one by one: its extra
 * pages go all at once. */
static uint32_t pages_to_go(const struct model *m, unsigned int slot)
{
    uint32_t n = m->dom[slot].nameless;

    for ( uint32_t w = 0; w < model_words(m); w++ )
        n += (uint32_t)__builtin_popcountll(m->names[w].owned[slot]);
    return n;
}

/* A destroy comes to the next steps pages of a domain, lowest id first. Returns
 * how many of them a mapping keeps. */
static uint32_t pass_pages(struct model_hv *s, unsigned int slot,
                           uint32_t steps)
{
    uint32_t kept = 0;

    for ( uint32_t w = 0; w < model_words(&s->m) && steps; w++ )
    {
        const struct model_names *names = &s->m.names[w];

        for ( uint64_t bits = names->owned[slot]; bits && steps;
              bits &= bits - 1, steps-- )
        {
            s->frames[w].passed |= bits & -bits;
            kept += (names->mapped[slot] & bits & -bits) != 0;
        }
    }

    return kept;
}

/* The last mapping of a page of a dying domain goes: the page too, if the
 * destroy had come to it. Extra pages it does first, all at once. */
static void unmap_passed(const struct model_hv *s, const struct hv_call *call,
                         struct hv_view *seen)
{
    int id = s->m.page_id(s->m.hv, call->frame);
    struct hv_domain_view *d;

    if ( id < 0 || call->domid >= HV_DOMS_MAX || s->m.page[id].maps != 1 )
        return;
    d = &seen->dom[call->domid];
    if ( d->state != HV_DOM_DYING )
        return;
    if ( s->m.page[id].extra )
        d->extra--;
    else if ( s->frames[id / 64].passed >> (id % 64) & 1 )
        d->tot--;
}

/* A destroy in steps: one page of the domain a step, then it waits. */
static void stop_destroy(struct model_hv *s, const struct hv_call *call,
                         struct hv_view *seen)
{
    uint16_t slot = call->domctl.domid;
    struct hv_domain_view *d = &seen->dom[slot];
    uint32_t steps = call->domctl.preempt, mapped, freed;

    mapped = mapped_pages(&s->m, slot, false);
    freed = steps - pass_pages(s, slot, steps);
    d->state = HV_DOM_DYING;
    d->tot -= freed < d->tot - mapped ? freed : d->tot - mapped;
    d->extra = mapped_pages(&s->m, slot, true);
}

/* Where the rules leave room: a destroy that has fewer pages to go through than
 * it has steps comes to its end; other calls do as much as they may. */
static long choose_result(const struct model_hv *s, const struct hv_call *call,
                          const struct prediction *p)
{
    if ( s->prefers && model_allows(p, s->preferred) )
        return s->preferred;
    if ( p->hi == HV_CONTINUE && model_allows(p, 0) &&
         pages_to_go(&s->m, call->domctl.domid) < call->domctl.preempt )
        return 0;

    return p->hi;
}

/* Does the call want more of the heap than any single page? */
static bool is_choosy(const struct model_hv *s, const struct hv_call *call)
{
    return !s->rough && allocates(call) &&
           (call->resv.extent_order || call->resv.mem_flags);
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

/* The call's outcome where a frame must be named for it. */
static void invent_frames(const struct model_hv *s, const struct hv_call *call,
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

    if ( !allocates(call) )
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

/* The nodes that a call takes its pages from as long as they have some. */
static uint32_t node_wanted(const struct model_hv *s,
                            const struct hv_call *call)
{
    uint32_t node = (call->resv.mem_flags & MEMF_NODE_MASK) >> MEMF_NODE_SHIFT;

    return allocates(call) && node && node <= s->shape.nodes
               ? UINT32_C(1) << (node - 1)
               : 0;
}

/* What the call may take from each node. */
static void set_budgets(struct model_hv *s, const struct hv_call *call)
{
    bool sets = model_has_sets(&s->m) && !model_coloured(&s->m);
    struct resv r = { .no_refcount = true, .slot = MODEL_NOBODY };
    struct prediction front = { .nr_evaluated = 0 };

    if ( sets && allocates(call) )
        resv_front_end(&s->m, call, &r, &front);
    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
        s->budget[n] = sets ? claim_usable(&s->m, &r, n) : UINT64_MAX;
}

/* The claim of the call's domain shrank: so do its parts, by the nodes that its
 * pages came from. */
static void spread(struct model_hv *s, const struct hv_call *call,
                   const struct hv_view *before, const struct prediction *p)
{
    struct prediction front = { .nr_evaluated = 0 };
    uint64_t taken[HV_NODES_MAX];
    uint32_t redeemed, lost;
    unsigned int n = 0;
    struct resv r;

    if ( !model_has_sets(&s->m) || !allocates(call) ||
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

const char *model_hv_issue(struct model_hv *s, const struct hv_call *call,
                           struct hv_result *result)
{
    struct hv_view seen = s->m.counters, was;
    uint64_t before = s->m.counters.free;
    uint32_t counts[HV_BLOCK_COUNTS_MAX];
    struct hv_capacity blocks;
    struct prediction p;
    const char *why;

    set_budgets(s, call);
    if ( is_choosy(s, call) )
        model_hv_blocks(s, &blocks, counts);
    model_predict(&s->m, call, is_choosy(s, call) ? &blocks : NULL, &p);
    result->rc = choose_result(s, call, &p);
    result->list = call->list;
    if ( (allocates(call) && result->rc > 0) ||
         ((call->kind == HV_CALL_ANON_ALLOC ||
           call->kind == HV_CALL_EXTRA_ALLOC) &&
          !result->rc) )
        invent_frames(s, call, &p, result);
    else if ( call->kind == HV_CALL_DOMCTL && result->rc == HV_CONTINUE )
        stop_destroy(s, call, &seen);
    else if ( call->kind == HV_CALL_UNMAP && !result->rc )
        unmap_passed(s, call, &seen);
    else if ( p.rule == RULE_CREATE_UNWRITTEN )
        seen.dom[created_domid(s, call->domctl.domid)].state = HV_DOM_ALIVE;

    fill_output(s, call, result);
    /* An impossible count of free pages makes the model keep its own. */
    seen.free = UINT64_MAX;
    if ( model_has_sets(&s->m) )
        was = s->m.counters;
    if ( !model_allows(&p, result->rc) )
        return "a result that is not allowed";
    why = model_commit(&s->m, call, &p, result, &seen);
    if ( s->m.counters.free != before || call->kind == HV_CALL_MAP ||
         call->kind == HV_CALL_UNMAP )
        model_hv_settle(s, node_wanted(s, call), p.tried[1].nodes);
    if ( !why && model_has_sets(&s->m) )
        spread(s, call, &was, &p);

    return why;
}

static void reset(void *hv, const struct host_shape *shape,
                  const struct hv_hooks *hooks)
{
    (void)hooks;
    model_hv_reset(hv, shape);
}

static unsigned int issue(void *hv, const struct hv_call *call,
                          struct hv_result *result)
{
    const char *why = model_hv_issue(hv, call, result);

    assert(!why);
    (void)why;
    return 1;
}

static void observe(void *hv, struct hv_view *view)
{
    const struct model_hv *s = hv;

    *view = s->m.counters;
}

static void prefer(void *hv, bool any, long rc)
{
    struct model_hv *s = hv;

    s->prefers = any;
    s->preferred = rc;
}

const struct hypervisor_ops model_hv_ops = {
    .name = "model",
    .caps = HV_CAP_STEPWISE | HV_CAP_ANON | HV_CAP_EXTRA | HV_CAP_CALLERS |
            HV_CAP_EXACT | HV_CAP_SHAPE | HV_CAP_DOM0_PAGES | HV_CAP_COMMANDS |
            HV_CAP_FLIP | HV_CAP_CONTROL | HV_CAP_LLC | HV_CAP_SETS |
            HV_CAP_READONLY,
    .domain_pages = 1,
    .reset = reset,
    .issue = issue,
    .prefer = prefer,
    .page_id = page_id,
    .page_frame = page_frame,
    .observe = observe,
    .close = free,
};

bool model_hypervisor_open(struct hypervisor *h)
{
    struct
    {
        struct model_hv s; /* first: close() frees it */
        MODEL_HV_ROOM(HV_PAGES_MAX) room;
    } *all = calloc(1, sizeof(*all));

    *h = (struct hypervisor){ &model_hv_ops, all };
    if ( all )
        MODEL_HV_USE(&all->s, &all->room);

    return all;
}
