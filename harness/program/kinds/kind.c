/* SPDX-License-Identifier: MIT */
/*
 * Values of every kind, by its descriptor. Not here: anything about one kind.
 */
#include "internal.h"

const struct kind *const kind_table[ARG_KIND_COUNT] = {
#define KIND(kind, narrow, wide) [ARG_##kind] = &kind_##kind,
#include "kinds.def"
#undef KIND
};

/* ---- bytes ---- */

void kind_decode_narrow(struct value *v, enum arg_kind kind, uint32_t code)
{
    const struct kind *k = kind_table[kind];

    assert(code < kind_codes(kind));
    if ( k->narrow )
        *v = k->narrow[code];
    else if ( k->decode_narrow )
        k->decode_narrow(v, code);
    else
        *v = (struct value){ .v = code & (uint32_t)k->max };
}

bool kind_encode_narrow(uint32_t *code, enum arg_kind kind,
                        const struct value *v)
{
    const struct kind *k = kind_table[kind];

    if ( k->encode_narrow )
        return k->encode_narrow(code, v);

    *code = (uint32_t)v->v;
    if ( !k->narrow )
        return (uint64_t)v->v < kind_codes(kind);
    for ( *code = 0; *code < kind_codes(kind); ++*code )
        if ( value_equal(v, &k->narrow[*code]) )
            return true;

    return false;
}

static void decode_number(struct value *v, const struct kind *k, uint8_t sel,
                          uint64_t n)
{
    *v = (struct value){ 0 };
    if ( k->decode )
    {
        k->decode(v, sel, n);
        return;
    }
    assert(!(k->max & (k->max + 1)));
    v->v = (int64_t)(n & k->max);
}

void kind_decode(struct value *v, enum arg_kind kind, const uint8_t *in)
{
    const struct kind *k = kind_table[kind];
    bool has_sel = k->bytes > 8;

    decode_number(v, k, has_sel ? in[0] : 0,
                  le_get(in + has_sel, k->bytes - has_sel));
}

void kind_encode(uint8_t *out, enum arg_kind kind, const struct value *v)
{
    const struct kind *k = kind_table[kind];
    bool has_sel = k->bytes > 8;

    if ( has_sel )
        out[0] = v->sel;
    le_put(out + has_sel, k->bytes - has_sel,
           k->encode ? k->encode(v) : (uint64_t)v->v);
}

bool kind_valid(enum arg_kind kind, const struct value *v)
{
    const struct kind *k = kind_table[kind];
    bool has_sel = k->bytes > 8;
    uint64_t n = k->encode ? k->encode(v) : (uint64_t)v->v;
    struct value back;

    /* A value is valid if its bytes decode to it. What of a number is above its
     * bytes is lost: looked at without writing them. */
    if ( k->bytes < 8 )
        n &= (UINT64_C(1) << (8 * k->bytes)) - 1;
    decode_number(&back, k, has_sel ? v->sel : 0, n);

    return value_equal(v, &back);
}

/* ---- text ---- */

bool kind_parse(struct value *v, enum arg_kind kind, const char *s, size_t len)
{
    const struct kind *k = kind_table[kind];

    *v = (struct value){ 0 };
    return k->parse ? k->parse(v, k, s, len) : number_value(v, k, s, len);
}

int kind_print(char *out, enum arg_kind kind, const struct value *v)
{
    const struct kind *k = kind_table[kind];

    assert(kind_valid(kind, v));
    return k->print ? k->print(out, k, v) : number_print(out, (uint64_t)v->v);
}

/* ---- boundary values ---- */

/* Those with narrow codes. A kind of no nibbles has none but the default, which
 * is no boundary. */
static uint32_t narrow_edges(enum arg_kind kind)
{
    const struct kind *k = kind_table[kind];
    uint32_t codes = kind_codes(kind);

    if ( k->narrow )
        return codes;
    if ( k->nr_edges || !k->nibbles )
        return 0;

    return k->max < codes ? (uint32_t)k->max + 1 : codes;
}

uint32_t kind_edges(enum arg_kind kind)
{
    return narrow_edges(kind) + kind_table[kind]->nr_edges;
}

void kind_edge(struct value *v, enum arg_kind kind, uint32_t i)
{
    uint32_t narrow = narrow_edges(kind);

    assert(i < kind_edges(kind));
    if ( i < narrow )
        kind_decode_narrow(v, kind, i);
    else
        *v = kind_table[kind]->edges[i - narrow];
}

bool kind_simpler(struct value *out, enum arg_kind kind, const struct value *v,
                  unsigned int i)
{
    kind_default(out, kind);
    if ( value_equal(v, out) || (i > 1 && !v->v) )
        return false;

    switch ( i )
    {
    case 0: return true;
    case 1: *out = (struct value){ 0 }; break;
    case 2: *out = (struct value){ .sel = v->sel }; break;
    case 3: *out = (struct value){ v->v < 0 ? -1 : 1, v->sel }; break;
    case 4: *out = (struct value){ v->v / 2, v->sel }; break;
    default:
        *out = (struct value){ v->v + (v->v < 0 ? 1 : -1), v->sel };
        break;
    }

    return !value_equal(v, out) && kind_valid(kind, out);
}
