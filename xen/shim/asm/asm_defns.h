/* SPDX-License-Identifier: MIT */
/* In place of Xen's asm/asm_defns.h, which needs the offsets of a built Xen:
 * there is no exception table, and no code that faults on purpose. */
#ifndef SHIM_ASM_ASM_DEFNS_H
#define SHIM_ASM_ASM_DEFNS_H

#define _ASM_EXTABLE(from, to)
#define _ASM_PRE_EXTABLE(from, to)

static inline void clac(void)
{
}

static inline void stac(void)
{
}

#endif /* SHIM_ASM_ASM_DEFNS_H */
