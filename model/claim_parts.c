/* SPDX-License-Identifier: MIT */
/*
 * The parts of a domain's claim, on nodes and of the host as a whole: how they
 * are used up, released, and what they leave to others (rules 4.8).
 *
 * Not here: the domctls that make them (claim_set.c) and tell them (claim_get.c).
 */
#include "internal.h"

#include <string.h>

static uint32_t node_parts(const struct hv_domain_view *d)
{
    uint32_t sum = 0;

    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
        sum += d->node_claim[n];
    return sum;
}

uint32_t claim_host_part(const struct hv_domain_view *d)
{
    return d->claim - node_parts(d);
}

void claim_release(struct model *m, int slot)
{
    struct hv_domain_view *d = &m->counters.dom[slot];

    for ( unsigned int n = 0; model_has_sets(m) && n < HV_NODES_MAX; n++ )
    {
        m->counters.node_claimed[n] -= d->node_claim[n];
        d->node_claim[n] = 0;
    }
    m->counters.claimed -= d->claim;
    d->claim = 0;
}

uint64_t claim_usable(const struct model *m, const struct resv *r,
                      unsigned int node)
{
    uint64_t free = m->counters.node_free[node];
    uint64_t claimed = m->counters.node_claimed[node];
    bool credit = !r->no_refcount && r->slot != MODEL_NOBODY;

    return (free > claimed ? free - claimed : 0) +
           (credit ? m->counters.dom[r->slot].node_claim[node] : 0);
}

/* Rules 4.8: left pages of the claim are used up, of which taken[n] came from
 * node n: the parts of these nodes, then the host's, then other nodes'. */
static void spread(const struct hv_domain_view *d, uint32_t redeemed,
                   const uint64_t taken[HV_NODES_MAX],
                   uint32_t part[HV_NODES_MAX])
{
    /* d->claim has shrunk already. */
    uint32_t host = d->claim + redeemed - node_parts(d), left = redeemed;

    memcpy(part, d->node_claim, sizeof(d->node_claim));
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
    struct hv_domain_view *d = &m->counters.dom[slot];
    uint32_t part[HV_NODES_MAX], other[HV_NODES_MAX];

    spread(d, redeemed, taken, part);
    /* Whence a block came that the domain could not have is not known: any
     * node's will do that agrees with what was seen. */
    for ( unsigned int n = 0; lost && n < m->shape.nodes; n++ )
    {
        uint64_t with[HV_NODES_MAX];

        memcpy(with, taken, sizeof(with));
        with[n] += lost;
        spread(d, redeemed, with, other);
        if ( !memcmp(other, seen, sizeof(other)) )
            memcpy(part, other, sizeof(part));
    }
    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
    {
        m->counters.node_claimed[n] -= d->node_claim[n] - part[n];
        d->node_claim[n] = part[n];
    }
}
