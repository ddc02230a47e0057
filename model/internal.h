/* SPDX-License-Identifier: MIT */
/*
 * What the model's sources share: how a rule decides, which domain a domid
 * means, pages. Private to model/.
 */
#ifndef CLAIMCHECK_MODEL_INTERNAL_H
#define CLAIMCHECK_MODEL_INTERNAL_H

#include <assert.h>
#include <errno.h>

#include "model.h"

/* ---- rules ---- */

/* Note that rule r is evaluated. */
static inline void evaluate(struct prediction *p, enum rule r)
{
    p->evaluated[p->nr_evaluated++ % RULES_MAX] = r;
    p->rule = r;
}

/* Evaluate rule r; true if it decides. Callers keep the order of
 * docs/rules.md, so that the first true one gives the result. */
static inline bool decides(struct prediction *p, enum rule r, bool condition)
{
    evaluate(p, r);
    if ( !condition )
        return false;
    if ( __builtin_expect(!p->conditions, 1) )
        return true;
    p->conditions[r / 64] |= UINT64_C(1) << (r % 64);
    return false;
}

/* Exactly this result is allowed. */
static inline void answer(struct prediction *p, long rc)
{
    p->lo = p->hi = rc;
}

/* This result is allowed as well. */
static inline void answer_also(struct prediction *p, long rc)
{
    assert(p->nr_also < sizeof(p->also) / sizeof(p->also[0]));
    p->also[p->nr_also++] = rc;
}

static inline bool model_is_id(const struct model *m, int id)
{
    return id >= 0 && (uint32_t)id < m->page_ids;
}

/* By how many pages free memory may have changed by itself since it was
 * last seen. A live host takes about 17 pages for each of a program's 7
 * domains and frees them late, later still with several CPUs
 * (docs/live.md). Elsewhere: 0. */
#define MODEL_DRIFT_PAGES 128

static inline int64_t model_drift(const struct model *m)
{
    return m->exact_free ? 0 : MODEL_DRIFT_PAGES;
}

/* A PV domain of a live host owns two pages that are in no counter and can be
 * given back all the same: its shared info page and a page of its grant table
 * (rules 3.5). Domains of the stub have none. */
#define MODEL_UNCOUNTED_PAGES 2

/* ---- domains ---- */

/* Slot of the domain with that id, or MODEL_NOBODY. */
static inline int model_slot(const struct model *m, uint16_t domid)
{
    return domid < HV_DOMS_MAX && m->counters.dom[domid].state != HV_DOM_ABSENT
               ? domid
               : MODEL_NOBODY;
}

/* The same for calls that take DOMID_SELF. */
static inline int model_slot_any(const struct model *m, uint16_t domid,
                                 const struct hv_caller *caller)
{
    return model_slot(m, domid == DOMID_SELF ? caller->domid : domid);
}

/* May the caller act on the domain in that slot? A control domain on any,
 * every domain on itself (rules 3.2 g). */
static inline bool model_may_act(const struct hv_caller *caller, int slot)
{
    return (caller->flags & HV_CALLER_CONTROL) || caller->domid == slot;
}

static inline bool model_dying(const struct model *m, int slot)
{
    return m->counters.dom[slot].state != HV_DOM_ALIVE;
}

/* Rules 4.1: are pages refused to a domain that has that claim left? */
static inline bool model_gate_refuses(uint64_t free, uint64_t claimed,
                                      uint64_t pages, uint64_t claim)
{
    return claimed + pages > free && claim < pages;
}

/* Pages of a domain that have no name: any frame without an owner may be
 * one. */
static inline uint32_t model_unnamed(const struct model *m, int slot)
{
    return m->dom[slot].nameless + m->dom[slot].initial;
}

/* One of them has got a name, or is free. It may be one of those that dom0 had
 * at the start: they are no longer known to be its own. */
static inline void model_one_named(struct model *m, int slot)
{
    if ( m->dom[slot].initial )
        m->dom[slot].initial--;
    else
        m->dom[slot].nameless--;
}

/* ---- state.c ---- */

/* A domain has lost so many pages to the heap (rules 4.7). */
void model_shrink(struct model *m, int slot, uint32_t pages, bool extra);
/* What is put aside for a domain is free again (rules 3.18). */
void model_drop_stash(struct model *m, int slot);
/* A domain that is dead and owns no page is gone (rules 3.10). */
void model_reap(struct model *m, int slot);
/* A block has an owner from now on. NULL, or why that is impossible. */
const char *model_name_block(struct model *m, uint64_t frame, uint32_t order,
                             int owner, bool extra);
/* A page loses its allocation reference; without mappings it is free. */
void model_drop_page(struct model *m, int id);
/* A page has no owner any more; the caller changes the counters. */
void model_forget_page(struct model *m, int id);
/* The same of a page of a domain that is being destroyed: it may be free now.
 * freed: it is. */
void model_lose_page(struct model *m, int id, bool freed);
/* The same of all its pages that are neither extra nor mapped, at once. */
void model_lose_plain(struct model *m, int slot, bool freed);
void model_set_named(struct model *m, int id, bool named);
/* The same of a page that keeps its other references: if it is to go out of
 * use, when it does is not known from now on. */
