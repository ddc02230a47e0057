/* SPDX-License-Identifier: MIT */
/* For headers of this project that Xen's code shares: Xen has no <stdbool.h>. */
#ifndef SHIM_STDBOOL_H
#define SHIM_STDBOOL_H

#include <xen/types.h>

#endif /* SHIM_STDBOOL_H */
