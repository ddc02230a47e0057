/* SPDX-License-Identifier: MIT */
/* What hints are made of; see hint.h. */
#include "hint.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "near.h"

struct hint hint_say(const char *fmt, ...)
{
    struct hint h;
    va_list args;

    va_start(args, fmt);
    vsnprintf(h.text, sizeof(h.text), fmt, args);
    va_end(args);

    return h;
}

struct hint hint_none(void)
{
    return (struct hint){ "" };
}

struct hint hint_meant(const char *text)
{
    return text ? hint_say(" (did you mean %s?)", text) : hint_none();
}

bool hint_copy(char *to, const struct word *w, bool lower_case)
{
    if ( w->len >= HINT_WORD_MAX )
        return false;
    for ( size_t i = 0; i < w->len; i++ )
    {
        to[i] = w->s[i];
        if ( lower_case )
            to[i] = near_lower(to[i]);
    }
    to[w->len] = 0;

    return true;
}

const char *hint_alias_of(const struct hint_alias *table, size_t nr,
                          const char *s)
{
    for ( size_t i = 0; i < nr; i++ )
        if ( !strcmp(table[i].wrong, s) )
            return table[i].right;

    return NULL;
}
