/* SPDX-License-Identifier: MIT */
/*
 * The model as a hypervisor; see model_hv.h.
 *
 * Not here: which frames a call gets (model_hv_invent.c), and which there are
 * (model_hv_frames.c).
 */
#include "model_hv.h"

#include "hypervisor/room.h"
#include "internal.h"

#include <assert.h>
#include <errno.h>
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
    /* As many as there are, unless claims limit it. */
    memset(s->budget, UINT8_MAX, sizeof(s->budget));
    model_hv_boot(s, &start);
    s->aside = 0;
    s->wrote = false;
    s->prefers = false;
    model_init(&s->m, shape, &start, &model_hv_ops, s);
}

void model_hv_copy(struct model_hv *to, const struct model_hv *from)
{
    model_copy(&to->m, &from->m);
    to->m.hv = to;
    to->shape = from->shape;
    to->nr_taken = from->nr_taken;
    to->heap_pages = from->heap_pages;
    to->prefers = from->prefers;
    to->preferred = from->preferred;
    to->rough = from->rough;
    to->wrote = from->wrote;
    to->aside = from->aside;
    memcpy(to->stash, from->stash, sizeof(to->stash));
    memcpy(to->stash_pages, from->stash_pages, sizeof(to->stash_pages));
    memcpy(to->budget, from->budget, sizeof(to->budget));
    memcpy(to->frames, from->frames,
           model_words(&from->m) * sizeof(to->frames[0]));
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

    assert(id >= 0 && call->domid < HV_DOMS_MAX); /* it was mapped */
    if ( s->m.page[id].maps != 1 )
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
    uint64_t extents;
    bool stash;

    if ( s->prefers && model_allows(p, s->preferred) )
        return s->preferred;
    if ( model_hv_allocates(call) && model_allows(p, HV_CONTINUE) &&
         model_hv_leaves(s, call, p, &extents, &stash) )
        return HV_CONTINUE;
    if ( p->hi == HV_CONTINUE && model_allows(p, 0) &&
         pages_to_go(&s->m, call->domctl.domid) < call->domctl.preempt )
        return 0;

    return p->hi;
}

/* Does the call want more of the heap than any single page? */
static bool is_choosy(const struct model_hv *s, const struct hv_call *call)
{
    return !s->rough && (hv_is_exchange(call) ||
                         (model_hv_allocates(call) &&
                          (call->resv.extent_order || call->resv.mem_flags)));
}

const char *model_hv_issue(struct model_hv *s, const struct hv_call *call,
                           struct hv_result *result)
{
    struct hv_view seen, was;
    uint64_t before = s->m.counters.free;
    uint32_t counts[HV_BLOCK_COUNTS_MAX];
    struct hv_capacity blocks;
    struct prediction p;
    const char *why;
    bool exchanges;

    memcpy(&seen, &s->m.counters, hv_view_bytes(model_has_sets(&s->m)));
    s->moved = false;
    result->nr_status = 0;
    result->nr_exchanged = exchange_placed(call);
    if ( model_has_sets(&s->m) && !model_coloured(&s->m) )
        model_hv_budgets(s, call);
    if ( is_choosy(s, call) )
        model_hv_blocks(s, &blocks, counts);
    model_predict(&s->m, call, is_choosy(s, call) ? &blocks : NULL, &p);
    result->rc = choose_result(s, call, &p);
    result->list = call->list;
    exchanges = hv_is_exchange(call) && p.rule > RULE_EXCHANGE_XSM;
    if ( __builtin_expect(s->aside, 0) )
        model_hv_free_stash(s, call, &p);
    if ( (model_hv_allocates(call) &&
          (result->rc > 0 || result->rc == HV_CONTINUE)) ||
         ((call->kind == HV_CALL_ANON_ALLOC ||
           call->kind == HV_CALL_EXTRA_ALLOC) &&
          !result->rc) )
        model_hv_invent(s, call, &p, result, &seen);
    else if ( exchanges )
        model_hv_exchange(s, call, &p, result);
    else if ( call->kind == HV_CALL_DOMCTL && result->rc == HV_CONTINUE )
        stop_destroy(s, call, &seen);
    else if ( call->kind == HV_CALL_UNMAP && !result->rc )
        unmap_passed(s, call, &seen);
    else if ( call->kind == HV_CALL_BREAK ||
              (call->kind == HV_CALL_OFFLINE && p.rule >= RULE_OFFLINE_FAULT) )
        model_hv_tell_offline(s, call, result);
    else if ( p.rule == RULE_CREATE_UNWRITTEN )
        seen.dom[created_domid(s, call->domctl.domid)].state = HV_DOM_ALIVE;

    fill_output(s, call, result);
    /* An impossible count of free pages makes the model keep its own. */
    seen.free = UINT64_MAX;
    if ( model_has_sets(&s->m) )
        was = s->m.counters;
    why = model_commit(&s->m, call, &p, result, &seen);
    if ( __builtin_expect(s->aside, 0) )
        model_hv_forget_stash(s);
    s->wrote |= call->kind == HV_CALL_WRITE;
    if ( result->nr_status == HV_STATUS_MAX &&
         call->offline.action == sysctl_page_offline )
        model_hv_go_untold(s, (uint64_t)call->offline.start + HV_STATUS_MAX,
                           call->offline.end);
    if ( s->m.counters.free != before || s->moved || exchanges ||
         call->kind == HV_CALL_MAP || call->kind == HV_CALL_UNMAP ||
         (result->nr_status &&
          call->offline.action != sysctl_query_page_offline) )
        model_hv_settle(s, model_hv_wanted(s, call), p.tried[1].nodes);
    if ( !why && model_has_sets(&s->m) )
        model_hv_spread(s, call, &was, &p);
    if ( is_v7(&s->m) && result->nr_status )
        claim_recall(&s->m);

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

/* For the largest host. */
struct whole
{
    struct model_hv s; /* first: the others know only of it */
    MODEL_HV_ROOM(HV_PAGES_MAX) room;
};

static void close_hv(void *hv)
{
    room_free(hv, sizeof(struct whole));
}

const struct hypervisor_ops model_hv_ops = {
    .name = "model",
    .caps = HV_CAP_STEPWISE | HV_CAP_ANON | HV_CAP_EXTRA | HV_CAP_CALLERS |
            HV_CAP_EXACT | HV_CAP_SHAPE | HV_CAP_DOM0_PAGES | HV_CAP_COMMANDS |
            HV_CAP_FLIP | HV_CAP_CONTROL | HV_CAP_LLC | HV_CAP_SETS |
            HV_CAP_READONLY | HV_CAP_OFFLINE | HV_CAP_BREAK | HV_CAP_CONTENTS |
            HV_CAP_STASH | HV_CAP_NO_OWNER | HV_CAP_EXCHANGE,
    .domain_pages = 1,
    .reset = reset,
    .issue = issue,
    .prefer = prefer,
    .page_id = page_id,
    .page_frame = page_frame,
    .observe = observe,
    .close = close_hv,
};

bool model_hypervisor_open(struct hypervisor *h)
{
    struct whole *all = room_new(sizeof(*all));

    *h = (struct hypervisor){ &model_hv_ops, all };
    if ( all )
        MODEL_HV_USE(&all->s, &all->room);

    return all;
}
