/* SPDX-License-Identifier: MIT */
/*
 * claimcheck matrix --fill: random calls on prepared hosts, until the corpus
 * with what they add lacks nothing. Each is run and checked.
 */
#include "state.h"

#include <limits.h>
#include <string.h>

#include "harness/cases/diag.h"
#include "harness/cases/file.h"
#include "harness/generate/choice.h"
#include "harness/program/kinds/claims.h"
#include "harness/program/kinds/kind.h"
#include "harness/program/text.h"
#include "harness/stop/stop.h"

/* Random cases that are tried, each on every release. */
#define FILL_CASES 200000
/* ... and after so many of them: is all there? */
#define FILL_ASK_EVERY 256

/* One raw call with about two fields wrong; with claim sets, one about them. */
static void random_call(struct op *op, bool sets, uint64_t *rng)
{
    static const uint8_t codes[] = { OP_memory_op, OP_memory_op, OP_domctl,
                                     OP_sysctl };
    const struct op_info *info;

    memset(op, 0, sizeof(*op));
    op->code = sets ? OP_claim_memory : codes[choice_mix(rng) % sizeof(codes)];
    info = &op_table[op->code];
    for ( unsigned int a = 0; a < info->nr_args; a++ )
    {
        enum arg_kind kind = info->arg[a].kind;
        uint32_t nr = kind_edges(kind);

        kind_default(&op->arg[a], kind);
        if ( kind == ARG_CMD )
            /* Not the last one, which is no command. */
            kind_edge(&op->arg[a], kind,
                      (uint32_t)(choice_mix(rng) % (nr - 1)));
        else if ( nr && choice_mix(rng) % 3 == 0 )
            kind_edge(&op->arg[a], kind, (uint32_t)(choice_mix(rng) % nr));
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
        else if ( sets && kind == ARG_ENTRY &&
                  !strcmp(info->arg[a].name, "entry0") )
            op->arg[a] = entry_value(CLAIM_TARGET_HOST,
                                     &(struct value){ .v = 4 }, 0);
    }
}

static void add(struct program *p, struct op op)
{
    p->op[p->nr_ops++] = op;
}

/* A host with a domain that has 4 pages, a limit and maybe a claim, or dies. */
static void prepared(struct program *p, bool sets, uint64_t *rng)
{
    uint64_t how = choice_mix(rng);

    program_init(p);
    p->host.nodes = sets ? 2 : 1;
    if ( sets )
        p->host.release = RELEASE_DRAFT_NEWEST;
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
    if ( sets && how >> 12 & 1 )
        add(p, (struct op){ OP_unpause, .unpause.dom.v = 1 });
    random_call(&p->op[p->nr_ops++], sets, rng);
}

static int write_case(const struct matrix *m, const char *dir,
                      const struct program *p, unsigned int n)
{
    static struct litmus l;
    struct file_text text;
    char path[PATH_MAX];
    FILE *f = file_text_begin(&text);

    snprintf(path, sizeof(path), "%s/%03u-%s-before-%s.claim", dir, n,
             rule_table[m->new_rule].id, rule_table[m->new_other].id);
    memset(&l, 0, sizeof(l));
    l.program = *p;
    l.program.wide = true;
    l.releases = program_releases(p) == RELEASE_MASK_DRAFTS
                     ? RELEASE_MASK_DRAFTS
                     : RELEASE_MASK_ALL;
    l.program.host.release = (uint8_t)litmus_release(l.releases);
    fprintf(f, "# Found by claimcheck matrix --fill: rule %s decides (%s).\n",
            rule_table[m->new_rule].row, rule_table[m->new_rule].text);
    litmus_print(f, &l);

    return file_text_write(&text, path);
}

static bool all_complete(const struct matrix *m)
{
    for ( int r = 0; r < RELEASE_COUNT; r++ )
        if ( m->release[r] && !matrix_complete(m, (enum release)r) )
            return false;

    return true;
}

static void run_releases(struct matrix *m, struct program *p)
{
    struct run_result result;

    m->is_new = false;
    for ( int r = 0; r < RELEASE_COUNT; r++ )
    {
        if ( !m->release[r] || !(program_releases(p) & RELEASE_BIT(r)) )
            continue;
        m->now = (enum release)r;
        p->host.release = (uint8_t)r;
        engine_run(m->setup.engine, RUN_PROGRAM(p), &result);
        m->nr_queued = 0;
        if ( result.outcome == RUN_VIOLATION )
            diag("--fill: a case violates %s", result.signature);
    }
}

int matrix_fill(struct matrix *m, const char *dir)
{
    struct program p;
    unsigned int written = 0;
    int rc;
    bool drafts = m->release[RELEASE_DRAFT_V7] || m->release[RELEASE_DRAFT_V8];
    uint64_t rng = 0;

    m->file = "found";
    m->program = &p;
    for ( uint32_t i = 0; i < FILL_CASES && !stop_requested(); i++ )
    {
        if ( i % FILL_ASK_EVERY == 0 && all_complete(m) )
            break;
        /* In turns, if a draft is wanted. */
        prepared(&p, drafts && i % 4, &rng);
        run_releases(m, &p);
        if ( !m->is_new )
            continue;
        rc = write_case(m, dir, &p, written++);
        if ( rc )
            return rc;
    }
    diag("--fill: %u cases written%s", written, stop_clause());

    return EXIT_HELD;
}
