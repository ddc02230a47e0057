/* SPDX-License-Identifier: MIT */
/*
 * A call across the seam: who calls, from which memory, what is asked, and what
 * came back. hv_issue() carries it out (hypervisor.h).
 */
#ifndef CLAIMCHECK_CALL_H
#define CLAIMCHECK_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "claim_memory.h"
#include "host.h"
#include "xen_abi.h"

/* ------------------------------------------------------------------ *
 * Guest memory: two windows of the calling domain's address space are mapped,
 * each followed by an unmapped page, and nothing else is. Arguments are placed
 * so that they END where a window ends: reading one byte too many faults. The
 * addresses are below 4 GiB so that 32-bit callers can name them, and are the
 * same on every machine and in every implementation.
 * ------------------------------------------------------------------ */
#define GUEST_ARG_START UINT64_C(0x10000000)
#define GUEST_ARG_END UINT64_C(0x10001000)
#define GUEST_LIST_START UINT64_C(0x10010000)
#define GUEST_LIST_END UINT64_C(0x10012000) /* HV_LIST_MAX 8-byte entries */
#define GUEST_UNMAPPED UINT64_C(0x10020000) /* canonical, never mapped     */
/* Not an address at all on x86-64; a 32-bit caller cannot express it. */
#define GUEST_NONCANONICAL UINT64_C(0x8000000000000000)

/* Who issues a call. */
#define HV_CALLER_CONTROL (1U << 0) /* control domain (IS_PRIV)              */
#define HV_CALLER_HARDWARE                                                    \
    (1U << 1)                     /* hardware domain                       */
#define HV_CALLER_USER (1U << 2)  /* HVM vCPU with CPL != 0                */
#define HV_CALLER_ABI32 (1U << 3) /* 32-bit context: compat entry point    */

struct hv_caller
{
    uint16_t domid; /* the calling domain; exists */
    uint16_t flags; /* HV_CALLER_* */
};

static inline struct hv_caller hv_caller_dom0(void)
{
    return (struct hv_caller){
        .domid = 0, .flags = HV_CALLER_CONTROL | HV_CALLER_HARDWARE
    };
}

/* ------------------------------------------------------------------ *
 * A call across the seam, complete: what to write where, and whom to ask. The
 * executor makes it from an operation, hv_issue() carries it out, the model
 * predicts from it.
 * ------------------------------------------------------------------ */
enum hv_call_kind
{
    HV_CALL_MEMORY_OP, /* reservation structure, any command word          */
    HV_CALL_DOMCTL,    /* one of the domctls in struct hv_domctl           */
    HV_CALL_PHYSINFO,  /* XEN_SYSCTL_physinfo                              */
    HV_CALL_NUMAINFO,  /* XEN_SYSCTL_numainfo                              */
    HV_CALL_OFFLINE,   /* XEN_SYSCTL_page_offline_op                       */
    HV_CALL_SYSCTL,    /* any other sysctl                                 */
    HV_CALL_MAP,       /* dom0 maps frames of a domain                     */
    HV_CALL_UNMAP,
    HV_CALL_ANON_ALLOC, /* the hypervisor allocates for itself              */
    HV_CALL_ANON_FREE,
    HV_CALL_EXTRA_ALLOC, /* a page owned by, but not accounted to, a domain  */
    HV_CALL_EXTRA_FREE,
    HV_CALL_BREAK, /* a machine check takes a broken page out of use       */
    HV_CALL_WRITE, /* a domain writes to one of its pages              */
};

/* createdomain: flags that a release knows are not for programs to set (their
 * domains are small PV ones), and a bit above the flags: no vCPUs. */
#define HV_CREATE_KNOWN_FLAGS UINT32_C(0x1ff)
#define HV_CREATE_NO_VCPUS (UINT64_C(1) << 32)
#define HV_CREATE_BITS (HV_CREATE_NO_VCPUS | (uint32_t)~HV_CREATE_KNOWN_FLAGS)

/* A node map as Xen wants it, and an array with an entry for each node. */
#define HV_NODEMAP_BITS 64
#define HV_NODES_BYTES (HV_NODES_MAX * 16)
/* Distances from each node to each, before the other array, which may begin a
 * byte lower. */
