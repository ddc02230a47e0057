/* SPDX-License-Identifier: MIT */
/*
 * Xen's public ABI, as Debian's libxen-dev ships it: the only place that
 * includes Xen headers and sets the macros they want.
 *
 * Not here: structures of our own, or copies of Xen's. The few constants below
 * are newer than the headers of Debian 12 (4.17).
 */
#ifndef CLAIMCHECK_XEN_ABI_H
#define CLAIMCHECK_XEN_ABI_H

/* The tools-only parts of domctl.h and sysctl.h. */
#ifndef __XEN_TOOLS__
#define __XEN_TOOLS__ 1
#endif

#include <stdint.h>
#include <xen/xen.h>
#include <xen/memory.h>
#include <xen/domctl.h>
#include <xen/sysctl.h>

/* "Choose a domid for me", from 4.22 on. */
#ifndef DOMID_ANY
#define DOMID_ANY 0x7FF5U
#endif

/* A memory_op command word is op | start_extent << MEMOP_EXTENT_SHIFT. */
#define MEMOP_EXTENT_SHIFT 6
#define MEMOP_CMD_MASK ((1UL << MEMOP_EXTENT_SHIFT) - 1)

/* Commands from here on, and domctl and sysctl 0, exist in no release. */
#define HV_MEMORY_OPS_END 40
#define HV_DOMCTLS_END 128
#define HV_SYSCTLS_END 64

/* Bits of mem_flags, as decoded by the reservation calls. */
#define MEMF_BITS_MASK 0xffU /* 0-7: address bits                */
#define MEMF_NODE_SHIFT 8    /* 8-15: node + 1, 0 for none       */
#define MEMF_NODE_MASK (0xffU << MEMF_NODE_SHIFT)

/* Largest nr_extents a reservation call takes: UINT_MAX >> 6. */
#define MEMOP_EXTENTS_MAX (UINT32_MAX >> MEMOP_EXTENT_SHIFT)

/*
 * The 32-bit caller's struct xen_memory_reservation: 20 bytes; handle at 0,
 * nr_extents at 4, order at 8, flags at 12, domid at 16. The headers have no
 * native name for it, so it is described by numbers, not by a structure.
 */
#define COMPAT_RESERVATION_SIZE 20
/* Likewise struct xen_memory_exchange: two of them, and a number. */
#define COMPAT_EXCHANGE_SIZE (2 * COMPAT_RESERVATION_SIZE + 4)

/* Extents of a 32-bit call that are translated and done at once (rules 2.2). */
#define COMPAT_PIECE 1020

/*
 * What a preempted hypercall hands back across the seam: call again.
 * (ERESTART is 85 in Xen's public errno list and on Linux.)
 */
#define HV_CONTINUE (-85L)

#endif /* CLAIMCHECK_XEN_ABI_H */
