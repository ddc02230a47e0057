/* SPDX-License-Identifier: MIT */
/* Signals that ask the program to end; see stop.h. */
#include "stop.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

/* A reader that is gone: the exit code says that the output was lost. */
#define BY_ITSELF SIGPIPE

static const struct
{
    int number;
    const char *name, *clause;
} signals[] = {
#define ROW(signal)                                                           \
    {                                                                         \
        signal, #signal, ", stopped by " #signal                              \
    }
    ROW(SIGINT),
    ROW(SIGTERM),
    ROW(SIGHUP),
    ROW(SIGPIPE),
#undef ROW
};

#define NR (sizeof(signals) / sizeof(signals[0]))
/* Highest signal number above. */
#define SIGNAL_MAX 32
#define EXIT_BY_SIGNAL 128 /* plus its number, as shells have it */

/* State outside of a run, since signal handlers get no argument: it is about
 * the process. */
static struct
{
    volatile sig_atomic_t signal, heeded;
    bool watching;
    struct sigaction old[SIGNAL_MAX];
} stop;

static void hand_over(int sig, siginfo_t *info, void *context)
{
    const struct sigaction *old = &stop.old[sig];

    if ( old->sa_flags & SA_SIGINFO )
        old->sa_sigaction(sig, info, context);
    else if ( old->sa_handler != SIG_DFL && old->sa_handler != SIG_IGN )
        old->sa_handler(sig);
    else
    {
        sigset_t mask;

        /* Blocked while its handler runs. */
        sigemptyset(&mask);
        sigaddset(&mask, sig);
        signal(sig, SIG_DFL);
        raise(sig);
        sigprocmask(SIG_UNBLOCK, &mask, NULL);
    }
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
    bool second = stop.signal && stop.signal != BY_ITSELF;

    if ( second && sig != BY_ITSELF )
        hand_over(sig, info, context);
    if ( !second )
        stop.signal = sig;
}

void stop_watch(void)
{
    struct sigaction action;

    if ( stop.watching )
        return;
    stop.watching = true;
    memset(&action, 0, sizeof(action));
    action.sa_sigaction = on_signal;
    /* No SA_RESTART: a read from a terminal, or of a pipe, ends. */
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    for ( size_t i = 0; i < NR; i++ )
    {
        struct sigaction *old = &stop.old[signals[i].number];

        sigaction(signals[i].number, NULL, old);
        if ( old->sa_flags & SA_SIGINFO || old->sa_handler != SIG_IGN )
            sigaction(signals[i].number, &action, NULL);
    }
}

bool stop_requested(void)
{
    if ( !stop.signal )
        return false;
    stop.heeded = true;

    return true;
}

bool stop_heeded(void)
{
    return stop.heeded;
}

int stop_code(void)
{
    return stop.heeded ? EXIT_BY_SIGNAL + stop.signal : 0;
}

/* The row of the signal that came; any, if none did. */
static size_t row(void)
{
    size_t i = NR - 1;

    while ( i && signals[i].number != stop.signal )
        i--;

    return i;
}

const char *stop_name(void)
{
    return signals[row()].name;
}

const char *stop_clause(void)
{
    return stop.heeded ? signals[row()].clause : "";
}

void stop_hand_over(void)
{
    int sig = stop.signal;

    stop.signal = 0;
    hand_over(sig, NULL, NULL);
}
