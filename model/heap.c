/* SPDX-License-Identifier: MIT */
/*
 * How many blocks of an order the heap can still give: rules 4.2. From counts
 * of free blocks if the implementation gives them, else from free pages.
 */
#include "internal.h"

/* Blocks of an order that the free blocks of one node make, up to a zone. */
static uint64_t blocks_of(const struct hv_capacity *c, uint32_t node,
                          uint32_t zone_max, uint32_t order)
{
    uint64_t n = 0;

    for ( uint32_t z = c->zone_first;
          z <= zone_max && z < c->zone_first + c->zones; z++ )
        for ( uint32_t j = order; j < c->orders; j++ )
            n += (uint64_t)hv_blocks(c, node, z, j) << (j - order);
    return n;
}

static uint32_t clamp32(uint64_t n)
{
    return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

static uint32_t all_nodes(const struct model *m)
{
    return (UINT32_C(1) << m->shape.nodes) - 1;
}

/* Blocks that a node may give as far as claims on it go. */
static uint64_t allowed(const struct model *m, const struct resv *r,
                        unsigned int node)
{
    return claim_usable(m, r, node) >> r->order;
}

static bool limits_zones(const struct resv *r)
{
    return r->zone_unknown || r->zone_max < HV_ZONES - 1;
}

/* Blocks of r's order on these nodes: by the counts of free blocks. */
static uint64_t counted(const struct model *m,
                        const struct hv_capacity *capacity,
                        const struct resv *r, uint32_t nodes)
{
    uint64_t n = 0;

    for ( ; nodes; nodes &= nodes - 1 )
    {
        unsigned int node = (unsigned int)__builtin_ctz(nodes);
        uint64_t blocks = blocks_of(capacity, node, r->zone_max, r->order);

        if ( model_has_sets(m) && r->order < 64 &&
             allowed(m, r, node) < blocks )
            blocks = allowed(m, r, node);
        n += blocks;
    }
    return n;
}

/* ... as many as their free pages could make at most. */
static uint64_t possible(const struct model *m, const struct resv *r,
                         uint32_t nodes)
{
    uint64_t n = 0;

    for ( ; r->order < 64 && nodes; nodes &= nodes - 1 )
        n += allowed(m, r, (unsigned int)__builtin_ctz(nodes));
    return n;
}

void heap_space(const struct model *m, const struct hv_capacity *capacity,
                const struct resv *r, uint32_t *lo, uint32_t *hi)
{
    uint32_t nodes = !r->exact                  ? all_nodes(m)
                     : r->node < m->shape.nodes ? UINT32_C(1) << r->node
                                                : 0;
    bool zones = limits_zones(r);

    if ( capacity && !r->zone_unknown && (r->order || zones || r->exact) )
        *lo = *hi = clamp32(counted(m, capacity, r, nodes));
    /* Single pages: any free page will do. */
    else if ( !r->order && !zones )
        *lo = *hi = clamp32(r->exact || model_has_sets(m)
                                ? possible(m, r, nodes)
                                : m->counters.free);
    /* Free pages may lie anywhere, so that perhaps no block is left. */
    else
    {
        *lo = 0;
        *hi = clamp32(possible(m, r, nodes));
    }
}

void heap_tried(const struct model *m, const struct hv_capacity *capacity,
                const struct resv *r, struct prediction *p)
{
    uint32_t nodes = r->node >= 0 && r->node < m->shape.nodes
                         ? UINT32_C(1) << r->node
                         : 0;
    bool pages = !limits_zones(r);

    /* Larger blocks are passed over while they wait to be scrubbed. */
    if ( !m->exact_free || model_coloured(m) || r->exact || r->order ||
         m->shape.nodes == 1 || !(pages || (capacity && !r->zone_unknown)) )
        return;
    for ( unsigned int i = 0; i < 2; i++ )
    {
        /* All nodes: there are no others. */
        p->tried[i].nodes = nodes == all_nodes(m) ? 0 : nodes;
        p->tried[i].space = clamp32(pages ? possible(m, r, nodes)
                                          : counted(m, capacity, r, nodes));
        nodes |= m->dom[r->slot].affinity & all_nodes(m);
    }
}

const char *heap_untried(const struct model *m, const struct prediction *p,
                         uint64_t blocks, uint32_t order,
                         const struct hv_view *seen)
{
    /* A wrong count of the host is left to the comparison of counters. */
    if ( m->counters.free != seen->free )
        return NULL;
    for ( unsigned int i = 0; i < 2; i++ )
    {
        uint64_t most = p->tried[i].space, taken = 0;

        if ( !p->tried[i].nodes )
            continue;
        for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
            if ( p->tried[i].nodes & (1U << n) )
                taken += m->counters.node_free[n] - seen->node_free[n];
        if ( taken != (blocks < most ? blocks : most) << order )
            return i ? "pages from outside the node affinity, which had some"
                     : "pages from another node than the one asked for, "
                       "which had some";
    }
    return NULL;
}
