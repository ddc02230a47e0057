/* SPDX-License-Identifier: MIT */
/* Leaving out operations; see trim.h. */
#include "trim.h"

#include <assert.h>
#include <string.h>

/* Chunks of 32, 16 .. 1 operations of n are at most 2 n, and one more for each
 * size that does not divide n. */
#define STEPS(n) (2 * (n) + 7)

uint32_t trim_start(struct trim *t, const uint8_t *data, size_t size)
{
    t->step = t->steps = 0;
    if ( program_kind_is_raw(program_bytes_kind(data, size)) )
        return 0;
    program_decode(&t->best, data, size, NULL);
    if ( !t->best.nr_ops )
        return 0;
    t->end = t->best.nr_ops;
    for ( t->chunk = 1; 2 * t->chunk < t->end; t->chunk *= 2 )
        ;
    t->steps = STEPS(t->end);

    return t->steps;
}

size_t trim_next(struct trim *t)
{
    struct program *p = &t->candidate;
    uint32_t n = t->chunk < t->end ? t->chunk : t->end;

    assert(t->step < t->steps && n);
    *p = t->best;
    memmove(&p->op[t->end - n], &p->op[t->end],
            (p->nr_ops - t->end) * sizeof(p->op[0]));
    p->nr_ops = (uint8_t)(p->nr_ops - n);

    return program_encode(p, t->out);
}

uint32_t trim_done(struct trim *t, bool same)
{
    t->end -= t->chunk < t->end ? t->chunk : t->end;
    if ( same )
        t->best = t->candidate;
    while ( !t->end && t->chunk )
    {
        t->chunk /= 2;
        t->end = t->best.nr_ops;
        if ( !t->end )
            t->chunk = 0;
    }
    t->step++;
    assert(t->step < t->steps || !t->chunk);
    if ( !t->chunk )
        t->step = t->steps;

    return t->step;
}
