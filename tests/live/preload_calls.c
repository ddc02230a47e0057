/* SPDX-License-Identifier: MIT */
/*
 * libxenctrl calls that the toolstack example does not make, over the stub:
 * decrease, foreign mappings, numainfo, and what is not implemented. Run with
 * libclaimcheck-xen.so preloaded and stderr in a file named by argv[1]; with
 * argv[2], on a host of two nodes of 1 GiB.
 */
#define __XEN_TOOLS__ 1
#define XC_WANT_COMPAT_DEVICEMODEL_API
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <xencall.h>
#include <xenctrl.h>
#include <xenforeignmemory.h>

#define FRAMES 4
/* Of a host of 64 pages when it has booted, and what a domain takes of them. */
#define FREE_AT_START 60
#define DOMAIN_PAGES 1

static void expect(const char *what, long got, long want)
{
    if ( got == want )
        return;
    printf("FAIL: %s: %ld, expected %ld\n", what, got, want);
    exit(1);
}

static unsigned long claimed(xc_interface *xch)
{
    xc_physinfo_t host;

    expect("physinfo", xc_physinfo(xch, &host), 0);
    return host.outstanding_pages;
}

static void test_decrease(xc_interface *xch, xen_pfn_t *frame)
{
    unsigned int i;

    expect("max_mem", xc_domain_setmaxmem(xch, 1, 40 * 4), 0);
    expect("claim", xc_domain_claim_pages(xch, 1, 20), 0);
    for ( i = 0; i < FRAMES; i++ )
        frame[i] = i;
    expect("populate", xc_domain_populate_physmap(xch, 1, FRAMES, 0, 0, frame),
           FRAMES);
    expect("claimed", (long)claimed(xch), 20 - FRAMES);
    expect("decrease",
           xc_domain_decrease_reservation(xch, 1, 1, 0, &frame[FRAMES - 1]),
           1);
    expect("claimed, in 4.17", (long)claimed(xch), 20 - FRAMES + 1);
    expect("again", xc_domain_claim_pages(xch, 1, 20), -1);
    expect("again: errno", errno, EINVAL);
}

/* The domain lingers as long as one of its frames is mapped. */
static void test_mappings(xc_interface *xch, const xen_pfn_t *frame)
{
    xenforeignmemory_handle *foreign = xenforeignmemory_open(NULL, 0);
    xen_pfn_t bad[2] = { frame[0], 1 };
    xc_domaininfo_t dom;
    int err[2];
    void *at;

    at = xenforeignmemory_map(foreign, 1, PROT_READ, 2, bad, NULL);
    expect("map with a bad frame", at != NULL, 0);
    at = xenforeignmemory_map(foreign, 1, PROT_READ, 2, bad, err);
    expect("map, errors told apart", at != NULL, 1);
    expect("good frame", err[0], 0);
    expect("bad frame", err[1], -EINVAL);
    expect("destroy", xc_domain_destroy(xch, 1), 0);
    expect("getinfo", xc_domain_getinfolist(xch, 1, 1, &dom), 1);
    expect("lingers", dom.domain == 1 && (dom.flags & XEN_DOMINF_dying), 1);
    expect("unmap", xenforeignmemory_unmap(foreign, at, 2), 0);
    expect("gone", xc_domain_getinfolist(xch, 1, 1, &dom), 0);
    expect("claimed", (long)claimed(xch), 0);
    xenforeignmemory_close(foreign);
}

