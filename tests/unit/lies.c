/* SPDX-License-Identifier: MIT */
/* See lies.h. */
#include "lies.h"

#include <errno.h>
#include <string.h>

#define PAGE_BITS 12 /* of an address within a page */

/* ---- the lies about the state ---- */

static struct hv_domain_view *domain(struct told *t)
{
    return &t->v.dom[t->slot];
}

static void page_more(struct told *t)
{
    domain(t)->tot++;
    t->v.free--;
    t->v.node_free[0]--;
}
static void page_less(struct told *t)
{
    domain(t)->tot--;
    t->v.free++;
    t->v.node_free[0]++;
}
static void extra_more(struct told *t)
{
    domain(t)->extra++;
    domain(t)->tot--;
}
static void extra_less(struct told *t)
{
    domain(t)->extra--;
    domain(t)->tot++;
}
static void page_of_dom0(struct told *t)
{
    t->v.dom[0].tot--;
    domain(t)->tot++;
}
static void limit_more(struct told *t)
{
    domain(t)->max++;
}
static void limit_less(struct told *t)
{
    domain(t)->max--;
}
static void claim_more(struct told *t)
{
    domain(t)->claim++;
    t->v.claimed++;
}
static void claim_less(struct told *t)
{
    domain(t)->claim--;
    t->v.claimed--;
}
static void claim_of_other(struct told *t)
{
    t->v.dom[t->slot ^ 1].claim++;
    domain(t)->claim--;
}
static void stash_more(struct told *t)
{
    domain(t)->stash++;
    t->v.free--;
    t->v.node_free[0]--;
}
static void stash_freed(struct told *t)
{
    t->v.free += domain(t)->stash;
    t->v.node_free[domain(t)->stash_node] += domain(t)->stash;
    domain(t)->stash = domain(t)->stash_node = 0;
}
static void stash_elsewhere(struct told *t)
{
    if ( domain(t)->stash )
        domain(t)->stash_node ^= 1;
}
static void part_more(struct told *t)
{
    t->v.node_claim[t->slot][0]++;
    t->v.node_claimed[0]++;
}
static void part_less(struct told *t)
{
    t->v.node_claim[t->slot][0]--;
    t->v.node_claimed[0]--;
}
static void part_elsewhere(struct told *t)
{
    part_less(t);
    t->v.node_claim[t->slot][1]++;
    t->v.node_claimed[1]++;
}
static void page_elsewhere(struct told *t)
{
    if ( t->drift )
        return;
    t->v.node_free[0]--;
    t->v.node_free[1]++;
}
static void free_more(struct told *t)
{
    if ( t->drift )
        return;
    t->v.free++;
    t->v.node_free[0]++;
}
static void free_less(struct told *t)
{
    if ( t->drift )
        return;
    t->v.free--;
    t->v.node_free[0]--;
}
/* The same of the last domain and of the last node, which few cases have. */
#define LAST_DOM (HV_DOMS_MAX - 1)
#define LAST_NODE (HV_NODES_MAX - 1)
static void last_page_more(struct told *t)
{
    t->v.dom[LAST_DOM].tot++;
    t->v.free--;
    t->v.node_free[0]--;
}
static void last_limit_more(struct told *t)
{
    t->v.dom[LAST_DOM].max++;
}
static void last_claim_more(struct told *t)
{
    t->v.dom[LAST_DOM].claim++;
    t->v.claimed++;
}
static void last_stash_more(struct told *t)
{
    t->v.dom[LAST_DOM].stash++;
    t->v.free--;
    t->v.node_free[0]--;
}
static void last_part_more(struct told *t)
{
    t->v.node_claim[LAST_DOM][0]++;
    t->v.node_claimed[0]++;
}
static void part_of_last_more(struct told *t)
{
    t->v.node_claim[t->slot][LAST_NODE]++;
    t->v.node_claimed[LAST_NODE]++;
}
static void last_claimed_more(struct told *t)
{
    t->v.node_claimed[LAST_NODE]++;
}
static void last_free_more(struct told *t)
{
    if ( t->drift )
        return;
    t->v.free++;
    t->v.node_free[LAST_NODE]++;
}
static void next_state(struct told *t)
{
    domain(t)->state = (domain(t)->state + 1) % (HV_DOM_DEAD + 1);
}
static void gone(struct told *t)
{
    memset(domain(t), 0, sizeof(*domain(t)));
}
static void as_before(struct told *t)
{
    t->v = *t->before;
}

/* ---- and about what was told ---- */

