/* SPDX-License-Identifier: MIT */
/*
 * memory_op for 32-bit callers (rules 2): structures and extent lists are
 * narrower, lists are translated in chunks.
 *
 * A chunk is read as a whole before its extents are tried and written back as
 * a whole after, which is why a list that cannot be written keeps more pages
 * with the domain here than it does on the 64-bit path.
 */
#include "checks.h"
#include "world.h"
#include "marks/marks.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

/* Translation area of 8192 bytes, less the translated structure: entries. */
#define CHUNK_MAX ((8192 - 32) / 8)
/* Where the hypervisor's part of a 32-bit PV address space begins. */
#define COMPAT_END UINT64_C(0xf5800000)

_Static_assert(CHUNK_MAX == 1020, "rules 2.2");

struct compat_call
{
    struct stub *s;
    uint64_t arg;
    struct reservation_args r;
};

/* The caller's structure: 20 bytes, see COMPAT_RESERVATION_SIZE. */
static bool read_reservation(struct compat_call *c)
{
    struct
    {
        uint32_t list, nr, order, flags;
        uint16_t domid, pad;
    } narrow;
    bool readable = read_argument(&c->s->guest, &narrow, c->arg,
                                  sizeof(narrow));

    _Static_assert(sizeof(narrow) == COMPAT_RESERVATION_SIZE, "rules 2.1 a");
    c->r = (struct reservation_args){ .list = narrow.list,
                                      .nr = narrow.nr,
                                      .order = narrow.order,
                                      .flags = narrow.flags,
                                      .domid = narrow.domid };
    return readable;
}

/* Does the list end where the hypervisor begins, or before? */
static bool list_below_xen(const struct compat_call *c)
{
    uint64_t end = c->r.list + c->r.nr * 4;

    if ( !c->r.list ||
         (end == COMPAT_END + 4 && FAULT_ON(&c->s->w, compat_list_range)) )
        return true;

    return end <= COMPAT_END;
}

/* clang-format off */
#define COMPAT_CHECKS(CHECK) \
    CHECK(compat, fault, START_EXTENT, "rules 2.1 a", \
          "20-byte structure cannot be read", !read_reservation(c),) \
    CHECK(compat, count, START_EXTENT, "rules 2.1 b", \
          "more than 2^26-1 extents", \
          c->r.nr > MEMOP_EXTENTS_MAX || \
          (c->r.nr == MEMOP_EXTENTS_MAX && \
           FAULT_ON(&c->s->w, compat_count_range)), .needs = "fault") \
    CHECK(compat, list, START_EXTENT, "rules 2.1 c", \
          "list reaches into Xen's range", !list_below_xen(c), \
          .needs = "fault")
/* clang-format on */
#define CHECKED_CALL struct compat_call
DEFINE_CHECKS(compat, COMPAT_CHECKS)

/* Entries of [start, end) into chunk; the end of what could be read. */
static uint64_t read_chunk(struct stub *s, const struct reservation_args *r,
                           uint64_t start, uint64_t end, uint64_t *chunk)
{
    for ( uint64_t i = start; i < end; i++ )
    {
        uint32_t entry;

        if ( copy_from_guest(&s->guest, &entry, r->list + i * 4, 4) )
            return i;
        chunk[i - start] = entry;
    }
    return end;
}

/* And back; the end of what could be written. */
static uint64_t write_chunk(struct stub *s, const struct reservation_args *r,
                            uint64_t start, uint64_t end,
                            const uint64_t *chunk)
{
    for ( uint64_t i = start; i < end; i++ )
    {
        uint32_t entry = (uint32_t)chunk[i - start];

        if ( copy_to_guest(&s->guest, r->list + i * 4, &entry, 4) )
        {
            MARK(compat_number_lost);
            return i;
        }
    }
    return end;
}

/* One chunk from start on: extents done. *more: the chunk went to its end, its
 * list could be read, and it was not the last; *stopped as in reservation_op(). */
static long do_chunk(struct stub *s, const struct hv_caller *caller,
                     unsigned int op, uint64_t start,
                     const struct reservation_args *whole, bool *more,
                     bool *stopped)
{
    uint64_t chunk[CHUNK_MAX];
    struct reservation_args r = *whole;
    uint64_t end, written;
    bool cut = false;
    long done;

    /* Without a list there is nothing to translate. */
    end = r.list && start + CHUNK_MAX < r.nr ? start + CHUNK_MAX : r.nr;
    if ( r.list && op != XENMEM_increase_reservation )
    {
        uint64_t wanted = end;

        end = read_chunk(s, whole, start, end, chunk);
        cut = end < wanted;
    }
    r.nr = end;
    if ( r.list )
        r.xlat = chunk;
    r.xlat_start = start;
    done = reservation_op(s, caller, op, start, &r, stopped);
    *more = !cut && done == (long)r.nr && r.nr < whole->nr;
    /* Less than start: a planted fault's errno. */
    if ( !r.list || op == XENMEM_decrease_reservation || done < (long)start )
        return done;

    written = write_chunk(s, whole, start, (uint64_t)done, chunk);
    if ( written != (uint64_t)done )
        *more = *stopped = false;

    return (long)written;
}

static long compat_reservation(struct stub *s, const struct hv_caller *caller,
                               uint64_t *cmd, uint64_t arg)
{
    struct compat_call c = { .s = s, .arg = arg };
    unsigned int op = *cmd & MEMOP_CMD_MASK;
    long done = (long)(*cmd >> MEMOP_EXTENT_SHIFT);
    bool more, stopped;

    /* The structure is read for each chunk anew, as if it were a call. */
    do
    {
        if ( REFUSED(&s->w, compat, &c, &done) )
            return done;
        done = do_chunk(s, caller, op, (uint64_t)done, &c.r, &more, &stopped);
        MARK_IF(more, compat_next_piece);
        if ( more && PREEMPTED(s) )
            stopped = true;
    } while ( more && !stopped );

    if ( !stopped )
        return done;
    *cmd = op | ((uint64_t)done << MEMOP_EXTENT_SHIFT);

    return HV_CONTINUE;
}

/* No program has a whole structure of 32 bits, and nothing is done with one. */
static long compat_exchange(struct stub *s, uint64_t arg)
{
    unsigned char narrow[COMPAT_EXCHANGE_SIZE];

    return read_argument(&s->guest, narrow, arg, sizeof(narrow)) ? -ENOSYS
                                                                 : -EFAULT;
}

long compat_memory_op(struct stub *s, const struct hv_caller *caller,
                      uint64_t *cmd, uint64_t arg)
{
    long rc;

    /* The command word of a 32-bit caller is 32 bits wide, and so is arg. */
    *cmd = (uint32_t)*cmd;
    arg = (uint32_t)arg;
    if ( RESERVATION_COMMANDS >> (*cmd & MEMOP_CMD_MASK) & 1 )
        rc = compat_reservation(s, caller, cmd, arg);
    else if ( (*cmd & MEMOP_CMD_MASK) == XENMEM_exchange )
        rc = compat_exchange(s, arg);
    else
        rc = native_memory_op(s, caller, cmd, arg);
    if ( rc > INT_MAX && FAULT_ON(&s->w, compat_not_clipped) )
        return rc;

    return rc > INT_MAX ? INT_MAX : rc;
}
