/* SPDX-License-Identifier: MIT */
/*
 * Marks: `MARK(id);` names a place in the code that tests must reach
 * (marks.def). It stores one byte if marks are built in (CMake:
 * CLAIMCHECK_MARKS, on in debug builds), and does nothing otherwise. Like
 * assert(), it may be used in any folder.
 *
 * The array is the only global that the run path writes. The code under test
 * never reads it, and it is no part of any state.
 */
#ifndef CLAIMCHECK_MARKS_H
#define CLAIMCHECK_MARKS_H

#include <stdbool.h>

enum mark
{
#define MARK(id, kind, text) MARK_##id,
#include "marks.def"
#undef MARK
    MARK_COUNT
};

enum mark_kind
{
    MARK_MUST,
    MARK_NEVER
};

struct mark_info
{
    const char *name, *text;
    enum mark_kind kind;
};

extern const struct mark_info mark_table[MARK_COUNT];

/* Built in? Without them nothing is ever reached. */
extern const bool marks_built_in;

/* 1 where the mark was reached in this process. */
extern unsigned char mark_reached[MARK_COUNT];

/* Number of wrong marks: a MUST that was not reached, a NEVER that was. */
unsigned int marks_wrong(const unsigned char reached[MARK_COUNT]);

#ifdef CLAIMCHECK_MARKS
#define MARK(id) ((void)(mark_reached[MARK_##id] = 1))
#define MARK_IF(cond, id)                                                     \
    do                                                                        \
    {                                                                         \
        if ( cond )                                                           \
            MARK(id);                                                         \
    } while ( 0 )
#else
#define MARK(id) ((void)MARK_##id)
#define MARK_IF(cond, id) ((void)sizeof(!(cond)), MARK(id))
#endif

#endif /* CLAIMCHECK_MARKS_H */
