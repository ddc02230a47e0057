/* SPDX-License-Identifier: MIT */
/* Choices from bytes and from an odometer; see choice.h. */
#include "choice.h"

#include <string.h>

void choice_from_seed(struct choice *c, uint64_t seed)
{
    memset(c, 0, sizeof(*c));
    c->state = seed;
}

void choice_from_bytes(struct choice *c, const uint8_t *data, size_t size)
{
    static const uint8_t nothing;

    memset(c, 0, sizeof(*c));
    c->data = data ? data : &nothing;
    c->left = size;
    c->ended = !size;
}

void choice_from_odometer(struct choice *c, struct odometer *o)
{
    memset(c, 0, sizeof(*c));
    c->wheels = o;
    o->at = o->nr = 0;
}

/* As few bytes as n needs, so that engines learn what each byte decides. */
static uint32_t from_bytes(struct choice *c, uint32_t n)
{
    uint32_t v = 0;

    for ( uint64_t range = 1; range < n; range <<= 8 )
    {
        if ( !c->left )
        {
            c->ended = true;
            return 0;
        }
        v = v << 8 | *c->data++;
        c->left--;
    }

    return v % n;
}

/* A wheel that has not been turned yet stands at 0. */
static uint32_t from_odometer(struct choice *c, uint32_t n)
{
    struct odometer *o = c->wheels;

    if ( n == 1 )
        return 0;
    if ( o->at == ODOMETER_MAX )
    {
        c->ended = true;
        return 0;
    }
    if ( o->at == o->nr )
    {
        o->digit[o->nr] = 0;
        o->base[o->nr++] = n;
    }
    /* A question other than last time would make a sequence appear twice. */
    assert(o->base[o->at] == n);

    return o->digit[o->at++];
}

uint32_t choice_slow(struct choice *c, uint32_t n)
{
    return c->wheels ? from_odometer(c, n) : from_bytes(c, n);
}

/* Turn the last wheel. One that has come round is taken off and the one before
 * it turned, because what is asked after that may be something else. */
bool choice_next(struct choice *c)
{
    struct odometer *o = c->wheels;

    assert(o);
    o->nr = o->at;
    o->at = 0;
    c->ended = false;
    while ( o->nr )
    {
        if ( ++o->digit[o->nr - 1] < o->base[o->nr - 1] )
            return true;
        o->nr--;
    }

    return false;
}

uint64_t choice_bits(struct choice *c)
{
    uint64_t high;

    if ( !c->data && !c->wheels )
        return choice_mix(&c->state);
    high = choice_below(c, UINT32_MAX);

    return high << 32 | choice_below(c, UINT32_MAX);
}
