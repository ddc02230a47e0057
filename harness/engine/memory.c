/* SPDX-License-Identifier: MIT */
/* Engines in memory of their own; see engine_new(). */
#include "engine.h"

#include "hypervisor/room.h"
#include "model/model_hv.h"

struct engine *engine_new(const struct hypervisor *h,
                          const struct engine_options *o)
{
    struct engine *e = room_new(sizeof(*e));

    if ( e )
        engine_init(e, h, o);

    return e;
}

void engine_free(struct engine *e)
{
    room_free(e, sizeof(*e));
}

struct engine *engine_on_model(void)
{
    struct hypervisor h;
    struct engine *e;

    if ( !model_hypervisor_open(&h) )
        return NULL;
    e = engine_new(&h, &(struct engine_options){ 0 });
    if ( !e )
        h.ops->close(h.hv);

    return e;
}

void engine_on_model_free(struct engine *e)
{
    if ( e )
        e->h.ops->close(e->h.hv);
    engine_free(e);
}
