/* SPDX-License-Identifier: MIT */
/*
 * XENMEM_exchange (rules 3.6): pages of a domain for as many others, chunk by
 * chunk. A chunk is one extent of the larger order, and the extents of the
 * other list that are as many pages. What its inputs were is kept in the two
 * arrays of struct stub, so that they can be given back.
 *
 * Not here: 32-bit callers, of whom no program has a whole structure.
 */
#include "checks.h"
#include "world.h"
#include "marks/marks.h"

#define PAGE_SHIFT 12
#define MAX_NUMNODES 64
#define GUEST_LOW_END (UINT64_C(1) << 47)
#define GUEST_HIGH_START UINT64_C(0xffff880000000000)

_Static_assert(sizeof(struct xen_memory_exchange) == 72, "64-bit layout");

struct exchange_call
{
    struct stub *s;
    const struct hv_caller *caller;
    uint64_t start, arg;
    struct xen_memory_exchange x;
    bool read; /* the structure is: from now on nr_exchanged is written back */
    uint32_t in_chunk, out_chunk; /* orders: extents of a chunk           */
    int dom;
    uint32_t nr_in,
        nr_out; /* of the chunk under way, in s->chunk_*          */
};
#define CHECKED_CALL struct exchange_call

/* ---- arguments ---- */

static uint32_t larger_order(const struct exchange_call *c)
{
    return c->x.in.extent_order > c->x.out.extent_order
               ? c->x.in.extent_order
               : c->x.out.extent_order;
}

static uint32_t order_limit(const struct exchange_call *c)
{
    if ( is_control(c->caller) )
        return MAX_ORDER;

    return c->caller->flags & HV_CALLER_HARDWARE ? 12 : 9;
}

/* 64 and above can only come by a planted fault. */
static uint64_t times(uint64_t nr, uint32_t order)
{
    return order < 64 ? nr << order : 0;
}

static bool overflows(const xen_memory_reservation_t *r)
{
    return r->extent_order >= 64 ||
           UINT64_MAX >> r->extent_order < r->nr_extents;
}

static uint64_t address_of(const xen_memory_reservation_t *r, uint64_t entry)
{
    return (uintptr_t)r->extent_start.p + entry * sizeof(xen_pfn_t);
}

/* From an entry on: its bytes can be counted, and begin at a guest's address. */
static bool is_list(const xen_memory_reservation_t *r, uint64_t entry)
{
    uint64_t addr = address_of(r, entry);

    if ( r->nr_extents - entry >= UINT64_MAX / sizeof(xen_pfn_t) )
        return false;

    return addr < GUEST_LOW_END || addr >= GUEST_HIGH_START;
}

/* The entry of the other list that goes with one of the first. */
static uint64_t out_entry(const struct exchange_call *c, uint64_t in)
{
    uint32_t a = c->x.in.extent_order, b = c->x.out.extent_order;

    return a <= b ? in >> ((b - a) & 63) : in << ((a - b) & 63);
}

/* A node that is asked for plus one, or 0. Nobody asks whether it is virtual. */
static uint32_t node_wanted(const struct exchange_call *c)
{
    return (c->x.out.mem_flags & MEMF_NODE_MASK) >> MEMF_NODE_SHIFT;
}

static bool may_choose_node(const struct exchange_call *c)
{
    return c->caller->flags & (HV_CALLER_CONTROL | HV_CALLER_HARDWARE);
}

static bool is_node_bad(const struct exchange_call *c)
{
    uint32_t node = node_wanted(c);

    if ( may_choose_node(c) )
        return node > MAX_NUMNODES;

    return node && (c->x.out.mem_flags & XENMEMF_exact_node_request);
}

static bool is_unread(struct exchange_call *c)
{
    c->read = read_argument(&c->s->guest, &c->x, c->arg, sizeof(c->x));

    return !c->read;
}

