/* SPDX-License-Identifier: MIT */
/* What the files that are compiled like Xen's share. */
#ifndef CLAIMCHECK_XEN_XEN_WORLD_H
#define CLAIMCHECK_XEN_XEN_WORLD_H

#include <xen/sched.h>
#include <xen/mm.h>
#include <xen/errno.h>

#include "machine.h"

/* &heap_lock, which is private to page_alloc.c. */
extern const void *const xen_heap_lock;

/* Pages that the free lists of a node take, but the first node's. */
unsigned long xen_lists_frames(void);

/* Xen's struct domain of a slot; NULL: there is none. */
extern struct domain *xen_domains[HV_DOMS_MAX];

/* Xen may crash a domain: one that a broken page is taken from. */
extern bool xen_may_crash;

#define vcpu_of(slot) ((struct vcpu *)MACHINE_AT(FRAME_VCPU(slot)))

#endif /* CLAIMCHECK_XEN_XEN_WORLD_H */
