/* SPDX-License-Identifier: MIT */
/*
 * The stub's state and what its parts offer each other.
 *
 * struct world is the front end's state: one flat value without pointers, so that
 * reset is a copy and a hash of it means something; the allocator below has the
 * rest, and its own snapshots. struct stub is what stands around them and
 * survives a reset: hooks, the caller's memory, cached images.
 *
 * Not here: the buddy allocator (heap.h), the public face (stub.h).
 */
#ifndef CLAIMCHECK_STUB_WORLD_H
#define CLAIMCHECK_STUB_WORLD_H

#include <stddef.h>

#include "faults.h"
#include "releases.h"
#include "stub.h"

/* dom0's pages after boot; a host of fewer than twice as many gives it half of
 * what there is, so that there always is a free page to claim. */
#define DOM0_PAGES 4
/* Pages that a domain's own structures cost: one shows that claims of others
 * can make createdomain fail; more would only make hosts larger. */
#define DOMAIN_PAGES 1
/* Cached images of fresh hosts: a campaign cycles through a few shapes, each of
 * which may be of any release. */
#define IMAGES_MAX 16
/* Larger orders are refused by the allocator whatever there is (rules 4.1). */
#define MAX_ORDER 18
/* The one virtual CPU that issues hypercalls. */
#define THE_VCPU 0

/* ---- locks ---- */

/* One object for each host lock, one page_alloc_lock for each domain; numbers
 * rise in the order in which they may be taken. */
enum lock_index
{
    LOCK_DOMCTL,
    LOCK_SYSCTL,
    LOCK_DOMLIST,
    LOCK_PAGE_ALLOC, /* + slot */
    LOCK_HEAP = LOCK_PAGE_ALLOC + HV_DOMS_MAX,
    LOCK_OBJECTS
};

struct lock
{
    uint8_t owner; /* vCPU + 1; 0: free                                     */
    uint8_t depth; /* of recursion; only page_alloc_lock exceeds 1          */
};

/* ---- domains and frames ---- */

enum dying
{
    DYING_NO,
    DYING_DYING,
    DYING_DEAD
};

struct domain
{
    uint8_t present;      /* in the domain hash: look-ups find it           */
    uint8_t dying;        /* enum dying                                     */
    uint8_t built;        /* unpaused once: creation has finished           */
    uint8_t stash_order;  /* of the block put aside for it, if there is one */
    uint32_t refs;        /* 1 until destroyed, 1 while it owns any frame   */
    uint32_t pause_count; /* by the system controller                       */
    uint32_t owned;       /* frames, extra ones included                    */
    uint32_t allocated;   /* of these, with their allocation reference      */
    uint32_t next;        /* page id at which relinquishing goes on         */
    uint32_t stash_next;  /* page of that block at which scrubbing goes on   */
    uint64_t own_frame;   /* page of the domain's structures; dom0: 0, none  */
    uint64_t stash;       /* first frame of that block; 0: there is none     */
};

#define FRAME_ALLOCATED (1U << 0) /* the owner's allocation reference       */
#define FRAME_EXTRA (1U << 1)     /* PGC_extra                              */
#define FRAME_ANON (1U << 2)      /* the hypervisor's own                   */
#define FRAME_STASHED (1U << 3)   /* nobody's yet: in a domain's stash      */

struct frame
{
    uint16_t maps; /* references by dom0's mappings                         */
    uint8_t owner; /* slot + 1; 0: nobody                                   */
    uint8_t flags; /* FRAME_*                                               */
};

/* ---- the world ---- */
struct world
{
    uint32_t release; /* enum release                                    */
    uint32_t nodes;
    uint32_t node_pages;
    uint32_t pages;      /* of the host                                     */
    uint32_t llc;        /* booted with LLC colouring, and knows it         */
    uint32_t sets;       /* draft of claim sets that it knows, 0: none       */
    uint32_t fault;      /* enum fault                                      */
    uint32_t fault_hits; /* times its place in the front end was reached    */
    uint32_t rover;      /* last domid chosen by createdomain               */
    uint32_t held;       /* bit per lock object that the vCPU holds         */
    struct lock lock[LOCK_OBJECTS];
    struct domain dom[HV_DOMS_MAX];
};

/* A host at some moment. */
struct snapshot
{
    struct world world;
    struct frame *frame; /* one for each page of the host */
    void *alloc;         /* the allocator's */
};

/* ---- the caller's memory ---- */

#define ARG_WINDOW_SIZE (GUEST_ARG_END - GUEST_ARG_START)
#define LIST_WINDOW_SIZE (GUEST_LIST_END - GUEST_LIST_START)
#define WATCHED_SIZE (ARG_WINDOW_SIZE + LIST_WINDOW_SIZE)

struct window
{
    uint64_t start, end;
    uint64_t low; /* lowest address handed out or written          */
    unsigned char *bytes;
};

