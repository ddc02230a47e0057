/* SPDX-License-Identifier: MIT */
/*
 * Another allocator for under the stub: one byte per page, first fit.
 *
 * It exists to show how somebody's own allocator is plugged in, and that the
 * checks do not depend on how the stub's own one works. It is not fast.
 */
#ifndef CLAIMCHECK_BITMAP_ALLOCATOR_H
#define CLAIMCHECK_BITMAP_ALLOCATOR_H

#include "hypervisor/allocator.h"

extern const struct allocator_ops bitmap_allocator;

#endif /* CLAIMCHECK_BITMAP_ALLOCATOR_H */
