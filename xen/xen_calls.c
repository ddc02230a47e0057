/* SPDX-License-Identifier: MIT */
/*
 * Entry points: who calls, which hypercall, what a continuation asks for; and
 * what is no hypercall. Behind them is Xen's code.
 */
#include "xen_world.h"

#include <xen/hypercall.h>
#include <xen/guest_access.h>

/* The caller's registers, where Xen's continuation leaves what to call next. */
static void set_registers(struct vcpu *v, bool abi32, unsigned long cmd,
                          unsigned long arg)
{
    struct cpu_user_regs *regs = guest_cpu_user_regs();

    v->hcall_preempted = false;
    v->hcall_compat = abi32;
    if ( abi32 )
    {
        regs->rbx = cmd;
        regs->rcx = arg;
    }
    else
    {
        regs->rdi = cmd;
        regs->rsi = arg;
    }
}

static void set_caller(const struct xen_caller *caller)
{
    struct vcpu *v = vcpu_of(caller->slot);
    struct domain *d = v->domain;

    set_current(v);
    d->is_privileged = caller->control;
    hardware_domain = caller->hardware ? d
                      : caller->slot   ? xen_domains[0]
                                       : NULL;
}

/* Pages that are marked to go out of use, or have gone. */
static unsigned long nr_offline(void)
{
    unsigned long n = 0;

    for ( unsigned long frame = HV_FRAME_BASE; frame < max_page; frame++ )
    {
        const struct page_info *page = mfn_to_page(_mfn(frame));

        n += page_state_is(page, offlining) || page_state_is(page, offlined);
    }

    return n;
}

long xen_memory_op(const struct xen_caller *caller, uint64_t *cmd,
                   uint64_t arg)
{
    struct vcpu *v = vcpu_of(caller->slot);
    const bool exchange = (*cmd & MEMOP_CMD_MASK) == XENMEM_exchange;
    const unsigned long offline = exchange ? nr_offline() : 0;
    XEN_GUEST_HANDLE_PARAM(void) handle;
    const char *held;
    long rc;

    set_caller(caller);
    if ( caller->abi32 )
    {
        set_registers(v, true, (uint32_t)*cmd, (uint32_t)arg);
        handle.p = (void *)(unsigned long)(uint32_t)arg;
        rc = compat_memory_op((uint32_t)*cmd, handle);
    }
    else
    {
        set_registers(v, false, *cmd, arg);
        handle.p = (void *)arg;
        rc = do_memory_op(*cmd, handle);
    }
    held = xen_held();
    if ( unlikely(held) )
        machine_fail("LOCKS", held, __func__, __LINE__);
    /* What assign_pages() asserts, in a build without assertions as well: there
     * the page would go on as if it had never been marked. */
    if ( exchange && nr_offline() != offline )
        machine_fail("BUG", "a page is not to go out of use any more",
                     __func__, __LINE__);
    if ( !v->hcall_preempted )
        return rc;
    *cmd = caller->abi32 ? guest_cpu_user_regs()->rbx
                         : guest_cpu_user_regs()->rdi;

    return -ERESTART;
}

bool xen_get_page(unsigned int slot, uint64_t frame)
{
    return get_page(mfn_to_page(_mfn(frame)), xen_domains[slot]);
}

void xen_put_page(uint64_t frame)
{
    put_page(mfn_to_page(_mfn(frame)));
}

static uint64_t frame_of(const struct page_info *page)
{
    return page ? mfn_x(page_to_mfn(page)) : MACHINE_NO_FRAME;
}

uint64_t xen_anon_alloc(int slot, uint32_t order)
{
    /* 2^order is computed first: no caller of Xen's has such an order. */
    if ( order >= BITS_PER_LONG )
        return MACHINE_NO_FRAME;

    return frame_of(slot < 0 ? alloc_domheap_pages(NULL, order, 0)
                             : alloc_domheap_pages(xen_domains[slot], order,
                                                   MEMF_no_owner));
}

void xen_anon_free(uint64_t frame, uint32_t order)
{
    free_domheap_pages(mfn_to_page(_mfn(frame)), order);
}

uint64_t xen_extra_alloc(unsigned int slot)
{
    return frame_of(
        alloc_domheap_pages(xen_domains[slot], 0, MEMF_no_refcount));
}

bool xen_extra_free(unsigned int slot, uint64_t frame)
{
    struct page_info *page = mfn_to_page(_mfn(frame));

    if ( xen_owner(frame) != (int)slot || !(page->count_info & PGC_extra) ||
         !(page->count_info & PGC_allocated) ||
         !get_page(page, xen_domains[slot]) )
        return false;
    put_page_alloc_ref(page);
    put_page(page);

    return true;
}

long xen_page_offline(uint64_t frame, bool broken, uint32_t *status)
{
    long rc;

    xen_may_crash = true;
    rc = offline_page(_mfn(frame), broken, status);
    xen_may_crash = false;

    return rc;
}

long xen_page_online(uint64_t frame, uint32_t *status)
{
    /* It is an errno, and up to some release of an unsigned type. */
    return (int)online_page(_mfn(frame), status);
}

long xen_page_query(uint64_t frame, uint32_t *status)
{
    return query_page_offline(_mfn(frame), status);
}

bool xen_write(unsigned int slot, uint64_t frame, uint32_t word)
{
    uint32_t *at = MACHINE_AT(frame);

    if ( xen_owner(frame) != (int)slot )
        return false;
    machine_touch(frame);
    for ( unsigned int i = 0; i < PAGE_SIZE / sizeof(*at); i++ )
        at[i] = word;

    return true;
}
