/* SPDX-License-Identifier: MIT */
/* The common part of the fuzz targets; see target.h. */
#include "target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../stub/stub.h"
#include "../engine/report.h"
#include "../engine/stats.h"
#include "crash.h"

/* Runs between two lines of statistics: about every ten seconds, so that the
 * counts of a process that is killed are known to that point. */
#define STATS_EVERY (UINT64_C(1) << 19)

#define CLI "build/release/claimcheck"

/* A fuzz target is called with nothing but bytes, so what outlives an input
 * stands here. Every input starts from a reset host (tests/ check it). */
static struct
{
    const char *name;
    int release; /* pinned, or -1 */
    bool want_hash;
    char flags[128]; /* what replaying needs besides the file */
    struct report_hints hints;
    struct hypervisor h;
    struct engine engine;
    struct stats stats;
    struct program program;
    struct run_result result;
} target;

static _Noreturn void usage(const char *what, const char *value,
                            const char *expected)
{
    fprintf(stderr, "%s: %s=%s: expected %s\n", target.name, what, value,
            expected);
    _Exit(2);
}

static void write_stats(void)
{
    const char *path = getenv("CLAIMCHECK_STATS");
    FILE *f;

    if ( !path || !*path )
        return;
    f = fopen(path, "a");
    if ( f )
        stats_json(f, &target.stats, target.name, (long)getpid());
    if ( !f || fclose(f) )
        fprintf(stderr, "%s: CLAIMCHECK_STATS=%s: %s\n", target.name, path,
                strerror(errno));
}

static void read_environment(struct stub_options *stub,
                             struct engine_options *engine)
{
    const char *release = getenv("CLAIMCHECK_RELEASE");
    const char *strict = getenv("CLAIMCHECK_STRICT");

    target.release = -1;
    if ( release && *release )
    {
        target.release = release_from_name(release);
        if ( target.release < 0 )
            usage("CLAIMCHECK_RELEASE", release, "a release as in 4.17");
    }
    stub->fault = getenv("CLAIMCHECK_FAULT");
    if ( stub->fault && !*stub->fault )
        stub->fault = NULL;
    if ( strict && *strict && strcmp(strict, "0") && strcmp(strict, "1") )
        usage("CLAIMCHECK_STRICT", strict, "0 or 1");
    engine->strict = strict && *strict == '1';
}

static void note_flags(const struct stub_options *stub,
                       const struct engine_options *engine)
{
    snprintf(target.flags, sizeof(target.flags), "%s%s%s%s%s --raw",
             target.release >= 0 ? " --release " : "",
             target.release >= 0 ? release_name(target.release) : "",
             stub->fault ? " --fault " : "", stub->fault ? stub->fault : "",
             engine->strict ? " --strict" : "");
    /* The engine saves the input, we do not know where. */
    target.hints.cli = CLI;
    target.hints.flags = target.flags;
    if ( !target.hints.path )
        target.hints.path = "INPUT";
}

static void start(const char *name)
{
    struct stub_options stub = { 0 };
    struct engine_options options = { .stats = &target.stats,
                                      .hash_state = target.want_hash };
    const char *why = "out of memory";

    target.name = name;
    read_environment(&stub, &options);
    note_flags(&stub, &options);
    if ( !stub_open(&target.h, &stub, &why) )
        usage("CLAIMCHECK_FAULT", stub.fault ? stub.fault : "", why);
    engine_init(&target.engine, &target.h, &options);
    crash_watch(&target.engine, &target.hints);
    atexit(write_stats);
}

static _Noreturn void violated(void)
{
    report_violation(stderr, &target.engine, &target.program, &target.result,
                     &target.hints);
    fflush(stderr);
    write_stats();
    crash_reported();
    abort();
}

int target_run(const char *name, unsigned int kinds, const uint8_t *data,
               size_t size)
{
    if ( !target.name )
        start(name);
    if ( crash_stop_requested() )
    {
        write_stats();
        crash_stop_now();
    }
    if ( !(kinds & (1U << program_bytes_kind(data, size))) )
        return 0;

    program_decode(&target.program, data, size, NULL);
    if ( target.release >= 0 )
        target.program.host.release = (uint8_t)target.release;
    engine_run(&target.engine, &target.program, &target.result);
    target.stats.fault_runs += stub_fault_hits(target.h.hv) > 0;
    if ( target.result.outcome == RUN_VIOLATION )
        violated();
    if ( target.stats.runs % STATS_EVERY == 0 )
        write_stats();

    return 0;
}

void target_path(const char *path)
{
    target.hints.path = path;
}

const struct run_result *target_result(void)
{
    return &target.result;
}

void target_want_hash(void)
{
    target.want_hash = true;
    target.engine.o.hash_state = true;
}
