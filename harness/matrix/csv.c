/* SPDX-License-Identifier: MIT */
/*
 * The matrix as comma-separated values for a spreadsheet: of each release a row
 * for each rule, for each pair of rules, and for each class of values of a field
 * and rule that decided it.
 */
#include "state.h"

#include <inttypes.h>

#include "harness/program/quote.h"
#include "harness/program/text.h"

/* A cell: always quoted, so that a spreadsheet takes "1.2" for text. */
static void cell(FILE *f, const char *s)
{
    fputs(",\"", f);
    while ( s && *s )
    {
        fputs(*s == '"' ? "\"" : "", f);
        s += quote_character(f, s);
    }
    fputc('"', f);
}

static void cell_number(FILE *f, uint64_t n)
{
    fprintf(f, ",%" PRIu64, n);
}

/* Its file, step and call; three empty cells if there is none. */
static void cells_witness(FILE *f, const struct witness *w)
{
    char call[TEXT_LINE_MAX];

    if ( !w || !w->file )
    {
        fputs(",,,", f);
        return;
    }
    cell(f, w->file);
    cell_number(f, w->step + 1);
    cell(f, witness_call(w, call));
}

static void csv_rule(FILE *f, const struct matrix_release *t, enum rule r)
{
    const struct rule_row *row = &t->rule[r];
    const char *why = matrix_infeasible(t, r);
    char result[32] = "", call[TEXT_LINE_MAX];

    if ( row->decided )
        result_print(result, sizeof(result), row->lo);
    fprintf(f, "\"%s\",\"rule\"", release_name(t->release));
    cell(f, rule_table[r].id);
    cell(f, "");
    cell(f, rule_table[r].row);
    cell(f, rule_table[r].text);
    if ( why )
        cell(f, row->decided ? "wrong" : "cannot");
    else
        cell(f, row->decided && !matrix_lacks_near_miss(t, r) ? "tested"
                                                              : "missing");
    cell(f, why);
    cell(f, result);
    cell_number(f, row->evaluated);
    cell_number(f, row->decided);
    cells_witness(f, &row->witness);
    cell(f, row->near_miss.file ? witness_call(&row->near_miss, call) : "");
    cell(f, row->near_miss.file ? "" : matrix_no_near_miss(r));
    fputc('\n', f);
}

static void csv_pair(FILE *f, const struct matrix_release *t, enum rule a,
                     enum rule b)
{
    const struct witness *w = t->overrides[a][b];
    const char *why;

    if ( !matrix_pair(t, a, b, &why) && !why )
        return;
    fprintf(f, "\"%s\",\"pair\"", release_name(t->release));
    cell(f, rule_table[a].id);
    cell(f, rule_table[b].id);
    cell(f, rule_table[a].row);
    cell(f, rule_table[a].text);
    cell(f, why ? "cannot" : w ? "tested" : "missing");
    cell(f, why);
    fputs(",,,", f);
    cells_witness(f, w);
    fputs(",,\n", f);
}

/* What the rows of a class begin with, the rule aside. */
static void csv_value(FILE *f, unsigned int i, unsigned int calls,
                      enum release release, const struct field_outcome *o)
{
    const enum rule rule = o ? o->rule : RULE_NONE;
    char result[32] = "";

    fprintf(f, "\"%s\",\"value\"", release_name(release));
    cell(f, o ? rule_table[rule].id : "");
    cell(f, "");
    cell(f, o ? rule_table[rule].row : "");
    fprintf(f, ",\"%s: %s: %s\"", matrix_calls(calls),
            field_table[class_table[i].field].name, class_table[i].values);
    cell(f, o ? "tested" : "missing");
    cell(f, "");
    if ( !o )
    {
        fputs(",,,,,,,,\n", f);
        return;
    }
    result_print(result, sizeof(result), o->lo);
    cell(f, result);
    fputc(',', f);
    cell_number(f, o->count);
    cell(f, o->file);
    cell_number(f, o->step + 1);
    fputs(",,,\n", f);
}

static void csv_values(FILE *f, const struct matrix_release *t,
                       enum release release)
{
    for ( unsigned int c = 0; c < CALLS_COUNT; c++ )
        for ( unsigned int i = 0; class_table[i].values; i++ )
        {
            const struct field_outcome *o = t->outcomes[c][i];

            if ( !(class_calls(i) >> c & 1) )
                continue;
            do
                csv_value(f, i, c, release, o);
            while ( o && (o = o->next) );
        }
}

void matrix_csv(FILE *f, const struct matrix *m)
{
    fputs("release,what,rule,over,row,text,status,why,result,evaluated,"
          "decided,file,step,call,near miss,why no near miss\n",
          f);
    for ( int r = RELEASE_COUNT; (r = matrix_next(m, r)) >= 0; )
    {
        enum release release = (enum release)r;

        for ( unsigned int i = RULE_NONE + 1; i < RULE_COUNT; i++ )
            csv_rule(f, m->release[r], (enum rule)i);
        for ( unsigned int i = 0; i < RULE_COUNT * RULE_COUNT; i++ )
            csv_pair(f, m->release[r], (enum rule)(i / RULE_COUNT),
                     (enum rule)(i % RULE_COUNT));
        csv_values(f, m->release[r], release);
    }
}
