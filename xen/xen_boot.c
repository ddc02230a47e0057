/* SPDX-License-Identifier: MIT */
/*
 * Booting, in Xen's order: nodes and frame table, memory to the boot allocator
 * and from it to the heap, dom0, the late part of the heap, and the scrubbing
 * that an idle processor does. With the variables of the machine that Xen's code
 * reads. Memory and variables are zero, or as the compiler set them, before.
 */
#include "xen_world.h"

#include <xen/numa.h>
#include <xen/pdx.h>
#include <xen/softirq.h>

/* ---- the machine, as Xen would have found it ---- */

cpumask_t cpu_online_map;
nodemask_t node_online_map;
nodeid_t cpu_to_node[NR_CPUS];
cpumask_t node_to_cpumask[MAX_NUMNODES];
struct node_data node_data[MAX_NUMNODES];
/* 4.17: the map is by frames, shifted by nothing. */
int memnode_shift;
unsigned long memnodemapsize = FRAMES;
uint8_t *memnodemap = machine_node_of;
unsigned int nr_cpu_ids = 1;

/* Frames are not compressed. */
unsigned long max_page, total_pages;
unsigned long pfn_pdx_bottom_mask = ~0UL, ma_va_bottom_mask = ~0UL;
unsigned long pfn_top_mask, ma_top_mask, pfn_hole_mask;
unsigned int pfn_pdx_hole_shift;
unsigned long xen_phys_start, highmem_start;

enum system_state system_state;

bool __mfn_valid(unsigned long mfn)
{
    return mfn >= HV_FRAME_BASE && mfn < max_page;
}

uint8_t __node_distance(nodeid_t a, nodeid_t b)
{
    return a == b ? 10 : 20; /* as firmware tables usually say */
}

/* On hosts of several nodes Xen keeps low memory for devices. All memory of
 * this machine is that low, so nothing else is looked for first with success. */
unsigned int arch_get_dma_bitsize(void)
{
    return 32;
}

static void init_machine(uint32_t nodes, uint32_t node_pages)
{
    __cpumask_set_cpu(0, &cpu_online_map);
    __cpumask_set_cpu(0, &node_to_cpumask[0]);
    __cpumask_set_cpu(0, per_cpu(cpu_sibling_mask, 0));
    max_page = HV_FRAME_BASE + nodes * node_pages;
    total_pages = nodes * node_pages;
    for ( unsigned int node = 0; node < nodes; node++ )
    {
        unsigned long first = HV_FRAME_BASE + node * node_pages;

        node_set(node, node_online_map);
        NODE_DATA(node)->node_start_pfn = first;
        NODE_DATA(node)->node_spanned_pages = node_pages;
    }
}

/* Memory as firmware would tell it: of each node, and, at higher addresses, so
 * that it comes first, exactly what the free lists of the second and later
 * nodes need. So they take nothing from the host's pages. */
static void init_memory(uint32_t nodes, uint32_t node_pages)
{
    for ( unsigned int node = 0; node < nodes; node++ )
    {
        unsigned long first = HV_FRAME_BASE + node * node_pages;
        unsigned long lists = FRAME_NODE_LISTS(node);

        init_boot_pages(pfn_to_paddr(first), pfn_to_paddr(first + node_pages));
        if ( node )
            init_boot_pages(pfn_to_paddr(lists),
                            pfn_to_paddr(lists + xen_lists_frames()));
    }
    if ( xen_lists_frames() > NODE_LISTS_FRAMES )
        BUG();
}

void xen_boot(uint32_t nodes, uint32_t node_pages, uint32_t dom0_pages)
{
    init_machine(nodes, node_pages);
    system_state = SYS_STATE_early_boot;
    init_memory(nodes, node_pages);
    system_state = SYS_STATE_boot;
    end_boot_allocator();

    if ( xen_domain_create(0) )
        BUG();
    set_current(vcpu_of(0));
    hardware_domain = xen_domains[0];
    xen_domains[0]->is_privileged = true;
    xen_domains[0]->max_pages = total_pages;
    while ( dom0_pages-- )
        if ( !alloc_domheap_pages(xen_domains[0], 0, 0) )
            BUG();

    heap_init_late();
    system_state = SYS_STATE_active;
    while ( scrub_free_pages() )
        ;
}
