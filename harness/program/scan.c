/* SPDX-License-Identifier: MIT */
/* Words of a line, numbers, and the list of what is wrong with them. */
#include "scan.h"

#include <stdarg.h>
#include <string.h>

static bool blank(char c)
{
    /* '\r': lines may end as on other systems. */
    return c == ' ' || c == '\t' || c == '\r';
}

bool line_next(struct line *line, struct word *word)
{
    size_t end = line->at;
    size_t at = line->at;

    while ( at < line->len && blank(line->s[at]) )
        at++;
    if ( at == line->len || line->s[at] == '#' )
    {
        line->at = line->len;
        *word = (struct word){ line->s + end, 0, (uint32_t)end + 1 };
        return false;
    }

    for ( end = at; end < line->len && !blank(line->s[end]); end++ )
        if ( line->s[end] == '#' )
            break;
    line->at = end;
    *word = (struct word){ line->s + at, end - at, (uint32_t)at + 1 };

    return true;
}

bool word_is(const struct word *word, const char *text)
{
    return strlen(text) == word->len && !memcmp(text, word->s, word->len);
}

void word_split(struct pair *pair, const struct word *word)
{
    const char *eq = memchr(word->s, '=', word->len);

    pair->has_value = eq;
    pair->name = *word;
    pair->value = *word;
    if ( !eq )
        return;

    pair->name.len = (size_t)(eq - word->s);
    pair->value.s = eq + 1;
    pair->value.len = word->len - pair->name.len - 1;
    pair->value.column = word->column + (uint32_t)pair->name.len + 1;
}

bool number_parse(uint64_t *n, const char *s, size_t len, uint64_t max)
{
    bool hex = len > 2 && s[0] == '0' && s[1] == 'x';
    unsigned int radix = hex ? 16 : 10;
    uint64_t v = 0;

    if ( !len )
        return false;

    for ( size_t i = hex ? 2 : 0; i < len; i++ )
    {
        unsigned int digit;

        if ( s[i] >= '0' && s[i] <= '9' )
            digit = s[i] - '0';
        else if ( hex && s[i] >= 'a' && s[i] <= 'f' )
            digit = s[i] - 'a' + 10;
        else if ( hex && s[i] >= 'A' && s[i] <= 'F' )
            digit = s[i] - 'A' + 10;
        else
            return false;

        if ( v > (UINT64_MAX - digit) / radix )
            return false;
        v = v * radix + digit;
    }

    *n = v;
    return v <= max;
}

void problem_add(struct problems *problems, uint32_t line, uint32_t column,
                 const char *fmt, ...)
{
    uint32_t at = problems->nr++;
    struct problem *p;
    va_list args;

    if ( at >= TEXT_PROBLEMS_MAX )
        return;

    p = &problems->problem[at];
    p->line = line;
    p->column = column;
    va_start(args, fmt);
    vsnprintf(p->text, sizeof(p->text), fmt, args);
    va_end(args);

    /* What is quoted comes from the file: no control character may reach a
     * terminal. */
    for ( char *c = p->text; *c; c++ )
        if ( *c < ' ' || *c > '~' )
            *c = '?';
}
