/* SPDX-License-Identifier: MIT */
/*
 * Claim sets of the drafts: rules 3.14 (draft-v7) and 3.15 (draft-v8): what the
 * domctls may return, and what a set changes.
 *
 * Not here: single entries (claim_entries.c), telling a domain's claims
 * (claim_get.c), how its parts are used up (claim_parts.c), and the total, which
 * is the claim of rules 1.2 and 4.3.
 */
#include "claim_set.h"

bool claim_set_known(const struct model *m, uint32_t cmd)
{
    return cmd == XEN_DOMCTL_claim_memory
               ? model_has_sets(m)
               : cmd == XEN_DOMCTL_get_memory_claims && model_has_sets(m) &&
                     !is_v7(m);
}

/* ---- draft-v7 ---- */

static bool v7_releases(const struct set *s)
{
    return s->has_legacy ? !s->legacy : !s->host && !set_nodes(s);
}

static bool v7_above_limit(const struct set *s, uint64_t host)
{
    uint64_t node = set_nodes(s), max = s->d->max;

    return host > max || node > max - host || node + host + s->d->tot > max;
}

/* The set itself, whose entries are good. */
static void v7_set(const struct set *s, struct prediction *p)
{
    const struct hv_view *v = &s->m->counters;
    uint64_t host = s->has_legacy ? s->legacy - s->d->tot : s->host;

    if ( decides(p, RULE_SET7_MIXED, s->has_legacy && set_nodes(s)) )
        answer(p, -EINVAL);
    else if ( decides(p, RULE_SET7_RELEASE, v7_releases(s)) )
        answer(p, 0);
    else if ( decides(p, RULE_SET7_SECOND, s->has_legacy && s->d->claim) )
        answer(p, -EINVAL);
    else if ( decides(p, RULE_SET7_OWNED,
                      s->has_legacy && s->legacy <= s->d->tot) )
        answer(p, -EINVAL);
    else if ( decides(p, RULE_SET7_LIMIT, v7_above_limit(s, host)) )
        answer(p, -EINVAL);
    else if ( decides(p, RULE_SET7_NOMEM,
                      set_nodes(s) + host >
                          v->free - v->claimed + s->d->claim) )
        answer(p, -ENOMEM);
    else
        answer(p, !decides(p, RULE_SET7_OK, true));
}

/* What is asked of the entries of a set before any of them is read. */
static bool v7_front_end(const struct hv_call *call, struct prediction *p)
{
    bool unknown = call->domctl.mode > CLAIM_MEMORY_GET;

    if ( decides(p, RULE_SET7_NONE, !call->domctl.nr_entries) )
        answer(p, -EINVAL);
    else if ( decides(p, RULE_SET7_MANY,
                      call->domctl.nr_entries > CLAIM_SET_MAX) )
        answer(p, -E2BIG);
    else if ( decides(p, RULE_SET7_MODE, unknown) )
        answer(p, -EOPNOTSUPP);
    else
        return true;
    /* Whether the number is looked at for a mode that is none is not said. */
    if ( unknown && p->rule != RULE_SET7_MODE )
        answer_also(p, -EOPNOTSUPP);
    return false;
}

/* ---- draft-v8 ---- */

static void v8_set(const struct set *s, struct prediction *p)
{
    const struct hv_view *v = &s->m->counters;
    bool crowded = false;

    for ( unsigned int n = 0; n < s->m->shape.nodes; n++ )
        crowded |= v->node_claimed[n] + s->node[n] > v->node_free[n] &&
                   s->has_node[n];
    if ( decides(p, RULE_SET8_LIMIT,
                 s->d->tot > s->d->max || s->sum > s->d->max - s->d->tot) )
        answer(p, -EINVAL);
    else if ( decides(p, RULE_SET8_SECOND, s->d->claim) )
        answer(p, -EINVAL);
    else if ( decides(p, RULE_SET8_NOMEM,
                      s->sum > v->free || v->claimed + s->sum > v->free) )
        answer(p, -ENOMEM);
    else if ( decides(p, RULE_SET8_NODE_NOMEM, crowded) )
        answer(p, -ENOMEM);
    else
        answer(p, !decides(p, RULE_SET8_OK, true));
    /* The array of a set with nodes is allocated first, perhaps of the heap: the
     * draft does not say what then serves it if every page is claimed. */
    if ( set_nodes(s) && p->rule != RULE_SET8_LIMIT &&
         v->claimed + 1 > v->free && p->lo != -ENOMEM )
        answer_also(p, -ENOMEM);
}

