/* SPDX-License-Identifier: MIT */
/* See lies_became.h. */
#include "lies_became.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const char *const act_names[NR_ACTS] = {
    "fails",       "reads_twice",   "over_claimed",  "part_inside",
    "half_inside", "audit_objects", "holds_secrets", "counts_dirty",
};

const char *lie_name(unsigned int i)
{
    return i < FIRST_STATE    ? result_lies[i].name
           : i < FIRST_REPORT ? lies[i - FIRST_STATE].name
           : i < FIRST_ACT    ? report_lies[i - FIRST_REPORT].name
                              : act_names[i - FIRST_ACT];
}

/* What is not found at the call: TAKEN(how much is seen, the rule that decides,
 * the lie, why). */
struct taken
{
    enum seen seen;
    const char *row, *lie;
};
#define TAKEN(seen, row, lie, why) { seen, row, lie },
static const struct taken by_model[] = {
#include "model_lies.def"
};
static const struct taken by_engine[] = {
#include "engine_lies.def"
};
#undef TAKEN
#define NR_TAKEN(table) (sizeof(table) / sizeof((table)[0]))

static struct
{
    /* By how much is seen, the rule that decided, and lie. */
    unsigned int taken[NR_SEEN][RULE_COUNT][NR_ALL_LIES];
    char where[NR_SEEN][RULE_COUNT][NR_ALL_LIES][64];
    unsigned int misled;
} became;

/* ---- what became of them ---- */

void lie_taken(const struct telling *t, const char *where)
{
    if ( !became.taken[t->seen][t->rule][t->lie]++ )
        snprintf(became.where[t->seen][t->rule][t->lie],
                 sizeof(became.where[0][0][0]), "%s", where);
}

/* Do the rules leave open what it does, but for from which node? */
static bool is_open(enum rule rule)
{
    for ( size_t i = 0; i < NR_TAKEN(by_model); i++ )
        if ( by_model[i].seen == EXACT &&
             !strcmp(by_model[i].row, rule_table[rule].row) &&
             strcmp(by_model[i].lie, "page_elsewhere") != 0 )
            return true;

    return false;
}

void lie_misleads(const struct telling *t, const char *where)
{
    if ( is_open(t->rule) )
        return;
    print_message("%s, %s: another state is expected than there was: %s\n",
                  rule_table[t->rule].row, lie_name(t->lie), where);
    became.misled++;
}

/* ---- is it as listed? ---- */

static bool is_in(const struct taken *table, size_t nr, enum seen seen,
                  unsigned int rule, unsigned int lie)
{
    for ( size_t i = 0; i < nr; i++ )
        if ( table[i].seen == seen &&
             !strcmp(table[i].row, rule_table[rule].row) &&
             !strcmp(table[i].lie, lie_name(lie)) )
            return true;
    return false;
}

/* Those that only the model's table has may be found by the engine. */
static bool is_wrong(enum seen seen, unsigned int rule, unsigned int lie)
{
    bool listed = is_in(by_engine, NR_TAKEN(by_engine), seen, rule, lie);

    if ( became.taken[seen][rule][lie] )
        return !listed &&
               !is_in(by_model, NR_TAKEN(by_model), seen, rule, lie);
    return listed;
}

static unsigned int wrongly_taken(void)
{
    unsigned int bad = 0;

    for ( unsigned int s = 0; s < NR_SEEN; s++ )
        for ( unsigned int r = 0; r < RULE_COUNT; r++ )
            for ( unsigned int i = 0; i < NR_ALL_LIES; i++ )
                if ( is_wrong((enum seen)s, r, i) )
                {
                    print_message("TAKEN(%s, \"%s\", \"%s\"): %u: %s\n",
                                  seen_names[s], rule_table[r].row,
                                  lie_name(i), became.taken[s][r][i],
                                  became.where[s][r][i]);
                    bad++;
                }
    return bad;
}

unsigned int lies_not_as_listed(void)
{
    return wrongly_taken() + became.misled;
}
