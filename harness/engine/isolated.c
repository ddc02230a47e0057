/* SPDX-License-Identifier: MIT */
/* A run in a process of its own; see engine_run_isolated(). */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "engine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the two processes share. */
struct shared
{
    bool done;
    struct run_result result;
};

/* The run, in the child. A timer that watches for hangs is not inherited. */
static _Noreturn void run_here(struct engine *e, const struct run_spec *spec,
                               struct shared *shared,
                               const struct itimerval *timer)
{
    setitimer(ITIMER_PROF, timer, NULL);
    e->o = (struct engine_options){ .hash_state = e->o.hash_state };
    engine_run(e, spec, &shared->result);
    shared->done = true;
    _exit(0);
}

/* A signal that asks this process to stop does not end the wait. */
static int wait_for(pid_t child)
{
    int status = 0;

    while ( waitpid(child, &status, 0) < 0 && errno == EINTR )
        ;

    return status;
}

/* It ended without a result. */
static void ended(struct run_result *r, int status)
{
    memset(r, 0, sizeof(*r));
    r->outcome = RUN_VIOLATION;
    r->crash = true;
    if ( WIFSIGNALED(status) )
        snprintf(r->signature, sizeof(r->signature), "SIGNAL-%d/end",
                 WTERMSIG(status));
    else
        snprintf(r->signature, sizeof(r->signature), "EXIT-%d/end",
                 WEXITSTATUS(status));
    snprintf(r->detail, sizeof(r->detail), "the process ended");
}

static void take_result(struct run_result *r, const struct shared *shared,
                        int status)
{
    if ( shared->done )
        *r = shared->result;
    else
        ended(r, status);
}

void engine_run_isolated(struct engine *e, const struct run_spec *spec,
                         struct run_result *r)
{
    struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct itimerval timer;
    pid_t child;

    /* Without a second process it is run here. */
    getitimer(ITIMER_PROF, &timer);
    child = shared == MAP_FAILED ? -1 : fork();
    if ( !child )
        run_here(e, spec, shared, &timer);
    if ( child < 0 )
        engine_run(e, spec, r);
    else
        take_result(r, shared, wait_for(child));
    if ( shared != MAP_FAILED )
        munmap(shared, sizeof(*shared));
}