static bool v8_front_end(const struct model *m, const struct hv_call *call,
                         int slot, struct prediction *p)
{
    if ( decides(p, RULE_SET8_PAD, call->domctl.mode) )
        answer(p, -EINVAL);
    else if ( decides(p, RULE_SET8_RELEASE, !call->domctl.nr_entries) )
        answer(p, 0);
    else if ( decides(p, RULE_SET8_LLC, m->shape.llc) )
        answer(p, -EOPNOTSUPP);
    else if ( decides(p, RULE_SET8_DYING, model_dying(m, slot)) )
        answer(p, -ESRCH);
    else if ( decides(p, RULE_SET8_MANY,
                      call->domctl.nr_entries > CLAIM_SET_MAX) )
        answer(p, -E2BIG);
    else if ( decides(p, RULE_SET8_RUNNING, !m->dom[slot].pauses) )
        answer(p, -EBUSY);
    else
        return true;
    return false;
}

/* ---- both ---- */

static struct set set_of(const struct model *m, const struct hv_call *call)
{
    const struct hv_domctl *op = &call->domctl;

    return (struct set){ .m = m,
                         .d = &m->counters.dom[op->domid],
                         .own = m->counters.node_claim[op->domid],
                         .entry = call->entries,
                         .nr = op->nr_entries };
}

static bool entries_unreadable(const struct hv_call *call)
{
    return (uint64_t)call->domctl.nr_entries * sizeof(*call->entries) >
           call->data_bytes;
}

static void set_predict(const struct model *m, const struct hv_call *call,
                        struct prediction *p)
{
    struct set s = set_of(m, call);
    bool v7 = is_v7(m);

    /* If they cannot be read, or are not as many, they are not compared. */
    if ( decides(p, v7 ? RULE_SET7_FAULT : RULE_SET8_FAULT,
                 entries_unreadable(call)) )
    {
        answer(p, -EFAULT);
        return;
    }
    if ( entries_unreadable(call) || !s.nr || s.nr > CLAIM_SET_MAX ||
         !set_check_entries(&s, p) )
        return;
    if ( v7 )
        v7_set(&s, p);
    else
        v8_set(&s, p);
}

static void set_commit(struct model *m, const struct hv_call *call)
{
    struct hv_domain_view *d = &m->counters.dom[call->domctl.domid];
    struct set s = set_of(m, call);
    uint64_t host;

    for ( uint32_t i = 0; i < s.nr; i++ )
        set_add_entry(&s, &s.entry[i]);
    host = s.has_legacy && s.legacy ? s.legacy - d->tot : s.host;
    claim_release(m, call->domctl.domid);
    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
    {
        m->counters.node_claim[call->domctl.domid][n] = (uint32_t)s.node[n];
        m->counters.node_claimed[n] += s.node[n];
    }
    d->claim = (uint32_t)(host + set_nodes(&s));
    m->counters.claimed += d->claim;
}

/* ---- the domctls ---- */

bool claim_set_is_get(const struct model *m, const struct hv_call *call)
{
    return is_v7(m) ? call->domctl.mode == CLAIM_MEMORY_GET
                    : call->domctl.cmd == XEN_DOMCTL_get_memory_claims;
}

static void v7_predict(const struct model *m, const struct hv_call *call,
                       int slot, struct prediction *p)
{
    bool get = claim_set_is_get(m, call);

    if ( decides(p, RULE_SET7_LLC, m->shape.llc) )
        answer(p, -EOPNOTSUPP);
    else if ( !get && !v7_front_end(call, p) )
        return;
    else if ( decides(p, RULE_SET7_DYING, model_dying(m, slot)) )
        answer(p, -ESRCH);
    else if ( get )
        claim_get_predict(m, call, slot, p);
    else
        set_predict(m, call, p);
}

void claim_set_predict(const struct model *m, const struct hv_call *call,
                       int slot, struct prediction *p)
{
    if ( is_v7(m) )
        v7_predict(m, call, slot, p);
    else if ( !claim_set_is_get(m, call) )
    {
        if ( v8_front_end(m, call, slot, p) )
            set_predict(m, call, p);
    }
    else if ( decides(p, RULE_GET8_PAD, call->domctl.mode) )
        answer(p, -EINVAL);
    else
        claim_get_predict(m, call, slot, p);
}

const char *claim_set_commit(struct model *m, const struct hv_call *call,
                             const struct hv_result *result)
{
    if ( claim_set_is_get(m, call) )
        return claim_get_told(m, call, result);
    if ( !result->rc )
        set_commit(m, call);
    return NULL;
}
