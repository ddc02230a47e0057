/* SPDX-License-Identifier: MIT */
/* NODE: any node, one that is preferred, or one and no other (sel is 1). */
#include "internal.h"

#define NODE_ANY (-1)
#define NODE_MAX 7
/* Any, the nodes 0 .. NODE_MAX, and those again as exact. */
#define NODE_CODES (1 + 2 * (NODE_MAX + 1))

static void decode(struct value *v, uint8_t sel, uint64_t code)
{
    (void)sel;
    code %= NODE_CODES;
    if ( !code )
        *v = (struct value){ .v = NODE_ANY };
    else
        *v = (struct value){ .v = (int64_t)(code - 1) % (NODE_MAX + 1),
                             .sel = code > NODE_MAX + 1 };
}

static uint64_t encode(const struct value *v)
{
    return v->v == NODE_ANY ? 0 : (uint64_t)v->v + 1 + v->sel * (NODE_MAX + 1);
}

static bool parse(struct value *v, const struct kind *k, const char *s,
                  size_t len)
{
    (void)k;
    if ( text_is("any", s, len) )
    {
        v->v = NODE_ANY;
        return true;
    }
    if ( !len || len > 2 || s[0] < '0' || s[0] > '0' + NODE_MAX ||
         (len == 2 && s[1] != '!') )
        return false;

    *v = (struct value){ .v = s[0] - '0', .sel = len == 2 };
    return true;
}

static int print(char *out, const struct kind *k, const struct value *v)
{
    (void)k;
    if ( v->v == NODE_ANY )
        return text_out(out, "any");

    return snprintf(out, KIND_TEXT_MAX, "%d%s", (int)v->v, v->sel ? "!" : "");
}

static const char *word(unsigned int i)
{
    return i ? NULL : "any";
}

/* Nodes that can be, and 7, which never is. */
NARROW(nodes) = {
    V4(NODE_ANY, 0, 1, 2), V(3),           S4(1, 0, 1, 2, 3), V(7), S(1, 7),
    V(NODE_ANY),           V4(0, 1, 2, 3),
};

const struct kind kind_NODE = {
    .name = NAME_WIDTHS(NODE),
    .form = "any, 0 .. 7, or 0! .. 7! (exact)",
    .max = NODE_MAX,
    .narrow = nodes,
    .decode = decode,
    .encode = encode,
    .parse = parse,
    .print = print,
    .word = word,
};

uint32_t node_resolve(const struct value *node)
{
    if ( node->v == NODE_ANY )
        return 0;

    return XENMEMF_node((uint32_t)node->v) |
           (node->sel ? XENMEMF_exact_node_request : 0);
}
