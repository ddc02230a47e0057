/* SPDX-License-Identifier: MIT */
/*
 * What XENMEM_exchange must answer: rules 3.6. Chunks are done one after the
 * other. What a prediction cannot know is whether the pages that chunks have
 * given free make the blocks that later ones need, and whether a frame that
 * nobody is known to own is the domain's: the call may then end earlier, in one
 * of two ways.
 *
 * A prediction's space_lo and space_hi are the chunks, from the first that it
 * does, at which it may end so, and at which it ends for certain.
 *
 * Not here: what the model makes of what was done (exchange_commit.c).
 */
#include "exchange.h"

/* How it goes. */
struct course
{
    uint64_t end;   /* chunk at which it ends for certain                    */
    enum rule rule; /* why                                                   */
    uint64_t maybe; /* the first at which it may end                         */
    bool maybe_page, maybe_space;
    bool told; /* the last chunk was done, but could not be told of          */
};

static bool more_than(uint64_t nr, uint32_t order)
{
    return order >= 64 || UINT64_MAX >> order < nr;
}

/* Rules 3.6 i, j: of a list from an entry on. */
static bool guest_list(const struct xen_memory_reservation *r, uint64_t entry)
{
    return r->nr_extents - entry < UINT64_MAX / sizeof(xen_pfn_t) &&
           model_guest_address((uintptr_t)r->extent_start.p +
                               entry * sizeof(xen_pfn_t));
}

/* Refused before anything is done. */
static bool refuses(struct prediction *p, enum rule r, bool condition, long rc)
{
    if ( !decides(p, r, condition) )
        return false;
    answer(p, rc);
    return true;
}

/* Rules 3.6 a - g. */
static bool arguments_refused(const struct hv_call *call, struct prediction *p)
{
    const struct xen_memory_reservation *in = &call->resv, *out = &call->out;
    uint32_t most = in->extent_order > out->extent_order ? in->extent_order
                                                         : out->extent_order;

    return refuses(p, RULE_EXCHANGE_START,
                   !(call->caller.flags & HV_CALLER_ABI32) &&
                       model_start_extent(call),
                   -EINVAL) ||
           refuses(p, RULE_EXCHANGE_FAULT,
                   call->arg_bytes < sizeof(struct xen_memory_exchange) ||
                       (call->caller.flags & HV_CALLER_ABI32),
                   -EFAULT) ||
           refuses(p, RULE_EXCHANGE_ORDER,
                   most > model_order_limit(&call->caller), -EPERM) ||
           refuses(p, RULE_EXCHANGE_COUNT, call->nr_exchanged > in->nr_extents,
                   -EINVAL) ||
           refuses(p, RULE_EXCHANGE_DOMIDS, in->domid != out->domid,
                   -EINVAL) ||
           refuses(p, RULE_EXCHANGE_WRAP,
                   more_than(in->nr_extents, in->extent_order) ||
                       more_than(out->nr_extents, out->extent_order),
                   -EINVAL) ||
           refuses(p, RULE_EXCHANGE_SIZES,
                   in->nr_extents << (in->extent_order & 63) !=
                       out->nr_extents << (out->extent_order & 63),
                   -EINVAL);
}

void exchange_sizes(const struct hv_call *call, struct exchange *x)
{
    uint32_t in = call->resv.extent_order, out = call->out.extent_order;

    memset(x, 0, sizeof(*x));
    x->in_nr = call->resv.nr_extents;
    x->out_nr = call->out.nr_extents;
    x->exchanged = call->nr_exchanged;
    x->in_order = in;
    x->in_chunk = in < out ? out - in : 0;
    x->out_chunk = out < in ? in - out : 0;
    x->first = x->exchanged >> x->in_chunk;
    x->end = x->in_nr >> x->in_chunk;
    x->out.order = out;
    /* Rules 3.6 k: no node is virtual here. */
    x->out.flags = call->out.mem_flags & ~XENMEMF_vnode;
    x->out.no_refcount = true;
}

bool exchange_target(const struct model *m, const struct hv_call *call,
                     struct exchange *x, struct prediction *p)
{
    uint64_t out = x->in_chunk ? x->exchanged >> x->in_chunk
                               : x->exchanged << x->out_chunk;
    int slot = model_slot_any(m, call->resv.domid, &call->caller);

