/* SPDX-License-Identifier: MIT */
/*
 * One checked call: predict, call, observe, check invariants, compare with the
 * model. Everything the engine does to a hypervisor goes through here.
 */
#include "impl.h"

#include <stdio.h>
#include <string.h>

#include "stats.h"

enum op_code call_op_code(const struct hv_call *call)
{
    switch ( call->kind )
    {
    case HV_CALL_MEMORY_OP:
        switch ( call->cmd & MEMOP_CMD_MASK )
        {
        case XENMEM_increase_reservation: return OP_increase;
        case XENMEM_decrease_reservation: return OP_decrease;
        case XENMEM_current_reservation: return OP_current_reservation;
        case XENMEM_maximum_reservation: return OP_maximum_reservation;
        case XENMEM_populate_physmap: return OP_populate;
        case XENMEM_claim_pages: return OP_claim;
        default: return OP_memory_op;
        }
    case HV_CALL_DOMCTL:
        switch ( call->domctl.cmd )
        {
        case XEN_DOMCTL_createdomain: return OP_create;
        case XEN_DOMCTL_destroydomain: return OP_destroy;
        case XEN_DOMCTL_unpausedomain: return OP_unpause;
        case XEN_DOMCTL_max_mem: return OP_max_mem;
        case XEN_DOMCTL_setnodeaffinity: return OP_node_affinity;
        case XEN_DOMCTL_getdomaininfo: return OP_domain_info;
        default: return OP_domctl;
        }
    case HV_CALL_PHYSINFO: return OP_physinfo;
    case HV_CALL_NUMAINFO: return OP_numainfo;
    case HV_CALL_SYSCTL: return OP_sysctl;
    case HV_CALL_MAP: return OP_map;
    case HV_CALL_UNMAP: return OP_unmap;
    case HV_CALL_ANON_ALLOC: return OP_anon_alloc;
    case HV_CALL_ANON_FREE: return OP_anon_free;
    case HV_CALL_EXTRA_ALLOC: return OP_extra_alloc;
    case HV_CALL_EXTRA_FREE: return OP_extra_free;
    }

    return OP_memory_op;
}

/* Fail with the first counter in which model and observation differ. */
static _Noreturn void state_differs(struct engine *e)
{
    const struct hv_view *m = model_view(&e->model), *s = &e->seen;

    if ( m->free != s->free )
        engine_fail(e, INV_STATE, "host.free: model %llu, seen %llu",
                    (unsigned long long)m->free, (unsigned long long)s->free);
    if ( m->claimed != s->claimed )
        engine_fail(e, INV_STATE, "host.claimed: model %llu, seen %llu",
                    (unsigned long long)m->claimed,
                    (unsigned long long)s->claimed);
    for ( unsigned int d = 0; d < HV_DOMS_MAX; d++ )
    {
        const struct hv_domain_view *a = &m->dom[d], *b = &s->dom[d];

        if ( memcmp(a, b, sizeof(*a)) )
            engine_fail(e, INV_STATE,
                        "d%u state/tot/extra/max/claim: model "
                        "%u/%u/%u/%u/%u, seen %u/%u/%u/%u/%u",
                        d, a->state, a->tot, a->extra, a->max, a->claim,
                        b->state, b->tot, b->extra, b->max, b->claim);
    }
    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
        if ( m->node_free[n] != s->node_free[n] )
            engine_fail(e, INV_STATE, "node%u.free: model %llu, seen %llu", n,
                        (unsigned long long)m->node_free[n],
                        (unsigned long long)s->node_free[n]);

    engine_fail(e, INV_STATE, "views differ in no counter");
}

static void check_conformance(struct engine *e)
{
    const struct prediction *p = &e->prediction;
    const char *why;

    if ( !model_allows(p, e->result.rc) )
        engine_fail(e, INV_RESULT, "got %ld, allowed %ld..%ld (rule %s, %s)",
                    e->result.rc, p->lo, p->hi, rule_table[p->rule].row,
                    rule_table[p->rule].text);

    why = model_commit(&e->model, &e->call, p, &e->result, &e->seen);
    if ( why )
        engine_fail(e, INV_STATE, "impossible: %s", why);
    if ( memcmp(model_view(&e->model), &e->seen, sizeof(e->seen)) )
        state_differs(e);
}

/* Pages that the hypervisor holds for itself, for CONSERVE. */
static void count_anon(struct engine *e)
{
    if ( e->call.kind == HV_CALL_ANON_ALLOC && !e->result.rc )
        e->anon_pages += 1U << e->call.order;
    else if ( e->call.kind == HV_CALL_ANON_FREE && !e->result.rc )
        e->anon_pages -= 1U << e->call.order;
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
    const struct hv_capacity *capacity = NULL;

    e->call_op = call_op_code(&e->call);
    check_refused(e);
    if ( ops->caps & HV_CAP_CAPACITY )
        capacity = ops->capacity(e->h.hv);
    model_predict(&e->model, &e->call, capacity, &e->prediction);
    if ( __builtin_expect(e->o.on_call != NULL, 0) )
        e->o.on_call(e->o.call_ctx, e);

    e->before = e->seen;
    e->preempt_asked = 0;
    e->calling = e->in_window = true;
    hv_issue(&e->h, e->release, &e->call, &e->result);
    e->in_window = false;
    ops->observe(e->h.hv, &e->seen);
    count_anon(e);
    if ( e->o.stats )
        stats_call(e->o.stats, e->call_op, &e->call, e->result.rc,
                   e->prediction.rule);

    check_invariants(e);
    check_conformance(e);
    e->calling = false;

    return e->result.rc;
}
