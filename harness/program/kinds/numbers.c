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

/* All orders of a block there is, the next one, and those at which limits and
 * shifts lie: 2^12 pages, dom0's limits of 2^18 and 2^19, 31 and 63. */
NARROW(orders) = {
    V4(0, 1, 2, 3),
    V4(4, 5, 6, 7),
    V4(8, 9, 10, 12),
    V4(18, 19, 31, 63),
};

const struct kind kind_ORDER = {
    KIND_IS(ORDER),
    .form = "0 .. 255",
    .max = UINT8_MAX,
    .narrow = orders,
};

NARROW(orders_32) = {
    V4(0, 1, 2, 3),
    V4(4, 8, 9, 10),
    V4(12, 13, 18, 19),
    V4(31, 32, 0x80000000, 0xffffffff),
};

const struct kind kind_ORDER32 = {
    KIND_IS(ORDER32),
    .form = "0 .. 0xffffffff",
    .max = UINT32_MAX,
    .narrow = orders_32,
};

/* Address widths around the zones of a small host and beyond it; each flag
 * alone; a node there cannot be; everything. */
NARROW(flags) = {
    V4(0, 12, 13, 17),
    V4(18, 19, 40, 1),
    V4(XENMEMF_populate_on_demand, XENMEMF_exact_node_request, XENMEMF_vnode,
       1 << 19),
    V4(0x80000000, MEMF_NODE_MASK, MEMF_BITS_MASK, 0xffffffff),
};

/* Address bits that leave no page, nodes out of range, and both. */
static const struct value more_flags[] = {
    V(5), V(0x4100), V(0x4105), V(0x20100), V(0x20105),
};

const struct kind kind_FLAGS = {
    KIND_IS(FLAGS),
    .form = "0 .. 0xffffffff: mem_flags, or'ed with the node's",
    .max = UINT32_MAX,
    .narrow = flags,
    .edges = more_flags,
    .nr_edges = NR_OF(more_flags),
};

NARROW(small) = {
    V4(0, 1, 2, 3),
    V4(4, 5, 6, 7),
    V4(8, 9, 10, 11),
    V4(12, 13, 14, 15),
};

const struct kind kind_SMALL = {
    KIND_IS(SMALL),
    .form = "0 .. 255",
    .max = UINT8_MAX,
    .narrow = small,
};

/* Small ones that can be within nr_extents, the limits of nr_extents and of
 * 32-bit arithmetic, the top of the command word. */
NARROW(starts) = {
    V4(0, 1, 2, 3),
    V4(4, 7, 8, 16),
    V4(64, 1 << 20, MEMOP_EXTENTS_MAX, MEMOP_EXTENTS_MAX + 1L),
    V4(UINT32_MAX, 1L << 32, 1L << 57, START_MAX),
};

const struct kind kind_START = {
    KIND_IS(START),
    .form = "0 .. 2^58-1",
    .max = START_MAX,
    .narrow = starts,
};

/* The release's own version, its neighbours, and far off. */
NARROW(versions) = {
    V4(0, 1, 255, 2),
    V4(254, 16, 240, 128),
    V4(127, 3, 253, 4),
    V4(252, 8, 248, 64),
};

const struct kind kind_VERSION = {
    KIND_IS(VERSION),
    .form = "0 .. 255, added to the release's version as a signed byte",
    .max = UINT8_MAX,
    .narrow = versions,
};

static const struct value nothing[1] = { V(0) };

const struct kind kind_PAD = {
    KIND_IS(PAD),
    .form = "0 .. 2^48-1",
    .max = (UINT64_C(1) << 48) - 1,
    .narrow = nothing,
};

const struct kind kind_FLIP = {
    KIND_IS(FLIP),
    .form = "0 .. 255: 0 none, N: byte N - 1 changes once it was read",
    .max = UINT8_MAX,
    .narrow = nothing,
};
