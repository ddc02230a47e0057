/* SPDX-License-Identifier: MIT */
/*
 * AFL++'s custom mutator interface, for libclaimcheck-mutator.so. Built
 * without instrumentation. Not here: what is changed (changes.c), what is left
 * out when trimming (trim.c).
 */
#include "afl.h"
#include "mutate.h"
#include "trim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What names of this mutator's queue files contain; scripts/fuzz counts
 * them. */
#define NAME "operations"
#define NAME_MAX_BYTES 128

struct afl_mutator
{
    uint64_t seed, count;
    uint32_t did; /* of the last change */
    char name[NAME_MAX_BYTES];
    uint8_t out[PROGRAM_BYTES_MAX];
    struct trim trim;
};

/* One change in so many joins two cases. */
#define CROSS_ONE_IN 8

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
    {
        m->did = MUTATE_JOINED;
        return mutate_cross(buf, size, add, add_size, m->out, limit, seed);
    }
    memcpy(m->out, buf, size);

    return mutate_noting(m->out, size, limit, seed, &m->did);
}

/* What the last change did, for a file's name, as far as there is room. */
const char *afl_custom_describe(void *data, size_t limit)
{
    struct afl_mutator *m = data;
    size_t used, room = limit < sizeof(m->name) ? limit : sizeof(m->name);

    used = (size_t)snprintf(m->name, sizeof(m->name), NAME);
    for ( uint32_t did = m->did; did; did &= did - 1 )
    {
        const char *what = mutate_name(did & -did);

        if ( used + 1 + strlen(what) >= room )
            break;
        used += (size_t)sprintf(m->name + used, "-%s", what);
    }

    return m->name;
}

int32_t afl_custom_init_trim(void *data, uint8_t *buf, size_t size)
{
    struct afl_mutator *m = data;

    return (int32_t)trim_start(&m->trim, buf, size);
}

size_t afl_custom_trim(void *data, uint8_t **out)
{
    struct afl_mutator *m = data;

    *out = m->trim.out;
    return trim_next(&m->trim);
}

int32_t afl_custom_post_trim(void *data, unsigned char same)
{
    struct afl_mutator *m = data;

    return (int32_t)trim_done(&m->trim, same);
}

void afl_custom_deinit(void *data)
{
    free(data);
}
