/* SPDX-License-Identifier: MIT */
/*
 * Gathering what `claimcheck matrix` shows: from the calls of a replayed case,
 * and, to fill what a corpus lacks, from random calls on prepared hosts. Each is
 * run and checked, none is only thought of. Near misses: matrix_near.c.
 */
#include "matrix.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "harness/generate/choice.h"
#include "harness/program/fields.h"
#include "harness/cases/diag.h"

/* Random cases that are tried, each on every release. */
#define FILL_CASES 200000

static void sight(struct sighting *s, const struct matrix *m,
                  const struct engine *e)
{
    free(s->name);
    s->name = strdup(m->name);
    s->step = e->step;
    s->program = *m->program;
    s->program.host.release = (uint8_t)m->now;
    s->program.nr_ops = (uint8_t)(e->step + 1);
}

static void count_pairs(struct matrix *m, const struct engine *e)
{
    struct matrix_release *t = m->release[m->now];
    enum rule first = e->prediction.rule;
    uint64_t set[RULE_WORDS];
    const char *why;

    model_conditions(&e->model, &e->call, set);
    for ( unsigned int r = 0; r < RULE_COUNT; r++ )
        if ( r != first && (set[r / 64] >> (r % 64) & 1) &&
             !t->wins[first][r] &&
             matrix_pair(first, (enum rule)r, m->now, &why) )
        {
            t->wins[first][r] = calloc(1, sizeof(struct sighting));
            assert(t->wins[first][r]);
            sight(t->wins[first][r], m, e);
            m->news = true;
            m->news_rule = first;
            m->news_other = (enum rule)r;
        }
}

void matrix_on_call(void *ctx, const struct engine *e)
{
    struct matrix *m = ctx;
    struct matrix_release *t = m->release[m->now];
    const struct prediction *p = &e->prediction;
    struct rule_row *row = &t->rule[p->rule];

    if ( e->draining )
        return;
    for ( unsigned int i = 0; i < p->nr_evaluated; i++ )
        t->rule[p->evaluated[i]].evaluated++;
    row->decided++;
    if ( !row->witness.name )
    {
        sight(&row->witness, m, e);
        row->lo = p->lo;
        m->news = true;
        m->news_rule = m->news_other = p->rule;
    }
    if ( !row->near_miss.name && row->tries < MATRIX_TRIES_MAX &&
         m->nr_wanted < sizeof(m->wanted) / sizeof(m->wanted[0]) )
    {
        m->wanted[m->nr_wanted].step = e->step;
        m->wanted[m->nr_wanted++].rule = p->rule;
    }
    count_pairs(m, e);
}

/* ---- completeness ---- */

bool matrix_lacks_near_miss(const struct matrix_release *t, enum rule r)
{
    return t->rule[r].decided && !t->rule[r].near_miss.name &&
           !matrix_no_near_miss(r);
}

bool matrix_complete(const struct matrix *m, enum release release)
{
    const struct matrix_release *t = m->release[release];
    const char *why;

    for ( unsigned int a = 0; a < RULE_COUNT; a++ )
    {
        /* What is said never to decide must not: a table can be wrong, too. */
        if ( matrix_rule_infeasible((enum rule)a, release)
                 ? t->rule[a].decided != 0
                 : !t->rule[a].decided ||
                       matrix_lacks_near_miss(t, (enum rule)a) )
            return false;
        for ( unsigned int b = 0; b < RULE_COUNT; b++ )
            if ( matrix_pair((enum rule)a, (enum rule)b, release, &why) &&
                 !t->wins[a][b] )
                return false;
    }

    return true;
}

/* ---- filling ---- */

