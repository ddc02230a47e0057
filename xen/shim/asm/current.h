/* SPDX-License-Identifier: MIT */
/* In place of Xen's asm/current.h, which looks at the top of the stack: one
 * processor, and whoever issued the hypercall runs on it. */
#ifndef SHIM_ASM_CURRENT_H
#define SHIM_ASM_CURRENT_H

#include <xen/percpu.h>
#include <xen/page-size.h>
#include <public/xen.h>

struct vcpu;

struct cpu_info
{
    struct cpu_user_regs guest_cpu_user_regs;
    unsigned int processor_id;
    struct vcpu *current_vcpu;
    unsigned long per_cpu_offset;
    unsigned long cr4;
    unsigned int shadow_spec_ctrl, xen_spec_ctrl, last_spec_ctrl;
    uint8_t spec_ctrl_flags, scf;
    bool root_pgt_changed, use_pv_cr3;
    unsigned long xen_cr3, pv_cr3;
};

extern struct cpu_info shim_cpu;

#define get_cpu_info() (&shim_cpu)
#define get_current() (shim_cpu.current_vcpu)
#define set_current(v) (shim_cpu.current_vcpu = (v))
#define current (shim_cpu.current_vcpu)
#define get_processor_id() 0
#define guest_cpu_user_regs() (&shim_cpu.guest_cpu_user_regs)

DECLARE_PER_CPU(struct vcpu *, curr_vcpu);

#endif /* SHIM_ASM_CURRENT_H */
