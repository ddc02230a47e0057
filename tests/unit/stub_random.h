/* SPDX-License-Identifier: MIT */
/* Random calls, the same on every machine. */
#ifndef CLAIMCHECK_TESTS_STUB_RANDOM_H
#define CLAIMCHECK_TESTS_STUB_RANDOM_H

#include "stub_util.h"

/* A generator of our own: the same numbers on every machine. */
static inline uint32_t next(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(*seed >> 33);
}

/* The id-th frame of a domain, or none. */
static inline uint64_t frame_of_domain(struct bench *b, uint16_t domid,
                                       uint32_t skip)
{
    const struct stub *s = bench_stub(b);

    for ( uint32_t i = 0; i < s->w.pages; i++ )
        if ( s->frame[i].owner == domid + 1 && !skip-- )
            return HV_FRAME_BASE + i;
    return 0;
}

static inline void random_call(struct bench *b, uint64_t *seed)
{
    uint16_t d = (uint16_t)(next(seed) % 4);
    uint32_t n = next(seed) % 40, order = next(seed) % 3;
    uint64_t frame = frame_of_domain(b, d, next(seed) % 8);

    b->preempts = next(seed) % 4;
    switch ( next(seed) % 12 )
    {
    case 0: (void)domctl(b, XEN_DOMCTL_createdomain, d, 0); break;
    case 1: (void)max_mem(b, d, n * 2); break;
    case 2:
    case 3: (void)claim(b, d, n); break;
    case 4:
    case 5: (void)populate(b, d, n / 4 + 1, order); break;
    case 6:
        b->list[0] = frame;
        (void)decrease(b, d, 1);
        break;
    case 7: (void)b->h.ops->map(b->h.hv, d, frame); break;
    case 8: (void)b->h.ops->unmap(b->h.hv, d, frame); break;
    case 9: (void)b->h.ops->extra_alloc(b->h.hv, d, &frame); break;
    case 10: (void)b->h.ops->extra_free(b->h.hv, d, frame); break;
    default: (void)destroy(b, d, n % 4); break;
    }
}

#endif /* CLAIMCHECK_TESTS_STUB_RANDOM_H */
