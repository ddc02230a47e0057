/* SPDX-License-Identifier: MIT */
/*
 * Claim sets of the drafts: rules 3.14 (draft-v7) and 3.15 (draft-v8): what the
 * domctls may return, what they change, and how an allocation uses up the parts
 * of a set. Not here: the total, which is the claim of rules 1.2 and 4.3.
 */
#include "internal.h"

#include <string.h>

static bool is_v7(const struct model *m)
{
    return m->release->claim_sets == 7;
}

bool claim_set_known(const struct model *m, uint32_t cmd)
{
    return cmd == XEN_DOMCTL_claim_memory
               ? model_has_sets(m)
               : cmd == XEN_DOMCTL_get_memory_claims && model_has_sets(m) &&
                     !is_v7(m);
}

/* ---- the parts of a claim ---- */

static uint32_t node_parts(const struct hv_domain_view *d)
{
    uint32_t sum = 0;

    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
        sum += d->node_claim[n];
    return sum;
}

static uint32_t host_part(const struct hv_domain_view *d)
{
    return d->claim - node_parts(d);
}

void claim_release(struct model *m, int slot)
{
    struct hv_domain_view *d = &m->counters.dom[slot];

    for ( unsigned int n = 0; model_has_sets(m) && n < HV_NODES_MAX; n++ )
    {
        m->counters.node_claimed[n] -= d->node_claim[n];
        d->node_claim[n] = 0;
    }
    m->counters.claimed -= d->claim;
    d->claim = 0;
}

uint64_t claim_usable(const struct model *m, const struct resv *r,
                      unsigned int node)
{
    uint64_t free = m->counters.node_free[node];
    uint64_t claimed = m->counters.node_claimed[node];
    bool credit = !r->no_refcount && r->slot != MODEL_NOBODY;

    return (free > claimed ? free - claimed : 0) +
           (credit ? m->counters.dom[r->slot].node_claim[node] : 0);
}

/* Rules 4.8: left pages of the claim are used up, of which taken[n] came from
 * node n: the parts of these nodes, then the host's, then other nodes'. */
static void spread(const struct hv_domain_view *d, uint32_t redeemed,
                   const uint64_t taken[HV_NODES_MAX],
                   uint32_t part[HV_NODES_MAX])
{
    /* d->claim has shrunk already. */
    uint32_t host = d->claim + redeemed - node_parts(d), left = redeemed;

    memcpy(part, d->node_claim, sizeof(d->node_claim));
    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
    {
        uint32_t used = part[n] < left ? part[n] : left;

        used = taken[n] < used ? (uint32_t)taken[n] : used;
        part[n] -= used;
        left -= used;
    }
    left -= host < left ? host : left;
    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
    {
        uint32_t used = part[n] < left ? part[n] : left;

        part[n] -= used;
        left -= used;
    }
}

void claim_spread(struct model *m, int slot, uint32_t redeemed,
                  const uint64_t taken[HV_NODES_MAX], uint32_t lost,
                  const uint32_t seen[HV_NODES_MAX])
{
    struct hv_domain_view *d = &m->counters.dom[slot];
    uint32_t part[HV_NODES_MAX], other[HV_NODES_MAX];

    spread(d, redeemed, taken, part);
    /* Whence a block came that the domain could not have is not known: any
     * node's will do that agrees with what was seen. */
    for ( unsigned int n = 0; lost && n < m->shape.nodes; n++ )
    {
        uint64_t with[HV_NODES_MAX];

        memcpy(with, taken, sizeof(with));
        with[n] += lost;
        spread(d, redeemed, with, other);
        if ( !memcmp(other, seen, sizeof(other)) )
            memcpy(part, other, sizeof(part));
    }
    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
    {
        m->counters.node_claimed[n] -= d->node_claim[n] - part[n];
        d->node_claim[n] = part[n];
    }
}

/* ---- the entries of a call ---- */

struct set
{
    const struct model *m;
    const struct hv_domain_view *d;
    const struct xen_memory_claim *entry;
    uint32_t nr;
    /* Of the entries up to some place: */
    uint64_t sum, host, legacy, node[HV_NODES_MAX];
    bool has_host, has_legacy, has_node[HV_NODES_MAX];
};

static uint64_t set_nodes(const struct set *s)
{
    uint64_t sum = 0;

    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
        sum += s->node[n];
    return sum;
}

static bool entries_unreadable(const struct hv_call *call)
{
    return (uint64_t)call->domctl.nr_entries * sizeof(*call->entries) >
           call->data_bytes;
}

static bool is_legacy(const struct set *s, uint32_t target)
{
    return is_v7(s->m) && target == CLAIM_TARGET_LEGACY;
}

