/* SPDX-License-Identifier: MIT */
/*
 * Reservation calls of 32-bit callers: rules 2. Their structure is 20 bytes and
 * their list entries are 4; all numbers are narrower.
 */
#include "internal.h"

/* Where a 32-bit PV guest's address space ends and Xen's begins. */
#define COMPAT_VIRT_END UINT64_C(0xf5800000)
#define COMPAT_ENTRY_BYTES 4

void compat_narrow(struct resv *r)
{
    r->list = (uint32_t)r->list;
    r->nr = (uint32_t)r->nr;
}

bool compat_front_end(const struct hv_call *call, const struct resv *r,
                      struct prediction *p)
{
    uint64_t bytes = r->nr * COMPAT_ENTRY_BYTES;
    uint64_t last = r->list + (bytes ? bytes - 1 : 0);

    if ( decides(p, RULE_COMPAT_FAULT,
                 call->arg_bytes < COMPAT_RESERVATION_SIZE) ||
         decides(p, RULE_COMPAT_NR, r->nr > MEMOP_EXTENTS_MAX) ||
         decides(p, RULE_COMPAT_RANGE, r->list && last >= COMPAT_VIRT_END) )
    {
        answer(p, (long)r->start);
        return false;
    }
    return true;
}
