/* SPDX-License-Identifier: MIT */
/*
 * Raw domctls on a prepared host: the structure as far as a command here looks
 * at it, where it and what it points to lie, who calls; claim sets in front, on
 * hosts of the drafts. All from the input.
 * Not here: memory_op (fuzz_reservation.c).
 */
#include "target.h"

const bool target_takes_text = false;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Wide programs, too: that is what seeds written as text become. */
    return target_run("fuzz_domctl", 1U << KIND_DOMCTL | 1U << KIND_WIDE, data,
                      size);
}
