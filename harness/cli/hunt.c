/* SPDX-License-Identifier: MIT */
/*
 * claimcheck hunt: is every planted fault found, by what, and how soon? A table
 * of faults, or a long search without one. Only a fault's own signatures count
 * as a catch: a crash of another kind says that something else is wrong.
 */
#include "diag.h"
#include "setup.h"
#include "verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../stub/stub.h"
#include "../mutate/mutate.h"
#include "../generate/generate.h"
#include "../program/text.h"
#include "../shrink/shrink.h"

/* Unless told: seconds for a fault, and runs without an end. */
#define SECONDS_DEFAULT 30
#define SECONDS_MAX 86400
#define RUNS_MAX UINT64_C(1000000000000)
/* The clock is read every so many runs. */
#define CLOCK_EVERY 64
/* Programs that the mutator keeps; and features it tells apart, a hash of an
 * operation, its result and the shape of the domains' state. */
#define POOL_MAX 256
/* The mutator's search starts with so many fresh programs; afterwards one in two
 * is: what a change finds it finds near what is in the pool. */
#define FRESH_FIRST 32
#define FRESH_ONE_IN 2
#define FEATURES_MAX 65536
/* Runs between two seeds: more than a search ever makes. */
#define SEED_SPREAD (UINT64_C(1) << 40)
/* Numbers of the baseline: up to so many times the host's pages. */
#define NUMBER_SPREAD 2

enum source
{
    SOURCE_GENERATOR,
    SOURCE_MUTATOR, /* changes programs that reached something new */
    SOURCE_BYTES, /* the baseline: random bytes, absolute numbers */
    SOURCE_COUNT
};

static const char *const source_names[SOURCE_COUNT] = {
    [SOURCE_GENERATOR] = "generator",
    [SOURCE_MUTATOR] = "mutator",
    [SOURCE_BYTES] = "bytes",
};

enum verdict
{
    NEVER_REACHED, /* the place of the fault was never reached             */
    NOT_CAUGHT,    /* reached, and no check objected                        */
    WRONG_CATCH,   /* reached, and only other signatures were seen          */
    CAUGHT
};

static const char *const verdict_names[] = {
    [NEVER_REACHED] = "never reached",
    [NOT_CAUGHT] = "reached but not caught",
    [WRONG_CATCH] = "not caught by its own signature",
    [CAUGHT] = "caught",
};

struct hunt
{
    const char *fault; /* id, or "all" */
    uint64_t seconds, runs_max, seed;
    enum source source;
    bool json;
    /* The fault under way */
    struct hypervisor h;
    struct engine engine;
    struct program p;
    unsigned int number;
    /* Of the mutator */
    struct program pool[POOL_MAX];
    uint32_t nr_pool;
    uint8_t feature[FEATURES_MAX];
    bool news; /* the run reached a new feature */
    char signature[SIGNATURE_MAX];
};

