/* SPDX-License-Identifier: MIT */
/*
 * The model as a hypervisor: every call returns the largest result that the
 * model allows, frames and nodes are invented. Litmus tests run on the rules
 * alone with it, so that a rule written down wrongly is not hidden by a stub
 * with the same mistake.
 *
 * Not a check of anything by itself.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"

struct model_hv
{
    struct model m;
    struct host_shape shape;
};

/* A frame that is on no stubbed host: for pages without a name. */
#define NAMELESS_FRAME UINT64_C(0xf0000000)
/* What dom0 owns at the start, as on the stub. */
#define DOM0_PAGES 4

static int page_id(void *hv, uint64_t frame)
{
    const struct model_hv *s = hv;
    uint64_t pages = (uint64_t)s->shape.nodes * s->shape.node_pages;

    return frame >= HV_FRAME_BASE && frame < HV_FRAME_BASE + pages
           ? (int)(frame - HV_FRAME_BASE) : -1;
}

static uint64_t page_frame(void *hv, int id)
{
    (void)hv;
    return HV_FRAME_BASE + (uint64_t)id;
}

static void reset(void *hv, const struct host_shape *shape,
                  const struct hv_hooks *hooks)
{
    struct model_hv *s = hv;
    uint32_t host = (uint32_t)shape->nodes * shape->node_pages;
    uint32_t dom0 = host / 2 < DOM0_PAGES ? host / 2 : DOM0_PAGES;
    struct hv_view start = { .free = host - dom0 };

    (void)hooks;
    s->shape = *shape;
    start.dom[0] = (struct hv_domain_view){ .state = HV_DOM_ALIVE, .tot = dom0,
                                            .max = host };
    for ( unsigned int n = 0; n < shape->nodes; n++ )
    {
        uint32_t taken = dom0 < shape->node_pages ? dom0 : shape->node_pages;

        start.node_free[n] = shape->node_pages - taken;
        dom0 -= taken;
    }
    model_init(&s->m, shape, &start, 1, true, page_id, s);
}

/* The first aligned block whose pages nobody is known to own. */
static bool invent(struct model_hv *s, uint32_t order, uint64_t *frame)
{
    uint64_t size = UINT64_C(1) << order;

    for ( uint64_t f = (HV_FRAME_BASE + size - 1) & ~(size - 1);
          page_id(s, f + size - 1) >= 0; f += size )
    {
        uint64_t i;

        for ( i = 0; i < size; i++ )
            if ( s->m.page[page_id(s, f + i)].owner != MODEL_NOBODY )
                break;
        if ( i == size )
        {
            *frame = f;
            return true;
        }
    }

    return false;
}

/* Frames for the extents done; returns the count for which there were any. */
static long invent_list(struct model_hv *s, const struct hv_call *call,
                        long rc, struct hv_result *result)
{
    /* Marks what is taken for this call; the commit names them for good. */
    struct model saved = s->m;
    long i = (long)(call->cmd >> MEMOP_EXTENT_SHIFT);

    for ( ; i < rc && i < HV_PAGES_MAX; i++ )
    {
        uint64_t frame = NAMELESS_FRAME + (uint64_t)i;

        if ( !s->shape.llc && !invent(s, call->resv.extent_order, &frame) )
            break;
        for ( uint64_t k = 0; !s->shape.llc &&
              k < UINT64_C(1) << call->resv.extent_order; k++ )
            s->m.page[page_id(s, frame + k)].owner = MODEL_XEN;
        if ( (uint32_t)i < call->list_entries )
            result->list_space[i] = frame;
    }
    s->m = saved;

    return i < rc ? i : rc;
}

static bool allocates(const struct hv_call *call)
{
    unsigned int op = call->cmd & MEMOP_CMD_MASK;

    return call->kind == HV_CALL_MEMORY_OP &&
           (op == XENMEM_populate_physmap || op == XENMEM_increase_reservation);
}

/* Move free pages of nodes by as much as the host's moved. */
static void settle_nodes(struct model_hv *s, const struct hv_call *call,
                         uint64_t before)
{
    uint64_t *node = s->m.counters.node_free;
    uint64_t free = s->m.counters.free;
    unsigned int first = 0;

    if ( call->kind == HV_CALL_MEMORY_OP &&
         (call->resv.mem_flags & MEMF_NODE_MASK) )
        first = ((call->resv.mem_flags & MEMF_NODE_MASK) >> MEMF_NODE_SHIFT) -
                1;
    for ( unsigned int i = 0; i <= s->shape.nodes; i++ )
    {
        unsigned int n = i ? i - 1 : first < s->shape.nodes ? first : 0;
        uint64_t room = s->shape.node_pages - node[n], d;

        if ( free < before )
        {
            d = before - free < node[n] ? before - free : node[n];
            node[n] -= d;
            before -= d;
        }
        else
        {
            d = free - before < room ? free - before : room;
            node[n] += d;
            before += d;
        }
    }
}

