/* SPDX-License-Identifier: MIT */
/*
 * The seam: what the engine drives and what it may see.
 *
 * Above it stand the executor, libxenctrl programs and emitted C; below it the
 * stub, a live Xen, or somebody's own allocator. Calls are made at the level of
 * Xen's hypercall ABI (addresses in the caller's memory, public structures);
 * what a toolstack can observe comes back as one flat value.
 *
 * Not here: operations of a program (harness/program), rules (model/), checks
 * (harness/engine). Page counts are pages, never bytes or kB, unless said.
 */
#ifndef CLAIMCHECK_HYPERVISOR_H
#define CLAIMCHECK_HYPERVISOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "release.h"
#include "xen_abi.h"

/* Domains a program can name: d0 is dom0, d1..d7 are guests; slot == domid. */
#define HV_DOMS_MAX 8
/* Nodes of a host: enough for "this one, another, all but one". */
#define HV_NODES_MAX 4
/* Pages of a node: small, so that limits are hit; a page table fits in L1. */
#define HV_NODE_PAGES_MAX 256
#define HV_PAGES_MAX (HV_NODES_MAX * HV_NODE_PAGES_MAX)
/* Zone z holds frames whose number has z significant bits (address < 2^(z+12)):
 * enough for HV_FRAME_BASE + HV_PAGES_MAX frames. */
#define HV_ZONES 12
/* Block orders 0..8: the largest aligned block in a node of 256 pages. */
#define HV_ORDERS 9
/* First frame of a stubbed host. Not 0, so that a zero entry of an extent list
 * is never a good frame; small, so that node 0 spans two zones or more. */
#define HV_FRAME_BASE 32

/* The shape of a host: part of every program. */
struct host_shape
{
    uint8_t release;     /* enum release                              */
    uint8_t nodes;       /* 1..HV_NODES_MAX                           */
    uint16_t node_pages; /* pages of each node, 1..HV_NODE_PAGES_MAX  */
    bool llc;            /* booted with LLC colouring                 */
};

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
#define GUEST_LIST_END UINT64_C(0x10012000) /* HV_PAGES_MAX 8-byte entries */
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
 * Capabilities: what an implementation can do. A program that needs more than
 * there is is reported as skipped, with the reason.
 * ------------------------------------------------------------------ */
enum hv_cap
{
    HV_CAP_STEPWISE =
        1U << 0,              /* asks preempt(), returns HV_CONTINUE         */
    HV_CAP_ANON = 1U << 1,    /* anon_alloc, anon_free                       */
    HV_CAP_EXTRA = 1U << 2,   /* extra_alloc, extra_free (PGC_extra pages)   */
    HV_CAP_CALLERS = 1U << 3, /* callers other than a 64-bit dom0            */
    HV_CAP_AUDIT = 1U << 4,   /* audit                                       */
    HV_CAP_HOOKS = 1U << 5,   /* lock events; heap                           */
    HV_CAP_CAPACITY =
        1U << 6,            /* capacity                                    */
    HV_CAP_EXACT = 1U << 7, /* free pages move only by our own calls       */
    HV_CAP_HASH = 1U << 8,  /* hash                                        */
    HV_CAP_SHAPE = 1U << 9, /* any host shape; else only its own           */
    HV_CAP_FETCHES = 1U << 10, /* counts fetches of argument bytes           */
    /* Hints for whoever makes programs: without them a call of that kind may be
     * refused (refuses), which depends on the state. */
    HV_CAP_DOM0_PAGES =
        1U << 11, /* calls may give dom0 pages and take its   */
    HV_CAP_COMMANDS =
        1U << 12,              /* any memory_op command, start and list      */
    HV_CAP_FLIP = 1U << 13,    /* flip                                       */
    HV_CAP_CONTROL = 1U << 14, /* domctl, sysctl with any field wrong        */
};

/* Every capability: of a hypervisor that runs whatever a program asks for. */
#define HV_CAPS_ALL ((1U << 15) - 1)

