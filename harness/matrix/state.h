/* SPDX-License-Identifier: MIT */
/* What the parts of the matrix share; for others there is matrix.h. */
#ifndef CLAIMCHECK_MATRIX_STATE_H
#define CLAIMCHECK_MATRIX_STATE_H

#include <stdio.h>

#include "harness/session/setup.h"
#include "matrix.h"

/* What the steps of a run returned, as far as it came. */
struct results
{
    uint32_t nr;
    long rc[PROGRAM_OPS_MAX];
    bool ran[PROGRAM_OPS_MAX]; /* else the step made no call */
};

/* The case that shows something: its file, and the program up to that step. */
struct witness
{
    char *file; /* NULL: there is none */
    uint32_t step;
    struct program program;
    struct results results;
    struct witness *next_fresh; /* its step has not returned yet */
};

struct rule_row
{
    uint64_t evaluated, decided;
    long lo;                  /* what the witness returns */
    struct witness witness;   /* decided by this rule */
    struct witness near_miss; /* one argument changed: this rule passed */
    const char *changed;      /* which; "llc": of the host */
    uint32_t tries;           /* witnesses that had no near miss so far */
};

/* Witnesses of a rule for which a near miss is searched: far above what a
 * corpus needs, so that cases which come first and have none do not end it. */
#define NEAR_MISS_TRIES_MAX 1024
/* Steps of one run that are queued for that search. */
#define NEAR_MISS_QUEUE_MAX 64

/* What a class of values came to, by one rule that decided. */
struct field_outcome
{
    enum rule rule;
    uint64_t count;
    long lo, hi;   /* results */
    char *file;    /* of the first */
    uint32_t step; /* ... from 0 */
    struct field_outcome *next;
};

/* Kinds of calls: those of enum rule_family by their bits, and one for what all
 * of memory_op has. */
#define CALLS_MEMORY_OP 6
#define CALLS_COUNT 7

enum field
{
#define FIELD(id, name, calls, how, condition) FIELD_##id,
#include "fields.def"
    FIELD_COUNT
};

struct field_info
{
    const char *name;
    uint32_t calls; /* one bit for each kind of call that has it */
    bool one;       /* a value is in one class, else in some */
};

extern const struct field_info field_table[FIELD_COUNT];

struct class_info
{
    enum field field;
    const char *values;
    uint32_t calls; /* one bit for each kind of call that can have them */
};

/* Classes of values, all fields one after another; NULL values end it. */
extern const struct class_info class_table[];
/* More than there are: a call's classes are kept on the way. */
#define CLASSES_MAX 192

/* The call under way, until it has returned. */
struct classified
{
    uint32_t calls; /* which kinds of call it is; 0: none, or no call */
    enum rule rule;
    bool in[CLASSES_MAX];
};

/* What a release has of all that is required. */
struct matrix_totals
{
    unsigned int rules, in_release; /* in the table, and in this release    */
    unsigned int witnessed;         /* of in_release, and so the next two   */
    unsigned int near_required, near_misses;
    unsigned int pairs, pairs_witnessed; /* that one call can violate       */
    unsigned int values, values_tried;   /* classes, by kind of call */
    unsigned int wrong; /* rules that decided though they cannot           */
};

struct matrix_release
{
    enum release release;
    uint32_t caps; /* what the hypervisor offers: enum hv_cap */
    uint64_t runs, violations;
    struct field_outcome *outcomes[CALLS_COUNT][CLASSES_MAX];
    struct rule_row rule[RULE_COUNT];
    /* overrides[a][b]: a call violates both, a decides. NULL: not seen. */
    struct witness *overrides[RULE_COUNT][RULE_COUNT];
};

struct matrix
{
    struct setup setup;    /* replays the corpus */
    struct setup variants; /* runs variants, in search of near misses */
    struct matrix_release *release[RELEASE_COUNT]; /* NULL: not wanted */
    const char *corpus;                            /* its first path */
    /* The run under way. */
    const char *file;
    const struct program *program;
    enum release now;
    struct results results;    /* its steps so far */
    struct witness *fresh;     /* of the step under way */
    struct classified classes; /* of the call under way */
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

/* Why the rule cannot decide a call of this release on this hypervisor, or NULL
 * if it can. */
const char *matrix_infeasible(const struct matrix_release *t, enum rule r);
/* Why no near miss of the rule is required, or NULL if one is. */
const char *matrix_no_near_miss(enum rule r);
/* The name of a family of argument checks, 0 .. the last one; NULL beyond. */
const char *matrix_family(unsigned int i);
/*
 * Is a checked before b, and can one call violate both? If it cannot *why is
 * set; NULL if the two are not in that order in any family.
 */
bool matrix_pair(const struct matrix_release *t, enum rule a, enum rule b,
                 const char **why);
/* The rule decided, a near miss is required, and there is none. */
bool matrix_lacks_near_miss(const struct matrix_release *t, enum rule r);
void matrix_totals(const struct matrix *m, enum release release,
                   struct matrix_totals *n);
/* Is there all that is required, and nothing that cannot be? */
bool matrix_complete(const struct matrix *m, enum release release);

/* ---- record.c ---- */
/* Zeroed memory; without it the program ends, see out_of_memory(). */
void *matrix_alloc(size_t size);
char *matrix_copy(const char *s);
/* For engine_options.on_call; ctx is the matrix. */
void matrix_record(void *ctx, const struct engine *e);
/* For engine_options.on_step. */
void matrix_step(void *ctx, const struct step_info *info);
/* Add a step to what a run returned. */
void results_add(struct results *r, const struct step_info *info);
/* Would a program of so many steps and one be a better witness? */
bool shorter(const struct witness *w, uint32_t step);
/* This step of p, in the file under way, is the witness. */
void matrix_witness(struct witness *w, const struct matrix *m, uint32_t step,
                    const struct program *p, const struct results *r);

/* ---- fields.c: values by field ---- */
/* The name of a kind of call, 0 .. CALLS_COUNT - 1. */
const char *matrix_calls(unsigned int i);
/* The kinds of calls that have class i of the table. */
uint32_t class_calls(unsigned int i);
/* Which classes the call under way is in; it has not been made yet. */
void matrix_classify(struct classified *k, const struct engine *e);
/* ... and now it has returned rc. */
void matrix_classified(struct matrix *m, uint32_t step, long rc);
void matrix_drop_fields(struct matrix_release *t);

/* ---- near.c ---- */
/* Search near misses for the steps that are queued. */
void matrix_near_misses(struct matrix *m);

/* ---- fill.c ---- */
/*
 * Run random cases until nothing is missing or the search ends; write each that
 * is a first witness to dir. Returns an exit code.
 */
int matrix_fill(struct matrix *m, const char *dir);

/* ---- text.c, csv.c, json.c ---- */
/* The wanted release before this one, or with RELEASE_COUNT the newest; -1 at
 * the end: the order of all that is printed. */
int matrix_next(const struct matrix *m, int release);
/* The call that is a witness; out has TEXT_LINE_MAX. */
const char *witness_call(const struct witness *w, char *out);
/* A few lines on each release, and what is missing, in part. */
void matrix_summary(FILE *f, const struct matrix *m);
/* Every rule and pair of one release, a line or two for each. */
void matrix_text(FILE *f, const struct matrix *m, enum release release);
/* One table for all releases, with a head. */
void matrix_csv(FILE *f, const struct matrix *m);
/* One object, on a line. */
void matrix_json(FILE *f, const struct matrix *m, enum release release);

#endif /* CLAIMCHECK_MATRIX_STATE_H */
