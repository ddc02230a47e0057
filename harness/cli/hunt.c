/* SPDX-License-Identifier: MIT */
/*
 * claimcheck hunt: is every planted fault found, by what, and how soon? A table
 * of faults, or a long search without one. Only a fault's own signatures count
 * as a catch: a crash of another kind says that something else is wrong.
 *
 * Not here: the search itself (hunt_search.c).
 */
#include "harness/hunt/hunt.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/stub.h"
#include "harness/program/text.h"
#include "harness/cases/diag.h"
#include "harness/session/setup.h"
#include "verbs.h"

/* Unless told: seconds for a fault, and runs without an end. */
#define SECONDS_DEFAULT 30
#define SECONDS_MAX 86400
#define RUNS_MAX UINT64_C(1000000000000)

static const char *const source_names[SOURCE_COUNT] = {
    [SOURCE_GENERATOR] = "generator",
    [SOURCE_MUTATOR] = "mutator",
    [SOURCE_BYTES] = "bytes",
};

static const char *const verdict_names[] = {
    [NEVER_REACHED] = "never reached",
    [NOT_CAUGHT] = "reached but not caught",
    [WRONG_CATCH] = "not caught",
    [CAUGHT] = "caught",
};

static void tell(const struct hunt *h, const struct finding *f)
{
    const char *id = stub_fault_id(h->number);
    const char *verdict = h->number || f->verdict == CAUGHT
                              ? verdict_names[f->verdict]
                              : "held";

    if ( h->json )
        printf("{\"fault\":\"%s\",\"verdict\":\"%s\",\"signature\":\"%s\","
               "\"runs\":%" PRIu64 ",\"steps\":%" PRIu64 ",\"seconds\":%.3f,"
               "\"operations\":%u,\"shortest\":%u}\n",
               id, verdict, f->signature, f->runs, f->steps, f->seconds,
               f->ops, f->shortest);
    else
        printf("%-28s %-22s %-28s %9" PRIu64 " %11" PRIu64 " %8.3f %3u\n", id,
               verdict, f->signature, f->runs, f->steps, f->seconds,
               f->shortest);
    fflush(stdout);
}

static bool hunt_one(struct hunt *h, struct finding *f)
{
    if ( !hunt_search(h, f) )
        return false;
    tell(h, f);
    if ( !h->number && f->verdict == CAUGHT )
        program_print(stdout, &h->p);

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
    fprintf(stderr,
            "hunt: %u of %u faults caught by %s, seed %" PRIu64 "; "
            "median %.0f runs, %.4f s; worst %.0f runs, %.4f s\n",
            caught, nr, source_names[h->source], h->seed, runs[nr / 2],
            seconds[nr / 2], runs[nr - 1], seconds[nr - 1]);
}

static int hunt_all(struct hunt *h)
{
    unsigned int caught = 0, nr = stub_fault_count() - 1;
    double *runs = calloc(nr, sizeof(*runs));
    double *seconds = calloc(nr, sizeof(*seconds));
    struct finding f;
    bool ok = runs && seconds;

    if ( !h->json )
        printf("%-28s %-22s %-28s %9s %11s %8s %3s\n", "fault", "verdict",
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

static bool choose_release(struct hunt *h)
{
    h->release = release_from_name(optarg);
    if ( h->release >= 0 )
        return true;
    diag(
        "hunt: --release %s: expected a release that claimcheck ops lists, as "
        "in 4.17",
        optarg);

    return false;
}

static bool option(struct hunt *h, int c, char **argv)
{
    switch ( c )
    {
    case 'F': h->fault = optarg; return true;
    case 't':
        return option_number(argv, "--seconds", 1, SECONDS_MAX, &h->seconds);
    case 'c': return option_number(argv, "--runs", 1, RUNS_MAX, &h->runs_max);
    case 's': return option_number(argv, "--seed", 0, UINT64_MAX, &h->seed);
    case 'e': return choose_source(h);
    case 'R': return choose_release(h);
    case 'j': h->json = true; return true;
    default: return false;
    }
}

static bool find_fault(struct hunt *h)
{
    for ( h->number = 0; h->number < stub_fault_count(); h->number++ )
        if ( !strcmp(h->fault, stub_fault_id(h->number)) )
            return true;
    diag("hunt: --fault %s: expected all, none, or one that claimcheck faults "
         "lists",
         h->fault);

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
        { "release", required_argument, NULL, 'R' },
        { "json", no_argument, NULL, 'j' },
        { 0 }
    };
    static struct hunt h = { .fault = "all",
                             .release = -1,
                             .seconds = SECONDS_DEFAULT,
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
