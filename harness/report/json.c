/* SPDX-License-Identifier: MIT */
/* Strings of JSON; see json.h. */
#include "json.h"

#include <stddef.h>
#include <stdint.h>

/* Smallest code point that takes so many bytes, and the largest there is. */
static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
#define CODE_MAX 0x10ffff
#define SURROGATE_FIRST 0xd800
#define SURROGATE_LAST 0xdfff

/* Bytes of the UTF-8 character at s, or 0 if there is none. */
static size_t character(const unsigned char *s)
{
    size_t len = *s < 0x80       ? 1
                 : *s >> 5 == 6  ? 2
                 : *s >> 4 == 14 ? 3
                 : *s >> 3 == 30 ? 4
                                 : 0;
    uint32_t code;

    if ( len < 2 )
        return len;
    code = *s & (0x7fU >> len);
    for ( size_t i = 1; i < len; i++ )
    {
        /* The end of the string is no continuation, too. */
        if ( s[i] >> 6 != 2 )
            return 0;
        code = code << 6 | (s[i] & 0x3f);
    }
    if ( code < least[len] || code > CODE_MAX ||
         (code >= SURROGATE_FIRST && code <= SURROGATE_LAST) )
        return 0;

    return len;
}

void json_string(FILE *f, const char *s)
{
    const unsigned char *p = (const unsigned char *)s;

    fputc('"', f);
    while ( *p )
    {
        size_t len = character(p);

        if ( !len )
        {
            fputs("\\ufffd", f);
            len = 1;
        }
        else if ( *p == '"' || *p == '\\' )
            fprintf(f, "\\%c", *p);
        else if ( *p < 0x20 )
            fprintf(f, "\\u%04x", *p);
        else
            fwrite(p, 1, len, f);
        p += len;
    }
    fputc('"', f);
}
