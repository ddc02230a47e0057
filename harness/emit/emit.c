/* SPDX-License-Identifier: MIT */
/* From a run on the model to C; see emit.h. Not here: the text around the
 * calls (runtime.c). */
#include "emit.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model/model_hv.h"
#include "harness/engine/engine.h"
#include "harness/program/quote.h"
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
    struct engine engine;
    const struct litmus *litmus;
    unsigned int step; /* of the pending call, from 1 */
    unsigned int said; /* steps whose text is written */
    bool waits;        /* a call is pending: its result is not yet written */
    struct hv_call call;
    struct prediction prediction;
    uint64_t list[HV_LIST_MAX];
    uint64_t claimed;
    struct hv_domain_view dom[HV_DOMS_MAX]; /* as last written */
    const char *why;                        /* it cannot be done */
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
    const struct hv_result *r = &e->engine.result;
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

/* Commands of memory_op from here on exist in no release; of the others, those
 * that programs are not about take other structures. */
#define UNUSED_OPS_START 40

/* What must not be done to somebody's host, nor could be taken back; NULL: no
 * harm. */
static const char *harm(const struct hv_call *c)
{
    uint64_t op = c->cmd & MEMOP_CMD_MASK;
    bool dom0 = c->resv.domid == 0 || c->resv.domid == DOMID_SELF;

    if ( c->kind == HV_CALL_DOMCTL )
        return c->domctl.cmd == XEN_DOMCTL_setnodeaffinity && !c->domctl.domid
                   ? "it changes dom0's nodes"
                   : NULL;
    if ( c->kind != HV_CALL_MEMORY_OP )
        return NULL;
    switch ( op )
    {
    case XENMEM_increase_reservation:
    case XENMEM_decrease_reservation:
    case XENMEM_populate_physmap:
        return dom0 && c->resv.nr_extents
                   ? "it takes pages from dom0, or gives it some"
                   : NULL;
    case XENMEM_claim_pages:
    case XENMEM_current_reservation:
    case XENMEM_maximum_reservation: return NULL;
    default:
        return op < UNUSED_OPS_START
                   ? "a memory_op command that is not about reservations"
                   : NULL;
    }
}

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

    if ( !name || d->version != hv_domctl_version(e->engine.spec.release) )
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
    e->why = harm(&e->call);
    if ( e->why )
        return;
    switch ( e->call.kind )
    {
    case HV_CALL_MEMORY_OP: print_memory_op(e); break;
    case HV_CALL_DOMCTL: print_domctl(e); break;
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
    const struct hv_view *v = &e->engine.seen;

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
    emit_result(e->f, e->engine.result.rc);
    fprintf(e->f, ", ");
    emit_result(e->f, p->lo);
    fprintf(e->f, ", ");
    emit_result(e->f, p->hi);
    fprintf(e->f, ");\n");
    keep_frames(e);
    print_state(e);
}

static void say_step(struct emitter *e, uint32_t step)
{
    char text[TEXT_LINE_MAX + 1];

    if ( e->said > step )
        return;
    e->said = step + 1;
    op_print(text, sizeof(text), &e->litmus->program.op[step]);
    fprintf(e->f, "\n    /* %u: %s */\n", step + 1, text);
}

static void on_call(void *ctx, const struct engine *engine)
{
    struct emitter *e = ctx;

    flush(e);
    say_step(e, engine->step);
    e->step = engine->step + 1;
    e->waits = true;
    e->call = engine->call;
    e->prediction = engine->prediction;
    if ( engine->call.list_entries )
        memcpy(e->list, engine->call.list,
               engine->call.list_entries * sizeof(e->list[0]));
}

static void on_step(void *ctx, const struct step_info *info)
{
    struct emitter *e = ctx;

    flush(e);
    say_step(e, info->step);
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

static enum emit_result run(struct emitter *e, const struct litmus *l,
                            enum release release, const char **why)
{
    static char detail[DETAIL_MAX + 64];
    const struct run_spec spec = { .program = &l->program,
                                   .expects = l,
                                   .release = release,
                                   .tolerance = PAST_WEAKNESS,
                                   .no_drain = true };
    struct run_result r;

    engine_run(&e->engine, &spec, &r);
    *why = e->why;
    if ( e->why )
        return EMIT_CANNOT;
    if ( r.outcome != RUN_VIOLATION )
        return EMIT_DONE;
    snprintf(detail, sizeof(detail), "it does not hold on the rules: %s",
             r.detail);
    *why = detail;

    return EMIT_BAD_CASE;
}

enum emit_result emit_c(FILE *f, const struct litmus *l, enum release release,
                        const char *name, const char **why)
{
    /* What a program in dom0 can do: its own hypercalls, nothing else. */
    const struct hypervisor_ops dom0 = { .name = "dom0" };
    const struct hypervisor plain = { .ops = &dom0 };
    struct emitter *e;
    struct engine_options o = { .on_call = on_call, .on_step = on_step };
    struct hypervisor rules;
    enum emit_result result;

    *why = engine_missing(&plain, &l->program);
    if ( *why )
        return EMIT_CANNOT;
    *why = "out of memory";
    e = calloc(1, sizeof(*e));
    if ( !e || !model_hypervisor_open(&rules) )
    {
        free(e);
        return EMIT_NO_MEMORY;
    }
    o.call_ctx = o.ctx = e;
    e->f = f;
    e->litmus = l;
    engine_init(&e->engine, &rules, &o);
    print_head(f, l, release, name);
    result = run(e, l, release, why);
    fprintf(f, "\n    return end();\n}\n");
    rules.ops->close(rules.hv);
    free(e);

    return result;
}
