/* SPDX-License-Identifier: MIT */
/* What the sources of harness/lower share; private to it. */
#ifndef CLAIMCHECK_LOWER_INTERNAL_H
#define CLAIMCHECK_LOWER_INTERNAL_H

#include "lower.h"

/* ---- lower.c ---- */

/* Note why the operation cannot be done at all; 0. */
long lower_not_run(struct lower *l, const char *why);

/* A page count against what was last seen; slot < 0: no domain. */
uint64_t lower_pages(const struct lower *l, const struct value *v, int slot);

/* Start a call by dom0; everything else is zero. */
struct hv_call *lower_call(struct lower *l, enum hv_call_kind kind);

/* Start a domctl by dom0 for the operation's domain. */
struct hv_domctl *lower_new_domctl(struct lower *l, uint32_t cmd,
                                   const struct op *op);

/* The caller of the call, by CALLER and ABI operands; false, and noted, if
 * there is no such domain. */
bool lower_caller(struct lower *l, const struct value *caller,
                  const struct value *abi);

/* The orders of an exchange, and extents of each list, for nr of the larger. */
void lower_sizes(struct hv_call *c, uint64_t nr, uint32_t in, uint32_t out);

/* ---- raw.c: calls of which every field is free ---- */
long lower_memory_op(struct lower *l, const struct op *op);
long lower_memory_exchange(struct lower *l, const struct op *op);
long lower_domctl(struct lower *l, const struct op *op);
long lower_sysctl(struct lower *l, const struct op *op);

/* ---- offline.c: pages out of use ---- */
long lower_offline(struct lower *l, const struct op *op);
long lower_online(struct lower *l, const struct op *op);
long lower_offline_query(struct lower *l, const struct op *op);
/* A raw sysctl is a page_offline_op. */
long lower_page_offline(struct lower *l, const struct op *op);

/* ---- claims.c: claim sets ---- */
long lower_claim_set(struct lower *l, const struct op *op);
long lower_claim_get(struct lower *l, const struct op *op);
long lower_claim_memory(struct lower *l, const struct op *op);

/* ---- place.c: where arguments and extent lists lie in guest memory, and what
 * is in the lists ---- */

/* Set arg and arg_bytes for a MEMARG value: a structure of size bytes. */
void place_argument(struct hv_call *c, const struct value *v, uint32_t size);

/* Set data, data_bytes and data_count: what a domctl's or sysctl's structure points
 * to, size bytes or most entries; count 0: that many. */
void place_data(struct hv_call *c, const struct value *v,
                const struct value *count, uint32_t size, uint32_t most);

/* An ARRAY value: where numainfo's distances go. */
void place_distance(struct hv_call *c, const struct value *v);

/* Set data and data_bytes: nr entries of a claim set, which are in l->entries. */
void place_entries(struct lower *l, const struct value *v, uint32_t nr);

/* The whole structure, where the window ends. */
void place_whole(struct hv_call *c, uint32_t size);

/* Set resv.extent_start and list_entries for a LIST value. nr_extents, the
 * command word and caller flags must be set. */
void place_list(struct hv_call *c, const struct value *v);

/* The same for both lists of an exchange, one behind the other. */
void place_lists(struct hv_call *c, const struct value *v);

/* The entries of the call's list: frames to give back, or GFNs to populate. */
void fill_list(struct lower *l, int slot);

enum pick
{
    PICK_OWNED,    /* what decrease may name, mapped or not */
    PICK_UNMAPPED, /* owned and not mapped                  */
    PICK_MAPPED,
};

/* 0, 1, 2 ...: the GFNs that populate is given. */
extern const uint64_t lower_gfns[HV_LIST_MAX];

/* Put at most want frames of a domain into l->list, lowest page id first.
 * Returns how many there were. */
uint32_t pick_frames(struct lower *l, int slot, uint64_t want, enum pick pick);

/* Put one frame into l->list that may be mapped once more: an extra page of
 * the domain, or one of its mapped pages. Returns 0 if there is none. */
uint32_t pick_mapped_again(struct lower *l, int slot);

/* The nth frame, from the last, without a known owner; it may be one of a
 * domain's pages without a name. 0, which no domain owns, if there are not as
 * many, or if other domains may own them. */
uint64_t unowned_frame(const struct lower *l, uint64_t nth);

#endif /* CLAIMCHECK_LOWER_INTERNAL_H */
