/* SPDX-License-Identifier: MIT */
/*
 * The preview of a program that changes: carried out up to one place after
 * another, it goes on from the nearest state before the place that the program
 * still reaches. The result is that of carrying it out from the start.
 *
 * Not here: what changes a program (harness/mutate).
 */
#ifndef CLAIMCHECK_REPLAY_H
#define CLAIMCHECK_REPLAY_H

#include "preview.h"

/* A state is kept after every so many operations. Keeping one costs a fifth of an
 * operation; with twice as many of them mutation would be 1 % cheaper. */
#define REPLAY_STRIDE 8
#define REPLAY_STATES (PROGRAM_OPS_MAX / REPLAY_STRIDE)
/* The preview is in no state that the program reaches. */
#define REPLAY_NOWHERE UINT32_MAX

/* Large: some 200 KiB, of which it touches what the host's pages need. */
struct replay
{
    uint32_t at;   /* operations that the preview has carried out */
    uint32_t kept; /* a bit for each state that the program still reaches */
    bool last; /* nobody goes back any more: keep no further ones         */
    struct preview preview;
    struct preview_state state[REPLAY_STATES];
};

/* Of another program, or on another host. */
static inline void replay_start(struct replay *r)
{
    r->at = REPLAY_NOWHERE;
    r->kept = 0;
    r->last = false;
}

/* The program changes: its host and its first operations stay. */
static inline void replay_keep(struct replay *r, uint32_t ops)
{
    r->kept &= (UINT32_C(2) << ops / REPLAY_STRIDE) - 1;
    if ( r->at > ops )
        r->at = REPLAY_NOWHERE;
}

/* Carry out the first at operations of p. */
void replay_go(struct replay *r, const struct program *p, uint32_t at);

/* One more, which is or will be p's next one. */
void replay_step(struct replay *r, const struct op *op);

#endif /* CLAIMCHECK_REPLAY_H */
