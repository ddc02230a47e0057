/* SPDX-License-Identifier: MIT */
/*
 * A rig for the model's tests: the test itself plays the hypervisor. It writes
 * the call, says what came back, changes the view by hand, and step() checks
 * that the model agrees with every number.
 */
#ifndef CLAIMCHECK_MODEL_RIG_H
#define CLAIMCHECK_MODEL_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "model/model.h"

#define DOM0_PAGES 4
/* Arguments of domctl and sysctl are read whole. */
#define DOMCTL_BYTES ((uint32_t)sizeof(struct xen_domctl))

/* One release of each regime. */
#define R_A RELEASE_4_17
#define R_B RELEASE_4_21
#define R_C RELEASE_4_22

static const enum release regimes[] = { R_A, R_B, R_C };

/* Nodes have so many pages, whatever is free of them. */
#define RIG_NODE_PAGES 256
#define RIG_PAGES_MAX (HV_NODES_MAX * RIG_NODE_PAGES)

struct rig
{
    struct model m;
    MODEL_ROOM(RIG_PAGES_MAX) room;
    struct hv_view
        seen; /* what the hypervisor would show                    */
    struct hv_call call;
    struct hv_result result;
    struct prediction p;
    const struct hv_capacity *capacity; /* NULL, or of cap                 */
    struct hv_capacity cap;
    uint32_t blocks[HV_BLOCK_COUNTS_MAX];
    uint64_t list[HV_LIST_MAX], out[HV_LIST_MAX];
};

static inline int rig_page_id(void *hv, uint64_t frame)
{
    (void)hv;
    return frame >= HV_FRAME_BASE && frame < HV_FRAME_BASE + RIG_PAGES_MAX
               ? (int)(frame - HV_FRAME_BASE)
               : -1;
}

/* A hypervisor of which it is known what is here. */
static inline struct hypervisor_ops rig_ops(uint32_t domain_pages, bool exact)
{
    return (struct hypervisor_ops){ .caps = exact ? HV_CAP_EXACT : 0,
                                    .domain_pages = domain_pages,
                                    .page_ids = exact ? 0 : RIG_PAGES_MAX,
                                    .page_id = rig_page_id };
}

static inline void rig_init(struct rig *r, const struct host_shape *shape,
                            uint32_t domain_pages, bool exact)
{
    const struct hypervisor_ops ops = rig_ops(domain_pages, exact);

    model_init(&r->m, shape, &r->seen, &ops, NULL);
}

/* The blocks of some order of a node that its zone has free: counted from now
 * on. */
static inline void rig_blocks(struct rig *r, uint32_t node, uint32_t zone,
                              uint32_t order, uint32_t blocks)
{
    struct hv_capacity *c = &r->cap;

    *c = (struct hv_capacity){ .nodes = HV_NODES_MAX,
                               .zone_first = HV_ZONE_FIRST,
                               .zones = HV_ZONES - HV_ZONE_FIRST,
                               .orders = HV_ORDERS,
                               .blocks = r->blocks };
    r->blocks[(node * c->zones + zone - c->zone_first) * c->orders + order] =
        blocks;
    r->capacity = c;
}

/* A host with so many free pages on node 0 and on each other node; dom0 owns
 * DOM0_PAGES that the model never hears the names of. */
static inline struct rig *rig_new(enum release release, uint8_t nodes,
                                  uint64_t node_free)
{
    struct rig *r = calloc(1, sizeof(*r));
    struct host_shape shape = { .release = (uint8_t)release,
                                .nodes = nodes,
                                .node_pages = RIG_NODE_PAGES };

    assert_non_null(r);
    MODEL_USE(&r->m, &r->room);
    for ( unsigned int n = 0; n < nodes; n++ )
        r->seen.node_free[n] = node_free;
    r->seen.free = nodes * node_free;
    r->seen.dom[0] = (struct hv_domain_view){ .state = HV_DOM_ALIVE,
                                              .tot = DOM0_PAGES,
                                              .max = UINT32_MAX };
    rig_init(r, &shape, 0, true);
    return r;
}

/* A host on which LLC colouring is on. */
static inline struct rig *rig_new_llc(enum release release)
{
    struct rig *r = rig_new(release, 1, 100);
    struct host_shape shape = r->m.shape;

    shape.llc = true;
    rig_init(r, &shape, 0, true);
    return r;
}

