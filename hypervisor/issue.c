/* SPDX-License-Identifier: MIT */
/*
 * Carrying out a struct hv_call: arguments into guest memory, the hypercall
 * and its continuations, results out of it. The same for every implementation.
 *
 * Not here: each hypercall's arguments and results (issue_memory_op.c,
 * issue_control.c); what to call and what to think of the result.
 */
#include "issue.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* interface_version of domctl: raised in 4.18, 4.19 and 4.22. */
uint32_t hv_domctl_version(enum release r)
{
    return r < RELEASE_4_18   ? 0x15
           : r < RELEASE_4_19 ? 0x16
           : r < RELEASE_4_22 ? 0x17
                              : 0x18;
}

/* interface_version of sysctl: raised in 4.21. */
uint32_t hv_sysctl_version(enum release r)
{
    return r < RELEASE_4_21 ? 0x15 : 0x16;
}

/* ---- what is no hypercall; -ENOSYS without the capability ---- */

static long issue_other(const struct hypervisor *h, const struct hv_call *call,
                        struct hv_result *result)
{
    const struct hypervisor_ops *ops = h->ops;

    switch ( call->kind )
    {
    case HV_CALL_MAP:
        return ops->map ? ops->map(h->hv, call->domid, call->frame) : -ENOSYS;
    case HV_CALL_UNMAP:
        return ops->unmap ? ops->unmap(h->hv, call->domid, call->frame)
                          : -ENOSYS;
    case HV_CALL_ANON_ALLOC:
        return ops->anon_alloc
                   ? ops->anon_alloc(h->hv, call->pool ? call->domid : -1,
                                     call->order, &result->frame)
                   : -ENOSYS;
    case HV_CALL_ANON_FREE:
        if ( !ops->anon_free )
            return -ENOSYS;
        ops->anon_free(h->hv, call->frame, call->order);
        return 0;
    case HV_CALL_EXTRA_ALLOC:
        return ops->extra_alloc
                   ? ops->extra_alloc(h->hv, call->domid, &result->frame)
                   : -ENOSYS;
    case HV_CALL_EXTRA_FREE:
        return ops->extra_free
                   ? ops->extra_free(h->hv, call->domid, call->frame)
                   : -ENOSYS;
    case HV_CALL_BREAK:
        result->nr_status = 1;
        return ops->break_page
                   ? ops->break_page(h->hv, call->frame, result->status)
                   : -ENOSYS;
    case HV_CALL_WRITE:
        return ops->write
                   ? ops->write(h->hv, call->domid, call->frame, call->word)
                   : -ENOSYS;
    default: assert(!"not a kind of call"); return -ENOSYS;
    }
}

static unsigned int issue(const struct hypervisor *h, enum release release,
                          const struct hv_call *call, struct hv_result *result)
{
    switch ( call->kind )
    {
    case HV_CALL_MEMORY_OP: return issue_memory_op(h, call, result);
    case HV_CALL_DOMCTL: return issue_domctl(h, call, result);
    case HV_CALL_PHYSINFO:
    case HV_CALL_NUMAINFO:
    case HV_CALL_OFFLINE:
    case HV_CALL_SYSCTL: return issue_sysctl(h, release, call, result);
    default: result->rc = issue_other(h, call, result); return 1;
    }
}

/* Of the argument, or, counted on behind it, of a claim set's entries. */
static uint64_t flip_address(const struct hv_call *call)
{
    uint32_t at = call->flip - 1;

    if ( hv_is_claim_set(call) && at >= sizeof(struct xen_domctl) )
        return call->data + (at - sizeof(struct xen_domctl));

    return call->arg + at;
}

unsigned int hv_issue(const struct hypervisor *h, enum release release,
                      const struct hv_call *call, struct hv_result *result)
{
    bool flips = call->flip && h->ops->flip;
    bool readonly = call->readonly && h->ops->readonly;
    unsigned int invocations;

    result->list = NULL;
    result->frame = 0;
    result->domid = 0;
    result->nr_nodes = 0;
    result->nr_entries = 0;
    result->nr_status = 0;
    result->extents = 0;
    result->entries = NULL;
    if ( call->distance )
        memset(result->distance, UINT8_MAX, sizeof(result->distance));
    if ( h->ops->issue )
        return h->ops->issue(h->hv, call, result);
    if ( __builtin_expect(!flips && !readonly, 1) )
        return issue(h, release, call, result);
    if ( flips )
        h->ops->flip(h->hv, flip_address(call));
    if ( readonly )
        h->ops->readonly(h->hv, call->readonly);
    invocations = issue(h, release, call, result);
    if ( flips )
        h->ops->flip(h->hv, 0);
    if ( readonly )
        h->ops->readonly(h->hv, 0);

    return invocations;
}
