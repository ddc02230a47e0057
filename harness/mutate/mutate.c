/* SPDX-License-Identifier: MIT */
/* Changes of programs as data and as bytes; see mutate.h. Not here:
 * the changes of programs (changes.c). */
#include "mutate.h"

#include <string.h>

#include "changes.h"

/* Changes made at once in raw calls, at most. */
#define RAW_CHANGES_MAX 4

uint32_t mutate_program(struct program *p, uint64_t seed)
{
    struct choice c;

    choice_from_seed(&c, seed);
    return change(p, &c);
}

const char *mutate_name(uint32_t bit)
{
    if ( bit == MUTATE_JOINED )
        return "join";
    if ( bit == MUTATE_RAW )
        return "raw";

    return bit ? change_name((unsigned int)__builtin_ctz(bit)) : "nothing";
}

void mutate_join(struct program *a, const struct program *b, uint64_t seed)
{
    uint32_t keep, start, n;
    struct choice c;

    choice_from_seed(&c, seed);
    keep = choice_below(&c, a->nr_ops + 1U);
    start = choice_below(&c, b->nr_ops + 1U);
    n = b->nr_ops - start;
    a->nr_ops = (uint8_t)keep;
    n = open_gap(a, keep, n);
    memcpy(&a->op[keep], &b->op[start], n * sizeof(b->op[0]));
    program_settle(a);
}

/* ---- bytes ---- */

static size_t store(struct program *p, uint8_t *data, size_t limit)
{
    uint8_t bytes[PROGRAM_BYTES_MAX];
    size_t size = program_encode(p, bytes);

    while ( size > limit && p->nr_ops )
    {
        p->nr_ops--;
        size = program_encode(p, bytes);
    }
    if ( size > limit )
        size = limit;
    memcpy(data, bytes, size);

    return size;
}

static void change_byte(struct choice *c, uint8_t *at)
{
    if ( choice_below(c, 2) )
        *at ^= (uint8_t)(1U << choice_below(c, 8));
    else
        *at = (uint8_t)choice_below(c, choice_below(c, 2) ? 256 : 8);
}

/* Raw calls keep their layout: bytes change, records are copied or dropped. */
static size_t mutate_raw(struct choice *c, uint8_t *data, size_t size,
                         size_t limit)
{
    const size_t bytes = program_record_bytes(program_bytes_kind(data, size));
    uint32_t records = size < HEADER_BYTES
                           ? 0
                           : (uint32_t)((size - HEADER_BYTES) / bytes);
    uint8_t *end = data + HEADER_BYTES + (size_t)records * bytes;

    if ( size < HEADER_BYTES )
        return size;
    if ( (!records || !choice_below(c, 4)) && records < PROGRAM_OPS_MAX &&
         limit >= (size_t)(end - data) + bytes )
    {
        if ( records )
            memcpy(end,
                   data + HEADER_BYTES +
                       (size_t)choice_below(c, records) * bytes,
                   bytes);
        else
            memset(end, 0, bytes);
        end += bytes;
        records++;
    }
    else if ( records > 1 && !choice_below(c, 8) )
    {
        end -= bytes;
        records--;
    }
    for ( uint32_t n = records ? 1 + choice_below(c, RAW_CHANGES_MAX) : 0; n;
          n-- )
        change_byte(c, data + HEADER_BYTES +
                           choice_below(c, records * (uint32_t)bytes));
    if ( choice_one_in(c, 8) )
    {
        uint32_t at = 1 + choice_below(c, HEADER_BYTES - 1);
        uint8_t was = data[at];

        data[at] = (uint8_t)choice_below(c, 256);
        /* Sysctls stay sysctls, too. */
        if ( at == HEADER_AT_HOST )
            data[at] ^= (data[at] ^ was) & HEADER_SYSCTL;
    }

    return (size_t)(end - data);
}

size_t mutate_noting(uint8_t *data, size_t size, size_t limit, uint64_t seed,
                     uint32_t *did)
{
    struct program p;
    struct choice c;

    if ( program_kind_is_raw(program_bytes_kind(data, size)) )
    {
        choice_from_seed(&c, seed);
        *did = MUTATE_RAW;
        return mutate_raw(&c, data, size, limit);
    }
    program_decode(&p, data, size, NULL);
    *did = mutate_program(&p, seed);

    return store(&p, data, limit);
}

size_t mutate(uint8_t *data, size_t size, size_t limit, uint64_t seed)
{
    uint32_t did;

    return mutate_noting(data, size, limit, seed, &did);
}

size_t mutate_cross(const uint8_t *a, size_t a_size, const uint8_t *b,
                    size_t b_size, uint8_t *out, size_t limit, uint64_t seed)
{
    struct program p, q;

    if ( program_kind_is_raw(program_bytes_kind(a, a_size)) )
    {
        size_t size = a_size < limit ? a_size : limit;

        memcpy(out, a, size);
        return mutate(out, size, limit, seed);
    }
    program_decode(&p, a, a_size, NULL);
    program_decode(&q, b, b_size, NULL);
    mutate_join(&p, &q, seed);

    return store(&p, out, limit);
}
