/* SPDX-License-Identifier: MIT */
/*
 * Lock objects with owner and recursion, the check of lock discipline, and the
 * events that an observer is told of.
 *
 * One vCPU runs, so nothing ever waits; the objects are real all the same, so
 * that a wrong order, a forgotten release and a window between two sections
 * are as visible as on a machine. Order: domctl_lock or sysctl_lock, domain
 * list, one page_alloc_lock (recursive), heap_lock.
 */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

_Static_assert(LOCK_OBJECTS <= 32, "a bit of world.held each");

/* The lock object; only page_alloc_lock is a domain's. */
static inline unsigned int lock_index(struct stub *s, enum hv_lock lock,
                                      int dom)
{
    static const uint8_t first[] = {
        [HV_LOCK_DOMCTL] = LOCK_DOMCTL,
        [HV_LOCK_SYSCTL] = LOCK_SYSCTL,
        [HV_LOCK_DOMLIST] = LOCK_DOMLIST,
        [HV_LOCK_PAGE_ALLOC] = LOCK_PAGE_ALLOC,
    };

    if ( __builtin_expect(lock == HV_LOCK_HEAP, 1) )
        return LOCK_HEAP;
    BUG_IF(s, lock >= sizeof(first));
    if ( lock != HV_LOCK_PAGE_ALLOC )
        return first[lock];
    BUG_IF(s, dom < 0 || dom >= HV_DOMS_MAX);
    return LOCK_PAGE_ALLOC + (unsigned int)dom;
}

/* Lock objects that must not be held when this one is taken: itself, those
 * after it, and any other domain's page_alloc_lock. */
static inline uint32_t forbidden(unsigned int index)
{
    if ( index >= LOCK_PAGE_ALLOC && index < LOCK_HEAP )
        index = LOCK_PAGE_ALLOC;

    return UINT32_MAX << index;
}

/* ---- what is said of a lock that is taken or left wrongly ----
 *
 * Not inlined: their buffers would cost every lock and unlock a stack frame.
 */

#define NAME_CHARS 32
#define WORDS_CHARS 128
#define NOINLINE __attribute__((noinline))

/* The lock of that object; whose page_alloc_lock it is belongs to its name. */
static void name_of(char *name, unsigned int index)
{
    if ( index >= LOCK_PAGE_ALLOC && index < LOCK_HEAP )
        snprintf(name, NAME_CHARS, "%s of d%u",
                 hv_lock_name(HV_LOCK_PAGE_ALLOC), index - LOCK_PAGE_ALLOC);
    else
        snprintf(name, NAME_CHARS, "%s",
                 hv_lock_name(index == LOCK_DOMCTL    ? HV_LOCK_DOMCTL
                              : index == LOCK_SYSCTL  ? HV_LOCK_SYSCTL
                              : index == LOCK_DOMLIST ? HV_LOCK_DOMLIST
                                                      : HV_LOCK_HEAP));
}

static _Noreturn NOINLINE void wrong_order(struct stub *s, unsigned int index,
                                           const char *fn, int line)
{
    char taken[NAME_CHARS], held[NAME_CHARS], words[WORDS_CHARS];

    name_of(taken, index);
    name_of(held, (unsigned int)__builtin_ctz(s->w.held & forbidden(index)));
    snprintf(words, sizeof(words),
             "%s taken while %s is held: against the "
             "lock order",
             taken, held);
    stub_fail(s, "LOCKS", words, fn, line);
}

static _Noreturn NOINLINE void not_held(struct stub *s, unsigned int index,
                                        const char *fn, int line)
{
    char released[NAME_CHARS], words[WORDS_CHARS];

    name_of(released, index);
    snprintf(words, sizeof(words), "%s released by one that does not hold it",
             released);
    stub_fail(s, "LOCKS", words, fn, line);
}

static inline void tell(struct stub *s, enum hv_event event, enum hv_lock lock,
                        const struct lock *object, const char *fn, int line)
{
    if ( s->hooks.events & 1U << event )
        s->hooks.event(s->hooks.ctx, event, lock, object, fn, line);
}

static inline void take(struct stub *s, unsigned int index)
{
    struct lock *l = &s->w.lock[index];

    l->owner = THE_VCPU + 1;
    l->depth = 1;
    s->w.held |= UINT32_C(1) << index;
}

/* Apart, because hardly anybody wants to be told of it. */
static NOINLINE void take_telling(struct stub *s, enum hv_lock lock,
                                  unsigned int index, const char *fn, int line)
{
    const struct lock *l = &s->w.lock[index];

    tell(s, HV_EVENT_LOCK_BEFORE, lock, l, fn, line);
    take(s, index);
    tell(s, HV_EVENT_LOCK, lock, l, fn, line);
}

void stub_lock(void *ctx, enum hv_lock lock, int dom, const char *fn, int line)
{
    const uint32_t told = 1U << HV_EVENT_LOCK_BEFORE | 1U << HV_EVENT_LOCK;
    struct stub *s = ctx;
    unsigned int index = lock_index(s, lock, dom);
    struct lock *l = &s->w.lock[index];

    if ( l->owner == THE_VCPU + 1 && lock == HV_LOCK_PAGE_ALLOC )
    {
        BUG_IF(s, l->depth == UINT8_MAX);
        l->depth++;
        return;
    }
    if ( s->w.held & forbidden(index) )
        wrong_order(s, index, fn, line);

    if ( s->hooks.events & told )
        take_telling(s, lock, index, fn, line);
    else
        take(s, index);
}

void stub_unlock(void *ctx, enum hv_lock lock, int dom, const char *fn,
                 int line)
{
    struct stub *s = ctx;
    unsigned int index = lock_index(s, lock, dom);
    struct lock *l = &s->w.lock[index];

    if ( l->owner != THE_VCPU + 1 )
        not_held(s, index, fn, line);
    if ( --l->depth )
        return;

    l->owner = 0;
    s->w.held &= ~(UINT32_C(1) << index);
    tell(s, HV_EVENT_UNLOCK, lock, l, fn, line);
}

void locks_none_held(struct stub *s, const char *fn, int line)
{
    char held[NAME_CHARS], words[WORDS_CHARS];

    if ( __builtin_expect(!s->w.held, 1) )
        return;
    name_of(held, (unsigned int)__builtin_ctz(s->w.held));
    snprintf(words, sizeof(words), "%s is held on return", held);
    stub_fail(s, "LOCKS", words, fn, line);
}

bool preempted(struct stub *s, const char *fn, int line)
{
    tell(s, HV_EVENT_PREEMPT, HV_LOCK_COUNT, NULL, fn, line);
    return s->hooks.preempt && s->hooks.preempt(s->hooks.ctx);
}

_Noreturn void stub_fail(void *ctx, const char *id, const char *what,
                         const char *file, int line)
{
    struct stub *s = ctx;

    if ( s->hooks.fail )
        s->hooks.fail(s->hooks.ctx, id, what, file, line);

    fprintf(stderr, "%s:%d: %s: %s\n", file, line, id, what);
    abort();
}
