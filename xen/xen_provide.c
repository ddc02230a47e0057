/* SPDX-License-Identifier: MIT */
/*
 * What Xen's code calls of the rest of Xen, and does happen here: mostly
 * nothing. What must not be called at all is in absent.list.
 */
#include "xen_world.h"

#include <xen/domain_page.h>
#include <xen/guest_access.h>
#include <xen/keyhandler.h>
#include <xen/softirq.h>
#include <xen/smp.h>

/* ---- the processor ---- */

struct cpu_info shim_cpu;
irq_cpustat_t irq_stat[NR_CPUS];
DEFINE_PER_CPU(unsigned int, __preempt_count);
DEFINE_PER_CPU(unsigned int, rcu_lock_cnt);
DEFINE_PER_CPU_READ_MOSTLY(cpumask_var_t, cpu_sibling_mask);

void on_selected_cpus(const cpumask_t *selected, void (*func)(void *info),
                      void *info, int wait)
{
    func(info);
}

void process_pending_softirqs(void)
{
}

/* No translation is ever stale: nothing runs in the guests. */
uint32_t tlbflush_clock;
bool tlb_clk_enabled;
DEFINE_PER_CPU(uint32_t, tlbflush_time);

void flush_area_mask(const cpumask_t *mask, const void *va, unsigned int flags)
{
}

/* ---- pages ---- */

/* The frame mapped last, if nothing was ever written to it; else 0. */
static unsigned long fresh;

void *map_domain_page(mfn_t mfn)
{
    fresh = machine_touch(mfn_x(mfn)) ? mfn_x(mfn) : 0;
    return MACHINE_AT(mfn_x(mfn));
}

void unmap_domain_page(const void *va)
{
}

/* Where scrubbing is clearing, a fresh page is clear already. */
void clear_page_sse2(void *page)
{
    if ( xen_scrub_byte || !fresh || page != MACHINE_AT(fresh) )
    {
        memset(page, 0, PAGE_SIZE);
        return;
    }
    machine_untouch(fresh);
    fresh = 0;
}

/* Machine to guest frame: no domain here has other numbers than the machine. */
void set_gpfn_from_mfn(unsigned long mfn, unsigned long pfn)
{
}

int cleanup_page_mappings(struct page_info *page)
{
    return 0;
}

int guest_physmap_add_page(struct domain *d, gfn_t gfn, mfn_t mfn,
                           unsigned int order)
{
    return 0;
}

int guest_physmap_remove_page(struct domain *d, gfn_t gfn, mfn_t mfn,
                              unsigned int order)
{
    return 0;
}

int page_is_ram_type(unsigned long mfn, unsigned long type)
{
    return __mfn_valid(mfn);
}

const struct platform_bad_page *get_platform_badpages(unsigned int *n)
{
    *n = 0;
    return NULL;
}

unsigned int domain_clamp_alloc_bitsize(struct domain *d, unsigned int bits)
{
    return bits;
}

/* ---- domains ---- */

struct domain *hardware_domain, *dom_io, *dom_xen;

void send_global_virq(uint32_t virq)
{
}

/* ---- commands of memory_op that an architecture has ---- */

long arch_memory_op(unsigned long cmd, XEN_GUEST_HANDLE_PARAM(void) arg)
{
    return -ENOSYS;
}

int compat_arch_memory_op(unsigned long cmd, XEN_GUEST_HANDLE_PARAM(void) arg)
{
    return -ENOSYS;
}

/* ---- the caller's memory ---- */

unsigned long machine_from_guest(void *to, const void *from, unsigned long n)
{
    return machine_copy_from(to, (unsigned long)from, n);
}

unsigned long machine_to_guest(void *to, const void *from, unsigned long n)
{
    return machine_copy_to((unsigned long)to, from, n);
}

unsigned int copy_from_guest_pv(void *to, const void *from, unsigned int n)
{
    if ( access_ok(from, n) )
        return machine_from_guest(to, from, n);
    memset(to, 0, n);

    return n;
}

unsigned int copy_to_guest_pv(void *to, const void *from, unsigned int n)
{
    return access_ok(to, n) ? machine_to_guest(to, from, n) : n;
}

/* ---- saying and stopping ---- */

void shim_bug(const char *what, const char *file, int line)
{
    machine_fail("BUG", what, file, line);
}

bool xen_may_crash;

static bool exists(const struct domain *d)
{
    for ( unsigned int slot = 0; slot < HV_DOMS_MAX; slot++ )
        if ( d == xen_domains[slot] )
            return d != NULL;

    return false;
}

/* A domain that is crashed stops, and is there as before. */
void __domain_crash(struct domain *d)
{
    if ( !exists(d) )
        machine_fail("BUG", "domain_crash of what is no domain", __FILE__,
                     __LINE__);
    if ( xen_may_crash )
        return;
    machine_fail("BUG", "domain_crash", __FILE__, __LINE__);
}

void printk(const char *fmt, ...)
{
}

void register_keyhandler(unsigned char key, keyhandler_fn_t *fn,
                         const char *desc, bool diagnostic)
{
}

s_time_t get_s_time(void)
{
    return 0;
}
