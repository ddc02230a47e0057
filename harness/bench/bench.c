/* SPDX-License-Identifier: MIT */
/*
 * What a checked step costs: ratios taken in one run, round by round, so that a
 * noisy machine shifts both sides. Prints a table; judges nothing (a timed test
 * is a test that fails on somebody's laptop).
 *
 * Method: a fixed set of generated programs is run checked once, recording every
 * call; then, in turns, the calls are replayed on the stub alone, and the
 * programs are run checked. The median of the rounds counts.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stub/stub.h"
#include "harness/open/open.h"
#include "harness/probe/probe.h"
#include "harness/engine/engine.h"
#include "harness/generate/generate.h"
#include "harness/mutate/mutate.h"

#define PROGRAMS 256
/* Steps of a program: what the speed goals are stated for. */
#define STEPS 32
/* Pages of the host: the default one. Steps cost what the pages that they move
 * cost, so the speed goals are stated for this size. */
#define HOST_PAGES 64
/* Turns; odd, so that the median is one of them. */
#define ROUNDS 15
/* Runs of all programs in a round: a round takes about 20 ms. */
#define REPEATS 8
#define CALLS_MAX 65536

/* --once: 1 each, for tools that count instructions. */
static unsigned int rounds = ROUNDS, repeats = REPEATS;

/* A call as it was made, with its list. */
struct recorded
{
    struct hv_call call;
    uint32_t list; /* index of its first entry in lists */
};

struct bench
{
    struct program program[PROGRAMS];
    uint8_t bytes[PROGRAMS][PROGRAM_BYTES_MAX];
    size_t size[PROGRAMS];
    uint32_t first_call[PROGRAMS + 1];
    struct recorded call[CALLS_MAX];
    uint64_t *lists;
    uint32_t nr_calls, nr_lists;
    uint64_t steps; /* of one pass over all programs, drains included */
    struct hypervisor stub;
    struct engine engine;
    /* Another implementation, on a release that it follows; the stub, too. */
    struct hypervisor other;
    struct engine other_engine;
    enum release release;
    uint64_t other_steps;
};

static struct bench bench;

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *v)
{
    qsort(v, rounds, sizeof(*v), by_value);
    return v[rounds / 2];
}

/* A hypervisor between engine and stub that writes down what goes through it:
 * the seam's issue hook. */
static unsigned int record(void *hv, const struct hv_call *call,
                           struct hv_result *result)
{
    struct recorded *r = &bench.call[bench.nr_calls];
    struct hypervisor plain = bench.stub;

    assert(hv == bench.stub.hv);

    if ( bench.nr_calls == CALLS_MAX )
        abort();
    r->call = *call;
    r->list = bench.nr_lists;
    bench.lists = realloc(
        bench.lists,
        (bench.nr_lists + call->list_entries) * sizeof(uint64_t) + 1);
    if ( call->list_entries )
        memcpy(&bench.lists[bench.nr_lists], call->list,
               call->list_entries * sizeof(uint64_t));
    bench.nr_lists += call->list_entries;
    bench.nr_calls++;

    return hv_issue(&plain, bench.engine.spec.release, call, result);
}

static const struct host_shape shape = { .nodes = 1,
                                         .node_pages = HOST_PAGES };
static const struct generate_options options = { .ops = STEPS,
                                                 .release = -1,
                                                 .shape = &shape };

static void prepare(void)
{
    const struct engine_options o = { 0 };
    struct hypervisor_ops ops;
    struct hypervisor recorder;
    struct run_result r;
    const char *why = "out of memory";
    const struct stub_options so = { 0 };

    if ( !stub_open(&bench.stub, &so, &why) )
    {
        fprintf(stderr, "bench: %s\n", why);
        exit(2);
    }
    ops = *bench.stub.ops;
    ops.issue = record;
    recorder = (struct hypervisor){ &ops, bench.stub.hv };
    engine_init(&bench.engine, &recorder, &o);
    for ( unsigned int i = 0; i < PROGRAMS; i++ )
    {
        program_generate(&bench.program[i], i, &options);
        bench.size[i] = program_encode(&bench.program[i], bench.bytes[i]);
        bench.first_call[i] = bench.nr_calls;
        engine_run(&bench.engine, RUN_PROGRAM(&bench.program[i]), &r);
        bench.steps += r.steps;
    }
    bench.first_call[PROGRAMS] = bench.nr_calls;
    for ( uint32_t i = 0; i < bench.nr_calls; i++ )
        bench.call[i].call.list = &bench.lists[bench.call[i].list];
    engine_init(&bench.engine, &bench.stub, &o);
}

