/* SPDX-License-Identifier: MIT */
/*
 * Where a call's structure lies (MEMARG) and its extent list (LIST). sel is enum
 * mem_sel; v the K of short:K, or the address.
 */
#include "internal.h"

static const char *const names[MEM_SEL_COUNT] = {
    [MEM_OK] = "ok",
    [MEM_NULL] = "null",
    [MEM_UNMAPPED] = "unmapped",
    [MEM_NONCANONICAL] = "noncanonical",
    [MEM_SHORT] = "short:",
    [MEM_MISALIGNED] = "misaligned",
    [MEM_READONLY] = "readonly",
};

/* ---- text of both ---- */

static bool parse(struct value *v, const struct kind *k, const char *s,
                  size_t len)
{
    size_t prefix = strlen(names[MEM_SHORT]);

    for ( unsigned int i = 0; i < MEM_SEL_COUNT; i++ )
        if ( i != MEM_SHORT && i != MEM_ADDRESS && text_is(names[i], s, len) )
        {
            v->sel = (uint8_t)i;
            return true;
        }

    if ( !text_starts(names[MEM_SHORT], s, len) )
        return false;
    v->sel = MEM_SHORT;

    return number_value(v, k, s + prefix, len - prefix);
}

static int print(char *out, const struct kind *k, const struct value *v)
{
    (void)k;
    if ( v->sel == MEM_ADDRESS )
        return snprintf(out, KIND_TEXT_MAX, "0x%" PRIx64, (uint64_t)v->v);
    if ( v->sel == MEM_SHORT )
        return snprintf(out, KIND_TEXT_MAX, "%s%d", names[MEM_SHORT],
                        (int)v->v);

    return text_out(out, names[v->sel]);
}

static const char *word(unsigned int i)
{
    if ( i >= MEM_SEL_COUNT )
        return NULL;

    return i == MEM_SHORT || i == MEM_ADDRESS ? "" : names[i];
}

/* The places that are not cut short. */
#define EVERYWHERE                                                            \
    S(MEM_OK, 0), S(MEM_NULL, 0), S(MEM_UNMAPPED, 0), S(MEM_NONCANONICAL, 0), \
        S(MEM_MISALIGNED, 0)

/* ---- MEMARG ---- */

/* Codes below MEM_SHORT are selectors, above it, K of short:K; MEM_MISALIGNED
 * takes MEM_SHORT's place, and MEM_READONLY is the last. */
#define READONLY_CODE (MEM_SHORT + 1 + MEMARG_SHORT_MAX + 1)
#define MEMARG_CODES (READONLY_CODE + 1)

static void decode_memarg(struct value *v, uint8_t sel, uint64_t code)
{
    (void)sel;
    code %= MEMARG_CODES;
    if ( code == READONLY_CODE )
        *v = (struct value){ .sel = MEM_READONLY };
    else if ( code > MEM_SHORT )
        *v = (struct value){ .v = (int64_t)code - MEM_SHORT - 1,
                             .sel = MEM_SHORT };
    else
        *v = (struct value){ .sel = code == MEM_SHORT ? MEM_MISALIGNED
                                                      : (uint8_t)code };
}

static uint64_t encode_memarg(const struct value *v)
{
    if ( v->sel == MEM_SHORT )
        return (uint64_t)v->v + MEM_SHORT + 1;

    return v->sel == MEM_MISALIGNED ? MEM_SHORT
           : v->sel == MEM_READONLY ? READONLY_CODE
                                    : v->sel;
}

/* Cuts at the edges of the structure's members, native (8, 16, 20, 24, 26) and
 * 32-bit (4, 8, 12, 16, 20), and one byte short of both structures. */
NARROW(memargs) = {
    EVERYWHERE,
    S(MEM_SHORT, 0),
    S(MEM_SHORT, 1),
    S(MEM_SHORT, 8),
    S4(MEM_SHORT, 12, 16, 19, 20),
    S4(MEM_SHORT, 24, 26, 28, 31),
};

/* There is no narrow code left for it. */
static const struct value readonly[] = { S(MEM_READONLY, 0) };

const struct kind kind_MEMARG = {
    .name = NAME_WIDTHS(MEMARG),
    .form = "ok, null, unmapped, noncanonical, misaligned, readonly or "
            "short:K (0 .. 32)",
    .max = MEMARG_SHORT_MAX,
    .narrow = memargs,
    .decode = decode_memarg,
    .encode = encode_memarg,
    .parse = parse,
    .print = print,
    .word = word,
    .edges = readonly,
    .nr_edges = NR_OF(readonly),
};

/* ---- DATA ---- */

/* What a structure points to: cuts by bytes of a node map, and by entries of 16
 * bytes. */
NARROW(data) = {
    EVERYWHERE,      S(MEM_SHORT, 0),           S(MEM_SHORT, 1),
    S(MEM_SHORT, 2), S4(MEM_SHORT, 4, 7, 8, 9), S4(MEM_SHORT, 15, 16, 31, 32),
};

const struct kind kind_DATA = {
    .name = NAME_WIDTHS(DATA),
    .form = "what the structure points to, as MEMARG",
    .terse = true,
    .max = MEMARG_SHORT_MAX,
    .narrow = data,
    .decode = decode_memarg,
    .encode = encode_memarg,
    .parse = parse,
    .print = print,
    .word = word,
    .edges = readonly,
    .nr_edges = NR_OF(readonly),
};

/* ---- LIST ---- */

static void decode_list(struct value *v, uint8_t sel, uint64_t n)
{
    v->sel = sel % MEM_SEL_COUNT;
    if ( v->sel == MEM_ADDRESS )
        v->v = (int64_t)n;
    else
        v->v = v->sel == MEM_SHORT ? (int64_t)(n % (LIST_SHORT_MAX + 1)) : 0;
}

static bool parse_list(struct value *v, const struct kind *k, const char *s,
                       size_t len)
{
    uint64_t n;

    if ( !text_starts("0x", s, len) )
        return parse(v, k, s, len);
    if ( !number_parse(&n, s, len, UINT64_MAX) )
        return false;

    *v = (struct value){ .v = (int64_t)n, .sel = MEM_ADDRESS };
    return true;
}

NARROW(lists) = {
    EVERYWHERE,       S4(MEM_SHORT, 0, 1, 2, 3), S4(MEM_SHORT, 4, 7, 8, 16),
    S(MEM_SHORT, 32), S(MEM_SHORT, 64),          S(MEM_SHORT, 256),
};

/* In Xen's part of a 32-bit address space; the ends of what a PV guest cannot
 * name, and the last entries before them; one that can only be read. */
static const struct value more_lists[] = {
    S(MEM_ADDRESS, 0xf5800000),
    S(MEM_ADDRESS, 0x7ffffffffff8),
    S(MEM_ADDRESS, 0x800000000000),
    S(MEM_ADDRESS, (int64_t)0xffff87fffffffff8),
    S(MEM_ADDRESS, (int64_t)0xffff880000000000),
    S(MEM_READONLY, 0),
};

const struct kind kind_LIST = {
    .name = NAME_WIDTHS(LIST),
    .form = "ok, null, unmapped, noncanonical, misaligned, readonly, short:K "
            "(0 .. 1024) or 0xADDRESS",
    .max = LIST_SHORT_MAX,
    .narrow = lists,
    .decode = decode_list,
    .parse = parse_list,
    .print = print,
    .word = word,
    .edges = more_lists,
    .nr_edges = NR_OF(more_lists),
};
