/* SPDX-License-Identifier: MIT */
/*
 * What the two halves of claimcheck hunt share: the search for one fault
 * (hunt_search.c) and the table around it (hunt.c).
 */
#ifndef CLAIMCHECK_HUNT_H
#define CLAIMCHECK_HUNT_H

#include "harness/engine/engine.h"

/* Programs that the mutator keeps; and features it tells apart, a hash of an
 * operation, its result and the shape of the domains' state. */
#define POOL_MAX 256
#define FEATURES_MAX 65536

enum source
{
    SOURCE_GENERATOR,
    SOURCE_MUTATOR, /* changes programs that reached something new */
    SOURCE_BYTES,   /* the baseline: random bytes, absolute numbers */
    SOURCE_COUNT
};

/* In rising order: a later run of the same search may only improve on it. */
enum verdict
{
    NEVER_REACHED, /* the place of the fault was never reached             */
    NOT_CAUGHT,    /* reached, and no check objected                       */
    WRONG_CATCH,   /* a check objected, none of the fault's own signatures */
    CAUGHT
};

struct hunt
{
    const char *fault; /* id, or "all" */
    int release;       /* search on that one only, or -1 */
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
    uint32_t ops,
        shortest; /* operations of the program, and after shrinking */
};

/* Hunt for h->number (0: nothing planted) until it is caught or the limits of
 * *h are met; a caught one's program is left in h->p, shortened. false after
 * having said what is wrong. */
bool hunt_search(struct hunt *h, struct finding *f);

#endif /* CLAIMCHECK_HUNT_H */
