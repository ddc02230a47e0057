/* SPDX-License-Identifier: MIT */
/*
 * What afl-fuzz calls in the mutator library. It finds them by name, so AFL++
 * has no header that declares them.
 */
#ifndef CLAIMCHECK_MUTATE_AFL_H
#define CLAIMCHECK_MUTATE_AFL_H

#include <stddef.h>
#include <stdint.h>

void *afl_custom_init(void *afl, unsigned int seed);
size_t afl_custom_fuzz(void *data, uint8_t *buf, size_t size, uint8_t **out,
                       uint8_t *add, size_t add_size, size_t limit);
const char *afl_custom_describe(void *data, size_t limit);
int32_t afl_custom_init_trim(void *data, uint8_t *buf, size_t size);
size_t afl_custom_trim(void *data, uint8_t **out);
int32_t afl_custom_post_trim(void *data, unsigned char same);
void afl_custom_deinit(void *data);

#endif /* CLAIMCHECK_MUTATE_AFL_H */
