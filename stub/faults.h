/* SPDX-License-Identifier: MIT */
/*
 * Planted faults, chosen at run time: numbers from faults.def and the question
 * that code asks. One compare with a value that is already in cache when the
 * fault is off, and marked unlikely, so that the good path stays straight.
 *
 * Not here: what a fault does; that stands where FAULT_ON is asked.
 */
#ifndef CLAIMCHECK_STUB_FAULTS_H
#define CLAIMCHECK_STUB_FAULTS_H

enum fault
{
    FAULT_none,
#define FAULT(id, what, why) FAULT_##id,
#include "faults.def"
#undef FAULT
    FAULT_COUNT
};

/* holder: struct world or struct heap, whichever the code works on. */
#define FAULT_ON(holder, id) \
    __builtin_expect((holder)->fault == FAULT_##id, 0)

#endif /* CLAIMCHECK_STUB_FAULTS_H */
