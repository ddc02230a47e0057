/* SPDX-License-Identifier: MIT */
/* What a program needs, and whether a hypervisor offers it. */
#include "impl.h"

/* Why an operation cannot run with these capabilities, or NULL. */
static const char *op_missing(const struct op *op, uint32_t caps)
{
    switch ( op->code )
    {
    case OP_destroy:
        if ( op->arg[1].v && !(caps & HV_CAP_STEPWISE) )
            return "step-wise destroy is not offered";
        break;

    case OP_anon_alloc:
        if ( !(caps & HV_CAP_ANON) )
            return "anonymous allocation is not offered";
        break;

    case OP_extra_alloc:
        if ( !(caps & HV_CAP_EXTRA) )
            return "extra pages are not offered";
        break;

    case OP_physinfo:
    case OP_numainfo:
    case OP_memory_op:
        if ( op->arg[0].v != CALLER_DOM0 && !(caps & HV_CAP_CALLERS) )
            return "callers other than dom0 are not offered";
        if ( op->code == OP_memory_op && op->arg[1].v &&
             !(caps & HV_CAP_CALLERS) )
            return "32-bit callers are not offered";
        break;

    default:
        break;
    }

    return NULL;
}

const char *engine_missing(const struct hypervisor *h,
                           const struct program *p)
{
    const uint32_t all = HV_CAP_STEPWISE | HV_CAP_ANON | HV_CAP_EXTRA |
                         HV_CAP_CALLERS | HV_CAP_SHAPE;

    if ( (h->ops->caps & all) == all )
        return NULL;
    for ( unsigned int i = 0; i < p->nr_ops; i++ )
    {
        const char *why = op_missing(&p->op[i], h->ops->caps);

        if ( why )
            return why;
    }
    if ( p->host.llc && !(h->ops->caps & HV_CAP_SHAPE) )
        return "LLC colouring is not offered";
    if ( h->ops->shape && p->host.nodes != h->ops->shape(h->hv).nodes )
        return "this host has another number of nodes";

    return NULL;
}
