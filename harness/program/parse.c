/* SPDX-License-Identifier: MIT */
/*
 * Text to a program with its expectations. Every problem of a file is found in
 * one go, each with its place and what was expected. Grammar: docs/format.md.
 */
#include "harness/program/kinds/kind.h"
#include "scan.h"

#include <assert.h>
#include <string.h>

struct parser
{
    struct litmus *l;
    bool any; /* a statement was seen */
    struct narrow_wish narrow;
};

/* ---- words that are nearly right ---- */

#define NAME_MAX_LEN 24

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
    a = a < b ? a : b;
    return a < c ? a : c;
}

/* Edit distance; names are short. */
static unsigned int distance(const char *a, size_t la, const char *b,
                             size_t lb)
{
    unsigned int row[NAME_MAX_LEN + 1];

    assert(lb <= NAME_MAX_LEN);
    for ( unsigned int j = 0; j <= lb; j++ )
        row[j] = j;

    for ( size_t i = 0; i < la; i++ )
    {
        unsigned int diagonal = row[0];

        row[0] = (unsigned int)i + 1;
        for ( size_t j = 0; j < lb; j++ )
        {
            unsigned int best = min3(row[j] + 1, row[j + 1] + 1,
                                     diagonal + (a[i] != b[j]));

            diagonal = row[j + 1];
            row[j + 1] = best;
        }
    }

    return row[lb];
}

static const char *nearest_op(const struct word *w)
{
    const char *best = NULL;
    unsigned int best_distance = 3; /* more than two slips are a guess */

    for ( int i = 0; i < OP_COUNT; i++ )
    {
        size_t len = w->len < QUOTE_MAX ? w->len : QUOTE_MAX;
        unsigned int d = distance(w->s, len, op_table[i].name,
                                  strlen(op_table[i].name));

        if ( d < best_distance )
        {
            best_distance = d;
            best = op_table[i].name;
        }
    }

    return best;
}

/* ---- operations ---- */

static void parse_result(struct litmus *l, struct line *line,
                         unsigned int step)
{
    struct word w, more;

    if ( !line_next(line, &w) )
        problem_add(
            line->problems, line->nr, w.column,
            "missing result after =: expected a number or an errno name "
            "such as EINVAL");
    else if ( !result_parse(&l->result[step], w.s, w.len) )
        problem_add(
            line->problems, line->nr, w.column,
            "invalid result '%.*s': expected a number or an errno name "
            "such as EINVAL",
            QUOTE(w));
    else if ( line_next(line, &more) )
        problem_add(
            line->problems, line->nr, more.column,
            "unexpected '%.*s' after the result: expected the end of the "
            "line",
            QUOTE(more));
    else
        l->has_result[step] = true;
}

/* Words without a name come before the first with one. */
#define AFTER_NAMED (-1)

static void unknown_argument(const struct op_info *info,
                             const struct line *line, const struct word *name)
{
    char names[128] = "no argument";
    size_t len = 0;

    for ( unsigned int i = 0; i < info->nr_args; i++ )
        len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s",
                                i ? ", " : "", info->arg[i].name);
    problem_add(line->problems, line->nr, name->column,
                "unknown argument '%.*s' of %s: expected %s", QUOTE(*name),
                info->name, names);
}

/* The argument that a word gives, or -1: a problem. next is the first argument
 * not yet given by position, or AFTER_NAMED. */
static int argument_of(const struct op_info *info, struct line *line,
                       struct pair *pair, int next)
{
    int i;

    if ( pair->has_value && !pair->name.len )
    {
        problem_add(
            line->problems, line->nr, pair->value.column,
            "no blank between = and '%.*s': expected one before a result",
            QUOTE(pair->value));
        return -1;
    }
    if ( pair->has_value )
    {
        i = op_arg_index((enum op_code)(info - op_table), pair->name.s,
                         pair->name.len);
        if ( i < 0 )
            unknown_argument(info, line, &pair->name);
        return i;
    }

