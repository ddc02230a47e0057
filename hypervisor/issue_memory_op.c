/* SPDX-License-Identifier: MIT */
/*
 * Carrying out a memory_op: the argument and its list, as a 64-bit or a 32-bit
 * caller lays them out.
 *
 * Not here: domctl and sysctl (issue_control.c).
 */
#include "issue.h"
#include "marks/marks.h"

#include <assert.h>
#include <string.h>

/* Largest: xen_memory_exchange. */
#define ARG_MAX_BYTES sizeof(struct xen_memory_exchange)

_Static_assert(sizeof(struct xen_memory_reservation) == 32 &&
                   sizeof(struct xen_memory_exchange) == 72,
               "64-bit layouts");

static bool is_32bit(const struct hv_call *call)
{
    return call->caller.flags & HV_CALLER_ABI32;
}

static size_t entry_bytes(const struct hv_call *call)
{
    return is_32bit(call) ? 4 : 8;
}

/* The argument as it lies in memory; its size. */
static size_t marshal(const struct hv_call *call, unsigned char *arg)
{
    const struct xen_memory_reservation *r = &call->resv;
    unsigned int op = call->cmd & MEMOP_CMD_MASK;

    if ( op == XENMEM_current_reservation || op == XENMEM_maximum_reservation )
    {
        const struct xen_memory_domain d = { .domid = r->domid };

        memcpy(arg, &d, sizeof(d));
        return sizeof(d);
    }
    if ( is_32bit(call) )
    {
        const uint32_t words[4] = { (uint32_t)(uintptr_t)r->extent_start.p,
                                    (uint32_t)r->nr_extents, r->extent_order,
                                    r->mem_flags };

        memcpy(arg, words, sizeof(words));
        memcpy(arg + 16, &r->domid, 2);
        memcpy(arg + 18, call->pad, 2);
        return COMPAT_RESERVATION_SIZE;
    }
    if ( __builtin_expect(op == XENMEM_exchange, 0) )
    {
        const struct xen_memory_exchange x = {
            .in = *r, .out = call->out, .nr_exchanged = call->nr_exchanged
        };

        memcpy(arg, &x, sizeof(x));
        return sizeof(x);
    }
    memcpy(arg, r, sizeof(*r));
    memcpy(arg + offsetof(struct xen_memory_reservation, domid) + 2, call->pad,
           sizeof(call->pad));

    return sizeof(*r);
}

static void write_list(const struct hypervisor *h, const struct hv_call *call)
{
    size_t width = entry_bytes(call);
    uint64_t addr = (uintptr_t)call->resv.extent_start.p;
    unsigned char *to;

    if ( is_32bit(call) )
        addr = (uint32_t)addr;
    to = h->ops->guest(h->hv, addr, call->list_entries * width);
    assert(to);
    if ( width == 8 )
    {
        memcpy(to, call->list, call->list_entries * width);
        return;
    }
    for ( uint32_t i = 0; i < call->list_entries; i++ )
    {
        uint32_t entry = (uint32_t)call->list[i];

        memcpy(to + i * width, &entry, width);
    }
}

/* The list after the call: read in place where width and alignment allow. */
static void read_list(const struct hypervisor *h, const struct hv_call *call,
                      struct hv_result *result)
{
    size_t width = entry_bytes(call);
    uint64_t addr = (uintptr_t)call->resv.extent_start.p;
    const unsigned char *from;

    if ( is_32bit(call) )
        addr = (uint32_t)addr;
    from = h->ops->guest(h->hv, addr, call->list_entries * width);
    assert(from);
    if ( width == 8 && (uintptr_t)from % 8 == 0 )
    {
        result->list = (const uint64_t *)(const void *)from;
        return;
    }
    MARK(list_in_bits);
    for ( uint32_t i = 0; i < call->list_entries; i++ )
    {
        result->list_space[i] = 0;
        memcpy(&result->list_space[i], from + i * width, width);
    }
    result->list = result->list_space;
}

/* How much of an exchange is done, in a structure that is there whole; else 0. */
static uint64_t exchanged(const struct hypervisor *h,
                          const struct hv_call *call)
{
    const size_t at = offsetof(struct xen_memory_exchange, nr_exchanged);
    uint64_t nr = 0;
    const void *from;

    if ( is_32bit(call) || call->arg_bytes < at + sizeof(nr) )
        return 0;
    from = h->ops->guest(h->hv, call->arg + at, sizeof(nr));
    assert(from);
    memcpy(&nr, from, sizeof(nr));

    return nr;
}

/* Each invocation goes on where the structure says that the last one stopped. */
static unsigned int issue_exchange(const struct hypervisor *h,
                                   const struct hv_call *call,
                                   struct hv_result *result)
{
    unsigned int invocations = 0;
    uint64_t cmd = call->cmd, before;

    do
    {
        invocations++;
        assert(invocations < INVOCATIONS_MAX);
        before = exchanged(h, call);
        result->rc = h->ops->memory_op(h->hv, &call->caller, &cmd, call->arg);
        result->nr_exchanged = exchanged(h, call);
    } while ( result->rc == HV_CONTINUE && result->nr_exchanged != before );

    return invocations;
}

/* Invocations in a row that may do no extent: a populate can be stopped inside
 * one, each time when it has scrubbed a page at least. */
static uint64_t patience(const struct hv_call *call)
{
    return (call->cmd & MEMOP_CMD_MASK) == XENMEM_populate_physmap &&
                   call->resv.extent_order
               ? HV_PAGES_MAX
               : 0;
}

static unsigned int issue_extents(const struct hypervisor *h,
                                  const struct hv_call *call,
                                  struct hv_result *result)
{
    uint64_t cmd = call->cmd, before, idle = 0;
    unsigned int invocations = 0;

    do
    {
        invocations++;
        assert(invocations < INVOCATIONS_MAX);
        before = cmd;
        result->rc = h->ops->memory_op(h->hv, &call->caller, &cmd, call->arg);
        if ( __builtin_expect(result->rc != HV_CONTINUE, 1) )
            break;
        idle = cmd == before ? idle + 1 : 0;
        result->extents = cmd >> MEMOP_EXTENT_SHIFT;
        /* Without progress it would never end: HV_CONTINUE is its result. */
    } while ( idle <= patience(call) && invocations != call->stop );

    return invocations;
}

unsigned int issue_memory_op(const struct hypervisor *h,
                             const struct hv_call *call,
                             struct hv_result *result)
{
    unsigned char arg[ARG_MAX_BYTES];
    size_t size = marshal(call, arg);
    unsigned int invocations;

    assert(call->list_entries <= HV_LIST_MAX);
    if ( call->list_entries )
        write_list(h, call);
    if ( size > call->arg_bytes )
        size = call->arg_bytes;
    if ( size )
    {
        void *to = h->ops->guest(h->hv, call->arg, size);

        assert(to);
        memcpy(to, arg, size);
    }

    if ( __builtin_expect(hv_is_exchange(call), 0) )
        invocations = issue_exchange(h, call, result);
    else
        invocations = issue_extents(h, call, result);

    result->list = NULL;
    if ( call->list_entries )
        read_list(h, call, result);

    return invocations;
}
