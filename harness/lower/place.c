/* SPDX-License-Identifier: MIT */
/*
 * Placing arguments in guest memory. Everything ends where its window ends, so
 * that one byte read too many faults; every byte that can be read was written
 * for this call, so that nothing of an earlier one can matter.
 */
#include "internal.h"

#include <assert.h>
#include <string.h>

static bool is_abi32(const struct hv_call *c)
{
    return c->caller.flags & HV_CALLER_ABI32;
}

/* A MEMARG value: where, for what ends at end; how many bytes are there. */
static uint32_t place_at(const struct value *v, uint64_t end, uint32_t size,
                         uint64_t *addr)
{
    uint32_t bytes = v->sel == MEM_SHORT && v->v < size ? (uint32_t)v->v
                                                        : size;

    switch ( (enum mem_sel)v->sel )
    {
    case MEM_NULL: *addr = 0; return 0;
    case MEM_UNMAPPED: *addr = GUEST_UNMAPPED; return 0;
    case MEM_NONCANONICAL: *addr = GUEST_NONCANONICAL; return 0;
    case MEM_MISALIGNED: *addr = end - bytes - 1; return bytes;
    default: *addr = end - bytes; return bytes;
    }
}

void place_argument(struct hv_call *c, const struct value *v, uint32_t size)
{
    c->arg_bytes = place_at(v, GUEST_ARG_END, size, &c->arg);
    if ( v->sel == MEM_READONLY )
        c->readonly |= HV_READONLY_ARG;
}

/* Set data and data_bytes. */
static void place_bytes(struct hv_call *c, const struct value *v,
                        uint32_t size)
{
    c->data_bytes = place_at(v, GUEST_LIST_END, size, &c->data);
    if ( v->sel == MEM_READONLY )
        c->readonly |= HV_READONLY_LIST;
}

void place_data(struct hv_call *c, const struct value *v,
                const struct value *count, uint32_t size, uint32_t most)
{
    place_bytes(c, v, size);
    c->data_count = count->v ? (uint32_t)count->v - 1 : most;
}

void place_distance(struct hv_call *c, const struct value *v)
{
    static const uint64_t place[] = { 0, HV_DISTANCE_AT, GUEST_UNMAPPED,
                                      GUEST_NONCANONICAL };

    c->distance = place[v->v];
}

void place_entries(struct lower *l, const struct value *v, uint32_t nr)
{
    place_bytes(l->call, v, nr * (uint32_t)sizeof(l->entries[0]));
    l->call->entries = l->entries;
}

void place_whole(struct hv_call *c, uint32_t size)
{
    place_argument(c, &(struct value){ .sel = MEM_OK }, size);
}

static void set_handle(struct hv_call *c, uint64_t addr)
{
    c->resv.extent_start.p = (void *)(uintptr_t)addr;
}

static bool in_windows(uint64_t addr)
{
    return (addr >= GUEST_ARG_START && addr < GUEST_ARG_END) ||
           (addr >= GUEST_LIST_START && addr < GUEST_LIST_END);
}

/* A literal address: entries are mapped if it lies in the list window, as many
 * as there are places for. The argument's window is not for lists: a list
 * there would overwrite the argument. Nor may a list that begins elsewhere
 * reach a window by its start extent: entries are counted from the first. Such
 * an address is taken as unmapped. */
static void place_list_at(struct hv_call *c, uint64_t addr, uint32_t width)
{
    uint64_t start = c->cmd >> MEMOP_EXTENT_SHIFT, least;

    if ( is_abi32(c) )
        addr = (uint32_t)addr;
    if ( (addr >= GUEST_ARG_START - width && addr < GUEST_ARG_END) ||
         (!(addr >= GUEST_LIST_START && addr < GUEST_LIST_END) &&
          in_windows(addr + start * width)) )
        addr = GUEST_UNMAPPED;
    if ( addr >= GUEST_LIST_START && addr < GUEST_LIST_END )
    {
        least = GUEST_LIST_END - (uint64_t)HV_LIST_MAX * width;
        addr = addr < least ? least : addr;
        c->list_entries = (uint32_t)(GUEST_LIST_END - addr) / width;
    }
    set_handle(c, addr);
}

