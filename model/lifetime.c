/* SPDX-License-Identifier: MIT */
/* createdomain and destroydomain: rules 3.9 and 3.10. */
#include "internal.h"

#include <string.h>

/* Does that id mean "any free one"? */
static bool create_any(const struct model *m, uint16_t domid)
{
    if ( m->release->zero_is_any )
        return domid == 0 || domid >= DOMID_FIRST_RESERVED;
    return domid == DOMID_ANY;
}

static bool slot_free(const struct model *m)
{
    for ( unsigned int d = 1; d < HV_DOMS_MAX; d++ )
        if ( m->counters.dom[d].state == HV_DOM_ABSENT )
            return true;
    return false;
}

/* "Any", and all that programs can name exist: a live Xen has ids above those. It
 * looks at the configuration, and what it creates has no place here. */
static void one_more_domain(const struct hv_domctl *op, struct prediction *p)
{
    if ( op->value & HV_CREATE_BITS )
        answer_also(p, -EINVAL);
    answer_also(p, -ENOMEM);
}

void create_predict(const struct model *m, const struct hv_call *call,
                    struct prediction *p)
{
    const struct hv_domctl *op = &call->domctl;
    uint16_t domid = op->domid;
    bool any = create_any(m, domid);
    bool taken = !any && (model_slot(m, domid) != MODEL_NOBODY || domid == 0 ||
                          domid >= DOMID_FIRST_RESERVED);
    bool room = any ? slot_free(m) : domid < HV_DOMS_MAX;

    /* "Any", and every id is in use. */
    taken = taken || (any && !room && m->release->none_free_exists);
    if ( decides(p, RULE_CREATE_EXISTS, taken) )
    {
        answer(p, -EEXIST);
        if ( any && !m->exact_free )
            one_more_domain(op, p);
    }
    else if ( decides(p, RULE_CREATE_SLOT, !room) )
    {
        answer(p, -ENOMEM);
        if ( any && !m->exact_free )
            one_more_domain(op, p);
    }
    else if ( decides(p, RULE_CREATE_CONFIG, op->value & HV_CREATE_BITS) )
        answer(p, -EINVAL);
    else if ( decides(p, RULE_CREATE_NOMEM,
                      m->counters.claimed + m->domain_pages >
                          m->counters.free) )
        answer(p, -ENOMEM);
    else
    {
        if ( decides(p, RULE_CREATE_UNWRITTEN, model_readonly_argument(call)) )
            answer(p, -EFAULT);
        else
            answer(p, !decides(p, RULE_CREATE_OK, true));
        /* Not on a host of which all is seen: Xen may choose an id that this
         * host has no room for; and where the pages of a domain's structures
         * are not known, there may be too few. */
        if ( !m->exact_free && (any || !m->domain_pages) )
            answer_also(p, -ENOMEM);
    }
}

bool create_unwritten(const struct hv_call *call, long rc)
{
    return rc == -EFAULT && model_readonly_argument(call) &&
           call->arg_bytes >= sizeof(struct xen_domctl);
}

/* The domain that was not there before, or 0. */
static uint16_t new_slot(const struct model *m, const struct hv_view *seen)
{
    for ( uint16_t d = 1; d < HV_DOMS_MAX; d++ )
        if ( m->counters.dom[d].state == HV_DOM_ABSENT &&
             seen->dom[d].state != HV_DOM_ABSENT )
            return d;
    return 0;
}

const char *create_commit(struct model *m, const struct hv_call *call,
                          const struct hv_result *result,
                          const struct hv_view *seen)
{
    bool any = create_any(m, call->domctl.domid);
    uint16_t told = result->rc ? new_slot(m, seen) : result->domid;
    uint16_t slot = any ? told : call->domctl.domid;

    if ( told != slot || slot == 0 || slot >= HV_DOMS_MAX ||
         m->counters.dom[slot].state != HV_DOM_ABSENT )
        return "createdomain gave another domid than the rules say";

    memset(&m->dom[slot], 0, sizeof(m->dom[slot]));
    m->dom[slot].pauses = 1;
    m->dom[slot].affinity = (1U << m->shape.nodes) - 1;
    m->dom[slot].uncounted = m->exact_free ? 0 : MODEL_UNCOUNTED_PAGES;
    m->counters.dom[slot] = (struct hv_domain_view){ .state = HV_DOM_ALIVE };
    m->counters.free -= m->domain_pages;
    return NULL;
}

