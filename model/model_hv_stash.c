/* SPDX-License-Identifier: MIT */
/*
 * The model as a hypervisor: where a populate is left unfinished, and which frames
 * are put aside for a domain then (rules 3.3 f, 3.18).
 *
 * Not here: the frames themselves (model_hv_frames.c).
 */
#include "internal.h"
#include "model_hv.h"
#include "reserve.h"

#include <assert.h>

/* Blocks of this order, and larger ones, are stopped inside, where pages are
 * dirty: as the stub has it. */
#define STASH_ORDER 2

bool model_hv_leaves(const struct model_hv *s, const struct hv_call *call,
                     const struct prediction *p, uint64_t *extents,
                     bool *stash)
{
    uint64_t done;
    struct resv r;
    bool passed, inside;

    passed = resv_passed(&s->m, call, p, &r);
    assert(passed && reserve_may_stop(call)); /* no rule stops others */
    (void)passed;
    inside = !reserve_on_demand(&r) &&
             reserve_may_stash(&s->m, r.slot, r.order) &&
             r.order >= STASH_ORDER && s->wrote &&
             !reserve_takes_stash(&s->m, &r);
    *stash = inside && !model_dying(&s->m, r.slot);
    *extents = r.start;
    if ( inside )
        return true;
    /* Each invocation does as many extents as it is asked about. */
    done = (uint64_t)call->preempt * call->stop;
    *extents += done;

    return *extents < r.nr && p->hi >= 0 && *extents <= (uint64_t)p->hi;
}

/* What is put aside for a domain is not any more. */
static void forget(struct model_hv *s, int slot, bool freed)
{
    model_hv_mark(s, s->stash[slot], s->stash_pages[slot], false, freed);
    s->aside &= ~(UINT32_C(1) << slot);
    s->moved = true;
}

void model_hv_put_aside(struct model_hv *s, int slot, uint64_t frame,
                        uint32_t order)
{
    /* What was there is free (model_hv_free_stash()), or would be taken. */
    assert(!(s->aside >> slot & 1));
    s->aside |= UINT32_C(1) << slot;
    s->moved = true;
    s->stash[slot] = frame;
    s->stash_pages[slot] = UINT32_C(1) << order;
    model_hv_mark(s, frame, s->stash_pages[slot], true, false);
}

void model_hv_free_stash(struct model_hv *s, const struct hv_call *call,
                         const struct prediction *p)
{
    struct resv r;

    if ( model_hv_allocates(call) && resv_passed(&s->m, call, p, &r) &&
         reserve_frees_stash(&s->m, &r) )
        forget(s, r.slot, true);
}

void model_hv_forget_stash(struct model_hv *s)
{
    for ( int slot = 0; slot < HV_DOMS_MAX; slot++ )
        if ( s->aside >> slot & 1 && !s->m.counters.dom[slot].stash )
            forget(s, slot, false);
}
