/* SPDX-License-Identifier: MIT */
/*
 * Pages that go out of use, and back. Only those may that Xen has given to a
 * domain of the program since the last reset, and that are free again: they are
 * memory, and none is dom0's unless dom0 got it afterwards, which Xen is asked for
 * each time. The guardian knows of each before it goes.
 *
 * Not here: which calls are refused for it (harmless.c).
 */
#include "internal.h"

#include <errno.h>

void live_note_had(struct live *l, uint64_t frame, uint32_t order)
{
    for ( uint64_t i = 0; i < UINT64_C(1) << order; i++ )
    {
        int id = frames_id(&l->frames, frame + i);

        if ( id < 0 )
            return; /* none is left */
        l->had[id] = true;
    }
}

bool live_all_had(const struct live *l, const struct hv_offline *o)
{
    for ( uint64_t frame = o->start; frame <= o->end; frame++ )
    {
        int id = frames_find(&l->frames, frame);

        if ( id < 0 || !l->had[id] )
            return false;
    }

    return true;
}

static bool any_of(struct live *l, uint16_t domid, const struct hv_offline *o)
{
    for ( uint64_t frame = o->start; frame <= o->end; frame++ )
        if ( calls_owns(&l->calls, domid, frame) )
            return true;

    return false;
}

bool live_any_dom0s(struct live *l, const struct hv_offline *o)
{
    /* If it is no PV domain, it cannot be asked for. */
    return l->dom0_translated || any_of(l, 0, o);
}

bool live_any_owned(struct live *l, const struct hv_offline *o)
{
    for ( uint16_t d = 1; d < HV_DOMS_MAX; d++ )
        if ( *live_domids(l) >> d & 1 && any_of(l, d, o) )
            return true;

    return false;
}

void live_note_offline(struct live *l, const struct hv_offline *o)
{
    if ( o->action != sysctl_page_offline || !live_all_had(l, o) )
        return;
    for ( uint64_t frame = o->start; frame <= o->end; frame++ )
        if ( !guardian_note_frame(&l->guardian, frame) )
            calls_failed("more pages out of use than have a number", -ENOSPC);
}

void live_bring_back(struct live *l)
{
    struct guarded *g = l->guardian.guarded;

    calls_bring_back(&l->calls, g->frame, g->nr_frames);
    __atomic_store_n(&g->nr_frames, 0, __ATOMIC_RELEASE);
}
