/* SPDX-License-Identifier: MIT */
/*
 * The state that a program has reached so far, on the model alone: operations
 * are lowered as the engine lowers them, and each call returns the most that
 * the rules allow. It guides the choice of the next operation and checks
 * nothing. It may differ from what a hypervisor does (how long free blocks
 * last, which node pages come from): a unit test counts how often. It never
 * aborts.
 */
#ifndef CLAIMCHECK_PREVIEW_H
#define CLAIMCHECK_PREVIEW_H

#include "harness/lower/lower.h"
#include "harness/program/program.h"
#include "model/model_hv.h"

struct preview
{
    struct model_hv hv;
    struct hypervisor h; /* the same, for lowering                           */
    bool lost;           /* a call had no outcome: the state stays as it was */
    struct lower lower;
    struct hv_call call;
    struct hv_result result;
    MODEL_HV_ROOM(PROGRAM_PAGES_MAX) room;
};

/* Pages of the hosts of which a state can be saved: the small ones. */
#define PREVIEW_STATE_PAGES (HV_NODES_MAX * PROGRAM_SMALL_NODE)

/* The state of a preview, to go back to. Large, too, but it costs what the host's
 * pages and what operations have left behind cost. */
struct preview_state
{
    struct model_hv hv;
    bool lost;
    struct lower_left left;
    MODEL_HV_ROOM(PREVIEW_STATE_PAGES) room;
};

/* Large (about 100 KiB) and not cleared as a whole: it costs what the host's
 * pages cost, of which it has PROGRAM_PAGES_MAX at most. It points to itself: not
 * to be copied. */
void preview_start(struct preview *p, const struct host_shape *shape);

/* One operation; its result, 0 if it made no call. */
long preview_step(struct preview *p, const struct op *op);

/* The same state, without making calls that only ask or write. */
void preview_follow(struct preview *p, const struct op *op);

void preview_save(const struct preview *p, struct preview_state *s);
/* s was saved from this p. */
void preview_restore(struct preview *p, const struct preview_state *s);

static inline const struct hv_view *preview_view(const struct preview *p)
{
    return model_view(&p->hv.m);
}

/* What a page count means now for a slot. */
static inline uint64_t preview_pages(const struct preview *p,
                                     const struct value *v, int slot)
{
    return pages_resolve(v, preview_view(p), slot, p->hv.m.host_pages);
}

#endif /* CLAIMCHECK_PREVIEW_H */
