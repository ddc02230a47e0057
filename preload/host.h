/* SPDX-License-Identifier: MIT */
/*
 * Shared by the files of libclaimcheck-xen.so: the stubbed host, opened at the
 * first call as the environment says, and the checks after every call.
 */
#ifndef CLAIMCHECK_PRELOAD_HOST_H
#define CLAIMCHECK_PRELOAD_HOST_H

#include "harness/engine/engine.h"

/* As on the processor. */
#define PAGE_BYTES 4096

/* The program must not see the functions of this library. */
#pragma GCC visibility push(hidden)

struct preload_host
{
    struct hypervisor h;
    enum release release;
    struct engine *engine;       /* checks calls; runs no programs */
    uint32_t weaknesses;         /* 1 << enum weakness, reported already */
    uint64_t list[HV_PAGES_MAX]; /* of the current call */
    struct xen_memory_claim entries[HV_ENTRIES_MAX]; /* likewise */
};

/*
 * Takes the lock and returns the host; pair with preload_leave() in the same
 * thread. The first call opens the host. Bad values in the environment: a
 * message that names the variable, exit code 2.
 */
struct preload_host *preload_enter(void);
void preload_leave(void);

/* Call after engine_judge_before() and the call itself. A known weakness is
 * reported once on stderr; a violation is reported there, with call and cmd,
 * and aborts. */
void preload_judge(struct preload_host *p, const struct hv_result *result,
                   const char *call, unsigned int cmd);

/* control.c: memory of the program, copied completely; false: it is not mapped,
 * or not to be written. */
bool preload_read(void *to, uint64_t addr, size_t len);
bool preload_write(uint64_t addr, const void *from, size_t len);
/* As far as it is mapped; in two pages at most. Returns bytes. */
size_t preload_read_some(void *to, uint64_t addr, size_t len);

/* control.c: a call that the program is about to make, for the checks and the
 * recording. call is all zero before. */
void preload_describe_memory_op(struct preload_host *p, struct hv_call *call,
                                uint64_t cmd, uint64_t arg);
/* dom: a domctl, else a sysctl. False: it cannot be read, or it is none of the
 * seam's, and nothing can be said of it. */
bool preload_describe_control(struct preload_host *p, struct hv_call *call,
                              bool dom, uint64_t arg);
/* ... and what it has reported there, after a success. */
void preload_control_told(const struct hv_call *call, uint64_t arg,
                          struct hv_result *result);

/* control.c: the hypercalls, passed to the stub and checked. Results are what
 * Xen returns. */
long preload_memory_op(struct preload_host *p, uint64_t cmd, uint64_t arg);
/* op: __HYPERVISOR_domctl or __HYPERVISOR_sysctl. */
long preload_control(struct preload_host *p, unsigned int op, uint64_t arg);

/* claim_set.c: a domctl about claim sets for the checks, before and after it, and
 * as a step of a test case; false: no operation says it. */
void preload_describe_set(struct preload_host *p, struct hv_call *call,
                          const struct xen_domctl *op);
void preload_read_set(const struct hv_call *call, const struct xen_domctl *op,
                      struct hv_result *result);
bool preload_set_op(struct op *op, const struct hv_call *c, enum op_code code);

/* answers.c: a call that the seam does not have. False: not known here either.
 * Else *rc is what Xen returns. */
bool preload_answer(struct preload_host *p, unsigned int op, uint32_t cmd,
                    uint64_t arg, long *rc);
/* version.c: the hypercall xen_version. */
long preload_version(const struct preload_host *p, uint64_t cmd, uint64_t arg);

/* record.c: the calls as a test case, in that file; without a start nothing is
 * done. Call it after each call. The end writes the file, once, and returns an exit
 * code. */
void preload_record_start(const char *path, const struct host_shape *shape);
void preload_record(const struct hv_call *c, const struct hv_result *r);
int preload_record_end(void);
/* Between true and false nothing is recorded. */
void preload_record_pause(bool paused);

/* names.c: Xen's own name of a hypercall, or of a command of one; NULL if the
 * headers have none. */
const char *preload_call_name(unsigned int op);
const char *preload_command_name(unsigned int op, uint32_t cmd);

#pragma GCC visibility pop

#endif /* CLAIMCHECK_PRELOAD_HOST_H */
