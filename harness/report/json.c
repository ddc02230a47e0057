/* SPDX-License-Identifier: MIT */
/* Strings of JSON; see json.h. */
#include "json.h"

#include "harness/program/quote.h"

#define BMP_END 0x10000

/* As JSON has it: in one unit of UTF-16, or two. */
static void escape(FILE *f, uint32_t code)
{
    if ( code < BMP_END )
        fprintf(f, "\\u%04x", code);
    else
        fprintf(f, "\\u%04x\\u%04x", 0xd800 | (code - BMP_END) >> 10,
                0xdc00 | (code & 0x3ff));
}

void json_string(FILE *f, const char *s)
{
    fputc('"', f);
    while ( *s )
    {
        uint32_t code;
        size_t len = utf8_character(s, &code);

        if ( !len )
        {
            fputs("\\ufffd", f);
            len = 1;
        }
        else if ( *s == '"' || *s == '\\' )
            fprintf(f, "\\%c", *s);
        else if ( !utf8_is_shown(code) )
            escape(f, code);
        else
            fwrite(s, 1, len, f);
        s += len;
    }
    fputc('"', f);
}
