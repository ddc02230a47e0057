/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer's hooks, for targets that take programs. Not here: what is changed
 * (mutate.c).
 */
#include "mutate.h"

/* An empty corpus begins with a line feed, which announces raw calls. */
#define OTHER_KIND(kind) program_kind_is_raw(kind)
#define FIRST_BYTE (FORMAT_VERSION << FORMAT_VERSION_SHIFT | KIND_NARROW)

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t limit,
                               unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size,
                                 const uint8_t *b, size_t b_size, uint8_t *out,
                                 size_t limit, unsigned int seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t limit,
                               unsigned int seed)
{
    if ( OTHER_KIND(program_bytes_kind(data, size)) && limit >= HEADER_BYTES )
    {
        while ( size < HEADER_BYTES )
            data[size++] = 0;
        data[0] = FIRST_BYTE;
    }
    return mutate(data, size, limit, seed);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size,
                                 const uint8_t *b, size_t b_size, uint8_t *out,
                                 size_t limit, unsigned int seed)
{
    return mutate_cross(a, a_size, b, b_size, out, limit, seed);
}
