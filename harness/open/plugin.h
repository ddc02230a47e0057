/* SPDX-License-Identifier: MIT */
/* Loading plug-ins and checking what they offer (hypervisor/plugin.h). */
#ifndef CLAIMCHECK_OPEN_PLUGIN_H
#define CLAIMCHECK_OPEN_PLUGIN_H

#include "hypervisor/plugin.h"
#include "open.h"

/* The plug-in in that file, found complete; NULL: why says what is wrong. It
 * stays loaded. */
const struct claimcheck_plugin *plugin_load(const char *path,
                                            char why[OPEN_WHY_MAX]);

/* Are all operations there that its capabilities promise? If not, why names
 * one, and h is closed. */
bool plugin_check_hypervisor(const struct hypervisor *h,
                             char why[OPEN_WHY_MAX]);

#endif /* CLAIMCHECK_OPEN_PLUGIN_H */
