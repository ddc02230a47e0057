/* SPDX-License-Identifier: MIT */
/*
 * The sysctl that takes pages out of use, brings them back, or asks (rules
 * 3.16): a range of frames, and an array of a status word for each.
 *
 * Not here: what becomes of a page (the allocator).
 */
#include "checks.h"
#include "world.h"

#include <string.h>

/* Words of a status array whose size still is a number of 32 bits. */
#define STATUS_WORDS_MAX (UINT32_MAX / sizeof(uint32_t))

struct page_offline_call
{
    struct stub *s;
    const struct xen_sysctl_page_offline_op *op;
};

static uint32_t words(const struct page_offline_call *c)
{
    return c->op->end - c->op->start + 1; /* 0: 2^32 */
}

/* clang-format off */
#define PAGE_OFFLINE_CHECKS(CHECK) \
    CHECK(page_offline, range, EINVAL, "rules 3.16 a", \
          "the last frame is below the first", c->op->end < c->op->start,) \
    CHECK(page_offline, memory, ENOMEM, "rules 3.16 b", \
          "more status words than an array can have", \
          !words(c) || words(c) > STATUS_WORDS_MAX,)
/* clang-format on */
#define CHECKED_CALL struct page_offline_call
DEFINE_CHECKS(page_offline, PAGE_OFFLINE_CHECKS)

static bool is_page(const struct stub *s, uint64_t frame)
{
    return frame - HV_FRAME_BASE < s->w.pages;
}

static long do_frame(struct stub *s, uint32_t cmd, uint64_t frame,
                     uint32_t *status)
{
    if ( !is_page(s, frame) || !(s->alloc->caps & ALLOC_CAP_OFFLINE) )
        return -EINVAL;
    switch ( cmd )
    {
    case sysctl_page_offline:
        return s->alloc->offline(s->a, frame, false, status);
    case sysctl_page_online: return s->alloc->online(s->a, frame, status);
    case sysctl_query_page_offline:
        return s->alloc->offline_query(s->a, frame, status);
    default: return -EINVAL;
    }
}

long do_page_offline(struct stub *s,
                     const struct xen_sysctl_page_offline_op *op)
{
    uint64_t to = (uintptr_t)op->status.p;
    struct page_offline_call c = { s, op };
    bool fault = false;
    long rc = 0;

    if ( REFUSED(&s->w, page_offline, &c, &rc) )
        return rc;

    /* Words of frames that nothing was done with are told, too. */
    for ( uint64_t frame = op->start; frame <= op->end && !(rc && fault);
          frame++, to += sizeof(uint32_t) )
    {
        uint32_t status;

        memset(&status, PG_OFFLINE_INVALID, sizeof(status));
        if ( !rc )
            rc = do_frame(s, op->cmd, frame, &status);
        fault = fault || copy_to_guest(&s->guest, to, &status, sizeof(status));
    }

    return fault && !FAULT_ON(&s->w, offline_fault_unseen) ? -EFAULT : rc;
}

long stub_break_page(void *hv, uint64_t frame, uint32_t *status)
{
    struct stub *s = hv;
    long rc = is_page(s, frame) ? s->alloc->offline(s->a, frame, true, status)
                                : -EINVAL;

    locks_none_held(s, __func__, __LINE__);

    return rc;
}