/* Preemption is part of a call, so the unchecked run answers it, too. */
static bool preempt(void *ctx)
{
    const struct hv_call *call = *(const struct hv_call **)ctx;

    return call->kind == HV_CALL_DOMCTL && call->domctl.preempt;
}

static void run_unchecked(void)
{
    static struct hv_result result;
    const struct hv_call *call = NULL;
    const struct hv_hooks hooks = { .ctx = &call, .preempt = preempt };

    for ( unsigned int i = 0; i < PROGRAMS; i++ )
    {
        const struct host_shape *host = &bench.program[i].host;

        bench.stub.ops->reset(bench.stub.hv, host, &hooks);
        for ( uint32_t c = bench.first_call[i]; c < bench.first_call[i + 1];
              c++ )
        {
            call = &bench.call[c].call;
            hv_issue(&bench.stub, host->release, call, &result);
        }
    }
}

static void run_checked(void)
{
    struct run_result r;

    for ( unsigned int i = 0; i < PROGRAMS; i++ )
        engine_run(&bench.engine, RUN_PROGRAM(&bench.program[i]), &r);
}

/* The programs on that release; those that it cannot run are left out by both. */
static void run_release(struct engine *e)
{
    struct run_result r;

    bench.other_steps = 0;
    for ( unsigned int i = 0; i < PROGRAMS; i++ )
    {
        struct run_spec spec = *RUN_PROGRAM(&bench.program[i]);

        spec.release = bench.release;
        if ( engine_missing(&bench.other, spec.program) )
            continue;
        engine_run(e, &spec, &r);
        bench.other_steps += r.steps;
    }
}

static void run_stub_too(void)
{
    run_release(&bench.engine);
}

static void run_other(void)
{
    run_release(&bench.other_engine);
}

static void reset_other(void)
{
    for ( unsigned int i = 0; i < PROGRAMS; i++ )
    {
        struct host_shape host = bench.program[i].host;

        host.release = (uint8_t)bench.release;
        bench.other.ops->reset(bench.other.hv, &host, NULL);
    }
}

static void run_decode(void)
{
    static struct program p;

    for ( unsigned int i = 0; i < PROGRAMS; i++ )
        program_decode(&p, bench.bytes[i], bench.size[i], NULL);
}

static void run_reset(void)
{
    for ( unsigned int i = 0; i < PROGRAMS; i++ )
        bench.stub.ops->reset(bench.stub.hv, &bench.program[i].host, NULL);
}

/* Reset, drain and comparison of a program without operations. */
static void run_empty(void)
{
    static struct program p;
    struct run_result r;

    for ( unsigned int i = 0; i < PROGRAMS; i++ )
    {
        p.host = bench.program[i].host;
        engine_run(&bench.engine, RUN_PROGRAM(&p), &r);
    }
}

static void run_generate(void)
{
    static struct program p;

    for ( unsigned int i = 0; i < PROGRAMS; i++ )
        program_generate(&p, i, &options);
}

static void run_mutate(void)
{
    static struct program p;

    for ( unsigned int i = 0; i < PROGRAMS; i++ )
    {
        const struct program *from = &bench.program[i];

        memcpy(&p, from,
               (size_t)((const char *)&from->op[from->nr_ops] -
                        (const char *)from));
        mutate_program(&p, i);
    }
}

/* Bodies, and rows of the ratios below. */
enum
{
    UNCHECKED,
    CHECKED,
    DECODE,
    RESET,
    EMPTY,
    GENERATE,
    MUTATE,
    BODIES_OF_STUB,
    STUB_TOO = BODIES_OF_STUB,
    OTHER,
    RESET_OTHER,
};

