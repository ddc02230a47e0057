/* SPDX-License-Identifier: MIT */
/*
 * domctl: the front end and the few commands that matter to claims (rules
 * 3.8-3.10). Every other command is -ENOSYS.
 *
 * The structure is the one of the headers built against (Debian 12: 4.17), on
 * every release; only interface_version follows the release.
 */
#include "checks.h"
#include "world.h"

#include <string.h>

/* max_mem caps the limit at the largest count. Seen on 4.17.7. */
#define MAX_PAGES_LIMIT UINT32_MAX
/* Kilobytes to pages. */
#define KB_TO_PAGES_SHIFT 2
/* The node map is wanted in this many bits (MAX_NUMNODES). */
#define NODEMAP_BITS 64

struct domctl_call
{
    struct stub *s;
    const struct hv_caller *caller;
    uint64_t arg;
    struct xen_domctl op;
    int dom;       /* slot; before createdomain: the one to be used          */
    uint64_t mask; /* of nodes                                               */
    bool copyback; /* the structure changed                                  */
};
#define CHECKED_CALL struct domctl_call

static bool domid_reserved(const struct domctl_call *c)
{
    return c->op.domain == 0 || c->op.domain >= DOMID_FIRST_RESERVED;
}

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

/* More domids than slots: there is no room for the domain. */
static bool no_slot(struct domctl_call *c)
{
    if ( c->dom < HV_DOMS_MAX )
        return false;
    c->dom = HV_DOMS_MAX - 1;

    return true;
}

/* A domid that was chosen is passed over next time, even if the domain cannot be
 * created after all. */
static bool domid_exists(struct domctl_call *c)
{
    if ( c->s->w.dom[c->dom].present )
        return true;
    if ( domid_reserved(c) )
        c->s->w.rover = (uint32_t)c->dom;

    return false;
}

static bool wrong_config(const struct xen_domctl_createdomain *config)
{
    return config->max_vcpus == 0 ||
           (config->flags & ~(XEN_DOMCTL_CDF_MAX | (XEN_DOMCTL_CDF_MAX - 1)));
}

/* clang-format off */
#define CREATE_CHECKS(CHECK) \
    CHECK(create, reserved, EEXIST, "rules 3.9 a", "domid is 0 or reserved", \
          domid_reserved(c) && c->op.domain != DOMID_ANY && \
          c->s->facts->domids == DOMID_RULE_ANY, \
          .releases = RELEASES_WITH_DOMID_ANY, \
          .unseen[CHECK_SWAP] = "a reserved domid stands for a chosen one, " \
                                "which has a place") \
    CHECK(create, place, ENOMEM, "rules 3.9 b", "host has no place for it", \
          no_slot(c),) \
    CHECK(create, exists, EEXIST, "rules 3.9 a", "domid exists", \
          domid_exists(c), .needs = "place", \
          .caught = "RESULT/create,BUG/create") \
    CHECK(create, config, EINVAL, "rules 3.9 c", "configuration is wrong", \
          wrong_config(&c->op.u.createdomain),)
/* clang-format on */
DEFINE_CHECKS(create, CREATE_CHECKS)

static long do_createdomain(struct domctl_call *c)
{
    bool choose = domid_reserved(c);
    long rc;

    c->dom = choose ? (int)next_free_domid(c->s) : c->op.domain;
    if ( choose && c->dom == 0 ) /* rules 3.9 b, a */
        return c->s->facts->domids == DOMID_RULE_ROVER ? -ENOMEM : -EEXIST;
    if ( REFUSED(&c->s->w, create, c, &rc) )
        return rc;

    rc = domain_create(c->s, c->dom);
    if ( !rc )
        c->op.domain = (domid_t)c->dom;
    c->copyback = !rc;

    return rc;
}

/* ---- getdomaininfo ---- */

/* What of a claim is for no node; for a fault. */
static uint32_t host_part(const struct stub *s, int dom)
{
    struct alloc_parts parts;

    s->alloc->parts(s->a, &parts);
    return parts.dom[dom].host;
}

