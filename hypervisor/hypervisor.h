/* SPDX-License-Identifier: MIT */
/*
 * The seam: what the engine drives and what it may see.
 *
 * Above it stand the executor, libxenctrl programs and emitted C; below it the
 * stub, a live Xen, or somebody's own allocator. Calls are made at the level
 * of Xen's hypercall ABI (addresses in the caller's memory, public
 * structures); what a toolstack can observe comes back as one flat value.
 *
 * Not here: operations of a program (harness/program), rules (model/), checks
 * (harness/engine). Page counts are pages, never bytes or kB, unless said.
 */
#ifndef CLAIMCHECK_HYPERVISOR_H
#define CLAIMCHECK_HYPERVISOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "call.h"
#include "claim_memory.h"
#include "hooks.h"
#include "host.h"
#include "release.h"
#include "xen_abi.h"

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
    /* Hints for generators of programs: without them a call of that kind may
     * be refused (refuses), which depends on the state. */
    HV_CAP_DOM0_PAGES =
        1U << 11, /* calls may give dom0 pages and take its   */
    HV_CAP_COMMANDS =
        1U << 12,              /* any memory_op command, start and list      */
    HV_CAP_FLIP = 1U << 13,    /* flip                                       */
    HV_CAP_CONTROL = 1U << 14, /* domctl, sysctl with any field wrong        */
    HV_CAP_LLC = 1U << 15,     /* hosts booted with LLC colouring            */
    HV_CAP_SAVE = 1U << 16,    /* save, restore, discard                     */
    HV_CAP_SETS = 1U << 17,    /* claim sets of the drafts; node claims      */
    HV_CAP_READONLY = 1U << 18, /* readonly                                  */
    HV_CAP_OFFLINE = 1U << 19, /* pages are taken offline by sysctl          */
    HV_CAP_BREAK = 1U << 20,   /* break_page                                 */
    HV_CAP_CONTENTS =
        1U << 21, /* write; page and scrub_pages if it can tell */
    HV_CAP_EXCHANGE = 1U << 22, /* XENMEM_exchange                           */
    HV_CAP_STASH = 1U << 23,    /* a populate is left unfinished (stop), and
                                 * what it left aside is told                */
    HV_CAP_NO_OWNER = 1U << 24, /* anon_alloc for a domain (MEMF_no_owner)   */
};

/* Every capability: of a hypervisor that runs whatever a program asks for. */
#define HV_CAPS_ALL ((1U << 25) - 1)

/* A page as the hypervisor has it. */
struct hv_page
{
    uint32_t word; /* its contents: the last word written to it, or another
                    * one after scrubbing                                    */
    int owner;  /* slot, or -1                                               */
    bool free;  /* in the heap, or in the colour pool                        */
    bool dirty; /* marked as one that must be scrubbed (PGC_need_scrub)      */
};

/* page_id() of a frame that there was no number left for. */
#define HV_FRAME_UNNUMBERED (-2)

struct hypervisor_ops
{
    const char *name; /* "stub", "live", "model", a plug-in's own */
    /* Optional: version and build, for reports: "4.17.5, debug, gcc". */
    const char *build;
    uint32_t caps; /* enum hv_cap */
    /* Anonymous pages that creating a domain takes from the heap until the
     * domain is gone; meaningful with HV_CAP_EXACT only. */
    uint32_t domain_pages;
    /* With HV_CAP_SHAPE: the largest node that it can do, pages; 0:
     * HV_NODE_PAGES_MAX. A program that needs more is skipped. */
    uint32_t node_pages_max;
    /* 0: page_id() numbers all pages of the host. Else the host may have more
     * pages than numbers, which are given out as frames are asked about: so
     * many at most. */
    uint32_t page_ids;

    /* Back to the state after init of that shape; costs a copy. Hooks stay in
     * force until the next reset; NULL for none. */
    void (*reset)(void *hv, const struct host_shape *shape,
                  const struct hv_hooks *hooks);

    /*
     * Optional: the releases whose rules it follows, RELEASE_BIT each, instead
     * of whichever a shape names. 0: it does not know, and is asked by trying
     * (harness/probe). *own may be set to a row of its own, if it follows none
     * exactly; the result is then the one release that comes nearest.
     */
    uint32_t (*follows)(void *hv, const struct hv_facts **own);

    /* Optional: carry out a whole call at once. For an implementation that has
     * no guest memory, or that stands between the engine and another one.
     * hv_issue() hands over to it. */
    unsigned int (*issue)(void *hv, const struct hv_call *call,
                          struct hv_result *result);

    /* Optional: where the rules leave room, the result to choose in the next
     * calls. For the model as a hypervisor: a litmus test holds on the rules
     * if they allow what it expects. */
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

