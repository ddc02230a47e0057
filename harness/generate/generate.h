/* SPDX-License-Identifier: MIT */
/*
 * Random programs from a seed: the same seed and options, the same program, on
 * every machine. They lead somewhere (domains are built, claim, balloon, die)
 * but know no state: for one that follows a model, see harness/mutate.
 */
#ifndef CLAIMCHECK_GENERATE_H
#define CLAIMCHECK_GENERATE_H

#include "../program/program.h"

struct generate_options
{
    int release;    /* enum release; -1: any */
    unsigned int ops; /* operations, at most PROGRAM_OPS_MAX; 0: any number */
    uint32_t lacks; /* enum hv_cap bits that the hypervisor does not offer   */
    bool wide;      /* use arguments that only wide records hold, too */
    /* Nodes, pages and LLC colouring; NULL: any. Its release is not used.
     * Without HV_CAP_SHAPE give the hypervisor's own. */
    const struct host_shape *shape;
};

/* What a hypervisor does not offer, for .lacks. */
static inline uint32_t generate_lacks(const struct hypervisor *h)
{
    return HV_CAPS_ALL & ~h->ops->caps;
}

void program_generate(struct program *p, uint64_t seed,
                      const struct generate_options *o);

#endif /* CLAIMCHECK_GENERATE_H */