/* clang-format off */
#define EXCHANGE_CHECKS(CHECK) \
    CHECK(exchange, start, EINVAL, "rules 3.6 a", "start extent is not 0", \
          c->start,) \
    CHECK(exchange, fault, EFAULT, "rules 3.6 b", \
          "structure cannot be read", is_unread(c),) \
    CHECK(exchange, order, EPERM, "rules 3.6 c", \
          "an order is above the caller's limit", \
          larger_order(c) > order_limit(c), .needs = "fault") \
    CHECK(exchange, done, EINVAL, "rules 3.6 d", \
          "more is exchanged already than there is", \
          c->x.nr_exchanged > c->x.in.nr_extents, .needs = "fault", \
          .unseen[CHECK_SWAP] = "the next one gives the same errno") \
    CHECK(exchange, domids, EINVAL, "rules 3.6 e", \
          "the lists are of two domains", \
          c->x.in.domid != c->x.out.domid, .needs = "fault", \
          .unseen[CHECK_SWAP] = "the next one gives the same errno") \
    CHECK(exchange, overflow, EINVAL, "rules 3.6 f", \
          "a list has more pages than can be counted", \
          overflows(&c->x.in) || overflows(&c->x.out), .needs = "fault", \
          .unseen[CHECK_SWAP] = "the next one gives the same errno") \
    CHECK(exchange, sizes, EINVAL, "rules 3.6 g", \
          "the lists have unequal numbers of pages", \
          times(c->x.in.nr_extents, c->x.in.extent_order) != \
              times(c->x.out.nr_extents, c->x.out.extent_order), \
          .needs = "fault")

#define EXCHANGE_TARGET_CHECKS(CHECK) \
    CHECK(exchange_target, in, EFAULT, "rules 3.6 i", \
          "list of inputs cannot be a guest address", \
          !is_list(&c->x.in, c->x.nr_exchanged), \
          .unseen[CHECK_SWAP] = "the next one gives the same errno") \
    CHECK(exchange_target, out, EFAULT, "rules 3.6 j", \
          "list of outputs cannot be a guest address", \
          !is_list(&c->x.out, out_entry(c, c->x.nr_exchanged)),) \
    CHECK(exchange_target, node, EINVAL, "rules 3.6 k", \
          "node cannot be asked for", is_node_bad(c),) \
    CHECK(exchange_target, domid, ESRCH, "rules 3.6 l", \
          "no domain has that id", \
          !find_domain(c->s, c->caller, c->x.in.domid, &c->dom),) \
    CHECK(exchange_target, xsm, EPERM, "rules 3.6 m", \
          "caller may not touch the domain", \
          !may_target(c->caller, c->dom), .needs = "domid")
/* clang-format on */
DEFINE_CHECKS(exchange, EXCHANGE_CHECKS)
DEFINE_CHECKS(exchange_target, EXCHANGE_TARGET_CHECKS)

static long write_back(struct exchange_call *c, long rc)
{
    const uint64_t at = c->arg +
                        offsetof(struct xen_memory_exchange, nr_exchanged);

    if ( FAULT_ON(&c->s->w, exchange_count_not_written) )
        return rc;

    return copy_to_guest(&c->s->guest, at, &c->x.nr_exchanged,
                         sizeof(c->x.nr_exchanged))
               ? -EFAULT
               : rc;
}

/* ---- a chunk ---- */

static void set_frames(struct exchange_call *c, uint64_t frame, uint32_t n,
                       struct frame as)
{
    for ( uint32_t k = 0; k < n; k++ )
        *frame_of(c->s, frame + k) = as;
}

/* Take a page from its domain, which counts it as owned all the same. */
static bool steal_page(struct exchange_call *c, uint64_t frame)
{
    struct stub *s = c->s;
    struct frame *f = frame_of(s, frame);

    if ( !f || f->owner != c->dom + 1 || f->flags != FRAME_ALLOCATED ||
         (f->maps && !FAULT_ON(&s->w, exchange_takes_mapped)) )
        return false;
    set_frames(c, frame, 1, (struct frame){ .flags = FRAME_ANON });
    s->w.dom[c->dom].allocated--;
    s->alloc->steal(s->a, c->dom, frame);
    s->chunk_in[c->nr_in++] = (uint32_t)(frame - HV_FRAME_BASE);

    return true;
}

