/* SPDX-License-Identifier: MIT */
/* Numbers for frames. Not here: who owns a frame. */
#include "frames.h"

_Static_assert((FRAMES_SLOTS & (FRAMES_SLOTS - 1)) == 0, "masked below");
_Static_assert(LIVE_FRAMES_MAX < UINT16_MAX, "ids fit a slot");

/* The slot that holds a frame, or the empty one where it belongs. */
static uint32_t find(const struct frames *f, uint64_t frame)
{
    /* Frames are mostly neighbours: multiply, and take the high bits. */
    uint32_t s = (uint32_t)((frame * UINT64_C(0x9e3779b97f4a7c15)) >> 40);

    for ( s &= FRAMES_SLOTS - 1; f->slot[s]; s = (s + 1) & (FRAMES_SLOTS - 1) )
        if ( f->frame[f->slot[s] - 1] == frame )
            break;

    return s;
}

int frames_id(struct frames *f, uint64_t frame)
{
    uint32_t s = find(f, frame);

    if ( !f->slot[s] )
    {
        if ( f->nr == LIVE_FRAMES_MAX )
            return -1;
        f->frame[f->nr] = frame;
        f->slot[s] = (uint16_t)++f->nr;
    }

    return f->slot[s] - 1;
}

int frames_find(const struct frames *f, uint64_t frame)
{
    return (int)f->slot[find(f, frame)] - 1;
}

void frames_forget(struct frames *f)
{
    /* Newest first: a frame's probe path holds only older ones. */
    while ( f->nr )
    {
        uint32_t s = find(f, f->frame[f->nr - 1]);

        f->slot[s] = 0;
        f->nr--;
    }
}