/* What programs ask at their start: who is there, how much memory, which Xen. */
static void test_queries(xc_interface *xch)
{
    unsigned int width = 0;
    xc_domaininfo_t info[4];
    unsigned long frame = 0;
    unsigned int cpus = 0;
    xen_pfn_t gpfn = 1;
    uint64_t bytes = 0;
    xc_cpupoolinfo_t *pool;
    char text[1024] = { 0 };
    int id = 0;

    expect("version", xc_version(xch, XENVER_version, NULL), 4 << 16 | 17);
    expect("pagesize", xc_version(xch, XENVER_pagesize, NULL), 4096);
    expect("capabilities", xc_version(xch, XENVER_capabilities, text), 0);
    expect("64-bit PV", strncmp(text, "xen-3.0-x86_64", 14), 0);
    memset(text, 0, sizeof(text));
    expect("build id", xc_version(xch, XENVER_build_id, text) < 0, 1);
    expect("availheap", xc_availheap(xch, 0, 0, -1, &bytes), 0);
    expect("of it", (long)(bytes >> 12), FREE_AT_START - DOMAIN_PAGES);
    expect("no such node", xc_availheap(xch, 0, 0, 3, &bytes), 0);
    expect("nothing there", (long)bytes, 0);
    /* Frames 32..63 are below 2^6 pages, the other 32 of the host are not. */
    expect("below 2^18", xc_availheap(xch, 0, 18, -1, &bytes), 0);
    expect("most of 32", bytes >> 12 > 0 && bytes >> 12 <= 32, 1);
    expect("list", xc_domain_getinfolist(xch, 0, 4, info), 2);
    expect("second", info[1].domain, 1);
    expect("list from 2", xc_domain_getinfolist(xch, 2, 4, info), 0);
    expect("list of 1", xc_domain_getinfolist(xch, 0, 1, info), 1);
    expect("ram page", xc_maximum_ram_page(xch, &frame), 0);
    expect("last one", (long)frame, 32 + 64 - 1);
    expect("gpfn", xc_domain_maximum_gpfn(xch, 1, &gpfn), 0);
    expect("gpfn of nobody", xc_domain_maximum_gpfn(xch, 5, &gpfn), -1);
    expect("gpfn: errno", errno, ESRCH);
    expect("width", xc_domain_get_guest_width(xch, 1, &width), 0);
    expect("64 bits", width, 8);
    expect("pool of PV", xc_get_paging_mempool_size(xch, 1, &bytes), -1);
    expect("pool of PV: errno", errno, EOPNOTSUPP);
    expect("scheduler", xc_sched_id(xch, &id), 0);
    expect("topology", xc_cputopoinfo(xch, &cpus, NULL), 0);
    expect("CPUs", cpus, 1);
    pool = xc_cpupool_getinfo(xch, 0);
    expect("pool", pool && pool->n_dom == 2, 1);
    xc_cpupool_infofree(xch, pool);
    expect("shared", xc_sharing_used_frames(xch), 0);
}

/* Who names no domid gets one: the first that is free. */
static void test_any_domid(xc_interface *xch,
                           struct xen_domctl_createdomain *config)
{
    uint32_t domid = 0;

    expect("create any", xc_domain_create(xch, &domid, config), 0);
    expect("domid", domid, 2);
    domid = 0x7FF4; /* DOMID_INVALID */
    expect("create another", xc_domain_create(xch, &domid, config), 0);
    expect("domid", domid, 3);
    expect("destroy", xc_domain_destroy(xch, 3), 0);
    expect("destroy", xc_domain_destroy(xch, 2), 0);
}

/* A hypercall as a program makes it; a domctl or sysctl of this version. */
static long make(unsigned int op, uint32_t cmd)
{
    union
    {
        struct xen_domctl domctl;
        struct xen_sysctl sysctl;
    } arg = { 0 };
    xencall_handle *h = xencall_open(NULL, 0);
    bool control = op == __HYPERVISOR_domctl || op == __HYPERVISOR_sysctl;
    long rc;

    arg.sysctl.cmd = cmd; /* a domctl begins alike */
    arg.sysctl.interface_version = op == __HYPERVISOR_sysctl
                                       ? XEN_SYSCTL_INTERFACE_VERSION
                                       : XEN_DOMCTL_INTERFACE_VERSION;
    rc = xencall2(h, op, control ? (uintptr_t)&arg : cmd, (uintptr_t)&arg);
    xencall_close(h);

    return rc < 0 ? -errno : rc;
}

static unsigned int times(const char *text, const char *line)
{
    unsigned int n = 0;

    for ( ; (text = strstr(text, line)); text += strlen(line) )
        n++;

    return n;
}

