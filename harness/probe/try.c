/* SPDX-License-Identifier: MIT */
/*
 * The experiments: a function for each fact, a few calls on a host that has just
 * booted, and a line about what came of them. Each leaves nothing behind that a
 * destroydomain does not take away, so that a live host can be asked, too.
 */
#include "try.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Enough for every experiment, and small. */
#define HOST_PAGES 64
#define LIST_MAX 8
/* Pages that a domain leaves dirty, as many as its limit: a block of that order is
 * among them. */
#define DIRTY_PAGES 20
#define DIRTY_ORDER 3
/* Interface versions tried: none of a known release is outside. */
#define VERSION_FIRST 0x10U
#define VERSION_LAST 0x30U

struct
try
{
    const struct hypervisor *h;
    enum release asked;
    struct probe_found *found;
    const char *refused; /* why a call must not be made here, or NULL */
    struct hv_result r;
    uint64_t list[LIST_MAX];
};

/* ---- calls ---- */

static long call(struct try *t, const struct hv_call *c)
{
    const struct hypervisor_ops *ops = t->h->ops;

    if ( t->refused )
        return -EPERM;
    if ( ops->refuses )
        t->refused = ops->refuses(t->h->hv, c);
    if ( t->refused )
        return -EPERM;
    hv_issue(t->h, t->asked, c, &t->r);

    return t->r.rc;
}

static struct hv_call memory_call(unsigned int cmd, uint16_t domid,
                                  uint64_t nr)
{
    return (struct hv_call){
        .kind = HV_CALL_MEMORY_OP,
        .caller = hv_caller_dom0(),
        .arg = GUEST_ARG_END - sizeof(struct xen_memory_reservation),
        .arg_bytes = sizeof(struct xen_memory_reservation),
        .cmd = cmd,
        .resv = { .nr_extents = nr, .domid = domid },
    };
}

static long claim(struct try *t, uint16_t domid, uint64_t pages)
{
    const struct hv_call c = memory_call(XENMEM_claim_pages, domid, pages);

    return call(t, &c);
}

/* Pages of order 0, whose frames are, or will be, in t->list. */
static long pages(struct try *t, unsigned int cmd, uint16_t domid, uint32_t nr)
{
    struct hv_call c = memory_call(cmd, domid, nr);
    long rc;

    c.resv.extent_start.p = (void *)(uintptr_t)(GUEST_LIST_END - nr * 8);
    c.list_entries = nr;
    c.list = t->list;
    rc = call(t, &c);
    if ( !t->refused && t->r.list )
        memcpy(t->list, t->r.list, nr * sizeof(t->list[0]));

    return rc;
}

static long domctl(struct try *t, uint32_t cmd, uint16_t domid, uint64_t value)
{
    const struct hv_call c = {
        .kind = HV_CALL_DOMCTL,
        .caller = hv_caller_dom0(),
        .arg = GUEST_ARG_END - sizeof(struct xen_domctl),
        .arg_bytes = sizeof(struct xen_domctl),
        .domctl = { .cmd = cmd,
                    .domid = domid,
                    .value = value,
                    .version = hv_domctl_version(t->asked) },
    };

    return call(t, &c);
}

static long max_mem(struct try *t, uint16_t domid, uint64_t limit)
{
    return domctl(t, XEN_DOMCTL_max_mem, domid, limit * 4);
}

static long map(struct try *t, enum hv_call_kind kind, uint16_t domid)
{
    const struct hv_call c = { .kind = kind,
                               .caller = hv_caller_dom0(),
                               .domid = domid,
                               .frame = t->list[0] };

    return call(t, &c);
}

/* A domain with a limit of 20 pages. */
static bool create(struct try *t, uint16_t domid)
{
    return !domctl(t, XEN_DOMCTL_createdomain, domid, 0) &&
           !max_mem(t, domid, 20);
}

static struct hv_view look(struct try *t)
{
    struct hv_view view;

    t->h->ops->observe(t->h->hv, &view);
    return view;
}

/* ---- what came of it ---- */

static __attribute__((format(printf, 3, 4))) void
found(struct try *t, uint32_t value, const char *fmt, ...)
{
    va_list args;

    if ( t->refused )
    {
        snprintf(t->found->evidence, PROBE_EVIDENCE_MAX, "not tried: %s",
                 t->refused);
        return;
    }
    t->found->known = true;
    t->found->value = value;
    va_start(args, fmt);
    vsnprintf(t->found->evidence, PROBE_EVIDENCE_MAX, fmt, args);
    va_end(args);
}

static void unknown(struct try *t, const char *why)
{
    snprintf(t->found->evidence, PROBE_EVIDENCE_MAX, "not tried: %s",
             t->refused ? t->refused : why);
}

static void boot(struct try *t, bool llc)
{
    const struct host_shape shape = { .release = (uint8_t)t->asked,
                                      .nodes = 1,
                                      .node_pages = HOST_PAGES,
                                      .llc = llc };

    t->h->ops->reset(t->h->hv, &shape, NULL);
}

