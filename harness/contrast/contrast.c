/* SPDX-License-Identifier: MIT */
/* Searching for programs that tell two apart; see contrast.h. */
#include "contrast.h"

#include <stdlib.h>
#include <string.h>

#include "harness/stop/stop.h"
#include "harness/generate/generate.h"
#include "harness/shrink/shrink.h"

/* Which pages are chosen is an allocator's own affair. */
#define PAGES_COUNTERS (1U << EXPECT_NODE_FREE)

struct pair
{
    const struct contrast *c;
    struct trace a, b;
    struct contrast_way wanted; /* for the shrinker */
};

void contrast_run(struct trace *t, const struct contrast_side *side,
                  const struct program *p)
{
    trace_run(t, side->name, side->engine, p,
              side->release < 0 ? (enum release)p->host.release
                                : (enum release)side->release);
}

/* The first step that differs in more than the choice of pages, as a way;
 * false if there is none. */
static bool compare(struct pair *t, const struct program *p,
                    struct contrast_way *way, uint32_t *at)
{
    struct trace_difference how;
    uint32_t nr;

    contrast_run(&t->a, &t->c->a, p);
    contrast_run(&t->b, &t->c->b, p);
    if ( t->a.r.outcome == RUN_SKIPPED || t->b.r.outcome == RUN_SKIPPED )
        return false;
    nr = t->a.nr < t->b.nr ? t->a.nr : t->b.nr;
    for ( uint32_t i = 0; i < nr; i++ )
    {
        how = trace_compare(&t->a, &t->b, i);
        how.counters &= ~PAGES_COUNTERS;
        if ( !how.result && !how.ended && !how.counters )
            continue;
        memset(way, 0, sizeof(*way));
        way->rule_a = t->a.step[i].rule;
        way->rule_b = t->b.step[i].rule;
        way->result = how.result;
        way->ended = how.ended;
        way->counters = how.counters;
        *at = i;
        return true;
    }

    return false;
}

static bool same_way(const struct contrast_way *a,
                     const struct contrast_way *b)
{
    return !memcmp(a, b, sizeof(*a));
}

static bool still_differs(void *ctx, const struct litmus *l)
{
    struct pair *t = ctx;
    struct contrast_way way;
    uint32_t at;

    return compare(t, &l->program, &way, &at) && same_way(&way, &t->wanted);
}

static void shorten(struct pair *t, struct program *p)
{
    static struct litmus l;
    struct shrink_stats stats;

    memset(&l, 0, sizeof(l));
    l.program = *p;
    shrink(&l, still_differs, t, &stats);
    *p = l.program;
    p->wide = !program_is_narrow(p);
}

static void note(struct contrast *c, struct pair *t, struct program *p,
                 const struct contrast_way *way)
{
    uint32_t i = 0;

    while ( i < c->nr && !same_way(&c->way[i], way) )
        i++;
    /* Known, and not shorter before shrinking: hardly shorter after. */
    if ( i == CONTRAST_MAX ||
         (i < c->nr && p->nr_ops >= c->shortest[i].nr_ops) )
        return;
    t->wanted = *way;
    shorten(t, p);
    if ( i < c->nr && p->nr_ops >= c->shortest[i].nr_ops )
        return;
    c->way[i] = *way;
    c->shortest[i] = *p;
    c->nr += i == c->nr;
}

/* By length, then as found. */
static void sort(struct contrast *c)
{
    for ( uint32_t i = 1; i < c->nr; i++ )
        for ( uint32_t j = i;
              j && c->shortest[j].nr_ops < c->shortest[j - 1].nr_ops; j-- )
        {
            struct program p = c->shortest[j];
            struct contrast_way way = c->way[j];

            c->shortest[j] = c->shortest[j - 1];
            c->way[j] = c->way[j - 1];
            c->shortest[j - 1] = p;
            c->way[j - 1] = way;
        }
}

bool contrast_search(struct contrast *c)
{
    struct pair *t = calloc(1, sizeof(*t));
    struct program *p = malloc(sizeof(*p));
    bool enough = t && p;

    c->nr = 0;
    c->done = 0;
    if ( enough )
        for ( uint64_t i = 0; i < c->count && !stop_requested();
              i++, c->done++ )
        {
            const struct contrast_side *side = i % 2 ? &c->a : &c->b;
            const struct generate_options o = { .release = side->release,
                                                .wide = i / 2 % 2 };
            struct contrast_way way;
            uint32_t at;

            t->c = c;
            program_generate(p, c->seed + i, &o);
            if ( !compare(t, p, &way, &at) )
                continue;
            /* What follows says nothing of the first difference. */
            p->nr_ops = (uint8_t)(at + 1);
            note(c, t, p, &way);
        }
    free(p);
    free(t);
    sort(c);

    return enough;
}

/* ---- what was found ---- */

static void print_one(FILE *f, const struct contrast *c, struct pair *t,
                      uint32_t i, const char *indent)
{
    const struct program *p = &c->shortest[i];
    struct trace_difference how;
    struct contrast_way way;
    uint32_t at;

    t->c = c;
    if ( !compare(t, p, &way, &at) )
        return;
    how = trace_compare(&t->a, &t->b, at);
    host_print(f, p, RELEASE_BIT(p->host.release),
               (enum release)p->host.release);
    for ( uint32_t n = 0; n < p->nr_ops; n++ )
    {
        char line[TEXT_LINE_MAX + 1];

        op_print(line, sizeof(line), &p->op[n]);
        fprintf(f, "%s\n", line);
    }
    trace_print_step(f, &t->a, &t->b, at, &how, indent);
}

bool contrast_print(FILE *f, const struct contrast *c)
{
    struct pair *t = calloc(1, sizeof(*t));
    bool enough = t != NULL;

    for ( uint32_t i = 0; t && i < c->nr; i++ )
    {
        print_one(f, c, t, i, "# ");
        fputc('\n', f);
    }
    fprintf(f, "%u ways to tell %s and %s apart, in %llu programs\n", c->nr,
            c->a.name, c->b.name, (unsigned long long)c->done);
    free(t);

    return enough;
}

bool contrast_markdown(FILE *f, const struct contrast *c)
{
    struct pair *t = calloc(1, sizeof(*t));
    bool enough = t != NULL;

    fprintf(f, "## %s and %s\n\n", c->a.name, c->b.name);
    for ( uint32_t i = 0; t && i < c->nr; i++ )
    {
        const struct rule_info *a = &rule_table[c->way[i].rule_a];
        const struct rule_info *b = &rule_table[c->way[i].rule_b];

        if ( a == b )
            fprintf(f, "Rules %s, %s: decides in both, with another effect.\n",
                    a->row, a->text);
        else
            fprintf(f, "%s: rules %s, %s. %s: rules %s, %s.\n", c->a.name,
                    a->row, a->text, c->b.name, b->row, b->text);
        fprintf(f, "\n```\n");
        print_one(f, c, t, i, "# ");
        fprintf(f, "```\n\n");
    }
    if ( !c->nr )
        fprintf(f, "No program tells them apart.\n\n");
    free(t);

    return enough;
}
