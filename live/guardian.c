/* SPDX-License-Identifier: MIT */
/* The guardian process. Not here: the cleaning up (calls_clean()). */
#define _GNU_SOURCE
#include "guardian.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls.h"

/* Signals that a terminal sends to all its processes: the guardian stays. */
static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };

static _Noreturn void guard(const uint32_t *domids, int alive)
{
    struct live_calls calls;
    unsigned int i;
    ssize_t got;
    char byte;
    int fd;

    for ( i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++ )
        signal(ignored[i], SIG_IGN);
    setsid();
    /* Whoever reads our parent's output must see its end of file. */
    for ( fd = 0; fd < 1024; fd++ )
        if ( fd != alive )
            close(fd);

    do
        got = read(alive, &byte, 1);
    while ( got > 0 || (got < 0 && errno == EINTR) );

    if ( !__atomic_load_n(domids, __ATOMIC_ACQUIRE) )
        _exit(0);
    if ( !calls_open(&calls) || calls_probe(&calls) < 0 )
        _exit(1);
    _exit(calls_clean(&calls, __atomic_load_n(domids, __ATOMIC_ACQUIRE)) != 0);
}

bool guardian_start(struct guardian *g)
{
    int ends[2];

    g->domids = mmap(NULL, sizeof(*g->domids), PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if ( g->domids == MAP_FAILED )
        return false;
    if ( pipe2(ends, O_CLOEXEC) )
        goto unmap;

    g->pid = fork();
    if ( g->pid == 0 )
        guard(g->domids, ends[0]);
    close(ends[0]);
    if ( g->pid < 0 )
    {
        close(ends[1]);
        goto unmap;
    }
    g->alive = ends[1];

    return true;

unmap:
    munmap(g->domids, sizeof(*g->domids));
    return false;
}

void guardian_stop(struct guardian *g)
{
    int status = 0;

    close(g->alive);
    while ( waitpid(g->pid, &status, 0) < 0 && errno == EINTR )
        continue;
    munmap(g->domids, sizeof(*g->domids));
    if ( status )
        calls_failed("the guardian could not clean up", -EIO);
}
