/* SPDX-License-Identifier: MIT */
/*
 * Calls that must not reach a live host, in one table with the reason of each:
 * they would take memory away from dom0's kernel or from this process, change a
 * domain that is not ours, or are commands that the rules do not describe and
 * Xen may carry out. Whatever Xen itself refuses is harmless.
 */
#define _GNU_SOURCE
#include "internal.h"

#include <sys/mman.h>

#define PAGE_BYTES 4096

/* The commands that programs are about. */
static const uint8_t known_memory_ops[] = {
    XENMEM_increase_reservation,
    XENMEM_decrease_reservation,
    XENMEM_populate_physmap,
    XENMEM_current_reservation,
    XENMEM_maximum_reservation,
    XENMEM_claim_pages,
    XENMEM_exchange,
};
static const uint8_t known_domctls[] = {
    XEN_DOMCTL_createdomain,
    XEN_DOMCTL_destroydomain,
    XEN_DOMCTL_unpausedomain,
    XEN_DOMCTL_getdomaininfo,
    XEN_DOMCTL_max_mem,
    XEN_DOMCTL_setnodeaffinity,
    /* No Xen that boots here has them: it does not know the numbers. */
    XEN_DOMCTL_claim_memory,
    XEN_DOMCTL_get_memory_claims,
};

