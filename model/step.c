/* SPDX-License-Identifier: MIT */
/*
 * One step of the model: which rules a call falls under, and what is adopted
 * from what was seen; and the table of rules. Not here: any rule but "command
 * outside the model".
 */
#include "internal.h"

#include <string.h>

const struct rule_info rule_table[RULE_COUNT] = {
#define RULE(id, row, family, text)                                           \
    [RULE_##id] = { #id, row, text, FAMILY_##family },
#include "rules.def"
#undef RULE
};

_Static_assert(RULE_COUNT <= RULES_MAX,
               "prediction.evaluated holds all of them");

static bool memory_op_known(unsigned int op)
{
    return (UINT64_C(1) << op) & (UINT64_C(1) << XENMEM_claim_pages |
                                  UINT64_C(1) << XENMEM_populate_physmap |
                                  UINT64_C(1) << XENMEM_increase_reservation |
                                  UINT64_C(1) << XENMEM_decrease_reservation |
                                  UINT64_C(1) << XENMEM_current_reservation |
                                  UINT64_C(1) << XENMEM_maximum_reservation |
                                  UINT64_C(1) << XENMEM_exchange);
}

static void memory_op_predict(const struct model *m,
                              const struct hv_call *call,
                              const struct hv_capacity *capacity,
                              struct prediction *p)
{
    if ( decides(p, RULE_CALLER_USER, call->caller.flags & HV_CALLER_USER) )
    {
        answer(p, -EPERM);
        return;
    }
    if ( decides(p, RULE_COMMAND, !memory_op_known(model_command(call))) )
    {
        answer(p, -ENOSYS);
        return;
    }
    switch ( model_command(call) )
    {
    case XENMEM_claim_pages: claim_predict(m, call, p); break;
    case XENMEM_populate_physmap:
    case XENMEM_increase_reservation:
        reserve_predict(m, call, capacity, p);
        break;
    case XENMEM_decrease_reservation: decrease_predict(m, call, p); break;
    case XENMEM_exchange: exchange_predict(m, call, capacity, p); break;
    case XENMEM_current_reservation:
    case XENMEM_maximum_reservation: query_predict(m, call, p); break;
    }
}

static void predict(const struct model *m, const struct hv_call *call,
                    const struct hv_capacity *capacity, struct prediction *p)
{
    switch ( call->kind )
    {
    case HV_CALL_MEMORY_OP: memory_op_predict(m, call, capacity, p); break;
    case HV_CALL_DOMCTL: domctl_predict(m, call, p); break;
    case HV_CALL_PHYSINFO:
    case HV_CALL_NUMAINFO:
    case HV_CALL_OFFLINE:
    case HV_CALL_SYSCTL: sysctl_predict(m, call, p); break;
    default: pages_predict(m, call, capacity, p); break;
    }
}

void model_predict(const struct model *m, const struct hv_call *call,
                   const struct hv_capacity *capacity, struct prediction *p)
{
    memset(p, 0, offsetof(struct prediction, evaluated));
    predict(m, call, capacity, p);
    assert(p->lo <= p->hi);
}

void model_conditions(const struct model *m, const struct hv_call *call,
                      uint64_t set[RULE_WORDS])
{
    struct prediction p = { .conditions = set };

    memset(set, 0, RULE_WORDS * sizeof(*set));
    if ( call->kind <= HV_CALL_SYSCTL ) /* the hypercalls */
        predict(m, call, NULL, &p);
}

bool model_allows(const struct prediction *p, long rc)
{
    if ( p->lo <= rc && rc <= p->hi )
        return true;
    for ( unsigned int i = 0; i < p->nr_also; i++ )
        if ( p->also[i] == rc )
            return true;
    return false;
}

/*
 * The model cannot know which nodes pages come from. It takes what is seen if
 * the nodes add up to the host, changed in the same direction, and only nodes
 * changed that the call may touch.
 */
static const char *adopt_nodes(struct model *m, uint64_t before,
                               uint32_t nodes, const struct hv_view *seen)
{
    uint64_t *own = m->counters.node_free, sum = 0, changed = 0;

    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
    {
        sum += seen->node_free[n];
        changed |= seen->node_free[n] ^ own[n];
    }
    for ( unsigned int n = 0; changed && n < HV_NODES_MAX; n++ )
    {
        uint64_t now = seen->node_free[n];

        if ( now == own[n] )
            continue;
        if ( m->counters.free == before )
            return "a node's free pages changed, the host's did not";
        if ( (now < own[n]) != (m->counters.free < before) )
            return "a node's free pages changed the wrong way";
        if ( !(nodes & (1U << n)) )
            return "free pages changed on a node that the call cannot touch";
    }
    if ( sum != seen->free )
        return "free pages of the nodes are not those of the host";
    memcpy(own, seen->node_free, sizeof(seen->node_free));
    return NULL;
}

static const char *adopt_free(struct model *m, uint64_t before, uint32_t nodes,
                              const struct hv_view *seen)
{
    if ( m->exact_free )
        /* A wrong count of the host is left to the comparison of counters. */
        return m->counters.free == seen->free
                   ? adopt_nodes(m, before, nodes, seen)
                   : NULL;

    m->counters.free = seen->free;
    memcpy(m->counters.node_free, seen->node_free, sizeof(seen->node_free));
    return NULL;
}

/* Pages were freed, and some of those that were to go out of use may have been
 * among them: as many as there are, if that is what is seen. */
static void adopt_hidden(struct model *m, uint64_t before,
                         const struct hv_view *seen)
{
    uint64_t less = m->counters.free - seen->free;

    if ( m->counters.free > before && m->counters.free > seen->free &&
         less <= m->hidden )
        m->counters.free = seen->free;
}

static const char *
memory_op_commit(struct model *m, const struct hv_call *call,
                 const struct prediction *p, const struct hv_result *result,
                 const struct hv_view *seen, uint32_t *nodes, uint64_t *before)
{
    /* Part of it may be done whatever it returns. */
    if ( model_command(call) == XENMEM_exchange )
        return exchange_commit(m, call, p, result, seen);
    /* Refused: nothing changes, whatever the command. */
    if ( result->rc < 0 && result->rc != HV_CONTINUE )
        return NULL;
    switch ( model_command(call) )
    {
    case XENMEM_claim_pages: claim_commit(m, call); return NULL;
    case XENMEM_populate_physmap:
    case XENMEM_increase_reservation:
        return reserve_commit(m, call, p, result, seen, nodes, before);
    case XENMEM_decrease_reservation:
        decrease_commit(m, call, p, result->rc, seen);
        return NULL;
    default: return NULL;
    }
}

const char *model_commit(struct model *m, const struct hv_call *call,
                         const struct prediction *p,
                         const struct hv_result *result,
                         const struct hv_view *seen)
{
    uint32_t nodes = (1U << HV_NODES_MAX) - 1;
    uint64_t before = m->counters.free;
    const char *why;

    assert(model_allows(p, result->rc));
    switch ( call->kind )
    {
    case HV_CALL_MEMORY_OP:
        why = memory_op_commit(m, call, p, result, seen, &nodes, &before);
        break;
    case HV_CALL_DOMCTL: why = domctl_commit(m, call, result, seen); break;
    case HV_CALL_PHYSINFO:
    case HV_CALL_NUMAINFO:
    case HV_CALL_SYSCTL: why = NULL; break;
    case HV_CALL_OFFLINE:
    case HV_CALL_BREAK: why = offline_commit(m, call, p, result, seen); break;
    default: why = pages_commit(m, call, p, result, seen); break;
    }
    if ( __builtin_expect(m->hidden, 0) )
        adopt_hidden(m, before, seen);
    if ( !why )
        why = adopt_free(m, before, nodes, seen);
    if ( !why && is_v7(m) &&
         (call->kind == HV_CALL_OFFLINE || call->kind == HV_CALL_BREAK) &&
         m->counters.free == seen->free )
        claim_recall(m);

    return why;
}
