/* SPDX-License-Identifier: MIT */
/*
 * What lies were found by: the table engine_lies.txt, and whether it is as it was.
 */
#ifndef CLAIMCHECK_TESTS_LIES_FOUND_H
#define CLAIMCHECK_TESTS_LIES_FOUND_H

#include "lies_became.h"

/* Does the engine know what must have been seen instead of the lie? */
enum expected
{
    NOT_ASKED,
    KNOWN,
    OPEN, /* the rules leave it open */
    NR_EXPECTED
};

/* What a run came to; r->weaknesses has those met only because of the lie. */
void lie_found(const struct telling *t, const struct run_result *r,
               enum expected expected);
/* Rows that the table should not have, or does not have. They are printed. */
unsigned int found_not_as_stored(void);
/* Write the table anew. */
void found_store(void);

#endif /* CLAIMCHECK_TESTS_LIES_FOUND_H */
