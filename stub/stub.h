/* SPDX-License-Identifier: MIT */
/*
 * The stub hypervisor: Xen's memory_op, domctl and sysctl as far as claims are
 * concerned, over a stubbed page allocator, in one flat struct.
 *
 * It is the thing under test, so it is written like an implementation (locks,
 * references, buddy lists), from the behaviour of Xen's releases, and shares
 * nothing with model/.
 */
#ifndef CLAIMCHECK_STUB_H
#define CLAIMCHECK_STUB_H

#include <stddef.h>

#include "hypervisor/allocator.h"
#include "hypervisor/hypervisor.h"

struct stub_options
{
    /* NULL: the stub's own buddy allocator. */
    const struct allocator_ops *allocator;
    /* Id of a planted fault (stub_fault_id); NULL for none. */
    const char *fault;
    /* Guest addresses are this process's own: for libxenctrl over the stub. */
    bool flat_memory;
};

/* Allocates the stub's state (once; never in a step). false: out of memory, or
 * *why says what is wrong with the options. Free it with ops->close. */
bool stub_open(struct hypervisor *h, const struct stub_options *options,
               const char **why);

/* The stub's own allocator. */
extern const struct allocator_ops buddy_allocator;

/* Planted faults (faults.def, checks.h), for lists and tests. They are numbers
 * with gaps; 0 is "none". The next one after a number; 0: there is no more. */
unsigned int stub_fault_next(unsigned int fault);
/* The fault of that id; 0: there is none. */
unsigned int stub_fault_find(const char *id);
const char *stub_fault_id(unsigned int fault);
/* Room for any text about a fault. */
#define FAULT_TEXT_MAX 200
void stub_fault_text(unsigned int fault, char *text, size_t size);
/* Releases (RELEASE_BIT of each) on which the fault can show. */
unsigned int stub_fault_releases(unsigned int fault);
/* Signatures that count as a catch, separated by commas; "*" in the place of
 * the operation stands for any. */
const char *stub_fault_signatures(unsigned int fault);
/* Why nothing can see the fault, or NULL: it must be caught. */
const char *stub_fault_unseen(unsigned int fault);
/* How often the place of the planted fault was reached since the last reset;
 * booting, which may reach it too, does not count. */
unsigned int stub_fault_hits(void *hv);
/* The part of it that lies in the stub's own allocator. */
unsigned int buddy_fault_hits(const void *a);

#endif /* CLAIMCHECK_STUB_H */