#define HV_DISTANCES_MAX (HV_NODES_MAX * HV_NODES_MAX)
#define HV_DISTANCE_AT                                                        \
    (GUEST_LIST_END - HV_NODES_BYTES - (HV_DISTANCES_MAX + 1) * 4)

/* What the hypervisor can read, and cannot write: the argument's window, and
 * that of lists and of whatever else an argument points to. */
#define HV_READONLY_ARG (1U << 0)
#define HV_READONLY_LIST (1U << 1)

/* Entries of a claim set that a call can place: more than there may be. */
#define HV_ENTRIES_MAX (CLAIM_SET_MAX + 3)

/* Status words of a page_offline_op that can be placed: as many as pages of most
 * hosts that are fuzzed. A longer array ends where its window ends. */
#define HV_STATUS_MAX 1024

/* XEN_SYSCTL_page_offline_op: frames from start to end, both included. */
struct hv_offline
{
    uint32_t action; /* sysctl_page_offline, ...                            */
    uint32_t start, end;
};

/* Frames of a range, modulo 2^32 as Xen counts them: 0 for all there are. */
static inline uint32_t hv_offline_count(const struct hv_offline *o)
{
    return o->end - o->start + 1;
}

/* The domctls in use; the payload is one number each, or a claim set. */
struct hv_domctl
{
    uint32_t cmd;     /* XEN_DOMCTL_*                                      */
    uint32_t version; /* interface_version                                 */
    uint16_t domid;
    uint64_t value;   /* max_mem: kB; setnodeaffinity: node mask;
                       * createdomain: some of HV_CREATE_BITS; else 0      */
    uint32_t preempt; /* destroydomain: stop after so many invocations, and
                         * leave the domain dying; 0: carry it to the end    */
    uint32_t nr_entries, mode; /* claim sets: as the structure says          */
};

struct hv_call
{
    enum hv_call_kind kind;
    struct hv_caller caller;

    /* The argument's address, and how many bytes of it can be read there, from
     * its start. hv_issue() writes that many leading bytes of the structure.
     * domctl and sysctl: only if placed, else the whole is where it fits. */
    uint64_t arg;
    uint32_t arg_bytes;
    bool placed;
    /* What it points to: setnodeaffinity's map, numainfo's array. Only if
     * placed: where, how many bytes can be accessed there, and how many bits or
     * entries the structure says; else all of it. */
    uint64_t data;
    uint32_t data_bytes, data_count;
    /* numainfo: where distances go, HV_DISTANCE_AT or where nothing can be
     * accessed; 0: nowhere. */
    uint64_t distance;
    uint32_t readonly; /* HV_READONLY_*: HV_CAP_READONLY */
    /* 0, or 1 + the offset of a byte of the argument that somebody inverts when
     * it was read once; of a claim set's entries, counted on behind the whole
     * structure. Must not change result or state: HV_CAP_FLIP. */
    uint32_t flip;

    /* HV_CALL_MEMORY_OP */
    uint64_t cmd; /* op | start_extent << MEMOP_EXTENT_SHIFT */
    /* As the caller wrote it, native; a 32-bit caller's is narrowed, and of
     * current_ and maximum_reservation only domid is written (2 bytes). */
    struct xen_memory_reservation resv;
    uint8_t pad[6];   /* bytes 26..31 of the structure                   */
    uint32_t preempt; /* preempt() is true each so-many-th time; 0: never. Must
                       * not change result or state                          */
    uint32_t stop;    /* populate, HV_CAP_STASH: leave it unfinished after so
                       * many invocations; 0: carry it to the end            */
    /* Extent list: entries that can be accessed at resv.extent_start, counted
     * from entry 0, and their values before the call (frame numbers). */
    uint32_t list_entries;
    const uint64_t *list;

    /* XENMEM_exchange: resv is what is given, and this what comes for it; its
     * list follows that of resv in list, or cannot be accessed. */
    struct xen_memory_reservation out;
    uint64_t nr_exchanged;

    struct hv_domctl domctl; /* HV_CALL_DOMCTL */
    /* A claim set, which is placed always: what lies at data before the call,
     * data_bytes of it; NULL if nothing does. */
    const struct xen_memory_claim *entries;

    /* PHYSINFO, NUMAINFO, SYSCTL: what is added to the right version; the
     * command, of SYSCTL only. */
    uint32_t sysctl_skew;
    uint32_t sysctl_cmd;
    /* OFFLINE; the status words lie at data. */
    struct hv_offline offline;

