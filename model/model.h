/* SPDX-License-Identifier: MIT */
/*
 * The reference claim model: what Xen's claim rules allow a call to return,
 * and the state that follows. A second opinion: small and naive on purpose,
 * written from docs/rules.md, not from the stub. It must never share code or
 * data structures with stub/, nor copy how the stub does something: a bug that
 * is in both goes unnoticed.
 *
 * Pure: one flat struct, no allocation, no globals but const tables, no I/O.
 * It judges calls across the seam (struct hv_call). It knows neither programs
 * nor where pages lie: a frame is a name.
 *
 * One step of the engine:
 *     model_predict(m, call, capacity, &p);  before the call
 *     ... the call is made, rc comes back, the view is observed ...
 *     model_allows(&p, rc)                   else RESULT is violated
 *     why = model_commit(m, call, &p, result, seen)   else STATE is violated
 *     compare model_view(m) with what was seen
 */
#ifndef CLAIMCHECK_MODEL_H
#define CLAIMCHECK_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "hypervisor/hypervisor.h"

enum rule
{
#define RULE(id, row, family, text) RULE_##id,
#include "rules.def"
#undef RULE
    RULE_COUNT
};

/* What a rule is about: the arguments of one kind of call (RESV and ALL: of
 * several), or something else. */
enum rule_family
{
    FAMILY_CLAIM = 1 << 0,  /* XENMEM_claim_pages */
    FAMILY_NATIVE = 1 << 1, /* populate, increase, decrease: 64-bit callers */
    FAMILY_COMPAT = 1 << 2, /* ... 32-bit callers */
    FAMILY_QUERY = 1 << 3,  /* current and maximum reservation */
    FAMILY_DOMCTL = 1 << 4,
    FAMILY_SYSCTL = 1 << 5,
    FAMILY_SET = 1 << 6, /* claim sets of the drafts: set */
    FAMILY_GET = 1 << 7, /* ... get */
    FAMILY_RESV = FAMILY_NATIVE | FAMILY_COMPAT,
    FAMILY_SETS = FAMILY_SET | FAMILY_GET,
    FAMILY_ALL = (1 << 8) - 1,
    /* No check of a family above: */
    FAMILY_OTHER = 1 << 8,  /* a check that stands alone */
    FAMILY_MEMORY = 1 << 9, /* a check that no argument can change */
    FAMILY_END = 1 << 10,   /* no check: how a call ends that passed them */
};

struct rule_info
{
    const char *id, *row, *text;
    uint16_t family; /* mask of enum rule_family */
};

extern const struct rule_info rule_table[RULE_COUNT];

/* What each release does (rules 0.2, 9). */
extern const struct hv_facts model_releases[RELEASE_COUNT];

/* A page the model knows by name. */
struct model_page
{
    int8_t owner;   /* slot, MODEL_NOBODY or MODEL_XEN                       */
    bool extra;     /* PGC_extra                                             */
    bool allocated; /* still has its allocation reference (PGC_allocated); if
                     * the owner is dying: may still have it                 */
    uint8_t offline; /* MODEL_*: out of use, or to be                        */
    uint16_t maps; /* dom0's mappings                                       */
};

#define MODEL_OFFLINING (1U << 0) /* in use: goes when it is freed           */
#define MODEL_OFFLINED (1U << 1)  /* out of use                              */
#define MODEL_BROKEN (1U << 2)
/* Both: one of them, and it is not known which. */
#define MODEL_STATES (MODEL_OFFLINING | MODEL_OFFLINED)

#define MODEL_NOBODY (-1) /* free, or not known to be owned */
#define MODEL_XEN (-2)    /* the hypervisor's own           */

struct model_domain
{
    uint8_t pauses;    /* controller_pause_count */
    bool built;        /* it was unpaused once   */
    uint32_t affinity; /* node mask */
    /* Pages in tot whose frames the model does not know: the frame list
     * faulted or was not there, or destruction has begun. A frame that nobody
     * is known to own may be one of them. */
    uint32_t nameless;
    /* The same for the pages that dom0 had at the start. */
    uint32_t initial;
    /* Pages that it owns, but that are in no counter (rules 3.5). */
    uint32_t uncounted;
};

/* 64 pages, a bit for each, by domain. */
struct model_names
{
    /* Known to have an owner, a domain or the hypervisor, or to be out of
     * use. */
    uint64_t any;
    /* Owned, allocated and not extra, so that the page can be given back or
     * mapped. The engine picks frames from here. */
    uint64_t owned[HV_DOMS_MAX];
    /* Owned, and mapped by dom0. */
    uint64_t mapped[HV_DOMS_MAX];
};

/* Room for what the model knows of so many pages, which its owner has: as much
 * as the hosts need that the owner means to use. No more of it is touched than
 * the host has pages. */
#define MODEL_ROOM(pages)                                                     \
    struct                                                                    \
    {                                                                         \
        struct model_names names[((pages) + 63) / 64];                        \
        struct model_page page[((pages) + 63) / 64 * 64];                     \
    }

/* The state. counters is what must be observed after each step. */
struct model
{
    struct hv_view counters;
    struct host_shape shape;
    uint32_t host_pages;
    uint32_t page_ids; /* of the host's pages; fewer if they are numbered as
                        * they appear (struct hypervisor_ops) */
    uint32_t domain_pages; /* pages of a domain's structures; 0: unknown */
    bool exact_free;       /* else free pages drift: what is seen is taken  */
    struct model_domain dom[HV_DOMS_MAX];
    uint32_t hidden; /* pages with both MODEL_STATES                       */
    const struct hv_facts *release;
    /* From a frame to a page id; supplied by the implementation. */
    int (*page_id)(void *hv, uint64_t frame);
    void *hv;
    /* By page id, in the owner's room. */
    struct model_names *names;
    struct model_page *page;
};

