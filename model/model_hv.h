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
    /* Frames by id: those of the heap; those of them that are not free, and how
     * many; of these, those that the model knew by name after the last call, and
     * dom0's at boot. */
    uint64_t heap[HV_PAGES_MAX / 64];
    uint64_t taken[HV_PAGES_MAX / 64];
    uint64_t named[HV_PAGES_MAX / 64];
    uint64_t booted[HV_PAGES_MAX / 64];
    uint32_t nr_taken;
    uint32_t heap_pages;
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

/* Boot: sets the free pages of *view, where dom0 has its pages already. */
void model_hv_boot(struct model_hv *s, struct hv_view *view);

/* Free blocks of the heap. */
void model_hv_blocks(const struct model_hv *s, struct hv_capacity *c);

/* A block of frames that a call wants. */
struct model_hv_want
{
    uint32_t order;
    uint32_t nodes; /* a mask */
    uint32_t zone_max;
    bool coloured;
};

/* The last free block below *end (0: the end of the host), as Xen hands out
 * high frames first; *end becomes its first frame. False: there is none. */
bool model_hv_find(const struct model_hv *s, const struct model_hv_want *want,
                   uint64_t *end);

/* After a call: make the frames agree with the counters of the model, and set
 * the free pages of each node. Pages without a name come from the first nodes
 * (masks) as long as they have some, then from the next. */
void model_hv_settle(struct model_hv *s, uint32_t first, uint32_t next);

#endif /* CLAIMCHECK_MODEL_HV_H */
