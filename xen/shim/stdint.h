/* SPDX-License-Identifier: MIT */
/* For headers of this project that Xen's code shares: Xen has no <stdint.h>. */
#ifndef SHIM_STDINT_H
#define SHIM_STDINT_H

#include <xen/types.h>

#ifndef UINT64_C
#define UINT64_C(x) x##UL
#endif
#ifndef UINT64_MAX
#define UINT64_MAX (~0UL)
#endif
#ifndef UINT32_MAX
#define UINT32_MAX (~0U)
#endif
#endif /* SHIM_STDINT_H */
