/* SPDX-License-Identifier: MIT */
/*
 * Mappings by dom0, the hypervisor's own pages, extra pages, and pages that are
 * written to: rules 3.12, 3.13, 3.17, 4.1-4.3.
 */
#include "internal.h"
#include "marks/marks.h"

static int call_page(const struct model *m, const struct hv_call *call)
{
    return m->page_id(m->hv, call->frame);
}

/* The frame may or may not be a page of the domain: allow both results. */
static void answer_maybe(struct prediction *p, enum rule no)
{
    answer(p, -EINVAL);
    p->rule = no;
    answer_also(p, 0);
}

/* A call that dom0 or the domain makes on a page of the domain: the rules for no
 * domain, for no page of it, and for a page. */
static void page_predict(const struct model *m, const struct hv_call *call,
                         enum rule domid, enum rule frame, enum rule ok,
                         struct prediction *p)
{
    int slot = model_slot(m, call->domid);
    enum model_owns owns;

    if ( decides(p, domid, slot == MODEL_NOBODY) )
    {
        answer(p, -ESRCH);
        return;
    }
    owns = model_owns(m, slot, call_page(m, call));
    if ( decides(p, frame, owns == OWNS_NOT) )
        answer(p, -EINVAL);
    else if ( owns == OWNS_MAYBE )
        answer_maybe(p, frame);
    else
        answer(p, !decides(p, ok, true));
}

static void map_commit(struct model *m, const struct hv_call *call)
{
    int id = call_page(m, call);
    struct model_page *page = &m->page[id];

    if ( page->owner == MODEL_NOBODY )
    {
        /* One of the pages that had no name. */
        page->owner = (int8_t)call->domid;
        page->allocated = true;
        model_set_named(m, id, true);
        /* Was it to go out of use, it has not gone yet. */
        if ( page->offline & MODEL_STATES )
        {
            page->offline ^= MODEL_OFFLINED;
            m->hidden--;
        }
        model_one_named(m, call->domid);
        model_set_owned(m, id, !model_dying(m, call->domid));
    }
    assert(page->maps < UINT16_MAX);
    page->maps++;
    model_set_mapped(m, id, true);
}

static void unmap_predict(const struct model *m, const struct hv_call *call,
                          struct prediction *p)
{
    int slot = model_slot(m, call->domid);
    int id = call_page(m, call);

    if ( decides(p, RULE_UNMAP_DOMID, slot == MODEL_NOBODY) )
        answer(p, -ESRCH);
    else if ( decides(p, RULE_UNMAP_FRAME,
                      model_owns(m, slot, id) != OWNS || !m->page[id].maps) )
        answer(p, -EINVAL);
    else
        answer(p, !decides(p, RULE_UNMAP_OK, true));
}

/* The last mapping of a page of a dying domain: the counters show whether the
 * page still had another reference. */
static void unmap_dying(struct model *m, int slot, int id,
                        const struct hv_view *seen)
{
    const struct hv_domain_view *d = &m->counters.dom[slot];
    bool extra = m->page[id].extra;
    bool freed = extra ? seen->dom[slot].extra < d->extra
                       : seen->dom[slot].tot < d->tot;

    if ( freed )
    {
        MARK(model_unmap_frees_dying);
        model_drop_page(m, id);
        return;
    }
    model_forget_page(m, id);
    if ( m->page[id].offline & MODEL_OFFLINING )
        model_hide_page(m, id);
    if ( !extra )
        m->dom[slot].nameless++;
}

static void unmap_commit(struct model *m, const struct hv_call *call,
                         const struct hv_view *seen)
{
    int slot = call->domid, id = call_page(m, call);
    struct model_page *page = &m->page[id];

    if ( --page->maps )
        return;
    model_set_mapped(m, id, false);
    if ( !page->allocated )
        model_drop_page(m, id);
    else if ( m->counters.dom[slot].state == HV_DOM_DYING )
        unmap_dying(m, slot, id, seen);
}

static void anon_predict(const struct model *m, const struct hv_call *call,
                         const struct hv_capacity *capacity,
                         struct prediction *p)
{
    int slot = call->pool ? model_slot(m, call->domid) : MODEL_NOBODY;
    const struct resv r = { .order = call->order,
                            .slot = slot,
                            .no_refcount = true,
                            .node = -1,
                            .zone_max = HV_ZONES - 1 };
    /* 2^32 pages are more than any host has; larger orders need no shift. */
    uint64_t pages = UINT64_C(1) << (call->order < 32 ? call->order : 32);

    if ( decides(p, RULE_ANON_DOMID, call->pool && slot == MODEL_NOBODY) )
    {
        answer(p, -ESRCH);
        return;
    }
    heap_space(m, capacity, &r, &p->space_lo, &p->space_hi);
    if ( decides(p, RULE_ANON_GATE,
                 model_gate_refuses(m->counters.free, m->counters.claimed,
                                    pages, 0)) ||
         decides(p, RULE_ANON_SPACE, !p->space_hi) )
    {
        answer(p, -ENOMEM);
        return;
    }
    answer(p, !decides(p, RULE_ANON_OK, true));
    if ( call->pool )
        heap_tried(m, capacity, &r, p);
    /* How many blocks there are is not known: perhaps none. */
    if ( !p->space_lo )
        answer_also(p, -ENOMEM);
}

static const char *anon_free_commit(struct model *m,
                                    const struct hv_call *call)
{
    for ( uint64_t i = 0; i < UINT64_C(1) << call->order; i++ )
    {
        int id = m->page_id(m->hv, call->frame + i);

        if ( id < 0 || m->page[id].owner != MODEL_XEN )
            return "anon_free of pages that the hypervisor does not own";
        model_forget_page(m, id);
        model_page_freed(m, id);
    }
    m->counters.free += UINT64_C(1) << call->order;
    return NULL;
}

