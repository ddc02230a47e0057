/* SPDX-License-Identifier: MIT */
/*
 * domctl and sysctl: rules 3.8 and 3.11. Not here: creation and destruction of
 * domains (lifetime.c).
 */
#include "internal.h"

/* max_mem: kilobytes to pages, and the most that a limit can be. */
#define KB_PAGE_SHIFT 2
#define MAX_PAGES_LIMIT UINT32_MAX
/* What numainfo tells of a node and itself, and of another. */
#define DISTANCE_LOCAL 10
#define DISTANCE_REMOTE 20

static bool domctl_known(const struct model *m, uint32_t cmd)
{
    switch ( cmd )
    {
    case XEN_DOMCTL_createdomain:
    case XEN_DOMCTL_destroydomain:
    case XEN_DOMCTL_unpausedomain:
    case XEN_DOMCTL_getdomaininfo:
    case XEN_DOMCTL_max_mem:
    case XEN_DOMCTL_setnodeaffinity: return true;
    default: return claim_set_known(m, cmd);
    }
}

/* Rules 3.8 a-e. False: the call is refused, *p says how. *slot may be
 * MODEL_NOBODY for createdomain and, before 4.18, for getdomaininfo. */
static bool domctl_front_end(const struct model *m, const struct hv_call *call,
                             int *slot, struct prediction *p)
{
    const struct hv_domctl *op = &call->domctl;
    bool needs_domain = op->cmd != XEN_DOMCTL_createdomain &&
                        !(op->cmd == XEN_DOMCTL_getdomaininfo &&
                          m->release->info_next_domain);

    *slot = model_slot(m, op->domid);
    if ( decides(p, RULE_CALLER_USER, call->caller.flags & HV_CALLER_USER) )
        answer(p, -EPERM);
    else if ( decides(p, RULE_DOMCTL_FAULT,
                      call->arg_bytes < sizeof(struct xen_domctl)) )
        answer(p, -EFAULT);
    else if ( decides(p, RULE_DOMCTL_VERSION,
                      op->version != m->release->domctl_version) )
        answer(p, -EACCES);
    else if ( decides(p, RULE_DOMCTL_DOMID,
                      needs_domain && *slot == MODEL_NOBODY) )
        answer(p, -ESRCH);
    else if ( decides(p, RULE_DOMCTL_XSM,
                      !(call->caller.flags & HV_CALLER_CONTROL)) )
        answer(p, -EPERM);
    else if ( decides(p, RULE_DOMCTL_COMMAND, !domctl_known(m, op->cmd)) )
        answer(p, -ENOSYS);
    else
        /* Of what comes after, checks of claim sets only are asked for. */
        return !p->conditions ||
               (claim_set_known(m, op->cmd) && *slot != MODEL_NOBODY);
    return false;
}

/* The domain that getdomaininfo reports: that one, or (4.17) the next higher.
 * MODEL_NOBODY if there is none. */
static int info_slot(const struct model *m, uint32_t domid)
{
    for ( uint32_t d = domid; d < HV_DOMS_MAX; d++ )
        if ( m->counters.dom[d].state != HV_DOM_ABSENT )
            return (int)d;
    return MODEL_NOBODY;
}

bool model_readonly_argument(const struct hv_call *call)
{
    return call->readonly & HV_READONLY_ARG;
}

static void info_predict(const struct model *m, const struct hv_call *call,
                         struct prediction *p)
{
    uint16_t domid = call->domctl.domid;

    if ( decides(p, RULE_INFO_RESERVED, domid >= DOMID_FIRST_RESERVED) )
        answer(p, -EINVAL);
    else if ( decides(p, RULE_INFO_NONE, info_slot(m, domid) == MODEL_NOBODY) )
        answer(p, -ESRCH);
    else if ( decides(p, RULE_INFO_UNWRITTEN, model_readonly_argument(call)) )
        answer(p, -EFAULT);
    else
    {
        decides(p, RULE_INFO_OK, true);
        answer(p, 0);
    }
}

/* How many bits of a map are looked at. */
static uint32_t mask_bits(const struct hv_call *call)
{
    return call->placed && call->data_count < HV_NODEMAP_BITS
               ? call->data_count
               : HV_NODEMAP_BITS;
}

static bool mask_unreadable(const struct hv_call *call)
{
    return call->placed && (mask_bits(call) + 7) / 8 > call->data_bytes;
}

static uint64_t affinity_mask(const struct hv_call *call)
{
    uint32_t bits = mask_bits(call);

    return bits < HV_NODEMAP_BITS
               ? call->domctl.value & ((UINT64_C(1) << bits) - 1)
               : call->domctl.value;
}

static bool mask_offline(const struct model *m, uint64_t mask)
{
    return !(mask & ((UINT64_C(1) << m->shape.nodes) - 1));
}

void domctl_predict(const struct model *m, const struct hv_call *call,
                    struct prediction *p)
{
    int slot;

    if ( !domctl_front_end(m, call, &slot, p) )
        return;
    switch ( call->domctl.cmd )
    {
    case XEN_DOMCTL_createdomain: create_predict(m, call, p); break;
    case XEN_DOMCTL_destroydomain: destroy_predict(m, call, p); break;
    case XEN_DOMCTL_unpausedomain:
        if ( decides(p, RULE_UNPAUSE_RUNNING, !m->dom[slot].pauses) )
            answer(p, -EINVAL);
        else if ( decides(p, RULE_UNPAUSE_STASH,
                          m->dom[slot].pauses == 1 && !m->dom[slot].built &&
                              m->counters.dom[slot].stash) )
            answer(p, -EBUSY);
        else
            answer(p, !decides(p, RULE_UNPAUSE_OK, true));
        break;
    case XEN_DOMCTL_getdomaininfo: info_predict(m, call, p); break;
    case XEN_DOMCTL_max_mem:
        answer(p, !decides(p, RULE_MAX_MEM_OK, true));
        break;
    case XEN_DOMCTL_setnodeaffinity:
        if ( decides(p, RULE_AFFINITY_FAULT, mask_unreadable(call)) )
            answer(p, -EFAULT);
        else if ( decides(p, RULE_AFFINITY_OFFLINE,
                          mask_offline(m, affinity_mask(call))) )
            answer(p, -EINVAL);
        else
            answer(p, !decides(p, RULE_AFFINITY_OK, true));
        break;
    default: claim_set_predict(m, call, slot, p); break;
    }
}

