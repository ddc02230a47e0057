/* SPDX-License-Identifier: MIT */
/*
 * The stash (rules 3.18): a populate for a domain that has yet to run scrubs its
 * blocks itself, before they are the domain's, and may be stopped in between. The
 * block is then put aside for the domain, and the continuation goes on with it, or
 * frees it if it wants another one.
 *
 * Not here: scrubbing a page (heap_contents.c).
 */
#include "world.h"
#include "marks/marks.h"

#include <stdio.h>

/* Pages that are scrubbed between two questions whether to stop. Xen does 256, on
 * hosts where blocks are larger than any of the hosts that are fuzzed. */
#define SCRUB_BATCH 2

static uint32_t pages_of(const struct domain *d)
{
    return d->stash ? UINT32_C(1) << d->stash_order : 0;
}

static void mark_frames(struct stub *s, uint64_t frame, uint32_t order,
                        uint8_t flags)
{
    for ( uint64_t i = 0; i < UINT64_C(1) << order; i++ )
    {
        struct frame *f = frame_of(s, frame + i);

        BUG_IF(s, !f || f->owner || (f->flags ^ flags) != FRAME_STASHED);
        f->flags = flags;
    }
}

static void forget(struct domain *d)
{
    d->stash = 0;
    d->stash_order = 0;
    d->stash_next = 0;
}

void stash_drop(struct stub *s, int dom)
{
    struct domain *d = &s->w.dom[dom];

    if ( __builtin_expect(!d->stash, 1) )
        return;
    LOCK(s, HV_LOCK_PAGE_ALLOC, dom);
    mark_frames(s, d->stash, d->stash_order, 0);
    if ( !FAULT_ON(&s->w, stash_leaks) )
        s->alloc->put_back(s->a, d->stash, d->stash_order);
    forget(d);
    UNLOCK(s, HV_LOCK_PAGE_ALLOC, dom);
}

/* Another domain that has a block aside. */
static int other_stash(const struct stub *s, int dom)
{
    for ( int d = 0; d < HV_DOMS_MAX; d++ )
        if ( d != dom && s->w.dom[d].stash )
            return d;

    return dom;
}

/* Put a block aside, unless the domain is on its way out. */
static void put_aside(struct stub *s, const struct alloc_request *req,
                      uint64_t frame, uint32_t next)
{
    struct domain *d = &s->w.dom[req->dom];

    LOCK(s, HV_LOCK_PAGE_ALLOC, req->dom);
    BUG_IF(s, d->stash != 0);
    if ( d->dying && !FAULT_ON(&s->w, stash_for_dying) )
    {
        MARK(stash_of_dying);
        s->alloc->put_back(s->a, frame, req->order);
    }
    else
    {
        mark_frames(s, frame, req->order, FRAME_STASHED);
        if ( other_stash(s, req->dom) != req->dom &&
             FAULT_ON(&s->w, stash_shared) )
            frame = s->w.dom[other_stash(s, req->dom)].stash;
        d->stash = frame;
        d->stash_order = (uint8_t)req->order;
        d->stash_next = next;
    }
    UNLOCK(s, HV_LOCK_PAGE_ALLOC, req->dom);
}

static uint32_t node_of_frame(const struct stub *s, uint64_t frame)
{
    return (uint32_t)(frame - HV_FRAME_BASE) / s->w.node_pages;
}

/* Is the block of that domain one that the request wants? Which addresses it may
 * have is not looked at. */
static bool suits(const struct stub *s, const struct domain *d,
                  const struct alloc_request *req)
{
    if ( d->stash_order != req->order && !FAULT_ON(&s->w, stash_any_order) )
        return false;

    return !(req->flags & ALLOC_EXACT_NODE) ||
           (uint32_t)req->node == node_of_frame(s, d->stash) ||
           FAULT_ON(&s->w, stash_any_node);
}

/* The block that was put aside, if it suits; else that one is free. */
static uint64_t take_back(struct stub *s, const struct alloc_request *req,
                          uint32_t *next)
{
    int dom = req->dom;
    struct domain *d = &s->w.dom[dom];
    uint64_t frame;

    if ( !d->stash && FAULT_ON(&s->w, stash_of_anybody) )
    {
        dom = other_stash(s, dom);
        d = &s->w.dom[dom];
    }
    if ( !d->stash )
        return ALLOC_NO_FRAME;
    if ( !suits(s, d, req) )
    {
        MARK(stash_freed);
        stash_drop(s, dom);
        return ALLOC_NO_FRAME;
    }
    LOCK(s, HV_LOCK_PAGE_ALLOC, dom);
    MARK(stash_taken);
    frame = d->stash;
    *next = d->stash_next;
    mark_frames(s, frame, d->stash_order, 0);
    if ( !FAULT_ON(&s->w, stash_stays) )
        forget(d);
    UNLOCK(s, HV_LOCK_PAGE_ALLOC, dom);
    if ( FAULT_ON(&s->w, stash_counts_as_scrubbed) )
        *next = UINT32_C(1) << req->order;

    return frame;
}

uint64_t stash_alloc(struct stub *s, const struct alloc_request *req,
                     bool *stopped)
{
    struct alloc_request keep = *req;
    uint32_t pages = req->order < 32 ? UINT32_C(1) << req->order : 0;
    uint32_t next = 0;
    uint64_t frame = take_back(s, req, &next);

    if ( frame == ALLOC_NO_FRAME )
    {
        keep.flags |= ALLOC_KEEP_DIRTY;
        frame = s->alloc->begin(s->a, &keep);
    }
    if ( frame == ALLOC_NO_FRAME )
        return ALLOC_NO_FRAME;
    while ( next < pages )
    {
        next = s->alloc->scrub(s->a, frame, req->order, next, SCRUB_BATCH);
        if ( next == pages || !PREEMPTED(s) )
            continue;
        put_aside(s, req, frame, next);
        *stopped = true;
        return ALLOC_NO_FRAME;
    }

    return domheap_assign(s, req, frame);
}

void stash_observe(const struct stub *s, const struct domain *d,
                   struct hv_domain_view *v)
{
    v->stash = pages_of(d);
    v->stash_node = node_of_frame(s, d->stash);
}

const char *stash_audit(const struct stub *s, uint32_t marked, char *why,
                        size_t size)
{
    uint32_t counted = 0;

    for ( int dom = 0; dom < HV_DOMS_MAX; dom++ )
    {
        const struct domain *d = &s->w.dom[dom];
        int other = d->stash ? other_stash(s, dom) : dom;

        counted += pages_of(d);
        if ( other != dom && s->w.dom[other].stash == d->stash )
        {
            snprintf(why, size,
                     "d%d and d%d have the same block in their stash", dom,
                     other);
            return "STASH";
        }
    }
    if ( marked == counted )
        return NULL;
    snprintf(why, size, "%u pages are marked as stashed, domains have %u",
             marked, counted);

    return "STASH";
}
