/* SPDX-License-Identifier: MIT */
/*
 * What the generator believes is what the engine does: the same calls, and the
 * same state after each step, for generated programs of every release. They may
 * part only over what docs/rules.md ("What the model does not know") leaves to
 * the implementation; each such reason is counted, and bounded by what was
 * measured, so that it cannot grow unnoticed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "harness/engine/engine.h"
#include "harness/generate/generate.h"
#include "harness/generate/preview.h"
#include "harness/program/text.h"
#include "stub/stub.h"

#define PROGRAMS 20000

enum reason
{
    NODES,  /* from which node a page came: nothing else depends on it     */
    STEPS,  /* which pages an unfinished destroydomain had come to         */
    BLOCKS, /* how long free blocks of an order, node or zone last         */
    COLOUR, /* how many coloured pages there are, which nobody counts      */
    NAMES,  /* which frames a domain has: those named first may be mapped,
             * and which are free, of which some go out of use; and
             * the preview exchanges pages for themselves */
    PARTS,  /* in drafts: what is claimed on a node, or is free to be; these
             * follow from the nodes that pages came from */
    OTHER,
    REASONS
};

/* Programs of PROGRAMS that part over each; about 1.3 times what was measured
 * (7233, 14, 672, 497, 796, 463, 3). */
static const struct
{
    const char *name;
    unsigned int most;
} bounds[REASONS] = {
    [NODES] = { "nodes", 9000 },
    [STEPS] = { "steps", 40 },
    [BLOCKS] = { "blocks", 1120 },
    [COLOUR] = { "colour", 620 },
    [NAMES] = { "names", 940 },
    [PARTS] = { "parts", 560 },
    [OTHER] = { "other", PROGRAMS / 1000 },
};

struct pair
{
    struct engine engine;
    struct preview preview;
    bool parted, nodes_parted, exchanged;
    unsigned int parted_over[REASONS];
};

/* All that a call says, but for which frames it names. */
static bool same_call(const struct hv_call *a, const struct hv_call *b)
{
    struct hv_call x = *a, y = *b;

    x.list = y.list = NULL;
    x.frame = y.frame = 0;
    /* Padding is equal, too: lowering clears the whole call first.
     * NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
    return !memcmp(&x, &y, sizeof(x));
}

static bool names_frames(const struct hv_call *c)
{
    return c->kind == HV_CALL_MAP || c->kind == HV_CALL_UNMAP ||
           c->kind == HV_CALL_OFFLINE || c->kind == HV_CALL_BREAK ||
           c->kind == HV_CALL_WRITE ||
           (c->kind == HV_CALL_MEMORY_OP &&
            (c->cmd & MEMOP_CMD_MASK) == XENMEM_decrease_reservation);
}

static bool names_page(const struct op *op)
{
    return op->code == OP_offline || op->code == OP_online ||
           op->code == OP_offline_query;
}

static bool wants_blocks(const struct hv_call *c)
{
    return (c->kind == HV_CALL_MEMORY_OP &&
            (c->resv.extent_order || c->resv.mem_flags)) ||
           (c->kind == HV_CALL_ANON_ALLOC && c->order);
}

static enum reason reason_of(const struct pair *p)
{
    const struct hv_call *c = &p->engine.call;

    if ( p->nodes_parted &&
         RELEASE_BIT(p->engine.spec.release) & RELEASE_MASK_DRAFTS )
        return PARTS;
    /* Another page went out of use, or will with its domain; or was exchanged. */
    if ( p->engine.offline_used || (p->exchanged && !p->preview.hv.shape.llc) )
        return NAMES;
    if ( !same_call(c, &p->preview.call) && !names_frames(c) )
        return OTHER;
    if ( c->kind == HV_CALL_DOMCTL &&
         c->domctl.cmd == XEN_DOMCTL_destroydomain )
        return c->domctl.preempt ? STEPS : OTHER;
    if ( p->preview.hv.shape.llc )
        return COLOUR;
    if ( wants_blocks(c) )
        return BLOCKS;

    return names_frames(c) ? NAMES : OTHER;
}

static void say(const struct pair *p, const struct step_info *info, long rc)
{
    char line[TEXT_LINE_MAX + 1];

    op_print(line, sizeof(line), info->op);
    print_message("parted: step %u: %s: engine %ld, preview %ld\n",
                  info->step + 1, line, info->rc, rc);
    program_print(stdout, p->engine.spec.program);
}

static void on_step(void *ctx, const struct step_info *info)
{
    struct pair *p = ctx;
    struct hv_view preview, seen = *info->view;
    enum reason why;
    long rc;

    if ( p->parted || info->drain )
        return;
    rc = preview_step(&p->preview, info->op);
    p->exchanged |= info->op->code == OP_exchange ||
                    info->op->code == OP_memory_exchange;
    preview = *preview_view(&p->preview);
    /* There is no page of the kind that is named, as names go. */
    if ( !info->not_run != !p->preview.lower.not_run && names_page(info->op) )
    {
        p->parted = true;
        p->parted_over[NAMES]++;
        return;
    }
    assert_int_equal(!info->not_run, !p->preview.lower.not_run);
    if ( memcmp(preview.node_free, seen.node_free, sizeof(seen.node_free)) &&
         !p->nodes_parted )
    {
        p->nodes_parted = true;
        p->parted_over[NODES]++;
    }
    memcpy(preview.node_free, seen.node_free, sizeof(seen.node_free));
    if ( !p->preview.lost && rc == info->rc &&
         !memcmp(&preview, &seen, sizeof(seen)) )
        return;
    p->parted = true;
    why = reason_of(p);
    if ( why == OTHER )
        say(p, info, rc);
    p->parted_over[why]++;
}

static void test_preview_is_true(void **state)
{
    static struct pair p;
    static struct program program;
    const struct engine_options o = { .on_step = on_step, .ctx = &p };
    struct run_spec spec = { .program = &program,
                             .tolerance = PAST_WEAKNESS,
                             .no_drain = true };
    const struct stub_options stub = { 0 };
    struct hypervisor h;
    struct run_result r;
    const char *why;

    (void)state;
    assert_true(stub_open(&h, &stub, &why));
    engine_init(&p.engine, &h, &o);
    for ( unsigned int i = 0; i < PROGRAMS; i++ )
    {
        const struct generate_options g = {
            .wide = i % 2, .release = (int)(i % RELEASE_COUNT)
        };

        program_generate(&program, i, &g);
        p.parted = p.nodes_parted = p.exchanged = false;
        preview_start(&p.preview, &program.host);
        spec.release = (enum release)program.host.release;
        engine_run(&p.engine, &spec, &r);
        assert_int_not_equal(r.outcome, RUN_VIOLATION);
    }
    for ( unsigned int i = 0; i < REASONS; i++ )
    {
        print_message("%u of %u programs part over %s\n", p.parted_over[i],
                      PROGRAMS, bounds[i].name);
        assert_in_range(p.parted_over[i], 0, bounds[i].most);
    }
    h.ops->close(h.hv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_preview_is_true),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