static bool is_known(const uint8_t *known, unsigned int nr, uint32_t cmd)
{
    unsigned int i;

    for ( i = 0; i < nr; i++ )
        if ( known[i] == cmd )
            return true;

    return false;
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

static bool is_control(const struct hv_call *c)
{
    return c->kind == HV_CALL_DOMCTL || c->kind == HV_CALL_PHYSINFO ||
           c->kind == HV_CALL_NUMAINFO || c->kind == HV_CALL_OFFLINE ||
           c->kind == HV_CALL_SYSCTL;
}

static bool is_domctl(const struct hv_call *c, uint32_t cmd)
{
    return c->kind == HV_CALL_DOMCTL && c->domctl.cmd == cmd;
}

static bool is_memory_op(const struct hv_call *c, unsigned int op)
{
    return c->kind == HV_CALL_MEMORY_OP && (c->cmd & MEMOP_CMD_MASK) == op;
}

static bool gives_pages(const struct hv_call *c)
{
    return is_memory_op(c, XENMEM_populate_physmap) ||
           is_memory_op(c, XENMEM_increase_reservation);
}

/* Of a reservation call whose argument can be read, else nothing is done. */
static bool is_whole(const struct hv_call *c)
{
    return c->arg_bytes >= sizeof(struct xen_memory_reservation);
}

static bool is_dom0s(const struct hv_call *c)
{
    return is_whole(c) && (c->resv.domid == 0 || c->resv.domid == DOMID_SELF);
}

/* ---- the conditions ---- */

static bool by_another(struct live *l, const struct hv_call *c)
{
    (void)l;
    return c->caller.domid != 0 || c->caller.flags != hv_caller_dom0().flags;
}

static bool names_others(struct live *l, const struct hv_call *c)
{
    switch ( c->kind )
    {
    case HV_CALL_MEMORY_OP: return live_is_others(l, c->resv.domid);
    case HV_CALL_DOMCTL: return live_is_others(l, c->domctl.domid);
    case HV_CALL_MAP:
    case HV_CALL_UNMAP: return live_is_others(l, c->domid);
    default: return false;
    }
}

/* Up to 4.17 it reports the next domain that exists. */
static bool tells_of_others(struct live *l, const struct hv_call *c)
{
    return (l->others || l->far_others) &&
           is_domctl(c, XEN_DOMCTL_getdomaininfo);
}

static bool argument_is_own(struct live *l, const struct hv_call *c)
{
    (void)l;
    if ( c->kind == HV_CALL_MEMORY_OP )
        return is_own(c->arg, hv_is_exchange(c)
                                  ? sizeof(struct xen_memory_exchange)
                                  : sizeof(struct xen_memory_reservation));

    return is_control(c) && c->placed &&
           is_own(c->arg, sizeof(struct xen_domctl));
}

static bool list_is_own(struct live *l, const struct hv_call *c)
{
    uint64_t start = hv_is_exchange(c) ? c->nr_exchanged
                                       : c->cmd >> MEMOP_EXTENT_SHIFT;

    (void)l;
    return c->kind == HV_CALL_MEMORY_OP && is_whole(c) &&
           c->resv.extent_start.p &&
           is_own((uintptr_t)c->resv.extent_start.p + 8 * start, 8);
}

static bool array_is_own(struct live *l, const struct hv_call *c)
{
    (void)l;
    return c->kind == HV_CALL_NUMAINFO && c->placed && c->data &&
           is_own(c->data, HV_NODES_BYTES);
}

static bool unknown_memory_op(struct live *l, const struct hv_call *c)
{
    unsigned int op = c->cmd & MEMOP_CMD_MASK;

    (void)l;
    return c->kind == HV_CALL_MEMORY_OP && op < HV_MEMORY_OPS_END &&
           !is_known(known_memory_ops, sizeof(known_memory_ops), op);
}

static bool unknown_domctl(struct live *l, const struct hv_call *c)
{
    uint32_t cmd = c->domctl.cmd;

    (void)l;
    return c->kind == HV_CALL_DOMCTL && cmd && cmd < HV_DOMCTLS_END &&
           !is_known(known_domctls, sizeof(known_domctls), cmd);
}

static bool unknown_sysctl(struct live *l, const struct hv_call *c)
{
    (void)l;
    return c->kind == HV_CALL_SYSCTL && c->sysctl_cmd &&
           c->sysctl_cmd < HV_SYSCTLS_END;
}

/* The engine does not ask for it: whoever issues a call himself does. */
static bool breaks_a_page(struct live *l, const struct hv_call *c)
{
    (void)l;
    return c->kind == HV_CALL_BREAK;
}

/* Does Xen come to look at a frame that it has? */
static bool looks_at_frames(const struct live *l, const struct hv_call *c)
{
    const struct hv_offline *o = &c->offline;

    return c->kind == HV_CALL_OFFLINE && o->end >= o->start &&
           (o->start <= l->max_frame ||
            (uint64_t)o->end - o->start >= HV_STATUS_MAX);
}

/* A range of all 2^32 frames is one of them: Xen takes no memory for its status
 * words, and writes them. */
static bool offlines_strange_frames(struct live *l, const struct hv_call *c)
{
    return looks_at_frames(l, c) && !live_all_had(l, &c->offline);
}

static bool offlines_dom0s(struct live *l, const struct hv_call *c)
{
    return looks_at_frames(l, c) && c->offline.action == sysctl_page_offline &&
           live_any_dom0s(l, &c->offline);
}

static bool misaligns_blocks(struct live *l, const struct hv_call *c)
{
    return looks_at_frames(l, c) && l->misaligns &&
           c->offline.action == sysctl_page_offline;
}

/* Seen on 4.17.7 and on 4.20.5-pre: once a page was taken out of use while a PV
 * domain had it, destroydomain of that domain does not come back, and nothing
 * else runs any more; even if the page is in use again by then. */
static bool offlines_owned(struct live *l, const struct hv_call *c)
{
    return looks_at_frames(l, c) && c->offline.action == sysctl_page_offline &&
           live_any_owned(l, &c->offline);
}

static bool status_is_own(struct live *l, const struct hv_call *c)
{
    uint64_t bytes = hv_offline_count(&c->offline) * UINT64_C(4);

    (void)l;
    return c->kind == HV_CALL_OFFLINE && c->placed && c->data && bytes &&
           is_own(c->data, bytes < PAGE_BYTES ? bytes : PAGE_BYTES);
}

static bool out_list_is_own(struct live *l, const struct hv_call *c)
{
    uint64_t done = c->nr_exchanged;

    (void)l;
    if ( !hv_is_exchange(c) || !is_whole(c) || !c->out.extent_start.p )
        return false;
    /* Where the first of them is written, of as many as are done. */
    if ( c->resv.extent_order < c->out.extent_order )
        done >>= (c->out.extent_order - c->resv.extent_order) & 63;
    else
        done <<= (c->resv.extent_order - c->out.extent_order) & 63;

    return is_own((uintptr_t)c->out.extent_start.p + 8 * done, 8);
}

static bool creates_without_slot(struct live *l, const struct hv_call *c)
{
    (void)l;
    return is_domctl(c, XEN_DOMCTL_createdomain) &&
           c->domctl.domid >= HV_DOMS_MAX &&
           c->domctl.domid < DOMID_FIRST_RESERVED;
}

static bool takes_dom0s(struct live *l, const struct hv_call *c)
{
    (void)l;
    return (is_memory_op(c, XENMEM_decrease_reservation) ||
            hv_is_exchange(c)) &&
           is_dom0s(c);
}

/* Pages can be given back only if their frame numbers are known. */
static bool keeps_for_dom0(struct live *l, const struct hv_call *c)
{
    return gives_pages(c) && is_dom0s(c) && c->resv.nr_extents &&
           (c->resv.extent_order || !c->resv.extent_start.p ||
            c->resv.nr_extents > LIVE_DOM0_FRAMES_MAX - l->nr_dom0_frames);
}

static bool maps_dom0s(struct live *l, const struct hv_call *c)
{
    (void)l;
    return c->kind == HV_CALL_MAP && c->domid == 0;
}

/* ---- the table: the first that holds is the reason ---- */

static const struct
{
    bool (*holds)(struct live *l, const struct hv_call *c);
    const char *why;
} refusals[] = {
    { by_another, "a caller other than a 64-bit dom0" },
    { names_others, "a domain that was there before" },
    { tells_of_others, "getdomaininfo, which may tell of a domain that was "
                       "there before" },
    { argument_is_own, "an argument in the program's own memory" },
    { unknown_memory_op, "a memory_op command that is not about "
                         "reservations" },
    { unknown_domctl, "a domctl that no rule describes, which Xen may "
                      "carry out" },
    { unknown_sysctl, "a sysctl that no rule describes, which Xen may "
                      "carry out" },
    { breaks_a_page, "a machine check" },
    { offlines_strange_frames, "a range with frames that no domain of the "
                               "program has had" },
    { misaligns_blocks,
      "pages out of use, on a Xen that hands pages out twice "
      "afterwards (before 4.20.4, 4.21.2)" },
    { offlines_dom0s, "dom0's own frames could go out of use" },
    { offlines_owned,
      "a page that a domain has: the host hangs when the domain "
      "is destroyed" },
    { status_is_own, "an array of status words in the program's own "
                     "memory" },
    { creates_without_slot, "a new domain with an id above those of "
                            "programs" },
    { list_is_own, "an extent list in the program's own memory" },
    { out_list_is_own, "a list of what is exchanged for in the program's own "
                       "memory" },
    { array_is_own, "an array of nodes in the program's own memory" },
    { takes_dom0s, "dom0's own frames could be taken from its kernel" },
    { keeps_for_dom0, "pages for dom0 that could not be taken back" },
    { maps_dom0s, "a foreign mapping of dom0's own frame" },
};

const char *live_refusal(struct live *l, const struct hv_call *c)
{
    unsigned int i;

    for ( i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++ )
        if ( refusals[i].holds(l, c) )
            return refusals[i].why;

    return NULL;
}

bool live_harmless(const struct hypervisor *h, const struct hv_call *call,
                   const char **reason)
{
    *reason = live_refusal(h->hv, call);

    return !*reason;
}
