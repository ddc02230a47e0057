/* SPDX-License-Identifier: MIT */
/* Xen's asm/mm.h; Xen's image lies in no frame of this machine. */
#ifndef SHIM_ASM_MM_H
#define SHIM_ASM_MM_H

#include_next <asm/mm.h>

#undef is_xen_fixed_mfn
#define is_xen_fixed_mfn(mfn) ((void)(mfn), 0)

#endif /* SHIM_ASM_MM_H */
