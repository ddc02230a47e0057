/* SPDX-License-Identifier: MIT */
/*
 * The stub beside another implementation: the same programs on both, step by
 * step; what differs is printed, by kind, with the seed of the first program
 * that shows it.
 *
 *     side_by_side FILE.so FIRST-SEED PROGRAMS [CASE.claim...]
 *
 * Compared after each step: result, counters, free blocks by node, zone and
 * order, and for each page that came its node and zone. Not compared, because
 * the implementation may choose (docs/stub.md): which frame of a zone, and after
 * that which blocks are left; which pages a destroydomain has freed that was
 * stopped; which frames an exchange gave; and all that follows when pages of
 * dead domains, which Xen scrubs first, were freed, or when pages went out of
 * use, a known weakness that ends the run there among it. Exit code 1:
 * something differs.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cases/case.h"
#include "harness/engine/engine.h"
#include "harness/generate/generate.h"
#include "harness/open/open.h"
#include "harness/probe/probe.h"

#define STEPS_MAX 256
#define FRAMES_MAX 64
/* Of the hosts that programs of the generator have. */
#define ZONE_LAST 12
#define ORDER_LAST 9

enum kind
{
    SAME,
    RESULT,
    COUNTERS,
    NODE,
    ZONE,
    FRAME,
    CAPACITY,
    OUTCOME,
    KINDS
};

static const char *const kind_name[KINDS] = {
    "the same", "result", "counters",    "node",
    "zone",     "frame",  "free blocks", "outcome",
};

/* What a step left. */
struct left
{
    long rc;
    bool stopped; /* destroydomain, before its end                          */
    bool dirt;    /* pages were freed that Xen scrubs first                  */
    bool chose;   /* blocks that are not to be compared from here on         */
    struct hv_view view;
    uint64_t blocks; /* a hash of the counts of free blocks */
    uint32_t nr_frames;
    uint64_t frame[FRAMES_MAX];
};

struct side
{
    struct hypervisor h;
    struct engine engine;
    struct run_result r;
    uint32_t steps;
    struct left left[STEPS_MAX];
};

static struct side side[2];

static struct
{
    uint64_t programs, steps, apart, nr[KINDS];
} total;

static uint64_t hash_blocks(const struct hypervisor *h)
{
    uint64_t hash = 0;
    struct hv_capacity c;

    h->ops->capacity(h->hv, &c);
    for ( uint32_t n = 0; n < HV_NODES_MAX; n++ )
        for ( uint32_t z = 0; z <= ZONE_LAST; z++ )
            for ( uint32_t o = 0; o <= ORDER_LAST; o++ )
                hash = (hash ^ hv_blocks(&c, n, z, o)) *
                       UINT64_C(0x9e3779b97f4a7c15);

    return hash;
}

/* Those of a domain that is destroyed, and of nobody. */
static bool leaves_dirt(const struct step_info *info)
{
    switch ( info->op->code )
    {
    case OP_domctl:
    case OP_destroy: return info->rc == 0 || info->rc == HV_CONTINUE;
    /* What is left of blocks around pages out of use. */
    case OP_offline:
    case OP_online:
    case OP_sysctl: return true;
    case OP_anon_free: return info->rc == 0;
    case OP_unmap: return info->rc != 0; /* maybe the last page of one */
    default: return false;
    }
}

/* Which frames an exchange takes, and how the block around a page out of use is
 * taken apart (Xen's are misaligned), is not told. */
static bool chooses(enum op_code code)
{
    return code == OP_exchange || code == OP_memory_exchange ||
           code == OP_offline || code == OP_online || code == OP_sysctl;
}

static void note(void *ctx, const struct step_info *info)
{
    struct side *s = ctx;
    const struct hv_call *call = &s->engine.call;
    const struct hv_result *result = &s->engine.result;
    struct left *l;

    if ( s->steps == STEPS_MAX )
        return;
    l = &s->left[s->steps++];
    memset(l, 0, sizeof(*l));
    l->rc = info->not_run ? 0 : info->rc;
    l->stopped = info->op->code == OP_destroy && info->rc == HV_CONTINUE;
    l->dirt = !info->not_run && leaves_dirt(info);
    l->chose = !info->not_run && chooses(info->op->code);
    l->view = *info->view;
    if ( s->h.ops->caps & HV_CAP_CAPACITY )
        l->blocks = hash_blocks(&s->h);
    if ( info->not_run || call->kind != HV_CALL_MEMORY_OP || result->rc <= 0 ||
         !result->list || !call->list_entries )
        return;
    if ( (call->cmd & MEMOP_CMD_MASK) == XENMEM_decrease_reservation )
        return;
    for ( ; l->nr_frames < FRAMES_MAX && l->nr_frames < call->list_entries &&
            l->nr_frames < (uint64_t)result->rc;
          l->nr_frames++ )
        l->frame[l->nr_frames] = result->list[l->nr_frames];
}

static uint32_t zone_of(uint64_t frame)
{
    return frame ? 64 - (uint32_t)__builtin_clzll(frame) : 0;
}

static enum kind frames_differ(const struct left *a, const struct left *b,
                               uint32_t node_pages)
{
    enum kind kind = SAME;

    for ( uint32_t i = 0; i < a->nr_frames; i++ )
    {
        if ( (a->frame[i] - HV_FRAME_BASE) / node_pages !=
             (b->frame[i] - HV_FRAME_BASE) / node_pages )
            return NODE;
        if ( zone_of(a->frame[i]) != zone_of(b->frame[i]) )
            return ZONE;
        if ( a->frame[i] != b->frame[i] )
            kind = FRAME;
    }

    return kind;
}

