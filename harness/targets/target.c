/* SPDX-License-Identifier: MIT */
/* The common part of the fuzz targets; see target.h. */
#include "target.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "harness/open/open.h"
#include "harness/probe/probe.h"
#include "harness/program/quote.h"
#include "harness/report/report.h"
#include "harness/engine/stats.h"
#include "harness/report/crash.h"
#include "harness/stop/stop.h"
#include "frames.h"
#include "masked.h"
#include "saved.h"

/*
 * Lines of statistics are written while a process runs, so that the counts of
 * one that is killed (AFL++ ends all of its own so) are known to nearly the
 * end: each after a tenth of the time so far, within these limits. The clock is
 * looked at once in so many inputs.
 */
#define STATS_LOOK 1024
#define STATS_SECONDS_MIN 1
#define STATS_SECONDS_MAX 10
/* More than a line has (5 KiB), for it to be one write: several processes may
 * append to one file. */
#define STATS_BUFFER (32 * 1024)

#define CLI "build/release/claimcheck"
#define PATH_BYTES 4096

/*
 * What a run does before its first step depends on the runs before it: the stub
 * keeps images of the hosts it booted lately. An engine would take that for an
 * input that behaves differently each time, so it is not let see: AFL++'s
 * compiler can switch its counting off, clang's counters are cleared.
 */
#if defined(__AFL_COVERAGE)
__AFL_COVERAGE();
#define QUIET_BEGIN() __AFL_COVERAGE_OFF()
#define QUIET_END() __AFL_COVERAGE_ON()
#else
/* The linker's names for the section; not there without an engine. */
extern uint8_t __start___sancov_cntrs[] __attribute__((weak));
extern uint8_t __stop___sancov_cntrs[] __attribute__((weak));
#define QUIET_BEGIN() ((void)0)
#define QUIET_END() clear_counters()

static void clear_counters(void)
{
    if ( __start___sancov_cntrs )
        memset(__start___sancov_cntrs, 0,
               (size_t)(__stop___sancov_cntrs - __start___sancov_cntrs));
}
#endif

/* A fuzz target is called with nothing but bytes, so what outlives an input
 * stands here. Every input starts from a reset host (tests/ check it). */
static struct
{
    const char *name;
    unsigned int kinds; /* of records that are run: 1 << enum program_kind */
    int release;        /* pinned, or -1 */
    uint32_t releases;  /* RELEASE_BIT of those that h follows */
    enum tolerance tolerance;
    bool want_hash;
    bool taken; /* the last input was of a kind that is run here */
    uint64_t inputs;
    time_t started, stats_due; /* seconds */
    struct report_hints hints;
    struct hypervisor h;
    struct engine *engine;
    struct stats stats;
    struct program program;
    const uint8_t *input; /* under way */
    size_t length;
    struct run_spec spec; /* of the last input */
    struct run_result result;
} target;

static _Noreturn void usage(const char *what, const char *value,
                            const char *wrong)
{
    fprintf(stderr, "%s: %s=%s: %s\n", target.name, what, value, wrong);
    _Exit(2);
}

static void write_stats(void)
{
    const char *path = getenv("CLAIMCHECK_STATS");
    static char buffer[STATS_BUFFER];
    FILE *f;

    if ( !path || !*path )
        return;
    f = fopen(path, "a");
    if ( f )
    {
        setvbuf(f, buffer, _IOFBF, sizeof(buffer));
        stats_json(f, &target.stats, target.name, (long)getpid(), masked_json);
    }
    if ( !f || fclose(f) )
        fprintf(stderr, "%s: CLAIMCHECK_STATS=%s: %s\n", target.name, path,
                strerror(errno));
}

static time_t seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static void write_stats_if_due(void)
{
    time_t now, wait;

    if ( ++target.inputs % STATS_LOOK )
        return;
    now = seconds_now();
    if ( now < target.stats_due )
        return;
    write_stats();
    wait = (now - target.started) / 10;
    if ( wait < STATS_SECONDS_MIN )
        wait = STATS_SECONDS_MIN;
    target.stats_due = now +
                       (wait < STATS_SECONDS_MAX ? wait : STATS_SECONDS_MAX);
}

