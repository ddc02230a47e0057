/* SPDX-License-Identifier: MIT */
/*
 * Text to arguments. Each kind reads what fields_print.c writes, and a few
 * forms more. Not here: lines and statements (parse.c).
 */
#include "fields_names.h"

#include <string.h>

static bool same(const char *name, const char *s, size_t len)
{
    return name && strlen(name) == len && !memcmp(name, s, len);
}

static bool starts(const char *prefix, const char *s, size_t len)
{
    size_t n = strlen(prefix);

    return len >= n && !memcmp(prefix, s, n);
}

bool number_parse(uint64_t *n, const char *s, size_t len, uint64_t max)
{
    bool hex = len > 2 && starts("0x", s, len);
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

/* "dN" with N at least min. */
static bool slot_parse(int64_t *slot, const char *s, size_t len, char min)
{
    if ( len != 2 || s[0] != 'd' || s[1] < min || s[1] >= '0' + HV_DOMS_MAX )
        return false;

    *slot = s[1] - '0';
    return true;
}

static bool pages_parse(struct value *v, const char *s, size_t len)
{
    uint64_t n;

    for ( unsigned int b = BASE_LIT + 1; b < BASE_COUNT; b++ )
    {
        size_t base_len = strlen(bases[b].name);

        if ( !starts(bases[b].name, s, len) )
            continue;

        v->sel = (uint8_t)b;
        v->v = 0;
        if ( len == base_len )
            return true;
        /* "claim" begins "claimable" and "claimed". */
        if ( s[base_len] != '+' && s[base_len] != '-' )
            continue;

        bool minus = s[base_len] == '-';

        if ( !number_parse(&n, s + base_len + 1, len - base_len - 1,
                           (uint64_t)INT64_MAX + minus) )
            return false;
        v->v = (int64_t)(minus ? -n : n);
        return true;
    }

    if ( !number_parse(&n, s, len, UINT64_MAX) )
        return false;

    *v = (struct value){ .v = (int64_t)n, .sel = BASE_LIT };
    return true;
}

static bool node_parse(struct value *v, const char *s, size_t len)
{
    if ( same("any", s, len) )
    {
        field_default(v, ARG_NODE);
        return true;
    }

    if ( !len || len > 2 || s[0] < '0' || s[0] > '7' ||
         (len == 2 && s[1] != '!') )
        return false;

    *v = (struct value){ .v = s[0] - '0', .sel = len == 2 };
    return true;
}

static bool caller_parse(struct value *v, const char *s, size_t len)
{
    bool user = len == 7 && !memcmp(s + 2, ".user", 5);

    v->sel = 0;
    if ( same("dom0", s, len) )
        v->v = CALLER_DOM0;
    else if ( same("ctl", s, len) )
        v->v = CALLER_CTL;
    else if ( !slot_parse(&v->v, s, user ? 2 : len, '1') )
        return false;
    else if ( user )
        v->v += CALLER_USER;

    return true;
}

static bool domid_parse(struct value *v, const char *s, size_t len)
{
    uint64_t n;

    *v = (struct value){ 0 };
    for ( size_t i = 0; i < NR_SYSTEM_DOMIDS; i++ )
        if ( same(system_domids[i].name, s, len) )
        {
            v->v = system_domids[i].domid;
            return true;
        }

    if ( !slot_parse(&v->v, s, len, '0') )
    {
        if ( !number_parse(&n, s, len, UINT16_MAX) )
            return false;
        v->v = (int64_t)n;
    }
    v->sel = v->v < HV_DOMS_MAX;

    return true;
}

static bool mem_parse(struct value *v, enum arg_kind kind, const char *s,
                      size_t len)
{
    size_t prefix = strlen(mem_names[MEM_SHORT]);
    uint64_t n = 0;

    *v = (struct value){ 0 };
    for ( unsigned int i = 0; i < MEM_SEL_COUNT; i++ )
        if ( i != MEM_SHORT && same(mem_names[i], s, len) )
        {
            v->sel = (uint8_t)i;
            return true;
        }

    if ( starts(mem_names[MEM_SHORT], s, len) )
    {
        v->sel = MEM_SHORT;
        if ( !number_parse(&n, s + prefix, len - prefix,
                           field_table[kind].max) )
            return false;
    }
    else if ( kind == ARG_LIST && starts("0x", s, len) )
    {
        v->sel = MEM_ADDRESS;
        if ( !number_parse(&n, s, len, UINT64_MAX) )
            return false;
    }
    else
        return false;

    v->v = (int64_t)n;
    return true;
}

static bool name_parse(struct value *v, enum arg_kind kind, const char *s,
                       size_t len)
{
    const char *const *names = number_names(kind);

    for ( unsigned int i = 0; names && i < NUMBERS; i++ )
        if ( same(names[i], s, len) )
        {
            *v = (struct value){ .v = i };
            return true;
        }

    return false;
}

bool field_parse(struct value *v, enum arg_kind kind, const char *s,
                 size_t len)
{
    uint64_t n;

    switch ( kind )
    {
    case ARG_PAGES: return pages_parse(v, s, len);

    case ARG_NODE: return node_parse(v, s, len);

    case ARG_CALLER: return caller_parse(v, s, len);

    case ARG_DOMID: return domid_parse(v, s, len);

    case ARG_LIST:
    case ARG_MEMARG: return mem_parse(v, kind, s, len);

    case ARG_DOM: v->sel = 0; return slot_parse(&v->v, s, len, '0');

    case ARG_ABI:
        *v = (struct value){ .v = same("32", s, len) ? ABI_32 : ABI_64 };
        return v->v == ABI_32 || same("64", s, len);

    case ARG_CMD:
    case ARG_DOMCTL:
    case ARG_SYSCTL:
        if ( name_parse(v, kind, s, len) )
            return true;
        break;

    default: break;
    }

    if ( !number_parse(&n, s, len, field_table[kind].max) )
        return false;

    *v = (struct value){ .v = (int64_t)n };
    return true;
}
