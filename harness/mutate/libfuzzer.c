/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer's hooks. CLAIMCHECK_MUTATE_RAW is set for targets that take raw
 * calls only. Not here: what is changed (mutate.c).
 */
#include "mutate.h"

#ifdef CLAIMCHECK_MUTATE_RAW
#define FIRST_BYTE (FORMAT_VERSION << FORMAT_VERSION_SHIFT | KIND_RESERVATION)
#endif

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t limit,
                               unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size,
                                 const uint8_t *b, size_t b_size,
                                 uint8_t *out, size_t limit,
                                 unsigned int seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t limit,
                               unsigned int seed)
{
#ifdef CLAIMCHECK_MUTATE_RAW
    if ( program_bytes_kind(data, size) != KIND_RESERVATION &&
         limit >= HEADER_BYTES )
    {
        while ( size < HEADER_BYTES )
            data[size++] = 0;
        data[0] = FIRST_BYTE;
    }
#endif
    return mutate(data, size, limit, seed);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size,
                                 const uint8_t *b, size_t b_size,
                                 uint8_t *out, size_t limit,
                                 unsigned int seed)
{
    return mutate_cross(a, a_size, b, b_size, out, limit, seed);
}
