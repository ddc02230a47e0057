/* SPDX-License-Identifier: MIT */
/*
 * The model as a hypervisor: every call returns the largest result that the
 * model allows (or a preferred one); frames and nodes are made up. Litmus
 * tests run on it, so that a stub with the same mistake cannot hide a wrong
 * rule; and the generator follows a program's state with it.
 *
 * It checks nothing by itself.
 */
#ifndef CLAIMCHECK_MODEL_HV_H
#define CLAIMCHECK_MODEL_HV_H

#include "model.h"

/* Flat; may be copied. Must be zero before the first reset. */
struct model_hv
{
    struct model m; /* m.hv points to this struct: reset after a copy */
    struct host_shape shape;
    uint64_t start_free[HV_NODES_MAX];
    /* Pages, by id, that a destroy in steps came to; what a mapping kept of them
     * goes with the mapping. Never cleared in a run: a page that went is given
     * to somebody else, who must be dying too for it to matter. */
    uint64_t passed[HV_PAGES_MAX / 64];
    bool prefers;
    long preferred;
    /* Do not count free blocks: much cheaper, and wrong only about how much of
     * a claim a failed allocation cost. Survives a reset. */
    bool rough;
};

extern const struct hypervisor_ops model_hv_ops;

/* Heap, so free it with ops->close. */
bool model_hypervisor_open(struct hypervisor *h);

/* The same in memory of the caller's: a reset, and one call. NULL, or what the
 * model says is impossible (with rough unset, that would be a bug here). */
void model_hv_reset(struct model_hv *s, const struct host_shape *shape);
const char *model_hv_issue(struct model_hv *s, const struct hv_call *call,
                           struct hv_result *result);

/* ---- shared by its two files ---- */

/* The first frame that can be free: those that dom0 starts with come first. */
static inline uint64_t model_hv_first_frame(const struct model_hv *s)
{
    return HV_FRAME_BASE + s->m.dom[0].initial;
}

/* Free blocks, as if every page without a name were free. The few that are not
 * matter only when the host is almost full. */
void model_hv_blocks(const struct model_hv *s, struct hv_capacity *c);

#endif /* CLAIMCHECK_MODEL_HV_H */
