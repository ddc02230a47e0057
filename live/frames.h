/* SPDX-License-Identifier: MIT */
/*
 * Frame numbers seen since the last reset, numbered from 0 in the order of
 * their first appearance. Flat; a reset costs as much as there are numbers.
 */
#ifndef CLAIMCHECK_LIVE_FRAMES_H
#define CLAIMCHECK_LIVE_FRAMES_H

#include <stdint.h>

#include "hypervisor/hypervisor.h"

/* Frames that can have a number: more than most programs name, and each costs a
 * little at every reset. */
#define LIVE_FRAMES_MAX 1024
/* Slots of the hash table: a power of two, at most a quarter full. */
#define FRAMES_SLOTS (4 * LIVE_FRAMES_MAX)

struct frames
{
    uint32_t nr;
    uint64_t frame[LIVE_FRAMES_MAX]; /* by id */
    uint16_t slot[FRAMES_SLOTS];     /* id + 1, 0: empty */
};

/* The number of a frame, a new one if it has none; -1: LIVE_FRAMES_MAX frames
 * have one already. */
int frames_id(struct frames *f, uint64_t frame);
/* The number of a frame; -1: it has none. */
int frames_find(const struct frames *f, uint64_t frame);
void frames_forget(struct frames *f);

#endif /* CLAIMCHECK_LIVE_FRAMES_H */
