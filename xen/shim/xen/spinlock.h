/* SPDX-License-Identifier: MIT */
/* Xen's xen/spinlock.h: its lock objects, taken and released by functions of
 * ours that know the place (xen_locks.c). */
#ifndef SHIM_XEN_SPINLOCK_H
#define SHIM_XEN_SPINLOCK_H

#include_next <xen/spinlock.h>

/* Any of Xen's lock types: their first member counts. */
void shim_lock(void *lock, bool recursive, const char *fn, int line);
void shim_unlock(void *lock, bool recursive, const char *fn, int line);
bool shim_is_locked(const void *lock);

#undef spin_lock
#undef spin_lock_irq
#undef spin_lock_irqsave
#undef spin_lock_cb
#undef spin_lock_recursive
#undef spin_unlock
#undef spin_unlock_irq
#undef spin_unlock_irqrestore
#undef spin_unlock_recursive
#undef spin_is_locked
#undef spin_lock_kick
#undef spin_barrier
#define spin_lock(l) shim_lock(l, false, __func__, __LINE__)
#define spin_lock_irq(l) spin_lock(l)
#define spin_lock_irqsave(l, f) ((f) = 0, spin_lock(l))
/* Nobody else holds it, so nobody waits. */
#define spin_lock_cb(l, c, d) ((void)(c), (void)(d), spin_lock(l))
#define spin_lock_recursive(l) shim_lock(l, true, __func__, __LINE__)
#define spin_unlock(l) shim_unlock(l, false, __func__, __LINE__)
#define spin_unlock_irq(l) spin_unlock(l)
#define spin_unlock_irqrestore(l, f) ((void)(f), spin_unlock(l))
#define spin_unlock_recursive(l) shim_unlock(l, true, __func__, __LINE__)
#define spin_is_locked(l) shim_is_locked(l)
#define spin_lock_kick(l) ((void)0)
#define spin_barrier(l) ((void)(l))

/* 4.19 on: page_alloc_lock is of a type of its own. nrspin: not recursively. */
#ifdef RSPIN_LOCK_UNLOCKED
#undef rspin_lock
#undef rspin_unlock
#undef nrspin_lock
#undef nrspin_unlock
#undef rspin_is_locked
#define rspin_lock(l) shim_lock(l, true, __func__, __LINE__)
#define rspin_unlock(l) shim_unlock(l, true, __func__, __LINE__)
#define nrspin_lock(l) shim_lock(l, false, __func__, __LINE__)
#define nrspin_unlock(l) shim_unlock(l, false, __func__, __LINE__)
#define rspin_is_locked(l) shim_is_locked(l)
#define shim_domain_lock_init(l) rspin_lock_init(l)
#else
#define shim_domain_lock_init(l) spin_lock_init(l)
#endif

#endif /* SHIM_XEN_SPINLOCK_H */
