/* SPDX-License-Identifier: MIT */
/*
 * CLAIMCHECK_ON=live: the hypercalls of a program are passed on to the Xen that it
 * runs on, and recorded; nothing is judged. The libraries that this one stands in
 * for are loaded once more, and their functions are here.
 */
#ifndef CLAIMCHECK_PRELOAD_REAL_H
#define CLAIMCHECK_PRELOAD_REAL_H

#include "host.h"

#include <xencall.h>
#include <xendevicemodel.h>
#include <xenforeignmemory.h>

#pragma GCC visibility push(hidden)

/* library, function, result, parameters */
#define REAL_FUNCTIONS(F)                                                     \
    F(call, xencall_open, xencall_handle *,                                   \
      (struct xentoollog_logger *, unsigned))                                 \
    F(call, xencall_close, int, (xencall_handle *))                           \
    F(call, xencall_fd, int, (xencall_handle *))                              \
    F(call, xencall5, int,                                                    \
      (xencall_handle *, unsigned int, uint64_t, uint64_t, uint64_t,          \
       uint64_t, uint64_t))                                                   \
    F(call, xencall2L, long,                                                  \
      (xencall_handle *, unsigned int, uint64_t, uint64_t))                   \
    F(call, xencall_alloc_buffer_pages, void *, (xencall_handle *, size_t))   \
    F(call, xencall_free_buffer_pages, void,                                  \
      (xencall_handle *, void *, size_t))                                     \
    F(call, xencall_alloc_buffer, void *, (xencall_handle *, size_t))         \
    F(call, xencall_free_buffer, void, (xencall_handle *, void *))            \
    F(call, xencall_buffers_never_fault, int, (xencall_handle *))             \
    F(memory, xenforeignmemory_open, xenforeignmemory_handle *,               \
      (struct xentoollog_logger *, unsigned))                                 \
    F(memory, xenforeignmemory_close, int, (xenforeignmemory_handle *))       \
    F(memory, xenforeignmemory_map, void *,                                   \
      (xenforeignmemory_handle *, uint32_t, int, size_t, const xen_pfn_t *,   \
       int *))                                                                \
    F(memory, xenforeignmemory_unmap, int,                                    \
      (xenforeignmemory_handle *, void *, size_t))                            \
    F(model, xendevicemodel_open, xendevicemodel_handle *,                    \
      (struct xentoollog_logger *, unsigned))                                 \
    F(model, xendevicemodel_close, int, (xendevicemodel_handle *))

struct real
{
#define F(library, name, result, parameters) result(*name) parameters;
    REAL_FUNCTIONS(F)
#undef F
};

/* NULL: the hypervisor is a stubbed one. */
const struct real *preload_real(void);

/* Opens it, for a program of which all is recorded: its release and shape. What
 * is missing is said; exit code 77. */
void preload_real_open(struct preload_host *p, struct host_shape *shape);

/* A hypercall of the program, passed on and recorded; as libxencall returns it.
 * wide: its result is a long. */
long preload_real_call(struct preload_host *p, xencall_handle *xcall,
                       unsigned int op, const uint64_t arg[5], bool wide);

/* A frame was mapped or unmapped. */
void preload_real_mapping(enum hv_call_kind kind, uint16_t domid);

#pragma GCC visibility pop

#endif /* CLAIMCHECK_PRELOAD_REAL_H */
