/* SPDX-License-Identifier: MIT */
/*
 * Where arguments and extent lists lie in guest memory, and what is in the
 * lists. Private to harness/engine.
 */
#ifndef CLAIMCHECK_ENGINE_PLACE_H
#define CLAIMCHECK_ENGINE_PLACE_H

#include "impl.h"

/* Set arg and arg_bytes for a MEMARG value: a structure of size bytes. */
void place_argument(struct hv_call *c, const struct value *v, uint32_t size);

/* Set resv.extent_start and list_entries for a LIST value. nr_extents, the
 * command word and caller flags must be set. */
void place_list(struct hv_call *c, const struct value *v);

/* Fill e->list for e->call: frames to give back, or GFNs to populate. */
void fill_list(struct engine *e, int slot);

enum pick
{
    PICK_OWNED,    /* what decrease may name, mapped or not */
    PICK_UNMAPPED, /* owned and not mapped                  */
    PICK_MAPPED,
};

/* Put at most want frames of a domain into e->list, lowest page id first, and
 * zeros behind them up to want. Returns how many frames there were. */
uint32_t pick_frames(struct engine *e, int slot, uint64_t want,
                     enum pick pick);

/* One frame into e->list that may be mapped once more: an extra page of the
 * domain, or one of its mapped pages. Returns 0 if there is none. */
uint32_t pick_mapped_again(struct engine *e, int slot);

/* The nth frame, from the last, that nobody is known to own; it may be one of
 * the pages without a name. 0, which is nobody's, if there are not as many, or
 * if the host is not ours alone. */
uint64_t unowned_frame(const struct engine *e, uint64_t nth);

#endif /* CLAIMCHECK_ENGINE_PLACE_H */
