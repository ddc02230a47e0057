/* SPDX-License-Identifier: MIT */
/*
 * For each planted fault and each kind of input: what is found, promoted, written
 * and read again fails with the fault in the same way, and holds without it on
 * each release that it names. Inputs are the bytes of sequences and of raw calls,
 * as their fuzz targets get them, and text as fuzz_text gets it. What fuzz_text
 * itself judges, the faces of a program, is no matter of a case: text_oracle.py.
 * Results are the model's, where it can run the case as a hypervisor.
 *
 *   promoted [EVERY]     every so-many-th fault only, default 1
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/generate/generate.h"
#include "harness/mutate/mutate.h"
#include "harness/promote/promote.h"
#include "harness/program/text.h"
#include "model/model_hv.h"
#include "stub/stub.h"

/* Inputs of one kind that are tried for a fault. Most of the time goes to faults
 * that none of them finds. */
#define INPUTS 500
/* Raw calls are changed from one another: a fresh start so often. */
#define FRESH_EVERY 40

/* Sequences, raw calls, text. */
#define KINDS 3

static struct
{
    struct engine faulty, clean;
    struct hypervisor model;
    unsigned int promoted[KINDS], faults, without_results, bad;
    unsigned int not_offered; /* by the model as a hypervisor: no results   */
} all;

static void bad(const char *fault, const char *what, const char *text)
{
    fprintf(stderr, "FAILED: %s: %s\n%s\n", fault, what, text);
    all.bad++;
}

/* As a target of sequences gets it. */
static void sequence(struct program *p, unsigned int i)
{
    static uint8_t bytes[PROGRAM_BYTES_MAX];
    const struct generate_options o = { .release = -1, .wide = i % 2 };

    program_generate(p, i, &o);
    program_decode(p, bytes, program_encode(p, bytes), NULL);
}

/* As the target of raw calls gets it. */
static void reservation(struct program *p, unsigned int i)
{
    static uint8_t bytes[PROGRAM_BYTES_MAX];
    static size_t size;

    if ( i % FRESH_EVERY == 0 )
    {
        uint64_t state = i;

        size = HEADER_BYTES + RESERVATION_BYTES * (1 + i / FRESH_EVERY % 4);
        for ( size_t at = 0; at < size; at++ )
            bytes[at] = (uint8_t)(choice_mix(&state) >> 32);
    }
    size = mutate(bytes, size, sizeof(bytes), i);
    bytes[0] = FORMAT_VERSION << FORMAT_VERSION_SHIFT | KIND_RESERVATION;
    program_decode(p, bytes, size, NULL);
}

/* As somebody wrote it down. */
static void text(struct program *p, unsigned int i)
{
    static struct litmus l;
    struct problems problems = { 0 };
    char *s = NULL;
    size_t size;
    FILE *f = open_memstream(&s, &size);

    assert(f);
    sequence(p, i);
    program_print(f, p);
    fclose(f);
    if ( !litmus_parse(&l, s, size, &problems) )
        bad("text", problems.problem[0].text, s);
    free(s);
    *p = l.program;
}

static void check_written(const char *fault, const struct promotion *p)
{
    static struct litmus l;
    struct problems problems = { 0 };
    struct run_spec spec = { .program = &l.program,
                             .expects = &l,
                             .tolerance = PAST_WEAKNESS };
    struct run_result r;
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    bool failed = false;

    assert(f);
    promote_print(f, p, "Found by promoted.c.");
    fclose(f);
    if ( !litmus_parse(&l, text, size, &problems) )
        bad(fault, problems.problem[0].text, text);
    for ( unsigned int release = 0; release < RELEASE_COUNT; release++ )
    {
        if ( !(l.releases & RELEASE_BIT(release)) )
            continue;
        spec.release = (enum release)release;
        engine_run(&all.faulty, &spec, &r);
        failed |= r.outcome == RUN_VIOLATION &&
                  !strcmp(r.signature, p->r.signature);
        engine_run(&all.clean, &spec, &r);
        if ( r.outcome == RUN_VIOLATION || r.outcome == RUN_SKIPPED )
            bad(fault, r.detail, text);
    }
    if ( !failed )
        bad(fault, "what was promoted does not fail in the same way", text);
    if ( !promote_is_same(p, &l, text, size) )
        bad(fault, "it is no duplicate of itself", text);
    if ( !p->has_results && engine_missing(&all.model, &p->l.program) )
        all.not_offered++;
    else
        all.without_results += !p->has_results;
    free(text);
}

static void search(const char *fault, unsigned int kind)
{
    static void (*const input[KINDS])(
        struct program *, unsigned int) = { sequence, reservation, text };
    static struct promotion p;
    static struct program program;
    struct run_result r;

    for ( unsigned int i = 0; i < INPUTS; i++ )
    {
        const char *why;

        input[kind](&program, i);
        engine_run(&all.faulty, RUN_PROGRAM(&program), &r);
        if ( r.outcome != RUN_VIOLATION )
            continue;
        memset(&p, 0, sizeof(p));
        p.l.program = program;
        why = promote(&all.faulty, RUN_PROGRAM(&program), &r, &p);
        if ( why )
            bad(fault, why, r.detail);
        else
            check_written(fault, &p);
        all.promoted[kind]++;
        return;
    }
}

int main(int argc, char **argv)
{
    const struct engine_options o = { 0 };
    unsigned int every = argc > 1 ? (unsigned int)atoi(argv[1]) : 1, nr = 0;
    const char *why = "out of memory";
    struct hypervisor clean, faulty;

    if ( !every || !stub_open(&clean, &(struct stub_options){ 0 }, &why) ||
         !model_hypervisor_open(&all.model) )
        return 3;
    engine_init(&all.clean, &clean, &o);
    for ( unsigned int f = stub_fault_next(0); f; f = stub_fault_next(f) )
    {
        const struct stub_options options = { .fault = stub_fault_id(f) };

        /* Inputs are for released Xen. */
        if ( stub_fault_unseen(f) ||
             !(stub_fault_releases(f) & RELEASE_MASK_ALL) || nr++ % every )
            continue;
        if ( !stub_open(&faulty, &options, &why) )
            return 3;
        engine_init(&all.faulty, &faulty, &o);
        all.faults++;
        for ( unsigned int kind = 0; kind < KINDS; kind++ )
            search(options.fault, kind);
        faulty.ops->close(faulty.hv);
    }
    clean.ops->close(clean.hv);
    all.model.ops->close(all.model.hv);
    printf("%u faults: promoted from %u sequences, %u raw calls, %u texts; %u "
           "without results, and %u of calls that the model does not offer\n",
           all.faults, all.promoted[0], all.promoted[1], all.promoted[2],
           all.without_results, all.not_offered);
    /* Most are found so soon; hunt.all is about the others. */
    if ( all.promoted[0] < all.faults * 3 / 4 ||
         all.promoted[1] < all.faults / 4 ||
         all.promoted[2] < all.faults * 3 / 4 ||
         all.without_results > all.faults / 10 )
        bad("all", "too few were found, or too many without results", "");

    return all.bad ? 1 : 0;
}
