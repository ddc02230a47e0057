/* SPDX-License-Identifier: MIT */
/* libclaimcheck-xen.so: Xen's names of calls, for messages. The list is made from
 * Xen's headers when the build is configured (names.cmake). */
#include "host.h"

#include <string.h>

/* By the header that has them. */
enum header
{
    HEADER_xen,
    HEADER_domctl,
    HEADER_sysctl,
    HEADER_memory,
    HEADER_version,
};

static const struct
{
    enum header header;
    uint32_t number;
    const char *name;
} names[] = {
#define NAME(header, number, name) { HEADER_##header, number, name },
#include "preload_names.def"
#undef NAME
};

static const char *find(enum header header, uint32_t number)
{
    size_t i;

    for ( i = 0; i < sizeof(names) / sizeof(names[0]); i++ )
        if ( names[i].header == header && names[i].number == number )
            return names[i].name;

    return NULL;
}

const char *preload_call_name(unsigned int op)
{
    const char *name = find(HEADER_xen, op);

    return name ? name + strlen("__HYPERVISOR_") : NULL;
}

const char *preload_command_name(unsigned int op, uint32_t cmd)
{
    switch ( op )
    {
    case __HYPERVISOR_domctl:
        /* Those of the drafts are in no header. */
        return cmd == XEN_DOMCTL_claim_memory ? "XEN_DOMCTL_claim_memory"
               : cmd == XEN_DOMCTL_get_memory_claims
                   ? "XEN_DOMCTL_get_memory_claims"
                   : find(HEADER_domctl, cmd);
    case __HYPERVISOR_sysctl: return find(HEADER_sysctl, cmd);
    case __HYPERVISOR_memory_op: return find(HEADER_memory, cmd);
    case __HYPERVISOR_xen_version: return find(HEADER_version, cmd);
    }

    return NULL;
}
