/* SPDX-License-Identifier: MIT */
/*
 * memory_op: which call it is, reading the structure of the reservation calls
 * for 64-bit callers, and the two queries (rules 3.7). Every other command is
 * -ENOSYS. Not here: claims (claim.c), what extents become (reservation.c),
 * 32-bit callers (compat.c).
 */
#include "checks.h"
#include "world.h"

struct memory_call
{
    struct stub *s;
    const struct hv_caller *caller;
    uint64_t cmd, arg;
    struct xen_memory_domain query;
    int dom;
};
#define CHECKED_CALL struct memory_call

#define QUERIES                                                               \
    (UINT64_C(1) << XENMEM_current_reservation |                              \
     UINT64_C(1) << XENMEM_maximum_reservation)
#define COMMANDS                                                              \
    (RESERVATION_COMMANDS | QUERIES | UINT64_C(1) << XENMEM_claim_pages |     \
     UINT64_C(1) << XENMEM_exchange)

static unsigned int command(uint64_t cmd)
{
    return cmd & MEMOP_CMD_MASK;
}

static long native_reservation(struct stub *s, const struct hv_caller *caller,
                               uint64_t *cmd, uint64_t arg)
{
    uint64_t start = *cmd >> MEMOP_EXTENT_SHIFT;
    struct xen_memory_reservation native;
    struct reservation_args r;
    bool stopped;
    long done;

    r.unreadable = !read_argument(&s->guest, &native, arg, sizeof(native));
    r.list = (uintptr_t)native.extent_start.p;
    r.xlat = NULL;
    r.nr = native.nr_extents;
    r.order = native.extent_order;
    r.flags = native.mem_flags;
    r.domid = native.domid;
    done = reservation_op(s, caller, command(*cmd), start, &r, &stopped);
    if ( !stopped )
        return done;

    if ( FAULT_ON(&s->w, continuation_starts_over) )
        done = (long)start;
    *cmd = command(*cmd) | ((uint64_t)done << MEMOP_EXTENT_SHIFT);
    return HV_CONTINUE;
}

/* ---- current_reservation, maximum_reservation ---- */

/* clang-format off */
#define QUERY_CHECKS(CHECK) \
    CHECK(query, start, EINVAL, "rules 3.7 a", "start extent is not 0", \
          c->cmd >> MEMOP_EXTENT_SHIFT,) \
    CHECK(query, fault, EFAULT, "rules 3.7 b", "argument cannot be read", \
          !read_argument(&c->s->guest, &c->query, c->arg, sizeof(c->query)),) \
    CHECK(query, domid, ESRCH, "rules 3.7 c", "no domain has that id", \
          !find_domain(c->s, c->caller, c->query.domid, &c->dom), \
          .needs = "fault") \
    CHECK(query, xsm, EPERM, "rules 3.7 d", "caller may not ask about it", \
          !is_control(c->caller) && c->query.domid != DOMID_SELF && \
          c->query.domid != c->caller->domid, .needs = "fault")
/* clang-format on */
DEFINE_CHECKS(query, QUERY_CHECKS)

static long query(struct stub *s, const struct hv_caller *caller, uint64_t cmd,
                  uint64_t arg)
{
    struct memory_call c = {
        .s = s, .caller = caller, .cmd = cmd, .arg = arg
    };
    struct hv_domain_view counts;
    long rc;

    if ( REFUSED(&s->w, query, &c, &rc) )
        return rc;

    counts = counts_of(s, c.dom);
    if ( counts.extra && FAULT_ON(&s->w, query_counts_extra_pages) )
        counts.tot += counts.extra;
    return command(cmd) == XENMEM_current_reservation ? counts.tot
                                                      : counts.max;
}

/* ---- which call it is ---- */

/* clang-format off */
#define MEMORY_OP_CHECKS(CHECK) \
    CHECK(memory_op, user, EPERM, "rules 1.1 0a", "caller outside ring 0", \
          c->caller->flags & HV_CALLER_USER,) \
    CHECK(memory_op, compat, ENOSYS, "rules 1.1 0b", "claim from 32 bits", \
          (c->caller->flags & HV_CALLER_ABI32) && \
          command(c->cmd) == XENMEM_claim_pages,) \
    CHECK(memory_op, command, ENOSYS, "rules 1.1 1", "unknown command", \
          !(COMMANDS >> command(c->cmd) & 1),)
/* clang-format on */
DEFINE_CHECKS(memory_op, MEMORY_OP_CHECKS)

long native_memory_op(struct stub *s, const struct hv_caller *caller,
                      uint64_t *cmd, uint64_t arg)
{
    if ( RESERVATION_COMMANDS >> command(*cmd) & 1 )
        return native_reservation(s, caller, cmd, arg);
    if ( command(*cmd) == XENMEM_claim_pages )
        return memory_op_claim(s, caller, *cmd >> MEMOP_EXTENT_SHIFT, arg);
    if ( command(*cmd) == XENMEM_exchange )
        return memory_op_exchange(s, caller, *cmd >> MEMOP_EXTENT_SHIFT, arg);
    /* Another one only comes here by a planted fault. */
    return QUERIES >> command(*cmd) & 1 ? query(s, caller, *cmd, arg) : 0;
}

long stub_memory_op(void *hv, const struct hv_caller *caller, uint64_t *cmd,
                    uint64_t arg)
{
    struct stub *s = hv;
    struct memory_call c;
    long rc;

    c.s = s;
    c.caller = caller;
    c.cmd = *cmd;
    guest_begin(&s->guest);
    if ( REFUSED(&s->w, memory_op, &c, &rc) )
        return rc;
    if ( caller->flags & HV_CALLER_ABI32 )
        rc = compat_memory_op(s, caller, cmd, arg);
    else
        rc = native_memory_op(s, caller, cmd, arg);
    locks_none_held(s, __func__, __LINE__);

    return rc;
}
