/* SPDX-License-Identifier: MIT */
/*
 * Raw sysctls on a prepared host: mostly pages that go out of use, with their
 * range, what is to be done, where the status words lie and how many fit there; who
 * calls. All from the input.
 * Not here: pages that are freed after they were marked (fuzz_sequence.c).
 */
#include "target.h"

const bool target_takes_text = false;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Wide programs, too: that is what seeds written as text become. */
    return target_run("fuzz_sysctl", 1U << KIND_SYSCTL | 1U << KIND_WIDE, data,
                      size);
}
