/* SPDX-License-Identifier: MIT */
/*
 * domctl: the front end and the few commands that matter to claims (spec 3.8 -
 * 3.10). Every other command is -ENOSYS.
 *
 * The structure is the one of the headers built against (Debian 12: 4.17), on
 * every release; only interface_version follows the release.
 */
#include "world.h"

#include <errno.h>
#include <string.h>

/* max_mem caps the limit at the largest count. Seen on 4.17.7. */
#define MAX_PAGES_LIMIT UINT32_MAX
/* Kilobytes to pages. */
#define KB_TO_PAGES_SHIFT 2
/* The node map is wanted in this many bits (MAX_NUMNODES). */
#define NODEMAP_BITS 64

/* ---- createdomain ---- */

/* The first free slot after the last one chosen, or 0. */
static uint32_t next_free_domid(const struct stub *s)
{
    for ( uint32_t i = 0; i < HV_DOMS_MAX - 1; i++ )
    {
        uint32_t domid = 1 + (s->w.rover + i) % (HV_DOMS_MAX - 1);

        if ( !s->w.dom[domid].present )
            return domid;
    }
    return 0;
}

/* Which domid to create: 1.., or -errno (spec 3.9). */
static long choose_domid(struct stub *s, uint32_t domid)
{
    uint8_t rule = s->facts->domids;
    bool reserved = domid == 0 || domid >= DOMID_FIRST_RESERVED;

    if ( rule == DOMID_RULE_ANY && reserved && domid != DOMID_ANY &&
         !FAULT_ON(&s->w, create_reserved_is_any) )
        return -EEXIST;
    if ( reserved )
    {
        domid = next_free_domid(s);
        if ( domid == 0 )
            return rule == DOMID_RULE_ROVER ? -ENOMEM : -EEXIST;
        s->w.rover = domid;
        return domid;
    }
    /* More domids than slots: no room for the domain. */
    if ( domid >= HV_DOMS_MAX )
        return -ENOMEM;

    if ( s->w.dom[domid].present )
        return FAULT_ON(&s->w, create_exists_einval) ? -EINVAL : -EEXIST;

    return (long)domid;
}

static long do_createdomain(struct stub *s, struct xen_domctl *op)
{
    const struct xen_domctl_createdomain *c = &op->u.createdomain;
    long domid = choose_domid(s, op->domain);
    long rc;

    if ( domid < 0 )
        return domid;
    if ( (c->flags & ~(XEN_DOMCTL_CDF_MAX | (XEN_DOMCTL_CDF_MAX - 1))) ||
         c->max_vcpus == 0 )
        return -EINVAL;

    rc = domain_create(s, (int)domid);
    if ( !rc )
        op->domain = (domid_t)domid;

    return rc;
}

/* ---- getdomaininfo ---- */

static void fill_info(const struct stub *s, int dom, struct xen_domctl *op)
{
    struct xen_domctl_getdomaininfo *info = &op->u.getdomaininfo;
    const struct domain *d = &s->w.dom[dom];
    struct alloc_counts counts;

    counts = counts_of(s, dom);
    memset(info, 0, sizeof(*info));
    info->domain = (domid_t)dom;
    /* A domain that is still being destroyed does not show (spec 3.8). */
    info->flags = (d->dying == DYING_DEAD ? XEN_DOMINF_dying : 0) |
                  (d->pause_count || d->dying != DYING_NO ? XEN_DOMINF_paused
                                                          : 0);
    info->tot_pages = counts.tot;
    info->max_pages = counts.max;
    info->outstanding_pages = counts.claim;
    if ( counts.extra && FAULT_ON(&s->w, info_counts_extra_pages) )
        info->tot_pages += counts.extra;
    if ( counts.claim && FAULT_ON(&s->w, info_no_claim) )
        info->outstanding_pages = 0;
    if ( d->dying == DYING_DEAD && FAULT_ON(&s->w, info_hides_dying) )
        info->flags &= ~(uint32_t)XEN_DOMINF_dying;
    info->max_vcpu_id = XEN_INVALID_MAX_VCPU_ID;
    op->domain = info->domain;
}

/* 4.17: an unknown domid means the next domain there is. */
static long next_domain(const struct stub *s, uint32_t domid)
{
    if ( domid >= DOMID_FIRST_RESERVED &&
         !FAULT_ON(&s->w, info_reserved_esrch) )
        return -EINVAL;
    for ( ; domid < HV_DOMS_MAX; domid++ )
        if ( s->w.dom[domid].present )
            return (long)domid;

    return -ESRCH;
}

static long no_such_domain(const struct stub *s)
{
    return FAULT_ON(&s->w, domctl_domid_einval) ? -EINVAL : -ESRCH;
}

static long do_getdomaininfo(struct stub *s, const struct hv_caller *caller,
                             struct xen_domctl *op)
{
    long dom = domain_by_id(s, op->domain);

    if ( dom > 0 && s->w.dom[dom].dying == DYING_DEAD &&
         FAULT_ON(&s->w, info_hides_lingering) )
        dom = -1;
    if ( dom < 0 && !s->facts->info_finds_next )
        return no_such_domain(s);
    if ( !is_control(caller) && !FAULT_ON(&s->w, info_skips_xsm) )
        return -EPERM;
    if ( dom < 0 )
        dom = next_domain(s, op->domain);
    if ( dom < 0 )
        return dom;
    fill_info(s, (int)dom, op);

    return 0;
}

/* ---- the others ---- */

