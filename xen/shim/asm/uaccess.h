/* SPDX-License-Identifier: MIT */
/* In place of Xen's asm/uaccess.h: the caller's memory lies behind two calls
 * (guest.c), and nothing faults. Which addresses may be accessed at all is
 * Xen's own asm/x86_64/uaccess.h. */
#ifndef SHIM_ASM_UACCESS_H
#define SHIM_ASM_UACCESS_H

#include <xen/compiler.h>
#include <xen/errno.h>
#include <xen/string.h>
#include <asm/asm_defns.h>
#include <asm/x86_64/uaccess.h>

/* Bytes that could not be copied; what could not be read is 0. */
unsigned long machine_to_guest(void *to, const void *from, unsigned long n);
unsigned long machine_from_guest(void *to, const void *from, unsigned long n);

#define __copy_to_guest_pv(to, from, n) machine_to_guest(to, from, n)
#define __copy_from_guest_pv(to, from, n) machine_from_guest(to, from, n)

/* The same with a look at the address first. */
unsigned int copy_to_guest_pv(void *to, const void *from, unsigned int n);
unsigned int copy_from_guest_pv(void *to, const void *from, unsigned int n);
unsigned int clear_guest_pv(void *to, unsigned int n);

#define __get_guest(x, ptr)                                                   \
    (machine_from_guest(&(x), ptr, sizeof(*(ptr))) ? -EFAULT : 0)
#define __put_guest(x, ptr)                                                   \
    ({                                                                        \
        __typeof__(*(ptr)) x_ = (x);                                          \
        machine_to_guest(ptr, &x_, sizeof(x_)) ? -EFAULT : 0;                 \
    })
#define get_guest(x, ptr)                                                     \
    (access_ok(ptr, sizeof(*(ptr))) ? __get_guest(x, ptr) : -EFAULT)
#define put_guest(x, ptr)                                                     \
    (access_ok(ptr, sizeof(*(ptr))) ? __put_guest(x, ptr) : -EFAULT)

#endif /* SHIM_ASM_UACCESS_H */
