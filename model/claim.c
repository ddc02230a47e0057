/* SPDX-License-Identifier: MIT */
/* XENMEM_claim_pages: rules 1.1 and 1.2. */
#include "internal.h"

/* Rules 1.1: arguments. False: the call is refused, *p says how. */
static bool claim_arguments(const struct model *m, const struct hv_call *call,
                            int *slot, struct prediction *p)
{
    const struct xen_memory_reservation *resv = &call->resv;
    long rc;

    if ( decides(p, RULE_CLAIM_COMPAT, call->caller.flags & HV_CALLER_ABI32) )
        rc = -ENOSYS;
    else if ( decides(p, RULE_CLAIM_LLC,
                      model_coloured(m) && m->release->llc_refused) )
        rc = -EOPNOTSUPP;
    else if ( decides(p, RULE_CLAIM_START_EXTENT,
                      call->cmd >> MEMOP_EXTENT_SHIFT) )
        rc = -EINVAL;
    else if ( decides(p, RULE_CLAIM_FAULT, call->arg_bytes < sizeof(*resv)) )
        rc = -EFAULT;
    else if ( decides(p, RULE_CLAIM_LIST, resv->extent_start.p != NULL) )
        rc = -EINVAL;
    else if ( decides(p, RULE_CLAIM_ORDER, resv->extent_order) )
        rc = -EINVAL;
    else if ( decides(p, RULE_CLAIM_FLAGS, resv->mem_flags) )
        rc = -EINVAL;
    else if ( (*slot = model_slot(m, resv->domid)),
              decides(p, RULE_CLAIM_DOMID, *slot == MODEL_NOBODY) )
        rc = -EINVAL;
    else if ( decides(p, RULE_CLAIM_XSM,
                      !(call->caller.flags & HV_CALLER_CONTROL)) )
        rc = -EPERM;
    else if ( decides(p, RULE_CLAIM_DYING,
                      m->release->dying_refused && *slot != MODEL_NOBODY &&
                          model_dying(m, *slot)) )
        rc = -EINVAL;
    else
        return true;

    answer(p, rc);
    return false;
}

/* If free pages drift, both results are possible close to the limit. */
static void allow_drift(const struct model *m, uint64_t wanted,
                        struct prediction *p)
{
    uint64_t available = m->counters.free - m->counters.claimed;
    uint64_t off = wanted > available ? wanted - available
                                      : available - wanted;

    if ( model_drift(m) && off <= (uint64_t)model_drift(m) )
        answer_also(p, p->lo ? 0 : -ENOMEM);
}

void claim_predict(const struct model *m, const struct hv_call *call,
                   struct prediction *p)
{
    uint64_t pages = call->resv.nr_extents;
    const struct hv_domain_view *d;
    int slot;

    /* A domain is missing here only if model_conditions() asks. */
    if ( !claim_arguments(m, call, &slot, p) || slot == MODEL_NOBODY )
        return;
    d = &m->counters.dom[slot];

    if ( decides(p, RULE_CLAIM_RELEASE, pages == 0) )
        answer(p, 0);
    else if ( decides(p, RULE_CLAIM_SECOND, d->claim) )
        answer(p, -EINVAL);
    else if ( decides(p, RULE_CLAIM_NOT_ABOVE, pages <= d->tot) )
        answer(p, -EINVAL);
    else if ( decides(p, RULE_CLAIM_ABOVE_MAX, pages > d->max) )
        answer(p, -EINVAL);
    /* Modulo 2^64 on purpose: see rules 1.2 d. */
    else if ( decides(p, RULE_CLAIM_NOMEM,
                      pages - d->tot >
                          m->counters.free - m->counters.claimed) )
        answer(p, -ENOMEM);
    else
    {
        decides(p, RULE_CLAIM_OK, true);
        answer(p, 0);
    }
    if ( p->rule == RULE_CLAIM_OK || p->rule == RULE_CLAIM_NOMEM )
        allow_drift(m, pages - d->tot, p);
}

void claim_commit(struct model *m, const struct hv_call *call)
{
    struct hv_domain_view *d = &m->counters.dom[call->resv.domid];

    claim_release(m, call->resv.domid);
    d->claim = call->resv.nr_extents
                   ? (uint32_t)(call->resv.nr_extents - d->tot)
                   : 0;
    m->counters.claimed += d->claim;
}
