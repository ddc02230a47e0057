/* SPDX-License-Identifier: MIT */
/* XENMEM_decrease_reservation: rules 3.5 and 4.7. */
#include "internal.h"
#include "marks/marks.h"

#include <string.h>

/* What a predicted decrease has given back so far. */
struct taken
{
    uint64_t gone[HV_PAGES_MAX / 64]; /* no longer pages of the domain       */
    uint32_t nameless;                /* how many of them perhaps never were */
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
    /* 0 for a frame without an id. */
    uint64_t bit = id < 0 ? 0 : UINT64_C(1) << (id % 64);

    if ( id >= 0 && (t->gone[id / 64] & bit) )
        return OWNS_NOT;
    /* A mapped page stays the domain's, so it can be given back again. */
    if ( owns == OWNS && m->page[id].maps )
        return OWNS;
    if ( owns != OWNS )
    {
        if ( !model_unowned(m, id) ||
             ++t->nameless > model_unnamed(m, slot) + m->dom[slot].uncounted )
            return OWNS_NOT;
        owns = OWNS_MAYBE;
    }
    if ( id >= 0 )
        t->gone[id / 64] |= bit;
    return owns;
}

/* One extent: as certain as the least certain of its pages. */
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

    memset(t.gone, 0, model_words(m) * sizeof(t.gone[0]));
    t.nameless = 0;
    p->rule = RULE_DECREASE_DONE;
    for ( i = r.start; i < r.nr; i++ )
    {
        enum model_owns owns = OWNS_NOT;

        if ( i < r.entries )
            owns = take_extent(m, &r, list_frame(call, &r, i), &t);
        /* Perhaps not the domain's: the call may stop here or go on. */
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
    for ( enum rule n = RULE_DECREASE_LIST, last = p->rule; n <= last; n++ )
        evaluate(p, n);
}

/* Give back an extent's pages from number first on, as long as they are
 * known to be the domain's. Returns the number of the first that is not, or
 * 2^order. */
static uint64_t drop_known(struct model *m, const struct resv *r,
                           uint64_t frame, uint64_t first)
{
    uint64_t j;

    for ( j = first; j < UINT64_C(1) << r->order; j++ )
    {
        int id = m->page_id(m->hv, frame + j);

        if ( model_owns(m, r->slot, id) != OWNS )
            break;
        MARK(model_half_extent);
        model_drop_page(m, id);
    }
    return j;
}

/* A frame without a known owner was the domain's after all: one of its
 * counted pages if the domain is seen to have lost another one, else an
 * uncounted one. */
static void drop_maybe(struct model *m, int slot, const struct hv_view *seen)
{
    struct model_domain *dom = &m->dom[slot];

    if ( dom->uncounted && (!model_unnamed(m, slot) ||
                            m->counters.dom[slot].tot <= seen->dom[slot].tot) )
        dom->uncounted--;
    else
    {
        model_one_named(m, slot);
        model_shrink(m, slot, 1, false);
    }
}

/* By how many pages drop_known() would lower tot: dom0 does not map them, and
 * they are no extra pages. */
static uint32_t count_known(const struct model *m, const struct resv *r,
                            uint64_t frame, uint64_t first)
{
    uint32_t nr = 0;

    for ( uint64_t j = first; j < UINT64_C(1) << r->order; j++ )
    {
        int id = m->page_id(m->hv, frame + j);

        if ( model_owns(m, r->slot, id) != OWNS )
            break;
        nr += !m->page[id].maps && !m->page[id].extra;
    }
    return nr;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* A run of pages without a known owner, which so many known ones follow, in an
 * extent that was given back in part; the domain has lost so many more pages. Was
 * all of it given back, so that those that follow were, too? */
static bool drop_run(struct model *m, int slot, uint64_t run, uint64_t follow,
                     uint64_t lost)
{
    struct model_domain *dom = &m->dom[slot];
    uint64_t counted = least(lost, model_unnamed(m, slot)), uncounted;
    bool passed;

    /* If so, the rest of the run has no counter. */
    uncounted = run - least(run, least(counted, lost - least(follow, lost)));
    passed = follow <= lost && uncounted <= dom->uncounted;
    if ( passed )
        dom->uncounted -= (uint32_t)uncounted;
    counted = passed ? run - uncounted : least(counted, run - (follow > 0));
    for ( ; counted; counted-- )
    {
        model_one_named(m, slot);
        model_shrink(m, slot, 1, false);
    }

    return passed;
}

/* The extent that stopped the call, from page j on, which may or may not be
 * the domain's: give pages back as far as the domain is seen to have lost
 * some. */
static void drop_partly(struct model *m, const struct resv *r, uint64_t frame,
                        uint64_t j, const struct hv_view *seen)
{
    const uint64_t end = UINT64_C(1) << r->order;

    for ( ;; )
    {
        uint32_t tot = m->counters.dom[r->slot].tot;
        uint64_t run = 0;

        while ( j + run < end &&
                model_unowned(m, m->page_id(m->hv, frame + j + run)) )
            run++;
        if ( !run || tot <= seen->dom[r->slot].tot ||
             !drop_run(m, r->slot, run, count_known(m, r, frame, j + run),
                       tot - seen->dom[r->slot].tot) )
            return;
        j = drop_known(m, r, frame, j + run);
    }
}

void decrease_commit(struct model *m, const struct hv_call *call,
                     const struct prediction *p, long rc,
                     const struct hv_view *seen)
{
    uint64_t maybes = 0, known = 0;
    bool partly;
    struct resv r;

    if ( !resv_passed(m, call, p, &r) )
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
    /* What is certain first; what is observed then decides the rest. */
    partly = (uint64_t)rc < r.nr && (uint64_t)rc < r.entries;
    if ( partly )
    {
        known = drop_known(m, &r, list_frame(call, &r, (uint64_t)rc), 0);
        if ( known )
            MARK(model_half_extent);
    }
    for ( ; maybes; maybes-- )
        drop_maybe(m, r.slot, seen);
    if ( partly )
        drop_partly(m, &r, list_frame(call, &r, (uint64_t)rc), known, seen);
}
