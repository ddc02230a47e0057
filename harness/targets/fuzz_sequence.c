/* SPDX-License-Identifier: MIT */
/*
 * Whole programs: typed operations and raw calls, in any order, on any host.
 * Not here: inputs that are nothing but raw calls (fuzz_reservation.c).
 */
#include "target.h"

const bool target_takes_text = false;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return target_run("fuzz_sequence", 1U << KIND_NARROW | 1U << KIND_WIDE,
                      data, size);
}
