/* SPDX-License-Identifier: MIT */
/*
 * The text face of a program, and litmus tests: programs with expected results.
 * Grammar: docs/format.md.
 *
 *   # comment
 *   host nodes=1 pages=64 release=4.22,4.21.1
 *   create d1                      = 0
 *   claim d1 unclaimed+1           = ENOMEM
 *   populate d1 8 order=0          = 8
 *   expect d1.claim=0 host.claimed=0
 */
#ifndef CLAIMCHECK_TEXT_H
#define CLAIMCHECK_TEXT_H

#include <stdio.h>

#include "program.h"

/* Characters of a line, newline excluded: twice the longest memory_op. */
#define TEXT_LINE_MAX 400
/* expect terms in a file: four a step. */
#define LITMUS_EXPECTS_MAX 256
/* Problems reported for one file; the rest is counted. */
#define TEXT_PROBLEMS_MAX 20

/* A counter that an expect term names. */
enum expect_what
{
    EXPECT_HOST_FREE,
    EXPECT_HOST_CLAIMED,
    EXPECT_NODE_FREE,
    EXPECT_NODE_CLAIMED,
    EXPECT_DOM_TOT,
    EXPECT_DOM_EXTRA,
    EXPECT_DOM_MAX,
    EXPECT_DOM_CLAIM,
    EXPECT_DOM_CLAIM0, /* what of the claim is on node 0, and so on           */
    EXPECT_DOM_CLAIM1,
    EXPECT_DOM_CLAIM2,
    EXPECT_DOM_CLAIM3,
    EXPECT_DOM_STATE, /* value: enum hv_dom_state; absent, alive, dying, dead */
    EXPECT_DOM_STASH,
    EXPECT_DOM_STASH_NODE,
};

struct expect
{
    uint8_t after; /* step it follows: 0 before the first, n after step n */
    uint8_t what;  /* enum expect_what */
    uint8_t index; /* slot or node */
    uint32_t line;
    uint64_t value;
};

static inline bool expect_is_of_domain(const struct expect *x)
{
    return x->what >= EXPECT_DOM_TOT; /* the rest of enum expect_what */
}

struct litmus
{
    /* host.release: litmus_release() of what is first in the file's list. */
    struct program program;
    uint32_t releases; /* RELEASE_BIT of each */
    /* Expected result of each step; text "= R": a number or an errno name. */
    bool has_result[PROGRAM_OPS_MAX];
    long result[PROGRAM_OPS_MAX];
    uint32_t line[PROGRAM_OPS_MAX]; /* source line of each step */
    uint32_t nr_expects;
    struct expect expect[LITMUS_EXPECTS_MAX];
};

/* One thing wrong with a file: where, what, what was expected instead. */
struct problem
{
    uint32_t line, column; /* from 1; for bytes: line 1, column = offset + 1 */
    char text[240];
};

struct problems
{
    uint32_t nr; /* all of them, also those not kept */
    struct problem problem[TEXT_PROBLEMS_MAX];
};

/* Parse text (not 0-terminated). All problems are collected; true if none. */
bool litmus_parse(struct litmus *l, const char *text, size_t size,
                  struct problems *problems);

/* Does it look like text (else bytes)? Text starts with a blank, a newline or
 * a printing character, which no byte header of this version does, and has no
 * zero byte among its first 256. */
bool looks_like_text(const uint8_t *data, size_t size);

/* Add a problem; counted, and kept while there is room. */
void problem_add(struct problems *problems, uint32_t line, uint32_t column,
                 const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* A decimal or 0x number of at most max; not 0-terminated. */
bool number_parse(uint64_t *n, const char *s, size_t len, uint64_t max);

/* The release that a program for some of them (RELEASE_BIT of each, one at
 * least) has: RELEASE_DEFAULT for all, RELEASE_DRAFT_NEWEST for the drafts, else
 * the first. */
enum release litmus_release(uint32_t releases);

/* Write a program as text; canonical: parsing it gives the same program, and
 * printing that the same text. */
void program_print(FILE *f, const struct program *p);
/* The same with releases, results and expectations. Comments are not kept. */
void litmus_print(FILE *f, const struct litmus *l);
/* Its first statement, "host ...", with these releases (RELEASE_BIT of each, of
 * which first comes first). */
void host_print(FILE *f, const struct program *p, uint32_t releases,
                enum release first);
/* One operation, no newline, into out; always terminated. Returns length. */
int op_print(char *out, size_t size, const struct op *op);

/* Counter i in the order in which people read them, as an expect term without a
 * value; false if there are no more. */
bool counter_at(unsigned int i, struct expect *x);

/* Name of the counter of an expect term, "d1.claim". Always terminated. */
#define EXPECT_NAME_MAX 16
void expect_print(char *out, size_t size, const struct expect *x);
/* What it is expected to be: a decimal number, or the name of a state. */
#define EXPECT_VALUE_MAX 24
void expect_value_print(char *out, size_t size, const struct expect *x);

/* Errno names: "EINVAL" for -EINVAL, "ERESTART" for HV_CONTINUE; else a number
 * in decimal, or in hexadecimal from 2^32 on. out is always terminated. */
#define RESULT_NAME_MAX 24
void result_print(char *out, size_t size, long rc);
/* The inverse: a number, or an errno name for its negative. */
bool result_parse(long *rc, const char *s, size_t len);

#endif /* CLAIMCHECK_TEXT_H */
