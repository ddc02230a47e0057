/* SPDX-License-Identifier: MIT */
/* Arguments to text: each kind has one way to print a value. */
#include "fields_names.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

/* From here on numbers are easier to read in hexadecimal. */
#define HEX_FROM 1000

static int print_number(char *out, uint64_t n)
{
    return snprintf(out, FIELD_TEXT_MAX,
                    n < HEX_FROM ? "%" PRIu64 : "0x%" PRIx64, n);
}

static int print_pages(char *out, const struct value *v)
{
    if ( v->sel == BASE_LIT )
        return snprintf(out, FIELD_TEXT_MAX, "%" PRIu64, (uint64_t)v->v);

    if ( !v->v )
        return snprintf(out, FIELD_TEXT_MAX, "%s", bases[v->sel].name);

    return snprintf(out, FIELD_TEXT_MAX, "%s%+" PRId64, bases[v->sel].name,
                    v->v);
}

static int print_caller(char *out, const struct value *v)
{
    if ( v->v == CALLER_DOM0 || v->v == CALLER_CTL )
        return snprintf(out, FIELD_TEXT_MAX, "%s", v->v ? "ctl" : "dom0");

    return snprintf(out, FIELD_TEXT_MAX, "d%d%s", (int)v->v % CALLER_USER,
                    v->v > CALLER_USER ? ".user" : "");
}

static int print_domid(char *out, const struct value *v)
{
    for ( size_t i = 0; i < NR_SYSTEM_DOMIDS; i++ )
        if ( v->v == system_domids[i].domid )
            return snprintf(out, FIELD_TEXT_MAX, "%s", system_domids[i].name);

    if ( v->sel )
        return snprintf(out, FIELD_TEXT_MAX, "d%d", (int)v->v);

    return print_number(out, (uint64_t)v->v);
}

static int print_mem(char *out, const struct value *v)
{
    if ( v->sel == MEM_ADDRESS )
        return snprintf(out, FIELD_TEXT_MAX, "0x%" PRIx64, (uint64_t)v->v);
    if ( v->sel == MEM_SHORT )
        return snprintf(out, FIELD_TEXT_MAX, "%s%d", mem_names[MEM_SHORT],
                        (int)v->v);

    return snprintf(out, FIELD_TEXT_MAX, "%s", mem_names[v->sel]);
}

static int print_node(char *out, const struct value *v)
{
    if ( v->v < 0 )
        return snprintf(out, FIELD_TEXT_MAX, "any");

    return snprintf(out, FIELD_TEXT_MAX, "%d%s", (int)v->v, v->sel ? "!" : "");
}

int field_print(char *out, enum arg_kind kind, const struct value *v)
{
    const char *const *names;

    assert(field_valid(kind, v));

    switch ( kind )
    {
    case ARG_PAGES: return print_pages(out, v);

    case ARG_NODE: return print_node(out, v);

    case ARG_CALLER: return print_caller(out, v);

    case ARG_DOMID: return print_domid(out, v);

    case ARG_LIST:
    case ARG_MEMARG: return print_mem(out, v);

    case ARG_DOM: return snprintf(out, FIELD_TEXT_MAX, "d%d", (int)v->v);

    case ARG_ABI:
        return snprintf(out, FIELD_TEXT_MAX, "%d", v->v == ABI_32 ? 32 : 64);

    default: break;
    }

    names = number_names(kind);
    if ( names && names[v->v] )
        return snprintf(out, FIELD_TEXT_MAX, "%s", names[v->v]);

    return print_number(out, (uint64_t)v->v);
}
