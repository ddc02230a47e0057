/* SPDX-License-Identifier: MIT */
/*
 * The claim call for 64-bit callers, up to the allocator (rules 1.1). Not
 * here: the claim itself (rules 1.2, heap_claim.c).
 */
#include "checks.h"
#include "world.h"

#include <stddef.h>

_Static_assert(sizeof(struct xen_memory_reservation) == 32, "rules 1.1 4");

struct claim_call
{
    struct stub *s;
    const struct hv_caller *caller;
    uint64_t start, arg;
    struct xen_memory_reservation r;
    int dom;
};

static bool claim_read(struct claim_call *c)
{
    struct guest *g = &c->s->guest;

    if ( FAULT_ON(&c->s->w, claim_double_fetch) )
        read_argument(g, &c->r, c->arg, sizeof(c->r));

    return read_argument(g, &c->r, c->arg, sizeof(c->r));
}

static bool padding_set(const struct xen_memory_reservation *r)
{
    const unsigned char *byte = (const unsigned char *)r;

    for ( size_t i = offsetof(struct xen_memory_reservation, domid) +
                     sizeof(r->domid);
          i < sizeof(*r); i++ )
        if ( byte[i] )
            return true;

    return false;
}

static bool claim_dying(const struct claim_call *c)
{
    return c->s->facts->claim_tests_dying &&
           c->s->w.dom[c->dom].dying != DYING_NO &&
           !(c->r.nr_extents == 0 &&
             FAULT_ON(&c->s->w, claim_release_before_dying));
}

/* clang-format off */
#define CLAIM_CHECKS(CHECK) \
    CHECK(claim, llc, EOPNOTSUPP, "rules 1.1 2", "LLC colouring is on", \
          c->s->w.llc && c->s->facts->claim_tests_llc, \
          .releases = RELEASES_TESTING_LLC) \
    CHECK(claim, start, EINVAL, "rules 1.1 3", "start extent is not 0", \
          c->start,) \
    CHECK(claim, fault, EFAULT, "rules 1.1 4", "structure cannot be read", \
          !claim_read(c), .caught = "RESULT/*,STATE/*,RELEASE-ZERO/*") \
    CHECK(claim, list, EINVAL, "rules 1.1 5", "extent list is not NULL", \
          c->r.extent_start.p, .needs = "fault") \
    CHECK(claim, order, EINVAL, "rules 1.1 6", "extent order is not 0", \
          c->r.extent_order, .needs = "fault") \
    CHECK(claim, flags, EINVAL, "rules 1.1 7", "memory flags are not 0", \
          c->r.mem_flags || \
          (padding_set(&c->r) && FAULT_ON(&c->s->w, claim_compares_padding)), \
          .needs = "fault") \
    CHECK(claim, domid, EINVAL, "rules 1.1 8", "no domain has that id", \
          !find_domain(c->s, \
                       FAULT_ON(&c->s->w, claim_accepts_self) ? c->caller \
                                                              : NULL, \
                       c->r.domid, &c->dom), \
          .needs = "fault") \
    CHECK(claim, xsm, EPERM, "rules 1.1 9", "caller is not a control domain", \
          !is_control(c->caller),) \
    CHECK(claim, dying, EINVAL, "rules 1.1 10", "domain is dying or dead", \
          claim_dying(c), .needs = "domid", \
          .releases = RELEASES_TESTING_DYING)
/* clang-format on */
#define CHECKED_CALL struct claim_call
DEFINE_CHECKS(claim, CLAIM_CHECKS)

long memory_op_claim(struct stub *s, const struct hv_caller *caller,
                     uint64_t start, uint64_t arg)
{
    struct claim_call c = {
        .s = s, .caller = caller, .start = start, .arg = arg
    };
    uint64_t pages;
    domid_t again;
    long rc;

    if ( REFUSED(&s->w, claim, &c, &rc) )
        return rc;

    /* Memory is looked at a second time, and nobody counts that. */
    if ( FAULT_ON(&s->w, claim_domid_read_again) )
    {
        copy_from_guest(&s->guest, &again,
                        arg + offsetof(struct xen_memory_reservation, domid),
                        sizeof(again));
        c.dom = domain_by_id(s, again);
        if ( c.dom < 0 )
            return -EINVAL;
    }
    pages = c.r.nr_extents;
    if ( FAULT_ON(&s->w, claim_count_32_bits) )
        pages = (uint32_t)pages;

    return s->alloc->claim(s->a, c.dom, pages);
}