struct guest
{
    bool flat;
    struct window arg, list;
    /* Argument bytes fetched in this invocation, those of the list window
     * behind the others; first and last word of the bitmap in use. Arguments
     * lie together: clearing is cheap. */
    uint64_t fetched[WATCHED_SIZE / 64];
    uint32_t first, last;
    uint32_t twice;    /* see hypervisor_ops.fetched_twice              */
    uint64_t flip;     /* see hypervisor_ops.flip                       */
    uint32_t readonly; /* HV_READONLY_* */
    _Alignas(16) unsigned char arg_bytes[ARG_WINDOW_SIZE];
    _Alignas(16) unsigned char list_bytes[LIST_WINDOW_SIZE];
};

struct image
{
    struct host_shape shape;
    struct snapshot *host; /* NULL: not made yet */
};

struct stub
{
    struct world w;
    struct frame *frame; /* by page id; touched as far as the host has pages */
    const struct release_facts *facts;
    const struct allocator_ops *alloc;
    void *a; /* its state */
    struct alloc_services svc;
    struct hypervisor_ops ops;
    struct hv_hooks hooks;
    uint32_t fault;
    uint64_t told_free; /* by the last physinfo since the reset; for a fault */
    uint32_t boot_hits; /* of the fault, from before the last reset's end    */
    struct guest guest;
    /* Page ids of the chunk that an exchange is about: its inputs, and the first
     * of each block of outputs. No part of the state. */
    uint32_t *chunk_in, *chunk_out;
    uint32_t next_image;
    uint32_t last_image;
    struct image image[IMAGES_MAX];
};

/* ---- world.c ---- */
void world_reset(struct stub *s, const struct host_shape *shape,
                 const struct hv_hooks *hooks);
uint64_t world_hash(struct stub *s);
/* As in struct hypervisor_ops. */
struct snapshot *world_save(const struct stub *s, struct snapshot *into);
void world_restore(struct stub *s, const struct snapshot *saved);
void world_discard(const struct stub *s, struct snapshot *saved);
/* Times the planted fault's place was reached, booting included. */
uint32_t world_fault_hits(const struct stub *s);

/* ---- locks.c ---- */
void stub_lock(void *ctx, enum hv_lock lock, int dom, const char *fn,
               int line);
void stub_unlock(void *ctx, enum hv_lock lock, int dom, const char *fn,
                 int line);
#define LOCK(s, lock, dom) stub_lock(s, lock, dom, __func__, __LINE__)
#define UNLOCK(s, lock, dom) stub_unlock(s, lock, dom, __func__, __LINE__)
/* At the end of every hypercall: nothing may be held. */
void locks_none_held(struct stub *s, const char *fn, int line);
/* Must the running hypercall stop here? */
bool preempted(struct stub *s, const char *fn, int line);
#define PREEMPTED(s) preempted(s, __func__, __LINE__)
_Noreturn void stub_fail(void *ctx, const char *id, const char *what,
                         const char *file, int line);