/* What is missing is said once, by name and number, with its error. */
static void test_missing(xc_interface *xch, const char *errors)
{
    static const struct
    {
        unsigned int op;
        uint32_t cmd;
        const char *said;
    } missing[] = {
        { __HYPERVISOR_memory_op, XENMEM_machine_memory_map,
          "memory_op 10 (XENMEM_machine_memory_map)" },
        { __HYPERVISOR_memory_op, 63, "memory_op 63 (unknown)" },
        { __HYPERVISOR_domctl, XEN_DOMCTL_max_vcpus,
          "domctl 15 (XEN_DOMCTL_max_vcpus)" },
        { __HYPERVISOR_domctl, XEN_DOMCTL_gdbsx_guestmemio,
          "domctl 1000 (XEN_DOMCTL_gdbsx_guestmemio)" },
        { __HYPERVISOR_domctl, 9999, "domctl 9999 (unknown)" },
        { __HYPERVISOR_sysctl, XEN_SYSCTL_readconsole,
          "sysctl 1 (XEN_SYSCTL_readconsole)" },
        { __HYPERVISOR_sysctl, 9999, "sysctl 9999 (unknown)" },
        { __HYPERVISOR_xen_version, 99, "xen_version 99 (unknown)" },
        { __HYPERVISOR_physdev_op, 0, "hypercall 33 (physdev_op)" },
        { __HYPERVISOR_dm_op, 0, "hypercall 41 (dm_op)" },
        { 47, 0, "hypercall 47 (unknown)" },
    };
    static char text[8192];
    char line[128];
    unsigned int i;
    FILE *f;

    expect("max_vcpus", xc_domain_max_vcpus(xch, 0, 1), -1);
    expect("max_vcpus: errno", errno, ENOSYS);
    expect("of libxendevicemodel",
           xc_hvm_set_pci_intx_level(xch, 1, 0, 0, 0, 0, 1), -1);
    expect("of libxendevicemodel: errno", errno, ENOSYS);
    for ( i = 0; i < 2 * sizeof(missing) / sizeof(missing[0]); i++ )
        expect(missing[i / 2].said,
               make(missing[i / 2].op, missing[i / 2].cmd), -ENOSYS);
    /* More than are named. */
    for ( i = 0; i < 64; i++ )
        expect("domctl", make(__HYPERVISOR_domctl, 10000 + i), -ENOSYS);
    fflush(stderr);
    f = fopen(errors, "r");
    expect("stderr", f != NULL, 1);
    expect("stderr read", fread(text, 1, sizeof(text) - 1, f) > 0, 1);
    fclose(f);
    for ( i = 0; i < sizeof(missing) / sizeof(missing[0]); i++ )
    {
        snprintf(line, sizeof(line),
                 "claimcheck: %s is not implemented: ENOSYS\n",
                 missing[i].said);
        expect(missing[i].said, times(text, line), 1);
    }
    expect("more than are named", times(text, "; the others are not named\n"),
           1);
    expect("weakness said",
           strstr(text, "known weakness grow-on-free of 4.17") != NULL, 1);
}

/* As real builders do: a claim, then superpages as long as there are some, then
 * single pages; on a host of 1 GiB a node. The whole domain is mapped once. */
static void test_large(xc_interface *xch)
{
    xenforeignmemory_handle *foreign = xenforeignmemory_open(NULL, 0);
    enum
    {
        PAGES = 1 << 18,
        SUPER = 256
    };
    static xen_pfn_t frame[PAGES];
    void *at;
    int i;

    expect("max_mem", xc_domain_setmaxmem(xch, 1, PAGES * 4), 0);
    expect("claim", xc_domain_claim_pages(xch, 1, PAGES), 0);
    for ( i = 0; i < PAGES; i++ )
        frame[i] = (xen_pfn_t)i;
    expect("order 9", xc_domain_populate_physmap(xch, 1, SUPER, 9, 0, frame),
           SUPER);
    expect("claimed", (long)claimed(xch), PAGES - SUPER * 512);
    expect("order 16", xc_domain_populate_physmap(xch, 1, 1, 16, 0, frame), 1);
    expect("order 0",
           xc_domain_populate_physmap(xch, 1, PAGES / 4, 0, 0, frame),
           PAGES / 4);
    expect("claimed", (long)claimed(xch), 0);
    at = xenforeignmemory_map(foreign, 1, PROT_READ, PAGES / 4, frame, NULL);
    expect("map", at != NULL, 1);
    expect("unmap", xenforeignmemory_unmap(foreign, at, PAGES / 4), 0);
    expect("more than there is", xc_domain_claim_pages(xch, 1, PAGES * 8), -1);
    expect("more than there is: errno", errno, EINVAL);
    expect("destroy", xc_domain_destroy(xch, 1), 0);
    xenforeignmemory_close(foreign);
}

/* ---- addresses that are not the program's ---- */

static long control(unsigned int op, void *arg)
{
    xencall_handle *h = xencall_open(NULL, 0);
    long rc = xencall1(h, op, (uint64_t)(uintptr_t)arg);

    xencall_close(h);
    return rc ? -errno : 0;
}