/* A setting of the environment; NULL if it is not set, or empty. */
static const char *setting(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

static void read_environment(struct open_options *open)
{
    const char *release = setting("CLAIMCHECK_RELEASE");
    const char *strict = setting("CLAIMCHECK_STRICT");
    const char *mask = setting("CLAIMCHECK_MASK");

    if ( !masked_read(mask) )
        usage("CLAIMCHECK_MASK", mask, "expected SIGNATURE,SIGNATURE,...");
    target.release = -1;
    if ( release )
    {
        target.release = release_from_name(release);
        if ( target.release < 0 )
            usage("CLAIMCHECK_RELEASE", release,
                  "expected a release as in 4.17");
    }
    open->on = setting("CLAIMCHECK_ON");
    open->fault = setting("CLAIMCHECK_FAULT");
    if ( strict && strcmp(strict, "0") && strcmp(strict, "1") )
        usage("CLAIMCHECK_STRICT", strict, "expected 0 or 1");
    target.tolerance = strict && *strict == '1' ? NO_WEAKNESS
                                                : END_AT_WEAKNESS;
}

/* This program's file. */
static bool find_self(char path[PATH_BYTES])
{
    ssize_t length = readlink("/proc/self/exe", path, PATH_BYTES - 1);

    path[length > 0 ? length : 0] = '\0';

    return strrchr(path, '/');
}

/* The CLI of the same build: it is there, it is as old as this program, and it
 * can load a plug-in with the same sanitizers. */
static const char *cli_beside_us(void)
{
    static char path[PATH_BYTES + sizeof("/claimcheck")];

    if ( !find_self(path) )
        return CLI;
    memcpy(strrchr(path, '/'), "/claimcheck", sizeof("/claimcheck"));

    return access(path, X_OK) ? CLI : path;
}

/* This program, with the settings that it was given, as words of a shell. */
static const char *this_program(void)
{
    static const char *const settings[] = { "CLAIMCHECK_RELEASE",
                                            "CLAIMCHECK_ON",
                                            "CLAIMCHECK_FAULT",
                                            "CLAIMCHECK_STRICT" };
    static char words[4 * PATH_BYTES];
    char path[PATH_BYTES];
    FILE *f = find_self(path) ? fmemopen(words, sizeof(words), "w") : NULL;

    if ( !f )
        return NULL;
    for ( unsigned int i = 0; i < sizeof(settings) / sizeof(settings[0]); i++ )
        if ( setting(settings[i]) )
        {
            fprintf(f, "%s=", settings[i]);
            quote_shell(f, setting(settings[i]));
            fputc(' ', f);
        }
    quote_shell_path(f, path);

    return fclose(f) ? NULL : words;
}

static void note_options(const struct open_options *open)
{
    target.hints.cli = cli_beside_us();
    target.hints.on = open->on;
    target.hints.fault = open->fault;
    target.hints.strict = target.tolerance == NO_WEAKNESS;
    target.hints.any_release = target.release < 0;
    if ( target_takes_text )
        target.hints.program = this_program();
}

/* Commands name the file of the input that is under way; a signal handler calls
 * this, too. */
static void name_input(void)
{
    static char path[PATH_BYTES];

    if ( target.hints.path )
        return;
    if ( !saved_path(path, sizeof(path), target.input, target.length) )
    {
        memcpy(path, "crash-", sizeof("crash-"));
        sha1_text(path + strlen(path), target.input, target.length);
        target.hints.unsaved = target.input;
        target.hints.unsaved_size = target.length;
    }
    target_path(path, true);
}

static void start(const char *name)
{
    struct open_options open = { 0 };
    struct engine_options options = { .stats = &target.stats,
                                      .hash_state = target.want_hash };
    struct probe nearest;
    char why[OPEN_WHY_MAX];

    target.name = name;
    read_environment(&open);
    note_options(&open);
    if ( !open_hypervisor(&target.h, &open, why) )
    {
        if ( open.on && open.fault )
            fprintf(stderr, "%s: with CLAIMCHECK_ON=%s:\n", name, open.on);
        usage(open.fault ? "CLAIMCHECK_FAULT" : "CLAIMCHECK_ON",
              open.fault ? open.fault : open.on, why);
    }
    target.releases = open_releases(&target.h);
    if ( !target.releases )
        target.releases = probe_releases(&target.h, RELEASE_MASK_ALL,
                                         &nearest);
    if ( !target.releases )
        target.releases = RELEASE_BIT(nearest.nearest);
    target.engine = engine_new(&target.h, &options);
    if ( !target.engine )
    {
        fprintf(stderr, "%s: out of memory\n", name);
        _Exit(3);
    }
    crash_watch(target.engine, &target.hints, name_input);
    stop_watch();
    target.started = seconds_now();
    target.stats_due = target.started + STATS_SECONDS_MIN;
    atexit(write_stats);
}

/* After the report. */
static _Noreturn void give_up(const char *signature)
{
    fflush(stderr);
    write_stats();
    crash_reported();
    frames_abort(signature);
}

static _Noreturn void violated(void)
{
    name_input();
    report_violation(stderr, target.engine, &target.spec, &target.result,
                     &target.hints);
    give_up(target.result.signature);
}

void target_forget(void)
{
    QUIET_END();
}

bool target_violated(const char *signature, const char *fmt, ...)
{
    char detail[DETAIL_MAX];
    va_list args;

    if ( masked(signature) )
        return false;
    name_input();
    va_start(args, fmt);
    vsnprintf(detail, sizeof(detail), fmt, args);
    va_end(args);
    fprintf(stderr, "claimcheck: violation: %s\n  %s\n", signature, detail);
    report_next(stderr, NULL, &target.hints);
    give_up(signature);
}

static bool decode(struct program *p, const uint8_t *data, size_t size)
{
    if ( !(target.kinds & (1U << program_bytes_kind(data, size))) )
        return false;
    program_decode(p, data, size, NULL);
    if ( target.release >= 0 )
        p->host.release = (uint8_t)target.release;
    else
        p->host.release = (uint8_t)open_release(target.releases,
                                                (enum release)p->host.release);

    return true;
}

static bool decode_header(struct program *p, const uint8_t *data, size_t size)
{
    return decode(p, data, size < HEADER_BYTES ? size : HEADER_BYTES);
}

bool target_settle(const char *name, target_host_fn *host_of,
                   const uint8_t *data, size_t size)
{
    QUIET_BEGIN();
    target.input = data;
    target.length = size;
    if ( !target.name )
        start(name);
    if ( stop_requested() )
    {
        write_stats();
        stop_hand_over();
    }
    write_stats_if_due();
    memset(&target.result, 0, sizeof(target.result));
    target.taken = host_of(&target.program, data, size);
    /* A host that is not offered is not reset: its run is skipped. */
    if ( target.taken && !engine_missing(&target.h, &target.program) )
        engine_prepare(target.engine, &target.program.host);
    QUIET_END();

    return target.taken;
}

/* Run target.program; its result is target.result. */
static void run(void)
{
    target.spec = *RUN_PROGRAM(&target.program);
    target.spec.tolerance = target.tolerance;
    engine_run(target.engine, &target.spec, &target.result);
    if ( target.h.ops->fault_hits )
        target.stats.fault_runs += target.h.ops->fault_hits(target.h.hv) > 0;
}

int target_run(const char *name, unsigned int kinds, const uint8_t *data,
               size_t size)
{
    target.kinds = kinds;
    if ( !target_settle(name, decode_header, data, size) )
        return 0;

    decode(&target.program, data, size);
    run();
    if ( target.result.outcome == RUN_VIOLATION )
    {
        if ( !masked(target.result.signature) )
            violated();
        /* It would fail wherever nothing is masked. */
        target_forget();
    }

    return 0;
}

uint64_t target_hash(const struct program *p)
{
    target.engine->o.hash_state = true;
    target.program = *p;
    run();

    return target.result.hash;
}

void target_path(const char *path, bool raw)
{
    target.hints.path = path;
    target.hints.any_bytes = raw;
}

const struct run_result *target_result(void)
{
    return target.taken ? &target.result : NULL;
}

void target_want_hash(void)
{
    assert(!target.name);
    target.want_hash = true;
}