/* Pages that destroydomain has to free, one by one. */
static uint32_t pages_of(const struct model *m, int slot)
{
    return m->counters.dom[slot].tot + m->counters.dom[slot].extra;
}

void destroy_predict(const struct model *m, const struct hv_call *call,
                     struct prediction *p)
{
    uint16_t slot = call->domctl.domid;

    if ( decides(p, RULE_DESTROY_SELF, slot == call->caller.domid) )
        answer(p, -EINVAL);
    else if ( decides(p, RULE_DESTROY_DEAD,
                      m->counters.dom[slot].state == HV_DOM_DEAD) )
        answer(p, 0);
    /* Each invocation frees one page at least: with at least as many pages as
     * invocations, the last one need not have finished. */
    else if ( decides(p, RULE_DESTROY_STEP,
                      call->domctl.preempt &&
                          call->domctl.preempt <= pages_of(m, slot)) )
    {
        answer(p, HV_CONTINUE);
        answer_also(p, 0);
    }
    else
    {
        decides(p, RULE_DESTROY_OK, true);
        answer(p, 0);
    }
}

/*
 * From now on it is not known which of the domain's pages are free: forget
 * their names. Mapped pages are never free; count them. freed: all others
 * are.
 */
static void forget_unmapped(struct model *m, int slot, bool freed,
                            uint32_t *mapped, uint32_t *mapped_extra)
{
    *mapped = *mapped_extra = 0;
    model_lose_plain(m, slot, freed);
    for ( uint32_t w = 0; w < model_words(m); w++ )
        for ( uint64_t any = m->names[w].any; any; any &= any - 1 )
        {
            int id = (int)(w * 64) + __builtin_ctzll(any);
            const struct model_page *page = &m->page[id];

            if ( page->owner != slot )
                continue;
            if ( !page->maps )
                model_lose_page(m, id, freed);
            else if ( page->extra )
                ++*mapped_extra;
            else
                ++*mapped;
        }
}

/* The domain is dead: mappings are the only references left. Unmapped pages
 * have been forgotten already, so if no page is mapped there is nothing to
 * find. */
static void drop_references(struct model *m, int slot, uint32_t mapped)
{
    for ( int id = 0; mapped && model_is_id(m, id); id++ )
        if ( m->page[id].owner == slot )
            m->page[id].allocated = false;
    for ( uint32_t w = 0; w < model_words(m); w++ )
        m->names[w].owned[slot] = 0;
}

const char *destroy_commit(struct model *m, const struct hv_call *call,
                           long rc, const struct hv_view *seen)
{
    uint16_t slot = call->domctl.domid;
    struct hv_domain_view *d = &m->counters.dom[slot];
    uint32_t tot, extra, mapped, mapped_extra, before = pages_of(m, slot);

    if ( d->state == HV_DOM_DEAD )
        return NULL;
    /* The claim goes first, once: one that is made later is never released. */
    if ( d->state == HV_DOM_ALIVE )
    {
        claim_release(m, slot);
        model_drop_stash(m, slot);
        d->state = HV_DOM_DYING;
    }

    forget_unmapped(m, slot, rc != HV_CONTINUE, &mapped, &mapped_extra);
    tot = mapped;
    extra = mapped_extra;
    if ( rc == HV_CONTINUE )
    {
        tot = seen->dom[slot].tot;
        extra = seen->dom[slot].extra;
        if ( tot > d->tot || extra > d->extra )
            return "a domain grew while it was destroyed";
        if ( tot < mapped || extra < mapped_extra )
            return "destroydomain freed pages that are mapped";
        if ( before - tot - extra + mapped + mapped_extra <
             call->domctl.preempt )
            return "destroydomain freed less than a page each time";
    }
    model_shrink(m, slot, d->tot - tot, false);
    model_shrink(m, slot, d->extra - extra, true);
    m->dom[slot].nameless = tot - mapped;
    if ( rc == HV_CONTINUE )
        return NULL;
    d->state = HV_DOM_DEAD;
    drop_references(m, slot, mapped + mapped_extra);
    model_reap(m, slot);
    return NULL;
}
