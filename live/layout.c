/* SPDX-License-Identifier: MIT */
/* Structures that are laid out otherwise in another release. */
#include "layout.h"

#include <stddef.h>
#include <string.h>

#include "hypervisor/xen_abi.h"

/* createdomain has 64 bytes; from 4.19 on 68, with four (altp2m_opts, here
 * always 0) inserted. Headers of either can be used. */
#define INSERTED_AT 48
#define INSERTED 4
#define OLD_SIZE 64
#define NEW_SIZE (OLD_SIZE + INSERTED)
#define HEADERS_ARE_NEW (sizeof(struct xen_domctl_createdomain) == NEW_SIZE)

_Static_assert(sizeof(struct xen_domctl_createdomain) == OLD_SIZE ||
                   HEADERS_ARE_NEW,
               "a createdomain that is not known here");
_Static_assert(offsetof(struct xen_domctl_createdomain, vmtrace_size) ==
                   INSERTED_AT + (HEADERS_ARE_NEW ? INSERTED : 0),
               "a createdomain that is not known here");

void layout_createdomain(void *config, bool is_new, bool wanted_new)
{
    char *at = (char *)config + INSERTED_AT;

    if ( !is_new && wanted_new )
    {
        memmove(at + INSERTED, at, OLD_SIZE - INSERTED_AT);
        memset(at, 0, INSERTED);
    }
    else if ( is_new && !wanted_new )
    {
        memmove(at, at + INSERTED, OLD_SIZE - INSERTED_AT);
        memset((char *)config + OLD_SIZE, 0, INSERTED);
    }
}

void layout_for(enum release release, void *config)
{
    layout_createdomain(config, HEADERS_ARE_NEW, release >= RELEASE_4_19);
}