void place_list(struct hv_call *c, const struct value *v)
{
    uint32_t width = is_abi32(c) ? sizeof(uint32_t) : sizeof(uint64_t);
    uint64_t nr = is_abi32(c) ? (uint32_t)c->resv.nr_extents
                              : c->resv.nr_extents;
    uint32_t entries = nr < HV_LIST_MAX ? (uint32_t)nr : HV_LIST_MAX;

    c->list_entries = 0;
    switch ( (enum mem_sel)v->sel )
    {
    case MEM_NULL: set_handle(c, 0); return;

    case MEM_UNMAPPED: set_handle(c, GUEST_UNMAPPED); return;

    case MEM_NONCANONICAL: set_handle(c, GUEST_NONCANONICAL); return;

    case MEM_ADDRESS: place_list_at(c, (uint64_t)v->v, width); return;

    case MEM_SHORT:
        if ( v->v < entries )
            entries = (uint32_t)v->v;
        break;

    case MEM_READONLY: c->readonly |= HV_READONLY_LIST; break;

    default: break;
    }

    /* One byte lower, a full window holds one entry less. */
    if ( v->sel == MEM_MISALIGNED && entries == HV_LIST_MAX )
        entries--;
    c->list_entries = entries;
    set_handle(c, GUEST_LIST_END - (uint64_t)entries * width -
                      (v->sel == MEM_MISALIGNED));
}

void place_lists(struct hv_call *c, const struct value *v)
{
    uint64_t in = c->resv.nr_extents, out = c->out.nr_extents;
    bool fits = in <= HV_LIST_MAX && out <= HV_LIST_MAX - in;
    uint64_t behind = GUEST_UNMAPPED;

    c->resv.nr_extents = fits ? in + out : in;
    place_list(c, v);
    c->resv.nr_extents = in;
    if ( v->sel == MEM_NULL || v->sel == MEM_NONCANONICAL )
        behind = (uintptr_t)c->resv.extent_start.p;
    else if ( fits && v->sel != MEM_UNMAPPED &&
              /* An address: behind all windows, so that nothing is there. */
              (v->sel != MEM_ADDRESS || (uint64_t)v->v >= GUEST_UNMAPPED) )
        behind = (uintptr_t)c->resv.extent_start.p + in * sizeof(uint64_t);
    c->out.extent_start.p = (void *)(uintptr_t)behind;
}

/* ---- frames ---- */

#define GFNS_4(n) (n), (n) + 1, (n) + 2, (n) + 3
#define GFNS_16(n)                                                            \
    GFNS_4(n), GFNS_4((n) + 4), GFNS_4((n) + 8), GFNS_4((n) + 12)
#define GFNS_64(n)                                                            \
    GFNS_16(n), GFNS_16((n) + 16), GFNS_16((n) + 32), GFNS_16((n) + 48)
#define GFNS_256(n)                                                           \
    GFNS_64(n), GFNS_64((n) + 64), GFNS_64((n) + 128), GFNS_64((n) + 192)

const uint64_t lower_gfns[HV_LIST_MAX] = { GFNS_256(0), GFNS_256(256),
                                           GFNS_256(512), GFNS_256(768) };

_Static_assert(HV_LIST_MAX == 1024, "as many GFNs as there are above");

static uint64_t candidates(const struct model_names *n, int slot,
                           enum pick pick)
{
    switch ( pick )
    {
    case PICK_OWNED: return n->owned[slot];
    case PICK_UNMAPPED: return n->owned[slot] & ~n->mapped[slot];
    case PICK_MAPPED: return n->mapped[slot];
    }

    return 0;
}

uint32_t pick_frames(struct lower *l, int slot, uint64_t want, enum pick pick)
{
    uint32_t most = want < HV_LIST_MAX ? (uint32_t)want : HV_LIST_MAX;
    uint32_t nr = 0;

    assert(slot < HV_DOMS_MAX);
    for ( uint32_t w = 0; slot >= 0 && w < model_words(l->model) && nr < most;
          w++ )
        for ( uint64_t bits = candidates(&l->model->names[w], slot, pick);
              bits && nr < most; bits &= bits - 1 )
            l->list[nr++] = l->h->ops->page_frame(
                l->h->hv, (int)(w * 64 + __builtin_ctzll(bits)));

    return nr;
}

