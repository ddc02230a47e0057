/* SPDX-License-Identifier: MIT */
/* Engines in memory of their own; see engine_new(). */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <sys/mman.h>

#include "engine.h"
#include "model/model_hv.h"

struct engine *engine_new(const struct hypervisor *h,
                          const struct engine_options *o)
{
    struct engine *e = mmap(NULL, sizeof(*e), PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
                            0);

    if ( e == MAP_FAILED )
        return NULL;
    engine_init(e, h, o);

    return e;
}

void engine_free(struct engine *e)
{
    if ( e )
        munmap(e, sizeof(*e));
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
