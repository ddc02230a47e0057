/* SPDX-License-Identifier: MIT */
/* What the files of kinds share with each other only. */
#ifndef CLAIMCHECK_KIND_INTERNAL_H
#define CLAIMCHECK_KIND_INTERNAL_H

#include "kind.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "harness/program/text.h"

/* clang-format off */
/* The descriptors. */
#define KIND(id, narrow, wide) extern const struct kind kind_##id;
#include "kinds.def"
#undef KIND

/* The name in a descriptor, which brings the widths along. */
#define NAME_WIDTHS(id) \
    #id, .nibbles = NIBBLES_##id, .bytes = BYTES_##id

/* Tables of values. */
#define V(n) { .v = (n) }
#define S(s, n) { .v = (n), .sel = (s) }
#define V4(a, b, c, d) V(a), V(b), V(c), V(d)
#define S4(s, a, b, c, d) S(s, a), S(s, b), S(s, c), S(s, d)
#define NARROW(name) static const struct value name[16]
/* clang-format on */
#define NR_OF(a) (sizeof(a) / sizeof((a)[0]))

static inline bool text_is(const char *name, const char *s, size_t len)
{
    return name && strlen(name) == len && !memcmp(name, s, len);
}

static inline bool text_starts(const char *prefix, const char *s, size_t len)
{
    size_t n = strlen(prefix);

    return len >= n && !memcmp(prefix, s, n);
}

static inline int text_out(char *out, const char *s)
{
    return snprintf(out, KIND_TEXT_MAX, "%s", s);
}

/* numbers.c: a plain number of at most k->max, in hexadecimal if large. */
bool number_value(struct value *v, const struct kind *k, const char *s,
                  size_t len);
int number_print(char *out, uint64_t n);

#endif /* CLAIMCHECK_KIND_INTERNAL_H */
