/* SPDX-License-Identifier: MIT */
/*
 * One checked call: predict, call, observe, check invariants, compare with the
 * model. Everything the engine does to a hypervisor goes through here.
 */
#include "impl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness/program/kinds/kind.h"
#include "stats.h"

/* What a raw call with that command counts as. */
static enum op_code command_op(enum arg_kind kind, uint64_t cmd,
                               enum op_code other)
{
    const struct xen_command *c = command_of(kind, cmd);

    return c ? (enum op_code)c->op : other;
}

static enum op_code offline_op(uint32_t action)
{
    switch ( action )
    {
    case sysctl_page_offline: return OP_offline;
    case sysctl_page_online: return OP_online;
    case sysctl_query_page_offline: return OP_offline_query;
    default: return OP_sysctl;
    }
}

enum op_code call_op_code(const struct hv_call *call, enum release release)
{
    if ( release == RELEASE_DRAFT_V7 && hv_is_claim_set(call) &&
         call->domctl.mode == CLAIM_MEMORY_GET )
        return OP_claim_get;
    switch ( call->kind )
    {
    case HV_CALL_MEMORY_OP:
        return command_op(ARG_CMD, call->cmd & MEMOP_CMD_MASK, OP_memory_op);
    case HV_CALL_DOMCTL:
        return command_op(ARG_DOMCTL, call->domctl.cmd, OP_domctl);
    case HV_CALL_PHYSINFO: return OP_physinfo;
    case HV_CALL_NUMAINFO: return OP_numainfo;
    case HV_CALL_OFFLINE: return offline_op(call->offline.action);
    case HV_CALL_BREAK: return OP_offline;
    case HV_CALL_SYSCTL: return OP_sysctl;
    case HV_CALL_MAP: return OP_map;
    case HV_CALL_UNMAP: return OP_unmap;
    case HV_CALL_ANON_ALLOC: return OP_anon_alloc;
    case HV_CALL_ANON_FREE: return OP_anon_free;
    case HV_CALL_EXTRA_ALLOC: return OP_extra_alloc;
    case HV_CALL_EXTRA_FREE: return OP_extra_free;
    case HV_CALL_WRITE: return OP_write;
    }

    return OP_memory_op;
}

/* Entries of the extent list from one up to another, or up to the last. */
static void check_entries(struct engine *e, uint64_t i, uint64_t end)
{
    const struct hv_call *c = &e->call;
    uint64_t mask = c->caller.flags & HV_CALLER_ABI32 ? UINT32_MAX
                                                      : UINT64_MAX;
    const uint64_t *was = c->list, *is = e->result.list;

    if ( end > c->list_entries )
        end = c->list_entries;
    if ( i < end && !memcmp(&is[i], &was[i], (end - i) * sizeof(*is)) )
        return; /* nearly always */
    for ( ; i < end; i++ )
        if ( is[i] != (was[i] & mask) )
            engine_fail(e, INV_STATE,
                        "entry %u of the extent list was changed, but is not "
                        "one of those that were done",
                        (unsigned int)i);
}

/* Inputs of an exchange are not touched, nor outputs of chunks that it did not
 * come to. */
static void check_exchange_lists(struct engine *e)
{
    const struct hv_call *c = &e->call;
    uint64_t in = hv_out_entry(c, 0), done = e->result.nr_exchanged;
    uint32_t a = c->resv.extent_order, b = c->out.extent_order;

    check_entries(e, 0, in);
    if ( e->prediction.rule <= RULE_EXCHANGE_XSM ) /* refused */
    {
        check_entries(e, in, UINT64_MAX);
        return;
    }
    /* To how many it came could not be written back. */
    if ( e->result.rc == -EFAULT && c->readonly & HV_READONLY_ARG )
        return;
    done = a < b ? done >> (b - a) : done << (a - b);
    /* Of the chunk at whose outputs it ended, some may have been written. */
    if ( e->result.rc == -EFAULT )
        done += a < b ? 1 : UINT64_C(1) << (a - b);
    check_entries(e, in + done, UINT64_MAX);
}

