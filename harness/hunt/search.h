/* SPDX-License-Identifier: MIT */
/* The search for one fault; hunt.c makes a table of them. */
#ifndef CLAIMCHECK_HUNT_SEARCH_H
#define CLAIMCHECK_HUNT_SEARCH_H

#include "harness/engine/engine.h"
#include "hunt.h"

/* Programs that the mutator keeps; and features it tells apart: a hash of an
 * operation, its result and the shape of the domains' state. */
#define POOL_MAX 256
#define FEATURES_MAX 65536

/* In rising order: a later run of the same search may only improve on it. */
enum hunt_verdict
{
    HUNT_NOT_REACHED,     /* the place of the fault was never reached */
    HUNT_NO_VIOLATION,    /* reached, and no check objected */
    HUNT_OTHER_SIGNATURE, /* a violation, but none that the fault lists */
    HUNT_CAUGHT
};

struct hunt_result
{
    enum hunt_verdict verdict;
    char signature[SIGNATURE_MAX]; /* of the last violation; "": none */
    uint64_t runs, steps;
    double seconds;
    uint32_t ops, shortest; /* operations before and after shrinking */
};

struct search
{
    const struct hunt_options *o;
    unsigned int fault; /* number; 0: nothing is planted */
    struct hypervisor h;
    struct engine *engine;
    struct program p; /* the last one; of a caught fault: shrunk */
    /* Of the mutator. */
    struct program pool[POOL_MAX];
    uint32_t nr_pool;
    uint8_t feature[FEATURES_MAX];
    bool new_feature; /* of the run under way */
};

/* Search until s->fault is caught or a limit of s->o is met. false after having
 * said what is wrong. */
bool hunt_search(struct search *s, struct hunt_result *r);

#endif /* CLAIMCHECK_HUNT_SEARCH_H */
