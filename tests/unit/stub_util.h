/* SPDX-License-Identifier: MIT */
/*
 * What the stub's tests share: a stub on a host, calls in one line each, and a
 * fail hook to come back from.
 */
#ifndef CLAIMCHECK_TESTS_STUB_UTIL_H
#define CLAIMCHECK_TESTS_STUB_UTIL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "examples/bitmap_allocator.h"
#include "stub/heap.h"
#include "stub/world.h"

#define ARG_AT (GUEST_ARG_END - sizeof(struct xen_memory_reservation))

struct bench
{
    struct hypervisor h;
    struct host_shape shape;
    struct hv_hooks hooks;
    struct hv_result r;
    jmp_buf back;
    const char *id; /* what the fail hook was told */
    char what[160];
    uint32_t preempts; /* times that preempt() still says yes */
    uint64_t list[HV_LIST_MAX];
};

static _Noreturn inline void bench_fail(void *ctx, const char *id,
                                        const char *what, const char *file,
                                        int line)
{
    struct bench *b = ctx;

    (void)file;
    (void)line;
    b->id = id;
    snprintf(b->what, sizeof(b->what), "%s", what);
    longjmp(b->back, 1);
}

static inline bool bench_preempt(void *ctx)
{
    struct bench *b = ctx;

    return b->preempts && b->preempts--;
}

static inline void bench_reset(struct bench *b, enum release release,
                               uint32_t nodes, uint32_t pages, bool llc)
{
    b->shape = (struct host_shape){ .release = (uint8_t)release,
                                    .nodes = (uint8_t)nodes,
                                    .node_pages = pages,
                                    .llc = llc };
    b->id = NULL;
    b->preempts = 0;
    b->hooks.ctx = b;
    b->hooks.fail = bench_fail;
    b->hooks.preempt = bench_preempt;
    b->h.ops->reset(b->h.hv, &b->shape, &b->hooks);
}

static inline void bench_open(struct bench *b,
                              const struct allocator_ops *allocator,
                              const char *fault)
{
    const struct stub_options o = { .allocator = allocator, .fault = fault };
    const char *why = NULL;

    memset(b, 0, sizeof(*b));
    assert_true(stub_open(&b->h, &o, &why));
    bench_reset(b, RELEASE_4_22, 1, 64, false);
}

static inline void bench_close(struct bench *b)
{
    b->h.ops->close(b->h.hv);
}

static inline struct stub *bench_stub(struct bench *b)
{
    return b->h.hv;
}

static inline struct heap *bench_heap(struct bench *b)
{
    return bench_stub(b)->a;
}

static inline struct hv_view view_of(struct bench *b)
{
    struct hv_view v;

    b->h.ops->observe(b->h.hv, &v);
    return v;
}

static inline void assert_sound(struct bench *b)
{
    char why[160] = "";
    const char *id = b->h.ops->audit(b->h.hv, why, sizeof(why));

    if ( id )
        fail_msg("%s: %s", id, why);
}

static inline struct hv_caller caller_guest(uint16_t domid)
{
    return (struct hv_caller){ .domid = domid };
}

/* As by an allocator that does all in one piece, with the two of another. */
static inline uint64_t alloc_whole(const struct allocator_ops *ops, void *a,
                                   const struct alloc_request *req)
{
    uint64_t frame = ops->begin(a, req);

    if ( frame == ALLOC_NO_FRAME || req->dom < 0 || ops->end(a, req, frame) )
        return frame;

    return ALLOC_NO_FRAME;
}

/* ---- calls ---- */

static inline struct hv_call memory_call(unsigned int op, uint16_t domid,
                                         uint64_t nr)
{
    return (struct hv_call){
        .kind = HV_CALL_MEMORY_OP,
        .caller = hv_caller_dom0(),
        .arg = ARG_AT,
        .arg_bytes = sizeof(struct xen_memory_reservation),
        .cmd = op,
        .resv = { .nr_extents = nr, .domid = domid },
    };
}

