/* SPDX-License-Identifier: MIT */
/*
 * Calls that must not reach a live host: they would take memory away from
 * dom0's kernel, or are memory_op commands with other structures, which Xen
 * would read where only a reservation is.
 */
#define _GNU_SOURCE
#include "internal.h"

#include <sys/mman.h>

#define PAGE_BYTES 4096

/* The memory_op commands that programs are about. */
static const uint8_t known_ops[] = {
    XENMEM_increase_reservation, XENMEM_decrease_reservation,
    XENMEM_populate_physmap,     XENMEM_current_reservation,
    XENMEM_maximum_reservation,  XENMEM_claim_pages,
};

/* Commands from here on exist in no release. */
#define UNUSED_OPS_START 40

static bool is_known(unsigned int op)
{
    unsigned int i;

    for ( i = 0; i < sizeof(known_ops); i++ )
        if ( known_ops[i] == op )
            return true;

    return op >= UNUSED_OPS_START;
}

/*
 * Is the page of an address mapped in this process? On a live host, this
 * process is the guest: Xen would write frame numbers into its memory.
 */
static bool is_own_page(uint64_t addr)
{
    unsigned char core;

    addr &= ~(uint64_t)(PAGE_BYTES - 1);
    if ( (addr >= GUEST_ARG_START && addr < GUEST_ARG_END) ||
         (addr >= GUEST_LIST_START && addr < GUEST_LIST_END) )
        return false;

    return mincore((void *)(uintptr_t)addr, PAGE_BYTES, &core) == 0;
}

/* [addr, addr + len), at most a page long. Nothing is mapped after the
 * windows, so an access that runs out of them faults before it does harm. */
static bool is_own(uint64_t addr, size_t len)
{
    return is_own_page(addr) || is_own_page(addr + len - 1);
}

bool live_own_argument(uint64_t arg)
{
    return is_own(arg, sizeof(struct xen_memory_reservation));
}

const char *live_memory_op_harm(const struct live *l, uint64_t cmd,
                                const struct xen_memory_reservation *r)
{
    unsigned int op = cmd & MEMOP_CMD_MASK;
    uint64_t start = cmd >> MEMOP_EXTENT_SHIFT;
    bool dom0 = r && (r->domid == 0 || r->domid == DOMID_SELF);

    if ( !is_known(op) )
        return "a memory_op command that is not about reservations";
    if ( r && r->extent_start.p &&
         is_own((uintptr_t)r->extent_start.p + 8 * start, 8) )
        return "an extent list in the program's own memory";
    if ( op == XENMEM_decrease_reservation && dom0 )
        return "dom0's own frames could be taken from its kernel";
    /* Pages can be given back only if their frame numbers are known. */
    if ( dom0 &&
         (op == XENMEM_populate_physmap ||
          op == XENMEM_increase_reservation) &&
         r->nr_extents &&
         (r->extent_order || !r->extent_start.p ||
          r->nr_extents > LIVE_DOM0_FRAMES_MAX - l->nr_dom0_frames) )
        return "pages for dom0 that could not be taken back";

    return NULL;
}

/* The domain that a call names, or HV_DOMS_MAX. */
static uint16_t target(const struct hv_call *call)
{
    switch ( call->kind )
    {
    case HV_CALL_MEMORY_OP: return call->resv.domid;
    case HV_CALL_DOMCTL: return call->domctl.domid;
    case HV_CALL_MAP:
    case HV_CALL_UNMAP: return call->domid;
    default: return HV_DOMS_MAX;
    }
}

bool live_harmless(const struct hypervisor *h, const struct hv_call *call,
                   const char **reason)
{
    const struct live *l = h->hv;

    *reason = NULL;
    if ( call->caller.domid != 0 ||
         call->caller.flags != hv_caller_dom0().flags )
        *reason = "a caller other than a 64-bit dom0";
    else if ( live_is_others(l, target(call)) )
        *reason = "a domain that was there before";
    /* Up to 4.17 it reports the next domain that exists. */
    else if ( l->others && call->kind == HV_CALL_DOMCTL &&
              call->domctl.cmd == XEN_DOMCTL_getdomaininfo )
        *reason = "getdomaininfo, which may tell of a domain that was there "
                  "before";
    else if ( call->kind == HV_CALL_MEMORY_OP )
        *reason = live_own_argument(call->arg)
                      ? "an argument in the program's own memory"
                      : live_memory_op_harm(l, call->cmd, &call->resv);
    else if ( call->kind == HV_CALL_MAP && call->domid == 0 )
        *reason = "a foreign mapping of dom0's own frame";

    return !*reason;
}
