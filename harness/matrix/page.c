/* SPDX-License-Identifier: MIT */
/* What `claimcheck matrix` found: as text, as JSON, as one page of HTML. */
#include "matrix.h"

#include <inttypes.h>

#include "harness/report/json.h"

static void result_of(char *out, size_t size, const struct rule_row *row)
{
    if ( row->decided )
        result_print(out, size, row->lo);
    else
        snprintf(out, size, "-");
}

static const char *place_of(const struct sighting *s)
{
    return s->name ? s->name : "-";
}

/* The call of a sighting, as text. */
static void call_of(char *out, size_t size, const struct sighting *s)
{
    op_print(out, size, &s->program.op[s->step]);
}

void matrix_text(FILE *f, const struct matrix *m, enum release release)
{
    const struct matrix_release *t = m->release[release];
    unsigned int rules = 0, missing = 0, near = 0, lacks = 0, pairs = 0;
    unsigned int unseen = 0;
    char result[32], call[TEXT_LINE_MAX];

    fprintf(f, "release %s\n", release_name(release));
    for ( unsigned int r = 1; r < RULE_COUNT; r++ )
    {
        const struct rule_row *row = &t->rule[r];
        const char *why = matrix_rule_infeasible((enum rule)r, release);

        result_of(result, sizeof(result), row);
        fprintf(f, "%-18s %-9s %-11s %8" PRIu64 " %8" PRIu64 "  ",
                rule_table[r].id, rule_table[r].row, result, row->evaluated,
                row->decided);
        rules += !why;
        if ( !row->witness.name )
        {
            missing += !why;
            fprintf(f, "%s%s\n", why ? "cannot: " : "NO WITNESS",
                    why ? why : "");
            continue;
        }
        call_of(call, sizeof(call), &row->witness);
        if ( why )
            fprintf(f, "DECIDED, THOUGH \"%s\": ", why);
        fprintf(f, "%s:%u: %s\n", row->witness.name, row->witness.step + 1,
                call);
        near += row->near_miss.name != NULL;
        if ( row->near_miss.name )
        {
            call_of(call, sizeof(call), &row->near_miss);
            fprintf(f, "%60s near miss: %s\n", "", call);
        }
        else if ( matrix_lacks_near_miss(t, (enum rule)r) )
        {
            lacks++;
            fprintf(f, "%60s NO NEAR MISS\n", "");
        }
        else
            fprintf(f, "%60s no near miss: %s\n", "",
                    matrix_no_near_miss((enum rule)r));
    }
    for ( unsigned int i = 0; i < RULE_COUNT * RULE_COUNT; i++ )
    {
        enum rule a = i / RULE_COUNT, b = i % RULE_COUNT;
        const char *why;

        if ( matrix_pair(a, b, release, &why) )
        {
            const struct sighting *s = t->wins[a][b];

            pairs++;
            unseen += !s;
            fprintf(f, "%s before %s: %s\n", rule_table[a].id,
                    rule_table[b].id, s ? place_of(s) : "NO WITNESS");
        }
        else if ( why )
            fprintf(f, "%s before %s: cannot: %s\n", rule_table[a].id,
                    rule_table[b].id, why);
    }
    fprintf(f,
            "release %s: %u rules, %u without a witness, %u with a near "
            "miss, %u without one that should have it; %u pairs, %u without a "
            "witness\n",
            release_name(release), rules, missing, near, lacks, pairs, unseen);
}

static void json_sighting(FILE *f, const char *key, const struct sighting *s)
{
    char call[TEXT_LINE_MAX];

    fprintf(f, ",\"%s\":", key);
    if ( !s->name )
    {
        fputs("null", f);
        return;
    }
    call_of(call, sizeof(call), s);
    fputs("{\"file\":", f);
    json_string(f, s->name);
    fprintf(f, ",\"step\":%u,\"call\":\"%s\"}", s->step + 1, call);
}

