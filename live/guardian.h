/* SPDX-License-Identifier: MIT */
/*
 * A process that outlives this one and destroys the domains it made: also
 * after a crash, an abort or SIGKILL, which no signal handler sees. Mappings
 * need no guardian: they go with the process.
 */
#ifndef CLAIMCHECK_LIVE_GUARDIAN_H
#define CLAIMCHECK_LIVE_GUARDIAN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct guardian
{
    uint32_t *domids; /* shared: bit n: domain n is to be destroyed */
    int alive;        /* a pipe's end that is open while this process lives */
    pid_t pid;
};

/* false: errno tells. */
bool guardian_start(struct guardian *g);

/* Nothing is left to do: lets it go and waits for its end. */
void guardian_stop(struct guardian *g);

#endif /* CLAIMCHECK_LIVE_GUARDIAN_H */
