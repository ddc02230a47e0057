/* SPDX-License-Identifier: MIT */
/*
 * Signal and sanitizer hooks; see crash.h. Handlers print with stdio, which is
 * not safe in a signal handler in general: the process is lost anyway, and a
 * second fault ends it by the default action.
 */
#include "crash.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "harness/report/report.h"
#include "place.h"

static const int fatal_signals[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE,
                                     SIGILL };

#define NR(a) (sizeof(a) / sizeof((a)[0]))
/* Highest signal number above. */
#define SIGNAL_MAX 32

struct watched
{
    struct engine *engine; /* NULL: a free place                            */
    const struct report_hints *hints;
    void (*before)(void);
    bool recover;      /* crashes of its implementation end the run         */
    uint64_t calls;    /* that it had made when it was looked at last       */
    unsigned int idle; /* times that it had made none since                 */
};

/* The one piece of state outside struct engine: signal handlers get no
 * argument. It is about the process, not about a run. */
static struct
{
    struct watched of[CRASH_ENGINES_MAX];
    bool installed; /* handlers, for good */
    struct sigaction old[SIGNAL_MAX];
    volatile sig_atomic_t reported;
} watch;

/* The place of an engine; of NULL: a free one. */
static struct watched *place_of(const struct engine *e)
{
    for ( unsigned int i = 0; i < CRASH_ENGINES_MAX; i++ )
        if ( watch.of[i].engine == e )
            return &watch.of[i];

    return NULL;
}

/* The one that runs, for they take turns; else the first, which has run. */
static const struct watched *under_way(void)
{
    const struct watched *first = NULL;

    for ( unsigned int i = CRASH_ENGINES_MAX; i--; )
    {
        const struct watched *w = &watch.of[i];

        if ( w->engine && w->engine->running )
            return w;
        if ( w->engine )
            first = w;
    }

    return first;
}

void crash_reported(void)
{
    watch.reported = 1;
    if ( watch.installed )
        sigaction(SIGABRT, &watch.old[SIGABRT], NULL);
}

static void report_once(const char *what, const char *place)
{
    const struct watched *w = under_way();

    if ( watch.reported || !w )
        return;
    watch.reported = 1;
    if ( w->before )
        w->before();
    report_crash(stderr, w->engine, what, place, w->hints);
    fflush(stderr);
}

/*
 * Hand over to the handler that was there before us. A fault comes again when we
 * return, and then that handler finds a stack without us; abort() would not ask
 * twice.
 */
static void chain(int sig, siginfo_t *info, void *context)
{
    const struct sigaction *old = &watch.old[sig];

    if ( sig != SIGABRT && info->si_code > 0 )
        sigaction(sig, old, NULL);
    else if ( old->sa_flags & SA_SIGINFO )
        old->sa_sigaction(sig, info, context);
    else if ( old->sa_handler != SIG_DFL && old->sa_handler != SIG_IGN )
        old->sa_handler(sig);
    else
    {
        signal(sig, SIG_DFL);
        raise(sig);
    }
}

/* ---- crashes of an implementation ---- */

static const char *signal_name(int sig, char space[32])
{
    switch ( sig )
    {
    case SIGABRT: return "SIGABRT";
    case SIGSEGV: return "SIGSEGV";
    case SIGBUS: return "SIGBUS";
    case SIGFPE: return "SIGFPE";
    case SIGILL: return "SIGILL";
    default: snprintf(space, 32, "SIGNAL-%d", sig); return space;
    }
}

/* End the run if it is the implementation that was stopped here: the call under
 * way is its own, or the place lies in a plug-in. */
static void recover(const char *id, const void *context)
{
    const struct watched *w = under_way();
    char place[DETAIL_MAX];
    bool plugin;

    if ( !w || !w->recover || !w->engine->running )
        return;
    plugin = place_find(&w->engine->h, context, place, sizeof(place));
    if ( plugin || w->engine->in_window )
        engine_crashed(w->engine, id, place);
}

/* After so much of the process's own time, again and again. Whoever is slow may
 * be: the longest call there is takes less than a thousandth of it. */
#define LOOK_MICROSECONDS 250000
#define LOOKS_IDLE 4

static void look(struct watched *w, const void *context)
{
    const struct engine *e = w->engine;

    if ( !e || !w->recover )
        return;
    if ( !e->running || e->calls != w->calls )
        w->idle = 0;
    w->calls = e->calls;
    if ( e->running && ++w->idle > LOOKS_IDLE )
    {
        w->idle = 0;
        recover("HANG", context);
    }
}

static void on_look(int sig, siginfo_t *info, void *context)
{
    (void)sig;
    (void)info;
    for ( unsigned int i = 0; i < CRASH_ENGINES_MAX; i++ )
        look(&watch.of[i], context);
}

static void on_fatal(int sig, siginfo_t *info, void *context)
{
    char space[32], place[DETAIL_MAX] = "";
    const char *what = signal_name(sig, space);
    const struct watched *w = under_way();

    recover(what, context);
    if ( w )
        place_find(&w->engine->h, context, place, sizeof(place));
    report_once(what, place);
    chain(sig, info, context);
}

static void install(int sig, void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction action;

    memset(&action, 0, sizeof(action));
    action.sa_sigaction = handler;
    /* A handler may be left by a jump: then it must not stay blocked. */
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART;
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
    report_once("ASAN", "");
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
    report_once("UBSAN", "");
}

void crash_watch(struct engine *e, struct report_hints *hints,
                 void (*before)(void))
{
    struct watched *w = place_of(NULL);

    assert(w);
    *w = (struct watched){ .engine = e, .hints = hints, .before = before };
    if ( watch.installed )
        return;
    watch.installed = true;
    place_prepare();
    for ( unsigned int i = 0; i < NR(fatal_signals); i++ )
        install(fatal_signals[i], on_fatal);
#ifdef HAVE_ASAN
    __asan_set_error_report_callback(on_asan);
#endif
}

/* For an implementation that overflows the stack; a sanitizer has its own. */
static void alternate_stack(void)
{
    static char space[1 << 16];
    stack_t stack;

    if ( !sigaltstack(NULL, &stack) && !(stack.ss_flags & SS_DISABLE) )
        return;
    memset(&stack, 0, sizeof(stack));
    stack.ss_sp = space;
    stack.ss_size = sizeof(space);
    sigaltstack(&stack, NULL);
}

void crash_recover(const struct engine *e)
{
    const struct timeval every = { .tv_usec = LOOK_MICROSECONDS };
    const struct itimerval timer = { every, every };

    alternate_stack();
    place_of(e)->recover = true;
    install(SIGPROF, on_look);
    setitimer(ITIMER_PROF, &timer, NULL);
}

void crash_forget(const struct engine *e)
{
    const struct itimerval never = { { 0, 0 }, { 0, 0 } };
    bool any = false;

    place_of(e)->engine = NULL;
    for ( unsigned int i = 0; i < CRASH_ENGINES_MAX; i++ )
        any |= watch.of[i].engine != NULL;
    if ( !any )
        setitimer(ITIMER_PROF, &never, NULL);
}
