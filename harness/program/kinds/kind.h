/* SPDX-License-Identifier: MIT */
/*
 * Kinds of operands: what a value is as bytes, as text and in a call, and which
 * values of it are worth a try. One descriptor each; kinds.def is the list.
 *
 * Not here: which operation has which operands (ops.def).
 */
#ifndef CLAIMCHECK_KIND_H
#define CLAIMCHECK_KIND_H

#include "harness/program/program.h"

/* Characters of a value's text, the final 0 included: the longest is a page
 * count, "unclaimed-9223372036854775808". */
#define KIND_TEXT_MAX 40

struct kind
{
    const char *name; /* "PAGES" */
    const char *form; /* what its text looks like, for people */
    uint8_t nibbles;  /* of a narrow value */
    uint8_t bytes;    /* of a wide value; 9: a selector and 8 more */
    bool positional;  /* leading, it must be given and needs no name */
    bool terse;       /* the text of a raw call leaves its default out, too */
    /* Largest number, a power of 2 less 1; of LIST and MEMARG the largest K of
     * short:K. */
    uint64_t max;

    /* Narrow values by code. NULL: the two functions say, or, without them,
     * every code is the number itself, modulo max + 1. */
    const struct value *narrow;
    void (*decode_narrow)(struct value *v, uint32_t code);
    bool (*encode_narrow)(uint32_t *code, const struct value *v);

    /* Wide values: selector and number of any bytes to a value, and its number.
     * NULL: the number itself, modulo max + 1. */
    void (*decode)(struct value *v, uint8_t sel, uint64_t n);
    uint64_t (*encode)(const struct value *v);

    /* Text; parse sees len characters. NULL: a number. */
    bool (*parse)(struct value *v, const struct kind *k, const char *s,
                  size_t len);
    int (*print)(char *out, const struct kind *k, const struct value *v);

    /* The i-th word that a text may be, or begin with; "" where a number has
     * none, NULL at the end. For hints. NULL: numbers only. */
    const char *(*word)(unsigned int i);

    /* Boundary values that are not in the narrow table. Kinds with neither have
     * all numbers that have narrow codes. */
    const struct value *edges;
    uint32_t nr_edges;

    /* Names of numbers, max + 1 of them; NULL: none has a name. */
    const struct xen_command *commands;
};

/* Widths, where the compiler needs them. */
enum
{
#define KIND(kind, narrow, wide)                                              \
    NIBBLES_##kind = (narrow), BYTES_##kind = (wide),
#include "kinds.def"
#undef KIND
};

extern const struct kind *const kind_table[ARG_KIND_COUNT];

/* ---- bytes ---- */

/* How many narrow values there are, several codes may mean the same. */
static inline uint32_t kind_codes(enum arg_kind kind)
{
    return UINT32_C(1) << (4 * kind_table[kind]->nibbles);
}

/* Narrow: code is below kind_codes. Encoding fails if there is no such form,
 * and gives the first of several codes. */
void kind_decode_narrow(struct value *v, enum arg_kind kind, uint32_t code);
bool kind_encode_narrow(uint32_t *code, enum arg_kind kind,
                        const struct value *v);

/* Wide: kind_table[kind]->bytes bytes, little-endian. Every byte string
 * decodes; encoding wants a valid value. */
void kind_decode(struct value *v, enum arg_kind kind, const uint8_t *in);
void kind_encode(uint8_t *out, enum arg_kind kind, const struct value *v);

/* Is it a value of that kind? Invalid ones may not be encoded or printed. */
bool kind_valid(enum arg_kind kind, const struct value *v);

/* What zero bytes decode to: the value of an operand that is not named. */
static inline void kind_default(struct value *v, enum arg_kind kind)
{
    const struct kind *k = kind_table[kind];

    if ( k->narrow )
        *v = k->narrow[0];
    else if ( k->decode_narrow )
        k->decode_narrow(v, 0);
    else
        *v = (struct value){ 0 };
}

static inline bool value_equal(const struct value *a, const struct value *b)
{
    return a->v == b->v && a->sel == b->sel;
}

/* Little-endian numbers of n bytes, n <= 8. */
static inline uint64_t le_get(const uint8_t *in, unsigned int n)
{
    uint64_t v = 0;

    for ( unsigned int i = 0; i < n; i++ )
        v |= (uint64_t)in[i] << (8 * i);

    return v;
}

static inline void le_put(uint8_t *out, unsigned int n, uint64_t v)
{
    for ( unsigned int i = 0; i < n; i++ )
        out[i] = (uint8_t)(v >> (8 * i));
}

/* ---- text ---- */

/* Text of a value; not 0-terminated on input. False if it is none. */
bool kind_parse(struct value *v, enum arg_kind kind, const char *s,
                size_t len);
/* Into out, which holds KIND_TEXT_MAX. Returns the length. */
int kind_print(char *out, enum arg_kind kind, const struct value *v);

/* ---- boundary values: what a search tries ---- */

/* How many there are (0: nothing depends on a value of this kind), and the i-th
 * of them. The first ones have narrow forms, if any has. */
uint32_t kind_edges(enum arg_kind kind);
void kind_edge(struct value *v, enum arg_kind kind, uint32_t i);

/* A value simpler than v: the default is simplest, then what is nearer to 0. i,
 * below KIND_SIMPLER, is how, what simplifies most first; false if not so. */
#define KIND_SIMPLER 6
bool kind_simpler(struct value *out, enum arg_kind kind, const struct value *v,
                  unsigned int i);

/* Steps from a base of page counts, the nearest first. */
#define PAGES_STEPS 8
extern const int8_t pages_steps[PAGES_STEPS];

/* ---- names ---- */

struct xen_command
{
    const char *name;     /* "claim"; NULL: it has none */
    const char *constant; /* "XENMEM_claim_pages" */
    uint8_t op;           /* enum op_code: what a call of it counts as */
};

/* The command of that number, of kind CMD, DOMCTL or SYSCTL; NULL if it has no
 * name. */
const struct xen_command *command_of(enum arg_kind kind, uint64_t number);

/* Names of page bases, and what they mean. */
struct base
{
    const char *name, *meaning;
};

extern const struct base base_table[BASE_COUNT];

#endif /* CLAIMCHECK_KIND_H */
