/* SPDX-License-Identifier: MIT */
/*
 * A host: its shape, and what a toolstack can see of it.
 *
 * Page counts are pages, never bytes or kB, unless said.
 */
#ifndef CLAIMCHECK_HOST_H
#define CLAIMCHECK_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Domains a program can name: d0 is dom0, d1..d7 are guests; slot == domid. */
#define HV_DOMS_MAX 8
/* All their slots, a bit for each. */
#define HV_DOMS_ALL ((UINT32_C(1) << HV_DOMS_MAX) - 1)
/* Nodes of a host: enough for "this one, another, all but one". */
#define HV_NODES_MAX 4
/* Pages of a node, 1 GiB: enough for programs that build real guests. Fuzzing
 * uses small hosts (PROGRAM_NODE_PAGES_MAX), where limits are hit. Memory and
 * time follow the host, not this limit. */
#define HV_NODE_PAGES_MAX (1U << 18)
#define HV_PAGES_MAX (HV_NODES_MAX * HV_NODE_PAGES_MAX)
/* First frame of a stubbed host. Not 0, so that a zero entry of an extent list
 * is never a good frame; small, so that node 0 spans two zones or more. */
#define HV_FRAME_BASE 32
/* Zone z holds frames whose number has z significant bits (address < 2^(z+12)):
 * enough for HV_FRAME_BASE + HV_PAGES_MAX frames. The first one is that of
 * HV_FRAME_BASE. */
#define HV_ZONES 22
#define HV_ZONE_FIRST 6
/* Block orders 0..18: Xen's largest, and a whole node. */
#define HV_ORDERS 19
/* Entries of the extent list of one call: they fit the window of guest memory
 * (GUEST_LIST_START). Who needs more pages takes a larger order, or two calls. */
#define HV_LIST_MAX 1024

_Static_assert(HV_FRAME_BASE >> (HV_ZONE_FIRST - 1) == 1, "its first zone");
_Static_assert((HV_FRAME_BASE + HV_PAGES_MAX - 1) >> (HV_ZONES - 1) == 0,
               "a zone for every frame");

/* The shape of a host: part of every program. */
struct host_shape
{
    uint8_t release;     /* enum release                              */
    uint8_t nodes;       /* 1..HV_NODES_MAX                           */
    bool llc;            /* booted with LLC colouring                 */
    uint32_t node_pages; /* pages of each node, 1..HV_NODE_PAGES_MAX  */
};

/* As much as a shape can name of a real host with that many nodes and pages. */
static inline void host_shape_fit(struct host_shape *shape, uint32_t nodes,
                                  uint64_t pages)
{
    shape->nodes = (uint8_t)(nodes < HV_NODES_MAX ? nodes : HV_NODES_MAX);
    pages /= shape->nodes;
    shape->node_pages =
        (uint32_t)(pages < HV_NODE_PAGES_MAX ? pages : HV_NODE_PAGES_MAX);
}

/* ------------------------------------------------------------------ *
 * Observation: all that physinfo, numainfo and getdomaininfo tell. Flat, with
 * no padding, so that two of them compare with memcmp.
 * ------------------------------------------------------------------ */
enum hv_dom_state
{
    HV_DOM_ABSENT = 0, /* the domid resolves to nothing                      */
    HV_DOM_ALIVE = 1,
    HV_DOM_DYING = 2, /* destroydomain began and has not finished           */
    HV_DOM_DEAD = 3,  /* destroyed, but referenced: lingering               */
};

struct hv_domain_view
{
    uint32_t state; /* enum hv_dom_state; all else is 0 when ABSENT          */
    uint32_t tot;   /* pages, extra pages excluded (domain_tot_pages)        */
    uint32_t extra; /* extra pages; 0 without HV_CAP_EXTRA                   */
    uint32_t max;   /* limit, pages                                          */
    uint32_t claim; /* outstanding claim, pages                              */
    /* Pages of the block that was put aside for it when a populate was stopped
     * inside an extent, and their node; 0 if there is none, and without
     * HV_CAP_STASH. They are in no other count. */
    uint32_t stash, stash_node;
};

struct hv_view
{
    uint64_t free;    /* pages in the heap, claimed or not                   */
    uint64_t claimed; /* outstanding claims of all domains, pages            */
    uint64_t node_free[HV_NODES_MAX];
    struct hv_domain_view dom[HV_DOMS_MAX];
    /* Claims on nodes, of all domains, and of each. Last, because few hosts have
     * claim sets: the others' observe() leaves it alone, it is 0. */
    uint64_t node_claimed[HV_NODES_MAX];
    uint32_t node_claim[HV_DOMS_MAX][HV_NODES_MAX];
};

/* What of a view a host with or without claim sets fills. */
static inline size_t hv_view_bytes(bool sets)
{
    return sets ? sizeof(struct hv_view)
                : offsetof(struct hv_view, node_claimed);
}

_Static_assert(sizeof(struct hv_view) ==
                   16 + 16 * HV_NODES_MAX +
                       (28 + 4 * HV_NODES_MAX) * HV_DOMS_MAX,
               "compared with memcmp: no padding");

/*
 * How many free blocks there are, by node, zone and order: from it one can say
 * how many extents of an order can still be allocated without knowing where the
 * free pages lie. Filled by implementations with HV_CAP_CAPACITY.
 */
struct hv_capacity
{
    /* What the host has: zones from zone_first on, orders from 0 on. */
    uint32_t nodes, zone_first, zones, orders;
    /* Counts, by node, then zone, then order. */
    const uint32_t *blocks;
};

/* Counts of one host at most. */
#define HV_BLOCK_COUNTS_MAX                                                   \
    (HV_NODES_MAX * (HV_ZONES - HV_ZONE_FIRST) * HV_ORDERS)

/* Free blocks of a node, zone and order; 0 where the host has none. */
static inline uint32_t hv_blocks(const struct hv_capacity *c, uint32_t node,
                                 uint32_t zone, uint32_t order)
{
    /* A zone below the first wraps to a large number. */
    uint32_t z = zone - c->zone_first;

    return node < c->nodes && z < c->zones && order < c->orders
               ? c->blocks[(node * c->zones + z) * c->orders + order]
               : 0;
}

#endif /* CLAIMCHECK_HOST_H */
