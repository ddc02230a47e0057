/* SPDX-License-Identifier: MIT */
/* Xen's asm/mm.h; Xen's image lies in no frame of this machine, and a page's
 * reference is dropped by a function of ours that knows the place (xen_locks.c). */
#ifndef SHIM_ASM_MM_H
#define SHIM_ASM_MM_H

#include_next <asm/mm.h>

#undef is_xen_fixed_mfn
#define is_xen_fixed_mfn(mfn) ((void)(mfn), 0)

/* Drops a reference to a page, as Xen's put_page does. */
void shim_put_page(struct page_info *page, const char *fn, int line);
#define put_page(page) shim_put_page(page, __func__, __LINE__)

#endif /* SHIM_ASM_MM_H */
