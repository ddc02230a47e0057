/* SPDX-License-Identifier: MIT */
/*
 * What `claimcheck matrix` knows: for each release and rule how often it was
 * looked at and decided, a witness, a near miss, and who won where two rules
 * were violated together. Recomputed from a corpus, never written by hand.
 */
#ifndef CLAIMCHECK_MATRIX_H
#define CLAIMCHECK_MATRIX_H

#include "harness/cases/case.h"
#include "harness/session/setup.h"

/* A step of a case: where, and the program up to it. */
struct sighting
{
    char *name; /* of the file; NULL: none */
    uint32_t step;
    struct program program;
};

struct rule_row
{
    uint64_t evaluated, decided;
    long lo;                   /* what the witness returns */
    struct sighting witness;   /* decided by this rule     */
    struct sighting near_miss; /* one field changed: this rule held */
    uint32_t tries;            /* witnesses that had no near miss so far */
};

/* Witnesses of a rule for which a near miss is looked for. */
#define MATRIX_TRIES_MAX 24

struct matrix_release
{
    struct rule_row rule[RULE_COUNT];
    /* wins[a][b]: case that violates both, decided by a. */
    struct sighting *wins[RULE_COUNT][RULE_COUNT];
};

struct matrix
{
    struct setup setup;  /* replays the corpus                    */
    struct setup search; /* runs variants of what was found       */
    struct matrix_release *release[RELEASE_COUNT];
    /* The case that runs. */
    const struct program *program;
    enum release now;
    uint64_t cases, runs, violations;
    /* Steps of this run that decided by a rule without a near miss. */
    uint32_t nr_wanted;
    struct
    {
        uint32_t step;
        enum rule rule;
    } wanted[64];
    const char *name;
    /* Search: what is new in a random program. */
    bool news;
    enum rule news_rule, news_other;
};

/* ---- matrix_pairs.c: which rules there are, which can meet ---- */

/* Why the rule can decide nothing on this release, or NULL. */
const char *matrix_rule_infeasible(enum rule r, enum release release);
/* Why the rule need not have a near miss, or NULL. */
const char *matrix_no_near_miss(enum rule r);
/* May both be violated by one call, and is a looked at before b? Sets *why if
 * not, for pairs of one family; NULL for those that never meet. */
bool matrix_pair(enum rule a, enum rule b, enum release release,
                 const char **why);

/* ---- matrix_find.c ---- */
void matrix_on_call(void *ctx, const struct engine *e);
/* Random cases until nothing is missing or the search ends; writes them. */
int matrix_fill(struct matrix *m, const char *dir, int only);
/* Decided, and must have a near miss, and has none. */
bool matrix_lacks_near_miss(const struct matrix_release *t, enum rule r);
bool matrix_complete(const struct matrix *m, enum release release);

/* ---- matrix_near.c: for the witnesses of the case that ran last ---- */
void matrix_near_misses(struct matrix *m);
/* Value i that is tried for an argument; how many there are. */
uint32_t matrix_value_of(enum arg_kind kind, uint32_t i, struct value *v);

/* ---- matrix_page.c ---- */
void matrix_text(FILE *f, const struct matrix *m, enum release release);
void matrix_json(FILE *f, const struct matrix *m, enum release release);
void matrix_html(FILE *f, const struct matrix *m);

#endif /* CLAIMCHECK_MATRIX_H */
