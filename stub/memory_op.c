/* SPDX-License-Identifier: MIT */
/*
 * memory_op for 64-bit callers: reading the structure of the reservation
 * calls, the two queries (spec 3.7), and which call it is. Every other command
 * is -ENOSYS. Not here: claims (claim.c), what extents become (reservation.c).
 */
#include "world.h"

#include <errno.h>

static long native_reservation(struct stub *s, const struct hv_caller *caller,
                               uint64_t *cmd, uint64_t arg)
{
    unsigned int op = *cmd & MEMOP_CMD_MASK;
    uint64_t done = *cmd >> MEMOP_EXTENT_SHIFT;
    struct xen_memory_reservation raw;
    struct reservation r;
    bool stopped;

    if ( fetch_argument(&s->guest, &raw, arg, sizeof(raw)) )
        return FAULT_ON(&s->w, resv_fault_efault) ? -EFAULT : (long)done;

    r = (struct reservation){
        .list = (uintptr_t)raw.extent_start.p,
        .nr = raw.nr_extents,
        .order = raw.extent_order,
        .flags = raw.mem_flags,
        .domid = raw.domid,
    };
    done = reservation_op(s, caller, op, done, &r, &stopped);
    if ( !stopped )
        return (long)done;

    if ( FAULT_ON(&s->w, continuation_starts_over) )
        done = *cmd >> MEMOP_EXTENT_SHIFT;
    *cmd = op | (done << MEMOP_EXTENT_SHIFT);
    return HV_CONTINUE;
}

/* current_reservation, maximum_reservation: spec 3.7. */
static long query(struct stub *s, const struct hv_caller *caller, uint64_t cmd,
                  uint64_t arg)
{
    struct xen_memory_domain q;
    struct alloc_counts counts;
    int dom;

    if ( FAULT_ON(&s->w, query_fault_before_start) &&
         copy_from_guest(&s->guest, &q, arg, sizeof(q)) )
        return -EFAULT;
    if ( (cmd >> MEMOP_EXTENT_SHIFT) && !FAULT_ON(&s->w, query_skips_start) )
        return FAULT_ON(&s->w, query_start_enosys) ? -ENOSYS : -EINVAL;
    if ( fetch_argument(&s->guest, &q, arg, sizeof(q)) )
        return FAULT_ON(&s->w, query_fault_einval) ? -EINVAL : -EFAULT;
    dom = domain_by_any_id(s, caller, q.domid);
    if ( !is_control(caller) && q.domid != DOMID_SELF &&
         q.domid != caller->domid && FAULT_ON(&s->w, query_xsm_before_domid) )
        return -EPERM;
    if ( dom < 0 )
        return FAULT_ON(&s->w, query_domid_einval) ? -EINVAL : -ESRCH;
    if ( !may_target(caller, dom) && !FAULT_ON(&s->w, query_skips_xsm) )
        return FAULT_ON(&s->w, query_xsm_eacces) ? -EACCES : -EPERM;

    counts = counts_of(s, dom);
    if ( counts.extra && FAULT_ON(&s->w, query_counts_extra_pages) )
        counts.tot += counts.extra;
    return (cmd & MEMOP_CMD_MASK) == XENMEM_current_reservation ? counts.tot
                                                                : counts.max;
}

long native_memory_op(struct stub *s, const struct hv_caller *caller,
                      uint64_t *cmd, uint64_t arg)
{
    switch ( *cmd & MEMOP_CMD_MASK )
    {
    case XENMEM_claim_pages:
        return memory_op_claim(s, caller, *cmd >> MEMOP_EXTENT_SHIFT, arg);
    case XENMEM_increase_reservation:
    case XENMEM_decrease_reservation:
    case XENMEM_populate_physmap:
        return native_reservation(s, caller, cmd, arg);
    case XENMEM_current_reservation:
    case XENMEM_maximum_reservation: return query(s, caller, *cmd, arg);
    default: return FAULT_ON(&s->w, unknown_op_einval) ? -EINVAL : -ENOSYS;
    }
}

long stub_memory_op(void *hv, const struct hv_caller *caller, uint64_t *cmd,
                    uint64_t arg)
{
    struct stub *s = hv;
    long rc;

    guest_begin(&s->guest);
    /* Spec 1.1 row 0a comes before 0b. */
    if ( (caller->flags & HV_CALLER_USER) &&
         !((caller->flags & HV_CALLER_ABI32) &&
           FAULT_ON(&s->w, user_after_compat)) &&
         !FAULT_ON(&s->w, user_mode_allowed) )
        return FAULT_ON(&s->w, user_mode_eacces) ? -EACCES : -EPERM;
    if ( caller->flags & HV_CALLER_ABI32 )
        rc = compat_memory_op(s, caller, cmd, arg);
    else
        rc = native_memory_op(s, caller, cmd, arg);
    locks_none_held(s, __func__, __LINE__);

    return rc;
}