static void fill_info(const struct stub *s, int dom, struct xen_domctl *op)
{
    struct xen_domctl_getdomaininfo *info = &op->u.getdomaininfo;
    const struct domain *d = &s->w.dom[dom];
    struct hv_domain_view counts;

    counts = counts_of(s, dom);
    memset(info, 0, sizeof(*info));
    info->domain = (domid_t)dom;
    /* A domain that is still being destroyed does not show (rules 3.8). */
    info->flags = (d->dying == DYING_DEAD ? XEN_DOMINF_dying : 0) |
                  (d->pause_count ? XEN_DOMINF_paused : 0);
    info->tot_pages = counts.tot;
    info->max_pages = counts.max;
    info->outstanding_pages = counts.claim;
    if ( counts.extra && FAULT_ON(&s->w, info_counts_extra_pages) )
        info->tot_pages += counts.extra;
    if ( counts.claim && FAULT_ON(&s->w, info_tells_host_part) )
        info->outstanding_pages = host_part(s, dom);
    if ( counts.claim && FAULT_ON(&s->w, info_no_claim) )
        info->outstanding_pages = 0;
    if ( d->dying == DYING_DEAD && FAULT_ON(&s->w, info_hides_dying) )
        info->flags &= ~(uint32_t)XEN_DOMINF_dying;
    info->max_vcpu_id = XEN_INVALID_MAX_VCPU_ID;
    op->domain = info->domain;
}

/* 4.17: an unknown domid means the next domain there is. */
static bool find_next(struct domctl_call *c)
{
    for ( uint32_t i = c->op.domain; c->dom < 0 && i < HV_DOMS_MAX; i++ )
        if ( c->s->w.dom[i].present )
            c->dom = (int)i;

    return c->dom >= 0;
}

/* clang-format off */
#define DOMAIN_INFO_CHECKS(CHECK) \
    CHECK(domain_info, domid, ESRCH, "rules 3.8 c", "no domain has that id", \
          c->dom < 0 && !c->s->facts->info_finds_next, \
          .releases = ALL_RELEASES_BUT(RELEASES_FINDING_NEXT)) \
    CHECK(domain_info, xsm, EPERM, "rules 3.8 d", \
          "caller is not a control domain", !is_control(c->caller),) \
    CHECK(domain_info, reserved, EINVAL, "rules 3.8 i", \
          "no domain has that reserved id", \
          c->dom < 0 && c->op.domain >= DOMID_FIRST_RESERVED, \
          .releases = RELEASES_FINDING_NEXT) \
    CHECK(domain_info, last, ESRCH, "rules 3.8 j", \
          "no domain has that id or a higher one", !find_next(c), \
          .releases = RELEASES_FINDING_NEXT)
/* clang-format on */
DEFINE_CHECKS(domain_info, DOMAIN_INFO_CHECKS)

static long do_getdomaininfo(struct domctl_call *c)
{
    long rc;

    c->dom = domain_by_id(c->s, c->op.domain);
    if ( c->dom > 0 && c->s->w.dom[c->dom].dying == DYING_DEAD &&
         FAULT_ON(&c->s->w, info_hides_lingering) )
        c->dom = -1;
    if ( REFUSED(&c->s->w, domain_info, c, &rc) )
        return rc;
    /* Less than 0: let by by a planted fault. */
    fill_info(c->s, c->dom < 0 ? 0 : c->dom, &c->op);
    c->copyback = true;

    return 0;
}

/* ---- the others ---- */

static long do_max_mem(struct domctl_call *c)
{
    uint64_t kb = c->op.u.max_mem.max_memkb, pages = kb >> KB_TO_PAGES_SHIFT;

    if ( pages && FAULT_ON(&c->s->w, max_mem_in_kilobytes) )
        pages = kb;
    if ( pages > MAX_PAGES_LIMIT )
        pages = MAX_PAGES_LIMIT;
    c->s->alloc->set_max(c->s->a, c->dom, (uint32_t)pages);

    return 0;
}