static const struct
{
    const char *name;
    bool steps; /* its cost is told for a step, else for a program */
    void (*run)(void);
} bodies[] = {
    [UNCHECKED] = { "unchecked step on the stub", true, run_unchecked },
    [CHECKED] = { "checked step", true, run_checked },
    [DECODE] = { "decode", false, run_decode },
    [RESET] = { "reset", false, run_reset },
    [EMPTY] = { "run of an empty program", false, run_empty },
    [GENERATE] = { "generate", false, run_generate },
    [MUTATE] = { "mutate", false, run_mutate },
    [STUB_TOO] = { "checked step, one release", true, run_stub_too },
    [OTHER] = { "checked step on FILE.so", true, run_other },
    [RESET_OTHER] = { "reset of FILE.so", false, reset_other },
};

static const struct
{
    const char *name;
    uint8_t above, below;
} ratios[] = {
    { "checked / unchecked", CHECKED, UNCHECKED },
    { "generate / checked run", GENERATE, CHECKED },
    { "mutate / checked run", MUTATE, CHECKED },
    { "decode / checked run", DECODE, CHECKED },
    { "empty program / checked run", EMPTY, CHECKED },
    { "step on FILE.so / on the stub", OTHER, STUB_TOO },
};

#define BODIES (sizeof(bodies) / sizeof(bodies[0]))

#define RATIOS (sizeof(ratios) / sizeof(ratios[0]))

/* The last ones are for another implementation, if there is one. */
static unsigned int nr_bodies = BODIES, nr_ratios = RATIOS;

static double ns[BODIES][ROUNDS]; /* of one pass over all programs */

static void measure(void)
{
    for ( unsigned int round = 0; round < rounds; round++ )
        for ( unsigned int b = 0; b < nr_bodies; b++ )
        {
            double start = now_ns();

            for ( unsigned int i = 0; i < repeats; i++ )
                bodies[b].run();
            ns[b][round] = (now_ns() - start) / repeats;
        }
}

static void print(void)
{
    static double v[ROUNDS];

    printf("%u programs, %llu steps a pass (drains included), median of %u "
           "rounds\n",
           PROGRAMS, (unsigned long long)bench.steps, rounds);
    for ( unsigned int b = 0; b < nr_bodies; b++ )
    {
        double t;

        memcpy(v, ns[b], sizeof(v));
        t = median(v) / (!bodies[b].steps     ? PROGRAMS
                         : b < BODIES_OF_STUB ? (double)bench.steps
                                              : (double)bench.other_steps);
        printf("%-28s %9.1f ns/%-7s %10.2f M/s\n", bodies[b].name, t,
               bodies[b].steps ? "step" : "program", 1e3 / t);
    }
    for ( unsigned int i = 0; i < nr_ratios; i++ )
    {
        for ( unsigned int r = 0; r < rounds; r++ )
            v[r] = ns[ratios[i].above][r] / ns[ratios[i].below][r];
        printf("%-28s %9.2f\n", ratios[i].name, median(v));
    }
}

static void open_other(const char *on)
{
    const struct open_options open = { .on = on };
    const struct engine_options o = { 0 };
    char why[OPEN_WHY_MAX];
    struct probe nearest;
    uint32_t releases;

    if ( !open_hypervisor(&bench.other, &open, why) )
    {
        fprintf(stderr, "bench: %s: %s\n", on, why);
        exit(2);
    }
    releases = open_releases(&bench.other);
    if ( !releases )
        releases = probe_releases(&bench.other, RELEASE_MASK_ALL, &nearest);
    bench.release = open_release(
        releases ? releases : RELEASE_BIT(nearest.nearest), RELEASE_4_17);
    engine_init(&bench.other_engine, &bench.other, &o);
}

/* bench [--once] [FILE.so]: what to compare with the stub. */
int main(int argc, char **argv)
{
    if ( argc > 1 && !strcmp(argv[1], "--once") )
    {
        rounds = repeats = 1;
        argc--;
        argv++;
    }
    if ( argc > 1 )
        open_other(argv[1]);
    else
    {
        nr_bodies = BODIES_OF_STUB;
        nr_ratios--;
    }
    prepare();
    measure();
    print();
    if ( argc > 1 )
        bench.other.ops->close(bench.other.hv);
    bench.stub.ops->close(bench.stub.hv);
    free(bench.lists);
    return 0;
}
