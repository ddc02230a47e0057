/* SPDX-License-Identifier: MIT */
/*
 * What the model makes of an XENMEM_exchange that was done: whose pages the
 * inputs and outputs are now, and where free pages went. Why a result cannot be
 * is told.
 *
 * Not here: what the call must answer (exchange.c).
 */
#include "exchange.h"

static void moves(const struct model *m, struct exchange *x, int id,
                  int64_t pages)
{
    int node = id < 0 ? -1 : id / (int)m->shape.node_pages;

    if ( !m->exact_free || model_coloured(m) || node < 0 ||
         node >= m->shape.nodes )
        x->sure = false;
    else
        x->moved[node] += pages;
}

static void take_inputs(struct model *m, const struct hv_call *call,
                        struct exchange *x, uint64_t chunk)
{
    for ( uint64_t n = 0; n < exchange_inputs(x); n++ )
    {
        int id = exchange_input(m, call, x, chunk, n);
        uint64_t free = m->counters.free;

        if ( model_owns(m, x->out.slot, id) == OWNS )
        {
            model_forget_page(m, id);
            /* As if the domain had freed it: it may go out of use. */
            model_page_freed(m, id);
            moves(m, x, id, m->counters.free == free);
        }
        else
        {
            model_one_named(m, x->out.slot);
            x->sure = false;
        }
    }
}

/* A chunk that may be done, and nothing shows it: which pages the domain has
 * instead of its inputs, if any, is not known. */
static void unname_inputs(struct model *m, const struct hv_call *call,
                          struct exchange *x, uint64_t chunk)
{
    x->sure = false;
    for ( uint64_t n = 0; n < exchange_inputs(x); n++ )
    {
        int id = exchange_input(m, call, x, chunk, n);

        if ( model_owns(m, x->out.slot, id) != OWNS )
            continue;
        model_forget_page(m, id);
        if ( m->page[id].offline & MODEL_OFFLINING )
            model_hide_page(m, id);
        m->dom[x->out.slot].nameless++;
    }
}

static const char *name_outputs(struct model *m, const struct hv_call *call,
                                const struct hv_result *result,
                                struct exchange *x, uint64_t chunk)
{
    const struct resv *r = &x->out;

    for ( uint64_t j = 0; j < UINT64_C(1) << x->out_chunk; j++ )
    {
        uint64_t at = hv_out_entry(call, (chunk << x->out_chunk) + j), frame;
        const char *why;

        if ( at >= HV_LIST_MAX || (call->readonly & HV_READONLY_LIST) )
        {
            m->dom[r->slot].nameless += UINT32_C(1) << r->order;
            x->sure = false;
            continue;
        }
        frame = result->list[at];
        if ( m->exact_free && r->zone_max < HV_ZONES - 1 &&
             frame >> r->zone_max )
            return "an exchanged frame is above the address asked for";
        if ( m->exact_free && !model_coloured(m) && r->exact &&
             m->page_id(m->hv, frame) / (int)m->shape.node_pages != r->node )
            return "an exchanged frame is not of the node asked for";
        why = model_name_block(m, frame, r->order, r->slot, false);
        if ( why )
            return why;
        moves(m, x, m->page_id(m->hv, frame), -(INT64_C(1) << r->order));
    }
    return NULL;
}

/* Which node pages went to is not known; as many as were exchanged, at most.
 * Before the call so many were free. */
static const char *adopt(struct model *m, const struct exchange *x,
                         uint64_t before, uint64_t pages,
                         const struct hv_view *seen)
{
    uint64_t more = 0, less = 0;

    /* One that had no name was to go out of use. */
    if ( m->hidden && seen->free < m->counters.free &&
         m->counters.free - seen->free <= pages )
        m->counters.free = seen->free;
    if ( seen->free != m->counters.free )
        return NULL; /* left to the comparison of counters */
    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
    {
        uint64_t now = seen->node_free[n], was = m->counters.node_free[n];

        if ( x->sure && now - was != (uint64_t)x->moved[n] )
            return "an exchange moved free pages to another node";
        more += now > was ? now - was : 0;
        less += now < was ? was - now : 0;
    }
    if ( more + before != less + seen->free || more > pages )
        return "an exchange moved free pages that it did not touch";
    memcpy(m->counters.node_free, seen->node_free,
           sizeof(m->counters.node_free));
    return NULL;
}

/* Pages of a chunk that a dying domain has lost: all of them if that is the
 * result, else those before the first that it cannot have given, at most. */
