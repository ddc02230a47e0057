/* SPDX-License-Identifier: MIT */
/*
 * The faults that are made from tables of checks: which there are, what is
 * known of each, and the walk of a table with one of them planted.
 */
#include "checks.h"
#include "world.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Fault number: table, row, enum check_fault. */
#define ROW_SHIFT 8
#define ROW_MASK (CHECKS_MAX - 1)
#define KIND_MASK 0xff

static const struct check_table *const tables[CHECKS_COUNT] = {
#define TABLE(name) [CHECKS_##name] = &name##_checks,
    CHECK_TABLES(TABLE)
#undef TABLE
};

/* Seen by the result, or by what a dropped check let by. */
#define SEEN_BY_RESULT "RESULT/*"
#define SEEN_AS_USUAL                                                         \
    "RESULT/*,STATE/*,FAIL-SAFE/*,CAP/*,OVER-CLAIM/*,DEAD-CLAIM/*"

static const struct check_table *table_of(uint32_t fault)
{
    uint32_t id = fault >> FAULT_TABLE_SHIFT;

    assert(id > CHECKS_none && id < CHECKS_COUNT);
    return tables[id];
}

static uint32_t row_of(uint32_t fault)
{
    return fault >> ROW_SHIFT & ROW_MASK;
}

static enum check_fault kind_of(uint32_t fault)
{
    return (enum check_fault)(fault & KIND_MASK);
}

/* The first place where a row can stand: behind the one that it needs. */
static uint32_t earliest(const struct check_table *t, uint32_t row)
{
    const char *needs = t->check[row].needs;
    uint32_t i = row;

    if ( !needs )
        return 0;
    do
        assert(i); /* it is an earlier row of the table */
    while ( strcmp(t->check[--i].name, needs) );

    return i + 1;
}

/* The row that a fault is about, and where in the order it stands with it:
 * before others that should come first, if the fault moves a row. */
static uint32_t position(uint32_t fault, uint32_t *row)
{
    *row = row_of(fault);
    switch ( kind_of(fault) )
    {
    case CHECK_SWAP: return (*row)++;
    case CHECK_EARLY: return earliest(table_of(fault), *row);
    default: return *row;
    }
}

/* Is there such a fault? A row cannot go before the one it needs, and going
 * before one other row is a swap. */
static bool exists(uint32_t fault)
{
    const struct check_table *t = table_of(fault);
    uint32_t row, to = position(fault, &row);

    switch ( kind_of(fault) )
    {
    case CHECK_SWAP: return row < t->nr && earliest(t, row) <= to;
    case CHECK_EARLY: return to + 2 <= row;
    default: return true;
    }
}

uint32_t check_fault_next(uint32_t fault)
{
    uint32_t id = fault >> FAULT_TABLE_SHIFT, row = row_of(fault);
    uint32_t kind = kind_of(fault) + 1;

    if ( id == CHECKS_none )
        id = 1, row = kind = 0;
    for ( ; id < CHECKS_COUNT; id++, row = 0 )
        for ( ; row < tables[id]->nr; row++, kind = 0 )
            for ( ; kind < CHECK_FAULTS; kind++ )
            {
                fault = id << FAULT_TABLE_SHIFT | row << ROW_SHIFT | kind;
                if ( exists(fault) )
                    return fault;
            }

    return FAULT_none;
}

const char *check_fault_id(uint32_t fault)
{
    return table_of(fault)->check[row_of(fault)].id[kind_of(fault)];
}

void check_fault_text(uint32_t fault, char *text, size_t size)
{
    static const char *const kind[CHECK_FAULTS] = {
        [CHECK_DROP] = "a check is dropped",
        [CHECK_SWAP] = "neighbouring checks are swapped",
        [CHECK_EARLY] = "a check comes too early",
        [CHECK_ERRNO] = "an errno is exchanged",
    };
    const struct check *k = &table_of(fault)->check[row_of(fault)];

    if ( kind_of(fault) == CHECK_SWAP )
        snprintf(text, size, "%s (%s), then %s (%s); %s", k[1].words,
                 k[1].rule, k->words, k->rule, kind[CHECK_SWAP]);
    else
        snprintf(text, size, "%s (%s); %s", k->words, k->rule,
                 kind[kind_of(fault)]);
}

static unsigned int releases_of(const struct check *k)
{
    return k->releases ? k->releases : RELEASE_MASK_ALL;
}

/* On which a fault can change a result. */
static unsigned int telling_releases(uint32_t fault)
{
    uint32_t row, to = position(fault, &row);
    const struct check *k = table_of(fault)->check;
    unsigned int passed = 0;

    if ( to == row )
        return releases_of(&k[row]);
    for ( ; to < row; to++ )
        if ( k[to].error != k[row].error )
            passed |= releases_of(&k[to]);

    return releases_of(&k[row]) & passed;
}

unsigned int check_fault_releases(uint32_t fault)
{
    unsigned int releases = telling_releases(fault);

    return releases ? releases : RELEASE_MASK_ALL;
}

const char *check_fault_signatures(uint32_t fault)
{
    const struct check *k = &table_of(fault)->check[row_of(fault)];

    if ( kind_of(fault) != CHECK_DROP )
        return SEEN_BY_RESULT;

    return k->caught ? k->caught : SEEN_AS_USUAL;
}

const char *check_fault_unseen(uint32_t fault)
{
    const struct check *k = &table_of(fault)->check[row_of(fault)];

    if ( k->unseen[kind_of(fault)] )
        return k->unseen[kind_of(fault)];
    if ( telling_releases(fault) )
        return NULL;

    return "checks that change places give the same result";
}

/* Rows in the order of a faulty walk. */
static void planted_order(const struct check_table *t, uint32_t fault,
                          uint8_t order[CHECKS_MAX])
{
    uint32_t row, to = position(fault, &row);

    for ( uint32_t i = 0; i < t->nr; i++ )
        order[i] = (uint8_t)i;
    memmove(&order[to + 1], &order[to], row - to);
    order[to] = (uint8_t)row;
}

bool checks_refuse_planted(const struct check_table *t, void *call,
                           uint32_t fault, uint32_t *hits, long *rc)
{
    uint8_t order[CHECKS_MAX];
    uint32_t row;
    int error;

    position(fault, &row);
    planted_order(t, fault, order);
    for ( uint32_t i = 0; i < t->nr; i++ )
    {
        if ( !t->check[order[i]].holds(call) )
            continue;
        error = t->check[order[i]].error;
        if ( order[i] == row )
        {
            fault_hit(hits);
            if ( kind_of(fault) == CHECK_DROP )
                continue;
            if ( kind_of(fault) == CHECK_ERRNO )
                error = error == EINVAL ? EPERM : EINVAL;
        }
        if ( error != START_EXTENT )
            *rc = -error;
        return true;
    }

    return false;
}
