/* SPDX-License-Identifier: MIT */
/*
 * What the files of libclaimcheck-xen.so share: the stubbed host, made from
 * the environment at the first call, and the judge of every call.
 */
#ifndef CLAIMCHECK_PRELOAD_HOST_H
#define CLAIMCHECK_PRELOAD_HOST_H

#include "harness/engine/engine.h"

/* Pages are the processor's. */
#define PAGE_BYTES 4096

/* What the preloaded library is made of is not for its program to see. */
#pragma GCC visibility push(hidden)

struct preload_host
{
    struct hypervisor h;
    enum release release;
    struct engine engine;        /* judges; runs nothing */
    uint32_t weaknesses;         /* 1 << enum weakness of those told */
    uint64_t list[HV_PAGES_MAX]; /* of the call under way, for the judge */
};

/*
 * The host, to be left again by the same thread. The first time it is made as
 * the environment says; bad values there: says what is wrong with which, exit
 * 2.
 */
struct preload_host *preload_enter(void);
void preload_leave(void);

/* After engine_judge_before() and the call itself: a known weakness is told
 * once on stderr; on a violation, a report there, and abort. call, cmd: for
 * it. */
void preload_judge(struct preload_host *p, const struct hv_result *result,
                   const char *call, unsigned int cmd);

/* control.c: the hypercalls, to the stub and judged; as Xen returns them. */
long preload_memory_op(struct preload_host *p, uint64_t cmd, uint64_t arg);
/* op: __HYPERVISOR_domctl or __HYPERVISOR_sysctl. */
long preload_control(struct preload_host *p, unsigned int op, uint64_t arg);

#pragma GCC visibility pop

#endif /* CLAIMCHECK_PRELOAD_HOST_H */