    x->out.slot = slot;
    /* Address bits that leave no page leave no block, of a heap that looks at
     * them. */
    if ( !resv_bits(m, &x->out) && !model_coloured(m) )
        x->out.zone_max = 0;

    return !refuses(p, RULE_EXCHANGE_IN_LIST,
                    !guest_list(&call->resv, x->exchanged), -EFAULT) &&
           !refuses(p, RULE_EXCHANGE_OUT_LIST, !guest_list(&call->out, out),
                    -EFAULT) &&
           !refuses(p, RULE_EXCHANGE_NODE, !resv_node(&call->caller, &x->out),
                    -EINVAL) &&
           !refuses(p, RULE_EXCHANGE_DOMID, slot == MODEL_NOBODY, -ESRCH) &&
           !refuses(p, RULE_EXCHANGE_XSM, !model_may_act(&call->caller, slot),
                    -EPERM);
}

void exchange_passed(const struct model *m, const struct hv_call *call,
                     struct exchange *x)
{
    struct prediction front = { .nr_evaluated = 0 };

    exchange_sizes(call, x);
    (void)exchange_target(m, call, x, &front);
}

/* ---- chunks ---- */

enum model_owns exchange_gives(const struct model *m, int slot, int id,
                               struct exchange_given *given)
{
    enum model_owns owns = model_owns(m, slot, id);
    uint64_t bit = id < 0 ? 0 : UINT64_C(1) << (id % 64);

    if ( id >= 0 && (given->all[id / 64] & bit) )
        return given->again[id / 64] & bit ? OWNS_MAYBE : OWNS_NOT;
    if ( owns == OWNS )
    {
        const struct model_page *page = &m->page[id];

        if ( page->maps || page->extra || !page->allocated )
            return OWNS_NOT;
        given->all[id / 64] |= bit;
    }
    return owns;
}

/* What a chunk gave may be outputs of the next one, and inputs of that after it. */
static void may_return(const struct model *m, const struct hv_call *call,
                       const struct exchange *x, uint64_t chunk,
                       struct exchange_given *given)
{
    for ( uint64_t n = 0; n < exchange_inputs(x); n++ )
    {
        int id = exchange_input(m, call, x, chunk, n);

        if ( id >= 0 )
            given->again[id / 64] |= UINT64_C(1) << (id % 64);
    }
}

/* A chunk's inputs: RULE_NONE if they are all given, perhaps. */
static enum rule inputs(const struct model *m, const struct hv_call *call,
                        struct exchange *x, uint64_t chunk,
                        struct exchange_given *given, bool *sure)
{
    for ( uint64_t n = 0; n < exchange_inputs(x); n++ )
    {
        enum model_owns owns;
        int id;

        if ( exchange_entry(x, chunk, n) >= call->list_entries )
            return RULE_EXCHANGE_READ;
        id = exchange_input(m, call, x, chunk, n);
        owns = exchange_gives(m, x->out.slot, id, given);
        /* One that is free now may have become the domain's. */
        if ( owns == OWNS_NOT && chunk > x->first && model_unowned(m, id) )
            owns = OWNS_MAYBE;
        if ( owns == OWNS_NOT )
            return RULE_EXCHANGE_PAGE;
        *sure &= owns == OWNS;
        x->lost += owns == OWNS && (m->page[id].offline & MODEL_OFFLINING);
    }
    return RULE_NONE;
}

/* Rules 3.6 p, q: can the outputs of a chunk be had? Earlier chunks have used
 * up blocks. *sure: it is known. */
static enum rule outputs(const struct model *m, const struct exchange *x,
                         uint64_t done, uint64_t lost,
                         const struct prediction *p, bool *sure)
{
    uint64_t nr = UINT64_C(1) << x->out_chunk;
    bool coloured = model_coloured(m);

    *sure = true;
    if ( coloured )
    {
        *sure = x->out.order;
        return x->out.order ? RULE_EXCHANGE_SPACE : RULE_NONE;
    }
    if ( m->counters.claimed + (nr << x->out.order) + lost > m->counters.free )
        return RULE_EXCHANGE_GATE;
    if ( !done && nr > p->space_hi )
        return RULE_EXCHANGE_SPACE;
    *sure = (done + 1) * nr + lost <= p->space_lo && !m->hidden;
    return RULE_NONE;
}