static bool read_mask(struct domctl_call *c)
{
    const struct xenctl_bitmap *map = &c->op.u.nodeaffinity.nodemap;
    uint32_t bits = map->nr_bits < NODEMAP_BITS ? map->nr_bits : NODEMAP_BITS;

    c->mask = 0;
    if ( copy_from_guest(&c->s->guest, &c->mask, (uintptr_t)map->bitmap.p,
                         (bits + 7) / 8) )
        return false;
    if ( bits < 64 )
        c->mask &= (UINT64_C(1) << bits) - 1;

    return true;
}

/* A domain cannot start with pages to scrub. */
static bool starts_with_stash(const struct domctl_call *c)
{
    const struct domain *d = &c->s->w.dom[c->dom];

    return !d->built && d->pause_count == 1 && d->stash;
}

/* clang-format off */
#define NODE_AFFINITY_CHECKS(CHECK) \
    CHECK(node_affinity, fault, EFAULT, "rules 3.8 n", \
          "mask cannot be read", !read_mask(c),) \
    CHECK(node_affinity, nodes, EINVAL, "rules 3.8 g", \
          "no node of the host in the mask", \
          !(c->mask & ((UINT64_C(1) << c->s->w.nodes) - 1)), \
          .needs = "fault")
#define UNPAUSE_CHECKS(CHECK) \
    CHECK(unpause, running, EINVAL, "rules 3.8 l", "pause count is 0", \
          c->s->w.dom[c->dom].pause_count == 0,) \
    CHECK(unpause, stash, EBUSY, "rules 3.8 p", \
          "the first one, and a block is put aside", starts_with_stash(c), \
          .releases = RELEASES_WITH_STASH, \
          .needs = "running")
/* dom0 is what keeps the host up: nobody may destroy it here. */
#define DESTROY_CHECKS(CHECK) \
    CHECK(destroy, self, EINVAL, "rules 3.10 a", "caller destroys itself", \
          c->dom == c->caller->domid || c->dom == 0,)
/* clang-format on */
DEFINE_CHECKS(node_affinity, NODE_AFFINITY_CHECKS)
DEFINE_CHECKS(unpause, UNPAUSE_CHECKS)
DEFINE_CHECKS(destroy, DESTROY_CHECKS)

static long do_setnodeaffinity(struct domctl_call *c)
{
    long rc;

    if ( REFUSED(&c->s->w, node_affinity, c, &rc) )
        return rc;
    /* Back to automatic, which a domain without vCPUs takes as no change. */
    if ( c->mask != UINT64_MAX )
        c->s->alloc->set_affinity(c->s->a, c->dom, (uint32_t)c->mask);

    return 0;
}

static long do_unpausedomain(struct domctl_call *c)
{
    struct domain *d = &c->s->w.dom[c->dom];
    long rc;

    if ( REFUSED(&c->s->w, unpause, c, &rc) )
    {
        /* It is crashed, which changes nothing here. */
        if ( starts_with_stash(c) )
        {
            d->pause_count--;
            if ( !FAULT_ON(&c->s->w, unpause_keeps_stash) )
                stash_drop(c->s, c->dom);
        }
        return rc;
    }
    d->pause_count--;
    d->built |= !d->pause_count;

    return 0;
}

static long do_destroydomain(struct domctl_call *c)
{
    long rc;

    if ( REFUSED(&c->s->w, destroy, c, &rc) )
        return rc;

    return domain_kill(c->s, c->dom);
}

/* ---- claim sets ---- */

static long do_claim_memory(struct domctl_call *c)
{
    return domctl_claim_memory(c->s, c->dom, &c->op, &c->copyback);
}

static long do_get_claims(struct domctl_call *c)
{
    return domctl_get_claims(c->s, c->dom, &c->op, &c->copyback);
}

/* ---- the front end ---- */

