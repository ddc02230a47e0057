/* SPDX-License-Identifier: MIT */
/*
 * The matrix as text: a summary, and every rule and pair of a release.
 *
 * Not here: JSON, spreadsheets; the page, which scripts/matrix makes.
 */
#include "state.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "harness/program/quote.h"
#include "harness/program/text.h"

/* Names of what is missing that the summary has room for. */
#define NAMES_MAX 6

const char *witness_call(const struct witness *w, char *out)
{
    op_print(out, TEXT_LINE_MAX, &w->program.op[w->step]);
    return out;
}

/* ---- summary ---- */

static void summary_row(FILE *f, const struct matrix *m, enum release release)
{
    const struct matrix_release *t = m->release[release];
    struct matrix_totals n;

    matrix_totals(m, release, &n);
    fprintf(f, "%-8s %3u of %-5u %9u %5u of %-4u %5u of %-5u %5u of %-4u ",
            release_name(release), n.in_release, n.rules, n.witnessed,
            n.near_misses, n.near_required, n.pairs_witnessed, n.pairs,
            n.values_tried, n.values);
    fputs(matrix_complete(m, release) ? "complete" : "something is missing",
          f);
    if ( t->violations )
        fprintf(f, ", %" PRIu64 " cases fail", t->violations);
    fputc('\n', f);
}

/* Releases that do not have the rule, and why: "4.18 4.17: WHY; 4.16: WHY"; ""
 * if all have it. */
#define ABSENT_MAX 512
static void absent(char text[ABSENT_MAX], const struct matrix *m, enum rule r)
{
    const char *why = NULL, *one;
    size_t len = 0;

    text[0] = 0;
    for ( int i = RELEASE_COUNT; (i = matrix_next(m, i)) >= 0; )
    {
        one = matrix_infeasible(m->release[i], r);
        if ( !one )
            continue;
        if ( why && strcmp(one, why) )
            len += (size_t)snprintf(text + len, ABSENT_MAX - len, ": %s;",
                                    why);
        len += (size_t)snprintf(text + len, ABSENT_MAX - len, "%s%s",
                                len ? " " : "", release_name((enum release)i));
        why = one;
    }
    if ( why )
        snprintf(text + len, ABSENT_MAX - len, ": %s", why);
}

/* Rules from first to before end, which follow each other in the table. */
static void absent_line(FILE *f, unsigned int first, unsigned int end,
                        const char *text)
{
    const struct rule_info *a = &rule_table[first], *b = &rule_table[end - 1];

    if ( !*text )
        return;
    if ( end - first == 1 )
        fprintf(f, "  %-15s %-7s", a->id, a->row);
    else
        fprintf(f, "  %s .. %s, %s .. %s,", a->id, b->id, a->row, b->row);
    fprintf(f, " not in %s\n", text);
}

/* Rules that some release does not have, and why. */
static void summary_absent(FILE *f, const struct matrix *m)
{
    char text[2][ABSENT_MAX] = { "", "" };
    unsigned int first = RULE_NONE + 1;

    fprintf(f,
            "\n%u rules are in model/rules.def. A release is held to those "
            "that it has; not in all are:\n",
            RULE_COUNT - 1);
    for ( unsigned int r = RULE_NONE + 1; r < RULE_COUNT; r++ )
    {
        absent(text[1], m, (enum rule)r);
        if ( !strcmp(text[0], text[1]) )
            continue;
        absent_line(f, first, r, text[0]);
        memcpy(text[0], text[1], ABSENT_MAX);
        first = r;
    }
    absent_line(f, first, RULE_COUNT, text[0]);
}

/* A list of names that ends after some of them. */
struct names
{
    FILE *f;
    const char *head;
    enum release release;
    unsigned int nr;
};

__attribute__((format(printf, 2, 3))) static void name(struct names *n,
                                                       const char *fmt, ...)
{
    va_list args;

    if ( !n->nr )
        fprintf(n->f, "\n%s: %s: ", release_name(n->release), n->head);
    if ( n->nr < NAMES_MAX )
    {
        fputs(n->nr ? ", " : "", n->f);
        va_start(args, fmt);
        vfprintf(n->f, fmt, args);
        va_end(args);
    }
    n->nr++;
}

