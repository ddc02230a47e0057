/* SPDX-License-Identifier: MIT */
/* Xen's asm/config.h with the frame table and the map of all memory at
 * addresses that a process can have (machine.h). The limits that guest
 * addresses are compared with stay Xen's own. */
#ifndef SHIM_ASM_CONFIG_H
#define SHIM_ASM_CONFIG_H

#include_next <asm/config.h>

#include "machine_addresses.h"

/* Xen's frame table ends where the map of memory begins; both follow. */
#undef DIRECTMAP_VIRT_START
#define DIRECTMAP_VIRT_START MACHINE_MEMORY
#undef XEN_VIRT_START
#define XEN_VIRT_START MACHINE_IMAGE
#undef XEN_VIRT_END
#define XEN_VIRT_END (MACHINE_IMAGE + MACHINE_IMAGE_SIZE)
/* The area where a 32-bit caller's argument is translated. */
#undef PERDOMAIN_ALT_VIRT_START
#define PERDOMAIN_ALT_VIRT_START                                              \
    (MACHINE_XLAT - (ARG_XLAT_VIRT_START - PERDOMAIN_VIRT_START))

#endif /* SHIM_ASM_CONFIG_H */
