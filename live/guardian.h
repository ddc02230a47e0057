/* SPDX-License-Identifier: MIT */
/*
 * A process that outlives this one, destroys the domains that it made and
 * brings the pages back into use that it took out of it, even after SIGKILL,
 * which no signal handler sees. Mappings need no guardian: they end with the
 * process.
 */
#ifndef CLAIMCHECK_LIVE_GUARDIAN_H
#define CLAIMCHECK_LIVE_GUARDIAN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Pages that a program takes out of use: each has a number (frames.h). */
#define GUARDED_FRAMES_MAX 1024

/* Shared with the guardian. */
struct guarded
{
    uint32_t domids;    /* bit n: domain n is to be destroyed               */
    uint32_t nr_frames; /* frames that may be out of use, or may be to go   */
    uint64_t frame[GUARDED_FRAMES_MAX];
};

struct guardian
{
    struct guarded *guarded;
    int alive; /* a pipe's end that is open while this process lives */
    pid_t pid;
};

/* false: see errno. */
bool guardian_start(struct guardian *g);

/* A frame is about to go out of use. false: there is no room for one more. */
bool guardian_note_frame(struct guardian *g, uint64_t frame);

/* Nothing is left to do: ends the guardian and waits for it. */
void guardian_stop(struct guardian *g);

#endif /* CLAIMCHECK_LIVE_GUARDIAN_H */