static void max_mem_commit(struct model *m, int slot, uint64_t kb)
{
    uint64_t pages = kb >> KB_PAGE_SHIFT;

    m->counters.dom[slot].max = pages < MAX_PAGES_LIMIT ? (uint32_t)pages
                                                        : MAX_PAGES_LIMIT;
}

/* Who is reported, and whether it is paused: by the controller, as destroying
 * a domain pauses it in another way (rules 3.8 k). */
static const char *info_commit(const struct model *m, uint16_t domid,
                               const struct hv_result *result)
{
    int slot = info_slot(m, domid);

    if ( result->domid != slot )
        return "getdomaininfo reports another domain than the rules say";
    if ( !(result->out.info.flags & XEN_DOMINF_paused) !=
         !m->dom[slot].pauses )
        return "getdomaininfo is wrong about the domain being paused";
    return NULL;
}

const char *domctl_commit(struct model *m, const struct hv_call *call,
                          const struct hv_result *result,
                          const struct hv_view *seen)
{
    const struct hv_domctl *op = &call->domctl;
    struct model_domain *d;

    if ( claim_set_known(m, op->cmd) )
        return claim_set_commit(m, call, result);
    if ( op->cmd == XEN_DOMCTL_createdomain &&
         (!result->rc || create_unwritten(call, result->rc)) )
        return create_commit(m, call, result, seen);
    if ( op->cmd == XEN_DOMCTL_unpausedomain && result->rc == -EBUSY )
    {
        m->dom[op->domid].pauses--;
        model_drop_stash(m, op->domid);
    }
    /* A destroydomain that is to be continued has not failed. */
    if ( result->rc && result->rc != HV_CONTINUE )
        return NULL;
    if ( op->cmd == XEN_DOMCTL_destroydomain )
        return destroy_commit(m, call, result->rc, seen);
    if ( op->cmd == XEN_DOMCTL_getdomaininfo )
        return info_commit(m, op->domid, result);

    d = &m->dom[op->domid];
    switch ( op->cmd )
    {
    case XEN_DOMCTL_unpausedomain:
        d->pauses--;
        d->built |= !d->pauses;
        break;
    case XEN_DOMCTL_max_mem: max_mem_commit(m, op->domid, op->value); break;
    case XEN_DOMCTL_setnodeaffinity:
        /* All ones: automatic affinity, which changes nothing without
         * vCPUs. */
        if ( affinity_mask(call) != UINT64_MAX )
            d->affinity = (uint32_t)affinity_mask(call);
        break;
    }
    return NULL;
}

uint32_t numainfo_nodes(const struct model *m, const struct hv_call *call)
{
    uint32_t nodes = m->shape.nodes;

    return call->placed && (call->data || call->distance) &&
                   call->data_count < nodes
               ? call->data_count
               : nodes;
}

uint32_t model_distance(uint32_t from, uint32_t to)
{
    return from == to ? DISTANCE_LOCAL : DISTANCE_REMOTE;
}

static bool array_unwritable(const struct model *m, const struct hv_call *call)
{
    uint32_t nodes = numainfo_nodes(m, call);

    if ( call->kind != HV_CALL_NUMAINFO || !call->placed || !nodes )
        return false;
    if ( (call->data || call->distance) &&
         (call->readonly & HV_READONLY_LIST) )
        return true;

    return (call->data &&
            nodes * sizeof(struct xen_sysctl_meminfo) > call->data_bytes) ||
           (call->distance && call->distance != HV_DISTANCE_AT);
}

void sysctl_predict(const struct model *m, const struct hv_call *call,
                    struct prediction *p)
{
    if ( decides(p, RULE_CALLER_USER, call->caller.flags & HV_CALLER_USER) )
        answer(p, -EPERM);
    else if ( decides(p, RULE_SYSCTL_FAULT,
                      call->arg_bytes < sizeof(struct xen_sysctl)) )
        answer(p, -EFAULT);
    else if ( decides(p, RULE_SYSCTL_VERSION, call->sysctl_skew) )
        answer(p, -EACCES);
    else if ( decides(p, RULE_SYSCTL_XSM,
                      !(call->caller.flags & HV_CALLER_CONTROL)) )
        answer(p, -EPERM);
    else if ( decides(p, RULE_SYSCTL_COMMAND, call->kind == HV_CALL_SYSCTL) )
        answer(p, -ENOSYS);
    else if ( call->kind == HV_CALL_OFFLINE )
        offline_predict(m, call, p);
    else if ( decides(p, RULE_NUMAINFO_FAULT, array_unwritable(m, call)) ||
              decides(p, RULE_SYSCTL_UNWRITTEN,
                      model_readonly_argument(call)) )
        answer(p, -EFAULT);
    else
    {
        decides(p,
                call->kind == HV_CALL_PHYSINFO ? RULE_PHYSINFO_OK
                                               : RULE_NUMAINFO_OK,
                true);
        answer(p, 0);
    }
}
