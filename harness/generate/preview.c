/* SPDX-License-Identifier: MIT */
/* Programs on the rules alone; see preview.h. */
#include "preview.h"

#include <assert.h>
#include <string.h>

static long issue(void *ctx)
{
    struct preview *p = ctx;

    p->result.rc = 0;
    if ( !p->lost && model_hv_issue(&p->hv, &p->call, &p->result) )
        p->lost = true;

    return p->result.rc;
}

void preview_start(struct preview *p, const struct host_shape *shape)
{
    assert(shape->node_pages <= PROGRAM_NODE_PAGES_MAX);
    p->lost = false;
    p->hv.rough = true;
    MODEL_HV_USE(&p->hv, &p->room);
    model_hv_reset(&p->hv, shape);
    p->h = (struct hypervisor){ &model_hv_ops, &p->hv };
    p->lower.h = &p->h;
    p->lower.view = &p->hv.m.counters;
    p->lower.model = &p->hv.m;
    p->lower.issue = issue;
    p->lower.ctx = p;
    p->lower.call = &p->call;
    p->lower.result = &p->result;
    lower_start(&p->lower);
}

long preview_step(struct preview *p, const struct op *op)
{
    p->hv.wrote |= op->code == OP_write;
    return p->lost ? 0 : lower_op(&p->lower, op);
}

#define OP_BIT(code) (UINT64_C(1) << OP_##code)

_Static_assert(OP_COUNT <= 64, "a bit for each operation");

void preview_follow(struct preview *p, const struct op *op)
{
    const uint64_t idle = OP_BIT(physinfo) | OP_BIT(numainfo) |
                          OP_BIT(domain_info) | OP_BIT(current_reservation) |
                          OP_BIT(maximum_reservation) | OP_BIT(offline_query) |
                          OP_BIT(claim_get) | OP_BIT(write);

    if ( idle >> op->code & 1 )
        p->hv.wrote |= op->code == OP_write;
    else
        preview_step(p, op);
}

/* At the cost of what there is. */
static void copy_left(struct lower_left *to, const struct lower_left *from)
{
    to->nr_anon = from->nr_anon;
    to->nr_extra = from->nr_extra;
    to->nr_writes = from->nr_writes;
    to->offlined = from->offlined;
    memcpy(to->anon, from->anon, from->nr_anon * sizeof(to->anon[0]));
    memcpy(to->extra, from->extra, from->nr_extra * sizeof(to->extra[0]));
}

void preview_save(const struct preview *p, struct preview_state *s)
{
    MODEL_HV_USE(&s->hv, &s->room);
    model_hv_copy(&s->hv, &p->hv);
    copy_left(&s->left, &p->lower.left);
    s->lost = p->lost;
}

void preview_restore(struct preview *p, const struct preview_state *s)
{
    model_hv_copy(&p->hv, &s->hv);
    copy_left(&p->lower.left, &s->left);
    p->lost = s->lost;
}
