/* SPDX-License-Identifier: MIT */
/*
 * Programs from choices: the same choices and options give the same program,
 * on every machine. The operations generated so far run on the model, so that
 * the next ones suit the state: domains that are alive, dying or have a claim,
 * page counts at the limits of what is free, claimed and allowed. Some ignore
 * the state on purpose, so that nothing becomes unreachable.
 *
 * Not here: whether a program finds anything (harness/engine).
 */
#ifndef CLAIMCHECK_GENERATE_H
#define CLAIMCHECK_GENERATE_H

#include "harness/program/program.h"
#include "choice.h"
#include "replay.h"

struct generate_options
{
    int release;      /* enum release; -1: any */
    unsigned int ops; /* operations, at most PROGRAM_OPS_MAX; 0: any number */
    uint32_t lacks; /* enum hv_cap bits that the hypervisor does not offer   */
    uint32_t node_pages_max; /* of nodes that the hypervisor can do; 0: any */
    bool wide;  /* also use arguments that only wide records hold */
    bool blind; /* ignore the state altogether; saves the preview        */
    /* Nodes, pages and LLC colouring; NULL: any. Its release is not used.
     * If HV_CAP_SHAPE is lacking: the hypervisor's own shape; a larger one
     * than PROGRAM_NODE_PAGES_MAX is taken as that. */
    const struct host_shape *shape;
};

/* What a hypervisor does not offer, for .lacks. */
static inline uint32_t generate_lacks(const struct hypervisor *h)
{
    return HV_CAPS_ALL & ~h->ops->caps;
}

/* A program from a seed, and from any choices. When the choices end, so does
 * the program. */
void program_generate(struct program *p, uint64_t seed,
                      const struct generate_options *o);
void program_choose(struct program *p, struct choice *c,
                    const struct generate_options *o);

/*
 * At most n operations that suit the place before p's operation number at,
 * into out; returns how many. The host is p's; o's release and shape are not
 * used. n is at least 1, at at most p->nr_ops. r is of p up to that place, and
 * afterwards of the program with these operations there.
 */
uint32_t generate_at(const struct program *p, uint32_t at, struct choice *c,
                     struct op *out, uint32_t n,
                     const struct generate_options *o, struct replay *r);

#endif /* CLAIMCHECK_GENERATE_H */
