/* SPDX-License-Identifier: MIT */
/*
 * The matrix of one release as a JSON object on a line: what scripts/matrix
 * makes the page from.
 */
#include "state.h"

#include <inttypes.h>
#include <stdlib.h>

#include "harness/cases/file.h"
#include "harness/program/text.h"
#include "harness/report/json.h"

/* ,"key":"s", or null. */
static void json_text(FILE *f, const char *key, const char *s)
{
    fprintf(f, ",\"%s\":", key);
    if ( s )
        json_string(f, s);
    else
        fputs("null", f);
}

/* What each step returned; null: it made no call. */
static void json_results(FILE *f, const struct results *r)
{
    char result[32];

    fputs(",\"results\":[", f);
    for ( uint32_t i = 0; i < r->nr; i++ )
    {
        result_print(result, sizeof(result), r->rc[i]);
        fputs(i ? "," : "", f);
        if ( r->ran[i] )
            json_string(f, result);
        else
            fputs("null", f);
    }
    fputc(']', f);
}

static void json_witness(FILE *f, const char *key, const struct witness *w,
                         const char *changed)
{
    char call[TEXT_LINE_MAX];
    struct file_text program;

    if ( !w || !w->file )
    {
        json_text(f, key, NULL);
        return;
    }
    program_print(file_text_begin(&program), &w->program);
    file_text_end(&program);
    fprintf(f, ",\"%s\":{\"step\":%u", key, w->step + 1);
    json_text(f, "file", w->file);
    json_text(f, "call", witness_call(w, call));
    json_text(f, "program", program.text);
    json_results(f, &w->results);
    if ( changed )
        json_text(f, "changed", changed);
    fputc('}', f);
    free(program.text);
}

static void json_families(FILE *f, enum rule r)
{
    const char *name, *sep = "";

    fputs(",\"families\":[", f);
    for ( unsigned int i = 0; (name = matrix_family(i)); i++ )
        if ( rule_table[r].family >> i & 1 )
        {
            fprintf(f, "%s\"%s\"", sep, name);
            sep = ",";
        }
    fputc(']', f);
}

static void json_rule(FILE *f, const struct matrix_release *t, enum rule r)
{
    const struct rule_row *row = &t->rule[r];
    char result[32];

    fprintf(f,
            "{\"id\":\"%s\",\"row\":\"%s\",\"evaluated\":%" PRIu64
            ",\"decided\":%" PRIu64,
            rule_table[r].id, rule_table[r].row, row->evaluated, row->decided);
    json_text(f, "text", rule_table[r].text);
    json_families(f, r);
    fprintf(f, ",\"end\":%s",
            rule_table[r].family == FAMILY_END ? "true" : "false");
    if ( row->decided )
        result_print(result, sizeof(result), row->lo);
    json_text(f, "result", row->decided ? result : NULL);
    json_text(f, "cannot", matrix_infeasible(t, r));
    json_text(f, "no_near_miss", matrix_no_near_miss(r));
    json_witness(f, "witness", &row->witness, NULL);
    json_witness(f, "near_miss", &row->near_miss, row->changed);
    fputc('}', f);
}

static void json_totals(FILE *f, const struct matrix *m, enum release release)
{
    struct matrix_totals n;

    matrix_totals(m, release, &n);
    fprintf(f,
            ",\"totals\":{\"rules\":%u,\"in_release\":%u,\"witnessed\":%u,"
            "\"near_required\":%u,\"near_misses\":%u,\"pairs\":%u,"
            "\"pairs_witnessed\":%u,\"values\":%u,\"values_tried\":%u,"
            "\"wrong\":%u}",
            n.rules, n.in_release, n.witnessed, n.near_required, n.near_misses,
            n.pairs, n.pairs_witnessed, n.values, n.values_tried, n.wrong);
}

static void json_pairs(FILE *f, const struct matrix_release *t)
{
    const char *sep = "", *why;

    fputs(",\"pairs\":[", f);
    for ( unsigned int i = 0; i < RULE_COUNT * RULE_COUNT; i++ )
    {
        enum rule a = (enum rule)(i / RULE_COUNT);
        enum rule b = (enum rule)(i % RULE_COUNT);

        if ( !matrix_pair(t, a, b, &why) && !why )
            continue;
        fprintf(f, "%s{\"wins\":\"%s\",\"over\":\"%s\"", sep, rule_table[a].id,
                rule_table[b].id);
        sep = ",";
        json_text(f, "cannot", why);
        json_witness(f, "witness", t->overrides[a][b], NULL);
        fputc('}', f);
    }
    fputc(']', f);
}

static void json_outcome(FILE *f, const struct field_outcome *o)
{
    char lo[32], hi[32];

    result_print(lo, sizeof(lo), o->lo);
    result_print(hi, sizeof(hi), o->hi);
    fprintf(f, "{\"rule\":\"%s\",\"count\":%" PRIu64 ",\"step\":%u",
            rule_table[o->rule].id, o->count, o->step + 1);
    json_text(f, "result", lo);
    json_text(f, "most", o->lo == o->hi ? NULL : hi);
    json_text(f, "file", o->file);
    fputc('}', f);
}

/* One class of values, for one kind of call. */
static void json_class(FILE *f, const struct class_info *class,
                       unsigned int calls, const struct field_outcome *o)
{
    fputs("{\"call\":", f);
    json_string(f, matrix_calls(calls));
    json_text(f, "field", field_table[class->field].name);
    json_text(f, "values", class->values);
    fputs(",\"outcomes\":[", f);
    for ( const char *sep = ""; o; o = o->next, sep = "," )
    {
        fputs(sep, f);
        json_outcome(f, o);
    }
    fputs("]}", f);
}

static void json_fields(FILE *f, const struct matrix_release *t)
{
    const char *sep = "";

    fputs(",\"fields\":[", f);
    for ( unsigned int c = 0; c < CALLS_COUNT; c++ )
        for ( unsigned int i = 0; class_table[i].values; i++ )
            if ( class_calls(i) >> c & 1 )
            {
                fputs(sep, f);
                json_class(f, &class_table[i], c, t->outcomes[c][i]);
                sep = ",";
            }
    fputc(']', f);
}

void matrix_json(FILE *f, const struct matrix *m, enum release release)
{
    const struct matrix_release *t = m->release[release];

    fprintf(f, "{\"release\":\"%s\"", release_name(release));
    json_text(f, "on", m->setup.on);
    fprintf(f,
            ",\"runs\":%" PRIu64 ",\"violations\":%" PRIu64 ",\"complete\":%s",
            t->runs, t->violations,
            matrix_complete(m, release) ? "true" : "false");
    json_totals(f, m, release);
    fputs(",\"rules\":[", f);
    for ( unsigned int r = RULE_NONE + 1; r < RULE_COUNT; r++ )
    {
        fputs(r > RULE_NONE + 1 ? "," : "", f);
        json_rule(f, t, (enum rule)r);
    }
    fputc(']', f);
    json_pairs(f, t);
    json_fields(f, t);
    fputs("}\n", f);
}
