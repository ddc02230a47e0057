/* SPDX-License-Identifier: MIT */
/*
 * Kinds of claim sets: ENTRY, one entry with target, pages and padding; NR, how
 * many entries there are. Not here: MODE (numbers.c) and SETCMD (commands.c).
 */
#include "internal.h"

#include "claims.h"

/* ---- ENTRY: sel is its padding + 1 above the base of its pages, 0 for no entry
 * at all; v the target above 32 bits of the pages' offset. ---- */

#define PAD_SHIFT 4
#define BASE_MASK 15
#define TARGET_SHIFT 32

bool entry_given(const struct value *v)
{
    return v->sel >> PAD_SHIFT;
}

uint32_t entry_target(const struct value *v)
{
    return (uint32_t)((uint64_t)v->v >> TARGET_SHIFT);
}

uint32_t entry_pad(const struct value *v)
{
    return (v->sel >> PAD_SHIFT) - 1U;
}

struct value entry_pages(const struct value *v)
{
    return (struct value){ .v = (int32_t)(uint32_t)v->v,
                           .sel = v->sel & BASE_MASK };
}

struct value entry_value(uint32_t target, const struct value *pages,
                         uint32_t pad)
{
    uint64_t v = (uint64_t)target << TARGET_SHIFT | (uint32_t)pages->v;

    return (struct value){
        .v = (int64_t)v, .sel = (uint8_t)((pad + 1) << PAD_SHIFT | pages->sel)
    };
}

static void decode_entry(struct value *v, uint8_t sel, uint64_t n)
{
    *v = (struct value){ 0 };
    if ( sel >> PAD_SHIFT )
        *v = (struct value){ .v = (int64_t)n, .sel = sel };
}

static const struct
{
    const char *name;
    uint32_t target;
} targets[] = {
    { "host", CLAIM_TARGET_HOST },
    { "legacy", CLAIM_TARGET_LEGACY },
    { "node0", 0 },
    { "node1", 1 },
    { "node2", 2 },
    { "node3", 3 },
};

static bool parse_target(uint32_t *target, const char *s, size_t len)
{
    uint64_t n;

    for ( size_t i = 0; i < NR_OF(targets); i++ )
        if ( text_is(targets[i].name, s, len) )
        {
            *target = targets[i].target;
            return true;
        }
    if ( !number_parse(&n, s, len, UINT32_MAX) )
        return false;
    *target = (uint32_t)n;

    return true;
}

/* Up to the next colon, or all of it. */
static size_t part_of(const char *s, size_t len)
{
    const char *end = memchr(s, ':', len);

    return end ? (size_t)(end - s) : len;
}

static bool parse_entry(struct value *v, const struct kind *k, const char *s,
                        size_t len)
{
    size_t n = part_of(s, len);
    struct value pages = { 0 };
    uint32_t target;
    uint64_t pad = 0;

    (void)k;
    if ( text_is("none", s, len) )
        return true;
    if ( n == len || !parse_target(&target, s, n) )
        return false;
    s += n + 1;
    len -= n + 1;
    n = part_of(s, len);
    if ( !kind_parse(&pages, ARG_PART, s, n) || pages.v < INT32_MIN ||
         pages.v > INT32_MAX )
        return false;
    if ( n < len &&
         !number_parse(&pad, s + n + 1, len - n - 1, ENTRY_PAD_MAX) )
        return false;
    *v = entry_value(target, &pages, (uint32_t)pad);

    return true;
}

static int print_entry(char *out, const struct kind *k, const struct value *v)
{
    struct value pages = entry_pages(v);
    uint32_t target = entry_target(v), pad = entry_pad(v);
    char text[KIND_TEXT_MAX], name[16];

    (void)k;
    if ( !entry_given(v) )
        return text_out(out, "none");
    snprintf(name, sizeof(name), target < CLAIM_NODES_MAX ? "%u" : "0x%x",
             target);
    for ( size_t i = 0; i < NR_OF(targets); i++ )
        if ( target == targets[i].target )
            snprintf(name, sizeof(name), "%s", targets[i].name);
    kind_print(text, ARG_PART, &pages);
    if ( !pad )
        return snprintf(out, KIND_TEXT_MAX, "%s:%s", name, text);

    return snprintf(out, KIND_TEXT_MAX, "%s:%s:%u", name, text, pad);
}

/* Narrow: which target, then how many pages. */
#define CODES 16

/* Nodes that can be, the last that Xen could have and the next, the byte that
 * means none elsewhere; words with the highest bits set; padding. */
static const struct
{
    uint32_t target, pad;
    bool given;
} narrow_targets[CODES] = {
    { 0, 0, false },         { CLAIM_TARGET_HOST, 0, true },
    { 0, 0, true },          { 1, 0, true },
    { 2, 0, true },          { 3, 0, true },
    { 63, 0, true },         { 64, 0, true },
    { 255, 0, true },        { CLAIM_TARGET_LEGACY, 0, true },
    { 0x80000001, 0, true }, { 0xffffffff, 0, true },
    { 0, 1, true },          { CLAIM_TARGET_HOST, 1, true },
    { 64, 1, true },         { CLAIM_TARGET_LEGACY, 1, true },
};