static bool tells_domid(const struct told *t)
{
    return t->call->kind == HV_CALL_DOMCTL && !t->r->rc &&
           (t->call->domctl.cmd == XEN_DOMCTL_createdomain ||
            t->call->domctl.cmd == XEN_DOMCTL_getdomaininfo);
}
static bool tells_frame(const struct told *t)
{
    return (t->call->kind == HV_CALL_ANON_ALLOC ||
            t->call->kind == HV_CALL_EXTRA_ALLOC) &&
           !t->r->rc;
}
/* Entries that a get was to write. */
static bool tells_entries(const struct told *t)
{
    return hv_is_claim_set(t->call) && t->r->entries &&
           (t->call->domctl.cmd == XEN_DOMCTL_get_memory_claims ||
            t->call->domctl.mode == CLAIM_MEMORY_GET) &&
           (!t->r->rc || t->r->rc == -ERANGE || t->r->rc == -ENOBUFS);
}
/* ... and did. */
static bool tells_first(const struct told *t)
{
    return tells_entries(t) && !t->r->rc && t->r->nr_entries;
}
static void other_domid(struct told *t)
{
    t->r->domid += tells_domid(t);
}
static void frame_of_other(struct told *t)
{
    if ( tells_frame(t) && t->other )
        t->r->frame = t->other;
}
static void frame_out_of_use(struct told *t)
{
    if ( tells_frame(t) && t->out_of_use )
        t->r->frame = t->out_of_use;
}
static void no_frame(struct told *t)
{
    if ( tells_frame(t) )
        t->r->frame = HV_FRAME_BASE - 1;
}
static bool allocates(const struct told *t)
{
    unsigned int op = t->call->cmd & MEMOP_CMD_MASK;

    /* What is populated on demand has no frames. */
    return t->call->kind == HV_CALL_MEMORY_OP &&
           !(t->call->resv.mem_flags & XENMEMF_populate_on_demand) &&
           (op == XENMEM_increase_reservation ||
            op == XENMEM_populate_physmap);
}
static uint64_t nr_done(const struct told *t)
{
    uint64_t n = t->r->rc > 0 ? (uint64_t)t->r->rc : 0;

    return n < t->call->list_entries ? n : t->call->list_entries;
}
/* Of the extents that were done: those of this call, the last one. */
static void list_change(struct told *t, uint64_t frame)
{
    uint64_t n = nr_done(t), start = t->call->cmd >> MEMOP_EXTENT_SHIFT;

    if ( allocates(t) && n > start )
        t->list[n - 1] = frame;
}
/* Where a call was left. */
static bool is_left(const struct told *t)
{
    return t->call->kind == HV_CALL_MEMORY_OP && t->r->rc == HV_CONTINUE;
}
static void left_after_more(struct told *t)
{
    t->r->extents += is_left(t);
}
static void left_after_less(struct told *t)
{
    t->r->extents -= is_left(t);
}
static void entry_is_none(struct told *t)
{
    list_change(t, HV_FRAME_BASE - 1);
}
static void entry_of_other(struct told *t)
{
    if ( t->other )
        list_change(t, t->other);
}
static void entry_out_of_use(struct told *t)
{
    if ( t->out_of_use )
        list_change(t, t->out_of_use);
}
static void entry_misaligned(struct told *t)
{
    uint64_t n = nr_done(t);

    if ( n && t->call->resv.extent_order )
        list_change(t, t->list[n - 1] + 1);
}
static void entry_twice(struct told *t)
{
    uint64_t n = nr_done(t), start = t->call->cmd >> MEMOP_EXTENT_SHIFT;

    if ( n > start + 1 )
        list_change(t, t->list[n - 2]);
}
/* Outputs of an exchange that are told: chunks that were done, from the first of
 * this call on. */
