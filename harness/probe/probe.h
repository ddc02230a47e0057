/* SPDX-License-Identifier: MIT */
/*
 * Which release's rules does an implementation follow? Each fact in which
 * releases differ (hypervisor/facts.def) is tried with a few calls, and what
 * comes of it is compared with the rows of the model. No version number is
 * looked at.
 *
 * Not here: checking that it follows them (harness/engine).
 */
#ifndef CLAIMCHECK_PROBE_H
#define CLAIMCHECK_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hypervisor/hypervisor.h"

enum probe_fact
{
#define FACT(name, text) PROBE_##name,
#define NUMBER(name, text) PROBE_##name,
#include "hypervisor/facts.def"
#undef FACT
#undef NUMBER
    PROBE_COUNT
};

struct probe_info
{
    const char *name, *text;
    bool number; /* not only 0 and 1 */
};

extern const struct probe_info probe_table[PROBE_COUNT];

#define PROBE_EVIDENCE_MAX 120

struct probe_found
{
    bool known; /* else evidence says why it could not be tried */
    uint32_t value;
    char evidence[PROBE_EVIDENCE_MAX];
};

struct probe
{
    enum release asked;
    struct probe_found fact[PROBE_COUNT];
    uint32_t fits; /* RELEASE_BIT of each row that all known facts are of */
    enum release
        nearest; /* a row with the fewest differences                   */
};

/* The value of a fact in a release's row. */
uint32_t probe_row(enum release r, enum probe_fact fact);

/*
 * Try all facts, on hosts that name release asked, which must be one that h
 * takes; h is reset before each. An assertion in it ends the process.
 */
void probe_run(const struct hypervisor *h, enum release asked,
               struct probe *p);

/* The releases of a mask that it follows, RELEASE_BIT each: those whose rows it
 * fits when it is asked for them. 0: none; *nearest comes nearest then. */
uint32_t probe_releases(const struct hypervisor *h, uint32_t mask,
                        struct probe *nearest);

/* "info_next_domain is yes, expected no; ...": where it differs from a row. */
void probe_differences(const struct probe *p, enum release r, char *text,
                       size_t size);

#endif /* CLAIMCHECK_PROBE_H */
