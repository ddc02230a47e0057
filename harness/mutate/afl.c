/* SPDX-License-Identifier: MIT */
/*
 * AFL++'s custom mutator interface, for libclaimcheck-mutator.so. Built without
 * instrumentation. Not here: what is changed (mutate.c).
 */
#include "mutate.h"

#include <stdlib.h>
#include <string.h>

struct afl_mutator
{
    uint64_t seed, count;
    uint8_t out[PROGRAM_BYTES_MAX];
};

/* One in so many changes joins two cases. */
#define CROSS_ONE_IN 8

void *afl_custom_init(void *afl, unsigned int seed);
size_t afl_custom_fuzz(void *data, uint8_t *buf, size_t size, uint8_t **out,
                       uint8_t *add, size_t add_size, size_t limit);
const char *afl_custom_describe(void *data, size_t limit);
void afl_custom_deinit(void *data);

void *afl_custom_init(void *afl, unsigned int seed)
{
    struct afl_mutator *m = calloc(1, sizeof(*m));

    (void)afl;
    if ( m )
        m->seed = (uint64_t)seed << 32;

    return m;
}

size_t afl_custom_fuzz(void *data, uint8_t *buf, size_t size, uint8_t **out,
                       uint8_t *add, size_t add_size, size_t limit)
{
    struct afl_mutator *m = data;
    uint64_t seed = m->seed + ++m->count;

    if ( limit > sizeof(m->out) )
        limit = sizeof(m->out);
    if ( size > limit )
        size = limit;
    *out = m->out;
    if ( add && add_size && m->count % CROSS_ONE_IN == 0 )
        return mutate_cross(buf, size, add, add_size, m->out, limit, seed);
    memcpy(m->out, buf, size);

    return mutate(m->out, size, limit, seed);
}

const char *afl_custom_describe(void *data, size_t limit)
{
    (void)data;
    (void)limit;
    return "operations";
}

void afl_custom_deinit(void *data)
{
    free(data);
}