    if ( next >= 0 && next < info->nr_args &&
         kind_table[info->arg[next].kind]->positional )
        return next;

    if ( next == AFTER_NAMED )
        problem_add(line->problems, line->nr, pair->name.column,
                    "unnamed argument '%.*s' after a named one: expected "
                    "NAME=VALUE",
                    QUOTE(pair->name));
    else if ( next < info->nr_args )
        problem_add(line->problems, line->nr, pair->name.column,
                    "unnamed argument '%.*s': expected NAME=VALUE, such as "
                    "%s=%.*s",
                    QUOTE(pair->name), info->arg[next].name,
                    QUOTE(pair->name));
    else
        problem_add(
            line->problems, line->nr, pair->name.column,
            "unexpected '%.*s' after the last argument of %s: expected = "
            "and a result, or the end of the line",
            QUOTE(pair->name), info->name);
    return -1;
}

static void parse_argument(struct op *op, struct line *line,
                           const struct word *w, int *next, unsigned int *seen)
{
    const struct op_info *info = &op_table[op->code];
    struct pair pair;
    int i;

    word_split(&pair, w);
    i = argument_of(info, line, &pair, *next);
    if ( pair.has_value )
        *next = AFTER_NAMED;
    else if ( *next != AFTER_NAMED )
        ++*next;
    if ( i < 0 )
        return;

    if ( *seen & (1U << i) )
        problem_add(line->problems, line->nr, w->column,
                    "duplicate argument %s: expected it once",
                    info->arg[i].name);
    *seen |= 1U << i;
    if ( !kind_parse(&op->arg[i], info->arg[i].kind, pair.value.s,
                     pair.value.len) )
        problem_add(line->problems, line->nr, pair.value.column,
                    "invalid %s '%.*s': expected %s", info->arg[i].name,
                    QUOTE(pair.value), kind_table[info->arg[i].kind]->form);
}

static void parse_arguments(struct litmus *l, struct op *op, struct line *line,
                            unsigned int step)
{
    const struct op_info *info = &op_table[op->code];
    unsigned int seen = 0;
    int next = 0;
    struct word w;

    for ( unsigned int i = 0; i < info->nr_args; i++ )
        kind_default(&op->arg[i], info->arg[i].kind);

    while ( line_next(line, &w) )
    {
        if ( word_is(&w, "=") )
        {
            uint32_t column = w.column;

            parse_result(l, line, step);
            w.column = column;
            break;
        }
        parse_argument(op, line, &w, &next, &seen);
    }

    for ( int i = 0;
          i < info->nr_args && kind_table[info->arg[i].kind]->positional; i++ )
        if ( !(seen & (1U << i)) )
        {
            problem_add(line->problems, line->nr, w.column,
                        "missing argument %s of %s: expected %s",
                        info->arg[i].name, info->name,
                        kind_table[info->arg[i].kind]->form);
            break;
        }
}

static void parse_op(struct parser *p, struct line *line,
                     const struct word *first)
{
    struct program *program = &p->l->program;
    int code = op_from_name(first->s, first->len);
    struct op *op;

    if ( code < 0 )
    {
        const char *near = nearest_op(first);

        problem_add(line->problems, line->nr, first->column,
                    "unknown operation '%.*s': expected host, expect or an "
                    "operation%s%s%s",
                    QUOTE(*first),
                    near ? " (did you mean " : " that claimcheck ops lists",
                    near ? near : "", near ? "?)" : "");
        return;
    }
    if ( program->nr_ops == PROGRAM_OPS_MAX )
    {
        problem_add(line->problems, line->nr, first->column,
                    "too many operations: expected at most %d",
                    PROGRAM_OPS_MAX);
        return;
    }

    op = &program->op[program->nr_ops];
    memset(op, 0, sizeof(*op));
    op->code = (uint8_t)code;
    p->l->line[program->nr_ops] = line->nr;
    parse_arguments(p->l, op, line, program->nr_ops);
    program->nr_ops++;
}

