/* SPDX-License-Identifier: MIT */
/*
 * Raw sysctls, as fuzz_sysctl gets them, from random bytes alone: each planted
 * fault of a sysctl about pages out of use is caught by some of them, but for
 * those that no sysctl shows; and without a fault all hold.
 *
 * Not here: what an engine finds with feedback and more time (scripts/hunt).
 */
#include <stdio.h>
#include <string.h>

#include "harness/engine/engine.h"
#include "harness/generate/choice.h"
#include "harness/program/program.h"
#include "stub/stub.h"

/* The last one that is found, online_keeps_mark, takes 3,940. */
#define RUNS 8000
#define RECORDS_MAX 6

/* Faults of these families, by the start of their names. */
static const char *const families[] = {
    "sysctl.",    "page_offline.", "offline_",
    "offlining_", "online_",       "query_hides_",
};

static const struct
{
    const char *fault, *why;
} hidden[] = {
    { "online_broken", "only a machine check breaks pages" },
    { "query_hides_broken", "likewise" },
    { "offline_crashes_nobody", "only broken pages crash their owner" },
};

#define NR(a) (sizeof(a) / sizeof((a)[0]))

static bool in_families(const char *fault)
{
    for ( size_t i = 0; i < NR(families); i++ )
        if ( !strncmp(fault, families[i], strlen(families[i])) )
            return true;

    return false;
}

static const char *why_hidden(const char *fault)
{
    for ( size_t i = 0; i < NR(hidden); i++ )
        if ( !strcmp(fault, hidden[i].fault) )
            return hidden[i].why;

    return NULL;
}

/* Few records, on a small host. */
static void random_sysctls(struct program *p, uint64_t seed)
{
    uint8_t bytes[HEADER_BYTES + RECORDS_MAX * SYSCTL_BYTES];
    uint64_t state = seed;
    size_t nr = 1 + choice_mix(&state) % RECORDS_MAX;

    for ( size_t i = 0; i < sizeof(bytes); i++ )
        bytes[i] = (uint8_t)(choice_mix(&state) >> 32);
    bytes[0] = FORMAT_VERSION << FORMAT_VERSION_SHIFT | KIND_DOMCTL;
    bytes[HEADER_AT_HOST] |= HEADER_SYSCTL;
    bytes[HEADER_AT_HOST] &= (uint8_t)~HEADER_LARGE;
    program_decode(p, bytes, HEADER_BYTES + nr * SYSCTL_BYTES, NULL);
}

/* Runs until one is a violation; RUNS: none was. */
static uint64_t search(struct engine *e, uint32_t releases,
                       struct run_result *r)
{
    static struct program p;
    uint64_t run;

    for ( run = 0; run < RUNS; run++ )
    {
        random_sysctls(&p, run);
        p.host.release = (uint8_t)release_nth(releases, run);
        engine_run(e, RUN_PROGRAM(&p), r);
        if ( r->outcome == RUN_VIOLATION )
            break;
    }

    return run;
}

/* As it should be? */
static bool check(unsigned int fault)
{
    static struct engine e;
    const struct engine_options none = { 0 };
    const char *id = fault ? stub_fault_id(fault) : NULL, *unseen;
    struct stub_options options = { .fault = id };
    struct run_result r = { 0 };
    struct hypervisor h;
    const char *why = "out of memory";
    uint64_t run;
    bool caught;

    if ( !stub_open(&h, &options, &why) )
    {
        printf("FAILED: %s\n", why);
        return false;
    }
    engine_init(&e, &h, &none);
    run = search(&e, fault ? stub_fault_releases(fault) : RELEASE_MASK_ALL,
                 &r);
    h.ops->close(h.hv);
    caught = run < RUNS;
    unseen = fault ? why_hidden(id) : "nothing is planted";
    printf("%s: %s: %s after %llu runs\n", caught == !unseen ? "ok" : "FAILED",
           id ? id : "no fault",
           caught   ? r.signature
           : unseen ? unseen
                    : "not caught",
           (unsigned long long)run);

    return caught == !unseen;
}

int main(void)
{
    bool good = check(0);
    unsigned int nr = 0;

    for ( unsigned int f = stub_fault_next(0); f; f = stub_fault_next(f) )
        if ( in_families(stub_fault_id(f)) && !stub_fault_unseen(f) )
        {
            good = check(f) && good;
            nr++;
        }
    printf("%u faults\n", nr);

    return good && nr > NR(hidden) ? 0 : 1;
}
