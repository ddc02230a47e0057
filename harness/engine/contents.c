/* SPDX-License-Identifier: MIT */
/*
 * What pages hold: SCRUB, CLEAN, SCRUB-COUNT. From the first write on the engine
 * remembers who wrote which word, and looks into the pages that calls hand out,
 * and into all of them when it audits. A run in which nobody writes pays one
 * test a call.
 *
 * A page that its living owner gave back is everybody's (rules 4.9): e->given
 * has a bit for each of those, until the page is written again.
 */
#include "impl.h"
#include "marks/marks.h"

#include <assert.h>
#include <string.h>

#define NOBODY (-1)

bool engine_sees_contents(const struct engine *e)
{
    return e->h.ops->page != NULL;
}

static void set_given(struct engine *e, int id, bool given)
{
    uint64_t bit = UINT64_C(1) << (id % 64);

    if ( given )
        e->given[id / 64] |= bit;
    else
        e->given[id / 64] &= ~bit;
}

static bool is_given(const struct engine *e, int id)
{
    return e->given[id / 64] >> (id % 64) & 1;
}

/* Which write operation of this run left that word, from 0; -1: none. */
static int write_of(const struct engine *e, uint32_t word)
{
    uint32_t n = word - LOWER_WORD - 1;

    return n < e->lower.left.nr_writes ? (int)n : -1;
}

/* Does the page hold what another domain than slot wrote and did not give
 * away? *who: which one, -1 for one that is not there any more. */
static bool is_secret(const struct engine *e, int id,
                      const struct hv_page *page, int slot, int *who)
{
    int n = write_of(e, page->word);

    if ( n < 0 || is_given(e, id) )
        return false;
    *who = e->writer[n];

    return *who == NOBODY || *who != slot;
}

static void check_handed(struct engine *e, uint64_t frame, int slot)
{
    int id = e->h.ops->page_id(e->h.hv, frame), who;
    struct hv_page page;

    /* What is no frame of the host is STATE's. */
    if ( id < 0 )
        return;
    e->h.ops->page(e->h.hv, frame, &page);
    if ( !is_secret(e, id, &page, slot, &who) )
        return;
    if ( who == NOBODY )
        invariant_broken(e, INV_SCRUB,
                         "d%d got page %d, which holds what a domain wrote "
                         "that is gone",
                         slot, id);
    else
        invariant_broken(e, INV_SCRUB,
                         "d%d got page %d, which holds what d%d wrote", slot,
                         id, who);
}

/* Entries of the list that was written, from one up to another. */
static void check_blocks(struct engine *e, uint64_t from, uint64_t to,
                         uint32_t order, int slot)
{
    if ( order >= HV_ORDERS )
        return; /* none can have been handed out */
    for ( uint64_t i = from; i < to; i++ )
        for ( uint64_t k = 0; k < UINT64_C(1) << order; k++ )
            check_handed(e, e->result.list[i] + k, slot);
}

static bool is_alive(const struct engine *e, int slot)
{
    return slot >= 0 && slot < HV_DOMS_MAX &&
           e->seen.dom[slot].state == HV_DOM_ALIVE;
}

/* A page that a living domain may have lost by a call that names it. False: the
 * frame is no page. */
static bool note_given(struct engine *e, uint64_t frame, int slot)
{
    int id = e->h.ops->page_id(e->h.hv, frame);
    struct hv_page page;

    if ( id < 0 )
        return false;
    e->h.ops->page(e->h.hv, frame, &page);
    if ( page.owner != slot )
        set_given(e, id, true);

    return true;
}

/* The extents that it did, and the one at which it ended, of which it may have
 * done a part. A 32-bit call does pieces, and may fail after some. */
static void after_decrease(struct engine *e, int slot)
{
    const struct hv_call *c = &e->call;
    uint64_t done = e->result.rc < 0 ? UINT64_MAX : (uint64_t)e->result.rc;

    if ( c->resv.extent_order >= HV_ORDERS || !is_alive(e, slot) ||
         (e->result.rc < 0 && !hv_in_pieces(c)) )
        return;
    for ( uint32_t i = 0; i < c->list_entries && i <= done; i++ )
        for ( uint64_t k = 0; k < UINT64_C(1) << c->resv.extent_order; k++ )
            if ( !note_given(e, c->list[i] + k, slot) )
                break; /* nor are those behind it pages of the host */
}