static void lose(struct model *m, const struct hv_call *call, long rc,
                 const struct exchange *x, const struct hv_view *seen)
{
    int slot = x->out.slot;
    struct exchange_given given;

    exchange_none_given(m, &given);
    for ( uint64_t n = 0; n < exchange_inputs(x); n++ )
    {
        if ( (rc && m->counters.dom[slot].tot <= seen->dom[slot].tot) ||
             exchange_entry(x, x->first, n) >= call->list_entries ||
             exchange_gives(m, slot, exchange_input(m, call, x, x->first, n),
                            &given) != OWNS_MAYBE )
            break;
        model_one_named(m, slot);
        model_shrink(m, slot, 1, false);
    }
    model_reap(m, slot);
}

/* nr_exchanged could not be written back: what was done shows in the outputs,
 * which can be written for all chunks but the last one. */
static uint64_t chunks_shown(const struct hv_call *call,
                             const struct prediction *p,
                             const struct hv_result *result,
                             const struct exchange *x)
{
    uint64_t chunk;

    for ( chunk = x->first + p->space_lo; chunk < x->first + p->space_hi;
          chunk++ )
    {
        uint64_t at = hv_out_entry(call, chunk << x->out_chunk);

        if ( result->list[at] == call->list[at] )
            break;
    }
    return chunk;
}

uint64_t exchange_placed(const struct hv_call *call)
{
    bool whole = call->arg_bytes >= sizeof(struct xen_memory_exchange);

    return whole && !(call->caller.flags & HV_CALLER_ABI32)
               ? call->nr_exchanged
               : 0;
}

/* Is nr_exchanged as it was placed? Where it is not written back, another may
 * have changed it. */
static bool is_as_before(const struct hv_call *call,
                         const struct prediction *p,
                         const struct hv_result *result)
{
    bool written = p->rule > RULE_EXCHANGE_FAULT &&
                   p->rule != RULE_EXCHANGE_NOTHING &&
                   !(call->readonly & HV_READONLY_ARG);
    uint64_t changed = result->nr_exchanged ^ exchange_placed(call);

    return !changed || (!written && changed == hv_flipped_exchanged(call));
}

/* Chunks that are done, told or not; *why: why that cannot be. */
static uint64_t chunks_done(const struct hv_call *call,
                            const struct prediction *p, long rc,
                            const struct hv_result *result,
                            const struct exchange *x, const char **why)
{
    bool may = p->lo != rc;
    uint64_t at = result->nr_exchanged >> x->in_chunk;

    for ( unsigned int i = 0; i < p->nr_also; i++ )
        may |= p->also[i] == rc;
    if ( call->readonly & HV_READONLY_ARG )
    {
        if ( !is_as_before(call, p, result) )
            *why = "nr_exchanged was changed, and cannot be written";
        return chunks_shown(call, p, result, x);
    }
    if ( result->nr_exchanged != at << x->in_chunk || at < x->first ||
         at - x->first > p->space_hi ||
         at - x->first < (may ? p->space_lo : p->space_hi) )
        *why = "nr_exchanged is not what was exchanged";

    return at;
}

const char *exchange_commit(struct model *m, const struct hv_call *call,
                            const struct prediction *p,
                            const struct hv_result *result,
                            const struct hv_view *seen)
{
    struct exchange x;
    const char *why = NULL;
    uint64_t done, end, before = m->counters.free;
    bool hidden;

    if ( p->rule <= RULE_EXCHANGE_XSM ) /* refused, or nothing to do */
        return is_as_before(call, p, result)
                   ? NULL
                   : "nr_exchanged was changed by a call that was refused";
    exchange_passed(m, call, &x);
    done = chunks_done(call, p, result->rc, result, &x, &why);
    if ( why )
        return why;
    if ( model_dying(m, x.out.slot) )
    {
        lose(m, call, result->rc, &x, seen);
        return NULL;
    }
    /* The one that could not be told of. */
    x.sure = true;
    end = done + (p->rule == RULE_EXCHANGE_WRITE && result->rc == -EFAULT &&
                  done - x.first == p->space_hi);
    hidden = end > done && p->nr_also && (call->readonly & HV_READONLY_ARG);
    for ( uint64_t chunk = x.first; !why && chunk < end; chunk++ )
    {
        if ( hidden && chunk == done )
        {
            unname_inputs(m, call, &x, chunk);
            break;
        }
        /* Outputs are found before the inputs are free: none is its own input. */
        why = name_outputs(m, call, result, &x, chunk);
        take_inputs(m, call, &x, chunk);
    }
    return why ? why
               : adopt(m, &x, before,
                       (end - x.first) << x.out_chunk << x.out.order, seen);
}
