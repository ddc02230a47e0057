/* SPDX-License-Identifier: MIT */
/*
 * A process that outlives this one and destroys the domains that it made, even
 * after SIGKILL, which no signal handler sees. Mappings need no guardian: they
 * end with the process.
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

/* false: see errno. */
bool guardian_start(struct guardian *g);

/* Nothing is left to do: ends the guardian and waits for it. */
void guardian_stop(struct guardian *g);

#endif /* CLAIMCHECK_LIVE_GUARDIAN_H */
