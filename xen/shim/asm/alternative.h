/* SPDX-License-Identifier: MIT */
/* In place of Xen's asm/alternative.h: nothing is patched at boot, so the plain
 * instruction and the plain call stay. */
#ifndef SHIM_ASM_ALTERNATIVE_H
#define SHIM_ASM_ALTERNATIVE_H

#include <xen/types.h>

#define ALTERNATIVE(oldinstr, newinstr, feature) oldinstr
#define ALTERNATIVE_2(oldinstr, new1, feature1, new2, feature2) oldinstr
#define alternative(oldinstr, newinstr, feature) ((void)0)
#define alternative_2(oldinstr, new1, feature1, new2, feature2) ((void)0)
#define alternative_input(oldinstr, newinstr, feature, input...) ((void)0)
#define alternative_io(oldinstr, newinstr, feature, output, input...)         \
    asm volatile(oldinstr:output : input)
#define ASM_OUTPUT2(a...) a
#define ALT_NOT(x) (x)

#endif /* SHIM_ASM_ALTERNATIVE_H */