static long steal_inputs(struct exchange_call *c, uint64_t chunk)
{
    uint64_t pages = times(1, c->x.in.extent_order), frame;

    for ( uint64_t j = 0; j < UINT64_C(1) << c->in_chunk; j++ )
    {
        uint64_t entry = (chunk << c->in_chunk) + j;

        if ( copy_from_guest(&c->s->guest, &frame, address_of(&c->x.in, entry),
                             sizeof(frame)) )
            return -EFAULT;
        for ( uint64_t k = 0; k < pages; k++ )
            if ( !steal_page(c, frame + k) )
                return -EINVAL;
        if ( !pages )
            return -EINVAL;
    }

    return 0;
}

static long allocate_outputs(struct exchange_call *c)
{
    struct stub *s = c->s;
    struct alloc_request req = { .dom = c->dom,
                                 .order = c->x.out.extent_order,
                                 .flags = ALLOC_NO_REFCOUNT,
                                 .node = ALLOC_NO_NODE,
                                 .zone_max = HV_ZONES - 1 };
    uint32_t bits = XENMEMF_get_address_bits(c->x.out.mem_flags);

    if ( bits )
        req.zone_max = bits <= PAGE_SHIFT ? 1 : bits - PAGE_SHIFT;
    if ( req.zone_max >= HV_ZONES )
        req.zone_max = HV_ZONES - 1;
    if ( node_wanted(c) && may_choose_node(c) )
    {
        req.node = (int)node_wanted(c) - 1;
        if ( (c->x.out.mem_flags & XENMEMF_exact_node_request) &&
             !FAULT_ON(&s->w, exchange_node_ignored) )
            req.flags |= ALLOC_EXACT_NODE;
    }
    if ( FAULT_ON(&s->w, exchange_spends_claim) )
        req.flags &= ~ALLOC_NO_REFCOUNT;
    while ( c->nr_out < UINT32_C(1) << c->out_chunk )
    {
        uint64_t frame = s->alloc->begin(s->a, &req);

        if ( frame == ALLOC_NO_FRAME )
            return -ENOMEM;
        set_frames(c, frame, UINT32_C(1) << req.order,
                   (struct frame){ .flags = FRAME_ANON });
        s->chunk_out[c->nr_out++] = (uint32_t)(frame - HV_FRAME_BASE);
    }

    return 0;
}

static void free_inputs(struct exchange_call *c)
{
    for ( uint32_t i = 0; i < c->nr_in; i++ )
        anon_free_block(c->s, HV_FRAME_BASE + c->s->chunk_in[i], 0);
    c->nr_in = 0;
}

/* A block of the hypervisor's becomes the domain's, which counts it already;
 * before page_alloc_lock is released, for whoever takes it next. */
static bool hand_back(struct exchange_call *c, uint64_t frame, uint32_t order,
                      uint64_t rest)
{
    struct domain *d = &c->s->w.dom[c->dom];
    uint32_t n = UINT32_C(1) << order;

    set_frames(c, frame, n,
               (struct frame){ .owner = (uint8_t)(c->dom + 1),
                               .flags = FRAME_ALLOCATED });
    d->allocated += n;
    if ( c->s->alloc->adopt(c->s->a, c->dom, frame, order, (uint32_t)rest) )
        return true;
    set_frames(c, frame, n, (struct frame){ .flags = FRAME_ANON });
    d->allocated -= n;

    return false;
}

/* Pages that a dying domain does not get back are not counted any more. */
static void lose(struct exchange_call *c, uint32_t pages)
{
    struct domain *d = &c->s->w.dom[c->dom];

    BUG_IF(c->s, d->owned < pages);
    d->owned -= pages;
    if ( pages && !d->owned )
        put_domain(c->s, c->dom);
}

/* The chunk has failed: everything is as before it. */
static void undo(struct exchange_call *c)
{
    uint32_t order = c->x.out.extent_order, lost = 0;

    for ( uint32_t i = 0; i < c->nr_in; i++ )
    {
        uint64_t frame = HV_FRAME_BASE + c->s->chunk_in[i];

        if ( !FAULT_ON(&c->s->w, exchange_loses_inputs) &&
             hand_back(c, frame, 0, 1) )
            continue;
        anon_free_block(c->s, frame, 0);
        lost++;
    }
    if ( !(c->nr_out && FAULT_ON(&c->s->w, exchange_keeps_outputs)) )
        for ( uint32_t i = 0; i < c->nr_out; i++ )
            anon_free_block(c->s, HV_FRAME_BASE + c->s->chunk_out[i], order);
    c->nr_in = c->nr_out = 0;
    lose(c, lost);
}