/* ------------------------------------------------------------------ *
 * Observation: all that physinfo, numainfo and getdomaininfo tell. Flat, with
 * no padding, so that two of them compare with memcmp.
 * ------------------------------------------------------------------ */
enum hv_dom_state
{
    HV_DOM_ABSENT = 0, /* the domid resolves to nothing                      */
    HV_DOM_ALIVE = 1,
    HV_DOM_DYING = 2, /* destroydomain began and has not finished           */
    HV_DOM_DEAD = 3,  /* destroyed, but referenced: lingering               */
};

struct hv_domain_view
{
    uint32_t state; /* enum hv_dom_state; all else is 0 when ABSENT          */
    uint32_t tot;   /* pages, extra pages excluded (domain_tot_pages)        */
    uint32_t extra; /* extra pages; 0 without HV_CAP_EXTRA                   */
    uint32_t max;   /* limit, pages                                          */
    uint32_t claim; /* outstanding claim, pages                              */
};

struct hv_view
{
    uint64_t free;    /* pages in the heap, claimed or not                   */
    uint64_t claimed; /* outstanding claims of all domains, pages            */
    uint64_t node_free[HV_NODES_MAX];
    struct hv_domain_view dom[HV_DOMS_MAX];
};

_Static_assert(sizeof(struct hv_view) ==
                   16 + 8 * HV_NODES_MAX + 20 * HV_DOMS_MAX,
               "compared with memcmp: no padding");

/*
 * How many free blocks there are, by node, zone and order: from it one can say
 * how many extents of an order can still be allocated without knowing where the
 * free pages lie. Filled by implementations with HV_CAP_CAPACITY.
 */
struct hv_capacity
{
    uint16_t blocks[HV_NODES_MAX][HV_ZONES][HV_ORDERS];
};

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
    HV_CALL_SYSCTL,    /* any other sysctl                                 */
    HV_CALL_MAP,       /* dom0 maps frames of a domain                     */
    HV_CALL_UNMAP,
    HV_CALL_ANON_ALLOC, /* the hypervisor allocates for itself              */
    HV_CALL_ANON_FREE,
    HV_CALL_EXTRA_ALLOC, /* a page owned by, but not accounted to, a domain  */
    HV_CALL_EXTRA_FREE,
};

/* The domctls in use; the payload is one number each. */
struct hv_domctl
{
    uint32_t cmd;     /* XEN_DOMCTL_*                                      */
    uint32_t version; /* interface_version                                 */
    uint16_t domid;
    uint64_t value;   /* max_mem: kB; setnodeaffinity: node mask; else 0   */
    uint32_t preempt; /* destroydomain: stop after so many invocations, and
                         * leave the domain dying; 0: carry it to the end    */
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
    /* 0, or 1 + the offset of a byte of the argument that somebody changes when
     * it was read once. Must not change result or state: HV_CAP_FLIP. */
    uint32_t flip;

    /* HV_CALL_MEMORY_OP */
    uint64_t cmd; /* op | start_extent << MEMOP_EXTENT_SHIFT */
    /* As the caller wrote it, native; a 32-bit caller's is narrowed, and of
     * current_ and maximum_reservation only domid is written (2 bytes). */
    struct xen_memory_reservation resv;
    uint8_t pad[6];   /* bytes 26..31 of the structure                   */
    uint32_t preempt; /* preempt() is true before every so-many-th extent;
                           * 0: never. Must not change result or state       */
    /* Extent list: entries that can be accessed at resv.extent_start, counted
     * from entry 0, and their values before the call (frame numbers). */
    uint32_t list_entries;
    const uint64_t *list;

    struct hv_domctl domctl; /* HV_CALL_DOMCTL */

    /* PHYSINFO, NUMAINFO, SYSCTL: what is added to the right version; the
     * command, of SYSCTL only. */
    uint32_t sysctl_skew;
    uint32_t sysctl_cmd;

