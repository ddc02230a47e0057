/* SPDX-License-Identifier: MIT */
/* From a run on the model to C; see emit.h. Not here: the text around the
 * calls (runtime.c). */
#include "emit.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/engine/engine.h"
#include "harness/program/quote.h"
#include "claims.h"
#include "steps.h"
#include "words.h"

/* Frames that a program can get: a full list for each step of a case. */
#define FRAMES_MAX (PROGRAM_OPS_MAX * HV_LIST_MAX)

/* runtime.c and runtime_host.c as text. */
extern const char emit_runtime[], emit_runtime_end[];
__asm__(".section .rodata\n"
        ".global emit_runtime, emit_runtime_end\n"
        "emit_runtime: .incbin \"" EMIT_FOLDER "/runtime.c\"\n"
        "              .byte 10\n"
        "              .incbin \"" EMIT_FOLDER "/runtime_host.c\"\n"
        "emit_runtime_end: .byte 0\n"
        ".previous\n");

struct emitter
{
    FILE *f;
    struct engine *engine;
    const struct litmus *litmus;
    struct emit_steps steps;
    bool left[PROGRAM_OPS_MAX]; /* the step leaves a domain half destroyed */
    unsigned int step; /* of the pending call, from 1, as in the case */
    unsigned int said; /* steps whose text is written */
    bool gets;         /* it is one that gets a claim set */
    bool waits;        /* a call is pending: its result is not yet written */
    struct hv_call call;
    struct prediction prediction;
    uint64_t list[HV_LIST_MAX];
    struct xen_memory_claim entries[HV_ENTRIES_MAX];
    uint64_t claimed;
    struct hv_domain_view dom[HV_DOMS_MAX]; /* as last written */
    const char *why;                        /* the step cannot be done */
    uint32_t nr_frames;
    struct
    {
        uint64_t frame;
        uint32_t order;
    } frame[FRAMES_MAX]; /* allocated by the model, in the program's order */
};

/* ---- frames ---- */

/* Which of the allocated frames, newest first, and how many pages into it. */
static bool find_frame(struct emitter *e, uint64_t frame, uint32_t *index,
                       uint64_t *offset)
{
    for ( *index = e->nr_frames; (*index)--; )
    {
        *offset = frame - e->frame[*index].frame;
        if ( *offset < UINT64_C(1) << e->frame[*index].order )
            return true;
    }
    e->why = "it uses frames that dom0 had from the start";
    return false;
}

/* Entries of a list of frames, in runs. */
static void print_frames(struct emitter *e, uint32_t entries)
{
    uint32_t i = 0, n, index, next;
    uint64_t offset, more;

    for ( ; i < entries && !e->why; i += n )
    {
        n = 1;
        if ( !e->list[i] )
        {
            while ( i + n < entries && !e->list[i + n] )
                n++;
            fprintf(e->f, "    memset(&list[%u], 0, %u * sizeof(list[0]));\n",
                    i, n);
            continue;
        }
        if ( !find_frame(e, e->list[i], &index, &offset) )
            return;
        while ( i + n < entries && e->list[i + n] &&
                find_frame(e, e->list[i + n], &next, &more) &&
                next == index + n && more == offset )
            n++;
        fprintf(e->f, "    list_frames(%u, %u, %u, %" PRIu64 ");\n", i, n,
                index, offset);
    }
}

/* The frames that a populate or increase allocated. */
static void keep_frames(struct emitter *e)
{
    const struct hv_result *r = &e->engine->result;
    uint64_t start = e->call.cmd >> MEMOP_EXTENT_SHIFT;
    unsigned int cmd = e->call.cmd & MEMOP_CMD_MASK;
    uint32_t i;

    if ( (cmd != XENMEM_populate_physmap &&
          cmd != XENMEM_increase_reservation) ||
         r->rc <= (long)start || !r->list || !e->call.list_entries )
        return;
    fprintf(e->f, "    keep_frames(%" PRIu64 ", %ld);\n", start,
            r->rc - (long)start);
    for ( i = (uint32_t)start; i < r->rc; i++ )
    {
        assert(e->nr_frames < FRAMES_MAX);
        e->frame[e->nr_frames].frame = r->list[i];
        e->frame[e->nr_frames++].order = e->call.resv.extent_order;
    }
}

/* ---- calls ---- */

