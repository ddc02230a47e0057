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

/* 64 frames, a bit for each by its id. */
struct model_hv_frames
{
    uint64_t heap;   /* of the heap; of these: */
    uint64_t taken;  /* not free */
    uint64_t named;  /* known to the model by name, after the last call */
    uint64_t booted; /* dom0's at boot */
    uint64_t lost;   /* have lost their name in the last call */
    /* A destroy in steps came to them; what a mapping kept of them goes with
     * the mapping. Never cleared in a run: a page that went is given to somebody
     * else, who must be dying too for it to matter. */
    uint64_t passed;
    uint64_t stashed; /* put aside for some domain */
};

/* Room for hosts of so many pages. */
#define MODEL_HV_ROOM(pages)                                                  \
    struct                                                                    \
    {                                                                         \
        MODEL_ROOM(pages) m;                                                  \
        struct model_hv_frames frames[((pages) + 63) / 64];                   \
    }

/* Must be zero before the first reset, but for the room. */
struct model_hv
{
    struct model m; /* m.hv points to this struct: it is not to be copied */
    struct host_shape shape;
    uint32_t nr_taken;
    uint32_t heap_pages;
    bool prefers;
    long preferred;
    /* Do not count free blocks: much cheaper, and wrong only about how much of
     * a claim a failed allocation cost. Survives a reset. */
    bool rough;
    /* What a call may still take from each node, where claims on nodes limit
     * it. */
    uint64_t budget[HV_NODES_MAX];
    bool wrote; /* some domain did: pages are dirty, it is believed */
    /* Domains with a block put aside, a bit each; its first frame, its size. */
    uint32_t aside;
    bool moved; /* the call has put one aside, or taken one from there */
    uint64_t stash[HV_DOMS_MAX];
    uint32_t stash_pages[HV_DOMS_MAX];
    struct model_hv_frames *frames; /* in the owner's room */
};

/* The room that it uses: once, before the first reset. */
#define MODEL_HV_USE(s, room)                                                 \
    (MODEL_USE(&(s)->m, &(room)->m), (s)->frames = (room)->frames)

extern const struct hypervisor_ops model_hv_ops;

/* Heap, so free it with ops->close. */
bool model_hypervisor_open(struct hypervisor *h);

/* The same in memory of the caller's: a reset, and one call. NULL, or what the
 * model says is impossible (with rough unset, that would be a bug here). */
void model_hv_reset(struct model_hv *s, const struct host_shape *shape);
/* The same state once more, in to's own room, at the cost of the host's pages. */
void model_hv_copy(struct model_hv *to, const struct model_hv *from);
const char *model_hv_issue(struct model_hv *s, const struct hv_call *call,
                           struct hv_result *result);

/* ---- shared by its files ---- */

static inline bool model_hv_bit(uint64_t word, uint32_t id)
{
    return word >> (id % 64) & 1;
}

static inline uint32_t model_hv_pages(const struct model_hv *s)
{
    return s->shape.nodes * s->shape.node_pages;
}

static inline uint32_t model_hv_node(const struct model_hv *s, uint32_t id)
{
    return id / s->shape.node_pages;
}

/* Is it a call that populates or increases a reservation? */
bool model_hv_allocates(const struct hv_call *call);

/* Boot: sets the free pages of *view, where dom0 has its pages already. */
void model_hv_boot(struct model_hv *s, struct hv_view *view);

/* Free blocks of the heap: sets *c, and counts, which it points to. */
void model_hv_blocks(const struct model_hv *s, struct hv_capacity *c,
                     uint32_t counts[HV_BLOCK_COUNTS_MAX]);

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
/* The same for nr single pages at once: how many there are. The first most of
 * them are written to frames. */
uint64_t model_hv_find_pages(const struct model_hv *s,
                             const struct model_hv_want *want, uint64_t *end,
                             uint64_t nr, uint64_t *frames, uint64_t most);

/* Frames that no name shows are put aside, or not any more: those are free where
 * freed says so. */
void model_hv_mark(struct model_hv *s, uint64_t frame, uint32_t pages,
                   bool aside, bool freed);

/* After a call: make the frames agree with the counters of the model, and set
 * the free pages of each node. Pages without a name come from the first nodes
 * (masks) as long as they have some, then from the next. */
void model_hv_settle(struct model_hv *s, uint32_t first, uint32_t next);

struct prediction;

/* model_hv_stash.c: is the populate left unfinished, if it may be? Then after how
 * many extents, *stash: inside the next one. */
bool model_hv_leaves(const struct model_hv *s, const struct hv_call *call,
                     const struct prediction *p, uint64_t *extents,
                     bool *stash);
/* A block is put aside for a domain instead of the one that was; before a call:
 * what it frees is free; after it, what is no longer put aside is not. */
void model_hv_put_aside(struct model_hv *s, int slot, uint64_t frame,
                        uint32_t order);
void model_hv_free_stash(struct model_hv *s, const struct hv_call *call,
                         const struct prediction *p);
void model_hv_forget_stash(struct model_hv *s);

/* Frames were asked to go out of use, more than there are status words for: those
 * that are free have gone. */
void model_hv_go_untold(struct model_hv *s, uint64_t start, uint64_t end);
/* The status words of a call about pages out of use that got as far as them. */
void model_hv_tell_offline(const struct model_hv *s,
                           const struct hv_call *call,
                           struct hv_result *result);

/* Before a call, where claims on nodes limit it: what it may take from each. */
void model_hv_budgets(struct model_hv *s, const struct hv_call *call);
/* The call's outcome where a frame must be named for it. */
void model_hv_invent(struct model_hv *s, const struct hv_call *call,
                     const struct prediction *p, struct hv_result *result,
                     struct hv_view *seen);
/* The outcome of an exchange that no argument refuses. */
void model_hv_exchange(const struct model_hv *s, const struct hv_call *call,
                       const struct prediction *p, struct hv_result *result);
/* The nodes that a call takes its pages from as long as they have some. */
uint32_t model_hv_wanted(const struct model_hv *s, const struct hv_call *call);
/* After it, the claim of its domain shrank: so do its parts, by the nodes that
 * its pages came from. */
void model_hv_spread(struct model_hv *s, const struct hv_call *call,
                     const struct hv_view *before, const struct prediction *p);

#endif /* CLAIMCHECK_MODEL_HV_H */
