/* SPDX-License-Identifier: MIT */
/* Names of values; fields_parse.c reads them, fields_print.c writes them. */
#include "fields_names.h"

const char *const mem_names[MEM_SEL_COUNT] = {
    [MEM_OK] = "ok",
    [MEM_NULL] = "null",
    [MEM_UNMAPPED] = "unmapped",
    [MEM_NONCANONICAL] = "noncanonical",
    [MEM_SHORT] = "short:",
    [MEM_MISALIGNED] = "misaligned",
};

const struct base_text bases[BASE_COUNT] = {
#define BASE(id, text, mean) [BASE_##id] = { (text), (mean) },
#include "pages.def"
#undef BASE
};

static const char *const memory_ops[NUMBERS] = {
    [XENMEM_increase_reservation] = "increase",
    [XENMEM_decrease_reservation] = "decrease",
    [XENMEM_maximum_ram_page] = "maximum_ram_page",
    [XENMEM_current_reservation] = "current_reservation",
    [XENMEM_maximum_reservation] = "maximum_reservation",
    [XENMEM_machphys_mfn_list] = "machphys_mfn_list",
    [XENMEM_populate_physmap] = "populate",
    [XENMEM_add_to_physmap] = "add_to_physmap",
    [XENMEM_memory_map] = "memory_map",
    [XENMEM_machine_memory_map] = "machine_memory_map",
    [XENMEM_exchange] = "exchange",
    [XENMEM_machphys_mapping] = "machphys_mapping",
    [XENMEM_set_memory_map] = "set_memory_map",
    [XENMEM_maximum_gpfn] = "maximum_gpfn",
    [XENMEM_remove_from_physmap] = "remove_from_physmap",
    [XENMEM_set_pod_target] = "set_pod_target",
    [XENMEM_get_pod_target] = "get_pod_target",
    [XENMEM_get_sharing_freed_pages] = "get_sharing_freed_pages",
    [XENMEM_get_sharing_shared_pages] = "get_sharing_shared_pages",
    [XENMEM_paging_op] = "paging_op",
    [XENMEM_access_op] = "access_op",
    [XENMEM_sharing_op] = "sharing_op",
    [XENMEM_add_to_physmap_batch] = "add_to_physmap_batch",
    [XENMEM_claim_pages] = "claim",
    [XENMEM_machphys_compat_mfn_list] = "machphys_compat_mfn_list",
    [XENMEM_get_vnumainfo] = "get_vnumainfo",
    [XENMEM_reserved_device_memory_map] = "reserved_device_memory_map",
    [XENMEM_acquire_resource] = "acquire_resource",
};

const struct domid_text system_domids[NR_SYSTEM_DOMIDS] = {
    { "self", DOMID_SELF }, { "io", DOMID_IO },           { "xen", DOMID_XEN },
    { "cow", DOMID_COW },   { "invalid", DOMID_INVALID }, { "any", DOMID_ANY },
    { "idle", DOMID_IDLE },
};

/* The commands of rules 3.8, and two that are not among them. */
static const char *const domctls[NUMBERS] = {
    [XEN_DOMCTL_createdomain] = "createdomain",
    [XEN_DOMCTL_destroydomain] = "destroydomain",
    [XEN_DOMCTL_pausedomain] = "pausedomain",
    [XEN_DOMCTL_unpausedomain] = "unpausedomain",
    [XEN_DOMCTL_getdomaininfo] = "getdomaininfo",
    [XEN_DOMCTL_max_mem] = "max_mem",
    [XEN_DOMCTL_setnodeaffinity] = "setnodeaffinity",
    [XEN_DOMCTL_getnodeaffinity] = "getnodeaffinity",
};

static const char *const sysctls[NUMBERS] = {
    [XEN_SYSCTL_readconsole] = "readconsole",
    [XEN_SYSCTL_physinfo] = "physinfo",
    [XEN_SYSCTL_numainfo] = "numainfo",
};

const char *const *number_names(enum arg_kind kind)
{
    switch ( kind )
    {
    case ARG_CMD: return memory_ops;
    case ARG_DOMCTL: return domctls;
    case ARG_SYSCTL: return sysctls;
    default: return NULL;
    }
}

const char *cmd_name(unsigned int cmd)
{
    return cmd <= MEMOP_CMD_MASK ? memory_ops[cmd] : NULL;
}

const char *base_name(enum pages_base base)
{
    return bases[base].name;
}

const char *base_meaning(enum pages_base base)
{
    return bases[base].meaning;
}
