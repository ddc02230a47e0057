/* SPDX-License-Identifier: MIT */
/*
 * The end of every run: release all claims, drop all mappings, free what the
 * hypervisor took, destroy all domains; each by an ordinary checked step. Then
 * the host must be as it was.
 */
#include "impl.h"
#include "marks/marks.h"

#include <string.h>

static void do_op(struct engine *e, struct op op)
{
    /* In *e: the report looks at it after the run has been left. */
    e->drain_op = op;
    run_step(e, &e->drain_op);
}

/* An extra page of the domain that can be freed: one is known less after it.
 * Those that are freed but mapped still count, and are unknown. */
static bool knows_extra(const struct engine *e, unsigned int slot)
{
    for ( uint32_t i = 0; i < e->lower.left.nr_extra; i++ )
        if ( e->lower.left.extra[i].dom == slot )
            return true;

    return false;
}

/* dom0 was there at the start, with its pages; what it got since goes back. */
static void drain_dom0(struct engine *e)
{
    const struct hv_domain_view *d = &e->seen.dom[0];
    uint32_t had = e->start.dom[0].tot;

    MARK_IF(d->tot > had, drain_dom0_pages);
    while ( d->tot > had )
    {
        uint32_t before = d->tot, more = before - had;

        do_op(e, (struct op){ OP_decrease, .decrease.nr.v = more });
        /* It was the last list, or none of them has a name. */
        if ( more <= HV_LIST_MAX || d->tot == before )
            return;
    }
}

static void drain_domain(struct engine *e, unsigned int slot)
{
    const struct hv_domain_view *d = &e->seen.dom[slot];

    if ( d->state == HV_DOM_ABSENT )
        return;
    if ( d->state == HV_DOM_ALIVE && d->claim )
        do_op(e, (struct op){ OP_claim, .claim.dom.v = slot });
    while ( d->state == HV_DOM_ALIVE && !slot && knows_extra(e, slot) )
    {
        MARK(drain_dom0_extra);
        do_op(e, (struct op){ OP_extra_free, .extra_free.dom.v = slot });
    }
    /* A page may be mapped as often as there were operations, and there may be
     * as many lists full of pages. */
    for ( unsigned int i = 0;
          i < 2 * PROGRAM_OPS_MAX && model_any_mapped(&e->model, (int)slot);
          i++ )
    {
        MARK(drain_unmaps);
        MARK_IF(i, drain_unmaps_again);
        do_op(e, (struct op){ OP_unmap, .unmap = { .dom.v = slot,
                                                   .nr.v = HV_LIST_MAX } });
    }
    if ( !slot )
        drain_dom0(e);
    else if ( d->state != HV_DOM_ABSENT )
        do_op(e, (struct op){ OP_destroy, .destroy.dom.v = slot });
}

/* How many pages from this one on may come back, and have frames that follow each
 * other: as many as one call takes. */
static uint32_t returning_run(const struct engine *e, uint32_t id)
{
    uint64_t first = e->h.ops->page_frame(e->h.hv, (int)id);
    uint32_t n = 1;

    while ( n < HV_STATUS_MAX && id + n < e->model.page_ids &&
            offline_may_return(e, id + n) &&
            e->h.ops->page_frame(e->h.hv, (int)(id + n)) == first + n )
        n++;

    return n;
}

/* What may come back into use does. */
static void drain_offline(struct engine *e)
{
    for ( uint32_t id = 0; id < e->model.page_ids; id++ )
    {
        struct op op;
        uint64_t first;
        uint32_t n;

        if ( !offline_may_return(e, id) )
            continue;
        op = (struct op){ .code = OP_sysctl };
        n = returning_run(e, id);
        first = e->h.ops->page_frame(e->h.hv, (int)id);
        op.sysctl.cmd.v = XEN_SYSCTL_page_offline_op;
        op.sysctl.action.v = sysctl_page_online;
        op.sysctl.start.v = (int64_t)first;
        op.sysctl.end.v = (int64_t)(first + n - 1);
        do_op(e, op);
        id += n - 1;
    }
}

/* What must be seen when everything is released: the start, but for what cannot
 * be given back, or moves by itself. */
static void compare_with_start(struct engine *e)
{
    const struct hv_view *start = &e->start, *seen = &e->seen;
    struct hv_view *end = &e->end;

    *end = *start;
    end->dom[0].max = seen->dom[0].max; /* a limit may stay changed */
    /* Pages dom0 was given blind cannot be given back by name. */
    if ( e->model.dom[0].nameless )
        return;
    /* Nor can those that it had at the start, were it made to name them by
     * mapping them: they go back, besides or instead of others, on whatever
     * node. CONSERVE has counted them. */
    if ( e->model.dom[0].initial < start->dom[0].tot )
    {
        if ( seen->dom[0].tot < start->dom[0].tot )
        {
            /* A coloured page does not go back to the heap. */
            if ( !model_coloured(&e->model) )
                end->free += start->dom[0].tot - seen->dom[0].tot;
            end->dom[0].tot = seen->dom[0].tot;
        }
        memcpy(end->node_free, seen->node_free, sizeof(end->node_free));
    }
    if ( !e->model.exact_free )
    {
        end->free = seen->free;
        memcpy(end->node_free, seen->node_free, sizeof(end->node_free));
    }

    /* What is out of use now, or may be, is broken: the others came back. */
    if ( end->free != seen->free &&
         end->free - seen->free <= e->offline_out + e->offline_open )
    {
        end->free = seen->free;
        memcpy(end->node_free, seen->node_free, sizeof(end->node_free));
    }

    if ( memcmp(end, seen, sizeof(*end)) )
        invariant_broken(e, INV_RELEASE_ZERO,
                         "everything is released, but "
                         "%llu pages are free (%llu at the start) and %llu "
                         "claimed",
                         (unsigned long long)seen->free,
                         (unsigned long long)start->free,
                         (unsigned long long)seen->claimed);
}

void drain(struct engine *e)
{
    e->draining = true;
    for ( unsigned int slot = 0; slot < HV_DOMS_MAX; slot++ )
        drain_domain(e, slot);
    while ( e->lower.left.nr_anon )
    {
        MARK(drain_anon);
        do_op(e, (struct op){ OP_anon_free, .anon_free.index.v = 0 });
    }
    if ( e->offline_used )
        drain_offline(e);
    e->op = NULL;
    compare_with_start(e);
}