/* Words of 64 page ids. */
static inline uint32_t model_words(const struct model *m)
{
    return (m->page_ids + 63) / 64;
}

/* The counters that an allocation for one domain touches. */
struct model_account
{
    uint64_t free, claimed;
    uint32_t tot, max, claim;
};

/* What becomes of the block that is put aside for the domain (rules 3.18). */
enum model_stash
{
    STASH_NONE, /* nothing: there is none, or the call does not come to it    */
    STASH_TAKEN, /* it is the first extent                                    */
    STASH_FREED,
};

/* How an allocation may go. */
struct model_outcome
{
    struct model_account account;
    enum model_stash stash;
    uint64_t allocated; /* extents the domain got                            */
    uint64_t counted;   /* extents the caller is told                        */
    enum rule ended;    /* why there are no more                             */
    enum rule rule;     /* why no more are counted                           */
};

/* Rules at most. */
#define RULES_MAX 256

/* What a call may return. */
struct prediction
{
    /* Every rc from lo to hi is allowed (one value: lo == hi) ... */
    long lo, hi;
    /* ... and so are these. */
    long also[2];
    uint8_t nr_also;
    /* The rule that decides rc == lo, for the report and the matrix. */
    enum rule rule;
    /* Allocations: the rule that ended them. It differs from rule if the
     * caller cannot be told of all extents that were allocated. */
    enum rule ended;
    uint32_t nr_evaluated;
    /* Set by model_conditions() only: one bit per rule whose condition
     * holds. */
    uint64_t *conditions;
    /* Allocations: how many blocks of the order there are, at least and at
     * most. model_commit() needs it to know how an allocation ended. */
    uint32_t space_lo, space_hi;
    /* Reservation calls: the front end let it pass, which model_commit() need
     * not find out again. */
    bool passed;
    /* Allocations for a domain: what is tried before other nodes, the node asked
     * for and that with the domain's affinity (rules 4.2): a mask, 0 if nothing
     * is known, and how many blocks there are. */
    struct
    {
        uint32_t nodes, space;
    } tried[2];

    /* What follows is not cleared before a prediction. The rules that were
     * evaluated, in order: all but the last one let the call pass. For the
     * matrix. As many as there are rules, so that nobody has to look whether
     * there is room; no bytes, because the compiler takes a store of a byte for
     * one that may have changed the call and the model, too. */
    enum rule evaluated[RULES_MAX];
    /* Allocations that passed: how they go with space_lo blocks. For
     * model_commit(), too. */
    struct model_outcome outcome;
};

/* The room (a MODEL_ROOM) that a model uses: once, before model_init(). */
#define MODEL_USE(m, room)                                                    \
    ((m)->names = (room)->names, (m)->page = (room)->page)

/*
 * Start with an idle host. seen is the view after a reset: dom0 exists and
 * owns its pages, nothing is claimed. page_id, page_ids, domain_pages and
 * HV_CAP_EXACT are as the implementation declares them.
 */
void model_init(struct model *m, const struct host_shape *shape,
                const struct hv_view *seen, const struct hypervisor_ops *ops,
                void *hv);

/* The same state once more, in to's own room, at the cost of the host's
 * pages. */
void model_copy(struct model *to, const struct model *from);

/*
 * The results that the rules allow for this call now: one, or a range where
 * the rules leave room, or where blocks of an order > 0 are wanted and the
 * capacity is not known (NULL). m is not changed.
 */
void model_predict(const struct model *m, const struct hv_call *call,
                   const struct hv_capacity *capacity, struct prediction *p);

/* Words of a set of rules, one bit per rule. */
#define RULE_WORDS ((RULE_COUNT + 63) / 64)

/*
 * Every rule of the call whose condition holds now, whether or not an earlier
 * one decides: the tests of model_predict(), but all of them. What comes after
 * validation (extents, commands of domctl) is not evaluated. For the matrix:
 * two rules are violated together if both are in the set.
 */
void model_conditions(const struct model *m, const struct hv_call *call,
                      uint64_t set[RULE_WORDS]);

bool model_allows(const struct prediction *p, long rc);

/*
 * Change the state as the result says, which model_allows(). Takes frames from
 * result->list and result->frame, and checks that they are possible: owned by
 * nobody, aligned, distinct. What the model cannot know is taken from seen if
 * it is possible: which nodes pages came from or went to (their sum must fit,
 * nodes that the call cannot touch must not change, and those that are tried
 * first must be used up before others), pages freed so far by
 * an unfinished destroydomain, free pages if they drift. Returns NULL, or what
 * was impossible (then the run ends).
 */
const char *model_commit(struct model *m, const struct hv_call *call,
                         const struct prediction *p,
                         const struct hv_result *result,
                         const struct hv_view *seen);

/* Domains get their pages from the coloured heap, which is in no counter. */
static inline bool model_coloured(const struct model *m)
{
    return m->shape.llc && m->release->llc_possible;
}

/* What must be observed now. */
static inline const struct hv_view *model_view(const struct model *m)
{
    return &m->counters;
}

/* Does dom0 map any page of the domain in that slot? */
bool model_any_mapped(const struct model *m, int slot);

/* Of how many nodes a numainfo that succeeds tells the free pages (rules 3.11 f);
 * without an array, how many nodes there are. */
uint32_t numainfo_nodes(const struct model *m, const struct hv_call *call);
/* And how far apart two nodes are. */
uint32_t model_distance(uint32_t from, uint32_t to);

#endif /* CLAIMCHECK_MODEL_H */
