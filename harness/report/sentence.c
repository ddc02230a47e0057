/* SPDX-License-Identifier: MIT */
/*
 * What a call asks for, in words. The gist: the operation's text, which stands
 * beside it, has every field.
 */
#include "story.h"

#include <inttypes.h>
#include <stdio.h>

#include "harness/program/kinds/kind.h"

#define WHO_MAX 48
#define COUNT_MAX 64

static void who(char *out, const struct hv_caller *c)
{
    if ( c->domid )
        snprintf(out, WHO_MAX, "d%u%s", c->domid,
                 c->flags & HV_CALLER_USER ? " (outside ring 0)" : "");
    else
        snprintf(out, WHO_MAX, "dom0%s",
                 c->flags & HV_CALLER_HARDWARE
                     ? ""
                     : " (as a control domain without hardware)");
}

static void whom(char *out, uint16_t domid, const struct hv_caller *caller)
{
    struct value v = { .v = domid, .sel = domid < HV_DOMS_MAX };
    char name[KIND_TEXT_MAX];

    if ( domid == DOMID_SELF || domid == caller->domid )
        snprintf(out, WHO_MAX, "itself");
    else
    {
        kind_print(name, ARG_DOMID, &v);
        snprintf(out, WHO_MAX, "%s%s", v.sel ? "" : "domid ", name);
    }
}

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

/* nr_extents of extent_order. */
static void count(char *out, const struct xen_memory_reservation *r)
{
    uint64_t n = r->nr_extents;

    if ( !r->extent_order )
        snprintf(out, COUNT_MAX, "%" PRIu64 " page%s", n, plural(n));
    else if ( r->extent_order < HV_ORDERS )
        snprintf(out, COUNT_MAX, "%" PRIu64 " block%s of %u pages", n,
                 plural(n), 1U << r->extent_order);
    else
        snprintf(out, COUNT_MAX, "%" PRIu64 " block%s of order %u", n,
                 plural(n), r->extent_order);
}

static void memory_op(char *out, size_t size, const struct hv_call *c)
{
    const struct xen_memory_reservation *r = &c->resv;
    unsigned int cmd = c->cmd & MEMOP_CMD_MASK;
    const struct xen_command *command = command_of(ARG_CMD, cmd);
    char by[WHO_MAX], of[WHO_MAX], nr[COUNT_MAX];

    who(by, &c->caller);
    whom(of, r->domid, &c->caller);
    count(nr, r);
    switch ( cmd )
    {
    case XENMEM_claim_pages:
        if ( r->nr_extents )
            snprintf(out, size, "%s claims memory for %s, for it to own %s",
                     by, of, nr);
        else
            snprintf(out, size, "%s releases the claim of %s", by, of);
        break;
    case XENMEM_populate_physmap:
        snprintf(out, size, "%s populates %s with %s%s", by, of, nr,
                 c->stop ? ", and may leave it unfinished" : "");
        break;
    case XENMEM_increase_reservation:
        snprintf(out, size, "%s increases the reservation of %s by %s", by, of,
                 nr);
        break;
    case XENMEM_decrease_reservation:
        snprintf(out, size, "%s gives back %s of %s", by, nr, of);
        break;
    case XENMEM_exchange:
        snprintf(out, size, "%s exchanges %s of %s for others", by, nr, of);
        break;
    case XENMEM_current_reservation:
        snprintf(out, size, "%s asks how many pages %s has", by, of);
        break;
    case XENMEM_maximum_reservation:
        snprintf(out, size, "%s asks for the limit of %s", by, of);
        break;
    default:
        snprintf(out, size, "%s makes memory_op %u%s%s", by, cmd,
                 command ? ", " : "", command ? command->name : "");
    }
}