/* Free pages go up or down, on node 0. */
static inline void rig_free(struct rig *r, int64_t pages)
{
    r->seen.free += (uint64_t)pages;
    r->seen.node_free[0] += (uint64_t)pages;
}

static inline void rig_claimed(struct rig *r, unsigned int dom, int64_t pages)
{
    r->seen.dom[dom].claim += (uint32_t)pages;
    r->seen.claimed += (uint64_t)pages;
}

/* ---- calls ---- */

static inline struct hv_call *rig_call(struct rig *r, enum hv_call_kind kind)
{
    memset(&r->call, 0, sizeof(r->call));
    memset(&r->result, 0, sizeof(r->result));
    r->call.kind = kind;
    r->call.caller = hv_caller_dom0();
    r->call.list = r->list;
    r->result.list = r->out;
    return &r->call;
}

static inline struct hv_call *rig_memory_op(struct rig *r, uint64_t cmd,
                                            uint16_t domid, uint64_t nr)
{
    struct hv_call *c = rig_call(r, HV_CALL_MEMORY_OP);

    c->cmd = cmd;
    c->arg_bytes = sizeof(c->resv);
    c->resv.domid = domid;
    c->resv.nr_extents = nr;
    return c;
}

static inline struct hv_call *rig_claim(struct rig *r, uint16_t domid,
                                        uint64_t pages)
{
    return rig_memory_op(r, XENMEM_claim_pages, domid, pages);
}

/* With a whole list, in the window. */
static inline struct hv_call *rig_resv(struct rig *r, uint64_t cmd,
                                       uint16_t domid, uint64_t nr,
                                       uint32_t order)
{
    struct hv_call *c = rig_memory_op(r, cmd, domid, nr);

    c->resv.extent_order = order;
    c->resv.extent_start.p = (void *)(uintptr_t)GUEST_LIST_START;
    c->list_entries = nr < HV_LIST_MAX ? (uint32_t)nr : HV_LIST_MAX;
    return c;
}

static inline struct hv_call *rig_domctl(struct rig *r, uint32_t cmd,
                                         uint16_t domid, uint64_t value)
{
    struct hv_call *c = rig_call(r, HV_CALL_DOMCTL);

    c->arg_bytes = DOMCTL_BYTES;
    c->domctl = (struct hv_domctl){ .cmd = cmd,
                                    .domid = domid,
                                    .value = value,
                                    .version = r->m.release->domctl_version };
    r->result.domid = domid;
    return c;
}

static inline struct hv_call *rig_page(struct rig *r, enum hv_call_kind kind,
                                       uint16_t domid, uint64_t frame)
{
    struct hv_call *c = rig_call(r, kind);

    c->domid = domid;
    c->frame = frame;
    return c;
}

/* Frames that the hypervisor writes to the list: base, base + 2^order, ... */
static inline void rig_frames(uint64_t *list, uint64_t nr, uint64_t base,
                              uint32_t order)
{
    for ( uint64_t i = 0; i < nr; i++ )
        list[i] = base + (i << order);
}

/* ---- steps ---- */

