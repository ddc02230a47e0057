/* SPDX-License-Identifier: MIT */
/*
 * White-box audit of the front end: frames and domains against each other and
 * against what the allocator says of them; the allocator audits itself first.
 */
#include "world.h"

#include <stdio.h>

static const char *audit_frame(const struct stub *s, uint32_t id, char *why,
                               size_t size)
{
    const struct frame *f = &s->frame[id];
    uint64_t frame = HV_FRAME_BASE + id;
    int owner = s->alloc->page_owner(s->a, frame);
    bool free = s->alloc->page_is_free(s->a, frame);
    bool used = f->owner || f->flags;

    if ( owner != (int)f->owner - 1 )
    {
        snprintf(why, size, "frame %u: owner d%d, accounted to d%d", id,
                 f->owner - 1, owner);
        return "OWNER";
    }
    if ( free == used )
    {
        snprintf(why, size, "frame %u is %s", id,
                 free ? "free and in use" : "neither free nor in use");
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

static const char *audit_domain(const struct stub *s, int dom,
                                const struct owned *count, char *why,
                                size_t size)
{
    const struct domain *d = &s->w.dom[dom];
    uint32_t owned = count->owned, allocated = count->allocated, refs;
    struct alloc_counts c;

    if ( owned != d->owned || allocated != d->allocated )
    {
        snprintf(why, size, "d%d: counts %u frames, %u allocated; has %u, %u",
                 dom, d->owned, d->allocated, owned, allocated);
        return "OWNER";
    }
    c = counts_of(s, dom);
    if ( d->present && (uint64_t)c.tot + c.extra != owned )
    {
        snprintf(why, size, "d%d: accounted %u + %u extra, owns %u", dom,
                 c.tot, c.extra, owned);
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
    struct owned count[HV_DOMS_MAX + 1] = { 0 }; /* 0: nobody's */
    const char *id = s->alloc->audit(s->a, why, size);

    for ( uint32_t i = 0; !id && i < s->w.pages; i++ )
    {
        id = audit_frame(s, i, why, size);
        count[s->frame[i].owner].owned++;
        count[s->frame[i].owner].allocated +=
            s->frame[i].flags & FRAME_ALLOCATED ? 1 : 0;
    }
    for ( int dom = 0; !id && dom < HV_DOMS_MAX; dom++ )
        id = audit_domain(s, dom, &count[dom + 1], why, size);

    return id;
}
