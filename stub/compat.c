/* SPDX-License-Identifier: MIT */
/*
 * memory_op for 32-bit callers (spec 2): structures and extent lists are
 * narrower, lists are translated in chunks, and claims do not exist.
 *
 * A chunk is read as a whole before its extents are tried and written back as
 * a whole after, which is why a list that cannot be written keeps more pages
 * with the domain here than it does on the 64-bit path.
 */
#include "world.h"
#include "marks/marks.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

/* Translation area of 8192 bytes, less the translated structure: entries. */
#define CHUNK_MAX ((8192 - 32) / 8)
/* Where the hypervisor's part of a 32-bit PV address space begins. */
#define COMPAT_END UINT64_C(0xf5800000)

_Static_assert(CHUNK_MAX == 1020, "spec 2 item 5");

/* The caller's structure: 20 bytes, see COMPAT_RESERVATION_SIZE. */
static bool read_reservation(struct stub *s, uint64_t arg,
                             struct reservation *r)
{
    struct
    {
        uint32_t list, nr, order, flags;
        uint16_t domid, pad;
    } raw;

    _Static_assert(sizeof(raw) == COMPAT_RESERVATION_SIZE, "spec 2 item 4");
    if ( fetch_argument(&s->guest, &raw, arg, sizeof(raw)) )
        return false;

    *r = (struct reservation){ .list = raw.list,
                               .nr = raw.nr,
                               .order = raw.order,
                               .flags = raw.flags,
                               .domid = raw.domid };
    return true;
}

/* Entries of [start, end) into chunk; the end of what could be read. */
static uint64_t read_chunk(struct stub *s, const struct reservation *r,
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
static uint64_t write_chunk(struct stub *s, const struct reservation *r,
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

/* One chunk from start on: extents done. *more: the chunk went to its end, and
 * it was not the last; *stopped as in reservation_op(). */
static uint64_t do_chunk(struct stub *s, const struct hv_caller *caller,
                         unsigned int op, uint64_t start,
                         const struct reservation *whole, bool *more,
                         bool *stopped)
{
    uint64_t chunk[CHUNK_MAX];
    struct reservation r = *whole;
    uint64_t end, done;

    end = start + CHUNK_MAX < r.nr ? start + CHUNK_MAX : r.nr;
    if ( r.list && op != XENMEM_increase_reservation && start < end )
    {
        end = read_chunk(s, whole, start, end, chunk);
        if ( end == start )
        {
            *more = *stopped = false;
            return start;
        }
    }
    if ( end < r.nr )
        r.nr = end;

    if ( r.list )
        r.xlat = chunk;
    r.xlat_start = start;
    done = reservation_op(s, caller, op, start, &r, stopped);
    *more = !*stopped && done == r.nr && r.nr < whole->nr;

    if ( r.list && op != XENMEM_decrease_reservation )
    {
        uint64_t written = write_chunk(s, whole, start, done, chunk);

        if ( written != done )
        {
            *more = *stopped = false;
            done = written;
        }
    }
    return done;
}

/* How many extents, and where their list lies. Planted faults: bounds. */
static bool extents_accessible(const struct world *w,
                               const struct reservation *r)
{
    uint64_t end = r->list + r->nr * 4, limit = COMPAT_END;

    if ( r->nr == MEMOP_EXTENTS_MAX && FAULT_ON(w, compat_count_range) )
        return false;
    if ( r->nr > MEMOP_EXTENTS_MAX )
        return false;
    if ( !r->list )
        return true;
    if ( end == limit + 4 && FAULT_ON(w, compat_list_range) )
        return true;

    return end + !r->nr <= limit || FAULT_ON(w, compat_skips_list_range);
}

static long compat_reservation(struct stub *s, const struct hv_caller *caller,
                               uint64_t *cmd, uint64_t arg)
{
    unsigned int op = *cmd & MEMOP_CMD_MASK;
    uint64_t done = *cmd >> MEMOP_EXTENT_SHIFT;
    struct reservation r = { .domid = 1, .nr = 1 };
    bool more, stopped;

    if ( !read_reservation(s, arg, &r) &&
         !FAULT_ON(&s->w, compat_skips_fault) )
        return (long)done;
    if ( !extents_accessible(&s->w, &r) )
        return (long)done;

    do
    {
        done = do_chunk(s, caller, op, done, &r, &more, &stopped);
        MARK_IF(more, compat_next_piece);
        if ( more && PREEMPTED(s) )
            stopped = true;
    } while ( more && !stopped );

    if ( !stopped )
        return (long)done;
    *cmd = op | (done << MEMOP_EXTENT_SHIFT);

    return HV_CONTINUE;
}

long compat_memory_op(struct stub *s, const struct hv_caller *caller,
                      uint64_t *cmd, uint64_t arg)
{
    long rc;

    if ( (*cmd & MEMOP_CMD_MASK) == XENMEM_claim_pages &&
         FAULT_ON(&s->w, compat_claims) )
        return native_memory_op(s, caller, cmd, arg);
    if ( (*cmd & MEMOP_CMD_MASK) == XENMEM_claim_pages &&
         FAULT_ON(&s->w, compat_claim_einval) )
        return -EINVAL;
    /* The command word of a 32-bit caller is 32 bits wide, and so is arg. */
    *cmd = (uint32_t)*cmd;
    arg = (uint32_t)arg;
    switch ( *cmd & MEMOP_CMD_MASK )
    {
    case XENMEM_increase_reservation:
    case XENMEM_decrease_reservation:
    case XENMEM_populate_physmap:
        rc = compat_reservation(s, caller, cmd, arg);
        break;
    case XENMEM_current_reservation:
    case XENMEM_maximum_reservation:
        rc = native_memory_op(s, caller, cmd, arg);
        break;
    default:
        /* Claims too: no 32-bit entry was ever written (spec 2 item 1). */
        return -ENOSYS;
    }
    if ( rc == HV_CONTINUE ||
         (rc > INT_MAX && FAULT_ON(&s->w, compat_not_clipped)) )
        return rc;

    return rc > INT_MAX ? INT_MAX : rc < INT_MIN ? INT_MIN : rc;
}
