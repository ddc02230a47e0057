/* SPDX-License-Identifier: MIT */
/*
 * An implementation from a shared object: what --on FILE.so and CLAIMCHECK_ON
 * load. A plug-in is C, and exports one symbol:
 *
 *   const struct claimcheck_plugin claimcheck_plugin = {
 *       CLAIMCHECK_PLUGIN_HEAD,
 *       .name = "mine",
 *       .allocator = &my_allocator,
 *   };
 *
 * The program lends a plug-in the functions that these headers declare
 * (hypervisor/lent.list); everything else it brings along. A plug-in stays
 * loaded until the process ends. examples/bitmap_allocator.c is one.
 */
#ifndef CLAIMCHECK_PLUGIN_H
#define CLAIMCHECK_PLUGIN_H

#include "allocator.h"
#include "hypervisor.h"

/* Raised with every change of these headers that a plug-in must follow. */
#define CLAIMCHECK_PLUGIN_INTERFACE 9

/* What a plug-in was compiled against, in one number: a change of the headers
 * for which somebody forgot to raise the version is noticed all the same. */
#define CLAIMCHECK_PLUGIN_LAYOUT                                              \
    ((uint32_t)(sizeof(struct hypervisor_ops) +                               \
                1009 * sizeof(struct allocator_ops) +                         \
                10007 * sizeof(struct hv_call) +                              \
                20011 * sizeof(struct hv_result) +                            \
                30011 * sizeof(struct hv_view) +                              \
                40009 * sizeof(struct alloc_config) +                         \
                50021 * sizeof(struct alloc_services) +                       \
                60013 * RELEASE_COUNT + 70001 * sizeof(struct hv_facts) +     \
                80021 * sizeof(struct hv_hooks)))

struct claimcheck_plugin
{
    /* These two stay first in every version. */
    uint32_t interface;
    uint32_t layout;
    const char *name;

    /* Exactly one of these. An allocator goes below the stub's front end. */
    const struct allocator_ops *allocator;
    /* A whole hypervisor, released with ops->close. fault: what --fault says,
     * NULL for none; one that is not known must be refused. false: *why says
     * why not, in text that outlives the call. */
    bool (*open)(struct hypervisor *h, const char *fault, const char **why);
};

#define CLAIMCHECK_PLUGIN_HEAD                                                \
    .interface = CLAIMCHECK_PLUGIN_INTERFACE,                                 \
    .layout = CLAIMCHECK_PLUGIN_LAYOUT

extern const struct claimcheck_plugin claimcheck_plugin
    __attribute__((visibility("default")));

#endif /* CLAIMCHECK_PLUGIN_H */