    /* MAP .. EXTRA_FREE */
    uint16_t domid;
    uint32_t order;
    uint64_t frame; /* UNMAP, ANON_FREE, EXTRA_FREE, MAP */
};

/* What came back. */
struct hv_result
{
    long rc;        /* as the hypercall returned it; MAP..: 0 or -errno  */
    uint64_t frame; /* ANON_ALLOC, EXTRA_ALLOC                           */
    const uint64_t *list; /* MEMORY_OP: extent list after the call, at least
                           * list_entries long                               */
    /* getdomaininfo, physinfo and numainfo: what was reported. */
    union
    {
        struct xen_domctl_getdomaininfo info;
        struct xen_sysctl_physinfo phys;
        uint64_t node_free[HV_NODES_MAX]; /* pages */
    } out;
    uint16_t domid; /* createdomain, getdomaininfo: domid written back   */
    /* list may point here: 32-bit or misaligned lists. Never cleared. */
    uint64_t list_space[HV_PAGES_MAX];
};

/* ------------------------------------------------------------------ *
 * Hooks: what an implementation tells and asks while a call runs. All optional.
 * ------------------------------------------------------------------ */
enum hv_event
{
    HV_EVENT_LOCK_BEFORE, /* about to take the lock                          */
    HV_EVENT_LOCK,        /* taken                                           */
    HV_EVENT_UNLOCK,      /* just released: the state it protects is visible */
    HV_EVENT_CONTENDED,   /* found taken                                     */
    HV_EVENT_PREEMPT,     /* a preemption point                              */
};

enum hv_lock
{
    HV_LOCK_DOMCTL,
    HV_LOCK_SYSCTL,
    HV_LOCK_DOMLIST,
    HV_LOCK_PAGE_ALLOC, /* a domain's page_alloc_lock                        */
    HV_LOCK_HEAP,       /* heap_lock                                         */
    HV_LOCK_COUNT
};

struct hv_hooks
{
    void *ctx;
    uint32_t events; /* 1 << enum hv_event of those to be told               */
    void (*event)(void *ctx, enum hv_event event, enum hv_lock lock,
                  const char *fn, int line);
    /* "Must this hypercall stop here?" */
    bool (*preempt)(void *ctx);
    /* An ASSERT or BUG of the implementation: id is "BUG" or an invariant of
     * docs/invariants.md. Does not return. */
    void (*fail)(void *ctx, const char *id, const char *what, const char *file,
                 int line);
};

/* ------------------------------------------------------------------ *
 * The implementation.
 * ------------------------------------------------------------------ */
/* page_id() of a frame that there was no number left for. */
#define HV_FRAME_UNNUMBERED (-2)

struct hypervisor_ops
{
    const char *name; /* "stub", "live", "model" */
    uint32_t caps;    /* enum hv_cap */
    /* Anonymous pages that creating a domain takes from the heap until the
     * domain is gone; meaningful with HV_CAP_EXACT only. */
    uint32_t domain_pages;

    /* Back to the state after init of that shape; costs a copy. Hooks stay in
     * force until the next reset; NULL for none. */
    void (*reset)(void *hv, const struct host_shape *shape,
                  const struct hv_hooks *hooks);

    /* Optional: carry out a whole call at once. For an implementation that has
     * no guest memory, or that stands between the engine and another one.
     * hv_issue() hands over to it. */
    unsigned int (*issue)(void *hv, const struct hv_call *call,
                          struct hv_result *result);

    /* Optional: where the rules leave room, the result to choose in the next
     * calls. For the model as a hypervisor: a litmus test holds on the rules if
     * they allow what it expects. */
    void (*prefer)(void *hv, bool any, long rc);

    /* Optional, with its own shape only: that shape, its release included. */
    struct host_shape (*shape)(void *hv);

    /* Optional: why this call must not be made here (it would harm the machine
     * that the engine runs on), or NULL. The program is then skipped. */
    const char *(*refuses)(void *hv, const struct hv_call *call);