/* Entries of the extent list that the result does not count are not touched, nor
 * is any where no frame was given. */
static void check_list(struct engine *e)
{
    const struct hv_call *c = &e->call;
    uint64_t start = c->cmd >> MEMOP_EXTENT_SHIFT, end = start;

    if ( c->kind != HV_CALL_MEMORY_OP || !e->result.list )
        return;
    if ( __builtin_expect(hv_is_exchange(c), 0) )
    {
        check_exchange_lists(e);
        return;
    }
    if ( e->call_op == OP_decrease ||
         (e->call_op == OP_populate &&
          c->resv.mem_flags & XENMEMF_populate_on_demand) )
        end = start;
    else if ( e->result.rc > 0 )
        end = (uint64_t)e->result.rc;
    else if ( e->result.rc == HV_CONTINUE )
        end = e->result.extents;
    check_entries(e, 0, start);
    check_entries(e, end, UINT64_MAX);
}

static void check_conformance(struct engine *e)
{
    const struct prediction *p = &e->prediction;
    const char *why;

    if ( !model_allows(p, e->result.rc) )
        result_differs(e);

    check_list(e);
    why = model_commit(&e->model, &e->call, p, &e->result, &e->seen);
    if ( why )
    {
        e->phase = CALL_IMPOSSIBLE;
        engine_fail(e, INV_STATE, "impossible: %s", why);
    }
    e->phase = CALL_COMMITTED;
    if ( memcmp(model_view(&e->model), &e->seen, e->view_bytes) )
        state_differs(e);
}

/* Pages that the hypervisor holds for itself, for CONSERVE. A block larger than
 * any is none: that it was given is judged already. */
static void count_anon(struct engine *e)
{
    uint32_t pages = e->call.order < 32 ? 1U << e->call.order : 0;

    if ( e->call.kind == HV_CALL_ANON_ALLOC && !e->result.rc )
        e->anon_pages += pages;
    else if ( e->call.kind == HV_CALL_ANON_FREE && !e->result.rc )
        e->anon_pages -= pages;
}

/* A call that must not be made ends the run: what follows would mean something
 * else without it. */
static void check_refused(struct engine *e)
{
    const char *why;

    if ( !e->h.ops->refuses )
        return;
    why = e->h.ops->refuses(e->h.hv, &e->call);
    if ( !why )
        return;
    snprintf(e->r->detail, DETAIL_MAX, "%s", why);
    engine_stop(e, RUN_SKIPPED);
}

long checked_call(void *engine)
{
    struct engine *e = engine;
    const struct hypervisor_ops *ops = e->h.ops;
    bool counted = ops->caps & HV_CAP_CAPACITY;
    struct hv_capacity capacity;

    e->call_op = call_op_code(&e->call, e->spec.release);
    check_refused(e);
    if ( counted )
        ops->capacity(e->h.hv, &capacity);
    model_predict(&e->model, &e->call, counted ? &capacity : NULL,
                  &e->prediction);
    if ( __builtin_expect(e->o.on_call != NULL, 0) )
        e->o.on_call(e->o.call_ctx, e);

    invariants_before(e);
    e->preempt_asked = 0;
    e->set_seen = false;
    e->phase = CALL_MADE;
    e->calls++;
    e->in_window = true;
    hv_issue(&e->h, e->spec.release, &e->call, &e->result);
    e->rc = e->result.rc;
    e->in_window = false;
    ops->observe(e->h.hv, &e->seen);
    count_anon(e);
    if ( e->o.stats )
        stats_call(e->o.stats, e->call_op, &e->call, e->result.rc,
                   e->prediction.rule);

    check_invariants(e);
    if ( __builtin_expect(e->wrote | (e->call.kind == HV_CALL_WRITE), 0) )
        contents_after_call(e);
    check_conformance(e);
    e->phase = CALL_DONE;

    return e->result.rc;
}