struct finding
{
    enum verdict verdict;
    char signature[SIGNATURE_MAX];
    uint64_t runs, steps;
    double seconds;
    uint32_t ops, shortest; /* operations of the program, and after shrinking */
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t mix(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Is it one of the list's? An asterisk stands for any operation. */
static bool listed(const char *list, const char *signature)
{
    const char *slash = strchr(signature, '/');
    size_t name = slash ? (size_t)(slash - signature) + 1 : 0;

    while ( *list )
    {
        size_t len = strcspn(list, ",");

        if ( len == strlen(signature) && !strncmp(list, signature, len) )
            return true;
        if ( len == name + 1 && list[name] == '*' &&
             !strncmp(list, signature, name) )
            return true;
        list += len + (list[len] == ',');
    }
    return false;
}

/* The nth release of a mask, cyclic. */
static int nth_release(unsigned int mask, uint64_t n)
{
    n %= (unsigned int)__builtin_popcount(mask);
    while ( n-- )
        mask &= mask - 1;

    return __builtin_ctz(mask);
}

static void random_bytes(struct program *p, uint64_t seed)
{
    uint8_t bytes[HEADER_BYTES + PROGRAM_OPS_MAX * NARROW_BYTES];
    uint64_t state = seed;
    size_t size = HEADER_BYTES +
                  NARROW_BYTES * (1 + mix(&state) % PROGRAM_OPS_MAX);

    for ( size_t i = 0; i < size; i++ )
        bytes[i] = (uint8_t)(mix(&state) >> 32);
    bytes[0] = FORMAT_VERSION << FORMAT_VERSION_SHIFT | KIND_NARROW;
    program_decode(p, bytes, size, NULL);
    for ( unsigned int i = 0; i < p->nr_ops; i++ )
        for ( unsigned int a = 0; a < op_table[p->op[i].code].nr_args; a++ )
            if ( op_table[p->op[i].code].arg[a].kind == ARG_PAGES )
                p->op[i].arg[a] = (struct value){
                    .sel = BASE_LIT,
                    .v = (int64_t)(mix(&state) % (NUMBER_SPREAD *
                         (uint64_t)p->host.nodes * p->host.node_pages + 1)),
                };
}

/* What a step reached: feedback without instrumentation. */
static void on_step(void *ctx, const struct step_info *info)
{
    struct hunt *h = ctx;
    uint64_t f = info->op->code;

    f = f * 64 + (uint64_t)(info->rc < 0 ? -info->rc & 31
                            : info->rc ? 33 : 32);
    for ( unsigned int d = 1; d < 4; d++ )
    {
        const struct hv_domain_view *v = &info->view->dom[d];

        f = f * 32 + (v->state * 8 + (v->claim > 0) * 4 + (v->tot > 0) * 2 +
                      (v->extra > 0));
    }
    f = f * 4 + (info->view->free == info->view->claimed) * 2 +
        (info->view->claimed > 0);
    f = mix(&f) % FEATURES_MAX;
    h->news |= !h->feature[f];
    h->feature[f] = 1;
}

/* A program that reached something new takes a place in the pool. */
static void keep(struct hunt *h, uint64_t run)
{
    uint64_t state = h->seed * SEED_SPREAD + ~run;

    if ( h->source != SOURCE_MUTATOR || !h->news )
        return;
    if ( h->nr_pool < POOL_MAX )
        h->pool[h->nr_pool++] = h->p;
    else
        h->pool[mix(&state) % POOL_MAX] = h->p;
}

static void next_program(struct hunt *h, uint64_t run, int release)
{
    struct generate_options o = { .release = release };
    /* Apart from other seeds: two searches must not share their programs. */
    uint64_t seed = h->seed * SEED_SPREAD + run;
    uint64_t state = seed;

    if ( h->source == SOURCE_MUTATOR && h->nr_pool && run >= FRESH_FIRST &&
         mix(&state) % FRESH_ONE_IN )
    {
        h->p = h->pool[mix(&state) % h->nr_pool];
        if ( mix(&state) % 8 == 0 )
            mutate_join(&h->p, &h->pool[mix(&state) % h->nr_pool],
                        mix(&state));
        mutate_program(&h->p, mix(&state));
        h->p.host.release = (uint8_t)release;
        return;
    }
    if ( h->source != SOURCE_BYTES )
    {
        o.wide = run % 4 == 3;
        program_generate(&h->p, seed, &o);
        return;
    }
    random_bytes(&h->p, seed);
    h->p.host.release = (uint8_t)release;
}

static bool same_failure(void *ctx, const struct program *p)
{
    struct hunt *h = ctx;
    struct run_result r;

    engine_run(&h->engine, p, &r);
    return r.outcome == RUN_VIOLATION && !strcmp(r.signature, h->signature);
}

static void shorten(struct hunt *h, struct finding *f)
{
    struct shrink_stats stats;

    f->ops = h->p.nr_ops;
    memcpy(h->signature, f->signature, sizeof(h->signature));
    shrink(&h->p, same_failure, h, &stats);
    f->shortest = h->p.nr_ops;
}

/* Was the place reached in the run just made? Booting may reach it too. */
static bool reached(struct hunt *h)
{
    unsigned int hits = stub_fault_hits(h->h.hv);

    h->h.ops->reset(h->h.hv, &h->p.host, NULL);
    return hits > stub_fault_hits(h->h.hv);
}

/* One run's verdict into the finding; true: it is caught. */
static bool judge(struct hunt *h, const struct run_result *r,
                  struct finding *f)
{
    if ( r->outcome != RUN_VIOLATION )
    {
        if ( h->number && f->verdict == NEVER_REACHED && reached(h) )
            f->verdict = NOT_CAUGHT;
        return false;
    }
    memcpy(f->signature, r->signature, sizeof(f->signature));
    if ( !h->number || listed(stub_fault_signatures(h->number), r->signature) )
    {
        f->verdict = CAUGHT;
        return true;
    }
    f->verdict = WRONG_CATCH;

    return false;
}

static void search(struct hunt *h, struct finding *f)
{
    unsigned int mask = h->number ? stub_fault_releases(h->number)
                                  : RELEASE_MASK_ALL;
    double start = now();
    struct run_result r;

    while ( f->runs < h->runs_max &&
            (f->runs % CLOCK_EVERY || now() - start < (double)h->seconds) )
    {
        h->news = false;
        next_program(h, f->runs, nth_release(mask, f->runs));
        engine_run(&h->engine, &h->p, &r);
        keep(h, f->runs);
        f->runs++;
        f->steps += r.steps;
        if ( judge(h, &r, f) )
            break;
    }
    f->seconds = now() - start;
    if ( f->verdict == CAUGHT )
        shorten(h, f);
}

static void tell(const struct hunt *h, const struct finding *f)
{
    const char *id = stub_fault_id(h->number);
    const char *verdict = h->number || f->verdict == CAUGHT
                          ? verdict_names[f->verdict] : "held";

    if ( h->json )
        printf("{\"fault\":\"%s\",\"verdict\":\"%s\",\"signature\":\"%s\","
               "\"runs\":%" PRIu64 ",\"steps\":%" PRIu64 ",\"seconds\":%.3f,"
               "\"operations\":%u,\"shortest\":%u}\n", id,
               verdict, f->signature, f->runs, f->steps,
               f->seconds, f->ops, f->shortest);
    else
        printf("%-28s %-8s %-24s %9" PRIu64 " %11" PRIu64 " %8.3f %3u\n", id,
               verdict,
               f->signature, f->runs, f->steps, f->seconds, f->shortest);
    fflush(stdout);
}

static bool hunt_one(struct hunt *h, struct finding *f)
{
    const struct engine_options o = {
        .on_step = h->source == SOURCE_MUTATOR ? on_step : NULL, .ctx = h,
    };
    struct stub_options stub = { .fault = stub_fault_id(h->number) };
    const char *why = "out of memory";

    memset(f, 0, sizeof(*f));
    h->nr_pool = 0;
    memset(h->feature, 0, sizeof(h->feature));
    if ( !stub_open(&h->h, &stub, &why) )
    {
        diag("hunt: %s", why);
        return false;
    }
    engine_init(&h->engine, &h->h, &o);
    search(h, f);
    tell(h, f);
    if ( !h->number && f->verdict == CAUGHT )
        program_print(stdout, &h->p);
    h->h.ops->close(h->h.hv);

    return true;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void summary(const struct hunt *h, unsigned int nr, unsigned int caught,
                    double *runs, double *seconds)
{
    qsort(runs, nr, sizeof(*runs), by_value);
    qsort(seconds, nr, sizeof(*seconds), by_value);
    fprintf(stderr, "hunt: %u of %u faults caught by %s, seed %" PRIu64 "; "
            "median %.0f runs, %.4f s; worst %.0f runs, %.4f s\n", caught, nr,
            source_names[h->source], h->seed, runs[nr / 2], seconds[nr / 2],
            runs[nr - 1], seconds[nr - 1]);
}

static int hunt_all(struct hunt *h)
{
    unsigned int caught = 0, nr = stub_fault_count() - 1;
    double *runs = calloc(nr, sizeof(*runs));
    double *seconds = calloc(nr, sizeof(*seconds));
    struct finding f;
    bool ok = runs && seconds;

    if ( !h->json )
        printf("%-28s %-8s %-24s %9s %11s %8s %3s\n", "fault", "verdict",
               "signature", "runs", "steps", "seconds", "ops");
    for ( unsigned int i = 0; ok && i < nr; i++ )
    {
        h->number = i + 1;
        ok = hunt_one(h, &f);
        runs[i] = (double)f.runs;
        seconds[i] = f.seconds;
        caught += f.verdict == CAUGHT;
    }
    if ( ok )
        summary(h, nr, caught, runs, seconds);
    free(runs);
    free(seconds);
    if ( !ok )
        return EXIT_BAD_INPUT;

    return caught == nr ? EXIT_HELD : EXIT_VIOLATION;
}

static bool choose_source(struct hunt *h)
{
    for ( unsigned int i = 0; i < SOURCE_COUNT; i++ )
        if ( !strcmp(optarg, source_names[i]) )
        {
            h->source = (enum source)i;
            return true;
        }
    diag("hunt: --engine %s: expected generator, mutator or bytes", optarg);

    return false;
}

static bool option(struct hunt *h, int c, char **argv)
{
    switch ( c )
    {
    case 'F':
        h->fault = optarg;
        return true;
    case 't':
        return option_number(argv, "--seconds", 1, SECONDS_MAX, &h->seconds);
    case 'c':
        return option_number(argv, "--runs", 1, RUNS_MAX, &h->runs_max);
    case 's':
        return option_number(argv, "--seed", 0, UINT64_MAX, &h->seed);
    case 'e':
        return choose_source(h);
    case 'j':
        h->json = true;
        return true;
    default:
        return false;
    }
}

static bool find_fault(struct hunt *h)
{
    for ( h->number = 0; h->number < stub_fault_count(); h->number++ )
        if ( !strcmp(h->fault, stub_fault_id(h->number)) )
            return true;
    diag("hunt: --fault %s: expected all, none, or one that claimcheck faults "
         "lists", h->fault);

    return false;
}

int verb_hunt(int argc, char **argv)
{
    static const struct option names[] = {
        { "fault", required_argument, NULL, 'F' },
        { "seconds", required_argument, NULL, 't' },
        { "runs", required_argument, NULL, 'c' },
        { "seed", required_argument, NULL, 's' },
        { "engine", required_argument, NULL, 'e' },
        { "json", no_argument, NULL, 'j' },
        { 0 }
    };
    static struct hunt h = { .fault = "all", .seconds = SECONDS_DEFAULT,
                             .runs_max = RUNS_MAX };
    struct finding f;
    int c;

    while ( (c = option_next(argc, argv, ":", names)) != -1 )
        if ( !option(&h, c, argv) )
            return EXIT_BAD_INPUT;
    if ( optind < argc )
    {
        diag("hunt: '%s' is too much, expected options only", argv[optind]);
        return EXIT_BAD_INPUT;
    }
    if ( !strcmp(h.fault, "all") )
        return hunt_all(&h);
    if ( !find_fault(&h) || !hunt_one(&h, &f) )
        return EXIT_BAD_INPUT;
    /* Without a fault a catch is bad news, with one it is good. */
    return (f.verdict == CAUGHT) == (h.number != 0) ? EXIT_HELD
                                                    : EXIT_VIOLATION;
}
