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

static _Noreturn void guard(const struct guarded *guarded, int alive)
{
    struct live_calls calls;
    uint32_t domids, nr, left = 0;
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

    domids = __atomic_load_n(&guarded->domids, __ATOMIC_ACQUIRE);
    nr = __atomic_load_n(&guarded->nr_frames, __ATOMIC_ACQUIRE);
    if ( !domids && !nr )
        _exit(0);
    if ( !calls_open(&calls) || calls_probe(&calls) < 0 )
        _exit(1);
    if ( domids )
        left = calls_clean(&calls, domids);
    calls_bring_back(&calls, guarded->frame, nr);
    _exit(left != 0);
}

bool guardian_note_frame(struct guardian *g, uint64_t frame)
{
    uint32_t nr = g->guarded->nr_frames;

    for ( uint32_t i = 0; i < nr; i++ )
        if ( g->guarded->frame[i] == frame )
            return true;
    if ( nr == GUARDED_FRAMES_MAX )
        return false;
    g->guarded->frame[nr] = frame;
    __atomic_store_n(&g->guarded->nr_frames, nr + 1, __ATOMIC_RELEASE);

    return true;
}

bool guardian_start(struct guardian *g)
{
    int ends[2];

    g->guarded = mmap(NULL, sizeof(*g->guarded), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if ( g->guarded == MAP_FAILED )
        return false;
    if ( pipe2(ends, O_CLOEXEC) )
        goto unmap;

    g->pid = fork();
    if ( g->pid == 0 )
        guard(g->guarded, ends[0]);
    close(ends[0]);
    if ( g->pid < 0 )
    {
        close(ends[1]);
        goto unmap;
    }
    g->alive = ends[1];

    return true;

unmap:
    munmap(g->guarded, sizeof(*g->guarded));
    return false;
}

void guardian_stop(struct guardian *g)
{
    int status = 0;

    close(g->alive);
    while ( waitpid(g->pid, &status, 0) < 0 && errno == EINTR )
        continue;
    munmap(g->guarded, sizeof(*g->guarded));
    if ( status )
        calls_failed("the guardian could not clean up", -EIO);
}
