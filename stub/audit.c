/* SPDX-License-Identifier: MIT */
/*
 * White-box audit of the front end: frames and domains against each other and
 * against what the allocator says of them; the allocator audits itself first.
 */
#include "world.h"

#include <stdio.h>

/* The frame of that number, and its page as the allocator has it. */
static const char *audit_frame(const struct stub *s, uint32_t id,
                               const struct alloc_page *page, char *why,
                               size_t size)
{
    const struct frame *f = &s->frame[id];
    bool used = f->owner || f->flags;

    if ( (f->flags & FRAME_STASHED) &&
         (page->free || page->owner >= 0 || f->owner) )
    {
        snprintf(why, size, "frame %u is in a stash and %s", id,
                 page->free ? "free" : "a domain's");
        return "STASH";
    }

    if ( page->owner != (int)f->owner - 1 )
    {
        snprintf(why, size, "frame %u: owner d%d, accounted to d%d", id,
                 f->owner - 1, page->owner);
        return "OWNER";
    }
    if ( page->free == used )
    {
        snprintf(why, size, "frame %u is %s", id,
                 page->free ? "free and in use" : "neither free nor in use");
        return "CONSERVE";
    }
    if ( f->owner && !(f->flags & FRAME_ALLOCATED) && !f->maps )
    {
        snprintf(why, size, "frame %u: owned, and nothing refers to it", id);
        return "CONSERVE";
    }
    if ( (f->flags & FRAME_ANON) && (f->owner || f->maps) )
    {
        snprintf(why, size, "frame %u: the hypervisor's and a domain's", id);
        return "CONSERVE";
    }
    return NULL;
}

/* Frames of a domain, counted once for all of them. */
struct owned
{
    uint32_t owned, allocated;
};

/* What all frames add up to. */
struct frames
{
    struct owned count[HV_DOMS_MAX + 1]; /* by their owner; 0: nobody's */
    uint32_t stashed;
};

/* n frames from that number on, and their pages. */
static const char *audit_some(const struct stub *s, uint32_t first, uint32_t n,
                              const struct alloc_page *page,
                              struct frames *all, char *why, size_t size)
{
    const struct frame *f = &s->frame[first];

    for ( uint32_t i = 0; i < n; i++, f++, page++ )
    {
        const char *id;

        /* Free, and nothing says otherwise. */
        if ( !(f->owner | f->flags) && page->free && page->owner < 0 )
            continue;
        id = audit_frame(s, first + i, page, why, size);
        if ( id )
            return id;
        all->count[f->owner].owned++;
        all->count[f->owner].allocated += f->flags & FRAME_ALLOCATED ? 1 : 0;
        all->stashed += f->flags & FRAME_STASHED ? 1 : 0;
    }

    return NULL;
}

/* Pages that the allocator is asked about at once. */
#define PAGES_AT_ONCE 64

static const char *audit_frames(const struct stub *s, struct frames *all,
                                char *why, size_t size)
{
    struct alloc_page page[PAGES_AT_ONCE];
    const char *id = NULL;

    for ( uint32_t i = 0, n; !id && i < s->w.pages; i += n )
    {
        n = s->w.pages - i < PAGES_AT_ONCE ? s->w.pages - i : PAGES_AT_ONCE;
        s->alloc->pages(s->a, HV_FRAME_BASE + i, n, page);
        id = audit_some(s, i, n, page, all, why, size);
    }

    return id;
}

static const char *audit_domain(const struct stub *s, int dom,
                                const struct owned *count,
                                const struct hv_domain_view *c, char *why,
                                size_t size)
{
    const struct domain *d = &s->w.dom[dom];
    uint32_t owned = count->owned, allocated = count->allocated, refs;

    if ( owned != d->owned || allocated != d->allocated )
    {
        snprintf(why, size, "d%d: counts %u frames, %u allocated; has %u, %u",
                 dom, d->owned, d->allocated, owned, allocated);
        return "OWNER";
    }
    if ( d->present && (uint64_t)c->tot + c->extra != owned )
    {
        snprintf(why, size, "d%d: accounted %u + %u extra, owns %u", dom,
                 c->tot, c->extra, owned);
        return "OWNER";
    }
    refs = !d->present ? 0 : (d->dying != DYING_DEAD) + (owned != 0);
    if ( refs != d->refs || (!d->present && owned) )
    {
        snprintf(why, size, "d%d: %u references, expected %u", dom, d->refs,
                 refs);
        return "OWNER";
    }
    return NULL;
}

const char *stub_audit(void *hv, char *why, size_t size)
{
    struct stub *s = hv;
    struct hv_domain_view accounted[HV_DOMS_MAX];
    const char *id = s->alloc->audit(s->a, why, size);
    struct frames all = { .stashed = 0 };

    if ( !id )
        id = audit_frames(s, &all, why, size);
    if ( !id )
        id = stash_audit(s, all.stashed, why, size);
    s->alloc->counts(s->a, HV_DOMS_ALL, accounted);
    for ( int dom = 0; !id && dom < HV_DOMS_MAX; dom++ )
        id = audit_domain(s, dom, &all.count[dom + 1], &accounted[dom], why,
                          size);

    return id;
}