static void domctl(char *out, size_t size, const struct hv_call *c)
{
    const struct hv_domctl *d = &c->domctl;
    const struct xen_command *command = command_of(ARG_DOMCTL, d->cmd);
    char by[WHO_MAX], of[WHO_MAX];

    who(by, &c->caller);
    whom(of, d->domid, &c->caller);
    switch ( d->cmd )
    {
    case XEN_DOMCTL_createdomain:
        snprintf(out, size, "%s creates %s%s", by, of,
                 d->value & HV_CREATE_NO_VCPUS ? " without vCPUs"
                 : d->value                    ? " with unknown flags"
                                               : "");
        break;
    case XEN_DOMCTL_destroydomain:
        snprintf(out, size, "%s destroys %s%s", by, of,
                 d->preempt ? ", and is stopped on the way" : "");
        break;
    case XEN_DOMCTL_unpausedomain:
        snprintf(out, size, "%s unpauses %s", by, of);
        break;
    case XEN_DOMCTL_max_mem:
        snprintf(out, size, "%s sets the limit of %s to %" PRIu64 " pages", by,
                 of, d->value / KB_PER_PAGE);
        break;
    case XEN_DOMCTL_getdomaininfo:
        snprintf(out, size, "%s asks for the state of %s", by, of);
        break;
    case XEN_DOMCTL_setnodeaffinity:
        snprintf(out, size, "%s sets the nodes of %s to mask %#" PRIx64, by,
                 of, d->value);
        break;
    default:
        snprintf(out, size, "%s makes domctl %u%s%s about %s", by, d->cmd,
                 command ? ", " : "", command ? command->name : "", of);
    }
}

static void sysctl(char *out, size_t size, const struct hv_call *c)
{
    char by[WHO_MAX];

    who(by, &c->caller);
    if ( c->kind == HV_CALL_SYSCTL )
        snprintf(out, size, "%s makes sysctl %u", by, c->sysctl_cmd);
    else
        snprintf(out, size, "%s asks for the free pages of %s", by,
                 c->kind == HV_CALL_PHYSINFO ? "the host" : "each node");
}

static void page_offline(char *out, size_t size, const struct hv_call *c)
{
    const struct hv_offline *o = &c->offline;
    char by[WHO_MAX];

    who(by, &c->caller);
    switch ( o->action )
    {
    case sysctl_page_offline:
        snprintf(out, size, "%s takes frames %#x to %#x out of use", by,
                 o->start, o->end);
        break;
    case sysctl_page_online:
        snprintf(out, size, "%s brings frames %#x to %#x back into use", by,
                 o->start, o->end);
        break;
    case sysctl_query_page_offline:
        snprintf(out, size, "%s asks if frames %#x to %#x are out of use", by,
                 o->start, o->end);
        break;
    default:
        snprintf(out, size, "%s asks for action %u on frames %#x to %#x", by,
                 o->action, o->start, o->end);
        break;
    }
}

void sentence_of(char *out, size_t size, const struct hv_call *c)
{
    switch ( c->kind )
    {
    case HV_CALL_MEMORY_OP: memory_op(out, size, c); break;
    case HV_CALL_DOMCTL: domctl(out, size, c); break;
    case HV_CALL_PHYSINFO:
    case HV_CALL_NUMAINFO:
    case HV_CALL_SYSCTL: sysctl(out, size, c); break;
    case HV_CALL_OFFLINE: page_offline(out, size, c); break;
    case HV_CALL_BREAK:
        snprintf(out, size, "a machine check finds frame %#" PRIx64 " broken",
                 c->frame);
        break;
    case HV_CALL_MAP:
        snprintf(out, size, "dom0 maps pages of d%u", c->domid);
        break;
    case HV_CALL_UNMAP:
        snprintf(out, size, "dom0 drops mappings of pages of d%u", c->domid);
        break;
    case HV_CALL_ANON_ALLOC:
        if ( c->pool )
            snprintf(out, size,
                     "the hypervisor takes a block of order %u for d%u's pool",
                     c->order, c->domid);
        else
            snprintf(out, size, "the hypervisor takes a block of order %u",
                     c->order);
        break;
    case HV_CALL_ANON_FREE:
        snprintf(out, size, "the hypervisor frees one of its blocks");
        break;
    case HV_CALL_EXTRA_ALLOC:
        snprintf(out, size, "d%u gets an extra page, which does not count",
                 c->domid);
        break;
    case HV_CALL_EXTRA_FREE:
        snprintf(out, size, "an extra page of d%u is freed", c->domid);
        break;
    case HV_CALL_WRITE:
        snprintf(out, size, "d%u writes to its pages", c->domid);
        break;
    }
}