static void fill_info(const struct model_hv *s, struct hv_result *result,
                      uint16_t domid)
{
    const struct hv_domain_view *d;

    while ( s->m.counters.dom[domid].state == HV_DOM_ABSENT )
        domid++; /* 4.17 tells the next one; the model allowed it */
    d = &s->m.counters.dom[domid];
    result->domid = domid;
    memset(&result->out.info, 0, sizeof(result->out.info));
    result->out.info.domain = domid;
    result->out.info.tot_pages = d->tot;
    result->out.info.max_pages = d->max;
    result->out.info.outstanding_pages = d->claim;
    result->out.info.flags = d->state == HV_DOM_DEAD ? XEN_DOMINF_dying : 0;
}

static void fill_output(const struct model_hv *s, const struct hv_call *call,
                        struct hv_result *result)
{
    const struct hv_view *v = &s->m.counters;

    if ( result->rc )
        return;
    if ( call->kind == HV_CALL_PHYSINFO )
    {
        memset(&result->out.phys, 0, sizeof(result->out.phys));
        result->out.phys.free_pages = v->free;
        result->out.phys.outstanding_pages = v->claimed;
    }
    else if ( call->kind == HV_CALL_NUMAINFO )
        memcpy(result->out.node_free, v->node_free, sizeof(v->node_free));
    else if ( call->kind == HV_CALL_DOMCTL )
    {
        result->domid = call->domctl.domid;
        if ( call->domctl.cmd == XEN_DOMCTL_getdomaininfo )
            fill_info(s, result, call->domctl.domid);
    }
}

/* A destroy in steps: one page of the domain a step, then it waits. */
static void stop_destroy(struct model_hv *s, const struct hv_call *call,
                         const struct prediction *p, struct hv_result *result,
                         struct hv_view *seen)
{
    struct hv_domain_view *d = &seen->dom[call->domctl.domid];
    uint32_t steps = call->domctl.preempt;

    if ( call->domctl.cmd != XEN_DOMCTL_destroydomain || !steps ||
         d->tot < steps || !model_allows(p, HV_CONTINUE) )
        return;
    (void)s;
    result->rc = HV_CONTINUE;
    d->state = HV_DOM_DYING;
    d->tot -= steps;
    d->extra = 0;
}

static unsigned int issue(void *hv, const struct hv_call *call,
                          struct hv_result *result)
{
    struct model_hv *s = hv;
    struct hv_view seen = s->m.counters;
    uint64_t before = s->m.counters.free;
    struct prediction p;
    const char *why;

    model_predict(&s->m, call, NULL, &p);
    result->rc = p.hi;
    result->list = call->list;
    if ( allocates(call) && p.hi > 0 )
    {
        memcpy(result->list_space, call->list,
               call->list_entries * sizeof(call->list[0]));
        result->rc = invent_list(s, call, p.hi, result);
        result->list = result->list_space;
    }
    else if ( (call->kind == HV_CALL_ANON_ALLOC ||
               call->kind == HV_CALL_EXTRA_ALLOC) && !p.hi &&
              !invent(s, call->order, &result->frame) )
        result->rc = -ENOMEM;
    else if ( call->kind == HV_CALL_DOMCTL )
        stop_destroy(s, call, &p, result, &seen);

    fill_output(s, call, result);
    /* A count of free pages that cannot be keeps the model's own. */
    seen.free = UINT64_MAX;
    why = model_commit(&s->m, call, &p, result, &seen);
    assert(!why);
    settle_nodes(s, call, before);

    return 1;
}

static void observe(void *hv, struct hv_view *view)
{
    const struct model_hv *s = hv;

    *view = s->m.counters;
}

static const struct hypervisor_ops ops = {
    .name = "model",
    .caps = HV_CAP_STEPWISE | HV_CAP_ANON | HV_CAP_EXTRA | HV_CAP_CALLERS |
            HV_CAP_EXACT | HV_CAP_SHAPE,
    .domain_pages = 1,
    .reset = reset,
    .issue = issue,
    .page_id = page_id,
    .page_frame = page_frame,
    .observe = observe,
    .close = free,
};

bool model_hypervisor_open(struct hypervisor *h)
{
    *h = (struct hypervisor){ &ops, calloc(1, sizeof(struct model_hv)) };
    return h->hv;
}
