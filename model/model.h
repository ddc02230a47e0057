/* SPDX-License-Identifier: MIT */
/*
 * The reference claim model: what Xen's claim rules allow a call to return, and
 * the state that follows. A second opinion: small and naive on purpose, written
 * from docs/rules.md, not from the stub. It must never share code or data
 * structures with stub/, nor copy a clever way of doing something: the same bug
 * twice is a bug that nobody sees.
 *
 * Pure: one flat struct, no allocation, no globals but const tables, no I/O.
 * It answers at the level of calls across the seam (struct hv_call); it does
 * not know programs, nor where pages lie: frames are names.
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
    FAMILY_RESV = FAMILY_NATIVE | FAMILY_COMPAT,
    FAMILY_ALL = (1 << 6) - 1,
    /* No check of a family above: */
    FAMILY_OTHER = 1 << 6,  /* a check that stands alone */
    FAMILY_MEMORY = 1 << 7, /* a check that no argument can change */
    FAMILY_END = 1 << 8,    /* no check: how a call ends that passed them */
};

struct rule_info
{
    const char *id, *row, *text;
    uint16_t family; /* mask of enum rule_family */
};

extern const struct rule_info rule_table[RULE_COUNT];

/* What a release does (rules 0.2, 9): one const row each, in releases.c. */
struct model_release
{
    bool redeem_at_alloc;  /* R-C: claims shrink when the heap does          */
    bool grow_on_free;     /* R-A: freeing raises a claim that is not 0      */
    bool dying_refused;    /* rules 1.1 10 applies                           */
    bool llc_refused;      /* rules 1.1 2 applies                            */
    bool llc_possible;     /* the release knows LLC colouring                */
    bool info_next_domain; /* getdomaininfo of an unknown id tells the next  */
    bool zero_is_any;      /* createdomain: 0 and reserved ids mean "any"    */
    bool none_free_exists; /* createdomain: "any", but none is free: -EEXIST */
    uint32_t domctl_version;
    uint32_t sysctl_version;
};

extern const struct model_release model_releases[RELEASE_COUNT];

/* A page the model knows by name. */
struct model_page
{
    int8_t owner;   /* slot, MODEL_NOBODY, or MODEL_XEN (anonymous)       */
    bool extra;     /* PGC_extra                                          */
    bool allocated; /* still has its owner's allocation reference; if the
                         * owner is DYING: may still have it                  */
    uint16_t maps;  /* dom0's mappings                                    */
};

#define MODEL_NOBODY (-1) /* free, or not known to be owned */
#define MODEL_XEN (-2)

struct model_domain
{
    bool created_finished;
    uint8_t pauses;    /* controller_pause_count */
    uint32_t affinity; /* node mask */
    /* Owned, allocated and not extra: what can be given back or mapped, one bit
     * per page id. The engine picks frames from here. */
    uint64_t owned[HV_PAGES_MAX / 64];
    /* Owned pages that dom0 maps, one bit per page id. */
    uint64_t mapped[HV_PAGES_MAX / 64];
    /* Pages of the domain that the model cannot name: those of a frame list that
     * faulted or was not there, and those of a domain whose destruction has
     * begun. They count; a frame nobody is known to own may be one of them. */
    uint32_t nameless;
    /* The same for the pages it had at the start: dom0's own. */
    uint32_t initial;
    /* Pages that are its own, but in no counter (rules 3.5 c). */
    uint32_t uncounted;
};

/* State. counters is what must be seen after each step. */
struct model
{
    struct hv_view counters;
    struct host_shape shape;
    uint32_t host_pages;
    uint32_t
        domain_pages; /* anonymous pages that a domain costs (0: unknown) */
    bool exact_free;  /* else free pages drift: adopt what is seen        */
    struct model_domain dom[HV_DOMS_MAX];
    const struct model_release *release;
    /* Page names: supplied by the implementation, see model_init. */
    int (*page_id)(void *hv, uint64_t frame);
    void *hv;
    /* Last: a start clears no more of it than the host has pages. */
    struct model_page page[HV_PAGES_MAX];
};

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
    /* Allocations: the rule that ended them. Another one than rule if the
     * caller could not be told of all extents. */
    enum rule ended;
    /* Deciding rules in the order they were evaluated, this one last: all but
     * the last one held. For the matrix; filled for MEMORY_OP and DOMCTL. */
    uint8_t nr_evaluated;
    uint8_t evaluated[24];
    /* Set by model_conditions only: one bit per rule whose condition holds. */
    uint64_t *conditions;
    /* Allocations: how many blocks of the order there are, at least and at
     * most. model_commit needs it to know how an allocation ended. */
    uint32_t space_lo, space_hi;
};

/*
 * Start: an idle host as seen. seen is the view after reset (dom0 is there and
 * owns its pages; nothing is claimed). page_id as in struct hypervisor_ops;
 * domain_pages and exact_free as the implementation declares them.
 */
void model_init(struct model *m, const struct host_shape *shape,
                const struct hv_view *seen, uint32_t domain_pages,
                bool exact_free, int (*page_id)(void *hv, uint64_t frame),
                void *hv);

/*
 * The results that the rules allow for this call now. Where the rules leave
 * room, or the capacity is not known (NULL) and an order > 0 is asked for, a
 * range; each such place cites its reason. m is not changed.
 */
void model_predict(const struct model *m, const struct hv_call *call,
                   const struct hv_capacity *capacity, struct prediction *p);

/* 64-bit words of a set of rules. */
#define RULE_WORDS ((RULE_COUNT + 63) / 64)

/*
 * Every rule of the call whose condition holds now, whether or not an earlier
 * one decides: the same tests as model_predict, none of which ends. What comes
 * after validation (extents, commands of domctl) is not looked at. For the
 * matrix: two rules are violated together if both are in the set.
 */
void model_conditions(const struct model *m, const struct hv_call *call,
                      uint64_t set[RULE_WORDS]);

bool model_allows(const struct prediction *p, long rc);

/*
 * Move along the result that came back (which model_allows). Takes frame names
 * from result->list and result->frame, and checks that they were possible: not
 * owned by anyone, aligned, distinct. What cannot be known is adopted from seen
 * if it is possible: which nodes pages came from or went to (their sum must
 * fit, and nodes that the call cannot touch must not change), pages freed so
 * far by an unfinished destroy, free pages if they drift.
 * Returns NULL, or what was impossible (then the run ends).
 */
const char *model_commit(struct model *m, const struct hv_call *call,
                         const struct prediction *p,
                         const struct hv_result *result,
                         const struct hv_view *seen);

/* Pages of domains come from the coloured heap, which nobody counts. */
static inline bool model_coloured(const struct model *m)
{
    return m->shape.llc && m->release->llc_possible;
}

/* What must be seen now. */
static inline const struct hv_view *model_view(const struct model *m)
{
    return &m->counters;
}

#endif /* CLAIMCHECK_MODEL_H */
