/* SPDX-License-Identifier: MIT */
/*
 * Kinds that are plain numbers, a descriptor each; and numbers as text. What a
 * number means, its operation says.
 */
#include "internal.h"

/* From here on numbers are easier to read in hexadecimal. */
#define HEX_FROM 1000

int number_print(char *out, uint64_t n)
{
    return snprintf(out, KIND_TEXT_MAX,
                    n < HEX_FROM ? "%" PRIu64 : "0x%" PRIx64, n);
}

bool number_value(struct value *v, const struct kind *k, const char *s,
                  size_t len)
{
    uint64_t n;

    if ( !number_parse(&n, s, len, k->max) )
        return false;

    v->v = (int64_t)n;
    return true;
}

/* One of them: a row. */
#define NUMBER(id, max_, narrow_, form_, ...)                                 \
    const struct kind kind_##id = { .name = NAME_WIDTHS(id),                  \
                                    .form = (form_),                          \
                                    .max = (max_),                            \
                                    .narrow = (narrow_),                      \
                                    __VA_ARGS__ }

/* All orders of a block there is, the next one, and those at which limits and
 * shifts lie: 2^12 pages, dom0's limits of 2^18 and 2^19, 31 and 63. */
NARROW(orders) = {
    V4(0, 1, 2, 3),
    V4(4, 5, 6, 7),
    V4(8, 9, 10, 12),
    V4(18, 19, 31, 63),
};
NUMBER(ORDER, UINT8_MAX, orders, "0 .. 255");

NARROW(orders_32) = {
    V4(0, 1, 2, 3),
    V4(4, 8, 9, 10),
    V4(12, 13, 18, 19),
    V4(31, 32, 0x80000000, 0xffffffff),
};
NUMBER(ORDER32, UINT32_MAX, orders_32, "0 .. 0xffffffff");

/* Small ones that can be within nr_extents, the limits of nr_extents and of
 * 32-bit arithmetic, the top of the command word. */
NARROW(starts) = {
    V4(0, 1, 2, 3),
    V4(4, 7, 8, 16),
    V4(64, 1 << 20, MEMOP_EXTENTS_MAX, MEMOP_EXTENTS_MAX + 1L),
    V4(UINT32_MAX, 1L << 32, 1L << 57, START_MAX),
};
NUMBER(START, START_MAX, starts, "0 .. 2^58-1");

/* The release's own version, its neighbours, and far off. */
NARROW(versions) = {
    V4(0, 1, 255, 2),
    V4(254, 16, 240, 128),
    V4(127, 3, 253, 4),
    V4(252, 8, 248, 64),
};
NUMBER(VERSION, UINT8_MAX, versions,
       "0 .. 255, added to the release's version as a signed byte");

/* None, numbers of nodes, and of bits around bytes and the 64 that are wanted. */
NARROW(counts) = {
    V4(0, 1, 2, 3),
    V4(4, 5, 8, 9),
    V4(10, 16, 17, 33),
    V4(64, 65, 66, 255),
};
NUMBER(COUNT, UINT8_MAX, counts,
       "0 .. 255: 0 as many as there can be, N: N - 1 of what data points to",
       .terse = true);

NUMBER(ARRAY, 3, NULL,
       "0 .. 3: 0 none, 1 an array, 2 not mapped, 3 not an address",
       .terse = true);

/* Both modes, others, and words of padding. */
NARROW(modes) = {
    V4(0, 1, 2, 3),
    V4(0x80000000, 0xffffffff, 0x100, 0x10000),
    V4(0, 1, 0, 1),
    V4(0, 1, 0, 1),
};
NUMBER(MODE, UINT32_MAX, modes,
       "0 .. 0xffffffff: draft-v7 0 sets, 1 gets; draft-v8 padding",
       .terse = true);

NUMBER(SMALL, UINT8_MAX, NULL, "0 .. 255");
/* Mostly not at all: what is left unfinished is what a case is about, or odd. */
NARROW(stops) = {
    V4(0, 1, 2, 3),
    V4(0, 0, 0, 1),
    V4(0, 0, 0, 0),
    V4(0, 0, 0, 0),
};
NUMBER(STOP, UINT8_MAX, stops, "0 .. 255: 0 to the end", .terse = true);
NUMBER(PAD, (UINT64_C(1) << 48) - 1, NULL, "0 .. 2^48-1", .terse = true);
NUMBER(FLIP, UINT8_MAX, NULL,
       "0 .. 255: 0 none, N: byte N - 1 changes once it was read",
       .terse = true);

/* Address widths around the zones of a small host and beyond it; each flag
 * alone; a node there cannot be; everything. */
NARROW(flags) = {
    V4(0, 12, 13, 17),
    V4(18, 19, 40, 1),
    V4(XENMEMF_populate_on_demand, XENMEMF_exact_node_request, XENMEMF_vnode,
       1 << 19),
    V4(0x80000000, MEMF_NODE_MASK, MEMF_BITS_MASK, 0xffffffff),
};

/* Address bits that leave no page, nodes out of range, and both; the first node
 * and the last that Xen can name; a virtual node, exactly. */
static const struct value more_flags[] = {
    V(5),       V(0x4100), V(0x4105), V(0x20100),
    V(0x20105), V(0x100),  V(0x4000), V(0x60100),
};

const struct kind kind_FLAGS = {
    .name = NAME_WIDTHS(FLAGS),
    .form = "0 .. 0xffffffff: mem_flags, or'ed with the node's",
    .max = UINT32_MAX,
    .narrow = flags,
    .edges = more_flags,
    .nr_edges = NR_OF(more_flags),
};
