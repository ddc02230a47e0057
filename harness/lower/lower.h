/* SPDX-License-Identifier: MIT */
/*
 * Operations become calls across the seam here and nowhere else. The engine
 * makes these calls on a hypervisor and checks them; the generator makes the
 * same calls on the model; the emitter writes the engine's calls as C. A new
 * operation is one line in ops.def and one function lower_<name>.
 *
 * Operands are resolved against what was last seen; frames are picked from
 * what the model knows a domain to own. Not here: what a call may return
 * (model/).
 */
#ifndef CLAIMCHECK_LOWER_H
#define CLAIMCHECK_LOWER_H

#include "harness/program/program.h"
#include "hypervisor/hypervisor.h"
#include "model/model.h"

/* A block that the hypervisor allocated for itself. */
struct anon_block
{
    uint64_t frame;
    uint32_t order;
};

struct extra_page
{
    uint64_t frame;
    uint8_t dom;
};

/* What the nth write operation of a run leaves in pages is n more, n from 1: words
 * that no hypervisor scrubs with. */
#define LOWER_WORD UINT32_C(0x67770000)

/* What earlier operations of a program left behind: at most one each. */
struct lower_left
{
    uint32_t nr_anon, nr_extra;
    uint32_t nr_writes;
    bool offlined; /* one was about a page out of use, or to be */
    struct anon_block anon[PROGRAM_OPS_MAX];
    struct extra_page extra[PROGRAM_OPS_MAX];
};

struct lower
{
    /* The hypervisor, what was last observed of it, and who owns its pages. */
    const struct hypervisor *h;
    const struct hv_view *view;
    const struct model *model;
    /* Makes *call and fills *result; returns result->rc. */
    long (*issue)(void *ctx);
    void *ctx;
    struct hv_call *call;
    struct hv_result *result;

    struct lower_left left;
    const char *not_run; /* why the last operation made no call, or NULL */
    struct xen_memory_claim entries[HV_ENTRIES_MAX]; /* of a claim set   */
    uint64_t list[HV_LIST_MAX]; /* frames picked for the call            */
};

/* A new run: no operation has left anything behind. The members up to result are
 * the caller's to set, once. */
static inline void lower_start(struct lower *l)
{
    l->left.nr_anon = l->left.nr_extra = l->left.nr_writes = 0;
    l->left.offlined = false;
    l->not_run = NULL;
}

/*
 * Carry out an operation by l->issue. Returns its result: that of its call, or
 * for map and unmap, which make one call a frame, how many succeeded. If it
 * cannot be done at all (no such caller, nothing to free) it makes no call,
 * says why in l->not_run, and returns 0.
 */
long lower_op(struct lower *l, const struct op *op);

#endif /* CLAIMCHECK_LOWER_H */
