/* SPDX-License-Identifier: MIT */
/*
 * claimcheck hunt, one fault: where programs come from (generator, mutator,
 * random bytes), running them, and the verdict.
 */
#include "hunt.h"

#include <string.h>
#include <time.h>

#include "stub/stub.h"
#include "harness/mutate/mutate.h"
#include "harness/generate/choice.h"
#include "harness/generate/generate.h"
#include "harness/shrink/shrink.h"
#include "harness/cases/diag.h"

/* The clock is read every so many runs. */
#define CLOCK_EVERY 64
/* The mutator's search starts with so many fresh programs; afterwards one in so
 * many is: what a change finds it finds near what is in the pool. */
#define FRESH_FIRST 32
#define FRESH_ONE_IN 2
/* Runs between two seeds: more than a search ever makes. */
#define SEED_SPREAD (UINT64_C(1) << 40)
/* Numbers of the baseline: up to so many times the host's pages. */
#define NUMBER_SPREAD 2

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
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
                  NARROW_BYTES * (1 + choice_mix(&state) % PROGRAM_OPS_MAX);

    for ( size_t i = 0; i < size; i++ )
        bytes[i] = (uint8_t)(choice_mix(&state) >> 32);
    bytes[0] = FORMAT_VERSION << FORMAT_VERSION_SHIFT | KIND_NARROW;
    program_decode(p, bytes, size, NULL);
    for ( unsigned int i = 0; i < p->nr_ops; i++ )
        for ( unsigned int a = 0; a < op_table[p->op[i].code].nr_args; a++ )
            if ( op_table[p->op[i].code].arg[a].kind == ARG_PAGES )
                p->op[i].arg[a] = (struct value){
                    .sel = BASE_LIT,
                    .v = (int64_t)(choice_mix(&state) %
                                   (NUMBER_SPREAD * (uint64_t)p->host.nodes *
                                        p->host.node_pages +
                                    1)),
                };
}

/* What a step reached: feedback without instrumentation. */
static void on_step(void *ctx, const struct step_info *info)
{
    struct hunt *h = ctx;
    uint64_t f = info->op->code;

    f = f * 64 + (uint64_t)(info->rc < 0 ? -info->rc & 31
                            : info->rc   ? 33
                                         : 32);
    for ( unsigned int d = 1; d < 4; d++ )
    {
        const struct hv_domain_view *v = &info->view->dom[d];

        f = f * 32 + (v->state * 8 + (v->claim > 0) * 4 + (v->tot > 0) * 2 +
                      (v->extra > 0));
    }
    f = f * 4 + (info->view->free == info->view->claimed) * 2 +
        (info->view->claimed > 0);
    f = choice_mix(&f) % FEATURES_MAX;
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
        h->pool[choice_mix(&state) % POOL_MAX] = h->p;
}

static void next_program(struct hunt *h, uint64_t run, int release)
{
    struct generate_options o = { .release = release };
    /* Apart from other seeds: two searches must not share their programs. */
    uint64_t seed = h->seed * SEED_SPREAD + run;
    uint64_t state = seed;

    if ( h->source == SOURCE_MUTATOR && h->nr_pool && run >= FRESH_FIRST &&
         choice_mix(&state) % FRESH_ONE_IN )
    {
        h->p = h->pool[choice_mix(&state) % h->nr_pool];
        if ( choice_mix(&state) % 8 == 0 )
            mutate_join(&h->p, &h->pool[choice_mix(&state) % h->nr_pool],
                        choice_mix(&state));
        mutate_program(&h->p, choice_mix(&state));
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

/* One run's verdict into the finding; true: it is caught. */
static bool judge(struct hunt *h, const struct run_result *r,
                  struct finding *f)
{
    if ( r->outcome != RUN_VIOLATION )
    {
        if ( h->number && f->verdict == NEVER_REACHED &&
             stub_fault_hits(h->h.hv) )
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

/* The releases to search on, in turns. */
static unsigned int releases(const struct hunt *h)
{
    if ( h->release >= 0 )
        return RELEASE_BIT(h->release);

    return h->number ? stub_fault_releases(h->number) : RELEASE_MASK_ALL;
}

static void search(struct hunt *h, struct finding *f)
{
    unsigned int mask = releases(h);
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

bool hunt_search(struct hunt *h, struct finding *f)
{
    const struct engine_options o = {
        .on_step = h->source == SOURCE_MUTATOR ? on_step : NULL,
        .ctx = h,
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
    h->h.ops->close(h->h.hv);

    return true;
}
