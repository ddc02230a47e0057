/* SPDX-License-Identifier: MIT */
/* Xen's asm/system.h, without the instructions that a process may not issue. */
#ifndef SHIM_ASM_SYSTEM_H
#define SHIM_ASM_SYSTEM_H

#include_next <asm/system.h>

#undef local_irq_disable
#undef local_irq_enable
#undef local_save_flags
#undef local_irq_save
#undef local_irq_restore
#define local_irq_disable() ((void)0)
#define local_irq_enable() ((void)0)
#define local_save_flags(x) ((x) = 0)
#define local_irq_save(x) ((x) = 0)
#define local_irq_restore(x) ((void)(x))
#define local_irq_is_enabled() 1

#endif /* SHIM_ASM_SYSTEM_H */
