/* SPDX-License-Identifier: MIT */
/*
 * PAGES: a page count, base + offset. The base (pages.def) is resolved against
 * the state when the step runs, so that a case at an edge is a common one.
 */
#include "internal.h"

#include "claims.h"

const struct base base_table[BASE_COUNT] = {
#define BASE(id, text, mean) [BASE_##id] = { (text), (mean) },
#include "pages.def"
#undef BASE
};

/* ---- bytes ---- */

/* Narrow: the base in the lowest nibble, above it some bits of offset, signed
 * unless the base is 0. */
#define PAGES_BITS 12

_Static_assert(BASE_COUNT <= 16, "a base is one nibble");

static void decode_bits(struct value *v, uint32_t code, unsigned int bits)
{
    const int64_t numbers = INT64_C(1) << bits;

    v->sel = (code & 15) % BASE_COUNT;
    v->v = (code >> 4) & (numbers - 1);
    if ( v->sel != BASE_LIT && v->v >= numbers / 2 )
        v->v -= numbers;
}

static bool encode_bits(uint32_t *code, const struct value *v,
                        unsigned int bits)
{
    const int64_t numbers = INT64_C(1) << bits;
    int64_t least = v->sel == BASE_LIT ? 0 : -numbers / 2;

    if ( v->v < least || v->v >= least + numbers )
        return false;

    *code = v->sel | (uint32_t)(v->v & (numbers - 1)) << 4;
    return true;
}

static void decode_narrow(struct value *v, uint32_t code)
{
    decode_bits(v, code, PAGES_BITS);
}

static bool encode_narrow(uint32_t *code, const struct value *v)
{
    return encode_bits(code, v, PAGES_BITS);
}

static void decode(struct value *v, uint8_t sel, uint64_t n)
{
    *v = (struct value){ .v = (int64_t)n, .sel = sel % BASE_COUNT };
}

/* ---- text ---- */

static bool parse(struct value *v, const struct kind *k, const char *s,
                  size_t len)
{
    uint64_t n;

    for ( unsigned int b = BASE_LIT + 1; b < BASE_COUNT; b++ )
    {
        size_t base_len = strlen(base_table[b].name);

        if ( !text_starts(base_table[b].name, s, len) )
            continue;

        *v = (struct value){ .sel = (uint8_t)b };
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

    v->sel = BASE_LIT;
    return number_value(v, k, s, len);
}

static int print(char *out, const struct kind *k, const struct value *v)
{
    (void)k;
    if ( v->sel == BASE_LIT )
        return snprintf(out, KIND_TEXT_MAX, "%" PRIu64, (uint64_t)v->v);
    if ( !v->v )
        return text_out(out, base_table[v->sel].name);

    return snprintf(out, KIND_TEXT_MAX, "%s%+" PRId64, base_table[v->sel].name,
                    v->v);
}

static const char *word(unsigned int i)
{
    return i < BASE_COUNT ? base_table[i].name : NULL;
}

/* ---- boundary values: every base, and steps from it ---- */

#define STEPS 0, 1, -1, 2, -2, 3, -4, 8
#define AT(base, a, b, c, d, e, f, g, h)                                      \
    S(base, a), S(base, b), S(base, c), S(base, d), S(base, e), S(base, f),   \
        S(base, g), S(base, h),
#define AT_STEPS(base, steps) AT(base, steps)

const int8_t pages_steps[PAGES_STEPS] = { STEPS };

static const struct value edges[] = {
#define BASE(id, text, mean) AT_STEPS(BASE_##id, STEPS)
#include "pages.def"
#undef BASE
};

const struct kind kind_PAGES = {
    .name = NAME_WIDTHS(PAGES),
    .form = "N, BASE, BASE+N or BASE-N; a BASE is tot, claim, free, ...",
    .positional = true,
    .max = UINT64_MAX,
    .decode_narrow = decode_narrow,
    .encode_narrow = encode_narrow,
    .decode = decode,
    .parse = parse,
    .print = print,
    .word = word,
    .edges = edges,
    .nr_edges = NR_OF(edges),
};

/* ---- PART: a page count of a claim set, 0 if there is no such entry ---- */

#define PART_BITS 4

static void decode_narrow_part(struct value *v, uint32_t code)
{
    decode_bits(v, code, PART_BITS);
}

static bool encode_narrow_part(uint32_t *code, const struct value *v)
{
    return encode_bits(code, v, PART_BITS);
}

const struct kind kind_PART = {
    .name = NAME_WIDTHS(PART),
    .form = "N, BASE, BASE+N or BASE-N as PAGES; for a node, free, unclaimed, "
            "claim and claimed are the node's",
    .max = UINT64_MAX,
    .decode_narrow = decode_narrow_part,
    .encode_narrow = encode_narrow_part,
    .decode = decode,
    .parse = parse,
    .print = print,
    .word = word,
    .edges = edges,
    .nr_edges = NR_OF(edges),
};

/* ---- in a call ---- */

static uint64_t minus_or_0(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

uint64_t pages_resolve(const struct value *v, const struct hv_view *view,
                       int slot, uint64_t host)
{
    static const struct hv_domain_view nobody;
    const struct hv_domain_view *d = slot < 0 ? &nobody : &view->dom[slot];
    uint64_t base = 0;

    assert(slot < HV_DOMS_MAX);
    switch ( (enum pages_base)v->sel )
    {
    case BASE_LIT:
    case BASE_P2_64:
    case BASE_COUNT: break;
    case BASE_TOT: base = d->tot; break;
    case BASE_MAX: base = d->max; break;
    case BASE_CLAIM: base = d->claim; break;
    case BASE_GOAL: base = (uint64_t)d->tot + d->claim; break;
    case BASE_ROOM: base = minus_or_0(d->max, d->tot); break;
    case BASE_FREE: base = view->free; break;
    case BASE_UNCLAIMED: base = minus_or_0(view->free, view->claimed); break;
    case BASE_CLAIMABLE:
        base = d->tot + minus_or_0(view->free, view->claimed);
        break;
    case BASE_CLAIMED: base = view->claimed; break;
    case BASE_HOST: base = host; break;
    case BASE_P2_26: base = UINT64_C(1) << 26; break;
    case BASE_P2_31: base = UINT64_C(1) << 31; break;
    case BASE_P2_32: base = UINT64_C(1) << 32; break;
    case BASE_P2_63: base = UINT64_C(1) << 63; break;
    }

    return base + (uint64_t)v->v;
}

uint64_t part_resolve(const struct value *v, const struct hv_view *view,
                      int slot, uint64_t host, uint32_t target)
{
    uint64_t offset = (uint64_t)v->v;

    if ( target < HV_NODES_MAX )
        switch ( v->sel )
        {
        case BASE_FREE: return view->node_free[target] + offset;
        case BASE_UNCLAIMED:
            return minus_or_0(view->node_free[target],
                              view->node_claimed[target]) +
                   offset;
        case BASE_CLAIMED: return view->node_claimed[target] + offset;
        case BASE_CLAIM:
            return (slot < 0 ? 0 : view->node_claim[slot][target]) + offset;
        default: break;
        }

    return pages_resolve(v, view, slot, host);
}