NARROW(narrow_pages) = {
    V4(1, 2, 4, 0),
    S(BASE_FREE, 0),
    S(BASE_FREE, 1),
    S(BASE_UNCLAIMED, 0),
    S(BASE_UNCLAIMED, 1),
    S(BASE_ROOM, 0),
    S(BASE_ROOM, 1),
    S(BASE_CLAIM, 0),
    S(BASE_GOAL, 1),
    S(BASE_P2_32, 0),
    S(BASE_P2_63, 0),
    S(BASE_P2_64, -1),
    V(8),
};

static void decode_narrow_entry(struct value *v, uint32_t code)
{
    *v = (struct value){ 0 };
    if ( narrow_targets[code % CODES].given )
        *v = entry_value(narrow_targets[code % CODES].target,
                         &narrow_pages[code / CODES],
                         narrow_targets[code % CODES].pad);
}

static bool encode_narrow_entry(uint32_t *code, const struct value *v)
{
    for ( *code = 0; *code < CODES * CODES; ++*code )
    {
        struct value is;

        decode_narrow_entry(&is, *code);
        if ( value_equal(&is, v) )
            return true;
    }

    return false;
}

static const char *entry_word(unsigned int i)
{
    return i < NR_OF(targets) ? targets[i].name : NULL;
}

/* As entry_value() has it. */
#define ENTRY(target, base, offset, pad)                                      \
    {                                                                         \
        .v = (int64_t)((uint64_t)(target) << TARGET_SHIFT |                   \
                       (uint32_t)(offset)),                                   \
        .sel = ((pad) + 1) << PAD_SHIFT | (base)                              \
    }
/* One page of each target, and each count for a node. */
#define ONE(target) ENTRY(target, BASE_LIT, 1, 0)
static const struct value entry_edges[] = {
    ONE(CLAIM_TARGET_HOST),
    ONE(0),
    ONE(1),
    ONE(CLAIM_NODES_MAX - 1),
    ONE(CLAIM_NODES_MAX),
    ONE(255),
    ONE(CLAIM_TARGET_LEGACY),
    ONE(0x7fffffff),
    ONE(0x80000001),
    ONE(0xffffffff),
    ENTRY(1, BASE_LIT, 1, 1), /* padding */
    ENTRY(0, BASE_LIT, 0, 0), /* no pages */
    ENTRY(0, BASE_UNCLAIMED, 0, 0),
    ENTRY(0, BASE_UNCLAIMED, 1, 0),
    ENTRY(0, BASE_ROOM, 1, 0),
    ENTRY(0, BASE_P2_32, 0, 0),
    ENTRY(0, BASE_P2_64, -1, 0),
};

const struct kind kind_ENTRY = {
    .name = NAME_WIDTHS(ENTRY),
    .form = "none, or TARGET:PAGES or TARGET:PAGES:PAD, TARGET being host, "
            "node0 .. node3, legacy or 0 .. 0xffffffff",
    .terse = true,
    .max = ENTRY_PAD_MAX,
    .decode_narrow = decode_narrow_entry,
    .encode_narrow = encode_narrow_entry,
    .decode = decode_entry,
    .parse = parse_entry,
    .print = print_entry,
    .word = entry_word,
    .edges = entry_edges,
    .nr_edges = NR_OF(entry_edges),
};

/* ---- NR: 0 is as many as there are, else one more than the number ---- */

static bool parse_nr(struct value *v, const struct kind *k, const char *s,
                     size_t len)
{
    uint64_t n;

    if ( text_is("all", s, len) )
        return true;
    if ( !number_parse(&n, s, len, k->max - 1) )
        return false;
    v->v = (int64_t)n + 1;

    return true;
}

static int print_nr(char *out, const struct kind *k, const struct value *v)
{
    (void)k;
    return v->v ? number_print(out, (uint64_t)v->v - 1) : text_out(out, "all");
}

static const char *nr_word(unsigned int i)
{
    return i ? NULL : "all";
}

/* All, the first ones, those about the largest set, and those whose size in
 * bytes does not fit 32 bits. */
NARROW(nrs) = {
    V4(0, 1, 2, 3),
    V4(4, 5, 6, 7),
    V4(CLAIM_SET_MAX, CLAIM_SET_MAX + 1, CLAIM_SET_MAX + 2, CLAIM_SET_MAX + 3),
    V4(257, 0x10000001, 0x10000002, 0xffffffff),
};

const struct kind kind_NR = {
    .name = NAME_WIDTHS(NR),
    .form = "all, or 0 .. 0xfffffffe",
    .terse = true,
    .max = UINT32_MAX,
    .narrow = nrs,
    .parse = parse_nr,
    .print = print_nr,
    .word = nr_word,
};
