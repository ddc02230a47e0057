/* SPDX-License-Identifier: MIT */
/* In place of Xen's asm/bug.h: BUG and ASSERT are calls that know their place,
 * not trapping instructions with a table beside them. */
#ifndef SHIM_ASM_BUG_H
#define SHIM_ASM_BUG_H

void __attribute__((__noreturn__, __cold__))
shim_bug(const char *what, const char *file, int line);

#define BUG() shim_bug("BUG", __FILE__, __LINE__)
#define assert_failed(p) shim_bug("ASSERT(" p ")", __FILE__, __LINE__)
#define WARN() ((void)0)
#define run_in_exception_handler(fn) ((void)(fn))

#endif /* SHIM_ASM_BUG_H */
