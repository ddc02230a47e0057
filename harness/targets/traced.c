/* SPDX-License-Identifier: MIT */
/*
 * Beside standalone.c, the part of an engine that counts edges by
 * -fsanitize-coverage=trace-pc-guard, as honggfuzz and centipede do: how many
 * the inputs reached is printed at the end. scripts/check-oss-fuzz links it to
 * see that a build has the instrumentation such engines want.
 *
 * Not here: any feedback to a mutator; the sanitizers' runtimes have what else
 * the instrumentation calls.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

void __sanitizer_cov_trace_pc_guard_init(uint32_t *begin, uint32_t *end);
void __sanitizer_cov_trace_pc_guard(uint32_t *guard);

/* Of centipede's instrumentation (trace-loads), which no runtime has. */
#define LOAD(bytes)                                                           \
    void __sanitizer_cov_load##bytes(void *address);                          \
    void __sanitizer_cov_load##bytes(void *address)                           \
    {                                                                         \
        (void)address;                                                        \
    }
LOAD(1)
LOAD(2)
LOAD(4)
LOAD(8)
LOAD(16)

static unsigned int edges;

static void print_edges(void)
{
    fprintf(stderr, "edges %u\n", edges);
}

/* Once for each part of the program, some of which it may name twice. */
void __sanitizer_cov_trace_pc_guard_init(uint32_t *begin, uint32_t *end)
{
    static unsigned int parts;

    if ( begin == end || *begin )
        return;
    for ( uint32_t *guard = begin; guard < end; guard++ )
        *guard = 1;
    if ( !parts++ )
        atexit(print_edges);
}

void __sanitizer_cov_trace_pc_guard(uint32_t *guard)
{
    edges += *guard;
    *guard = 0;
}
