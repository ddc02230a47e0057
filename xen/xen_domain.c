/* SPDX-License-Identifier: MIT */
/*
 * Domains as far as claims go: Xen's struct domain, made and destroyed by the
 * steps of its domain_create, domain_kill and relinquish_memory that concern
 * pages (rules 3.9, 3.10). Written anew: those functions pull in most of Xen.
 *
 * Not here: look-up by domid and argument checks of domctl, which are the
 * stub's (stub/lookup.c, stub/domctl.c).
 */
#include "xen_world.h"

#include <xen/guest_access.h>

struct domain *xen_domains[HV_DOMS_MAX];

static void init_domain(struct domain *d, unsigned int slot)
{
    struct vcpu *v = vcpu_of(slot);

    memset(d, 0, sizeof(*d));
    d->domain_id = slot;
    atomic_set(&d->refcnt, 1);
    shim_domain_lock_init(&d->page_alloc_lock);
    spin_lock_init(&d->domain_lock);
    spin_lock_init(&d->node_affinity_lock);
    INIT_PAGE_LIST_HEAD(&d->page_list);
    INIT_PAGE_LIST_HEAD(&d->extra_page_list);
    INIT_PAGE_LIST_HEAD(&d->xenpage_list);
    INIT_PAGE_LIST_HEAD(&d->arch.relmem_list);
    rwlock_init(&d->vnuma_rwlock);
    d->node_affinity = NODE_MASK_ALL;
    d->auto_node_affinity = true;
    HYPERVISOR_COMPAT_VIRT_START(d) = __HYPERVISOR_COMPAT_VIRT_START;

    memset(v, 0, sizeof(*v));
    v->domain = d;
    xen_domains[slot] = d;
}

/* Its struct domain takes a page of Xen's own, as alloc_domain_struct does. */
long xen_domain_create(unsigned int slot)
{
    struct domain *d;

    BUILD_BUG_ON(sizeof(*d) > PAGE_SIZE);
    BUILD_BUG_ON(sizeof(struct vcpu) > PAGE_SIZE);
    if ( slot == 0 )
        d = MACHINE_AT(FRAME_DOM0);
    else
        d = alloc_xenheap_pages(0, 0);
    if ( !d )
        return -ENOMEM;
    machine_touch(mfn_x(page_to_mfn(virt_to_page(d))));
    init_domain(d, slot);
    d->creation_finished = slot == 0;

    return 0;
}

/* The last reference is gone: called by Xen's put_domain. */
void domain_destroy(struct domain *d)
{
    unsigned int slot = d->domain_id;

    if ( !page_list_empty(&d->page_list) ||
         !page_list_empty(&d->extra_page_list) ||
         !page_list_empty(&d->arch.relmem_list) )
        machine_fail("OWNER", "a domain is let go of that owns pages",
                     __FILE__, __LINE__);
    xen_domains[slot] = NULL;
    machine_domain_gone(slot);
    if ( slot )
        free_xenheap_pages(d, 0);
}

/* Pages that Xen keeps for the domain; a page that a mapping keeps stays on
 * the list, and comes by again without its allocation reference. */
static void give_back_extra(struct domain *d)
{
    struct page_info *page, *next;

    page_list_for_each_safe(page, next, &d->extra_page_list)
    {
        if ( !get_page(page, d) )
            BUG();
        put_page_alloc_ref(page);
        put_page(page);
    }
}

static long relinquish(struct domain *d)
{
    struct page_info *page;
    long rc = 0;

    shim_lock(&d->page_alloc_lock, true, __func__, __LINE__);
    while ( !rc && (page = page_list_remove_head(&d->page_list)) )
    {
        if ( !get_page(page, d) )
            BUG();
        put_page_alloc_ref(page);
        page_list_add_tail(page, &d->arch.relmem_list);
        put_page(page);
        if ( hypercall_preempt_check() )
            rc = -ERESTART;
    }
    if ( !rc )
        page_list_move(&d->page_list, &d->arch.relmem_list);
    shim_unlock(&d->page_alloc_lock, true, __func__, __LINE__);

    return rc;
}

long xen_domain_kill(unsigned int slot)
{
    struct domain *d = xen_domains[slot];
    long rc;

    switch ( d->is_dying )
    {
    case DOMDYING_alive:
        d->is_dying = DOMDYING_dying;
        domain_set_outstanding_pages(d, 0);
        /* fall through */
    case DOMDYING_dying:
        give_back_extra(d);
        rc = relinquish(d);
        if ( rc )
            return rc;
        d->is_dying = DOMDYING_dead;
        put_domain(d);
        /* fall through */
    default: return 0;
    }
}

int xen_domain_dying(unsigned int slot)
{
    const struct domain *d = xen_domains[slot];

    return d ? (int)d->is_dying : (int)DOMDYING_dead;
}

void xen_set_max(unsigned int slot, uint32_t pages)
{
    struct domain *d = xen_domains[slot];

    shim_lock(&d->page_alloc_lock, false, __func__, __LINE__);
    d->max_pages = pages;
    shim_unlock(&d->page_alloc_lock, false, __func__, __LINE__);
}

void xen_set_affinity(unsigned int slot, uint64_t nodes)
{
    struct domain *d = xen_domains[slot];

    d->node_affinity.bits[0] = nodes & node_online_map.bits[0];
    d->auto_node_affinity = false;
}

/* ---- look-ups that Xen's code makes ---- */

struct domain *rcu_lock_domain_by_id(domid_t domid)
{
    if ( domid >= HV_DOMS_MAX || !xen_domains[domid] )
        return NULL;

    return rcu_lock_domain(xen_domains[domid]);
}

struct domain *rcu_lock_domain_by_any_id(domid_t domid)
{
    if ( domid == DOMID_SELF )
        return rcu_lock_current_domain();

    return rcu_lock_domain_by_id(domid);
}
