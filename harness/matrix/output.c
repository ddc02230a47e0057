/* SPDX-License-Identifier: MIT */
/*
 * The matrix of one release, as text and as JSON.
 *
 * Not here: the page, which scripts/matrix makes from the JSON.
 */
#include "state.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "harness/program/text.h"
#include "harness/report/json.h"

/* What the last line says of a release. */
struct totals
{
    unsigned int rules, unwitnessed, near_misses, lacking; /* of rules */
    unsigned int pairs, unseen;                            /* of pairs */
};

/* The call that is a witness. */
static const char *call_of(const struct witness *w, char out[TEXT_LINE_MAX])
{
    op_print(out, TEXT_LINE_MAX, &w->program.op[w->step]);
    return out;
}

/* ---- text ---- */

static void text_near_miss(FILE *f, const struct matrix_release *t,
                           enum rule r, struct totals *n)
{
    const struct witness *near = &t->rule[r].near_miss;
    char call[TEXT_LINE_MAX];

    fprintf(f, "%60s ", "");
    if ( near->file )
    {
        n->near_misses++;
        fprintf(f, "near miss: %s\n", call_of(near, call));
    }
    else if ( matrix_lacks_near_miss(t, r) )
    {
        n->lacking++;
        fprintf(f, "NO NEAR MISS\n");
    }
    else
        fprintf(f, "no near miss: %s\n", matrix_no_near_miss(r));
}

static void text_rule(FILE *f, const struct matrix_release *t, enum rule r,
                      enum release release, struct totals *n)
{
    const struct rule_row *row = &t->rule[r];
    const char *why = matrix_infeasible(r, release);
    char result[32] = "-", call[TEXT_LINE_MAX];

    if ( row->decided )
        result_print(result, sizeof(result), row->lo);
    fprintf(f, "%-18s %-9s %-11s %8" PRIu64 " %8" PRIu64 "  ",
            rule_table[r].id, rule_table[r].row, result, row->evaluated,
            row->decided);
    n->rules += !why;
    if ( !row->witness.file )
    {
        n->unwitnessed += !why;
        fprintf(f, "%s%s\n", why ? "cannot: " : "NO WITNESS", why ? why : "");
        return;
    }
    if ( why )
        fprintf(f, "DECIDED, THOUGH \"%s\": ", why);
    fprintf(f, "%s:%u: %s\n", row->witness.file, row->witness.step + 1,
            call_of(&row->witness, call));
    text_near_miss(f, t, r, n);
}

static void text_pair(FILE *f, const struct matrix_release *t, enum rule a,
                      enum rule b, enum release release, struct totals *n)
{
    const struct witness *w = t->overrides[a][b];
    const char *why;

    if ( matrix_pair(a, b, release, &why) )
    {
        n->pairs++;
        n->unseen += !w;
        fprintf(f, "%s before %s: %s\n", rule_table[a].id, rule_table[b].id,
                w ? w->file : "NO WITNESS");
    }
    else if ( why )
        fprintf(f, "%s before %s: cannot: %s\n", rule_table[a].id,
                rule_table[b].id, why);
}

void matrix_text(FILE *f, const struct matrix *m, enum release release)
{
    const struct matrix_release *t = m->release[release];
    struct totals n = { 0 };

    fprintf(f, "release %s\n", release_name(release));
    for ( unsigned int r = RULE_NONE + 1; r < RULE_COUNT; r++ )
        text_rule(f, t, (enum rule)r, release, &n);
    for ( unsigned int i = 0; i < RULE_COUNT * RULE_COUNT; i++ )
        text_pair(f, t, (enum rule)(i / RULE_COUNT),
                  (enum rule)(i % RULE_COUNT), release, &n);
    fprintf(f,
            "release %s: %u rules, %u without a witness, %u with a near miss, "
            "%u lack one; %u pairs, %u without a witness\n",
            release_name(release), n.rules, n.unwitnessed, n.near_misses,
            n.lacking, n.pairs, n.unseen);
}

/* ---- JSON ---- */

/* ,"key":"s", or null. */
static void json_text(FILE *f, const char *key, const char *s)
{
    fprintf(f, ",\"%s\":", key);
    if ( s )
        json_string(f, s);
    else
        fputs("null", f);
}

static void json_witness(FILE *f, const char *key, const struct witness *w)
{
    char call[TEXT_LINE_MAX], *program = NULL;
    size_t size;
    FILE *text;

    if ( !w || !w->file )
    {
        json_text(f, key, NULL);
        return;
    }
    text = open_memstream(&program, &size);
    assert(text);
    program_print(text, &w->program);
    fclose(text);
    assert(program);
    fprintf(f, ",\"%s\":{\"step\":%u", key, w->step + 1);
    json_text(f, "file", w->file);
    json_text(f, "call", call_of(w, call));
    json_text(f, "program", program);
    fputc('}', f);
    free(program);
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

static void json_rule(FILE *f, const struct matrix_release *t, enum rule r,
                      enum release release)
{
    const struct rule_row *row = &t->rule[r];
    char result[32];

    fprintf(f,
            "{\"id\":\"%s\",\"row\":\"%s\",\"evaluated\":%" PRIu64
            ",\"decided\":%" PRIu64,
            rule_table[r].id, rule_table[r].row, row->evaluated, row->decided);
    json_text(f, "text", rule_table[r].text);
    json_families(f, r);
    if ( row->decided )
        result_print(result, sizeof(result), row->lo);
    json_text(f, "result", row->decided ? result : NULL);
    json_text(f, "cannot", matrix_infeasible(r, release));
    json_text(f, "no_near_miss", matrix_no_near_miss(r));
    json_witness(f, "witness", &row->witness);
    json_witness(f, "near_miss", &row->near_miss);
    fputc('}', f);
}

void matrix_json(FILE *f, const struct matrix *m, enum release release)
{
    const struct matrix_release *t = m->release[release];
    const char *sep = "", *why;

    fprintf(f,
            "{\"release\":\"%s\",\"runs\":%" PRIu64 ",\"violations\":%" PRIu64
            ",\"complete\":%s,\"rules\":[",
            release_name(release), t->runs, t->violations,
            matrix_complete(m, release) ? "true" : "false");
    for ( unsigned int r = RULE_NONE + 1; r < RULE_COUNT; r++ )
    {
        fputs(r > RULE_NONE + 1 ? "," : "", f);
        json_rule(f, t, (enum rule)r, release);
    }
    fputs("],\"pairs\":[", f);
    for ( unsigned int i = 0; i < RULE_COUNT * RULE_COUNT; i++ )
    {
        enum rule a = (enum rule)(i / RULE_COUNT);
        enum rule b = (enum rule)(i % RULE_COUNT);

        if ( !matrix_pair(a, b, release, &why) && !why )
            continue;
        fprintf(f, "%s{\"wins\":\"%s\",\"over\":\"%s\"", sep, rule_table[a].id,
                rule_table[b].id);
        sep = ",";
        json_text(f, "cannot", why);
        json_witness(f, "witness", t->overrides[a][b]);
        fputc('}', f);
    }
    fputs("]}\n", f);
}