static uint64_t outputs_done(const struct told *t)
{
    uint32_t in = t->call->resv.extent_order, out = t->call->out.extent_order;

    return in > 63 || out > 63 || t->r->nr_exchanged < t->call->nr_exchanged
               ? 0
               : (t->r->nr_exchanged - t->call->nr_exchanged) << in >> out;
}
/* The last of them. */
static void output_change(struct told *t, uint64_t frame)
{
    uint64_t first = t->call->nr_exchanged << t->call->resv.extent_order >>
                     t->call->out.extent_order;
    uint64_t at = hv_out_entry(t->call, first + outputs_done(t) - 1);

    if ( at < HV_LIST_MAX )
        t->list[at] = frame;
}
static bool tells_outputs(const struct told *t)
{
    return hv_is_exchange(t->call) && t->r->list && outputs_done(t) &&
           !t->call->readonly;
}
static void output_is_none(struct told *t)
{
    if ( tells_outputs(t) )
        output_change(t, HV_FRAME_BASE - 1);
}
static void output_of_other(struct told *t)
{
    if ( tells_outputs(t) && t->other )
        output_change(t, t->other);
}
static void output_above_limit(struct told *t)
{
    uint32_t bits = XENMEMF_get_address_bits(t->call->out.mem_flags);

    if ( tells_outputs(t) && bits > PAGE_BITS && bits < 32 )
        output_change(t, HV_FRAME_BASE | UINT64_C(1) << (bits - PAGE_BITS));
}
static void exchanged_more(struct told *t)
{
    t->r->nr_exchanged += hv_is_exchange(t->call);
}
static void exchanged_less(struct told *t)
{
    t->r->nr_exchanged -= hv_is_exchange(t->call);
}
static void exchanged_a_chunk_more(struct told *t)
{
    uint32_t in = t->call->resv.extent_order, out = t->call->out.extent_order;

    if ( hv_is_exchange(t->call) && in < out && out < 64 )
        t->r->nr_exchanged += UINT64_C(1) << (out - in);
}
/* Status words of pages out of use: the first, and the last. */
static void status_is(struct told *t, uint32_t nr, uint32_t status)
{
    if ( nr < t->r->nr_status &&
         (t->call->kind == HV_CALL_OFFLINE || t->call->kind == HV_CALL_BREAK) )
        t->r->status[nr] = status;
}
static void status_none(struct told *t)
{
    status_is(t, 0, 0);
}
static void status_unwritten(struct told *t)
{
    status_is(t, 0, UINT32_MAX);
}
static void status_out(struct told *t)
{
    status_is(t, 0, PG_OFFLINE_OFFLINED);
}
static void status_pending(struct told *t)
{
    status_is(t, 0, PG_OFFLINE_PENDING);
}
static void status_broken(struct told *t)
{
    status_is(t, 0, t->r->status[0] ^ PG_OFFLINE_BROKEN);
}
static void status_last(struct told *t)
{
    uint32_t last = t->r->nr_status - 1;

    if ( t->r->nr_status )
        status_is(t, last, t->r->status[last] ^ 1);
}
static void status_failed(struct told *t)
{
    status_is(t, 0, t->r->status[0] ^ PG_OFFLINE_FAILED);
}
static void status_owned(struct told *t)
{
    status_is(t, 0, t->r->status[0] ^ PG_OFFLINE_OWNED);
}
static void status_of_other(struct told *t)
{
    status_is(t, 0, t->r->status[0] ^ 1U << PG_OFFLINE_OWNER_SHIFT);
}
static void told_more_pages(struct told *t)
{
    t->entries[0].pages += tells_first(t);
}
static void told_other_node(struct told *t)
{
    t->entries[0].target += tells_first(t);
}
static void told_one_more(struct told *t)
{
    t->r->nr_entries += tells_entries(t);
}
static void told_one_less(struct told *t)
{
    t->r->nr_entries -= tells_entries(t);
}

const struct lie lies[] = {
    LIE(page_more),        LIE(page_less),         LIE(extra_more),
    LIE(extra_less),       LIE(page_of_dom0),      LIE(limit_more),
    LIE(limit_less),       LIE(claim_more),        LIE(claim_less),
    LIE(claim_of_other),   LIE(part_more),         LIE(part_less),
    LIE(stash_more),       LIE(stash_freed),       LIE(stash_elsewhere),
    LIE(part_elsewhere),   LIE(page_elsewhere),    LIE(free_more),
    LIE(free_less),        LIE(next_state),        LIE(gone),
    LIE(as_before),        LIE(other_domid),       LIE(frame_of_other),
    LIE(no_frame),         LIE(entry_is_none),     LIE(entry_of_other),
    LIE(entry_misaligned), LIE(entry_twice),       LIE(told_more_pages),
    LIE(told_other_node),  LIE(told_one_more),     LIE(told_one_less),
    LIE(output_is_none),   LIE(output_of_other),   LIE(output_above_limit),
    LIE(exchanged_more),   LIE(exchanged_less),    LIE(exchanged_a_chunk_more),
    LIE(status_none),      LIE(status_unwritten),  LIE(status_out),
    LIE(status_pending),   LIE(status_broken),     LIE(status_last),
    LIE(status_failed),    LIE(status_owned),      LIE(status_of_other),
    LIE(left_after_more),  LIE(left_after_less),   LIE(last_page_more),
    LIE(last_limit_more),  LIE(last_claim_more),   LIE(last_stash_more),
    LIE(last_part_more),   LIE(part_of_last_more), LIE(last_claimed_more),
    LIE(last_free_more),   LIE(frame_out_of_use),  LIE(entry_out_of_use),
};

/* ---- about the result ---- */

#define RESULT(rc)                                                            \
    {                                                                         \
#rc, rc, false                                                        \
    }
const struct result_lie result_lies[] = {
    RESULT(0),
    RESULT(-EPERM),
    RESULT(-ENOENT),
    RESULT(-ESRCH),
    RESULT(-EFAULT),
    RESULT(-EBUSY),
    RESULT(-EEXIST),
    RESULT(-EINVAL),
    RESULT(-ENOSPC),
    RESULT(-ERANGE),
    RESULT(-ENOSYS),
    RESULT(-E2BIG),
    RESULT(-EACCES),
    RESULT(-ENOMEM),
    RESULT(-EOPNOTSUPP),
    RESULT(-ENOBUFS),
    RESULT(HV_CONTINUE),
    { "one more", 1, true },
    { "one less", -1, true },
};

const char *const seen_names[NR_SEEN] = { "EXACT", "COLOURED", "DRIFT" };
