/* SPDX-License-Identifier: MIT */
/* The stubbed host behind libclaimcheck-xen.so: made from the environment,
 * checked after every call. */
#ifndef CLAIMCHECK_PRELOAD_HOST_H
#define CLAIMCHECK_PRELOAD_HOST_H

#include "../../harness/hypervisor/hypervisor.h"

/* What the preloaded library is made of is not for its program to see. */
#pragma GCC visibility push(hidden)

struct preload_host
{
    struct hypervisor h;
    enum release release;
};

/* Bad values in the environment: says what is wrong with which, exit 2. */
void preload_host_open(struct preload_host *p);

/* Does the host keep its invariants? If not: a report on stderr, and abort.
 * call, cmd: the call just made, for the report. */
void check_after_call(const struct preload_host *p, const char *call,
                      unsigned int cmd);

#pragma GCC visibility pop

#endif /* CLAIMCHECK_PRELOAD_HOST_H */
