/* SPDX-License-Identifier: MIT */
/*
 * What lies were found by: one row for each operation, lie and thing that was
 * said, in the order of strcmp():
 *
 *     claim: claim_less (exact, drift; known): KEEP/claim: dN's claim fell ...
 *
 * In brackets is how much of the host was seen, and whether engine_expected() knew
 * what must have been seen instead (known), or left it open. What was said is the
 * signature and text of the violation, with "N" for each number and "E" for each
 * errno, or the name of a weakness that is met only because of the lie. A run ends
 * with its first violation, so there are no others.
 *
 * Of each lie only a few are told where one rule decides (engine_lies.c), so a new
 * case may bring rows and take others away. engine_lies --update writes the table
 * anew; a changed row is to be understood, not copied.
 */
#include "lies_found.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define SAID_MAX (SIGNATURE_MAX + sizeof(": ") + DETAIL_MAX)
#define ROW_MAX (SAID_MAX + 128)
/* A table by hash: more than twice the rows there are. */
#define ROWS_MAX 8192

struct row
{
    char said[SAID_MAX];
    unsigned int op, lie;
    uint32_t seen;     /* 1 << enum seen     */
    uint32_t expected; /* 1 << enum expected */
};

static struct row rows[ROWS_MAX];
static unsigned int nr_rows;

/* ---- the rows ---- */

/* Errnos that were not returned are one lie. */
static const char *name_of(unsigned int lie)
{
    bool is_errno = lie < FIRST_STATE && !result_lies[lie].relative &&
                    result_lies[lie].rc < 0 &&
                    result_lies[lie].rc != HV_CONTINUE;

    return is_errno ? "an errno" : lie_name(lie);
}

/* The length of an errno's name at text, or 0. */
static size_t errno_length(const char *text)
{
    size_t len = *text == 'E' ? 1 : 0;

    while ( len && (isupper((unsigned char)text[len]) ||
                    isdigit((unsigned char)text[len])) )
        len++;

    return len > 2 ? len : 0;
}

/* A text without its numbers, and without the rule, which the model names. */
static void generalise(char *to, size_t size, const char *text)
{
    const char *rules = strstr(text, " (rules ");
    const char *end = rules ? rules : text + strlen(text);
    size_t n = 0;

    while ( text < end && n < size - 1 )
    {
        size_t digits = strspn(text, "0123456789"), name = errno_length(text);

        to[n] = *text;
        if ( digits )
            to[n] = 'N';
        n++;
        text += digits ? digits : name ? name : 1;
    }
    to[n] = 0;
}

static struct row *row_of(unsigned int op, unsigned int lie, const char *said)
{
    const char *name = name_of(lie);
    uint32_t hash = op;

    for ( const char *c = name; *c; c++ )
        hash = hash * 31 + (unsigned char)*c;
    for ( const char *c = said; *c; c++ )
        hash = hash * 31 + (unsigned char)*c;
    for ( hash %= ROWS_MAX; rows[hash].seen; hash = (hash + 1) % ROWS_MAX )
        if ( rows[hash].op == op && !strcmp(name_of(rows[hash].lie), name) &&
             !strcmp(rows[hash].said, said) )
            return &rows[hash];
    assert_true(++nr_rows < ROWS_MAX / 2);
    rows[hash].op = op;
    rows[hash].lie = lie;
    snprintf(rows[hash].said, SAID_MAX, "%s", said);

    return &rows[hash];
}

static void note(const struct telling *t, const char *said,
                 enum expected expected)
{
    struct row *row = row_of(t->op, t->lie, said);

    row->seen |= 1U << t->seen;
    row->expected |= 1U << expected;
}

void lie_found(const struct telling *t, const struct run_result *r,
               enum expected expected)
{
    char said[SAID_MAX], text[DETAIL_MAX];

    for ( uint32_t left = r->weaknesses; left; left &= left - 1 )
        note(t, weakness_table[__builtin_ctz(left)].name, NOT_ASKED);
    if ( r->outcome != RUN_VIOLATION )
        return;
    generalise(text, sizeof(text), r->detail);
    snprintf(said, sizeof(said), "%s: %s", r->signature, text);
    note(t, said, expected);
}

/* ---- the table ---- */

static void print_row(char *to, const struct row *row)
{
    static const char *const how[NR_SEEN] = { "exact", "coloured", "drift" };
    static const char *const expected[NR_EXPECTED] = { "", "; known",
                                                       "; open" };
    int n = snprintf(to, ROW_MAX, "%s: %s (", op_table[row->op].name,
                     name_of(row->lie));
    const char *comma = "";

    for ( unsigned int s = 0; s < NR_SEEN; s++ )
        if ( row->seen >> s & 1 )
        {
            n += snprintf(to + n, ROW_MAX - (size_t)n, "%s%s", comma, how[s]);
            comma = ", ";
        }
    for ( unsigned int x = 0; x < NR_EXPECTED; x++ )
        if ( row->expected >> x & 1 )
            n += snprintf(to + n, ROW_MAX - (size_t)n, "%s", expected[x]);
    snprintf(to + n, ROW_MAX - (size_t)n, "): %s", row->said);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* All rows, in order; to be freed. */
static char (*all_rows(void))[ROW_MAX]
{
    char(*all)[ROW_MAX] = calloc(nr_rows, ROW_MAX);
    unsigned int n = 0;

    assert_non_null(all);
    for ( unsigned int i = 0; i < ROWS_MAX; i++ )
        if ( rows[i].seen )
            print_row(all[n++], &rows[i]);
    qsort(all, nr_rows, ROW_MAX, by_text);

    return all;
}

static bool next_stored(FILE *f, char row[ROW_MAX])
{
    if ( !fgets(row, ROW_MAX, f) )
        return false;
    row[strcspn(row, "\n")] = 0;

    return true;
}

unsigned int found_not_as_stored(void)
{
    FILE *f = fopen(CLAIMCHECK_FOUND, "r");
    char(*is)[ROW_MAX] = all_rows(), stored[ROW_MAX];
    unsigned int i = 0, bad = 0;
    bool more;

    if ( !f )
        fail_msg("%s: cannot be read", CLAIMCHECK_FOUND);
    more = next_stored(f, stored);
    while ( more || i < nr_rows )
    {
        int order = !more ? 1 : i == nr_rows ? -1 : strcmp(stored, is[i]);

        if ( order )
            print_message("%s %s\n", order < 0 ? "-" : "+",
                          order < 0 ? stored : is[i]);
        bad += order != 0;
        if ( order >= 0 )
            i++;
        if ( order <= 0 )
            more = next_stored(f, stored);
    }
    if ( bad )
        print_message("%u rows of %s are missing (-) or new (+)\n", bad,
                      CLAIMCHECK_FOUND);
    fclose(f);
    free(is);

    return bad;
}

void found_store(void)
{
    FILE *f = fopen(CLAIMCHECK_FOUND, "w");
    char(*is)[ROW_MAX] = all_rows();

    if ( !f )
        fail_msg("%s: cannot be written", CLAIMCHECK_FOUND);
    for ( unsigned int i = 0; i < nr_rows; i++ )
        fprintf(f, "%s\n", is[i]);
    assert_int_equal(fclose(f), 0);
    free(is);
}
