/* SPDX-License-Identifier: MIT */
/* XENMEM_decrease_reservation: rules 3.5 and 4.7. */
#include "internal.h"

#include <string.h>

/* What a decrease has taken so far, while it is only predicted. */
struct taken
{
    uint64_t gone[HV_PAGES_MAX / 64]; /* no page of the domain any more      */
    uint32_t nameless;                /* of those that might have been its   */
};

static uint64_t list_frame(const struct hv_call *call, const struct resv *r,
                           uint64_t i)
{
    return r->abi32 ? (uint32_t)call->list[i] : call->list[i];
}

static enum model_owns take(const struct model *m, int slot, int id,
                            struct taken *t)
{
    enum model_owns owns = model_owns(m, slot, id);
    uint64_t bit = UINT64_C(1) << (id % 64);

    /* An extra page is the hypervisor's to use: it is not given back. */
    if ( (owns == OWNS && m->page[id].extra) ||
         (id >= 0 && (t->gone[id / 64] & bit)) )
        return OWNS_NOT;
    /* A mapped page stays the domain's, so it can be given back again. */
    if ( owns == OWNS && m->page[id].maps )
        return OWNS;
    if ( owns != OWNS )
    {
        if ( !model_unowned(m, id) || ++t->nameless >
             model_unnamed(m, slot) + m->dom[slot].uncounted )
            return OWNS_NOT;
        owns = OWNS_MAYBE;
    }
    if ( id >= 0 )
        t->gone[id / 64] |= bit;
    return owns;
}

/* One extent: the least sure of its pages. */
static enum model_owns take_extent(const struct model *m, const struct resv *r,
                                   uint64_t frame, struct taken *t)
{
    enum model_owns least = OWNS;

    for ( uint64_t j = 0; j < UINT64_C(1) << r->order; j++ )
    {
        int id = m->page_id(m->hv, frame + j);
        enum model_owns owns = take(m, r->slot, id, t);

        if ( owns == OWNS_NOT )
            return OWNS_NOT;
        if ( owns == OWNS_MAYBE )
            least = OWNS_MAYBE;
    }
    return least;
}

void decrease_predict(const struct model *m, const struct hv_call *call,
                      struct prediction *p)
{
    struct taken t;
    bool sure = true;
    struct resv r;
    uint64_t i;

    if ( !resv_front_end(m, call, &r, p) )
        return;

    memset(&t, 0, sizeof(t));
    p->rule = RULE_DECREASE_DONE;
    for ( i = r.start; i < r.nr; i++ )
    {
        enum model_owns owns = OWNS_NOT;

        if ( i < r.entries )
            owns = take_extent(m, &r, list_frame(call, &r, i), &t);
        /* Not known to be the domain's: it may end here, or go on. */
        if ( owns != OWNS && sure )
        {
            sure = false;
            p->lo = (long)i;
            p->rule = i < r.entries ? RULE_DECREASE_OWNER : RULE_DECREASE_LIST;
        }
        if ( owns == OWNS_NOT )
            break;
    }
    p->hi = (long)i;
    if ( sure )
        p->lo = p->hi;
    for ( enum rule n = RULE_DECREASE_LIST; n <= p->rule; n++ )
        p->evaluated[p->nr_evaluated++] = (uint8_t)n;
}

/*
 * The extent that did not count: its pages are given back until one is not the
 * domain's. Where that is not known, what is seen decides. maybes: of the
 * extents that counted; those of this one are added to it.
 */
static void drop_partly(struct model *m, const struct resv *r, uint64_t frame,
                        const struct hv_view *seen, uint32_t *maybes)
{
    const struct model_domain *dom = &m->dom[r->slot];

    for ( uint64_t j = 0; j < UINT64_C(1) << r->order; j++ )
    {
        int id = m->page_id(m->hv, frame + j);
        enum model_owns owns = model_owns(m, r->slot, id);
        /* Without uncounted pages, each that may be is one that counts. */
        uint32_t pending = dom->uncounted ? 0 : *maybes;

        if ( owns == OWNS && !m->page[id].extra )
            model_drop_page(m, id);
        else if ( model_unowned(m, id) &&
                  (owns == OWNS_MAYBE || dom->uncounted) &&
                  m->counters.dom[r->slot].tot >
                  seen->dom[r->slot].tot + pending )
            ++*maybes;
        else
            return;
    }
}

/* Frames that nobody was known to own were the domain's after all: pages that
 * count, as far as the domain is seen to have lost some, else uncounted ones. */
static void drop_maybes(struct model *m, int slot, uint32_t maybes,
                        const struct hv_view *seen)
{
    struct model_domain *dom = &m->dom[slot];

    for ( ; maybes; maybes-- )
        if ( dom->uncounted &&
             (!model_unnamed(m, slot) ||
              m->counters.dom[slot].tot <= seen->dom[slot].tot) )
            dom->uncounted--;
        else
        {
            model_one_named(m, slot);
            model_shrink(m, slot, 1, false);
        }
}

void decrease_commit(struct model *m, const struct hv_call *call, long rc,
                     const struct hv_view *seen)
{
    struct prediction front = { .nr_evaluated = 0 };
    uint32_t maybes = 0;
    struct resv r;

    if ( !resv_front_end(m, call, &r, &front) )
        return;

    for ( uint64_t i = r.start; i < (uint64_t)rc; i++ )
    {
        uint64_t frame = list_frame(call, &r, i);

        for ( uint64_t j = 0; j < UINT64_C(1) << r.order; j++ )
        {
            int id = m->page_id(m->hv, frame + j);

            if ( model_owns(m, r.slot, id) == OWNS )
                model_drop_page(m, id);
            else
                maybes++;
        }
    }
    if ( (uint64_t)rc < r.nr && (uint64_t)rc < r.entries )
        drop_partly(m, &r, list_frame(call, &r, (uint64_t)rc), seen, &maybes);
    drop_maybes(m, r.slot, maybes, seen);
}