static inline long issue(struct bench *b, const struct hv_call *call)
{
    hv_issue(&b->h, b->shape.release, call, &b->r);
    return b->r.rc;
}

static inline long claim(struct bench *b, uint16_t domid, uint64_t pages)
{
    struct hv_call c = memory_call(XENMEM_claim_pages, domid, pages);

    return issue(b, &c);
}

/* A call with an extent list of nr entries, taken from b->list, which then
 * gets what the call left. */
static inline long with_list(struct bench *b, unsigned int op, uint16_t domid,
                             uint32_t nr, uint32_t order, uint32_t flags)
{
    struct hv_call c = memory_call(op, domid, nr);
    long rc;

    c.resv.extent_order = order;
    c.resv.mem_flags = flags;
    c.resv.extent_start.p = (void *)(uintptr_t)(GUEST_LIST_END - nr * 8);
    c.list_entries = nr;
    c.list = b->list;
    rc = issue(b, &c);
    if ( b->r.list )
        memcpy(b->list, b->r.list, nr * sizeof(b->list[0]));

    return rc;
}

static inline long populate(struct bench *b, uint16_t domid, uint32_t nr,
                            uint32_t order)
{
    return with_list(b, XENMEM_populate_physmap, domid, nr, order, 0);
}

static inline long decrease(struct bench *b, uint16_t domid, uint32_t nr)
{
    return with_list(b, XENMEM_decrease_reservation, domid, nr, 0, 0);
}

static inline long domctl(struct bench *b, uint32_t cmd, uint16_t domid,
                          uint64_t value)
{
    struct hv_call c = {
        .kind = HV_CALL_DOMCTL,
        .caller = hv_caller_dom0(),
        .domctl = { .cmd = cmd,
                    .domid = domid,
                    .value = value,
                    .version = hv_domctl_version(b->shape.release) },
    };

    return issue(b, &c);
}

static inline long max_mem(struct bench *b, uint16_t domid, uint64_t pages)
{
    return domctl(b, XEN_DOMCTL_max_mem, domid, pages * 4);
}

static inline void create(struct bench *b, uint16_t domid, uint64_t max)
{
    assert_int_equal(domctl(b, XEN_DOMCTL_createdomain, domid, 0), 0);
    assert_int_equal(max_mem(b, domid, max), 0);
}

static inline long destroy(struct bench *b, uint16_t domid, uint32_t steps)
{
    struct hv_call c = {
        .kind = HV_CALL_DOMCTL,
        .caller = hv_caller_dom0(),
        .domctl = { .cmd = XEN_DOMCTL_destroydomain,
                    .domid = domid,
                    .version = hv_domctl_version(b->shape.release),
                    .preempt = steps },
    };

    return issue(b, &c);
}

/* Regime of a release, for tests written by regime. */
static inline char regime(enum release r)
{
    if ( r == RELEASE_4_21 )
        return 'B';
    return r <= RELEASE_4_19 || r == RELEASE_4_20 ? 'A' : 'C';
}

/* ---- fixtures: a stub with d1, whose limit is 40 pages ---- */

static inline int bench_setup(void **state)
{
    struct bench *b = test_malloc(sizeof(*b));

    bench_open(b, NULL, NULL);
    create(b, 1, 40);
    *state = b;
    return 0;
}

static inline int bench_teardown(void **state)
{
    bench_close(*state);
    test_free(*state);
    return 0;
}

static inline int bench_teardown_sound(void **state)
{
    assert_sound(*state);
    return bench_teardown(state);
}

/* The hash must not change while this call gives that result. */
static inline void expect_refused(struct bench *b, const struct hv_call *c,
                                  long rc)
{
    uint64_t hash = b->h.ops->hash(b->h.hv);

    assert_int_equal(issue(b, c), rc);
    assert_int_equal(b->h.ops->hash(b->h.hv), hash);
    assert_int_equal(b->h.ops->fetched_twice(b->h.hv), 0);
}

#endif /* CLAIMCHECK_TESTS_STUB_UTIL_H */
