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

/* Errnos that were not returned are one for the tables of what was found. */
static bool is_errno(unsigned int lie)
{
    return lie < FIRST_STATE && !result_lies[lie].relative &&
           result_lies[lie].rc < 0 && result_lies[lie].rc != HV_CONTINUE;
}

/* What is not found at the call: TAKEN(how much is seen, the rule that decides,
 * the lie, why). */
struct taken
{
    enum seen seen;
    const char *row, *lie;
};
#define TAKEN(seen, row, lie, why) { seen, row, lie },
#define FOUND_BY(lie, by)
#define FOUND_IN(where, by)
static const struct taken by_model[] = {
#include "model_lies.def"
};
static const struct taken by_engine[] = {
#include "engine_lies.def"
};
#undef FOUND_IN
#undef FOUND_BY
#undef TAKEN
#define NR_TAKEN(table) (sizeof(table) / sizeof((table)[0]))

/* What each lie is found by, and what is found where: FOUND_BY(lie, invariants),
 * FOUND_IN(second part of a signature, invariants). Weaknesses that were only met
 * because of a lie count, too. */
static const struct found
{
    const char *what, *by;
} found_table[] = {
#define TAKEN(seen, row, lie, why)
#define FOUND_BY(lie, by) { "FOUND_BY " lie, by },
#define FOUND_IN(where, by) { "FOUND_IN " where, by },
#include "engine_lies.def"
#undef FOUND_IN
#undef FOUND_BY
#undef TAKEN
};
#define NR_FOUND (sizeof(found_table) / sizeof(found_table[0]))

/* Where a signature can say that it was: an operation, the drain, the end. */
#define NR_WHERE (OP_COUNT + 2)

static const char *where_name(unsigned int i)
{
    return i < OP_COUNT ? op_table[i].name : i == OP_COUNT ? "drain" : "end";
}

static struct
{
    /* By how much is seen, the rule that decided, and lie. */
    unsigned int taken[NR_SEEN][RULE_COUNT][NR_ALL_LIES];
    char where[NR_SEEN][RULE_COUNT][NR_ALL_LIES][64];
    /* 1 << enum invariant, 1 << enum weakness */
    struct by
    {
        uint64_t invariants;
        uint32_t weaknesses;
        bool known, open; /* what must have been seen instead */
    } by_errno, by_lie[NR_ALL_LIES], by_where[NR_WHERE];
    bool needed[NR_FOUND];
    unsigned int misled;
} became;

/* ---- what became of them ---- */

void lie_taken(enum seen seen, enum rule rule, unsigned int lie,
               const char *where)
{
    if ( !became.taken[seen][rule][lie]++ )
        snprintf(became.where[seen][rule][lie], sizeof(became.where[0][0][0]),
                 "%s", where);
}

static enum invariant invariant_named(const char *signature)
{
    size_t len = strcspn(signature, "/");
    int inv;

    for ( inv = 0; inv < INV_COUNT; inv++ )
        if ( strlen(invariant_table[inv].name) == len &&
             !strncmp(invariant_table[inv].name, signature, len) )
            return (enum invariant)inv;
    fail_msg("%s: no invariant of that name", signature);

    return INV_COUNT;
}

static unsigned int where_of(const char *signature)
{
    const char *name = strchr(signature, '/') + 1;
    unsigned int i;

    for ( i = 0; i < NR_WHERE && strcmp(where_name(i), name); i++ )
        ;
    if ( i == NR_WHERE )
        fail_msg("%s: no place of that name", signature);

    return i;
}

static struct by *by_lie(unsigned int lie)
{
    return is_errno(lie) ? &became.by_errno : &became.by_lie[lie];
}

void lie_is_known(unsigned int lie)
{
    by_lie(lie)->known = true;
}

void lie_leaves_open(unsigned int lie)
{
    by_lie(lie)->open = true;
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

void lie_misleads(enum rule rule, unsigned int lie, const char *where)
{
    if ( is_open(rule) )
        return;
    print_message("%s, %s: another state is expected than there was: %s\n",
                  rule_table[rule].row, lie_name(lie), where);
    became.misled++;
}

bool lie_found(unsigned int lie, const struct run_result *r,
               uint32_t weaknesses)
{
    struct by *by = by_lie(lie);
    uint32_t more = r->weaknesses & ~weaknesses;
    uint64_t inv;

    by->weaknesses |= more;
    if ( r->outcome != RUN_VIOLATION )
        return more;
    inv = UINT64_C(1) << invariant_named(r->signature);
    by->invariants |= inv;
    became.by_where[where_of(r->signature)].invariants |= inv;

    return true;
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

/* Is it found by what the table says, and by nothing else? */
static bool is_found_by(const char *table, const char *what,
                        const struct by *by)
{
    char is[512] = "", key[64];

    for ( int inv = 0; inv < INV_COUNT; inv++ )
        if ( by->invariants >> inv & 1 )
            snprintf(is + strlen(is), sizeof(is) - strlen(is), "%s%s",
                     *is ? " " : "", invariant_table[inv].name);
    for ( int w = 0; w < WEAK_COUNT; w++ )
        if ( by->weaknesses >> w & 1 )
            snprintf(is + strlen(is), sizeof(is) - strlen(is), "%s%s",
                     *is ? " " : "", weakness_table[w].name);
    snprintf(is + strlen(is), sizeof(is) - strlen(is), "%s%s",
             by->known ? ", known" : "", by->open ? ", open" : "");
    snprintf(key, sizeof(key), "%s %s", table, what);
    for ( size_t i = 0; i < NR_FOUND; i++ )
        if ( !strcmp(found_table[i].what, key) &&
             !strcmp(found_table[i].by, is) )
        {
            became.needed[i] = true;
            return true;
        }
    print_message("%s(\"%s\", \"%s\")\n", table, what, is);

    return false;
}

static unsigned int wrongly_found(void)
{
    unsigned int bad = !is_found_by("FOUND_BY", "an errno", &became.by_errno);

    for ( unsigned int i = 0; i < NR_ALL_LIES; i++ )
        if ( !is_errno(i) )
            bad += !is_found_by("FOUND_BY", lie_name(i), &became.by_lie[i]);
    for ( unsigned int i = 0; i < NR_WHERE; i++ )
        bad += !is_found_by("FOUND_IN", where_name(i), &became.by_where[i]);

    /* No row is of nothing. */
    for ( size_t i = 0; i < NR_FOUND; i++ )
        bad += !became.needed[i];

    return bad;
}

unsigned int lies_not_as_listed(void)
{
    return wrongly_taken() + wrongly_found() + became.misled;
}
