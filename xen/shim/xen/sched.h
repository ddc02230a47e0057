/* SPDX-License-Identifier: MIT */
/* Xen's xen/sched.h; whether a hypercall must stop is the harness's word. */
#ifndef SHIM_XEN_SCHED_H
#define SHIM_XEN_SCHED_H

#include_next <xen/sched.h>

bool machine_preempt(const char *fn, int line);

#undef hypercall_preempt_check
#define hypercall_preempt_check() machine_preempt(__func__, __LINE__)

#endif /* SHIM_XEN_SCHED_H */