/* ---- the experiments ---- */

/* Two pages fit below the limit, and the third is refused after the heap gave
 * it: only who redeems before that has spent three pages of the claim. */
static void try_redeem_at_alloc(struct try *t)
{
    long got;
    uint32_t left;

    if ( !create(t, 1) || claim(t, 1, 4) || max_mem(t, 1, 2) )
    {
        unknown(t, "no domain can claim");
        return;
    }
    got = pages(t, XENMEM_populate_physmap, 1, 3);
    left = look(t).dom[1].claim;
    if ( got != 2 || left < 1 || left > 2 )
        unknown(t, "populate does not stop at the limit");
    else
        found(t, left == 1,
              "claim 4, limit 2, populate 3: %ld pages and a claim of %u", got,
              left);
}

static void try_grow_on_free(struct try *t)
{
    uint32_t before, after;

    if ( !create(t, 1) || claim(t, 1, 8) ||
         pages(t, XENMEM_populate_physmap, 1, 4) != 4 )
    {
        unknown(t, "no domain can claim and populate");
        return;
    }
    before = look(t).dom[1].claim;
    if ( pages(t, XENMEM_decrease_reservation, 1, 1) != 1 )
    {
        unknown(t, "a page cannot be given back");
        return;
    }
    after = look(t).dom[1].claim;
    found(t, after > before, "claim 8, populate 4, decrease 1: from %u to %u",
          before, after);
}

/* A mapped page keeps the domain; its claim is released before that ends. */
static void try_dying_refused(struct try *t)
{
    long rc;

    if ( !create(t, 1) || pages(t, XENMEM_populate_physmap, 1, 1) != 1 ||
         map(t, HV_CALL_MAP, 1) || domctl(t, XEN_DOMCTL_destroydomain, 1, 0) ||
         look(t).dom[1].state != HV_DOM_DEAD )
    {
        unknown(t, "no domain stays when it is destroyed");
        return;
    }
    rc = claim(t, 1, 3);
    if ( !rc )
        claim(t, 1, 0);
    map(t, HV_CALL_UNMAP, 1);
    found(t, rc != 0, "a destroyed domain with a mapped page claims: %s",
          rc ? "refused" : "accepted");
}

/* d1 on a host with LLC colouring; false after having said why not. */
static bool create_coloured(struct try *t)
{
    if ( !(t->h->ops->caps & HV_CAP_LLC) )
    {
        unknown(t, "LLC colouring is not offered");
        return false;
    }
    boot(t, true);
    if ( create(t, 1) )
        return true;
    unknown(t, "no domain on a host with LLC colouring");

    return false;
}

static void try_llc_refused(struct try *t)
{
    long rc;

    if ( !create_coloured(t) )
        return;
    rc = claim(t, 1, 4);
    found(t, rc != 0, "a claim on a host with LLC colouring: %s",
          rc ? "refused" : "accepted");
}

static void try_llc_possible(struct try *t)
{
    uint64_t before, after;

    if ( !create_coloured(t) )
        return;
    before = look(t).free;
    pages(t, XENMEM_populate_physmap, 1, 1);
    after = look(t).free;
    found(t, after == before,
          "a page for a domain with LLC colouring: %s of the heap",
          after == before ? "none" : "one");
}

static void try_info_next_domain(struct try *t)
{
    long rc;

    if ( !create(t, 3) )
    {
        unknown(t, "domain 3 cannot be created");
        return;
    }
    rc = domctl(t, XEN_DOMCTL_getdomaininfo, 2, 0);
    found(t, !rc && t->r.domid == 3, "getdomaininfo of 2, with a domain 3: %s",
          rc ? "refused" : "told");
}

static void try_zero_is_any(struct try *t)
{
    long rc = domctl(t, XEN_DOMCTL_createdomain, 0, 0);
    uint16_t domid = t->r.domid;

    if ( !rc )
        domctl(t, XEN_DOMCTL_destroydomain, domid, 0);
    /* ENOMEM: a live host has chosen a domid that has no place here, as it does
     * when its first ones were in use before. */
    if ( rc == -ENOMEM )
        unknown(t, "createdomain 0 has no place for a domain");
    else
        found(t, !rc, "createdomain 0: %s", rc ? "refused" : "a domain");
}

static void try_none_free_exists(struct try *t)
{
    struct probe_found zero = { 0 };
    struct probe_found *own = t->found;
    long rc = 0;

    if ( !(t->h->ops->caps & HV_CAP_SHAPE) )
    {
        unknown(t, "it takes every domid there is");
        return;
    }
    t->found = &zero;
    try_zero_is_any(t);
    t->found = own;
    boot(t, false);
    for ( uint16_t domid = 1; domid < HV_DOMS_MAX; domid++ )
        create(t, domid);
    rc = domctl(t, XEN_DOMCTL_createdomain, zero.value ? 0 : DOMID_ANY, 0);
    if ( rc != -EEXIST && rc != -ENOMEM )
        unknown(t, "domids do not run out");
    else
        found(t, rc == -EEXIST, "createdomain, any, with no domid free: %s",
              rc == -EEXIST ? "EEXIST" : "ENOMEM");
}

