/* SPDX-License-Identifier: MIT */
/*
 * Domains: creation, destruction and the references that keep a dead one around
 * (rules 3.9, 3.10). What follows the last reference on Xen after a grace period
 * (RCU) happens here at once: with one vCPU nobody can be looking.
 *
 * Not here: look-up (lookup.c).
 */
#include "world.h"
#include "marks/marks.h"

#include <errno.h>

struct hv_domain_view counts_of(const struct stub *s, int dom)
{
    struct hv_domain_view all[HV_DOMS_MAX];

    s->alloc->counts(s->a, UINT32_C(1) << dom, all);
    return all[dom];
}

bool domain_dying(void *ctx, int dom)
{
    const struct stub *s = ctx;

    if ( s->w.dom[dom].dying == DYING_DYING &&
         FAULT_ON(&s->w, dying_seen_late) )
        return false;

    return s->w.dom[dom].dying != DYING_NO;
}

long domain_create(struct stub *s, int dom)
{
    struct domain *d = &s->w.dom[dom];
    uint64_t frame;

    BUG_IF(s, d->present);
    frame = anon_alloc_block(s, ALLOC_NO_DOMAIN, 0);
    if ( frame == ALLOC_NO_FRAME )
        return -ENOMEM;

    *d = (struct domain){ .refs = 1, .pause_count = 1, .own_frame = frame };
    s->alloc->domain_init(s->a, dom);

    LOCK(s, HV_LOCK_DOMLIST, ALLOC_NO_DOMAIN);
    d->present = 1;
    UNLOCK(s, HV_LOCK_DOMLIST, ALLOC_NO_DOMAIN);

    return 0;
}

/* The last reference is gone: out of the hash, then everything is freed. A
 * claim that was made after destruction began is never looked at again. */
static void domain_destroy(struct stub *s, int dom)
{
    struct domain *d = &s->w.dom[dom];
    uint64_t frame = d->own_frame;

    BUG_IF(s, d->owned != 0);
    LOCK(s, HV_LOCK_DOMLIST, ALLOC_NO_DOMAIN);
    *d = (struct domain){ .own_frame = 0 };
    UNLOCK(s, HV_LOCK_DOMLIST, ALLOC_NO_DOMAIN);

    s->alloc->domain_gone(s->a, dom);
    if ( frame && !FAULT_ON(&s->w, destroy_leaks_structures) )
        anon_free_block(s, frame, 0);
}

void put_domain(struct stub *s, int dom)
{
    struct domain *d = &s->w.dom[dom];

    BUG_IF(s, d->refs == 0);
    if ( --d->refs == 0 )
        domain_destroy(s, dom);
}

/* Step K3: pages that the hypervisor keeps for the domain. */
static void teardown(struct stub *s, int dom)
{
    if ( !counts_of(s, dom).extra )
        return; /* as nearly always */
    for ( uint32_t i = 0; i < s->w.pages; i++ )
    {
        const struct frame *f = &s->frame[i];

        if ( f->owner == dom + 1 && (f->flags & FRAME_EXTRA) &&
             (f->flags & FRAME_ALLOCATED) )
        {
            MARK(destroy_extra);
            put_alloc_ref(s, HV_FRAME_BASE + i);
        }
    }
}

/* Step K5: the domain's own pages, one by one; no page can be added any more,
 * so that going on where the last invocation stopped misses none. */
static long relinquish(struct stub *s, int dom)
{
    struct domain *d = &s->w.dom[dom];
    long rc = 0;

    LOCK(s, HV_LOCK_PAGE_ALLOC, dom);
    while ( !rc && d->allocated )
    {
        const struct frame *f = &s->frame[d->next];

        BUG_IF(s, d->next >= s->w.pages);
        d->next++;
        if ( f->owner != dom + 1 || !(f->flags & FRAME_ALLOCATED) )
            continue;
        put_alloc_ref(s, HV_FRAME_BASE + d->next - 1);
        if ( PREEMPTED(s) )
        {
            MARK(destroy_stopped);
            rc = HV_CONTINUE;
            d->next += d->allocated && FAULT_ON(&s->w, destroy_skips_a_page);
        }
    }
    if ( !(rc && FAULT_ON(&s->w, stopped_destroy_keeps_lock)) )
        UNLOCK(s, HV_LOCK_PAGE_ALLOC, dom);

    return rc;
}

/* Steps K1 and K2. */
static void begin_destruction(struct stub *s, int dom)
{
    struct domain *d = &s->w.dom[dom];

    d->dying = DYING_DYING;
    d->next = 0;
    if ( !FAULT_ON(&s->w, destroy_keeps_claim) &&
         !FAULT_ON(&s->w, destroy_drops_claim_late) )
        s->alloc->claim(s->a, dom, 0);
}

long domain_kill(struct stub *s, int dom)
{
    struct domain *d = &s->w.dom[dom];
    long rc;

    if ( d->dying == DYING_DEAD )
        return FAULT_ON(&s->w, destroy_again_fails) ? -EINVAL : 0;
    MARK_IF(d->dying == DYING_DYING && d->next, destroy_continued);
    if ( d->dying == DYING_NO )
        begin_destruction(s, dom);

    if ( !FAULT_ON(&s->w, stash_outlives_destroy) )
        stash_drop(s, dom);
    teardown(s, dom);
    rc = relinquish(s, dom);
    if ( rc )
        return rc;

    d->dying = DYING_DEAD;
    MARK_IF(d->owned, destroy_leaves_mapped);
    if ( FAULT_ON(&s->w, destroy_drops_claim_late) )
        s->alloc->claim(s->a, dom, 0);
    if ( d->owned && FAULT_ON(&s->w, destroy_drops_two_references) )
        put_domain(s, dom);
    if ( !FAULT_ON(&s->w, destroy_loses_reference) )
        put_domain(s, dom);

    return 0;
}
