/* SPDX-License-Identifier: MIT */
/* Hooks: what an implementation tells and asks while a call runs; all optional. */
#ifndef CLAIMCHECK_HOOKS_H
#define CLAIMCHECK_HOOKS_H

#include <stdbool.h>
#include <stdint.h>

enum hv_event
{
    HV_EVENT_LOCK_BEFORE, /* about to take the lock                          */
    HV_EVENT_LOCK,        /* taken                                           */
    HV_EVENT_UNLOCK,      /* just released: the state it protects is visible */
    HV_EVENT_CONTENDED,   /* found taken                                     */
    HV_EVENT_PREEMPT,     /* a preemption point                              */
};

/* What a lock protects. */
enum hv_lock
{
    HV_LOCK_DOMCTL,
    HV_LOCK_SYSCTL,
    HV_LOCK_DOMLIST,
    HV_LOCK_PAGE_ALLOC, /* a domain's page_alloc_lock                        */
    HV_LOCK_HEAP,       /* heap_lock                                         */
    HV_LOCK_OTHER,      /* any other                                         */
    HV_LOCK_COUNT
};

/* What people call it: "heap_lock". */
static inline const char *hv_lock_name(enum hv_lock lock)
{
    switch ( lock )
    {
    case HV_LOCK_DOMCTL: return "domctl_lock";
    case HV_LOCK_SYSCTL: return "sysctl_lock";
    case HV_LOCK_DOMLIST: return "domlist_lock";
    case HV_LOCK_PAGE_ALLOC: return "page_alloc_lock";
    case HV_LOCK_HEAP: return "heap_lock";
    case HV_LOCK_OTHER: return "another lock";
    case HV_LOCK_COUNT: break;
    }

    return "no lock";
}

struct hv_hooks
{
    void *ctx;
    uint32_t events; /* 1 << enum hv_event of those to be told               */
    /* object: which lock of that kind, the same address whenever it is that
     * lock, for as long as the hypervisor is open; NULL at a preemption point.
     * fn, line: of the implementation's source. */
    void (*event)(void *ctx, enum hv_event event, enum hv_lock lock,
                  const void *object, const char *fn, int line);
    /* "Must this hypercall stop here?" */
    bool (*preempt)(void *ctx);
    /* An ASSERT or BUG of the implementation: id is "BUG" or an invariant of
     * docs/invariants.md; file is a path within its source. Does not return:
     * what is next is a reset, so nothing outside the state that reset
     * restores may depend on going on. */
    void (*fail)(void *ctx, const char *id, const char *what, const char *file,
                 int line);
};

#endif /* CLAIMCHECK_HOOKS_H */