static void names_end(const struct names *n)
{
    if ( n->nr > NAMES_MAX )
        fprintf(n->f, ", and %u more (--full)", n->nr - NAMES_MAX);
}

static void summary_rules(FILE *f, const struct matrix *m,
                          enum release release)
{
    const struct matrix_release *t = m->release[release];
    struct names lacks = { f, "no witness", release, 0 };
    struct names near = { f, "no near miss", release, 0 };
    struct names wrong = { f, "decided, though it cannot", release, 0 };

    for ( unsigned int r = 0; r < RULE_COUNT; r++ )
        if ( !matrix_infeasible(t, (enum rule)r) && !t->rule[r].decided )
            name(&lacks, "%s", rule_table[r].id);
    names_end(&lacks);
    for ( unsigned int r = 0; r < RULE_COUNT; r++ )
        if ( matrix_lacks_near_miss(t, (enum rule)r) )
            name(&near, "%s", rule_table[r].id);
    names_end(&near);
    for ( unsigned int r = 0; r < RULE_COUNT; r++ )
        if ( matrix_infeasible(t, (enum rule)r) && t->rule[r].decided )
            name(&wrong, "%s", rule_table[r].id);
    names_end(&wrong);
}

static void summary_pairs(FILE *f, const struct matrix *m,
                          enum release release)
{
    const struct matrix_release *t = m->release[release];
    struct names n = { f, "no witness of the order", release, 0 };
    const char *why;

    for ( unsigned int i = 0; i < RULE_COUNT * RULE_COUNT; i++ )
    {
        enum rule a = (enum rule)(i / RULE_COUNT);
        enum rule b = (enum rule)(i % RULE_COUNT);

        if ( matrix_pair(t, a, b, &why) && !t->overrides[a][b] )
            name(&n, "%s before %s", rule_table[a].id, rule_table[b].id);
    }
    names_end(&n);
}

static void summary_values(FILE *f, const struct matrix *m,
                           enum release release)
{
    const struct matrix_release *t = m->release[release];
    struct names n = { f, "not tried", release, 0 };

    for ( unsigned int c = 0; c < CALLS_COUNT; c++ )
        for ( unsigned int i = 0; class_table[i].values; i++ )
            if ( class_calls(i) >> c & 1 && !t->outcomes[c][i] )
                name(&n, "%s: %s: %s", matrix_calls(c),
                     field_table[class_table[i].field].name,
                     class_table[i].values);
    names_end(&n);
}

void matrix_summary(FILE *f, const struct matrix *m)
{
    const char *build = m->setup.h.ops->build;
    uint64_t cases = 0, runs = 0, violations = 0;

    for ( int r = RELEASE_COUNT; (r = matrix_next(m, r)) >= 0; )
    {
        cases = m->release[r]->runs;
        runs += cases;
        violations += m->release[r]->violations;
    }
    quote_text(f, m->corpus);
    fprintf(f,
            ": %" PRIu64 " case%s, %" PRIu64 " runs on %s%s%s%s, %" PRIu64
            " violations\n\n",
            cases, cases == 1 ? "" : "s", runs, m->setup.on, build ? " (" : "",
            build ? build : "", build ? ")" : "", violations);
    fputs("release  rules in it  witnessed  near misses  pairs in order  "
          "values tried  verdict\n",
          f);
    for ( int r = RELEASE_COUNT; (r = matrix_next(m, r)) >= 0; )
        summary_row(f, m, (enum release)r);
    summary_absent(f, m);
    for ( int r = RELEASE_COUNT; (r = matrix_next(m, r)) >= 0; )
    {
        summary_rules(f, m, (enum release)r);
        summary_pairs(f, m, (enum release)r);
        summary_values(f, m, (enum release)r);
        fputs(matrix_complete(m, (enum release)r) ? "" : "\n", f);
    }
    fputs(
        "\nEvery rule, pair and value: --full; a spreadsheet: --csv; a page: "
        "scripts/matrix\n",
        f);
}