void matrix_json(FILE *f, const struct matrix *m, enum release release)
{
    const struct matrix_release *t = m->release[release];
    const char *sep = "", *why;

    fprintf(f, "{\"release\":\"%s\",\"rules\":[", release_name(release));
    for ( unsigned int r = 1; r < RULE_COUNT; r++ )
    {
        why = matrix_rule_infeasible((enum rule)r, release);
        fprintf(f,
                "%s{\"id\":\"%s\",\"row\":\"%s\",\"evaluated\":%" PRIu64
                ",\"decided\":%" PRIu64 ",\"cannot\":",
                r > 1 ? "," : "", rule_table[r].id, rule_table[r].row,
                t->rule[r].evaluated, t->rule[r].decided);
        if ( why )
            json_string(f, why);
        else
            fputs("null", f);
        json_sighting(f, "witness", &t->rule[r].witness);
        json_sighting(f, "near_miss", &t->rule[r].near_miss);
        fputc('}', f);
    }
    fputs("],\"pairs\":[", f);
    for ( unsigned int i = 0; i < RULE_COUNT * RULE_COUNT; i++ )
    {
        enum rule a = i / RULE_COUNT, b = i % RULE_COUNT;

        if ( !matrix_pair(a, b, release, &why) && !why )
            continue;
        fprintf(f, "%s{\"wins\":\"%s\",\"over\":\"%s\",\"cannot\":", sep,
                rule_table[a].id, rule_table[b].id);
        sep = ",";
        if ( why )
            json_string(f, why);
        else
            fputs("null", f);
        json_sighting(f, "witness",
                      t->wins[a][b] ? t->wins[a][b]
                                    : &(struct sighting){ .name = NULL });
        fputc('}', f);
    }
    fputs("]}\n", f);
}

/* ---- HTML ---- */

static void escaped(FILE *f, const char *s)
{
    for ( ; *s; s++ )
        if ( *s == '<' || *s == '&' || *s == '"' )
            fprintf(f, "&#%d;", *s);
        else
            fputc(*s, f);
}

static void html_case(FILE *f, enum release release, const char *kind,
                      unsigned int a, unsigned int b, const struct sighting *s)
{
    fprintf(f, "<section id=\"%s-%u-%u-%u\"><h4>%s %s: ", kind, release, a, b,
            release_name(release), rule_table[a].id);
    escaped(f, s->name);
    fprintf(f, ", step %u%s</h4><pre>", s->step + 1,
            *kind == 'n' ? ", one argument changed" : "");
    /* Programs print in letters, digits and = only: nothing to escape. */
    program_print(f, &s->program);
    fputs("</pre></section>\n", f);
}

static void html_link(FILE *f, enum release release, const char *kind,
                      unsigned int a, unsigned int b, const char *text)
{
    fprintf(f, "<td><a href=\"#%s-%u-%u-%u\">%s</a></td>", kind, release, a, b,
            text);
}

static void html_rules(FILE *f, const struct matrix *m, enum release release)
{
    const struct matrix_release *t = m->release[release];
    char result[32];

    fputs("<table><tr><th>rule<th>row<th>says<th>result<th>evaluated"
          "<th>decided<th>witness<th>near miss</tr>\n",
          f);
    for ( unsigned int r = 1; r < RULE_COUNT; r++ )
    {
        const struct rule_row *row = &t->rule[r];
        const char *why = matrix_rule_infeasible((enum rule)r, release);

        result_of(result, sizeof(result), row);
        fprintf(f, "<tr><td>%s<td>%s<td>", rule_table[r].id,
                rule_table[r].row);
        escaped(f, rule_table[r].text);
        fprintf(f, "<td>%s<td>%" PRIu64 "<td>%" PRIu64, result, row->evaluated,
                row->decided);
        if ( row->witness.name )
            html_link(f, release, "w", r, 0, "witness");
        else
            fprintf(f, "<td class=%s>%s", why ? "cannot" : "missing",
                    why ? why : "none");
        if ( row->near_miss.name )
            html_link(f, release, "n", r, 0, "near miss");
        else
            fputs("<td>-", f);
        fputs("</tr>\n", f);
    }
    fputs("</table>\n", f);
}

