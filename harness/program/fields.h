/* SPDX-License-Identifier: MIT */
/*
 * Kinds of arguments: their bytes and their text, one descriptor each.
 *
 * Not here: which operation has which arguments (ops.def).
 */
#ifndef CLAIMCHECK_FIELDS_H
#define CLAIMCHECK_FIELDS_H

#include "program.h"

/* Characters of a value's text, the final 0 included: the longest is a page
 * count, "unclaimed-9223372036854775808". */
#define FIELD_TEXT_MAX 40

struct field_info
{
    const char *name; /* "PAGES" */
    const char *form; /* text form, for people */
    uint8_t nibbles;  /* of a narrow value */
    uint8_t bytes;    /* of a wide value; 9: a selector byte and 8 more */
    uint64_t max;     /* largest number; lists, arguments: largest short:K */
    /* Narrow values by index, 16^nibbles of them; NULL where they are computed
     * (page counts, command numbers). */
    const struct value *narrow;
};

extern const struct field_info field_table[ARG_KIND_COUNT];

/* Narrow: raw is below 16^nibbles. Encoding fails if there is no such form. */
void field_decode_narrow(struct value *v, enum arg_kind kind, uint32_t raw);
bool field_encode_narrow(uint32_t *raw, enum arg_kind kind,
                         const struct value *v);

/* Wide: field_table[kind].bytes bytes, little-endian. Every byte string
 * decodes; encoding wants a valid value. */
void field_decode_wide(struct value *v, enum arg_kind kind, const uint8_t *in);
void field_encode_wide(uint8_t *out, enum arg_kind kind,
                       const struct value *v);

/* Is it a value of that kind? Invalid ones may not be encoded or printed. */
bool field_valid(enum arg_kind kind, const struct value *v);

/* What zero bytes decode to: the value of an argument that is not named. */
void field_default(struct value *v, enum arg_kind kind);

static inline bool value_equal(const struct value *a, const struct value *b)
{
    return a->v == b->v && a->sel == b->sel;
}

/* Text of a value; not 0-terminated on input. False if it is none. */
bool field_parse(struct value *v, enum arg_kind kind, const char *s,
                 size_t len);
/* Into out, which holds FIELD_TEXT_MAX. Returns the length. */
int field_print(char *out, enum arg_kind kind, const struct value *v);

/* A decimal or 0x number of at most max. */
bool number_parse(uint64_t *n, const char *s, size_t len, uint64_t max);

/* Must arguments of this kind, leading, be given by position? */
static inline bool field_positional(enum arg_kind kind)
{
    return kind == ARG_DOM || kind == ARG_PAGES;
}

/* Names of command numbers, of page bases, and their meaning; NULL: none. */
const char *cmd_name(unsigned int cmd);
const char *base_name(enum pages_base base);
const char *base_meaning(enum pages_base base);

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

#endif /* CLAIMCHECK_FIELDS_H */