static long (*const commands[])(struct domctl_call *c) = {
    [XEN_DOMCTL_createdomain] = do_createdomain,
    [XEN_DOMCTL_destroydomain] = do_destroydomain,
    [XEN_DOMCTL_unpausedomain] = do_unpausedomain,
    [XEN_DOMCTL_getdomaininfo] = do_getdomaininfo,
    [XEN_DOMCTL_max_mem] = do_max_mem,
    [XEN_DOMCTL_setnodeaffinity] = do_setnodeaffinity,
    [XEN_DOMCTL_claim_memory] = do_claim_memory,
    [XEN_DOMCTL_get_memory_claims] = do_get_claims,
};

static bool known_command(const struct domctl_call *c)
{
    uint32_t sets = c->s->w.sets;

    if ( c->op.cmd == XEN_DOMCTL_claim_memory && !sets )
        return false;
    if ( c->op.cmd == XEN_DOMCTL_get_memory_claims && sets != 8 )
        return false;

    return c->op.cmd < sizeof(commands) / sizeof(commands[0]) &&
           commands[c->op.cmd];
}

/* What only reads does without domctl_lock. */
static bool locks(const struct domctl_call *c)
{
    return c->op.cmd != XEN_DOMCTL_getdomaininfo &&
           c->op.cmd != XEN_DOMCTL_get_memory_claims;
}

static bool domctl_read(struct domctl_call *c)
{
    bool readable = read_argument(&c->s->guest, &c->op, c->arg, sizeof(c->op));

    /* A second time, unseen. */
    if ( readable && FAULT_ON(&c->s->w, domctl_double_fetch) )
        copy_from_guest(&c->s->guest, &c->op, c->arg, sizeof(c->op));

    return readable;
}

/* The domain of a command; createdomain makes it, getdomaininfo looks
 * itself. */
static bool domctl_domain(struct domctl_call *c)
{
    return find_domain(c->s, NULL, c->op.domain, &c->dom) ||
           c->op.cmd == XEN_DOMCTL_createdomain ||
           c->op.cmd == XEN_DOMCTL_getdomaininfo;
}

/* clang-format off */
#define DOMCTL_CHECKS(CHECK) \
    CHECK(domctl, user, EPERM, "rules 1.1 0a", "caller outside ring 0", \
          c->caller->flags & HV_CALLER_USER,) \
    CHECK(domctl, fault, EFAULT, "rules 3.8 a", "structure cannot be read", \
          !domctl_read(c),) \
    CHECK(domctl, version, EACCES, "rules 3.8 b", "another interface version", \
          c->op.interface_version != c->s->facts->domctl_version, \
          .needs = "fault") \
    CHECK(domctl, domid, ESRCH, "rules 3.8 c", "no domain has that id", \
          !domctl_domain(c), .needs = "fault") \
    CHECK(domctl, xsm, EPERM, "rules 3.8 d", "caller is not a control domain", \
          !is_control(c->caller) && \
          c->op.cmd != XEN_DOMCTL_getdomaininfo, .needs = "fault") \
    CHECK(domctl, command, ENOSYS, "rules 3.8 e", "unknown command", \
          !known_command(c), .needs = "fault")
/* clang-format on */
DEFINE_CHECKS(domctl, DOMCTL_CHECKS)

long stub_domctl(void *hv, const struct hv_caller *caller, uint64_t arg)
{
    struct stub *s = hv;
    struct domctl_call c;
    long rc;

    guest_begin(&s->guest);
    c.s = s;
    c.caller = caller;
    c.arg = arg;
    c.copyback = false;
    if ( REFUSED(&s->w, domctl, &c, &rc) )
        return rc;

    if ( !known_command(&c) )
        return 0; /* let by by a planted fault */
    if ( locks(&c) )
        LOCK(s, HV_LOCK_DOMCTL, ALLOC_NO_DOMAIN);
    rc = commands[c.op.cmd](&c);
    if ( locks(&c) )
        UNLOCK(s, HV_LOCK_DOMCTL, ALLOC_NO_DOMAIN);
    if ( c.copyback && copy_to_guest(&s->guest, arg, &c.op, sizeof(c.op)) &&
         !FAULT_ON(&s->w, copyback_fault_unseen) )
        rc = -EFAULT;
    locks_none_held(s, __func__, __LINE__);

    return rc;
}
