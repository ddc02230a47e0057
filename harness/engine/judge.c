/* SPDX-License-Identifier: MIT */
/*
 * Judges calls that are not the engine's own, one at a time: by the invariants
 * and the known weaknesses, but not by the rules, because the model does not
 * follow their pages. For a program that runs over the stub (preload).
 */
#include "impl.h"

#include <string.h>

/* What a run is of; here nothing: only its release and host are asked for. */
static const struct program no_program;

void engine_judge_start(struct engine *e, const struct host_shape *shape)
{
    const struct hypervisor_ops *ops = e->h.ops;

    e->spec = (struct run_spec){ .program = &no_program,
                                 .release = shape->release };
    sets_start(e);
    ops->observe(e->h.hv, &e->start);
    e->anon_pages = 0;
    invariants_start(e);
    model_init(&e->model, shape, &e->start, ops, e->h.hv);
}

void engine_judge_before(struct engine *e, const struct hv_call *call)
{
    const struct hypervisor_ops *ops = e->h.ops;
    bool counted = ops->caps & HV_CAP_CAPACITY;
    struct hv_capacity capacity;

    e->call = *call;
    e->call_op = call_op_code(call, e->spec.release);
    invariants_before(e);
    e->set_seen = false;
    e->phase = CALL_MADE;
    memset(&e->prediction, 0, sizeof(e->prediction));
    /* Which rule ends an allocation excuses some weaknesses; counters are all
     * that takes. */
    if ( e->call_op != OP_populate && e->call_op != OP_increase )
        return;
    e->model.counters = e->seen;
    if ( counted )
        ops->capacity(e->h.hv, &capacity);
    model_predict(&e->model, &e->call, counted ? &capacity : NULL,
                  &e->prediction);
}

void engine_judge_after(struct engine *e, const struct hv_result *result,
                        struct run_result *r)
{
    memset(r, 0, sizeof(*r));
    e->r = r;
    e->result = *result;
    e->h.ops->observe(e->h.hv, &e->seen);
    if ( !setjmp(e->stop) )
        check_invariants(e);
}
