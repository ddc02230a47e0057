/* SPDX-License-Identifier: MIT */
/*
 * Bytes of arguments: the tables of narrow values that matter, and the wide
 * forms. Not here: text (fields_parse.c, fields_print.c).
 */
#include "fields.h"

#include <assert.h>
#include <string.h>

#define V(n)                                                                  \
    {                                                                         \
        .v = (n)                                                              \
    }
#define S(s, n)                                                               \
    {                                                                         \
        .v = (n), .sel = (s)                                                  \
    }
#define V4(a, b, c, d) V(a), V(b), V(c), V(d)
#define NARROW(name) static const struct value narrow_##name[16]

NARROW(DOM) = {
    V4(0, 1, 2, 3),
    V4(4, 5, 6, 7),
    V4(0, 1, 2, 3),
    V4(4, 5, 6, 7),
};

/* All orders of a block there is, the next one, and those at which limits and
 * shifts lie: 2^12 pages, dom0's limits of 2^18 and 2^19, 31 and 63. */
NARROW(ORDER) = {
    V4(0, 1, 2, 3),
    V4(4, 5, 6, 7),
    V4(8, 9, 10, 12),
    V4(18, 19, 31, 63),
};

#define NODE_ANY (-1)
/* Nodes that can be, and 7, which never is. */
NARROW(NODE) = {
    V4(NODE_ANY, 0, 1, 2),
    V(3),
    S(1, 0),
    S(1, 1),
    S(1, 2),
    S(1, 3),
    V(7),
    S(1, 7),
    V(NODE_ANY),
    V4(0, 1, 2, 3),
};

/* Address widths around the zones of a small host and beyond it; each flag
 * alone; a node there cannot be; everything. */
NARROW(FLAGS) = {
    V4(0, 12, 13, 17),
    V4(18, 19, 40, 1),
    V4(XENMEMF_populate_on_demand, XENMEMF_exact_node_request, XENMEMF_vnode,
       1 << 19),
    V4(0x80000000, MEMF_NODE_MASK, MEMF_BITS_MASK, 0xffffffff),
};

NARROW(LIST) = {
    S(MEM_OK, 0),           S(MEM_NULL, 0),       S(MEM_UNMAPPED, 0),
    S(MEM_NONCANONICAL, 0), S(MEM_MISALIGNED, 0), S(MEM_SHORT, 0),
    S(MEM_SHORT, 1),        S(MEM_SHORT, 2),      S(MEM_SHORT, 3),
    S(MEM_SHORT, 4),        S(MEM_SHORT, 7),      S(MEM_SHORT, 8),
    S(MEM_SHORT, 16),       S(MEM_SHORT, 32),     S(MEM_SHORT, 64),
    S(MEM_SHORT, 256),
};

/* Cuts at the edges of the structure's members, native (8, 16, 20, 24, 26) and
 * 32-bit (4, 8, 12, 16, 20), and one byte short of both structures. */
NARROW(MEMARG) = {
    S(MEM_OK, 0),           S(MEM_NULL, 0),       S(MEM_UNMAPPED, 0),
    S(MEM_NONCANONICAL, 0), S(MEM_MISALIGNED, 0), S(MEM_SHORT, 0),
    S(MEM_SHORT, 1),        S(MEM_SHORT, 8),      S(MEM_SHORT, 12),
    S(MEM_SHORT, 16),       S(MEM_SHORT, 19),     S(MEM_SHORT, 20),
    S(MEM_SHORT, 24),       S(MEM_SHORT, 26),     S(MEM_SHORT, 28),
    S(MEM_SHORT, 31),
};

NARROW(SMALL) = {
    V4(0, 1, 2, 3),
    V4(4, 5, 6, 7),
    V4(8, 9, 10, 11),
    V4(12, 13, 14, 15),
};

NARROW(CALLER) = {
    V4(0, 1, 2, 3),
    V4(4, 5, 6, 7),
    V4(8, 9, 10, 11),
    V4(12, 13, 14, 15),
};

NARROW(ABI) = {
    V4(ABI_64, ABI_32, ABI_64, ABI_32),
    V4(ABI_64, ABI_32, ABI_64, ABI_32),
    V4(ABI_64, ABI_32, ABI_64, ABI_32),
    V4(ABI_64, ABI_32, ABI_64, ABI_32),
};

/* Small ones that can be within nr_extents, the limits of nr_extents and of
 * 32-bit arithmetic, the top of the command word. */
NARROW(START) = {
    V4(0, 1, 2, 3),
    V4(4, 7, 8, 16),
    V4(64, 1 << 20, MEMOP_EXTENTS_MAX, MEMOP_EXTENTS_MAX + 1L),
    V4(UINT32_MAX, 1L << 32, 1L << 57, START_MAX),
};