static long do_max_mem(struct stub *s, int dom, const struct xen_domctl *op)
{
    uint64_t pages = op->u.max_mem.max_memkb >> KB_TO_PAGES_SHIFT;

    if ( pages && FAULT_ON(&s->w, max_mem_in_kilobytes) )
        pages = op->u.max_mem.max_memkb;
    if ( pages > MAX_PAGES_LIMIT )
        pages = MAX_PAGES_LIMIT;
    s->alloc->set_max(s->w.alloc, dom, (uint32_t)pages);

    return 0;
}

static long do_setnodeaffinity(struct stub *s, int dom,
                               const struct xen_domctl *op)
{
    const struct xenctl_bitmap *map = &op->u.nodeaffinity.nodemap;
    uint32_t bits = map->nr_bits < NODEMAP_BITS ? map->nr_bits : NODEMAP_BITS;
    uint64_t mask = 0;

    if ( copy_from_guest(&s->guest, &mask, (uintptr_t)map->bitmap.p,
                         (bits + 7) / 8) )
        return -EFAULT;
    if ( bits < 64 )
        mask &= (UINT64_C(1) << bits) - 1;

    if ( !(mask & ((UINT64_C(1) << s->w.nodes) - 1)) &&
         !FAULT_ON(&s->w, affinity_skips_nodes) )
        return -EINVAL;
    /* Back to automatic, which a domain without vCPUs takes as no change. */
    if ( mask != UINT64_MAX )
        s->alloc->set_affinity(s->w.alloc, dom, (uint32_t)mask);

    return 0;
}

static long do_unpausedomain(struct stub *s, int dom)
{
    struct domain *d = &s->w.dom[dom];

    if ( d->pause_count == 0 )
        return FAULT_ON(&s->w, unpause_again_allowed) ? 0 : -EINVAL;
    if ( --d->pause_count == 0 )
        d->created = 1;

    return 0;
}

static long do_destroydomain(struct stub *s, const struct hv_caller *caller,
                             int dom)
{
    /* dom0 is what keeps the host up: nobody may destroy it here. */
    if ( dom == caller->domid || dom == 0 )
        return FAULT_ON(&s->w, destroy_self_eperm) ? -EPERM : -EINVAL;

    return domain_kill(s, dom);
}

/* Under domctl_lock; *copyback: the structure changed. */
static long dispatch(struct stub *s, const struct hv_caller *caller,
                     struct xen_domctl *op, int dom, bool *copyback)
{
    long rc;

    switch ( op->cmd )
    {
    case XEN_DOMCTL_createdomain:
        rc = do_createdomain(s, op);
        *copyback = !rc;
        return rc;
    case XEN_DOMCTL_destroydomain: return do_destroydomain(s, caller, dom);
    case XEN_DOMCTL_unpausedomain: return do_unpausedomain(s, dom);
    case XEN_DOMCTL_max_mem: return do_max_mem(s, dom, op);
    case XEN_DOMCTL_setnodeaffinity: return do_setnodeaffinity(s, dom, op);
    default: return FAULT_ON(&s->w, domctl_command_einval) ? -EINVAL : -ENOSYS;
    }
}

static long do_domctl(struct stub *s, const struct hv_caller *caller,
                      struct xen_domctl *op, bool *copyback)
{
    int dom = -1;
    long rc;

    if ( !is_control(caller) && FAULT_ON(&s->w, domctl_xsm_first) )
        return -EPERM;
    if ( op->interface_version != s->facts->domctl_version &&
         !FAULT_ON(&s->w, domctl_skips_version) )
        return FAULT_ON(&s->w, domctl_version_eperm) ? -EPERM : -EACCES;
    if ( op->cmd == XEN_DOMCTL_getdomaininfo )
    {
        rc = do_getdomaininfo(s, caller, op);
        *copyback = !rc;
        return rc;
    }
    if ( op->cmd != XEN_DOMCTL_createdomain )
    {
        dom = domain_by_id(s, op->domain);
        if ( dom < 0 && !is_control(caller) &&
             FAULT_ON(&s->w, domctl_xsm_before_domid) )
            return -EPERM;
        if ( dom < 0 )
            return no_such_domain(s);
    }
    if ( !is_control(caller) && !FAULT_ON(&s->w, domctl_skips_xsm) )
        return FAULT_ON(&s->w, domctl_xsm_eacces) ? -EACCES : -EPERM;

    LOCK(s, HV_LOCK_DOMCTL, ALLOC_NO_DOMAIN);
    rc = dispatch(s, caller, op, dom, copyback);
    UNLOCK(s, HV_LOCK_DOMCTL, ALLOC_NO_DOMAIN);

    return rc;
}

long stub_domctl(void *hv, const struct hv_caller *caller, uint64_t arg)
{
    struct stub *s = hv;
    struct xen_domctl op;
    bool copyback = false;
    long rc;

    guest_begin(&s->guest);
    if ( caller->flags & HV_CALLER_USER &&
         !FAULT_ON(&s->w, domctl_user_allowed) )
        return -EPERM;
    if ( fetch_argument(&s->guest, &op, arg, sizeof(op)) )
        return FAULT_ON(&s->w, domctl_fault_einval) ? -EINVAL : -EFAULT;
    if ( FAULT_ON(&s->w, domctl_double_fetch) &&
         copy_from_guest(&s->guest, &op, arg, sizeof(op)) )
        return -EFAULT;

    rc = do_domctl(s, caller, &op, &copyback);
    if ( copyback && copy_to_guest(&s->guest, arg, &op, sizeof(op)) )
        rc = -EFAULT;
    locks_none_held(s, __func__, __LINE__);

    return rc;
}