/* One raw call with about two fields wrong. */
static void random_call(struct op *op, uint64_t *rng)
{
    static const uint8_t codes[] = { OP_memory_op, OP_memory_op, OP_domctl,
                                     OP_sysctl };
    const struct op_info *info;
    struct value v;

    memset(op, 0, sizeof(*op));
    op->code = codes[choice_mix(rng) % sizeof(codes)];
    info = &op_table[op->code];
    for ( unsigned int a = 0; a < info->nr_args; a++ )
    {
        enum arg_kind kind = info->arg[a].kind;
        uint32_t nr = matrix_value_of(kind, 0, &v);

        field_default(&op->arg[a], kind);
        if ( kind == ARG_CMD )
            /* Not the last one, which is no command. */
            matrix_value_of(kind, (uint32_t)(choice_mix(rng) % (nr - 1)),
                            &op->arg[a]);
        else if ( nr && choice_mix(rng) % 3 == 0 )
            matrix_value_of(kind, (uint32_t)(choice_mix(rng) % nr),
                            &op->arg[a]);
        else if ( kind == ARG_DOMID )
            op->arg[a] = (struct value){ .v = 1, .sel = 1 };
        else if ( kind == ARG_DOMCTL )
            op->arg[a].v = XEN_DOMCTL_max_mem;
        else if ( kind == ARG_SYSCTL )
            op->arg[a].v = XEN_SYSCTL_physinfo;
        else if ( kind == ARG_LIST && op->code == OP_memory_op &&
                  op->memory_op.cmd.v == XENMEM_claim_pages )
            op->arg[a].sel = MEM_NULL;
        else if ( kind == ARG_PAGES )
            op->arg[a].v = 4;
    }
}

static void add(struct program *p, struct op op)
{
    p->op[p->nr_ops++] = op;
}

/* A host with a domain that has 4 pages, a limit and maybe a claim, or dies. */
static void prepared(struct program *p, uint64_t *rng)
{
    uint64_t how = choice_mix(rng);

    program_init(p);
    p->host.llc = how % 16 == 0;
    add(p, (struct op){ OP_create, .create.dom.v = 1 });
    add(p,
        (struct op){ OP_max_mem, .max_mem = { .dom.v = 1, .pages.v = 16 } });
    add(p, (struct op){ OP_populate,
                        .populate = { .dom.v = 1, .nr.v = 4, .node.v = -1 } });
    add(p, (struct op){ OP_create, .create.dom.v = 2 });
    if ( how >> 8 & 1 )
        add(p, (struct op){ OP_claim, .claim = { .dom.v = 1, .pages.v = 8 } });
    if ( how >> 9 & 1 )
        add(p, (struct op){
                   OP_max_mem,
                   .max_mem = { .dom.v = 1,
                                .pages.v = (int64_t)(how >> 16 & 3) * 2 } });
    if ( (how >> 10 & 3) == 0 )
        add(p, (struct op){ OP_destroy,
                            .destroy = { .dom.v = 1, .steps.v = 1 } });
    random_call(&p->op[p->nr_ops++], rng);
}

static bool write_case(const struct matrix *m, const char *dir,
                       const struct program *p, unsigned int n)
{
    static struct litmus l;
    char path[4096];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%03u-%s-before-%s.claim", dir, n,
             rule_table[m->news_rule].id, rule_table[m->news_other].id);
    f = fopen(path, "w");
    if ( !f )
    {
        diag_path(path, "cannot write");
        return false;
    }
    memset(&l, 0, sizeof(l));
    l.program = *p;
    l.program.wide = true;
    l.program.host.release = RELEASE_DEFAULT;
    l.releases = (1U << RELEASE_COUNT) - 1;
    fprintf(f, "# Found by claimcheck matrix --fill: rule %s decides (%s).\n",
            rule_table[m->news_rule].row, rule_table[m->news_rule].text);
    litmus_print(f, &l);
    return !fclose(f);
}

static bool all_complete(const struct matrix *m, int only)
{
    for ( int r = 0; r < RELEASE_COUNT; r++ )
        if ( (only < 0 || r == only) && !matrix_complete(m, (enum release)r) )
            return false;

    return true;
}

int matrix_fill(struct matrix *m, const char *dir, int only)
{
    static struct program p;
    struct run_result result;
    unsigned int written = 0;
    uint64_t rng = 0;

    m->name = "found";
    m->program = &p;
    for ( uint32_t i = 0; i < FILL_CASES; i++ )
    {
        if ( i % 256 == 0 && all_complete(m, only) )
            break;
        prepared(&p, &rng);
        m->news = false;
        for ( int r = 0; r < RELEASE_COUNT; r++ )
        {
            if ( only >= 0 && r != only )
                continue;
            m->now = (enum release)r;
            p.host.release = (uint8_t)r;
            engine_run(&m->setup.engine, &p, &result);
            m->nr_wanted = 0;
            if ( result.outcome == RUN_VIOLATION )
                diag("--fill: a case violates %s", result.signature);
        }
        if ( m->news && !write_case(m, dir, &p, written++) )
            return EXIT_BAD_INPUT;
    }
    diag("--fill: %u cases written", written);

    return EXIT_HELD;
}
