/* SPDX-License-Identifier: MIT */
/*
 * The table of a hunt: a row for each planted fault. Only a fault's own
 * signatures count as a catch: another violation says that something else is
 * wrong.
 *
 * Not here: the search for one fault (search.c).
 */
#include "search.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cases/diag.h"
#include "harness/program/text.h"
#include "harness/stop/stop.h"
#include "stub/stub.h"

static const char *const engine_names[HUNT_ENGINE_COUNT] = {
    [HUNT_GENERATOR] = "generator",
    [HUNT_MUTATOR] = "mutator",
    [HUNT_BYTES] = "bytes",
};

static const char *const verdict_names[] = {
    [HUNT_NOT_REACHED] = "never reached",
    [HUNT_NO_VIOLATION] = "reached but not caught",
    [HUNT_OTHER_SIGNATURE] = "not caught",
    [HUNT_CAUGHT] = "caught",
};

int hunt_engine_from_name(const char *name)
{
    for ( int i = 0; i < HUNT_ENGINE_COUNT; i++ )
        if ( !strcmp(name, engine_names[i]) )
            return i;

    return -1;
}

static void print_row(const struct search *s, const struct hunt_result *r)
{
    const char *id = stub_fault_id(s->fault);
    const char *verdict = s->fault || r->verdict == HUNT_CAUGHT
                              ? verdict_names[r->verdict]
                              : "held";

    if ( s->o->json )
        printf("{\"fault\":\"%s\",\"verdict\":\"%s\",\"signature\":\"%s\","
               "\"runs\":%" PRIu64 ",\"steps\":%" PRIu64 ",\"seconds\":%.3f,"
               "\"operations\":%u,\"shortest\":%u}\n",
               id, verdict, r->signature, r->runs, r->steps, r->seconds,
               r->ops, r->shortest);
    else
        printf("%-28s %-22s %-28s %9" PRIu64 " %11" PRIu64 " %8.3f %3u\n", id,
               verdict, r->signature, r->runs, r->steps, r->seconds,
               r->shortest);
    fflush(stdout);
}

static bool hunt_one(struct search *s, struct hunt_result *r)
{
    if ( !hunt_search(s, r) )
        return false;
    /* Cut short it says nothing of the fault. */
    if ( stop_heeded() && r->verdict != HUNT_CAUGHT )
        return true;
    print_row(s, r);
    if ( !s->fault && r->verdict == HUNT_CAUGHT )
        program_print(stdout, &s->p);

    return true;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Of nr faults, of which done have been hunted. */
static void print_summary(const struct hunt_options *o, unsigned int nr,
                          unsigned int done, unsigned int caught, double *runs,
                          double *seconds)
{
    if ( stop_heeded() )
        diag("hunt: stopped by %s after %u of %u faults", stop_name(), done,
             nr);
    if ( !done )
        return;
    nr = done;
    qsort(runs, nr, sizeof(*runs), by_value);
    qsort(seconds, nr, sizeof(*seconds), by_value);
    fprintf(stderr,
            "hunt: %u of %u faults caught by %s, seed %" PRIu64 "; "
            "median %.0f runs, %.4f s; worst %.0f runs, %.4f s\n",
            caught, nr, engine_names[o->engine], o->seed, runs[nr / 2],
            seconds[nr / 2], runs[nr - 1], seconds[nr - 1]);
}

/* The next fault that can be seen, or 0. */
static unsigned int next_fault(unsigned int fault)
{
    do
        fault = stub_fault_next(fault);
    while ( fault && stub_fault_unseen(fault) );

    return fault;
}

static unsigned int fault_count(void)
{
    unsigned int nr = 0;

    for ( unsigned int f = next_fault(0); f; f = next_fault(f) )
        nr++;

    return nr;
}

static int hunt_all(struct search *s)
{
    unsigned int caught = 0, done = 0, nr = fault_count();
    /* One more than needed: there may be none, and calloc(0) may be NULL. */
    double *runs = calloc(nr + 1, sizeof(*runs));
    double *seconds = calloc(nr + 1, sizeof(*seconds));
    struct hunt_result r;
    bool ok = true;

    if ( !runs || !seconds )
        out_of_memory();
    if ( !s->o->json )
        printf("%-28s %-22s %-28s %9s %11s %8s %3s\n", "fault", "verdict",
               "signature", "runs", "steps", "seconds", "ops");
    while ( ok && done < nr && !stop_requested() )
    {
        s->fault = next_fault(s->fault);
        ok = hunt_one(s, &r);
        if ( stop_heeded() && r.verdict != HUNT_CAUGHT )
            break;
        runs[done] = (double)r.runs;
        seconds[done++] = r.seconds;
        caught += r.verdict == HUNT_CAUGHT;
    }
    if ( ok )
        print_summary(s->o, nr, done, caught, runs, seconds);
    free(runs);
    free(seconds);
    if ( !ok )
        return EXIT_INTERNAL;

    return caught == done ? EXIT_HELD : EXIT_VIOLATION;
}

static int hunt_named(struct search *s)
{
    struct hunt_result r;

    s->fault = stub_fault_find(s->o->fault);
    if ( !s->fault && strcmp(s->o->fault, stub_fault_id(0)) )
    {
        diag("hunt: --fault %s: expected all, none, or one that claimcheck "
             "faults lists",
             s->o->fault);
        return EXIT_BAD_INPUT;
    }
    if ( !hunt_one(s, &r) )
        return EXIT_INTERNAL;
    if ( stop_heeded() && r.verdict != HUNT_CAUGHT )
    {
        diag("hunt: stopped by %s after %" PRIu64 " runs", stop_name(),
             r.runs);
        return EXIT_HELD;
    }

    /* With nothing planted a catch is a violation. */
    return (r.verdict == HUNT_CAUGHT) == (s->fault != 0) ? EXIT_HELD
                                                         : EXIT_VIOLATION;
}

int hunt_run(const struct hunt_options *o)
{
    struct search *s = calloc(1, sizeof(*s));
    int rc;

    if ( !s )
        out_of_memory();
    s->o = o;
    rc = strcmp(o->fault, "all") ? hunt_named(s) : hunt_all(s);
    free(s);

    return rc;
}
