/* SPDX-License-Identifier: MIT */
/* The table of marks and its check; see marks.h. */
#include "marks.h"

#undef MARK

const struct mark_info mark_table[MARK_COUNT] = {
#define MARK(id, kind, text) [MARK_##id] = { #id, text, MARK_##kind },
#include "marks.def"
#undef MARK
};

#ifdef CLAIMCHECK_MARKS
const bool marks_built_in = true;
#else
const bool marks_built_in = false;
#endif

unsigned char mark_reached[MARK_COUNT];

unsigned int marks_wrong(const unsigned char reached[MARK_COUNT])
{
    unsigned int wrong = 0;

    for ( unsigned int m = 0; m < MARK_COUNT; m++ )
        wrong += !!reached[m] != (mark_table[m].kind == MARK_MUST);

    return wrong;
}