static bool both_count(void)
{
    return side[0].h.ops->caps & side[1].h.ops->caps & HV_CAP_CAPACITY;
}

/* *apart: other frames were chosen before, in the same zones; which blocks are
 * left is not comparable then. */
static enum kind step_differs(const struct left *a, const struct left *b,
                              const struct program *p, bool *apart)
{
    enum kind kind;

    /* Where it stops, and which pages are freed first, is its own choice. */
    if ( a->stopped || b->stopped )
        return SAME;
    if ( a->rc != b->rc || a->nr_frames != b->nr_frames )
        return RESULT;
    if ( memcmp(&a->view, &b->view, sizeof(a->view)) )
        return COUNTERS;
    kind = frames_differ(a, b, p->host.node_pages);
    if ( kind == FRAME || (kind == SAME && a->chose) )
    {
        total.apart += !*apart;
        *apart = true;
        kind = SAME;
    }
    if ( kind == SAME && !*apart && both_count() && a->blocks != b->blocks )
        kind = CAPACITY;

    return kind;
}

/* Where the two differ first; *step: there. */
static enum kind compare(const struct run_spec *spec, uint32_t *step)
{
    bool apart = false;

    for ( unsigned int i = 0; i < 2; i++ )
    {
        side[i].steps = 0;
        engine_run(&side[i].engine, spec, &side[i].r);
    }
    for ( *step = 0; *step < side[0].steps && *step < side[1].steps; ++*step )
    {
        enum kind kind = step_differs(
            &side[0].left[*step], &side[1].left[*step], spec->program, &apart);

        if ( kind != SAME )
            return kind;
        if ( side[0].left[*step].dirt )
        {
            ++*step;
            return SAME;
        }
    }

    /* Out of use by a weakness that only Xen's code has. */
    if ( side[1].r.outcome == RUN_WEAKNESS && *step == side[1].steps &&
         *step < side[0].steps && side[0].left[*step].dirt )
        return SAME;

    return side[0].r.outcome == side[1].r.outcome &&
                   side[0].steps == side[1].steps
               ? SAME
               : OUTCOME;
}

static void one(const struct program *p, enum release release,
                const char *what)
{
    struct run_spec spec = *RUN_PROGRAM(p);
    struct program cut = *p;
    uint32_t step;
    enum kind kind;

    spec.release = release;
    kind = compare(&spec, &step);
    if ( side[1].r.outcome == RUN_SKIPPED )
        return;
    total.programs++;
    total.steps += step;
    if ( kind == SAME || total.nr[kind]++ )
        return;
    cut.host.release = (uint8_t)release;
    cut.nr_ops = step < p->nr_ops ? (uint8_t)(step + 1) : p->nr_ops;
    printf("%s: %s: step %u: %s differ", what, release_name(release), step + 1,
           kind_name[kind]);
    if ( kind == RESULT )
        printf(": %ld, %ld", side[0].left[step].rc, side[1].left[step].rc);
    if ( kind == OUTCOME )
        printf(": %s and %s", side[0].r.signature, side[1].r.signature);
    printf("\n");
    program_print(stdout, &cut);
}

static bool open_side(struct side *s, const char *on)
{
    const struct engine_options o = { .on_step = note, .ctx = s };
    const struct open_options open = { .on = on };
    char why[OPEN_WHY_MAX];

    if ( open_hypervisor(&s->h, &open, why) )
    {
        engine_init(&s->engine, &s->h, &o);
        return true;
    }
    fprintf(stderr, "side_by_side: %s: %s\n", on, why);

    return false;
}

static int case_on_both(void *releases, struct case_file *c)
{
    for ( unsigned int r = 0; r < RELEASE_COUNT; r++ )
        if ( *(const uint32_t *)releases & c->litmus.releases &
             RELEASE_BIT(r) )
            one(&c->litmus.program, (enum release)r, c->path);

    return 0;
}

int main(int argc, char **argv)
{
    struct generate_options o = { .release = -1 };
    static struct program p;
    struct probe nearest;
    uint32_t releases;
    uint64_t bad = 0, seed, count;

    if ( argc < 4 || !open_side(&side[0], "stub") ||
         !open_side(&side[1], argv[1]) )
        return 2;
    o.lacks = generate_lacks(&side[1].h);
    o.node_pages_max = side[1].h.ops->node_pages_max;
    releases = open_releases(&side[1].h);
    if ( !releases )
        releases = probe_releases(&side[1].h, RELEASE_MASK_ALL, &nearest);
    seed = strtoull(argv[2], NULL, 10);
    count = strtoull(argv[3], NULL, 10);
    for ( ; count; count--, seed++ )
    {
        char what[32];

        snprintf(what, sizeof(what), "--seed %" PRIu64, seed);
        program_generate(&p, seed, &o);
        one(&p, open_release(releases, (enum release)p.host.release), what);
    }
    if ( argc > 4 &&
         cases_each(argv + 4, argc - 4, false, case_on_both, &releases) )
        return 2;
    printf("%" PRIu64 " programs, %" PRIu64 " steps, %" PRIu64
           " with other frames of the same zones:",
           total.programs, total.steps, total.apart);
    for ( unsigned int k = SAME + 1; k < KINDS; k++ )
    {
        printf(" %s %" PRIu64, kind_name[k], total.nr[k]);
        bad += total.nr[k];
    }
    printf("\n");
    side[0].h.ops->close(side[0].h.hv);
    side[1].h.ops->close(side[1].h.hv);

    return bad || !total.programs;
}