    /* HV_CAP_READONLY: windows that the next hypercall cannot write,
     * HV_READONLY_*; 0: none any more. */
    void (*readonly)(void *hv, uint32_t windows);

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

    /* HV_CAP_ANON: 0 or -ENOMEM; the block of 2^order pages at *frame. dom: -1, or
     * with HV_CAP_NO_OWNER for a domain, with MEMF_no_owner; -ESRCH if there is
     * none. */
    long (*anon_alloc)(void *hv, int dom, uint32_t order, uint64_t *frame);
    void (*anon_free)(void *hv, uint64_t frame, uint32_t order);

    /* HV_CAP_EXTRA: one page with MEMF_no_refcount for a domain. 0, -ESRCH,
     * -ENOMEM (no page, or it could not be assigned). */
    long (*extra_alloc)(void *hv, uint16_t domid, uint64_t *frame);
    long (*extra_free)(void *hv, uint16_t domid, uint64_t frame);

    /* HV_CAP_BREAK: a machine check found the page broken, and the hypervisor
     * takes it out of use. 0 or -errno, and the status word (PG_OFFLINE_*). */
    long (*break_page)(void *hv, uint64_t frame, uint32_t *status);

    /* HV_CAP_CONTENTS: the domain writes the word to that page of it, all over.
     * 0; -ESRCH no such domain; -EINVAL not a frame of it. Nothing else sets
     * contents but the hypervisor, which scrubs. */
    long (*write)(void *hv, uint16_t domid, uint64_t frame, uint32_t word);
    /* Optional, with it, both or none: what is in a page of the host, and how
     * many free pages of each node are counted as to be scrubbed. */
    void (*page)(void *hv, uint64_t frame, struct hv_page *page);
    void (*scrub_pages)(void *hv, uint64_t pages[HV_NODES_MAX]);

    /* Small dense number of a frame, or -1 if it is not a frame of this host;
     * and back. See page_ids. */
    int (*page_id)(void *hv, uint64_t frame);
    uint64_t (*page_frame)(void *hv, int id);

    /* What a toolstack sees now. Cheap: O(domains). Claims on nodes are
     * left alone if the host has none (HV_CAP_SETS, a draft). */
    void (*observe)(void *hv, struct hv_view *view);

    /* HV_CAP_HOOKS: free and claimed, readable inside an event. */
    void (*heap)(void *hv, uint64_t *free, uint64_t *claimed);

    /* HV_CAP_CAPACITY: *c is valid until the next call. */
    void (*capacity)(void *hv, struct hv_capacity *c);

    /* HV_CAP_AUDIT: walks everything, O(pages). NULL if all is well, else the
     * id of the broken invariant, with one line about it in why. */
    const char *(*audit)(void *hv, char *why, size_t size);

    /* HV_CAP_FETCHES: 1 + distance from GUEST_ARG_START of an argument byte
     * (of a structure, or of a claim set's entries) fetched twice in one
     * invocation since the last asking, else 0. */
    uint32_t (*fetched_twice)(void *hv);

    /* HV_CAP_HASH: of the whole state but the caller's memory; the same in
     * every process. */
    uint64_t (*hash)(void *hv);

    /* HV_CAP_SAVE: snapshots of that state, as large as they must be, any
     * number of them. into: one that is not needed any more, to be written
     * over, or NULL for a new one; the result is NULL if memory ran out, and
     * into is gone. Hooks are not part of it. */
    void *(*save)(void *hv, void *into);
    void (*restore)(void *hv, const void *saved);
    void (*discard)(void *hv, void *saved);

    /* Optional: how often the place of the planted fault was reached since the
     * last reset. */
    unsigned int (*fault_hits)(void *hv);

    void (*close)(void *hv);
};

struct hypervisor
{
    const struct hypervisor_ops *ops;
    void *hv;
};

/* domctl and sysctl interface_version of a release, as a toolstack built for
 * it would send (rules 3.8, 3.11). */
uint32_t hv_domctl_version(enum release r);
uint32_t hv_sysctl_version(enum release r);

/*
 * Carry out a call: writes the argument (and extent list, if list_entries is
 * not 0) into guest memory so that they end where their window ends, calls,
 * and follows continuations until the hypercall is done, or domctl.preempt
 * invocations of destroydomain or stop of populate have run (then rc is
 * HV_CONTINUE). Returns the number of invocations made.
 */
unsigned int hv_issue(const struct hypervisor *h, enum release release,
                      const struct hv_call *call, struct hv_result *result);

#endif /* CLAIMCHECK_HYPERVISOR_H */
