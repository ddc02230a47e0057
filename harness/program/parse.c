/* SPDX-License-Identifier: MIT */
/*
 * Text to a program with its expectations. Every problem of a file is found in
 * one go, each with its place and what was expected. Grammar: docs/format.md.
 */
#include "harness/program/kinds/kind.h"
#include "hints.h"
#include "scan.h"

#include <assert.h>
#include <string.h>

struct parser
{
    struct litmus *l;
    bool any; /* a statement was seen */
    struct narrow_wish narrow;
};

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
            "such as EINVAL%s",
            QUOTE(w), hint_result(&w).text);
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
/* ... and here nobody can tell. */
#define LOST (-2)

static void unknown_argument(const struct op_info *info,
                             const struct line *line, const struct word *name)
{
    char names[128] = "no argument";
    size_t len = 0;

    for ( unsigned int i = 0; i < info->nr_args; i++ )
        len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s",
                                i ? ", " : "", info->arg[i].name);
    problem_add(
        line->problems, line->nr, name->column,
        "unknown argument '%.*s' of %s: expected one that it has: %s%s",
        QUOTE(*name), info->name, names, hint_argument(info, name).text);
}

static void unnamed_argument(const struct op_info *info,
                             const struct line *line, const struct word *w,
                             int next)
{
    int i = hint_unnamed(info, w);
    struct hint hint = { "" };
    struct value v;

    if ( i >= 0 && !kind_parse(&v, info->arg[i].kind, w->s, w->len) )
        hint = hint_value(info->arg[i].kind, w);

    problem_add(line->problems, line->nr, w->column,
                "unnamed argument '%.*s': expected NAME=VALUE, such as "
                "%s=%.*s%s",
                QUOTE(*w), info->arg[i < 0 ? next : i].name, QUOTE(*w),
                hint.text);
}

/* The argument that a word gives, or -1: a problem. next is the first argument
 * not yet given by position, or AFTER_NAMED. */
static int argument_of(const struct op_info *info, struct line *line,
                       struct pair *pair, const struct word *before, int next)
{
    int i;

    if ( pair->has_value && !pair->name.len )
    {
        if ( pair->value.len && pair->value.s[0] == '=' )
            problem_add(line->problems, line->nr, pair->name.column,
                        "unexpected '%.*s': expected = and a result",
                        (int)pair->value.len + 1, pair->name.s);
        else
            problem_add(
                line->problems, line->nr, pair->value.column,
                "no blank between = and '%.*s': expected one before a result",
                QUOTE(pair->value));
        return -1;
    }
    if ( pair->has_value && !pair->value.len && next >= 0 )
    {
        problem_add(line->problems, line->nr, pair->value.column - 1,
                    "no blank before =: expected one before a result, or "
                    "NAME=VALUE");
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

    if ( op_arg_index((enum op_code)(info - op_table), pair->name.s,
                      pair->name.len) >= 0 )
        problem_add(line->problems, line->nr, pair->name.column,
                    "no value of argument '%.*s': expected %.*s=VALUE without "
                    "blanks",
                    QUOTE(pair->name), QUOTE(pair->name));
    else if ( next == AFTER_NAMED )
        problem_add(line->problems, line->nr, pair->name.column,
                    "unnamed argument '%.*s' after a named one: expected "
                    "NAME=VALUE",
                    QUOTE(pair->name));
    else if ( next < info->nr_args )
        unnamed_argument(info, line, &pair->name, next);
    else
        problem_add(
            line->problems, line->nr, pair->name.column,
            "unexpected '%.*s' after the last argument of %s: expected = "
            "and a result, or the end of the line%s",
            QUOTE(pair->name), info->name,
            hint_after_arguments(before, &pair->name).text);
    return -1;
}

static void parse_argument(struct op *op, struct line *line,
                           const struct word *w, const struct word *before,
                           int *next, unsigned int *seen)
{
    const struct op_info *info = &op_table[op->code];
    struct pair pair;
    int i;

    word_split(&pair, w);
    i = argument_of(info, line, &pair, before, *next);
    if ( i < 0 )
    {
        /* What else is on the line would only be the same mistake again. */
        *next = LOST;
        line->at = line->len;
        return;
    }
    if ( pair.has_value )
        *next = AFTER_NAMED;
    else if ( *next != AFTER_NAMED )
        ++*next;

    if ( *seen & (1U << i) )
        problem_add(line->problems, line->nr, w->column,
                    "duplicate argument %s: expected it once",
                    info->arg[i].name);
    *seen |= 1U << i;
    if ( !kind_parse(&op->arg[i], info->arg[i].kind, pair.value.s,
                     pair.value.len) )
        problem_add(line->problems, line->nr, pair.value.column,
                    "invalid %s '%.*s': expected %s%s", info->arg[i].name,
                    QUOTE(pair.value), kind_table[info->arg[i].kind]->form,
                    hint_value(info->arg[i].kind, &pair.value).text);
}

static void parse_arguments(struct litmus *l, struct op *op, struct line *line,
                            unsigned int step)
{
    const struct op_info *info = &op_table[op->code];
    unsigned int seen = 0;
    int next = 0;
    struct word w, before = { "", 0, 1 };

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
        parse_argument(op, line, &w, &before, &next, &seen);
        before = w;
    }

    for ( int i = 0; next != LOST && i < info->nr_args &&
                     kind_table[info->arg[i].kind]->positional;
          i++ )
        if ( !(seen & (1U << i)) )
        {
            problem_add(line->problems, line->nr, w.column,
                        "missing argument %s of %s: expected %s",
                        info->arg[i].name, info->name,
                        kind_table[info->arg[i].kind]->form);
            break;
        }
}

/* The newest of them that has no claim sets. */
static const char *no_sets_in(uint32_t releases)
{
    releases &= RELEASE_MASK_ALL;
    return release_name((enum release)(31 - __builtin_clz(releases)));
}

static void parse_op(struct parser *p, struct line *line,
                     const struct word *first)
{
    struct program *program = &p->l->program;
    int code = op_from_name(first->s, first->len);
    struct op *op;

    if ( code < 0 )
    {
        problem_add(line->problems, line->nr, first->column,
                    "unknown operation '%.*s': expected host, expect or an "
                    "operation that claimcheck ops lists%s",
                    QUOTE(*first), hint_statement(first).text);
        return;
    }
    if ( p->l->releases & ~op_releases((enum op_code)code) )
    {
        problem_add(line->problems, line->nr, first->column,
                    "no claim sets in release %s: expected %s in a file with "
                    "host release=drafts, or the name of one",
                    no_sets_in(p->l->releases), op_table[code].name);
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
