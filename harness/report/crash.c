/* SPDX-License-Identifier: MIT */
/*
 * Signal and sanitizer hooks; see crash.h. Handlers print with stdio, which is
 * not safe in a signal handler in general: the process is lost anyway, and a
 * second fault ends it by the default action.
 */
#include "crash.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/report/report.h"

static const int fatal_signals[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE,
                                     SIGILL };
static const int stop_signals[] = { SIGINT, SIGTERM };

#define NR(a) (sizeof(a) / sizeof((a)[0]))
/* Highest signal number above. */
#define SIGNAL_MAX 32

/* The one piece of state outside struct engine: signal handlers get no
 * argument. It is about the process, not about a run. */
static struct
{
    const struct engine *engine;
    const struct report_hints *hints;
    struct sigaction old[SIGNAL_MAX];
    volatile sig_atomic_t reported, stop_signal;
} watch;

void crash_reported(void)
{
    watch.reported = 1;
}

bool crash_stop_requested(void)
{
    return watch.stop_signal;
}

static void report_once(const char *what)
{
    if ( watch.reported || !watch.engine )
        return;
    watch.reported = 1;
    report_crash(stderr, watch.engine, what, watch.hints);
    fflush(stderr);
}

/* Hand over to the handler that was there before us. */
static void chain(int sig, siginfo_t *info, void *context)
{
    const struct sigaction *old = &watch.old[sig];

    if ( old->sa_flags & SA_SIGINFO )
        old->sa_sigaction(sig, info, context);
    else if ( old->sa_handler != SIG_DFL && old->sa_handler != SIG_IGN )
        old->sa_handler(sig);
    else
    {
        signal(sig, SIG_DFL);
        raise(sig);
    }
}

static void on_fatal(int sig, siginfo_t *info, void *context)
{
    char what[32];

    snprintf(what, sizeof(what), "SIGNAL-%d", sig);
    report_once(what);
    chain(sig, info, context);
}

static void on_stop(int sig, siginfo_t *info, void *context)
{
    (void)info;
    (void)context;
    watch.stop_signal = sig;
}

void crash_stop_now(void)
{
    int sig = watch.stop_signal;

    watch.stop_signal = 0;
    chain(sig, NULL, NULL);
}

static void install(int sig, void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction action;

    memset(&action, 0, sizeof(action));
    action.sa_sigaction = handler;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    sigaction(sig, &action, &watch.old[sig]);
}

/*
 * ASan calls this with its report. Only where ASan is in: OSS-Fuzz takes any
 * mention of it in a build with another sanitizer for a mix, and rejects it.
 */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN 1
#endif

#ifdef HAVE_ASAN
void __asan_set_error_report_callback(void (*callback)(const char *));

static void on_asan(const char *text)
{
    (void)text;
    report_once("ASAN");
}
#endif

/* LeakSanitizer asks for suppressions. glibc's buffer of CPU sets, which the
 * sanitizers ask for at their start, was called a leak of ours once in some
 * hundred starts. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:pthread_getattr_np\n";
}

/* UBSan calls this before it stops at its first finding. */
void __ubsan_on_report(void);
void __ubsan_on_report(void)
{
    report_once("UBSAN");
}

void crash_watch(const struct engine *e, struct report_hints *hints)
{
    if ( watch.engine )
        return;
    watch.engine = e;
    watch.hints = hints;
    for ( unsigned int i = 0; i < NR(fatal_signals); i++ )
        install(fatal_signals[i], on_fatal);
    for ( unsigned int i = 0; i < NR(stop_signals); i++ )
        install(stop_signals[i], on_stop);
#ifdef HAVE_ASAN
    __asan_set_error_report_callback(on_asan);
#endif
}
