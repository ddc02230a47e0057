/* SPDX-License-Identifier: MIT */
/*
 * The search for one fault: where programs come from (generator, mutator, random
 * bytes), running them, and the verdict.
 */
#include "search.h"

#include <string.h>
#include <time.h>

#include "stub/stub.h"
#include "harness/mutate/mutate.h"
#include "harness/generate/choice.h"
#include "harness/generate/generate.h"
#include "harness/shrink/shrink.h"
#include "harness/stop/stop.h"
#include "harness/cases/diag.h"

/* The clock is read every so many runs. */
#define CLOCK_EVERY 64
/* The mutator's search starts with so many fresh programs; afterwards one in so
 * many is: what a change finds it finds near what is in the pool. */
#define FRESH_FIRST 32
#define FRESH_ONE_IN 2
/* One mutation in so many starts by joining two programs of the pool. */
#define JOIN_ONE_IN 8
/* One generated program in so many uses values that only wide records hold. */
#define WIDE_ONE_IN 4
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
    struct search *s = ctx;
    uint64_t f = info->op->code;

    if ( info->failed )
        return;
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
    s->new_feature |= !s->feature[f];
    s->feature[f] = 1;
}

/* A program that reached something new takes a place in the pool. */
static void keep(struct search *s, uint64_t run)
{
    uint64_t state = s->o->seed * SEED_SPREAD + ~run;

    if ( s->o->engine != HUNT_MUTATOR || !s->new_feature )
        return;
    if ( s->nr_pool < POOL_MAX )
        s->pool[s->nr_pool++] = s->p;
    else
        s->pool[choice_mix(&state) % POOL_MAX] = s->p;
}

static void next_program(struct search *s, uint64_t run, int release)
{
    struct generate_options o = { .release = release,
                                  .lacks = generate_lacks(&s->h),
                                  .node_pages_max = s->h.ops->node_pages_max };
    /* Apart from other seeds: two searches must not share their programs. */
    uint64_t seed = s->o->seed * SEED_SPREAD + run;
    uint64_t state = seed;

    if ( s->o->engine == HUNT_MUTATOR && s->nr_pool && run >= FRESH_FIRST &&
         choice_mix(&state) % FRESH_ONE_IN )
    {
        s->p = s->pool[choice_mix(&state) % s->nr_pool];
        if ( choice_mix(&state) % JOIN_ONE_IN == 0 )
        {
            uint64_t how = choice_mix(&state);

            mutate_join(&s->p, &s->pool[choice_mix(&state) % s->nr_pool], how);
        }
        mutate_program(&s->p, choice_mix(&state));
        s->p.host.release = (uint8_t)release;
        program_settle(&s->p);
        return;
    }
    if ( s->o->engine != HUNT_BYTES )
    {
        o.wide = run % WIDE_ONE_IN == WIDE_ONE_IN - 1;
        program_generate(&s->p, seed, &o);
        return;
    }
    random_bytes(&s->p, seed);
    s->p.host.release = (uint8_t)release;
}

static void shorten(struct search *s, const struct run_result *r,
                    struct hunt_result *out)
{
    static struct litmus l;
    struct shrink_stats stats;

    l.program = s->p;
    shrink_violation(s->engine, RUN_PROGRAM(&s->p), r, &l, &stats);
    out->ops = s->p.nr_ops;
    s->p = l.program;
    out->shortest = s->p.nr_ops;
}

/* Take in one run; true: the fault is caught. */
static bool judge(struct search *s, const struct run_result *r,
                  struct hunt_result *out)
{
    if ( r->outcome != RUN_VIOLATION )
    {
        if ( s->fault && out->verdict == HUNT_NOT_REACHED &&
             stub_fault_hits(s->h.hv) )
            out->verdict = HUNT_NO_VIOLATION;
        return false;
    }
    memcpy(out->signature, r->signature, sizeof(out->signature));
    if ( !s->fault || listed(stub_fault_signatures(s->fault), r->signature) )
    {
        out->verdict = HUNT_CAUGHT;
        return true;
    }
    out->verdict = HUNT_OTHER_SIGNATURE;

    return false;
}

/* The releases to search on, in turns. */
static unsigned int releases(const struct search *s)
{
    if ( s->o->release >= 0 )
        return RELEASE_BIT(s->o->release);

    if ( s->o->on )
        return s->o->releases;

    return s->fault ? stub_fault_releases(s->fault) : RELEASE_MASK_ALL;
}

static void search(struct search *s, struct hunt_result *out)
{
    unsigned int mask = releases(s);
    double start = now();
    struct run_result r;

    while (
        out->runs < s->o->runs_max && !stop_requested() &&
        (out->runs % CLOCK_EVERY || now() - start < (double)s->o->seconds) )
    {
        s->new_feature = false;
        next_program(s, out->runs, release_nth(mask, out->runs));
        engine_run(s->engine, RUN_PROGRAM(&s->p), &r);
        keep(s, out->runs);
        out->runs++;
        out->steps += r.steps;
        if ( judge(s, &r, out) )
            break;
    }
    out->seconds = now() - start;
    if ( out->verdict == HUNT_CAUGHT )
        shorten(s, &r, out);
}

bool hunt_search(struct search *s, struct hunt_result *out)
{
    const struct engine_options o = {
        .on_step = s->o->engine == HUNT_MUTATOR ? on_step : NULL,
        .ctx = s,
    };
    struct stub_options stub = { .fault = stub_fault_id(s->fault) };
    const char *why = "out of memory";

    memset(out, 0, sizeof(*out));
    s->nr_pool = 0;
    memset(s->feature, 0, sizeof(s->feature));
    if ( s->o->on )
        s->h = *s->o->on;
    else if ( !stub_open(&s->h, &stub, &why) )
    {
        diag("hunt: %s", why);
        return false;
    }
    s->engine = engine_new(&s->h, &o);
    if ( !s->engine )
        out_of_memory();
    search(s, out);
    engine_free(s->engine);
    if ( !s->o->on )
        s->h.ops->close(s->h.hv);

    return true;
}
