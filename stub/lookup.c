/* SPDX-License-Identifier: MIT */
/*
 * Which domain a call means, and who may call. A domid below HV_DOMS_MAX is its
 * slot; there are no others.
 *
 * Apart from domain.c, because Xen's own code is called through it, too
 * (docs/xen.md). Not here: what becomes of domains.
 */
#include "world.h"

int domain_by_id(const struct stub *s, uint32_t domid)
{
    if ( domid >= HV_DOMS_MAX || !s->w.dom[domid].present )
        return -1;

    return (int)domid;
}

bool find_domain(const struct stub *s, const struct hv_caller *self,
                 uint32_t domid, int *dom)
{
    int found;

    if ( self && domid == DOMID_SELF )
        domid = self->domid;
    found = domain_by_id(s, domid);
    *dom = found < 0 ? 0 : found;

    return found >= 0;
}

bool is_control(const struct hv_caller *caller)
{
    return caller->flags & HV_CALLER_CONTROL;
}

bool may_target(const struct hv_caller *caller, int dom)
{
    return caller->domid == dom || is_control(caller);
}
