/* SPDX-License-Identifier: MIT */
/*
 * The claim call for 64-bit callers, up to the allocator (spec 1.1). The order
 * of the tests is what this file is about. Not here: the claim itself (spec
 * 1.2, heap_claim.c).
 */
#include "world.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

_Static_assert(sizeof(struct xen_memory_reservation) == 32, "spec 2");

/* Is the extent order, list, or flags word of a claim set? Planted faults drop
 * one of these tests each. */
static bool claim_has_extras(const struct world *w,
                             const struct xen_memory_reservation *r)
{
    if ( r->extent_start.p && !FAULT_ON(w, claim_skips_list) )
        return true;
    if ( r->extent_order && !FAULT_ON(w, claim_skips_order) )
        return true;

    return r->mem_flags && !FAULT_ON(w, claim_skips_flags);
}

/* Planted faults: errno given in place of the right one. */
#define WRONGLY(w, fault, wrong, right)                                       \
    (FAULT_ON(w, fault) ? -(wrong) : -(right))

static long claim_not_allowed(const struct world *w)
{
    return WRONGLY(w, claim_xsm_eacces, EACCES, EPERM);
}

static long claim_of_the_dying(const struct world *w)
{
    return WRONGLY(w, claim_dying_esrch, ESRCH, EINVAL);
}

/* Read the argument; planted faults: what could be read is taken as it is, or
 * the structure is read again after it was looked at. */
static bool claim_read(struct stub *s, struct xen_memory_reservation *r,
                       uint64_t arg)
{
    memset(r, 0, sizeof(*r));
    if ( FAULT_ON(&s->w, claim_double_fetch) &&
         fetch_argument(&s->guest, r, arg, sizeof(*r)) )
        return false;

    return !fetch_argument(&s->guest, r, arg, sizeof(*r)) ||
           FAULT_ON(&s->w, claim_partial_copy);
}

static int claim_domain(const struct stub *s, const struct hv_caller *caller,
                        uint32_t domid)
{
    return FAULT_ON(&s->w, claim_accepts_self)
               ? domain_by_any_id(s, caller, domid)
               : domain_by_id(s, domid);
}

/* Spec 1.1 rows 8 - 10: the domain, or -errno. */
static long claim_target(struct stub *s, const struct hv_caller *caller,
                         uint32_t domid)
{
    const struct world *w = &s->w;
    int dom = claim_domain(s, caller, domid);

    if ( !is_control(caller) && FAULT_ON(w, claim_xsm_before_domid) )
        return claim_not_allowed(w);
    if ( dom < 0 && FAULT_ON(w, claim_unknown_is_dom0) )
        dom = 0;
    if ( dom < 0 )
        return WRONGLY(w, claim_domid_esrch, ESRCH, EINVAL);
    if ( s->facts->claim_tests_dying && w->dom[dom].dying != DYING_NO &&
         FAULT_ON(w, claim_dying_before_xsm) )
        return claim_of_the_dying(w);
    if ( !is_control(caller) && !FAULT_ON(w, claim_skips_xsm) )
        return claim_not_allowed(w);
    if ( s->facts->claim_tests_dying && w->dom[dom].dying != DYING_NO &&
         !FAULT_ON(w, claim_skips_dying) )
        return claim_of_the_dying(w);

    return dom;
}

static uint64_t claim_count(const struct world *w,
                            const struct xen_memory_reservation *r)
{
    return FAULT_ON(w, claim_count_32_bits) ? (uint32_t)r->nr_extents
                                            : r->nr_extents;
}

static bool padding_set(const struct xen_memory_reservation *r)
{
    const unsigned char *raw = (const unsigned char *)r;

    for ( size_t i = offsetof(struct xen_memory_reservation, domid) +
                     sizeof(r->domid);
          i < sizeof(*r); i++ )
        if ( raw[i] )
            return true;

    return false;
}

/* Planted: the domid is taken from memory a second time, when it was found
 * good, and nobody counts that. */
static int claim_domid_again(struct stub *s, uint64_t arg, int dom)
{
    domid_t again;

    if ( !FAULT_ON(&s->w, claim_domid_read_again) )
        return dom;
    copy_from_guest(&s->guest, &again,
                    arg + offsetof(struct xen_memory_reservation, domid),
                    sizeof(again));
    return domain_by_id(s, again);
}

/* What is wrong with what was read, or 0. */
static long claim_fields(const struct world *w,
                         const struct xen_memory_reservation *r)
{
    if ( claim_has_extras(w, r) )
        return WRONGLY(w, claim_fields_eperm, EPERM, EINVAL);
    if ( padding_set(r) && FAULT_ON(w, claim_compares_padding) )
        return -EINVAL;

    return 0;
}

long memory_op_claim(struct stub *s, const struct hv_caller *caller,
                     uint64_t start, uint64_t arg)
{
    struct xen_memory_reservation r;
    const struct world *w = &s->w;
    long dom;

    if ( !is_control(caller) && FAULT_ON(w, claim_xsm_first) )
        return -EPERM;
    if ( start && FAULT_ON(w, claim_start_before_llc) )
        return -EINVAL;
    if ( w->llc && s->facts->claim_tests_llc && !FAULT_ON(w, claim_skips_llc) )
        return WRONGLY(w, claim_llc_einval, EINVAL, EOPNOTSUPP);
    if ( FAULT_ON(w, claim_fault_before_start) &&
         copy_from_guest(&s->guest, &r, arg, sizeof(r)) )
        return -EFAULT;
    if ( start && !FAULT_ON(w, claim_skips_start) )
        return WRONGLY(w, claim_start_enosys, ENOSYS, EINVAL);
    if ( !claim_read(s, &r, arg) )
        return WRONGLY(w, claim_fault_einval, EINVAL, EFAULT);
    dom = claim_fields(w, &r);
    if ( dom )
        return dom;
    if ( r.nr_extents == 0 && (dom = domain_by_id(s, r.domid)) >= 0 &&
         is_control(caller) && w->dom[dom].dying != DYING_NO &&
         FAULT_ON(w, claim_release_before_dying) )
        return s->alloc->claim(s->w.alloc, (int)dom, 0);
    dom = claim_target(s, caller, r.domid);
    if ( dom < 0 )
        return dom;
    dom = claim_domid_again(s, arg, (int)dom);
    if ( dom < 0 )
        return -EINVAL;

    return s->alloc->claim(s->w.alloc, (int)dom, claim_count(w, &r));
}
