/* SPDX-License-Identifier: MIT */
/* In place of Xen's asm/percpu.h: one processor, plain variables. */
#ifndef SHIM_ASM_PERCPU_H
#define SHIM_ASM_PERCPU_H

#define per_cpu(var, cpu) (*((void)(cpu), &per_cpu__##var))
#define this_cpu(var) per_cpu__##var
#define this_cpu_ptr(var) (var)
#define per_cpu_ptr(var, cpu) ((void)(cpu), (var))

#endif /* SHIM_ASM_PERCPU_H */
