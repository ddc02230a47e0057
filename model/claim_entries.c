/* SPDX-License-Identifier: MIT */
/*
 * The entries of a claim set (rules 3.14 and 3.15): what each draft refuses of
 * them, and what they add up to.
 *
 * Not here: the set as a whole (claim_set.c).
 */
#include "claim_set.h"

uint64_t set_nodes(const struct set *s)
{
    uint64_t sum = 0;

    for ( unsigned int n = 0; n < HV_NODES_MAX; n++ )
        sum += s->node[n];
    return sum;
}

static bool is_legacy(const struct set *s, uint32_t target)
{
    return is_v7(s->m) && target == CLAIM_TARGET_LEGACY;
}

void set_add_entry(struct set *s, const struct xen_memory_claim *e)
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
                          s->own[e->target];
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
    /* The entries before are not above it, or would have been refused. */
    assert(s->sum <= s->d->max);
    return e->pages > s->d->max - s->sum;
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

bool set_check_entries(struct set *s, struct prediction *p)
{
    const struct entry_rule *r = is_v7(s->m) ? v7_rules : v8_rules;
    uint32_t broken = 0;

    for ( uint32_t i = 0; i < s->nr; i++ )
    {
        if ( !broken )
            broken = broken_rules(s, r, &s->entry[i]);
        set_add_entry(s, &s->entry[i]);
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