    /* Memory behind [addr, addr + len) of the caller's windows, for the engine
     * to write arguments to and read results from; NULL if not all mapped. */
    void *(*guest)(void *hv, uint64_t addr, size_t len);

    /* HV_CAP_FLIP: in the next hypercall the byte at addr, of the argument's
     * window, is inverted as soon as it was read once; 0: none any more. */
    void (*flip)(void *hv, uint64_t addr);

    /* The hypercalls. HV_CONTINUE: call again, memory_op with the new *cmd. */
    long (*memory_op)(void *hv, const struct hv_caller *caller, uint64_t *cmd,
                      uint64_t arg);
    long (*domctl)(void *hv, const struct hv_caller *caller, uint64_t arg);
    long (*sysctl)(void *hv, const struct hv_caller *caller, uint64_t arg);

    /* dom0 takes / drops a reference to a frame of a domain, as a foreign
     * mapping does. 0; -ESRCH no such domain; -EINVAL not a frame of it. */
    long (*map)(void *hv, uint16_t domid, uint64_t frame);
    /* One operation maps so many frames at most; 0: as many as there are. */
    uint32_t map_most;
    long (*unmap)(void *hv, uint16_t domid, uint64_t frame);

    /* HV_CAP_ANON: 0 or -ENOMEM; the block of 2^order pages at *frame. */
    long (*anon_alloc)(void *hv, uint32_t order, uint64_t *frame);
    void (*anon_free)(void *hv, uint64_t frame, uint32_t order);

    /* HV_CAP_EXTRA: one page with MEMF_no_refcount for a domain. 0, -ESRCH,
     * -ENOMEM (no page, or it could not be assigned). */
    long (*extra_alloc)(void *hv, uint16_t domid, uint64_t *frame);
    long (*extra_free)(void *hv, uint16_t domid, uint64_t frame);

    /* Small dense number of a frame, 0..HV_PAGES_MAX-1, or -1 if it is not a
     * frame of this host; and back. A host with more frames than that numbers
     * those it is asked about, until there are no numbers left. */
    int (*page_id)(void *hv, uint64_t frame);
    uint64_t (*page_frame)(void *hv, int id);

    /* What a toolstack sees now. Cheap: O(domains). */
    void (*observe)(void *hv, struct hv_view *view);

    /* HV_CAP_HOOKS: free and claimed, readable inside an event. */
    void (*heap)(void *hv, uint64_t *free, uint64_t *claimed);

    /* HV_CAP_CAPACITY: valid until the next call. */
    const struct hv_capacity *(*capacity)(void *hv);

    /* HV_CAP_AUDIT: walks everything, O(pages). NULL if all is well, else the
     * id of the broken invariant, with one line about it in why. */
    const char *(*audit)(void *hv, char *why, size_t size);

    /* HV_CAP_FETCHES: 1 + offset in the argument window (from GUEST_ARG_START)
     * of an argument byte fetched twice in one invocation since the last asking,
     * else 0. */
    uint32_t (*fetched_twice)(void *hv);

    /* HV_CAP_HASH: of the whole state but the caller's memory. */
    uint64_t (*hash)(void *hv);

    void (*close)(void *hv);
};

struct hypervisor
{
    const struct hypervisor_ops *ops;
    void *hv;
};

/* domctl and sysctl interface_version of a release, as a toolstack built for
 * it would send (docs/rules.md 3.8, 3.11). */
uint32_t hv_domctl_version(enum release r);
uint32_t hv_sysctl_version(enum release r);

/*
 * Carry out a call: writes the argument (and extent list, if list_entries is
 * not 0) into guest memory so that they end where their window ends, calls, and
 * follows continuations until the hypercall is done or domctl.preempt
 * invocations of destroydomain have run (then rc is HV_CONTINUE).
 * Returns the number of invocations made.
 */
unsigned int hv_issue(const struct hypervisor *h, enum release release,
                      const struct hv_call *call, struct hv_result *result);

#endif /* CLAIMCHECK_HYPERVISOR_H */