void model_hide_page(struct model *m, int id);
/* A page is free that had an owner; the caller counts it. It may be out of use
 * at once, which is counted here. */
void model_page_freed(struct model *m, int id);
void model_set_owned(struct model *m, int id, bool owned);
void model_set_mapped(struct model *m, int id, bool mapped);

/* What the model knows about a frame and a domain. */
enum model_owns
{
    OWNS_NOT,
    OWNS_MAYBE,
    OWNS
};
enum model_owns model_owns(const struct model *m, int slot, int id);
/* A frame that no domain is known to own. */
bool model_unowned(const struct model *m, int id);

/* ---- memory_op.c: a reservation call, as the front end reads it ---- */
struct resv
{
    unsigned int op; /* XENMEM_*                                        */
    bool abi32;
    uint64_t start, nr; /* first extent to do; count, start included       */
    uint64_t list;      /* guest address                                   */
    uint32_t entries;   /* list entries that can be accessed               */
    bool readonly;      /* and not be written                              */
    uint32_t order, flags;
    uint16_t domid;
    int slot; /* the target; valid once the front end has passed         */
    /* Where pages may come from. */
    int node;          /* -1: any                                         */
    bool exact;        /* that node or none                               */
    uint32_t zone_max; /* HV_ZONES - 1: any                               */
    bool no_refcount;  /* no claim serves it, nor does it use one up: the
                       * hypervisor's own, and extra pages                   */
    bool zone_unknown; /* there is a limit, but where the frames of this host
                        * lie is not known                                */
};

/* Extents of a 32-bit call that are done in one piece (rules 2.2). */
#define COMPAT_CHUNK 1020

/* Rules 3.1: what mem_flags say of address bits and nodes. False: refused. */
bool resv_bits(const struct model *m, struct resv *r);
bool resv_node(const struct hv_caller *caller, struct resv *r);
/* Rules 3.2 i, h. */
uint32_t model_order_limit(const struct hv_caller *caller);
bool model_guest_address(uint64_t addr);
/* XENMEM_*: the command without the start extent. */
static inline unsigned int model_command(const struct hv_call *call)
{
    return (unsigned int)(call->cmd & MEMOP_CMD_MASK);
}
uint64_t model_start_extent(const struct hv_call *call);
/* Fills *r. False: the call is refused, *p says how, and nothing changes. */
bool resv_front_end(const struct model *m, const struct hv_call *call,
                    struct resv *r, struct prediction *p);

/* The same again, of a call of which p is the prediction: without the checks. */
bool resv_passed(const struct model *m, const struct hv_call *call,
                 const struct prediction *p, struct resv *r);

/* ---- heap.c ---- */

/* Free blocks of r's order where r allows them: at least lo, at most hi. */
void heap_space(const struct model *m, const struct hv_capacity *capacity,
                const struct resv *r, uint32_t *lo, uint32_t *hi);
/* Rules 4.2: fill p->tried for an allocation of r's domain. */
void heap_tried(const struct model *m, const struct hv_capacity *capacity,
                const struct resv *r, struct prediction *p);
/* NULL, or which nodes should have served so many blocks and did not. To be
 * called with the nodes' free pages from before the call. */
const char *heap_untried(const struct model *m, const struct prediction *p,
                         uint64_t blocks, uint32_t order,
                         const struct hv_view *seen);

/* ---- claim_set.c: claim sets of the drafts ---- */

/* Does the release have claim sets, and this domctl about them? */
static inline bool model_has_sets(const struct model *m)
{
    return m->release->claim_sets;
}
bool claim_set_known(const struct model *m, uint32_t cmd);
/* Are they draft-v7's? */
static inline bool is_v7(const struct model *m)
{
    return m->release->claim_sets == 7;
}
/* Is such a domctl one that gets? */
bool claim_set_is_get(const struct model *m, const struct hv_call *call);
void claim_set_predict(const struct model *m, const struct hv_call *call,
                       int slot, struct prediction *p);
const char *claim_set_commit(struct model *m, const struct hv_call *call,
                             const struct hv_result *result);

/* ---- claim_get.c: telling them ---- */

void claim_get_predict(const struct model *m, const struct hv_call *call,
                       int slot, struct prediction *p);
/* What a get writes, for the model as a hypervisor. */
void claim_get_fill(const struct model *m, const struct hv_call *call,
                    struct hv_result *result);
/* NULL, or what is wrong about what a get wrote. */
const char *claim_get_told(const struct model *m, const struct hv_call *call,
                           const struct hv_result *result);

/* ---- claim_parts.c: claims on nodes ---- */

/* What of a domain's claim is for no node. */
uint32_t claim_host_part(const struct model *m, int slot);
/* Draft-v7: claims are cut to what is free, on each node and on the host. */
void claim_recall(struct model *m);
/* A domain's claim is gone, with all its parts. */
void claim_release(struct model *m, int slot);
/* Pages of a node that a request may have (rules 4.8). */
uint64_t claim_usable(const struct model *m, const struct resv *r,
                      unsigned int node);
