/* SPDX-License-Identifier: MIT */
/*
 * A host: its shape, and what a toolstack can see of it.
 *
 * Page counts are pages, never bytes or kB, unless said.
 */
#ifndef CLAIMCHECK_HOST_H
#define CLAIMCHECK_HOST_H

#include <stdbool.h>
#include <stdint.h>

/* Domains a program can name: d0 is dom0, d1..d7 are guests; slot == domid. */
#define HV_DOMS_MAX 8
/* Nodes of a host: enough for "this one, another, all but one". */
#define HV_NODES_MAX 4
/* Pages of a node: small, so that limits are hit; a page table fits in L1. */
#define HV_NODE_PAGES_MAX 256
#define HV_PAGES_MAX (HV_NODES_MAX * HV_NODE_PAGES_MAX)
/* Zone z holds frames whose number has z significant bits (address < 2^(z+12)):
 * enough for HV_FRAME_BASE + HV_PAGES_MAX frames. */
#define HV_ZONES 12
/* Block orders 0..8: the largest aligned block in a node of 256 pages. */
#define HV_ORDERS 9
/* First frame of a stubbed host. Not 0, so that a zero entry of an extent list
 * is never a good frame; small, so that node 0 spans two zones or more. */
#define HV_FRAME_BASE 32

/* The shape of a host: part of every program. */
struct host_shape
{
    uint8_t release;     /* enum release                              */
    uint8_t nodes;       /* 1..HV_NODES_MAX                           */
    uint16_t node_pages; /* pages of each node, 1..HV_NODE_PAGES_MAX  */
    bool llc;            /* booted with LLC colouring                 */
};

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
};

struct hv_view
{
    uint64_t free;    /* pages in the heap, claimed or not                   */
    uint64_t claimed; /* outstanding claims of all domains, pages            */
    uint64_t node_free[HV_NODES_MAX];
    struct hv_domain_view dom[HV_DOMS_MAX];
};

_Static_assert(sizeof(struct hv_view) ==
                   16 + 8 * HV_NODES_MAX + 20 * HV_DOMS_MAX,
               "compared with memcmp: no padding");

/*
 * How many free blocks there are, by node, zone and order: from it one can say
 * how many extents of an order can still be allocated without knowing where the
 * free pages lie. Filled by implementations with HV_CAP_CAPACITY.
 */
struct hv_capacity
{
    uint16_t blocks[HV_NODES_MAX][HV_ZONES][HV_ORDERS];
};

#endif /* CLAIMCHECK_HOST_H */
