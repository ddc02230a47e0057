/* SPDX-License-Identifier: MIT */
/*
 * Is every planted fault found, by which check, and how soon? Or, with nothing
 * planted, a long search for any violation.
 */
#ifndef CLAIMCHECK_HUNT_H
#define CLAIMCHECK_HUNT_H

#include <stdbool.h>
#include <stdint.h>

/* Where programs come from. */
enum hunt_engine
{
    HUNT_GENERATOR,
    HUNT_MUTATOR, /* changes programs that reached something new */
    HUNT_BYTES,   /* the baseline: random bytes, absolute numbers */
    HUNT_ENGINE_COUNT
};

/* The engine of that name, or -1. */
int hunt_engine_from_name(const char *name);

struct hypervisor;

struct hunt_options
{
    /* What is searched; NULL: the stub. Another one has none of its faults. */
    const struct hypervisor *on;
    uint32_t releases; /* RELEASE_BIT of those that it follows             */
    const char *fault; /* id, "none", or "all": all that can be seen */
    int release;       /* that one only; -1: those that the fault shows on */
    uint64_t seconds;  /* for each fault */
    uint64_t runs_max; /* for each fault */
    uint64_t seed;
    enum hunt_engine engine;
    bool json; /* one object a fault, else a table */
};

/*
 * Hunt, and print a row for each fault on stdout. Returns an exit code:
 * EXIT_HELD if every fault was caught (with "none": nothing was found),
 * EXIT_BAD_INPUT after having said what is wrong.
 */
int hunt_run(const struct hunt_options *o);

#endif /* CLAIMCHECK_HUNT_H */
