/* SPDX-License-Identifier: MIT */
/* Text that others chose, quoted; see quote.h. */
#include "quote.h"

#include <string.h>

/* Smallest code point that takes so many bytes, and the largest there is. */
static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
#define CODE_MAX 0x10ffff
#define SURROGATE_FIRST 0xd800
#define SURROGATE_LAST 0xdfff

/* Code points that are not shown, or change what is shown around them. */
static const struct
{
    uint32_t first, last;
} hidden[] = {
    { 0, 0x1f },        { 0x7f, 0x9f },     { 0x61c, 0x61c },
    { 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f },
    { 0xfeff, 0xfeff }, { 0xfff0, 0xfffb }, { 0xe0000, 0xe007f },
};

size_t utf8_character(const char *s, uint32_t *code)
{
    const unsigned char *p = (const unsigned char *)s;
    size_t len = *p < 0x80       ? 1
                 : *p >> 5 == 6  ? 2
                 : *p >> 4 == 14 ? 3
                 : *p >> 3 == 30 ? 4
                                 : 0;

    *code = *p;
    if ( len < 2 )
        return len;
    *code = *p & (0x7fU >> len);
    for ( size_t i = 1; i < len; i++ )
    {
        /* The end of the string is no continuation, too. */
        if ( p[i] >> 6 != 2 )
            return 0;
        *code = *code << 6 | (p[i] & 0x3f);
    }
    if ( *code < least[len] || *code > CODE_MAX ||
         (*code >= SURROGATE_FIRST && *code <= SURROGATE_LAST) )
        return 0;

    return len;
}

bool utf8_is_shown(uint32_t code)
{
    for ( size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++ )
        if ( code >= hidden[i].first && code <= hidden[i].last )
            return false;

    return true;
}

/* Bytes of the character at s if it can be shown, else 0. */
static size_t shown(const char *s)
{
    uint32_t code;
    size_t len = utf8_character(s, &code);

    return utf8_is_shown(code) ? len : 0;
}

static void escape(FILE *f, char c)
{
    fprintf(f, "\\x%02x", (unsigned char)c);
}

size_t quote_character(FILE *f, const char *s)
{
    size_t len = shown(s);

    if ( len )
        fwrite(s, 1, len, f);
    else
        escape(f, *s);

    return len ? len : 1;
}

void quote_text(FILE *f, const char *s)
{
    while ( *s )
        s += quote_character(f, s);
}

void quote_comment(FILE *f, const char *s)
{
    while ( *s )
        if ( strchr("*\\?", *s) )
            escape(f, *s++);
        else
            s += quote_character(f, s);
}

/* ---- shells ---- */

static void single_quotes(FILE *f, const char *s, size_t size)
{
    fputc('\'', f);
    for ( ; size; s++, size-- )
        if ( *s == '\'' )
            fputs("'\\''", f);
        else
            fputc(*s, f);
    fputc('\'', f);
}

/* By printf, of octal numbers. $() takes newlines from the end. */
static void by_printf(FILE *f, const char *s, size_t size)
{
    fputs("\"$(printf '", f);
    while ( size )
    {
        size_t len = strchr("'\\%", *s) ? 0 : shown(s);

        if ( len )
            fwrite(s, 1, len, f);
        else
            fprintf(f, "\\%03o", (unsigned char)*s);
        s += len ? len : 1;
        size -= len ? len : 1;
    }
    fputs("')\"", f);
}

void quote_shell(FILE *f, const char *s)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_-+=.,:/@%";
    size_t size = strlen(s), newlines = 0, len;
    bool all_shown = true;

    if ( size && strspn(s, plain) == size )
    {
        fputs(s, f);
        return;
    }
    while ( newlines < size && s[size - newlines - 1] == '\n' )
        newlines++;
    size -= newlines;
    for ( size_t i = 0; i < size; i += len ? len : 1 )
    {
        len = shown(s + i);
        all_shown &= len != 0;
    }
    if ( !all_shown )
        by_printf(f, s, size);
    else if ( size || !newlines )
        single_quotes(f, s, size);
    if ( newlines )
        single_quotes(f, s + size, newlines);
}

void quote_shell_path(FILE *f, const char *path)
{
    if ( *path == '-' && path[1] )
        fputs("./", f);
    quote_shell(f, path);
}