static bool in_grid(unsigned int a, enum release release)
{
    const char *why;

    for ( unsigned int b = 0; b < RULE_COUNT; b++ )
        if ( matrix_pair(a, b, release, &why) ||
             matrix_pair(b, a, release, &why) )
            return true;

    return false;
}

static void html_grid(FILE *f, const struct matrix *m, enum release release)
{
    const struct matrix_release *t = m->release[release];

    fputs("<p>Row wins over column.</p><table class=grid><tr><th>", f);
    for ( unsigned int b = 0; b < RULE_COUNT; b++ )
        if ( in_grid(b, release) )
            fprintf(f, "<th><span>%s</span>", rule_table[b].id);
    fputs("</tr>\n", f);
    for ( unsigned int a = 0; a < RULE_COUNT; a++ )
    {
        if ( !in_grid(a, release) )
            continue;
        fprintf(f, "<tr><th>%s", rule_table[a].id);
        for ( unsigned int b = 0; b < RULE_COUNT; b++ )
        {
            const char *why;

            if ( !in_grid(b, release) )
                continue;
            if ( t->wins[a][b] )
                html_link(f, release, "p", a, b, "wins");
            else if ( matrix_pair(a, b, release, &why) )
                fputs("<td class=missing>none", f);
            else if ( why )
                fprintf(f, "<td class=cannot title=\"%s\">cannot", why);
            else
                fputs("<td>", f);
        }
        fputs("</tr>\n", f);
    }
    fputs("</table>\n", f);
}

static void html_texts(FILE *f, const struct matrix *m, enum release release)
{
    const struct matrix_release *t = m->release[release];

    for ( unsigned int a = 0; a < RULE_COUNT; a++ )
    {
        if ( t->rule[a].witness.name )
            html_case(f, release, "w", a, 0, &t->rule[a].witness);
        if ( t->rule[a].near_miss.name )
            html_case(f, release, "n", a, 0, &t->rule[a].near_miss);
        for ( unsigned int b = 0; b < RULE_COUNT; b++ )
            if ( t->wins[a][b] )
                html_case(f, release, "p", a, b, t->wins[a][b]);
    }
}

void matrix_html(FILE *f, const struct matrix *m)
{
    fputs("<!doctype html><html lang=en><meta charset=utf-8>"
          "<meta name=viewport content=\"width=device-width\">"
          "<title>claimcheck matrix</title><style>"
          ":root{color-scheme:light dark}"
          "body{font:14px/1.4 system-ui,sans-serif;margin:2em}"
          "table{border-collapse:collapse;margin:1em 0}"
          "td,th{border:1px solid #8886;padding:.2em .5em;text-align:left}"
          ".grid th span{writing-mode:vertical-rl}"
          ".missing{background:#c008;font-weight:bold}.cannot{opacity:.6}"
          "pre{background:#8882;padding:.5em;overflow-x:auto}"
          ":target{outline:2px solid #c80}"
          "</style>\n<h1>Argument validation</h1>\n",
          f);
    fprintf(f,
            "<p>%" PRIu64 " cases, %" PRIu64 " runs, %" PRIu64
            " violations.</p>\n",
            m->cases, m->runs, m->violations);
    for ( unsigned int r = 0; r < RELEASE_COUNT; r++ )
        if ( m->release[r] )
        {
            fprintf(f, "<h2>Release %s</h2>\n", release_name(r));
            html_rules(f, m, r);
            html_grid(f, m, r);
        }
    fputs("<h2>Texts</h2>\n", f);
    for ( unsigned int r = 0; r < RELEASE_COUNT; r++ )
        if ( m->release[r] )
            html_texts(f, m, r);
    fputs("</html>\n", f);
}
