/* SPDX-License-Identifier: MIT */
/* Between the files that carry out calls (issue*.c); not for plug-ins. */
#ifndef CLAIMCHECK_HYPERVISOR_ISSUE_H
#define CLAIMCHECK_HYPERVISOR_ISSUE_H

#include "hypervisor.h"

/* Continuations after which a call counts as hung: every invocation makes
 * progress by a page or an extent, and no call has more of either. */
#define INVOCATIONS_MAX (1U << 27)

/* Each returns the number of invocations. */
unsigned int issue_memory_op(const struct hypervisor *h,
                             const struct hv_call *call,
                             struct hv_result *result);
unsigned int issue_domctl(const struct hypervisor *h,
                          const struct hv_call *call,
                          struct hv_result *result);
unsigned int issue_sysctl(const struct hypervisor *h, enum release release,
                          const struct hv_call *call,
                          struct hv_result *result);

#endif /* CLAIMCHECK_HYPERVISOR_ISSUE_H */
