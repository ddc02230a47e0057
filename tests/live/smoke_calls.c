/* SPDX-License-Identifier: MIT */
/* Calls of live_smoke, and the checks of what they do. */
#include "smoke.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void count(struct smoke *s, bool good, const char *what)
{
    printf("%s %-44s", good ? "ok  " : "FAIL", what);
    s->failed += !good;
}

void smoke_check(struct smoke *s, const char *what, long got, long want)
{
    count(s, got == want, what);
    printf(" %ld", got);
    if ( got != want )
        printf(" (expected %ld)", want);
    putchar('\n');
}

void smoke_reset(struct smoke *s)
{
    const struct host_shape shape = live_shape(&s->h);

    s->h.ops->reset(s->h.hv, &shape, NULL);
    s->h.ops->observe(s->h.hv, &s->view);
    MODEL_USE(&s->model, &s->room);
    model_init(&s->model, &shape, &s->view, s->h.ops, s->h.hv);
}

long smoke_issue(struct smoke *s, const struct hv_call *call)
{
    hv_issue(&s->h, s->release, call, &s->result);
    s->h.ops->observe(s->h.hv, &s->view);

    return s->result.rc;
}

long smoke_judge(struct smoke *s, const char *what, const struct hv_call *call)
{
    struct prediction p;
    const char *why = NULL;
    bool allowed;

    model_predict(&s->model, call, NULL, &p);
    smoke_issue(s, call);
    allowed = model_allows(&p, s->result.rc);
    if ( allowed )
        why = model_commit(&s->model, call, &p, &s->result, &s->view);
    if ( allowed && !why &&
         memcmp(model_view(&s->model), &s->view, sizeof(s->view)) )
        why = "what is seen afterwards is not what the rules say";

    count(s, allowed && !why, what);
    printf(" %ld (rules %s)", s->result.rc, rule_table[p.rule].row);
    if ( !allowed )
        printf(": expected %ld to %ld", p.lo, p.hi);
    printf("%s%s\n", why ? ": " : "", why ? why : "");

    return s->result.rc;
}

void smoke_refused(struct smoke *s, const char *what,
                   const struct hv_call *call)
{
    const char *reason = NULL;

    smoke_check(s, what, smoke_issue(s, call), -EPERM);
    smoke_check(s, "... with a reason", live_harmless(&s->h, call, &reason),
                false);
}

struct hv_call smoke_domctl(const struct smoke *s, uint32_t cmd,
                            uint16_t domid, uint64_t value)
{
    return (struct hv_call){
        .kind = HV_CALL_DOMCTL,
        .caller = hv_caller_dom0(),
        .arg_bytes = sizeof(struct xen_domctl),
        .domctl = { .cmd = cmd,
                    .version = hv_domctl_version(s->release),
                    .domid = domid,
                    .value = value },
    };
}

struct hv_call smoke_mapping(enum hv_call_kind kind, uint16_t domid,
                             uint64_t frame)
{
    return (struct hv_call){ .kind = kind,
                             .caller = hv_caller_dom0(),
                             .domid = domid,
                             .frame = frame };
}

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

struct hv_call smoke_with_list(const struct smoke *s, unsigned int op,
                               uint16_t domid, unsigned int nr)
{
    struct hv_call call = smoke_reservation(op, domid, nr);

    call.list = s->frame;
    call.list_entries = nr;
    call.resv.extent_start.p = (xen_pfn_t *)(uintptr_t)(GUEST_LIST_END -
                                                        8 * nr);

    return call;
}

struct hv_call smoke_offline_op(uint32_t action, uint64_t frame)
{
    const uint32_t at = GUEST_ARG_END - sizeof(struct xen_sysctl);

    return (struct hv_call){
        .kind = HV_CALL_OFFLINE,
        .caller = hv_caller_dom0(),
        .placed = true,
        .arg = at,
        .arg_bytes = sizeof(struct xen_sysctl),
        .data = GUEST_LIST_START,
        .data_bytes = sizeof(uint32_t),
        .data_count = 1,
        .offline = { action, (uint32_t)frame, (uint32_t)frame },
    };
}

void smoke_took(struct smoke *s, unsigned int nr)
{
    memmove(s->frame, s->result.list, 8 * nr);
}