/* The call came back with rc, the view is r->seen. */
#define step(r, rc_, rule_)                                                   \
    do                                                                        \
    {                                                                         \
        struct rig *r_ = (r);                                                 \
        model_predict(&r_->m, &r_->call, r_->capacity, &r_->p);               \
        assert_string_equal(rule_table[r_->p.rule].id,                        \
                            rule_table[RULE_##rule_].id);                     \
        settle(r_, rc_);                                                      \
    } while ( 0 )

#define settle(r, rc_)                                                        \
    do                                                                        \
    {                                                                         \
        struct rig *s_ = (r);                                                 \
        const char *why_;                                                     \
        s_->result.rc = (rc_);                                                \
        assert_in_set_of(s_, s_->result.rc);                                  \
        why_ = model_commit(&s_->m, &s_->call, &s_->p, &s_->result,           \
                            &s_->seen);                                       \
        if ( why_ )                                                           \
            fail_msg("impossible: %s", why_);                                 \
        same_view(model_view(&s_->m), &s_->seen);                             \
    } while ( 0 )

#define assert_in_set_of(r, rc_)                                              \
    do                                                                        \
    {                                                                         \
        if ( !model_allows(&(r)->p, (rc_)) )                                  \
            fail_msg("rc %ld, allowed %ld..%ld (%s)", (long)(rc_), (r)->p.lo, \
                     (r)->p.hi, rule_table[(r)->p.rule].id);                  \
    } while ( 0 )

#define same_view(a, b)                                                       \
    do                                                                        \
    {                                                                         \
        const struct hv_view *a_ = (a), *b_ = (b);                            \
        assert_int_equal(a_->free, b_->free);                                 \
        assert_int_equal(a_->claimed, b_->claimed);                           \
        for ( unsigned int d_ = 0; d_ < HV_DOMS_MAX; d_++ )                   \
        {                                                                     \
            assert_int_equal(a_->dom[d_].state, b_->dom[d_].state);           \
            assert_int_equal(a_->dom[d_].tot, b_->dom[d_].tot);               \
            assert_int_equal(a_->dom[d_].extra, b_->dom[d_].extra);           \
            assert_int_equal(a_->dom[d_].max, b_->dom[d_].max);               \
            assert_int_equal(a_->dom[d_].claim, b_->dom[d_].claim);           \
        }                                                                     \
        assert_memory_equal(a_, b_, sizeof(*a_));                             \
    } while ( 0 )

/* The call is predicted as allowing exactly this result, by that rule. */
#define exactly(r, rc_, rule_)                                                \
    do                                                                        \
    {                                                                         \
        step(r, rc_, rule_);                                                  \
        assert_int_equal((r)->p.lo, (r)->p.hi);                               \
        assert_int_equal((r)->p.nr_also, 0);                                  \
    } while ( 0 )

/* ---- whole operations, for setting the stage ---- */

/* A domain with that limit. */
static inline void rig_create(struct rig *r, uint16_t dom, uint32_t max)
{
    rig_domctl(r, XEN_DOMCTL_createdomain, dom, 0);
    r->seen.dom[dom].state = HV_DOM_ALIVE;
    exactly(r, 0, CREATE_OK);
    rig_domctl(r, XEN_DOMCTL_max_mem, dom, (uint64_t)max * 4);
    r->seen.dom[dom].max = max;
    exactly(r, 0, MAX_MEM_OK);
}

static inline void rig_claims(struct rig *r, uint16_t dom, uint32_t pages)
{
    rig_claim(r, dom, pages);
    rig_claimed(r, dom, (int64_t)pages - r->seen.dom[dom].tot);
    exactly(r, 0, CLAIM_OK);
}

/* Single pages, frames base.., redeemed from the claim in every regime. */
static inline void rig_populates(struct rig *r, uint16_t dom, uint32_t nr,
                                 uint64_t base)
{
    uint32_t claim = r->seen.dom[dom].claim;

    rig_resv(r, XENMEM_populate_physmap, dom, nr, 0);
    rig_frames(r->out, nr, base, 0);
    rig_free(r, -(int64_t)nr);
    r->seen.dom[dom].tot += nr;
    rig_claimed(r, dom, -(int64_t)(claim < nr ? claim : nr));
    exactly(r, nr, POPULATE_DONE);
}

/* d1 with a limit, on a host with so many free pages. */
static inline struct rig *rig_with_domain(enum release rel, uint64_t free,
                                          uint32_t max)
{
    struct rig *r = rig_new(rel, 1, free);

    rig_create(r, 1, max);
    return r;
}

/* d1 owns pages from frame 40 on, on a host of 100 free pages before. */
static inline struct rig *rig_with_pages(enum release rel, uint32_t max,
                                         uint32_t pages)
{
    struct rig *r = rig_with_domain(rel, 100, max);

    rig_populates(r, 1, pages, 40);
    return r;
}

/* d1 gets blocks: the view changes as regimes without surprises have it. */
static inline void rig_gets(struct rig *r, uint32_t blocks, uint32_t order)
{
    uint32_t pages = blocks << order, claim = r->seen.dom[1].claim;

    rig_frames(r->out, blocks, 64, order);
    rig_free(r, -(int64_t)pages);
    r->seen.dom[1].tot += pages;
    rig_claimed(r, 1, -(int64_t)(claim < pages ? claim : pages));
}

#endif /* CLAIMCHECK_MODEL_RIG_H */