/*
 * redeemed pages of a domain's claim, which has shrunk by them, are used up:
 * the parts shrink as well (rules 4.8). taken: pages got from each node; lost:
 * pages of a block that the domain could not have, from a node that is not
 * known; seen: what the parts are, where that helps.
 */
void claim_spread(struct model *m, int slot, uint32_t redeemed,
                  const uint64_t taken[HV_NODES_MAX], uint32_t lost,
                  const uint32_t seen[HV_NODES_MAX]);

/* ---- for each call: what it may return, and what it changes ---- */
void claim_predict(const struct model *m, const struct hv_call *call,
                   struct prediction *p);
/* The claim was made or released. */
void claim_commit(struct model *m, const struct hv_call *call);
/* The call is a populate that the run leaves unfinished, if it can (rules 3.3 f). */
static inline bool reserve_may_stop(const struct hv_call *call)
{
    return call->stop && call->preempt;
}
/* May a populate for that domain stop inside an extent of that order, and put it
 * aside? */
bool reserve_may_stash(const struct model *m, int slot, uint32_t order);
/* Is the block that is put aside the first extent of the call, or does the call
 * free it? */
bool reserve_takes_stash(const struct model *m, const struct resv *r);
bool reserve_frees_stash(const struct model *m, const struct resv *r);
/* Pages of a claim that are lost with the last block, by why it was the last. */
uint32_t reserve_lost(enum rule ended, uint32_t order);
void reserve_predict(const struct model *m, const struct hv_call *call,
                     const struct hv_capacity *capacity, struct prediction *p);
const char *reserve_commit(struct model *m, const struct hv_call *call,
                           const struct prediction *p,
                           const struct hv_result *result,
                           const struct hv_view *seen, uint32_t *nodes,
                           uint64_t *before);
void decrease_predict(const struct model *m, const struct hv_call *call,
                      struct prediction *p);
void decrease_commit(struct model *m, const struct hv_call *call,
                     const struct prediction *p, long rc,
                     const struct hv_view *seen);
void exchange_predict(const struct model *m, const struct hv_call *call,
                      const struct hv_capacity *capacity,
                      struct prediction *p);
const char *exchange_commit(struct model *m, const struct hv_call *call,
                            const struct prediction *p,
                            const struct hv_result *result,
                            const struct hv_view *seen);
/* nr_exchanged of a structure that was not written, as it is told after the call:
 * of one that is there whole, and of no 32-bit caller's; else 0. */
uint64_t exchange_placed(const struct hv_call *call);
void query_predict(const struct model *m, const struct hv_call *call,
                   struct prediction *p);
void domctl_predict(const struct model *m, const struct hv_call *call,
                    struct prediction *p);
const char *domctl_commit(struct model *m, const struct hv_call *call,
                          const struct hv_result *result,
                          const struct hv_view *seen);
/* Can the call's structure not be written? */
bool model_readonly_argument(const struct hv_call *call);
void create_predict(const struct model *m, const struct hv_call *call,
                    struct prediction *p);
/* A createdomain that failed, and made the domain (rules 3.9 f)? */
bool create_unwritten(const struct hv_call *call, long rc);
const char *create_commit(struct model *m, const struct hv_call *call,
                          const struct hv_result *result,
                          const struct hv_view *seen);
void destroy_predict(const struct model *m, const struct hv_call *call,
                     struct prediction *p);
const char *destroy_commit(struct model *m, const struct hv_call *call,
                           long rc, const struct hv_view *seen);
void sysctl_predict(const struct model *m, const struct hv_call *call,
                    struct prediction *p);
/* Status words of pages, as a call tells them: of one that slot owns, of one that
 * nobody owns and that is in use; of one in these MODEL_STATES and MODEL_BROKEN,
 * as it is put back, and as it is asked for. */
static inline uint32_t offline_owned(int slot)
{
    return PG_OFFLINE_OWNED | PG_OFFLINE_PENDING |
           (uint32_t)slot << PG_OFFLINE_OWNER_SHIFT;
}
#define OFFLINE_ANONYMOUS                                                     \
    (PG_OFFLINE_ANONYMOUS | PG_OFFLINE_FAILED |                               \
     (uint32_t)DOMID_INVALID << PG_OFFLINE_OWNER_SHIFT)
uint32_t offline_put_back(uint32_t state);
uint32_t offline_asked_for(uint32_t state);
void offline_predict(const struct model *m, const struct hv_call *call,
                     struct prediction *p);
const char *offline_commit(struct model *m, const struct hv_call *call,
                           const struct prediction *p,
                           const struct hv_result *result,
                           const struct hv_view *seen);
void pages_predict(const struct model *m, const struct hv_call *call,
                   const struct hv_capacity *capacity, struct prediction *p);
const char *pages_commit(struct model *m, const struct hv_call *call,
                         const struct prediction *p,
                         const struct hv_result *result,
                         const struct hv_view *seen);

#endif /* CLAIMCHECK_MODEL_INTERNAL_H */
