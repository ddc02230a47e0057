/* SPDX-License-Identifier: MIT */
/* Programs on the rules alone; see preview.h. */
#include "preview.h"

#include <assert.h>

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
    lower_init(&p->lower);
}

long preview_step(struct preview *p, const struct op *op)
{
    return p->lost ? 0 : lower_op(&p->lower, op);
}