NARROW(DOMID) = {
    S(1, 0),
    S(1, 1),
    S(1, 2),
    S(1, 3),
    S(1, 4),
    S(1, 5),
    S(1, 6),
    S(1, 7),
    V4(DOMID_SELF, DOMID_IO, DOMID_XEN, DOMID_COW),
    V4(DOMID_INVALID, DOMID_ANY, DOMID_IDLE, 0x8000),
};

NARROW(ORDER32) = {
    V4(0, 1, 2, 3),
    V4(4, 8, 9, 10),
    V4(12, 13, 18, 19),
    V4(31, 32, 0x80000000, 0xffffffff),
};

/* No nibbles: only 0 is narrow. */
static const struct value narrow_PAD[1] = { V(0) };
static const struct value narrow_FLIP[1] = { V(0) };

/* Nothing, the commands in use, two that are not, and those in use again. */
NARROW(DOMCTL) = {
    V4(0, XEN_DOMCTL_getdomaininfo, XEN_DOMCTL_createdomain,
       XEN_DOMCTL_destroydomain),
    V4(XEN_DOMCTL_unpausedomain, XEN_DOMCTL_max_mem,
       XEN_DOMCTL_setnodeaffinity, XEN_DOMCTL_pausedomain),
    V4(UINT8_MAX, XEN_DOMCTL_getdomaininfo, XEN_DOMCTL_createdomain,
       XEN_DOMCTL_destroydomain),
    V4(XEN_DOMCTL_unpausedomain, XEN_DOMCTL_max_mem,
       XEN_DOMCTL_setnodeaffinity, XEN_DOMCTL_destroydomain),
};

NARROW(SYSCTL) = {
    V4(0, XEN_SYSCTL_physinfo, XEN_SYSCTL_numainfo, XEN_SYSCTL_readconsole),
    V4(UINT8_MAX, XEN_SYSCTL_physinfo, XEN_SYSCTL_numainfo, 0),
    V4(XEN_SYSCTL_physinfo, XEN_SYSCTL_numainfo, XEN_SYSCTL_physinfo, 0),
    V4(XEN_SYSCTL_physinfo, XEN_SYSCTL_numainfo, XEN_SYSCTL_physinfo, 0),
};

/* The release's own version, its neighbours, and far off. */
NARROW(VERSION) = {
    V4(0, 1, 255, 2),
    V4(254, 16, 240, 128),
    V4(127, 3, 253, 4),
    V4(252, 8, 248, 64),
};

#define narrow_PAGES NULL
#define narrow_CMD NULL

#define MAX_DOM (HV_DOMS_MAX - 1)
#define MAX_PAGES UINT64_MAX
#define MAX_ORDER UINT8_MAX
#define MAX_NODE 7
#define MAX_FLAGS UINT32_MAX
#define MAX_LIST LIST_SHORT_MAX
#define MAX_SMALL UINT8_MAX
#define MAX_CALLER (CALLER_COUNT - 1)
#define MAX_ABI 1
#define MAX_CMD MEMOP_CMD_MASK
#define MAX_START START_MAX
#define MAX_DOMID UINT16_MAX
#define MAX_ORDER32 UINT32_MAX
#define MAX_MEMARG MEMARG_SHORT_MAX
#define MAX_PAD ((UINT64_C(1) << 48) - 1)
#define MAX_FLIP UINT8_MAX
#define MAX_DOMCTL UINT8_MAX
#define MAX_SYSCTL UINT8_MAX
#define MAX_VERSION UINT8_MAX