static bool told(const struct hv_call *call, const struct exchange *x,
                 uint64_t chunk)
{
    if ( call->readonly & HV_READONLY_LIST )
        return false;
    for ( uint64_t j = 0; j < UINT64_C(1) << x->out_chunk; j++ )
        if ( hv_out_entry(call, (chunk << x->out_chunk) + j) >= HV_LIST_MAX )
            return false;
    return true;
}

static void note_maybe(struct course *c, uint64_t chunk, bool *which)
{
    if ( !c->maybe_page && !c->maybe_space )
        c->maybe = chunk;
    *which = true;
}

static void follow(const struct model *m, const struct hv_call *call,
                   struct exchange *x, const struct prediction *p,
                   struct course *c)
{
    bool dying = model_dying(m, x->out.slot);
    uint64_t lost, end = dying ? x->first + 1 : x->end;
    struct exchange_given given;

    exchange_none_given(m, &given);
    *c = (struct course){ .rule = RULE_EXCHANGE_DONE };
    for ( c->end = x->first; c->end < end; c->end++ )
    {
        bool sure = true, space;
        enum rule r;

        lost = x->lost; /* by the chunks before */
        if ( c->end - x->first >= 2 )
            may_return(m, call, x, c->end - 2, &given);
        r = inputs(m, call, x, c->end, &given, &sure);
        if ( !sure )
            note_maybe(c, c->end, &c->maybe_page);
        if ( r == RULE_NONE )
            r = outputs(m, x, c->end - x->first, lost, p, &space);
        if ( r == RULE_NONE && !space )
            note_maybe(c, c->end, &c->maybe_space);
        if ( r == RULE_NONE && !dying && !told(call, x, c->end) )
        {
            c->told = true;
            r = RULE_EXCHANGE_WRITE;
        }
        if ( r != RULE_NONE )
        {
            c->rule = r;
            return;
        }
    }
}

static long result_of(enum rule r)
{
    switch ( r )
    {
    case RULE_EXCHANGE_DONE: return 0;
    case RULE_EXCHANGE_PAGE: return -EINVAL;
    case RULE_EXCHANGE_GATE:
    case RULE_EXCHANGE_SPACE: return -ENOMEM;
    default: return -EFAULT;
    }
}

/* Rules 3.6: the structure cannot be written, so nobody is told. */
static void unwritten(const struct hv_call *call, struct prediction *p)
{
    if ( call->readonly & HV_READONLY_ARG )
        answer(p, -EFAULT);
}

void exchange_predict(const struct model *m, const struct hv_call *call,
                      const struct hv_capacity *capacity, struct prediction *p)
{
    struct exchange x;
    struct course c;

    if ( arguments_refused(call, p) )
    {
        if ( p->rule > RULE_EXCHANGE_FAULT )
            unwritten(call, p);
        return;
    }
    exchange_sizes(call, &x);
    if ( refuses(p, RULE_EXCHANGE_NOTHING, x.exchanged == x.in_nr, 0) )
        return;
    if ( !exchange_target(m, call, &x, p) )
    {
        unwritten(call, p);
        return;
    }
    if ( p->conditions )
        return;
    heap_space(m, capacity, &x.out, &p->space_lo, &p->space_hi);
    follow(m, call, &x, p, &c);
    for ( enum rule n = RULE_EXCHANGE_READ; n <= c.rule; n++ )
        evaluate(p, n);
    answer(p, result_of(c.rule));
    if ( c.maybe_page )
        answer_also(p, -EINVAL);
    if ( c.maybe_space )
        answer_also(p, -ENOMEM);
    /* A dying domain gets nothing for what it gives: no chunk is done. */
    if ( model_dying(m, x.out.slot) )
        c.end = c.maybe = x.first;
    p->space_hi = (uint32_t)(c.end - x.first);
    p->space_lo = (uint32_t)((p->nr_also ? c.maybe : c.end) - x.first);
    if ( call->readonly & HV_READONLY_ARG )
    {
        /* However it ends; that it may end earlier is kept. */
        p->nr_also = p->nr_also > 0;
        p->also[0] = -EFAULT;
        answer(p, -EFAULT);
    }
}
