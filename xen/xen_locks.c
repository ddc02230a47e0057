/* SPDX-License-Identifier: MIT */
/*
 * Xen's locks, taken and released: lock discipline and events, on Xen's own lock
 * objects. One processor runs, so nothing ever waits; who would wait for himself
 * hangs on a machine, and is LOCKS here.
 *
 * The first word of a lock counts: 0 free, 1 taken, 1 + n taken recursively n
 * times.
 */
#include "xen_world.h"

#include <xen/rcupdate.h>

/* What is held now. */
static unsigned int held;
static bool heap_held, page_alloc_held;

static enum hv_lock kind_of(const void *lock)
{
    unsigned long in_memory = (unsigned long)lock - MACHINE_MEMORY;

    if ( lock == xen_heap_lock )
        return HV_LOCK_HEAP;
    if ( in_memory < FRAMES * MACHINE_PAGE &&
         in_memory % MACHINE_PAGE == offsetof(struct domain, page_alloc_lock) )
        return HV_LOCK_PAGE_ALLOC;

    return HV_LOCK_OTHER;
}

static void tell(enum hv_event event, enum hv_lock kind, const void *lock,
                 const char *fn, int line)
{
    if ( unlikely(machine_events >> event & 1) )
        machine_event(event, kind, lock, fn, line);
}

static void take(enum hv_lock kind, const char *fn, int line)
{
    if ( heap_held || (kind == HV_LOCK_PAGE_ALLOC && page_alloc_held) )
        machine_fail("LOCKS", "taken against the lock order", fn, line);
    held++;
    heap_held |= kind == HV_LOCK_HEAP;
    page_alloc_held |= kind == HV_LOCK_PAGE_ALLOC;
}

void shim_lock(void *lock, bool recursive, const char *fn, int line)
{
    unsigned int *word = lock;
    enum hv_lock kind = kind_of(lock);

    if ( *word )
    {
        if ( !recursive || *word == 1 )
            machine_fail("LOCKS", "waits for itself", fn, line);
        ++*word;
        return;
    }
    tell(HV_EVENT_LOCK_BEFORE, kind, lock, fn, line);
    take(kind, fn, line);
    *word = 1 + recursive;
    tell(HV_EVENT_LOCK, kind, lock, fn, line);
}

void shim_unlock(void *lock, bool recursive, const char *fn, int line)
{
    unsigned int *word = lock;
    enum hv_lock kind = kind_of(lock);

    if ( *word == 0 || (*word > 1) != recursive )
        machine_fail("LOCKS", "released, and not taken so", fn, line);
    --*word;
    if ( *word > 1 )
        return;
    *word = 0;
    held--;
    if ( kind == HV_LOCK_HEAP )
    {
        heap_held = false;
        xen_heap_changes++;
    }
    else if ( kind == HV_LOCK_PAGE_ALLOC )
        page_alloc_held = false;
    tell(HV_EVENT_UNLOCK, kind, lock, fn, line);
}

/* The last one frees the page, which takes page_alloc_lock and heap_lock: not
 * under heap_lock, whether or not it is the last one this time. */
void shim_put_page(struct page_info *page, const char *fn, int line)
{
    if ( heap_held )
        machine_fail("LOCKS", "drops a page's reference under heap_lock", fn,
                     line);
    (put_page)(page);
}

bool shim_is_locked(const void *lock)
{
    return *(const unsigned int *)lock != 0;
}

const char *xen_held(void)
{
    if ( held )
        return "a lock is held on return";
    if ( this_cpu(rcu_lock_cnt) || preempt_count() )
        return "a domain is still looked at on return (RCU)";

    return NULL;
}
