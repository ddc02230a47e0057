/* SPDX-License-Identifier: MIT */
/* Calls of live_smoke, and the checks of what they do. */
#include "smoke.h"

#include <stdio.h>
#include <string.h>

void smoke_check(struct smoke *s, const char *what, long got, long want)
{
    bool good = got == want;

    printf("%s %-44s %ld", good ? "ok  " : "FAIL", what, got);
    if ( !good )
        printf(" (expected %ld)", want);
    putchar('\n');
    s->failed += !good;
}

long smoke_domctl(struct smoke *s, uint32_t cmd, uint16_t domid, uint64_t v)
{
    struct hv_call call = { .kind = HV_CALL_DOMCTL,
                            .caller = hv_caller_dom0() };

    call.domctl.cmd = cmd;
    call.domctl.version = hv_domctl_version(s->release);
    call.domctl.domid = domid;
    call.domctl.value = v;
    hv_issue(&s->h, s->release, &call, &s->result);
    s->h.ops->observe(s->h.hv, &s->view);

    return s->result.rc;
}

void smoke_reset(struct smoke *s)
{
    const struct host_shape shape = live_shape(&s->h);

    s->h.ops->reset(s->h.hv, &shape, NULL);
    s->h.ops->observe(s->h.hv, &s->view);
}

/* A reservation call; nr extents of order 0 unless the caller changes resv. */
struct hv_call smoke_reservation(unsigned int op, uint16_t domid, uint64_t nr)
{
    struct hv_call call = { .kind = HV_CALL_MEMORY_OP,
                            .caller = hv_caller_dom0(),
                            .cmd = op };

    call.arg_bytes = sizeof(struct xen_memory_reservation);
    call.arg = GUEST_ARG_END - call.arg_bytes;
    call.resv.nr_extents = nr;
    call.resv.domid = domid;

    return call;
}

long smoke_issue(struct smoke *s, const struct hv_call *call)
{
    hv_issue(&s->h, s->release, call, &s->result);
    s->h.ops->observe(s->h.hv, &s->view);

    return s->result.rc;
}

long smoke_claim(struct smoke *s, uint16_t domid, uint64_t pages)
{
    struct hv_call call = smoke_reservation(XENMEM_claim_pages, domid, pages);

    return smoke_issue(s, &call);
}

/* populate or decrease with the list s->frame, which takes what came back. */
long smoke_with_list(struct smoke *s, unsigned int op, uint16_t domid,
                     unsigned int nr, uint32_t flags)
{
    struct hv_call call = smoke_reservation(op, domid, nr);
    long rc;

    call.resv.mem_flags = flags;
    call.list = s->frame;
    call.list_entries = nr;
    call.resv.extent_start.p = (xen_pfn_t *)(uintptr_t)(GUEST_LIST_END -
                                                        8 * nr);
    rc = smoke_issue(s, &call);
    memmove(s->frame, s->result.list, 8 * nr);

    return rc;
}

long smoke_populate(struct smoke *s, uint16_t domid, unsigned int nr,
                    uint32_t flags)
{
    unsigned int i;

    for ( i = 0; i < nr; i++ )
        s->frame[i] = i;

    return smoke_with_list(s, XENMEM_populate_physmap, domid, nr, flags);
}

void smoke_check_domain(struct smoke *s, uint16_t domid, const char *what,
                        uint32_t state, uint32_t tot, uint32_t claimed)
{
    const struct hv_domain_view *d = &s->view.dom[domid];
    char text[64];

    snprintf(text, sizeof(text), "%s: state", what);
    smoke_check(s, text, d->state, state);
    snprintf(text, sizeof(text), "%s: pages", what);
    smoke_check(s, text, d->tot, tot);
    snprintf(text, sizeof(text), "%s: claim", what);
    smoke_check(s, text, d->claim, claimed);
}