const struct field_info field_table[ARG_KIND_COUNT] = {
#define KIND(kind, narrow_nibbles, wide_bytes, text)                          \
    [ARG_##kind] = { .name = #kind,                                           \
                     .form = (text),                                          \
                     .nibbles = (narrow_nibbles),                             \
                     .bytes = (wide_bytes),                                   \
                     .max = MAX_##kind,                                       \
                     .narrow = narrow_##kind },
#include "fields.def"
#undef KIND
};

/* ---- narrow ---- */

/* A page count: base in the lowest nibble, above it 12 bits of offset, signed
 * unless the base is 0. */
#define OFFSET_BITS 12
#define OFFSET_MIN (-(1 << (OFFSET_BITS - 1)))
#define OFFSET_MAX ((1 << (OFFSET_BITS - 1)) - 1)
#define LITERAL_MAX ((1 << OFFSET_BITS) - 1)

_Static_assert(BASE_COUNT <= 16, "a base is one nibble");

static void pages_decode_narrow(struct value *v, uint32_t raw)
{
    v->sel = (raw & 15) % BASE_COUNT;
    v->v = (raw >> 4) & LITERAL_MAX;
    if ( v->sel != BASE_LIT && v->v > OFFSET_MAX )
        v->v -= LITERAL_MAX + 1;
}

static bool pages_encode_narrow(uint32_t *raw, const struct value *v)
{
    if ( v->sel == BASE_LIT ? v->v < 0 || v->v > LITERAL_MAX
                            : v->v < OFFSET_MIN || v->v > OFFSET_MAX )
        return false;

    *raw = v->sel | ((uint32_t)v->v & LITERAL_MAX) << 4;
    return true;
}

void field_decode_narrow(struct value *v, enum arg_kind kind, uint32_t raw)
{
    const struct field_info *f = &field_table[kind];

    assert(raw < 1U << (4 * f->nibbles));
    if ( f->narrow )
        *v = f->narrow[raw];
    else if ( kind == ARG_PAGES )
        pages_decode_narrow(v, raw);
    else
        *v = (struct value){ .v = raw & (uint32_t)f->max };
}

bool field_encode_narrow(uint32_t *raw, enum arg_kind kind,
                         const struct value *v)
{
    const struct field_info *f = &field_table[kind];

    if ( kind == ARG_PAGES )
        return pages_encode_narrow(raw, v);

    if ( !f->narrow )
    {
        *raw = (uint32_t)v->v;
        return true;
    }

    for ( uint32_t i = 0; i < 1U << (4 * f->nibbles); i++ )
        if ( value_equal(v, &f->narrow[i]) )
        {
            *raw = i;
            return true;
        }

    return false;
}

/* ---- wide ---- */

/* Any, the nodes 0 .. MAX_NODE, and those again as exact. */
#define NODE_CODES (1 + 2 * (MAX_NODE + 1))

static void node_decode(struct value *v, uint64_t code)
{
    code %= NODE_CODES;
    if ( !code )
        *v = (struct value){ .v = NODE_ANY };
    else
        *v = (struct value){ .v = (int64_t)(code - 1) % (MAX_NODE + 1),
                             .sel = code > MAX_NODE + 1 };
}

static uint64_t node_encode(const struct value *v)
{
    return v->v == NODE_ANY ? 0 : (uint64_t)v->v + 1 + v->sel * (MAX_NODE + 1);
}

/* Codes below MEM_SHORT are selectors, above it, K of short:K; MEM_MISALIGNED
 * takes MEM_SHORT's place. */
#define MEMARG_CODES (MEM_SHORT + 1 + MEMARG_SHORT_MAX + 1)

static void memarg_decode(struct value *v, uint64_t code)
{
    code %= MEMARG_CODES;
    if ( code > MEM_SHORT )
        *v = (struct value){ .v = (int64_t)code - MEM_SHORT - 1,
                             .sel = MEM_SHORT };
    else
        *v = (struct value){ .sel = code == MEM_SHORT ? MEM_MISALIGNED
                                                      : (uint8_t)code };
}

static uint64_t memarg_encode(const struct value *v)
{
    if ( v->sel == MEM_SHORT )
        return (uint64_t)v->v + MEM_SHORT + 1;

    return v->sel == MEM_MISALIGNED ? MEM_SHORT : v->sel;
}

static void list_decode(struct value *v, uint8_t sel, uint64_t n)
{
    v->sel = sel % MEM_SEL_COUNT;
    if ( v->sel == MEM_ADDRESS )
        v->v = (int64_t)n;
    else
        v->v = v->sel == MEM_SHORT ? (int64_t)(n % (LIST_SHORT_MAX + 1)) : 0;
}

void field_decode_wide(struct value *v, enum arg_kind kind, const uint8_t *in)
{
    const struct field_info *f = &field_table[kind];
    bool has_sel = f->bytes > 8;
    uint64_t n = le_get(in + has_sel, f->bytes - has_sel);

    *v = (struct value){ 0 };
    switch ( kind )
    {
    case ARG_PAGES:
        *v = (struct value){ .v = (int64_t)n, .sel = in[0] % BASE_COUNT };
        break;

    case ARG_LIST: list_decode(v, in[0], n); break;

    case ARG_NODE: node_decode(v, n); break;

    case ARG_MEMARG: memarg_decode(v, n); break;

    case ARG_DOMID:
        *v = (struct value){ .v = (int64_t)n, .sel = n < HV_DOMS_MAX };
        break;

    default:
        /* A number. All limits are a power of 2, minus 1. */
        assert(!(f->max & (f->max + 1)));
        v->v = (int64_t)(n & f->max);
        break;
    }
}

void field_encode_wide(uint8_t *out, enum arg_kind kind, const struct value *v)
{
    const struct field_info *f = &field_table[kind];
    bool has_sel = f->bytes > 8;
    uint64_t n = (uint64_t)v->v;

    if ( has_sel )
        out[0] = v->sel;
    else if ( kind == ARG_NODE )
        n = node_encode(v);
    else if ( kind == ARG_MEMARG )
        n = memarg_encode(v);

    le_put(out + has_sel, f->bytes - has_sel, n);
}

bool field_valid(enum arg_kind kind, const struct value *v)
{
    uint8_t bytes[16];
    struct value back;

    /* A value is valid if its bytes decode to it. */
    field_encode_wide(bytes, kind, v);
    field_decode_wide(&back, kind, bytes);

    return value_equal(v, &back);
}

void field_default(struct value *v, enum arg_kind kind)
{
    field_decode_narrow(v, kind, 0);
}