/* What came for pages that were given. */
static void after_exchange(struct engine *e, int slot)
{
    const struct hv_call *c = &e->call;
    uint64_t at;

    for ( uint64_t i = 0;
          (at = hv_out_entry(c, i)) < HV_LIST_MAX && e->result.list; i++ )
        if ( e->result.list[at] != c->list[at] )
            check_blocks(e, at, at + 1, c->out.extent_order, slot);
}

static void after_memory_op(struct engine *e)
{
    const struct hv_call *c = &e->call;
    int slot = domid_resolve(c->resv.domid, &c->caller);
    uint64_t done = e->result.rc > 0 ? (uint64_t)e->result.rc : 0;

    if ( e->call_op == OP_decrease )
        after_decrease(e, slot);
    if ( hv_is_exchange(c) && slot >= 0 )
        after_exchange(e, slot);
    if ( (e->call_op != OP_populate && e->call_op != OP_increase) ||
         !e->result.list || slot < 0 ||
         (c->resv.mem_flags & XENMEMF_populate_on_demand) )
        return;
    if ( done > c->list_entries )
        done = c->list_entries;
    check_blocks(e, c->cmd >> MEMOP_EXTENT_SHIFT, done, c->resv.extent_order,
                 slot);
}

/* Who wrote it is not there any more: a domain of that number is another one. */
static void forget_writers(struct engine *e)
{
    for ( uint32_t n = 0; n < e->lower.left.nr_writes; n++ )
        if ( e->writer[n] != NOBODY &&
             e->seen.dom[e->writer[n]].state == HV_DOM_ABSENT )
            e->writer[n] = NOBODY;
}

static void note_write(struct engine *e)
{
    int id = e->h.ops->page_id(e->h.hv, e->call.frame);

    if ( e->result.rc || id < 0 )
        return;
    if ( !e->wrote )
    {
        memset(e->given, 0, model_words(&e->model) * sizeof(e->given[0]));
        /* Operations that wrote nothing have none, nor an earlier run's. */
        memset(e->writer, NOBODY, sizeof(e->writer));
    }
    e->wrote = true;
    assert(e->lower.left.nr_writes <= PROGRAM_OPS_MAX);
    e->writer[e->lower.left.nr_writes - 1] = (int8_t)e->call.domid;
    set_given(e, id, false);
}

void contents_after_call(struct engine *e)
{
    if ( !engine_sees_contents(e) )
        return;
    if ( e->call.kind == HV_CALL_WRITE )
    {
        note_write(e);
        return;
    }
    switch ( e->call.kind )
    {
    case HV_CALL_MEMORY_OP: after_memory_op(e); break;
    case HV_CALL_EXTRA_ALLOC:
        if ( !e->result.rc )
            check_handed(e, e->result.frame, e->call.domid);
        break;
    case HV_CALL_UNMAP: /* not EXTRA_FREE: extra pages are never written */
        if ( !e->result.rc && is_alive(e, e->call.domid) )
            note_given(e, e->call.frame, e->call.domid);
        break;
    default: break;
    }
    forget_writers(e);
}

/* Every page, and the counts of dirty ones by node. */
void contents_audit(struct engine *e)
{
    const struct hypervisor_ops *ops = e->h.ops;
    uint64_t counted[HV_NODES_MAX], dirty = 0, all = 0;
    struct hv_page page;
    int who;

    for ( uint32_t id = 0; id < e->model.page_ids; id++ )
    {
        ops->page(e->h.hv, ops->page_frame(e->h.hv, (int)id), &page);
        dirty += page.free && page.dirty;
        if ( page.free && !page.dirty &&
             is_secret(e, (int)id, &page, NOBODY, &who) )
            invariant_broken(e, INV_CLEAN,
                             "page %u is free and not marked, but holds what "
                             "a domain wrote",
                             id);
        if ( page.owner >= 0 &&
             is_secret(e, (int)id, &page, page.owner, &who) )
            invariant_broken(e, INV_SCRUB,
                             "d%d has page %u, which holds what another "
                             "domain wrote",
                             page.owner, id);
    }
    ops->scrub_pages(e->h.hv, counted);
    for ( uint32_t n = 0; n < HV_NODES_MAX; n++ )
        all += counted[n];
    /* Coloured pages are marked, and nobody counts them. */
    if ( all != dirty && !e->spec.program->host.llc )
        invariant_broken(e, INV_SCRUB_COUNT,
                         "%llu free pages are counted as dirty, %llu are",
                         (unsigned long long)all, (unsigned long long)dirty);
}