/* The first page at or after id that the domain owns, or -1. */
static int next_owned(const struct model *m, int slot, int id)
{
    for ( ; (uint32_t)id < m->page_ids; id = (id | 63) + 1 )
    {
        uint64_t rest = m->names[id / 64].owned[slot] >> (id % 64);

        if ( rest )
            return id + __builtin_ctzll(rest);
    }
    return -1;
}

uint64_t unowned_frame(const struct lower *l, uint64_t nth)
{
    if ( !(l->h->ops->caps & HV_CAP_EXACT) )
        return 0; /* other domains may own frames there */
    for ( int id = (int)l->model->host_pages - 1; id >= 0; id-- )
        if ( l->model->page[id].owner == MODEL_NOBODY && nth-- <= 1 )
            return l->h->ops->page_frame(l->h->hv, id);
    return 0;
}

uint32_t pick_mapped_again(struct lower *l, int slot)
{
    for ( uint32_t i = 0; i < l->left.nr_extra; i++ )
        if ( l->left.extra[i].dom == slot )
        {
            l->list[0] = l->left.extra[i].frame;
            return 1;
        }
    return pick_frames(l, slot, 1, PICK_MAPPED);
}

/* Bases of runs of 2^order owned pages with consecutive frame numbers; when
 * there are no more, of one run that is too short. */
static uint32_t pick_extents(struct lower *l, int slot, uint32_t most,
                             uint32_t order)
{
    const struct model *m = l->model;
    uint64_t run = 0, last = 0, partial = 0;
    uint32_t nr = 0;

    for ( int id = slot < 0 ? -1 : next_owned(m, slot, 0);
          id >= 0 && nr < most; id = next_owned(m, slot, id + 1) )
    {
        uint64_t frame = l->h->ops->page_frame(l->h->hv, id);

        if ( run && frame != last + 1 )
        {
            if ( !partial )
                partial = last + 1 - run;
            run = 0;
        }
        run++;
        last = frame;
        if ( run == UINT64_C(1) << order )
        {
            l->list[nr++] = frame + 1 - run;
            run = 0;
        }
    }
    if ( run && !partial )
        partial = last + 1 - run;
    /* Not of dom0: it cannot do without the pages that may follow its run. */
    if ( nr < most && partial && slot )
        l->list[nr++] = partial;
    return nr;
}

/* Frames to give. Beyond those that there are: the last one once more, then
 * zeros, which are no frames. */
static void fill_exchange(struct lower *l, int slot)
{
    struct hv_call *c = l->call;
    uint64_t in = c->resv.nr_extents;
    uint32_t most = in < c->list_entries ? (uint32_t)in : c->list_entries;
    uint32_t order = c->resv.extent_order, nr;

    c->list = l->list;
    if ( order && order < 8 * sizeof(uint64_t) )
        nr = pick_extents(l, slot, most, order);
    else
        nr = pick_frames(l, slot, most, PICK_UNMAPPED);
    if ( !nr && !order )
        nr = pick_frames(l, slot, most, PICK_MAPPED);
    if ( nr && nr < most )
    {
        l->list[nr] = l->list[nr - 1];
        nr++;
    }
    memset(&l->list[nr], 0, (c->list_entries - nr) * sizeof(l->list[0]));
}

void fill_list(struct lower *l, int slot)
{
    struct hv_call *c = l->call;
    uint32_t entries = c->list_entries, order = c->resv.extent_order, nr;
    bool extents = order && order < 8 * sizeof(uint64_t);

    if ( hv_is_exchange(c) )
    {
        fill_exchange(l, slot);
        return;
    }
    if ( (c->cmd & MEMOP_CMD_MASK) != XENMEM_decrease_reservation )
    {
        c->list = lower_gfns; /* PV: any GFN will do */
        return;
    }
    c->list = l->list;
    if ( extents )
        nr = pick_extents(l, slot, entries, order);
    else
        nr = pick_frames(l, slot, entries, PICK_OWNED);
    /* Nothing left to give back: take pages that only a mapping keeps. */
    if ( !nr && !extents )
        nr = pick_frames(l, slot, entries, PICK_MAPPED);
    memset(&l->list[nr], 0, (entries - nr) * sizeof(l->list[0]));
}