/* ---- all of it ---- */

static void text_near_miss(FILE *f, const struct matrix_release *t,
                           enum rule r)
{
    const struct witness *near = &t->rule[r].near_miss;
    char call[TEXT_LINE_MAX];

    fprintf(f, "%60s ", "");
    if ( near->file )
        fprintf(f, "near miss: %s\n", witness_call(near, call));
    else if ( matrix_lacks_near_miss(t, r) )
        fprintf(f, "NO NEAR MISS\n");
    else
        fprintf(f, "no near miss: %s\n", matrix_no_near_miss(r));
}

static void text_rule(FILE *f, const struct matrix_release *t, enum rule r)
{
    const struct rule_row *row = &t->rule[r];
    const char *why = matrix_infeasible(t, r);
    char result[32] = "-", call[TEXT_LINE_MAX];

    if ( row->decided )
        result_print(result, sizeof(result), row->lo);
    fprintf(f, "%-18s %-9s %-11s %8" PRIu64 " %8" PRIu64 "  ",
            rule_table[r].id, rule_table[r].row, result, row->evaluated,
            row->decided);
    if ( !row->witness.file )
    {
        fprintf(f, "%s%s\n", why ? "cannot: " : "NO WITNESS", why ? why : "");
        return;
    }
    if ( why )
        fprintf(f, "DECIDED, THOUGH \"%s\": ", why);
    quote_text(f, row->witness.file);
    fprintf(f, ":%u: %s\n", row->witness.step + 1,
            witness_call(&row->witness, call));
    text_near_miss(f, t, r);
}

static void text_pair(FILE *f, const struct matrix_release *t, enum rule a,
                      enum rule b)
{
    const struct witness *w = t->overrides[a][b];
    const char *why;

    if ( matrix_pair(t, a, b, &why) )
    {
        fprintf(f, "%s before %s: ", rule_table[a].id, rule_table[b].id);
        quote_text(f, w ? w->file : "NO WITNESS");
        fputc('\n', f);
    }
    else if ( why )
        fprintf(f, "%s before %s: cannot: %s\n", rule_table[a].id,
                rule_table[b].id, why);
}

/* A class of values, and what came back, of each rule that decided. */
static void text_value(FILE *f, unsigned int i, unsigned int calls,
                       const struct field_outcome *o)
{
    char lo[32], hi[32];

    fprintf(f, "%s: %s: %s:", matrix_calls(calls),
            field_table[class_table[i].field].name, class_table[i].values);
    fputs(o ? "" : " NOT TRIED", f);
    for ( ; o; o = o->next )
    {
        result_print(lo, sizeof(lo), o->lo);
        result_print(hi, sizeof(hi), o->hi);
        fprintf(f, " %s %s", rule_table[o->rule].id, lo);
        if ( o->lo != o->hi )
            fprintf(f, "..%s", hi);
        fprintf(f, " (%" PRIu64 ")%s", o->count, o->next ? "," : "");
    }
    fputc('\n', f);
}

void matrix_text(FILE *f, const struct matrix *m, enum release release)
{
    const struct matrix_release *t = m->release[release];

    fprintf(f, "\nrelease %s\n%-18s %-9s %-11s %8s %8s\n",
            release_name(release), "rule", "row", "result", "evaluated",
            "decided");
    for ( unsigned int r = RULE_NONE + 1; r < RULE_COUNT; r++ )
        text_rule(f, t, (enum rule)r);
    for ( unsigned int i = 0; i < RULE_COUNT * RULE_COUNT; i++ )
        text_pair(f, t, (enum rule)(i / RULE_COUNT),
                  (enum rule)(i % RULE_COUNT));
    for ( unsigned int c = 0; c < CALLS_COUNT; c++ )
        for ( unsigned int i = 0; class_table[i].values; i++ )
            if ( class_calls(i) >> c & 1 )
                text_value(f, i, c, t->outcomes[c][i]);
}
