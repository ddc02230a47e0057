/* SPDX-License-Identifier: MIT */
/*
 * The model as a hypervisor: every call returns the largest result that the
 * model allows (or a preferred one); frames and nodes are invented. Litmus
 * tests run on the rules alone with it, so that a rule written down wrongly is
 * not hidden by a stub with the same mistake; and whoever generates programs
 * looks with it where a program so far has led.
 *
 * Not a check of anything by itself.
 */
#ifndef CLAIMCHECK_MODEL_HYPERVISOR_H
#define CLAIMCHECK_MODEL_HYPERVISOR_H

#include "model.h"

/* Flat; may be copied and thrown away. Cleared before the first reset. */
struct model_hv
{
    struct model
        m; /* its page names refer to this struct: copy, then reset  */
    struct host_shape shape;
    uint64_t start_free[HV_NODES_MAX];
    bool prefers;
    long preferred;
    /* Do not count free blocks: much cheaper, and wrong only about how much of
     * a claim a failed block used up. Survives a reset. */
    bool rough;
};

/* Heap, so free it with ops->close. */
bool model_hypervisor_open(struct hypervisor *h);

/* The same without a heap: start again, and one call. NULL, or what the model
 * says is impossible (a mistake here: never with rough unset). */
void model_hv_reset(struct model_hv *s, const struct host_shape *shape);
const char *model_hv_issue(struct model_hv *s, const struct hv_call *call,
                           struct hv_result *result);

/* ---- between its files ---- */

/* Where free pages can be: what dom0 had at the start comes first. */
static inline uint64_t model_hv_first_frame(const struct model_hv *s)
{
    return HV_FRAME_BASE + s->m.dom[0].initial;
}

/* Free blocks, as if every page without a name were free: the few that are not
 * (a domain's own) matter only when the host is all but full. */
void model_hv_blocks(const struct model_hv *s, struct hv_capacity *c);

#endif /* CLAIMCHECK_MODEL_HYPERVISOR_H */
