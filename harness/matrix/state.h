/* SPDX-License-Identifier: MIT */
/* What the parts of the matrix share; for others there is matrix.h. */
#ifndef CLAIMCHECK_MATRIX_STATE_H
#define CLAIMCHECK_MATRIX_STATE_H

#include <stdio.h>

#include "harness/session/setup.h"
#include "matrix.h"

/* The case that shows something: its file, and the program up to that step. */
struct witness
{
    char *file; /* NULL: there is none */
    uint32_t step;
    struct program program;
};

struct rule_row
{
    uint64_t evaluated, decided;
    long lo;                  /* what the witness returns */
    struct witness witness;   /* decided by this rule */
    struct witness near_miss; /* one argument changed: this rule passed */
    uint32_t tries;           /* witnesses that had no near miss so far */
};

/* Witnesses of a rule for which a near miss is searched. */
#define NEAR_MISS_TRIES_MAX 24
/* Steps of one run that are queued for that search. */
#define NEAR_MISS_QUEUE_MAX 64

struct matrix_release
{
    uint64_t runs, violations;
    struct rule_row rule[RULE_COUNT];
    /* overrides[a][b]: a call violates both, a decides. NULL: not seen. */
    struct witness *overrides[RULE_COUNT][RULE_COUNT];
};

struct matrix
{
    struct setup setup;    /* replays the corpus */
    struct setup variants; /* runs variants, in search of near misses */
    struct matrix_release *release[RELEASE_COUNT]; /* NULL: not wanted */
    /* The run under way. */
    const char *file;
    const struct program *program;
    enum release now;
    /* Its steps whose rule has no near miss yet. */
    uint32_t nr_queued;
    struct
    {
        uint32_t step;
        enum rule rule;
        long lo;
    } queued[NEAR_MISS_QUEUE_MAX];
    /* It was the first witness of a rule (both the same), or of a pair. */
    bool is_new;
    enum rule new_rule, new_other;
};

/* ---- required.c: what must have a witness ---- */

/* Why the rule cannot decide a call of this release, or NULL if it can. */
const char *matrix_infeasible(enum rule r, enum release release);
/* Why no near miss of the rule is required, or NULL if one is. */
const char *matrix_no_near_miss(enum rule r);
/* The name of a family of argument checks, 0 .. the last one; NULL beyond. */
const char *matrix_family(unsigned int i);
/*
 * Is a checked before b, and can one call violate both? If it cannot *why is
 * set; NULL if the two are not in that order in any family.
 */
bool matrix_pair(enum rule a, enum rule b, enum release release,
                 const char **why);
/* The rule decided, a near miss is required, and there is none. */
bool matrix_lacks_near_miss(const struct matrix_release *t, enum rule r);
/* Is there all that is required, and nothing that cannot be? */
bool matrix_complete(const struct matrix *m, enum release release);

/* ---- record.c ---- */
/* For engine_options.on_call; ctx is the matrix. */
void matrix_record(void *ctx, const struct engine *e);
/* This step of p, in the file under way, is the witness. */
void matrix_witness(struct witness *w, const struct matrix *m, uint32_t step,
                    const struct program *p);

/* ---- near.c ---- */
/* Search near misses for the steps that are queued. */
void matrix_near_misses(struct matrix *m);

/* ---- fill.c ---- */
/*
 * Run random cases until nothing is missing or the search ends; write each that
 * is a first witness to dir. Returns an exit code.
 */
int matrix_fill(struct matrix *m, const char *dir);

/* ---- output.c: one release ---- */
void matrix_text(FILE *f, const struct matrix *m, enum release release);
void matrix_json(FILE *f, const struct matrix *m, enum release release);

#endif /* CLAIMCHECK_MATRIX_STATE_H */
