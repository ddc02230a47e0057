/* SPDX-License-Identifier: MIT */
/* Of exchanges: between exchange.c, exchange_commit.c and the model as a
 * hypervisor; nobody else's business. */
#ifndef CLAIMCHECK_MODEL_EXCHANGE_H
#define CLAIMCHECK_MODEL_EXCHANGE_H

#include <string.h>

#include "internal.h"

struct exchange
{
    struct resv out; /* where the outputs may come from */
    uint64_t in_nr, out_nr, exchanged;
    uint32_t in_order, in_chunk, out_chunk; /* orders: extents of a chunk    */
    uint64_t first, end;                    /* chunks */
    /* By how much the nodes' free pages must change; sure: all of it is known. */
    int64_t moved[HV_NODES_MAX];
    bool sure;
    uint64_t lost; /* inputs that go out of use instead of being free        */
};

/* Pages that chunks have given, and those of them that may be outputs of the
 * chunk before: inputs are free only when the outputs of their own chunk have
 * been found. A bit for each page. */
struct exchange_given
{
    uint64_t all[HV_PAGES_MAX / 64], again[HV_PAGES_MAX / 64];
};

static inline void exchange_none_given(const struct model *m,
                                       struct exchange_given *given)
{
    memset(given->all, 0, model_words(m) * sizeof(given->all[0]));
    memset(given->again, 0, model_words(m) * sizeof(given->again[0]));
}

/* Could the domain in that slot give the page? Then it is noted. */
enum model_owns exchange_gives(const struct model *m, int slot, int id,
                               struct exchange_given *given);

/* Pages that a chunk gives, and the n-th of them; below 0: no page that has a
 * number. The list entry of its extent must be one of the call's. */
static inline uint64_t exchange_inputs(const struct exchange *x)
{
    return UINT64_C(1) << (x->in_chunk + x->in_order);
}

static inline uint64_t exchange_entry(const struct exchange *x, uint64_t chunk,
                                      uint64_t n)
{
    return (chunk << x->in_chunk) + (n >> x->in_order);
}

static inline int exchange_input(const struct model *m,
                                 const struct hv_call *call,
                                 const struct exchange *x, uint64_t chunk,
                                 uint64_t n)
{
    uint64_t in_extent = n & ((UINT64_C(1) << x->in_order) - 1);

    return m->page_id(m->hv,
                      call->list[exchange_entry(x, chunk, n)] + in_extent);
}

/* What a call whose arguments are sound asks for. */
void exchange_sizes(const struct hv_call *call, struct exchange *x);
/* Rules 3.6 i - m; fills in where the outputs may come from. False: the call is
 * refused. */
bool exchange_target(const struct model *m, const struct hv_call *call,
                     struct exchange *x, struct prediction *p);
/* Both, of a call that they let pass. */
void exchange_passed(const struct model *m, const struct hv_call *call,
                     struct exchange *x);

#endif /* CLAIMCHECK_MODEL_EXCHANGE_H */
