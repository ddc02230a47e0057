/* SPDX-License-Identifier: MIT */
/*
 * The layout of struct xen_domctl_createdomain, the one structure in use that
 * releases have otherwise (rules 9).
 */
#ifndef CLAIMCHECK_LIVE_LAYOUT_H
#define CLAIMCHECK_LIVE_LAYOUT_H

#include <stdbool.h>

#include "hypervisor/release.h"

/* From the layout of this build's headers to that of a release, in place: there
 * is room for the longer one. */
void layout_for(enum release release, void *config);

/* From one of the two to one of the two. */
void layout_createdomain(void *config, bool is_new, bool wanted_new);

#endif /* CLAIMCHECK_LIVE_LAYOUT_H */
