/* SPDX-License-Identifier: MIT */
/* What a program needs, and whether a hypervisor offers it. */
#include "impl.h"

const char *engine_missing(const struct hypervisor *h, const struct program *p)
{
    /* Whatever a program can need. */
    const uint32_t all = HV_CAP_SHAPE | HV_CAP_LLC
#define NEED(op, arg, cap, text) | HV_CAP_##cap
#include "harness/program/needs.def"
#undef NEED
        ;
    uint64_t needing;

    if ( h->ops->node_pages_max &&
         p->host.node_pages > h->ops->node_pages_max )
        return "hosts of so many pages are not offered";
    if ( (h->ops->caps & all) == all )
        return NULL;
    needing = ops_needing(h->ops->caps);
    for ( unsigned int i = 0; i < p->nr_ops; i++ )
    {
        const struct op_need *need;

        if ( !(needing >> p->op[i].code & 1) )
            continue;
        need = op_needs(&p->op[i], h->ops->caps);
        if ( need )
            return need->text;
    }
    if ( p->host.llc && !(h->ops->caps & HV_CAP_LLC) )
        return "LLC colouring is not offered";
    if ( h->ops->shape && p->host.nodes != h->ops->shape(h->hv).nodes )
        return "this host has another number of nodes";

    return NULL;
}