static void print_memory_op(struct emitter *e)
{
    const struct hv_call *c = &e->call;
    const struct xen_memory_reservation *r = &c->resv;
    FILE *f = e->f;
    bool pad = false;

    if ( c->list_entries &&
         (c->cmd & MEMOP_CMD_MASK) == XENMEM_decrease_reservation )
        print_frames(e, c->list_entries);
    else if ( c->list_entries )
        fprintf(f, "    list_gfns(0, %u);\n", c->list_entries);

    fprintf(f, "    rc = memory_op((struct reservation){\n        .cmd = ");
    emit_command(f, c->cmd);
    if ( c->cmd >> MEMOP_EXTENT_SHIFT )
        fprintf(f, ", .start = %" PRIu64, c->cmd >> MEMOP_EXTENT_SHIFT);
    fprintf(f, ", .arg = ");
    emit_address(f, c->arg);
    fprintf(f, ", .arg_bytes = %u,\n        .domid = %u", c->arg_bytes,
            r->domid);
    if ( r->nr_extents )
        fprintf(f, ", .nr = UINT64_C(%" PRIu64 ")", (uint64_t)r->nr_extents);
    if ( r->extent_order )
        fprintf(f, ", .order = %u", r->extent_order);
    if ( r->mem_flags )
        fprintf(f, ", .flags = %#x", r->mem_flags);
    if ( r->extent_start.p )
    {
        fprintf(f, ",\n        .list = ");
        emit_address(f, (uintptr_t)r->extent_start.p);
        fprintf(f, ", .entries = %u", c->list_entries);
    }
    for ( unsigned int i = 0; i < sizeof(c->pad); i++ )
        pad |= c->pad[i];
    if ( pad )
    {
        fprintf(f, ",\n        .pad = { ");
        for ( unsigned int i = 0; i < sizeof(c->pad); i++ )
            fprintf(f, "%u, ", c->pad[i]);
        fprintf(f, "}");
    }
    fprintf(f, " });\n");
}

/* A page that dom0 maps or unmaps. */
static void print_map(struct emitter *e, const char *function)
{
    uint64_t offset;
    uint32_t index;

    if ( !e->call.frame )
        fprintf(e->f, "    rc = %s(%u, 0);\n", function, e->call.domid);
    else if ( find_frame(e, e->call.frame, &index, &offset) )
        fprintf(e->f, "    rc = %s(%u, frame[%u] + %" PRIu64 ");\n", function,
                e->call.domid, index, offset);
}

static void print_domctl(struct emitter *e)
{
    const struct hv_domctl *d = &e->call.domctl;
    const char *name = emit_domctl_name(d->cmd);

    if ( !name || d->version != hv_domctl_version(e->engine->spec.release) )
        e->why = "it makes a domctl that the headers do not describe";
    else if ( e->call.placed &&
              (e->call.arg_bytes < sizeof(struct xen_domctl) ||
               e->call.data_bytes < HV_NODEMAP_BITS / 8 ||
               e->call.data_count != HV_NODEMAP_BITS) )
        e->why = "it makes a domctl with memory that is not there";
    else
        fprintf(e->f, "    rc = domctl(%s, %u, UINT64_C(%" PRIu64 "));\n",
                name, d->domid, d->value);
}

static void print_call(struct emitter *e)
{
    e->why = e->call.readonly ? "it makes a call with memory that cannot be "
                                "written"
                              : emit_harm(&e->call);
    if ( e->why )
        return;
    switch ( e->call.kind )
    {
    case HV_CALL_MEMORY_OP: print_memory_op(e); break;
    case HV_CALL_DOMCTL:
        if ( hv_is_claim_set(&e->call) )
            e->why = emit_claim_set(
                e->f, &e->call, hv_domctl_version(e->engine->spec.release));
        else
            print_domctl(e);
        break;
    case HV_CALL_PHYSINFO: fprintf(e->f, "    rc = physinfo(&info);\n"); break;
    case HV_CALL_MAP: print_map(e, "map"); break;
    case HV_CALL_UNMAP: print_map(e, "unmap"); break;
    default:
        e->why = "it makes a call that a program in dom0 cannot make";
        break;
    }
}

/* What has changed of the state. */
static void print_state(struct emitter *e)
{
    const struct hv_view *v = &e->engine->seen;

    if ( v->claimed != e->claimed )
        fprintf(e->f, "    host_claims(%u, %" PRIu64 ");\n", e->step,
                v->claimed);
    e->claimed = v->claimed;
    for ( unsigned int d = 1; d < HV_DOMS_MAX; d++ )
    {
        const struct hv_domain_view *now = &v->dom[d];

        if ( now->state != HV_DOM_ABSENT &&
             memcmp(now, &e->dom[d], sizeof(*now)) )
            fprintf(e->f, "    domain_has(%u, %u, %u, %u, %u);\n", e->step, d,
                    now->tot, now->max, now->claim);
        e->dom[d] = *now;
    }
}

/* The pending call, now that its result is known. */
static void flush(struct emitter *e)
{
    const struct prediction *p = &e->prediction;
    long rc;

    if ( !e->waits || e->why )
        return;
    e->waits = false;
    print_call(e);
    for ( unsigned int i = 0; i < p->nr_also; i++ )
    {
        fprintf(e->f, "    allow(");
        emit_result(e->f, p->also[i]);
        fprintf(e->f, ");\n");
    }
    fprintf(e->f, "    expect(%u, rc, ", e->step);
    emit_result(e->f, e->engine->result.rc);
    fprintf(e->f, ", ");
    emit_result(e->f, p->lo);
    fprintf(e->f, ", ");
    emit_result(e->f, p->hi);
    fprintf(e->f, ");\n");
    rc = e->engine->result.rc;
    if ( e->gets && (!rc || rc == -ENOBUFS || rc == -ERANGE) )
        emit_claims_told(e->f, e->step, &e->engine->result);
    keep_frames(e);
    print_state(e);
}

