/* SPDX-License-Identifier: MIT */
/*
 * Planted faults, chosen at run time: their numbers and the question that code
 * asks. A number below 2^FAULT_TABLE_SHIFT is a row of faults.def; one above
 * is made from a table of checks (checks.h). The question is one compare with
 * a value that is already in cache when the fault is off, and marked unlikely,
 * so that the good path stays straight.
 *
 * Not here: what a fault does; that stands where FAULT_ON is asked.
 */
#ifndef CLAIMCHECK_STUB_FAULTS_H
#define CLAIMCHECK_STUB_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

/* From this bit on a fault's number holds its table of checks, or 0. */
#define FAULT_TABLE_SHIFT 16

enum fault
{
    FAULT_none,
#define FAULT(id, ...) FAULT_##id,
#include "faults.def"
#undef FAULT
    FAULT_COUNT
};

/* Counts that the place of the fault was reached: a fault that was never
 * reached says nothing about the checks. Code that only reads asks too, hence
 * the cast; the holders themselves are never constant. */
static inline bool fault_hit(const uint32_t *hits)
{
    ++*(uint32_t *)(uintptr_t)hits;
    return true;
}

/* holder: struct world or struct heap, whichever the code works on. Ask last,
 * after the conditions under which the fault would matter. */
#ifdef CLAIMCHECK_NO_PLANTED_FAULTS
#define FAULT_ON(holder, id) false
#else
#define FAULT_ON(holder, id)                                                  \
    (__builtin_expect((holder)->fault == FAULT_##id, 0) &&                    \
     fault_hit(&(holder)->fault_hits))
#endif

#endif /* CLAIMCHECK_STUB_FAULTS_H */