/* Xen answers EFAULT to each, and the program lives. */
static void test_bad_pointers(void)
{
    static const unsigned int ops[] = { __HYPERVISOR_domctl,
                                        __HYPERVISOR_sysctl };
    const long page = 4096;
    char *at = mmap(NULL, (size_t)(2 * page), PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct multicall_entry *entry = (void *)(at + page - sizeof(*entry));
    struct xen_sysctl *sysctl = (void *)at;
    struct xen_domctl *domctl = (void *)at;
    xencall_handle *h = xencall_open(NULL, 0);

    mprotect(at + page, (size_t)page, PROT_NONE);
    for ( unsigned int i = 0; i < 2; i++ )
    {
        expect("NULL", control(ops[i], NULL), -EFAULT);
        expect("no page", control(ops[i], at + page), -EFAULT);
        expect("half a page", control(ops[i], at + page - 4), -EFAULT);
        expect("no address", control(ops[i], (void *)UINTPTR_MAX), -EFAULT);
    }
    expect("memory_op",
           xencall2(h, __HYPERVISOR_memory_op, XENMEM_claim_pages, 0), -1);
    expect("memory_op: errno", errno, EFAULT);
    expect("multicall", xencall2(h, __HYPERVISOR_multicall, 0, 1), -1);
    expect("multicall: errno", errno, EFAULT);
    /* The second entry is not there; the first was made. */
    entry->op = __HYPERVISOR_sysctl;
    entry->args[0] = 0;
    expect("entry",
           xencall2(h, __HYPERVISOR_multicall, (uint64_t)(uintptr_t)entry, 2),
           -1);
    expect("entry: errno", errno, EFAULT);
    expect("entry: result", (long)entry->result, -EFAULT);

    /* To be read only: the answer cannot be told. */
    sysctl->cmd = XEN_SYSCTL_physinfo;
    sysctl->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    expect("physinfo", control(__HYPERVISOR_sysctl, sysctl), 0);
    mprotect(at, (size_t)page, PROT_READ);
    expect("read-only", control(__HYPERVISOR_sysctl, sysctl), -EFAULT);
    mprotect(at, (size_t)page, PROT_READ | PROT_WRITE);
    memset(at, 0, sizeof(*domctl));
    domctl->cmd = XEN_DOMCTL_getdomaininfo;
    domctl->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    mprotect(at, (size_t)page, PROT_READ);
    expect("read-only", control(__HYPERVISOR_domctl, domctl), -EFAULT);
    /* Nothing is told of a limit. */
    mprotect(at, (size_t)page, PROT_READ | PROT_WRITE);
    domctl->cmd = XEN_DOMCTL_max_mem;
    domctl->u.max_mem.max_memkb = 64 * 4;
    mprotect(at, (size_t)page, PROT_READ);
    expect("max_mem", control(__HYPERVISOR_domctl, domctl), 0);
    /* Node's memory to nowhere. */
    mprotect(at, (size_t)page, PROT_READ | PROT_WRITE);
    memset(at, 0, sizeof(*sysctl));
    sysctl->cmd = XEN_SYSCTL_numainfo;
    sysctl->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    sysctl->u.numainfo.num_nodes = 1;
    sysctl->u.numainfo.meminfo.p = (void *)(at + page);
    expect("numainfo", control(__HYPERVISOR_sysctl, sysctl), -EFAULT);
    xencall_close(h);
    munmap(at, (size_t)(2 * page));
}

int main(int argc, char **argv)
{
    struct xen_domctl_createdomain config = { .max_vcpus = 1 };
    unsigned int nodes = 4;
    xen_pfn_t frame[FRAMES];
    xc_meminfo_t mem[4];
    uint32_t domid = 1;
    xc_interface *xch;

    expect("usage", argc == 2 || argc == 3, 1);
    expect("stderr to file", freopen(argv[1], "w", stderr) != NULL, 1);
    xch = xc_interface_open(NULL, NULL, 0);
    expect("open", xch != NULL, 1);
    expect("numainfo", xc_numainfo(xch, &nodes, mem, NULL), 0);
    expect("nodes", nodes, argc == 2 ? 1 : 2);
    expect("node's pages", (long)(mem[0].memsize >> 12),
           argc == 2 ? 64 : 1 << 18);
    expect("create", xc_domain_create(xch, &domid, &config), 0);
    if ( argc == 3 )
    {
        test_large(xch);
        xc_interface_close(xch);
        return 0;
    }
    test_bad_pointers();
    test_queries(xch);
    test_any_domid(xch, &config);
    test_decrease(xch, frame);
    test_mappings(xch, frame);
    test_missing(xch, argv[1]);
    xc_interface_close(xch);

    return 0;
}