    /* MAP .. WRITE */
    uint16_t domid;
    bool pool; /* ANON_ALLOC: for that domain, with MEMF_no_owner       */
    uint32_t order;
    uint64_t frame; /* UNMAP, ANON_FREE, EXTRA_FREE, MAP, WRITE, BREAK */
    uint32_t word;  /* WRITE: what the page holds from then on  */
};

/* Of a reservation call: is it done in pieces, for each of which its argument is
 * read again (rules 2.2)? */
static inline bool hv_in_pieces(const struct hv_call *call)
{
    return call->caller.flags & HV_CALLER_ABI32 &&
           (uint32_t)(uintptr_t)call->resv.extent_start.p &&
           (uint32_t)call->resv.nr_extents > COMPAT_PIECE;
}

/* Is it an exchange, of 64 bits or 32? */
static inline bool hv_is_exchange(const struct hv_call *call)
{
    return call->kind == HV_CALL_MEMORY_OP &&
           (call->cmd & MEMOP_CMD_MASK) == XENMEM_exchange;
}

/* The bits of an exchange's nr_exchanged that somebody else inverts. */
static inline uint64_t hv_flipped_exchanged(const struct hv_call *call)
{
    uint32_t at = call->flip - 1 -
                  (uint32_t)offsetof(struct xen_memory_exchange, nr_exchanged);

    return at < sizeof(uint64_t) ? UINT64_C(0xff) << (8 * at) : 0;
}

/* Where the outputs' entry of an exchange is in call->list; HV_LIST_MAX or more:
 * it cannot be accessed. */
static inline uint64_t hv_out_entry(const struct hv_call *call, uint64_t i)
{
    uint64_t in = (uintptr_t)call->resv.extent_start.p;
    uint64_t out = (uintptr_t)call->out.extent_start.p;
    uint64_t at = (out - in) / sizeof(uint64_t);

    return out < in || at > HV_LIST_MAX || i >= HV_LIST_MAX ||
                   at + i >= call->list_entries
               ? HV_LIST_MAX
               : at + i;
}

/* Is it a domctl about claim sets? */
static inline bool hv_is_claim_set(const struct hv_call *call)
{
    return call->kind == HV_CALL_DOMCTL &&
           (call->domctl.cmd == XEN_DOMCTL_claim_memory ||
            call->domctl.cmd == XEN_DOMCTL_get_memory_claims);
}

/* What came back. */
struct hv_result
{
    long rc;        /* as the hypercall returned it; MAP..: 0 or -errno  */
    uint64_t frame; /* ANON_ALLOC, EXTRA_ALLOC                           */
    const uint64_t *list; /* MEMORY_OP: extent list after the call, at least
                           * list_entries long                               */
    uint64_t extents; /* MEMORY_OP with HV_CONTINUE: those that are done, the
                       * start extent included                               */
    /* getdomaininfo, physinfo and numainfo: what was reported. */
    union
    {
        struct xen_domctl_getdomaininfo info;
        struct xen_sysctl_physinfo phys;
        uint64_t node_free[HV_NODES_MAX]; /* pages */
    } out;
    uint64_t nr_exchanged; /* exchange: as it is after the call; of a structure
                            * that is there whole                            */
    uint32_t nr_nodes; /* numainfo: number of nodes written back             */
    uint16_t domid;    /* createdomain, getdomaininfo: domid written back   */
    /* numainfo: all pages of each node, as it was written                  */
    uint64_t node_size[HV_NODES_MAX];
    /* numainfo: what was written where distances go; all ones: nothing. */
    uint32_t distance[HV_DISTANCES_MAX];
    uint32_t nr_entries; /* claim sets: as it was written back               */
    const struct xen_memory_claim *entries; /* ... at data after the call, as
                                             * many as can be accessed whole */
    /* OFFLINE, BREAK: status words after the call, as many as can be accessed of
     * those that the call counts; UINT32_MAX where nothing was written. */
    uint32_t nr_status;
    uint32_t status[HV_STATUS_MAX];
    /* list may point here: 32-bit or misaligned lists. Never cleared. */
    uint64_t list_space[HV_LIST_MAX];
    struct xen_memory_claim entry_space[HV_ENTRIES_MAX];
};

#endif /* CLAIMCHECK_CALL_H */