/* ---- lines ---- */

/* Offset of the first byte that is not part of a good UTF-8 sequence or is a
 * control character; len if there is none. */
static size_t bad_character(const char *text, size_t len)
{
    const uint8_t *s = (const uint8_t *)text;
    size_t i = 0;

    while ( i < len )
    {
        unsigned int more = s[i] < 0x80   ? 0
                            : s[i] < 0xc2 ? 4
                            : s[i] < 0xe0 ? 1
                            : s[i] < 0xf0 ? 2
                            : s[i] < 0xf5 ? 3
                                          : 4;

        if ( more > 3 || (s[i] < ' ' && s[i] != '\t' && s[i] != '\r') ||
             s[i] == 0x7f || i + more >= len )
            return i;
        /* Overlong forms, surrogates, beyond U+10FFFF. */
        if ( (s[i] == 0xe0 && s[i + 1] < 0xa0) ||
             (s[i] == 0xed && s[i + 1] > 0x9f) ||
             (s[i] == 0xf0 && s[i + 1] < 0x90) ||
             (s[i] == 0xf4 && s[i + 1] > 0x8f) )
            return i;
        for ( unsigned int j = 1; j <= more; j++ )
            if ( (s[i + j] & 0xc0) != 0x80 )
                return i;
        i += more + 1;
    }

    return len;
}

static void parse_line(struct parser *p, struct line *line)
{
    size_t bad = bad_character(line->s, line->len);
    struct word first;

    if ( line->len > TEXT_LINE_MAX )
    {
        problem_add(line->problems, line->nr, TEXT_LINE_MAX + 1,
                    "line of %zu bytes: expected at most %d", line->len,
                    TEXT_LINE_MAX);
        return;
    }
    if ( bad < line->len )
    {
        problem_add(line->problems, line->nr, (uint32_t)bad + 1,
                    "invalid byte 0x%02x: expected UTF-8 text without control "
                    "characters",
                    (unsigned int)(uint8_t)line->s[bad]);
        return;
    }
    if ( !line_next(line, &first) )
        return;

    if ( word_is(&first, "host") )
    {
        if ( p->any )
            problem_add(
                line->problems, line->nr, first.column,
                "host after other statements: expected it first or not at "
                "all");
        host_parse(p->l, &p->narrow, line);
    }
    else if ( word_is(&first, "expect") )
        expect_parse(p->l, line, p->l->program.nr_ops);
    else
        parse_op(p, line, &first);
    p->any = true;
}

bool litmus_parse(struct litmus *l, const char *text, size_t size,
                  struct problems *problems)
{
    struct parser p = { .l = l };
    size_t at = 0;
    bool narrow;

    program_init(&l->program);
    l->releases = RELEASE_BIT(RELEASE_DEFAULT);
    l->nr_expects = 0;
    memset(l->has_result, 0, sizeof(l->has_result));
    memset(l->result, 0, sizeof(l->result));
    problems->nr = 0;

    for ( uint32_t nr = 1; at < size; nr++ )
    {
        const char *end = memchr(text + at, '\n', size - at);
        size_t len = end ? (size_t)(end - text) - at : size - at;
        struct line line = { text + at, len, 0, nr, problems };

        parse_line(&p, &line);
        at += len + 1;
    }

    if ( problems->nr )
        return false;

    narrow = program_is_narrow(&l->program);
    if ( p.narrow.line && !narrow )
        problem_add(problems, p.narrow.line, p.narrow.column,
                    "an argument has no narrow form: expected records=wide or "
                    "none");
    l->program.wide = l->program.wide || !narrow;

    return !problems->nr;
}

bool looks_like_text(const uint8_t *data, size_t size)
{
    size_t head = size < 256 ? size : 256;

    return size &&
           (data[0] >= ' ' || data[0] == '\n' || data[0] == '\r' ||
            data[0] == '\t') &&
           !memchr(data, 0, head);
}
