/* SPDX-License-Identifier: MIT */
/*
 * Where a program has led so far, on the rules alone: its operations are
 * replayed on the model, each with the most that the rules allow. Guidance only:
 * what is generated from it is checked elsewhere, so where the real call is hard
 * to follow (lists that end early, coloured pages) this may err, never abort.
 */
#ifndef CLAIMCHECK_WORLD_H
#define CLAIMCHECK_WORLD_H

#include "model/hypervisor.h"
#include "harness/program/program.h"

struct world_block
{
    uint16_t frame;
    uint8_t order;
};

struct world
{
    struct model_hv hv;
    bool lost; /* the replay got stuck: the state stays as it was            */
    uint8_t nr_anon;
    struct world_block anon[PROGRAM_OPS_MAX];
    struct hv_call call;
    struct hv_result result;
    uint64_t list[HV_PAGES_MAX];
};

/* Large (about 30 KiB) and not cleared as a whole: it costs what the host's
 * pages cost. */
void world_start(struct world *w, const struct host_shape *shape);

/* One operation; its result, 0 for what is not followed. */
long world_step(struct world *w, const struct op *op);

static inline const struct hv_view *world_view(const struct world *w)
{
    return model_view(&w->hv.m);
}

/* What a page count means now for a slot. */
static inline uint64_t world_pages(const struct world *w,
                                   const struct value *v, int slot)
{
    return pages_resolve(v, world_view(w), slot, w->hv.m.host_pages);
}

/* Pages of a domain that dom0 maps. */
bool world_mapped(const struct world *w, int slot);

#endif /* CLAIMCHECK_WORLD_H */
