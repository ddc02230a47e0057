/* SPDX-License-Identifier: MIT */
/*
 * The parts of a domain's claim, on nodes and of the host as a whole: how they
 * are used up, released, and what they leave to others (rules 4.8).
 *
 * Not here: the domctls that make them (claim_set.c) and tell them (claim_get.c).
 */
#include "internal.h"

#include <string.h>

static uint32_t node_parts(const struct model *m, int slot)
{
    uint32_t sum = 0;

    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
        sum += m->counters.node_claim[slot][n];
    return sum;
}

uint32_t claim_host_part(const struct model *m, int slot)
{
    return m->counters.dom[slot].claim - node_parts(m, slot);
}

/* A domain's claim, on a node or (node < 0) on the host, shrinks by at most so
 * many pages. */
static void cut(struct model *m, unsigned int slot, int node, uint64_t pages)
{
    struct hv_domain_view *d = &m->counters.dom[slot];
    uint32_t part = node < 0 ? claim_host_part(m, (int)slot)
                             : m->counters.node_claim[slot][node];
    uint32_t n = pages < part ? (uint32_t)pages : part;

    if ( node >= 0 )
    {
        m->counters.node_claim[slot][node] -= n;
        m->counters.node_claimed[node] -= n;
    }
    d->claim -= n;
    m->counters.claimed -= n;
}

static uint64_t excess(uint64_t claimed, uint64_t free)
{
    return claimed > free ? claimed - free : 0;
}

void claim_recall(struct model *m)
{
    const struct hv_view *v = &m->counters;

    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
        for ( unsigned int d = 0; d < HV_DOMS_MAX; d++ )
            cut(m, d, (int)n, excess(v->node_claimed[n], v->node_free[n]));
    for ( unsigned int d = 0; d < HV_DOMS_MAX; d++ )
        cut(m, d, -1, excess(v->claimed, v->free));
}

void claim_release(struct model *m, int slot)
{
    struct hv_domain_view *d = &m->counters.dom[slot];
    uint32_t *part = m->counters.node_claim[slot];

    for ( unsigned int n = 0; model_has_sets(m) && n < HV_NODES_MAX; n++ )
    {
        m->counters.node_claimed[n] -= part[n];
        part[n] = 0;
    }
    m->counters.claimed -= d->claim;
    d->claim = 0;
}

uint64_t claim_usable(const struct model *m, const struct resv *r,
                      unsigned int node)
{
    uint64_t free = m->counters.node_free[node];
    uint64_t claimed = m->counters.node_claimed[node];
    bool credit = !r->no_refcount;
    uint64_t usable = (free > claimed ? free - claimed : 0) +
                      (credit ? m->counters.node_claim[r->slot][node] : 0);

    assert(!credit || r->slot != MODEL_NOBODY);
    /* Claims may be more than there is since pages went out of use. */
    return usable < free ? usable : free;
}

/* Rules 4.8: left pages of the claim are used up, of which taken[n] came from
 * node n: the parts of these nodes, then the host's, then other nodes'. */
static void spread(const struct model *m, int slot, uint32_t redeemed,
                   const uint64_t taken[HV_NODES_MAX],
                   uint32_t part[HV_NODES_MAX])
{
    /* The claim has shrunk already. */
    uint32_t host = claim_host_part(m, slot) + redeemed, left = redeemed;

    memcpy(part, m->counters.node_claim[slot],
           sizeof(m->counters.node_claim[slot]));
    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
    {
        uint32_t used = part[n] < left ? part[n] : left;

        used = taken[n] < used ? (uint32_t)taken[n] : used;
        part[n] -= used;
        left -= used;
    }
    left -= host < left ? host : left;
    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
    {
        uint32_t used = part[n] < left ? part[n] : left;

        part[n] -= used;
        left -= used;
    }
}

void claim_spread(struct model *m, int slot, uint32_t redeemed,
                  const uint64_t taken[HV_NODES_MAX], uint32_t lost,
                  const uint32_t seen[HV_NODES_MAX])
{
    uint32_t *is = m->counters.node_claim[slot];
    uint32_t part[HV_NODES_MAX], other[HV_NODES_MAX];

    spread(m, slot, redeemed, taken, part);
    /* Whence a block came that the domain could not have is not known: any
     * node's will do that agrees with what was seen. */
    for ( unsigned int n = 0; lost && n < m->shape.nodes; n++ )
    {
        uint64_t with[HV_NODES_MAX];

        memcpy(with, taken, sizeof(with));
        with[n] += lost;
        spread(m, slot, redeemed, with, other);
        if ( !memcmp(other, seen, sizeof(other)) )
            memcpy(part, other, sizeof(part));
    }
    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
    {
        m->counters.node_claimed[n] -= is[n] - part[n];
        is[n] = part[n];
    }
}