static void extra_predict(const struct model *m, const struct hv_call *call,
                          struct prediction *p)
{
    int slot = model_slot(m, call->domid);
    const struct resv r = {
        .slot = slot, .no_refcount = true, .node = -1, .zone_max = HV_ZONES - 1
    };
    bool coloured = model_coloured(m);

    if ( decides(p, RULE_EXTRA_DOMID, slot == MODEL_NOBODY) )
        answer(p, -ESRCH);
    else if ( decides(p, RULE_EXTRA_GATE,
                      !coloured &&
                          model_gate_refuses(m->counters.free,
                                             m->counters.claimed, 1, 0)) ||
              decides(p, RULE_EXTRA_DYING, model_dying(m, slot)) )
        answer(p, -ENOMEM);
    else
    {
        answer(p, !decides(p, RULE_EXTRA_OK, true));
        heap_tried(m, NULL, &r, p);
        /* How much the coloured heap has left cannot be observed. */
        if ( coloured )
            answer_also(p, -ENOMEM);
    }
}

static const char *extra_commit(struct model *m, const struct hv_call *call,
                                const struct prediction *p, uint64_t frame,
                                const struct hv_view *seen)
{
    struct hv_domain_view *d = &m->counters.dom[call->domid];
    const char *why;

    d->extra++;
    /* Rules 3.13 d: the gate ignores the claim, but R-A and R-B redeem a page
     * of it all the same. */
    if ( !m->release->redeem_at_alloc && d->claim )
    {
        d->claim--;
        m->counters.claimed--;
    }
    if ( !model_coloured(m) )
        m->counters.free--;
    why = heap_untried(m, p, 1, 0, seen);
    return why ? why : model_name_block(m, frame, 0, call->domid, true);
}

static void extra_free_predict(const struct model *m,
                               const struct hv_call *call,
                               struct prediction *p)
{
    int slot = model_slot(m, call->domid);
    int id = call_page(m, call);
    const struct model_page *page = id < 0 ? NULL : &m->page[id];
    bool named;

    if ( decides(p, RULE_EXTRA_FREE_DOMID, slot == MODEL_NOBODY) )
    {
        answer(p, -ESRCH);
        return;
    }
    named = page && page->owner == slot && page->extra && page->allocated;
    if ( !decides(p, RULE_EXTRA_FREE_FRAME,
                  !named || m->counters.dom[slot].state == HV_DOM_DYING) )
    {
        answer(p, !decides(p, RULE_EXTRA_FREE_OK, true));
        return;
    }
    answer(p, -EINVAL);
    /* Not known: whether an unfinished destroydomain has freed it yet; extra
     * pages from the coloured heap; those that only a mapping keeps. */
    if ( named || (page && page->owner == slot && page->extra) ||
         ((!page || page->owner == MODEL_NOBODY) &&
          m->counters.dom[slot].extra) )
        answer_also(p, 0);
}

static void extra_free_commit(struct model *m, const struct hv_call *call,
                              const struct hv_view *seen)
{
    int slot = call->domid, id = call_page(m, call);

    /* Once more, if only a mapping keeps it: that changes nothing. */
    if ( id >= 0 && m->page[id].owner == slot )
        model_drop_page(m, id);
    else if ( seen->dom[slot].extra < m->counters.dom[slot].extra )
    {
        model_shrink(m, slot, 1, true);
        model_reap(m, slot);
    }
}

void pages_predict(const struct model *m, const struct hv_call *call,
                   const struct hv_capacity *capacity, struct prediction *p)
{
    switch ( call->kind )
    {
    case HV_CALL_MAP:
        page_predict(m, call, RULE_MAP_DOMID, RULE_MAP_FRAME, RULE_MAP_OK, p);
        break;
    case HV_CALL_UNMAP: unmap_predict(m, call, p); break;
    case HV_CALL_ANON_ALLOC: anon_predict(m, call, capacity, p); break;
    case HV_CALL_ANON_FREE:
        answer(p, !decides(p, RULE_ANON_FREE, true));
        break;
    case HV_CALL_EXTRA_ALLOC: extra_predict(m, call, p); break;
    case HV_CALL_BREAK: answer(p, !decides(p, RULE_BREAK, true)); break;
    case HV_CALL_WRITE:
        page_predict(m, call, RULE_WRITE_DOMID, RULE_WRITE_FRAME,
                     RULE_WRITE_OK, p);
        break;
    default: extra_free_predict(m, call, p); break;
    }
}

const char *pages_commit(struct model *m, const struct hv_call *call,
                         const struct prediction *p,
                         const struct hv_result *result,
                         const struct hv_view *seen)
{
    const char *why;

    if ( result->rc )
        return NULL;
    switch ( call->kind )
    {
    case HV_CALL_MAP: map_commit(m, call); return NULL;
    case HV_CALL_UNMAP: unmap_commit(m, call, seen); return NULL;
    case HV_CALL_ANON_ALLOC:
        m->counters.free -= UINT64_C(1) << call->order;
        why = heap_untried(m, p, 1, call->order, seen);
        return why ? why
                   : model_name_block(m, result->frame, call->order, MODEL_XEN,
                                      false);
    case HV_CALL_ANON_FREE: return anon_free_commit(m, call);
    case HV_CALL_EXTRA_ALLOC:
        return extra_commit(m, call, p, result->frame, seen);
    case HV_CALL_WRITE: return NULL; /* what pages hold is not the rules' */
    default: extra_free_commit(m, call, seen); return NULL;
    }
}