static void add_entry(struct set *s, const struct xen_memory_claim *e)
{
    s->sum += e->pages;
    if ( e->target == CLAIM_TARGET_HOST )
    {
        s->host = e->pages;
        s->has_host = true;
    }
    else if ( is_legacy(s, e->target) )
    {
        s->legacy = e->pages;
        s->has_legacy = true;
    }
    else if ( e->target < s->m->shape.nodes )
    {
        s->node[e->target] = e->pages;
        s->has_node[e->target] = true;
    }
}

/* A rule about one entry, given those before it. */
struct entry_rule
{
    enum rule rule;
    long rc;
    bool (*breaks)(const struct set *s, const struct xen_memory_claim *e);
};

static bool has_pad(const struct set *s, const struct xen_memory_claim *e)
{
    (void)s;
    return e->pad;
}

static bool no_node(const struct set *s, const struct xen_memory_claim *e)
{
    return e->target >= s->m->shape.nodes && e->target != CLAIM_TARGET_HOST &&
           !is_legacy(s, e->target);
}

static bool node_twice(const struct set *s, const struct xen_memory_claim *e)
{
    return e->target < s->m->shape.nodes && s->has_node[e->target];
}

static bool v7_total_twice(const struct set *s,
                           const struct xen_memory_claim *e)
{
    return (e->target == CLAIM_TARGET_HOST || is_legacy(s, e->target)) &&
           (s->has_host || s->has_legacy);
}

static bool v7_no_memory(const struct set *s, const struct xen_memory_claim *e)
{
    const struct hv_view *v = &s->m->counters;

    return e->target < s->m->shape.nodes &&
           e->pages > v->node_free[e->target] - v->node_claimed[e->target] +
                          s->d->node_claim[e->target];
}

static const struct entry_rule v7_rules[] = {
    { RULE_SET7_PAD, -EINVAL, has_pad },
    { RULE_SET7_TOTALS, -EINVAL, v7_total_twice },
    { RULE_SET7_NODE, -ENOENT, no_node },
    { RULE_SET7_TWICE, -EINVAL, node_twice },
    { RULE_SET7_NODE_NOMEM, -ENOMEM, v7_no_memory },
    { RULE_NONE, 0, NULL },
};

static bool v8_no_pages(const struct set *s, const struct xen_memory_claim *e)
{
    (void)s;
    return !e->pages || e->pad;
}

static bool v8_above_limit(const struct set *s,
                           const struct xen_memory_claim *e)
{
    return s->sum > s->d->max || e->pages > s->d->max - s->sum;
}

static bool v8_host_twice(const struct set *s,
                          const struct xen_memory_claim *e)
{
    return e->target == CLAIM_TARGET_HOST && s->has_host;
}

static bool v8_odd_target(const struct set *s,
                          const struct xen_memory_claim *e)
{
    (void)s;
    return e->target & CLAIM_TARGET_HOST && e->target != CLAIM_TARGET_HOST;
}

static bool v8_no_node(const struct set *s, const struct xen_memory_claim *e)
{
    return !(e->target & CLAIM_TARGET_HOST) && no_node(s, e);
}

static const struct entry_rule v8_rules[] = {
    { RULE_SET8_PAGES, -EINVAL, v8_no_pages },
    { RULE_SET8_SUM, -EINVAL, v8_above_limit },
    { RULE_SET8_HOSTS, -EINVAL, v8_host_twice },
    { RULE_SET8_TARGET, -EINVAL, v8_odd_target },
    { RULE_SET8_NODE, -ENOENT, v8_no_node },
    { RULE_SET8_TWICE, -EINVAL, node_twice },
    { RULE_NONE, 0, NULL },
};

static uint32_t broken_rules(const struct set *s, const struct entry_rule *r,
                             const struct xen_memory_claim *e)
{
    uint32_t broken = 0;

    for ( unsigned int i = 0; r[i].breaks; i++ )
        broken |= (uint32_t)r[i].breaks(s, e) << i;
    return broken;
}

/* The first entry that breaks a rule decides, by the first rule that it breaks.
 * False: the call is refused. */
static bool check_entries(struct set *s, const struct entry_rule *r,
                          struct prediction *p)
{
    uint32_t broken = 0;

    for ( uint32_t i = 0; i < s->nr; i++ )
    {
        if ( !broken )
            broken = broken_rules(s, r, &s->entry[i]);
        add_entry(s, &s->entry[i]);
    }
    for ( unsigned int i = 0; r[i].breaks; i++ )
        if ( decides(p, r[i].rule, broken >> i & 1) )
        {
            answer(p, r[i].rc);
            /* What draft-v8 says of pages and sum, and of a target that is no
             * node, leaves open which of the two is looked at first. */
            if ( r[i].rule == RULE_SET8_PAGES || r[i].rule == RULE_SET8_SUM )
                for ( unsigned int j = i; r[j].breaks; j++ )
                    if ( r[j].rc == -ENOENT && broken >> j & 1 )
                        answer_also(p, -ENOENT);
            return false;
        }
    return true;
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
    else if ( !p->conditions )
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
    else if ( !p->conditions )
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

/* ---- both: set ---- */

static struct set set_of(const struct model *m, const struct hv_call *call)
{
    const struct hv_domctl *op = &call->domctl;

