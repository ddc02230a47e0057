/* SPDX-License-Identifier: MIT */
/* For headers of this project that Xen's code shares: Xen has no <stddef.h>. */
#ifndef SHIM_STDDEF_H
#define SHIM_STDDEF_H

#include <xen/types.h>

#endif /* SHIM_STDDEF_H */
