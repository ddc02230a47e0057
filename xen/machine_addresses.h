/* SPDX-License-Identifier: MIT */
/*
 * Where things lie in this process: the map of all of the machine's memory, with
 * the frame table before it, the place of Xen's image, and the area where a
 * 32-bit caller's arguments are translated. Fixed, so that pointers in a saved
 * state stay good; free in a process with and without AddressSanitizer.
 */
#ifndef CLAIMCHECK_XEN_MACHINE_ADDRESSES_H
#define CLAIMCHECK_XEN_MACHINE_ADDRESSES_H

#define MACHINE_MEMORY 0x200000000000UL
/* Of Xen's layout: how far before the map of memory the frame table begins. */
#define MACHINE_TABLE_BEFORE (1UL << 37)
#define MACHINE_TABLE (MACHINE_MEMORY - MACHINE_TABLE_BEFORE)
#define MACHINE_IMAGE 0x1f8000000000UL
#define MACHINE_IMAGE_SIZE (1UL << 30)
#define MACHINE_XLAT 0x1f0000000000UL

#endif /* CLAIMCHECK_XEN_MACHINE_ADDRESSES_H */