    return (struct set){ .m = m,
                         .d = &m->counters.dom[op->domid],
                         .entry = call->entries,
                         .nr = op->nr_entries };
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
         !check_entries(&s, v7 ? v7_rules : v8_rules, p) )
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
        add_entry(&s, &s.entry[i]);
    host = s.has_legacy && s.legacy ? s.legacy - d->tot : s.host;
    claim_release(m, call->domctl.domid);
    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
    {
        d->node_claim[n] = (uint32_t)s.node[n];
        m->counters.node_claimed[n] += s.node[n];
    }
    d->claim = (uint32_t)(host + set_nodes(&s));
    m->counters.claimed += d->claim;
}

/* ---- both: get ---- */

/* The entries that a get reports; at most one more than there are nodes. */
static uint32_t reported(const struct model *m, const struct hv_domain_view *d,
                         struct xen_memory_claim entry[HV_NODES_MAX + 1])
{
    uint32_t nr = 0;

    /* draft-v7 has the host's first, even if it is nothing. */
    if ( host_part(d) || is_v7(m) )
        entry[nr++] = (struct xen_memory_claim){ .pages = host_part(d),
                                                 .target = CLAIM_TARGET_HOST };
    for ( uint32_t n = 0; n < HV_NODES_MAX; n++ )
        if ( d->node_claim[n] )
            entry[nr++] = (struct xen_memory_claim){ .pages = d->node_claim[n],
                                                     .target = n };
    return nr;
}

/* Can so many entries not be written? */
static bool entries_unwritable(const struct hv_call *call, uint32_t nr)
{
    return nr * sizeof(*call->entries) > call->data_bytes ||
           (nr && call->readonly & HV_READONLY_LIST);
}

static void get_predict(const struct model *m, const struct hv_call *call,
                        int slot, struct prediction *p)
{
    struct xen_memory_claim entry[HV_NODES_MAX + 1];
    uint32_t nr = reported(m, &m->counters.dom[slot], entry);
    bool v7 = is_v7(m);

    if ( decides(p, v7 ? RULE_GET7_UNWRITTEN : RULE_GET8_UNWRITTEN,
                 model_readonly_argument(call)) )
        answer(p, -EFAULT);
    else if ( decides(p, v7 ? RULE_GET7_SHORT : RULE_GET8_SHORT,
                      nr > call->domctl.nr_entries) )
        answer(p, v7 ? -ERANGE : -ENOBUFS);
    else if ( decides(p, v7 ? RULE_GET7_FAULT : RULE_GET8_FAULT,
                      nr <= call->domctl.nr_entries &&
                          entries_unwritable(call, nr)) )
        answer(p, -EFAULT);
    else if ( !p->conditions )
        answer(p, !decides(p, v7 ? RULE_GET7_OK : RULE_GET8_OK, true));
}

void claim_get_fill(const struct model *m, const struct hv_call *call,
                    struct hv_result *result)
{
    struct xen_memory_claim entry[HV_NODES_MAX + 1];
    uint32_t nr;

    result->nr_entries = call->domctl.nr_entries;
    result->entries = result->entry_space;
    if ( call->entries )
        memcpy(result->entry_space, call->entries, call->data_bytes);
    if ( !claim_set_is_get(m, call) ||
         (result->rc && result->rc != -ERANGE && result->rc != -ENOBUFS) )
        return;
    nr = reported(m, &m->counters.dom[call->domctl.domid], entry);
    result->nr_entries = nr;
    if ( !result->rc )
        memcpy(result->entry_space, entry, nr * sizeof(entry[0]));
}

static const char *claim_get_told(const struct model *m,
                                  const struct hv_call *call,
                                  const struct hv_result *result)
{
    struct xen_memory_claim entry[HV_NODES_MAX + 1];
    uint32_t nr;

    if ( result->rc && result->rc != -ERANGE && result->rc != -ENOBUFS )
        return NULL;
    nr = reported(m, &m->counters.dom[call->domctl.domid], entry);
    if ( result->nr_entries != nr )
        return "another number of entries was written back";
    if ( !result->rc && nr &&
         memcmp(entry, result->entries, nr * sizeof(entry[0])) )
        return "the entries are not those of the rules, or in another order";
    return NULL;
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
        get_predict(m, call, slot, p);
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
        get_predict(m, call, slot, p);
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