/* The text of the case's steps up to this one. */
static void say_step(struct emitter *e, uint32_t step)
{
    char text[TEXT_LINE_MAX + 1];

    if ( e->said <= step )
        fputc('\n', e->f);
    for ( ; e->said <= step; e->said++ )
    {
        op_print(text, sizeof(text), &e->litmus->program.op[e->said]);
        fprintf(e->f, "    /* %u: %s */\n", e->said + 1, text);
    }
}

static void on_call(void *ctx, const struct engine *engine)
{
    struct emitter *e = ctx;

    flush(e);
    say_step(e, e->steps.last[engine->step]);
    if ( e->why )
        return;
    e->step = e->said;
    e->waits = true;
    e->call = engine->call;
    e->prediction = engine->prediction;
    e->gets = engine->call_op == OP_claim_get;
    if ( engine->call.entries )
    {
        memcpy(e->entries, engine->call.entries, engine->call.data_bytes);
        e->call.entries = e->entries;
    }
    if ( engine->call.list_entries )
        memcpy(e->list, engine->call.list,
               engine->call.list_entries * sizeof(e->list[0]));
}

static void on_step(void *ctx, const struct step_info *info)
{
    struct emitter *e = ctx;

    flush(e);
    say_step(e, e->steps.last[info->step]);
    if ( info->not_run )
        fprintf(e->f, "    /* not made: %s */\n", info->not_run);
}

/* ---- the whole ---- */

static void print_head(FILE *f, const struct litmus *l, enum release release,
                       const char *name)
{
    const struct host_shape *h = &l->program.host;

    fputs("/*\n * ", f);
    quote_comment(f, name);
    fprintf(f,
            ", made by claimcheck emit-c: host nodes=%u pages=%u, "
            "rules of Xen %s.\n"
            " * Over the stub: CLAIMCHECK_HOST=\"nodes=%u pages=%u\" "
            "CLAIMCHECK_RELEASE=%s\n */\n",
            h->nodes, h->node_pages, release_name(release), h->nodes,
            h->node_pages, release_name(release));
    fwrite(emit_runtime, 1, (size_t)(emit_runtime_end - emit_runtime), f);
    fprintf(f, "\nint main(int argc, char **argv)\n{\n"
               "    struct xen_sysctl_physinfo info;\n"
               "    long rc;\n\n    (void)info;\n    start(argc, argv);\n");
}

static void note_left(void *ctx, const struct step_info *info)
{
    struct emitter *e = ctx;

    e->left[info->step] = info->op->code == OP_destroy &&
                          info->rc == HV_CONTINUE;
}

/* Run a program on the rules; false if they do not bear it out. */
static bool run(struct emitter *e, const struct run_spec *spec,
                char why[EMIT_WHY_MAX])
{
    struct run_result r;

    engine_run(e->engine, spec, &r);
    if ( r.outcome == RUN_VIOLATION )
        snprintf(why, EMIT_WHY_MAX, "it does not hold on the rules: %s",
                 r.detail);

    return r.outcome != RUN_VIOLATION;
}

/* First as the case has it, then as a toolstack does it. */
static enum emit_result write_calls(struct emitter *e, enum release release,
                                    char why[EMIT_WHY_MAX])
{
    struct run_spec spec = { .program = &e->litmus->program,
                             .expects = e->litmus,
                             .release = release,
                             .tolerance = PAST_WEAKNESS,
                             .no_drain = true };

    e->engine->o = (struct engine_options){ .on_step = note_left, .ctx = e };
    if ( !run(e, &spec, why) )
        return EMIT_BAD_CASE;
    if ( !emit_steps(&e->steps, e->litmus, e->left, why) )
        return EMIT_CANNOT;
    spec.program = &e->steps.program;
    spec.expects = NULL;
    e->engine->o = (struct engine_options){
        .on_step = on_step, .ctx = e, .on_call = on_call, .call_ctx = e
    };
    if ( !run(e, &spec, why) )
        return EMIT_BAD_CASE;
    if ( !e->why )
        return EMIT_DONE;
    emit_because(why, e->litmus, e->step - 1, e->why);

    return EMIT_CANNOT;
}

enum emit_result emit_c(FILE *f, const struct litmus *l, enum release release,
                        const char *name, char why[EMIT_WHY_MAX])
{
    struct emitter *e;
    enum emit_result result;

    if ( !emit_needs_nothing(l, why) )
        return EMIT_CANNOT;
    snprintf(why, EMIT_WHY_MAX, "out of memory");
    e = calloc(1, sizeof(*e));
    if ( e )
        e->engine = engine_on_model();
    if ( !e || !e->engine )
    {
        free(e);
        return EMIT_NO_MEMORY;
    }
    e->f = f;
    e->litmus = l;
    print_head(f, l, release, name);
    result = write_calls(e, release, why);
    fprintf(f, "\n    return end();\n}\n");
    engine_on_model_free(e->engine);
    free(e);

    return result;
}
