/* SPDX-License-Identifier: MIT */
/*
 * Raw memory_op calls on a prepared host: the 32 bytes of the structure, the
 * command word, where it lies, who calls and how wide: all from the input.
 * Not here: building up states by typed operations (fuzz_sequence.c).
 */
#include "target.h"

const bool target_takes_text = false;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Wide programs, too: that is what seeds written as text become. */
    return target_run("fuzz_reservation",
                      1U << KIND_RESERVATION | 1U << KIND_WIDE, data, size);
}
