/* SPDX-License-Identifier: MIT */
/* Counters of a host at several moments, side by side. */
#ifndef CLAIMCHECK_COUNTERS_H
#define CLAIMCHECK_COUNTERS_H

#include <stdio.h>

#include "harness/engine/engine.h"

/* Moments in a table: before, expected, seen. */
#define COUNTER_COLUMNS_MAX 3

struct counter_column
{
    const char *title;
    const struct hv_view *view; /* NULL: not known, shown as "?" */
};

struct counter_table
{
    const char *indent;
    struct counter_column column[COUNTER_COLUMNS_MAX];
    unsigned int nr;
    char mark;        /* of a row in which the last two columns differ */
    bool marked_only; /* leave out the other rows */
};

/* Print it: a row for each counter that is not 0 at all moments. Returns how
 * many rows have a mark. */
unsigned int counters_print(FILE *f, const struct counter_table *t);

/* ---- for who prints it otherwise ---- */

/* Has the counter a row? And has that a mark? */
bool counter_shown(const struct counter_table *t, const struct expect *x,
                   bool *mark);
/* Its value at a moment, in text or constant. */
const char *counter_cell(char text[EXPECT_VALUE_MAX], const struct expect *x,
                         const struct hv_view *view);

#endif /* CLAIMCHECK_COUNTERS_H */
