/* SPDX-License-Identifier: MIT */
/*
 * Pages out of use: which page an operation means, and the one sysctl that all
 * of them become; a page that breaks is a call of its own.
 *
 * Not here: what becomes of the page (model/offline.c).
 */
#include "internal.h"

/* With LLC colouring a page can be one of another heap, which nothing here
 * counts. */
static bool coloured(struct lower *l)
{
    if ( model_coloured(l->model) )
        lower_not_run(l, "pages stay in use on a host with LLC colouring");

    return l->not_run != NULL;
}

/* Nor while a page may be one that is put aside: Xen asserts that one which is to
 * go out of use is not assigned, and without assertions forgets that it was to. */
static bool stashed(struct lower *l)
{
    for ( unsigned int d = 0; d < HV_DOMS_MAX && !l->not_run; d++ )
        if ( l->view->dom[d].stash )
            lower_not_run(l, "pages stay in use while a domain has a stash");

    return l->not_run != NULL;
}

/* ---- which page ---- */

/* Does a frame have that number? On a host with more pages than numbers most have
 * none yet. */
static bool is_given_out(const struct lower *l, int id)
{
    const struct hypervisor_ops *ops = l->h->ops;

    return !ops->page_ids ||
           ops->page_id(l->h->hv, ops->page_frame(l->h->hv, id)) == id;
}

static bool is_held(const struct lower *l, int id, int64_t holder)
{
    const struct model_page *page = &l->model->page[id];

    switch ( holder )
    {
    case HOLDER_FREE:
        return page->owner == MODEL_NOBODY && !page->offline &&
               is_given_out(l, id);
    case HOLDER_OFFLINE: return page->offline;
    default: return page->owner == holder - HOLDER_DOM;
    }
}

/* The first page from id on that may be held so: a domain's have names. */
static uint32_t next_page(const struct lower *l, int64_t holder, uint32_t id)
{
    const struct model *m = l->model;

    if ( holder < HOLDER_DOM )
        return id;
    for ( ; id < m->page_ids; id = (id | 63) + 1 )
    {
        uint64_t rest = m->names[id / 64].any >> (id % 64);

        if ( rest )
            return id + (uint32_t)__builtin_ctzll(rest);
    }

    return id;
}

/* The page of that number among those that are held so, counted round; free ones
 * from the middle of the first node: dom0's own, which have no names, are at an end.
 * NO_FRAME: there is none. */
#define NO_FRAME UINT64_MAX
static uint64_t held_frame(const struct lower *l, int64_t holder,
                           uint32_t index)
{
    uint32_t pages = l->model->page_ids, nr = 0;
    uint32_t from = holder == HOLDER_FREE ? l->model->shape.node_pages / 2 : 0;

    if ( holder == HOLDER_OFFLINE && !l->left.offlined )
        return NO_FRAME;
    for ( uint32_t i = next_page(l, holder, 0); i < pages;
          i = next_page(l, holder, i + 1) )
    {
        uint32_t id = from + i < pages ? from + i : from + i - pages;

        if ( is_held(l, (int)id, holder) && nr++ == index )
            return l->h->ops->page_frame(l->h->hv, (int)id);
    }

    return nr ? held_frame(l, holder, index % nr) : NO_FRAME;
}

static uint64_t frame_of(const struct lower *l, const struct value *of,
                         const struct value *index)
{
    uint32_t i = (uint32_t)index->v;

    if ( of->v == HOLDER_XEN )
        return l->left.nr_anon ? l->left.anon[i % l->left.nr_anon].frame
                               : NO_FRAME;
    if ( of->v == HOLDER_HOST )
        return l->h->ops->page_frame(l->h->hv, (int)(i % l->model->page_ids));

    return held_frame(l, of->v, i);
}

/* ---- the calls ---- */

/* Pages may be out of use from now on, or will be. */
static long issue(struct lower *l)
{
    l->left.offlined = true;
    return l->issue(l->ctx);
}

static long call_for(struct lower *l, uint32_t action, const struct value *of,
                     const struct value *index, bool broken)
{
    static const struct value whole = { .sel = MEM_OK };
    struct hv_call *c = lower_call(l,
                                   broken ? HV_CALL_BREAK : HV_CALL_OFFLINE);
    uint64_t frame;

    if ( coloured(l) || stashed(l) )
        return 0;
    frame = frame_of(l, of, index);
    if ( frame == NO_FRAME )
        return lower_not_run(l, "there is no such page");
    c->frame = frame;
    c->offline = (struct hv_offline){ action, (uint32_t)frame,
                                      (uint32_t)frame };
    if ( !broken )
    {
        place_whole(c, sizeof(struct xen_sysctl));
        c->placed = true;
        place_data(c, &whole, &(struct value){ 0 }, sizeof(uint32_t), 1);
    }

    return issue(l);
}

long lower_offline(struct lower *l, const struct op *op)
{
    return call_for(l, sysctl_page_offline, &op->offline.of,
                    &op->offline.index, op->offline.broken.v);
}

long lower_online(struct lower *l, const struct op *op)
{
    return call_for(l, sysctl_page_online, &op->online.of, &op->online.index,
                    false);
}

long lower_offline_query(struct lower *l, const struct op *op)
{
    return call_for(l, sysctl_query_page_offline, &op->offline_query.of,
                    &op->offline_query.index, false);
}

long lower_page_offline(struct lower *l, const struct op *op)
{
    struct hv_call *c = l->call;
    uint32_t n;

    if ( coloured(l) || stashed(l) )
        return 0;
    c->offline = (struct hv_offline){ (uint32_t)op->sysctl.action.v,
                                      (uint32_t)op->sysctl.start.v,
                                      (uint32_t)op->sysctl.end.v };
    n = hv_offline_count(&c->offline);
    if ( !n || n > HV_STATUS_MAX )
        n = HV_STATUS_MAX;
    place_data(c, &op->sysctl.data, &op->sysctl.count, n * sizeof(uint32_t),
               n);

    return issue(l);
}