/* An assertion that a hook may catch; off where assertions are. */
#ifdef NDEBUG
#define BUG_IF(s, cond) ((void)0)
#else
#define BUG_IF(s, cond)                                                       \
    do                                                                        \
    {                                                                         \
        if ( __builtin_expect(!!(cond), 0) )                                  \
            stub_fail(s, "BUG", #cond, __FILE__, __LINE__);                   \
    } while ( 0 )
#endif

/* ---- faults.c ---- */
/* The number of a planted fault, 0 for id NULL. False: *why says why not. */
bool fault_number(const char *id, uint32_t *fault, const char **why);

/* ---- guest.c ---- */
void guest_init(struct guest *g, bool flat);
void guest_reset(struct guest *g);
/* A hypercall begins: forget which argument bytes were fetched. */
void guest_begin(struct guest *g);
void *guest_pointer(struct guest *g, uint64_t addr, size_t len);
/* Fetch an argument; false: not all of it, and what is missing is 0. */
bool read_argument(struct guest *g, void *to, uint64_t addr, size_t len);
/* Both return the number of bytes that could NOT be copied. */
size_t copy_from_guest(struct guest *g, void *to, uint64_t addr, size_t len);
size_t copy_to_guest(struct guest *g, uint64_t addr, const void *from,
                     size_t len);

/* ---- lookup.c: who is meant, and who may; slots, or -1 ---- */
int domain_by_id(const struct stub *s, uint32_t domid);
/* For a check of a domid; DOMID_SELF means self unless that is NULL. false:
 * there is none, and *dom is dom0, for a call that a planted fault lets by. */
bool find_domain(const struct stub *s, const struct hv_caller *self,
                 uint32_t domid, int *dom);
bool is_control(const struct hv_caller *caller);
/* XSM_TARGET of the default policy: the domain itself or a control domain. */
bool may_target(const struct hv_caller *caller, int dom);

/* ---- domain.c: lifetime ---- */
/* What the allocator counts of one domain; nothing else is set. */
struct hv_domain_view counts_of(const struct stub *s, int dom);
/* A domain in a free slot: 0 or -ENOMEM. */
long domain_create(struct stub *s, int dom);
/* One invocation of destroydomain: 0, HV_CONTINUE. */
long domain_kill(struct stub *s, int dom);
void put_domain(struct stub *s, int dom);
bool domain_dying(void *ctx, int dom);

/* ---- mapping.c: references to frames ---- */
struct frame *frame_of(struct stub *s, uint64_t frame);
/* Allocate for a domain and assign: first frame or ALLOC_NO_FRAME. */
uint64_t domheap_alloc(struct stub *s, const struct alloc_request *req);
/* The same of a block that is nobody's yet. */
uint64_t domheap_assign(struct stub *s, const struct alloc_request *req,
                        uint64_t frame);
/* Drop the allocation reference, which frees the frame if it was the last. */
void put_alloc_ref(struct stub *s, uint64_t frame);
/* dom: whose affinity says from which node, or ALLOC_NO_DOMAIN. */
uint64_t anon_alloc_block(struct stub *s, int dom, uint32_t order);
void anon_free_block(struct stub *s, uint64_t frame, uint32_t order);

long stub_map(void *hv, uint16_t domid, uint64_t frame);
long stub_unmap(void *hv, uint16_t domid, uint64_t frame);
long stub_anon_alloc(void *hv, int dom, uint32_t order, uint64_t *frame);
void stub_anon_free(void *hv, uint64_t frame, uint32_t order);
long stub_extra_alloc(void *hv, uint16_t domid, uint64_t *frame);
long stub_extra_free(void *hv, uint16_t domid, uint64_t frame);
long stub_write(void *hv, uint16_t domid, uint64_t frame, uint32_t word);
void stub_page(void *hv, uint64_t frame, struct hv_page *page);
void stub_scrub_pages(void *hv, uint64_t pages[HV_NODES_MAX]);

/* ---- stash.c: blocks that are put aside until they are scrubbed ---- */
/* One extent of a populate for a domain that is being built: as
 * domheap_alloc(), but it may be stopped while it scrubs (*stopped). */
uint64_t stash_alloc(struct stub *s, const struct alloc_request *req,
                     bool *stopped);
/* Free what is put aside for a domain, if there is anything. */
void stash_drop(struct stub *s, int dom);
/* Of a domain that has a block put aside. */
void stash_observe(const struct stub *s, const struct domain *d,
                   struct hv_domain_view *v);
/* A part of the audit: every block is its domain's alone, and all frames that
 * are marked so are in one. marked: how many are. */
const char *stash_audit(const struct stub *s, uint32_t marked, char *why,
                        size_t size);

/* ---- hypercalls ---- */

/* A bit for each command that is one. */
#define RESERVATION_COMMANDS                                                  \
    (UINT64_C(1) << XENMEM_increase_reservation |                             \
     UINT64_C(1) << XENMEM_decrease_reservation |                             \
     UINT64_C(1) << XENMEM_populate_physmap)

/* Arguments of a reservation call as decoded from either layout. */
struct reservation_args
{
    bool unreadable; /* some of the structure; what is missing is 0          */
    uint64_t list;   /* address of the extent list; 0: none                  */
    uint64_t *xlat;  /* not NULL: the list's copy made for a 32-bit caller,  */
    uint64_t xlat_start; /* from this entry on                               */
    uint64_t nr;
    uint32_t order;
    uint32_t flags;
    uint16_t domid;
};

/* increase, decrease, populate from start on, whatever the caller's width.
 * Number of extents done; *stopped: wants a continuation. A planted fault can
 * make it -errno. */
long reservation_op(struct stub *s, const struct hv_caller *caller,
                    unsigned int op, uint64_t start,
                    const struct reservation_args *r, bool *stopped);
long memory_op_claim(struct stub *s, const struct hv_caller *caller,
                     uint64_t start, uint64_t arg);
long memory_op_exchange(struct stub *s, const struct hv_caller *caller,
                        uint64_t start, uint64_t arg);
long native_memory_op(struct stub *s, const struct hv_caller *caller,
                      uint64_t *cmd, uint64_t arg);
long compat_memory_op(struct stub *s, const struct hv_caller *caller,
                      uint64_t *cmd, uint64_t arg);
long stub_memory_op(void *hv, const struct hv_caller *caller, uint64_t *cmd,
                    uint64_t arg);
long stub_domctl(void *hv, const struct hv_caller *caller, uint64_t arg);
/* claim_set.c: the domctls 91 and 92. *copyback: *op changed. */
long domctl_claim_memory(struct stub *s, int dom, struct xen_domctl *op,
                         bool *copyback);
long domctl_get_claims(struct stub *s, int dom, struct xen_domctl *op,
                       bool *copyback);
long stub_sysctl(void *hv, const struct hv_caller *caller, uint64_t arg);

/* page_offline.c */
long do_page_offline(struct stub *s,
                     const struct xen_sysctl_page_offline_op *op);
long stub_break_page(void *hv, uint64_t frame, uint32_t *status);

/* ---- audit.c ---- */
const char *stub_audit(void *hv, char *why, size_t size);

#endif /* CLAIMCHECK_STUB_WORLD_H */