/* Outputs from number i on cannot be given to a domain that dies: they are free,
 * and it counts that many pages less. */
static void forfeit(struct exchange_call *c, uint32_t i)
{
    uint32_t lost = (uint32_t)times(c->nr_out - i, c->x.out.extent_order);

    for ( ; i < c->nr_out; i++ )
        anon_free_block(c->s, HV_FRAME_BASE + c->s->chunk_out[i],
                        c->x.out.extent_order);
    c->nr_out = 0;
    lose(c, lost);
}

/* 0; -EFAULT: done, but the caller could not be told; HV_CONTINUE in place of
 * it: the domain dies. */
static long give_outputs(struct exchange_call *c, uint64_t chunk)
{
    uint32_t order = c->x.out.extent_order;
    long rc = 0;

    for ( uint32_t j = 0; j < c->nr_out; j++ )
    {
        uint64_t frame = HV_FRAME_BASE + c->s->chunk_out[j], gfn;
        uint64_t at = address_of(&c->x.out, (chunk << c->out_chunk) + j);

        if ( !hand_back(c, frame, order, times(c->nr_out - j, order)) )
        {
            forfeit(c, j);
            return HV_CONTINUE;
        }
        if ( copy_from_guest(&c->s->guest, &gfn, at, sizeof(gfn)) ||
             copy_to_guest(&c->s->guest, at, &frame, sizeof(frame)) )
            rc = -EFAULT;
    }
    c->nr_out = 0;

    return rc;
}

static long exchange_chunk(struct exchange_call *c, uint64_t chunk)
{
    bool early = FAULT_ON(&c->s->w, exchange_frees_first);
    long rc = steal_inputs(c, chunk);

    if ( !rc && early )
        free_inputs(c);
    if ( !rc )
        rc = allocate_outputs(c);
    if ( rc )
    {
        undo(c);
        return rc;
    }
    free_inputs(c);

    return give_outputs(c, chunk);
}

/* ---- the call ---- */

static long exchange_all(struct exchange_call *c)
{
    uint64_t first = c->x.nr_exchanged >> c->in_chunk, chunk;
    uint64_t end = c->x.in.nr_extents >> c->in_chunk;
    long rc = 0;

    for ( chunk = first; chunk < end; chunk++ )
    {
        if ( chunk != first && PREEMPTED(c->s) )
        {
            MARK(exchange_continued);
            c->x.nr_exchanged = chunk << c->in_chunk;
            return write_back(c, HV_CONTINUE);
        }
        rc = exchange_chunk(c, chunk);
        if ( rc )
            break;
    }
    c->x.nr_exchanged = chunk < end || rc ? chunk << c->in_chunk
                                          : c->x.in.nr_extents;

    return write_back(c, rc == HV_CONTINUE ? 0 : rc);
}

long memory_op_exchange(struct stub *s, const struct hv_caller *caller,
                        uint64_t start, uint64_t arg)
{
    struct exchange_call c = {
        .s = s, .caller = caller, .start = start, .arg = arg
    };
    uint32_t in, out;
    long rc;

    if ( REFUSED(&s->w, exchange, &c, &rc) )
        return c.read ? write_back(&c, rc) : rc;
    if ( c.x.nr_exchanged == c.x.in.nr_extents )
        return 0;
    if ( REFUSED(&s->w, exchange_target, &c, &rc) )
        return write_back(&c, rc);
    if ( !s->alloc->steal )
        return -ENOSYS;
    in = c.x.in.extent_order;
    out = c.x.out.extent_order;
    c.in_chunk = in < out ? (out - in) & 63 : 0;
    c.out_chunk = in > out ? (in - out) & 63 : 0;

    return exchange_all(&c);
}