static bool always(void *ctx)
{
    (void)ctx;
    return true;
}

/* A domain's dirty pages are another one's next ones: a populate is stopped while
 * it scrubs them, and left there. */
static void try_stash(struct try *t)
{
    const uint32_t caps = HV_CAP_STASH | HV_CAP_CONTENTS | HV_CAP_SHAPE;
    const struct hv_hooks hooks = { .preempt = always };
    const struct host_shape shape = { .release = (uint8_t)t->asked,
                                      .nodes = 1,
                                      .node_pages = HOST_PAGES };
    struct hv_call c = memory_call(XENMEM_populate_physmap, 2, 1);
    long rc;

    if ( (t->h->ops->caps & caps) != caps )
    {
        unknown(t, "a populate cannot be left unfinished");
        return;
    }
    t->h->ops->reset(t->h->hv, &shape, &hooks);
    create(t, 1);
    create(t, 2);
    for ( unsigned int i = 0; i < DIRTY_PAGES; i++ )
    {
        struct hv_call write = { .kind = HV_CALL_WRITE,
                                 .domid = 1,
                                 .word = 1 };

        pages(t, XENMEM_populate_physmap, 1, 1);
        write.frame = t->list[0];
        call(t, &write);
    }
    domctl(t, XEN_DOMCTL_destroydomain, 1, 0);
    c.resv.extent_order = DIRTY_ORDER;
    c.preempt = c.stop = 1;
    c.resv.extent_start.p = (void *)(uintptr_t)(GUEST_LIST_END - 8);
    c.list_entries = 1;
    c.list = t->list;
    rc = call(t, &c);
    if ( rc != HV_CONTINUE && rc != 1 )
        unknown(t, "no block of dirty pages");
    else
        found(t, rc == HV_CONTINUE && look(t).dom[2].stash,
              "populate of dirty pages, left unfinished: %u pages aside",
              look(t).dom[2].stash);
}

static void try_domctl_version(struct try *t)
{
    struct hv_call c = { .kind = HV_CALL_DOMCTL,
                         .caller = hv_caller_dom0(),
                         .arg = GUEST_ARG_END - sizeof(struct xen_domctl),
                         .arg_bytes = sizeof(struct xen_domctl),
                         .domctl = { .cmd = XEN_DOMCTL_getdomaininfo } };

    for ( uint32_t v = VERSION_FIRST; v <= VERSION_LAST; v++ )
    {
        c.domctl.version = v;
        if ( call(t, &c) )
            continue;
        found(t, v, "getdomaininfo of 0: accepted with that one only");
        return;
    }
    unknown(t, "none is accepted");
}

static void try_claim_sets(struct try *t)
{
    struct hv_call c = { .kind = HV_CALL_DOMCTL,
                         .caller = hv_caller_dom0(),
                         .arg = GUEST_ARG_END - sizeof(struct xen_domctl),
                         .arg_bytes = sizeof(struct xen_domctl),
                         .domctl = {
                             .cmd = XEN_DOMCTL_get_memory_claims,
                             .version = hv_domctl_version(t->asked),
                         } };

    if ( call(t, &c) != -ENOSYS )
    {
        found(t, 8, "get_memory_claims of dom0: known");
        return;
    }
    c.domctl.cmd = XEN_DOMCTL_claim_memory;
    c.domctl.mode = CLAIM_MEMORY_GET;
    if ( call(t, &c) != -ENOSYS )
        found(t, 7, "claim_memory of dom0, to get: known");
    else
        found(t, 0, "neither domctl is known");
}

static void try_sysctl_version(struct try *t)
{
    const uint32_t right = hv_sysctl_version(t->asked);
    struct hv_call c = { .kind = HV_CALL_PHYSINFO,
                         .caller = hv_caller_dom0(),
                         .arg = GUEST_ARG_END - sizeof(struct xen_sysctl),
                         .arg_bytes = sizeof(struct xen_sysctl) };

    for ( uint32_t v = VERSION_FIRST; v <= VERSION_LAST; v++ )
    {
        c.sysctl_skew = v - right;
        if ( call(t, &c) )
            continue;
        found(t, v, "physinfo: accepted with that one only");
        return;
    }
    unknown(t, "none is accepted");
}

void try_fact(const struct hypervisor *h, enum release asked,
              enum probe_fact fact, struct probe_found *result)
{
    static void (*const tries[PROBE_COUNT])(struct try * t) = {
#define FACT(name, text) [PROBE_##name] = try_##name,
#define NUMBER(name, text) [PROBE_##name] = try_##name,
#include "hypervisor/facts.def"
#undef FACT
#undef NUMBER
    };
    struct try t = { .h = h, .asked = asked, .found = result };

    boot(&t, false);
    tries[fact](&t);
}
