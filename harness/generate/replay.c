/* SPDX-License-Identifier: MIT */
/* Previews of programs that change; see replay.h. */
#include "replay.h"

#include <assert.h>

/* Keep the state that the preview is in, if it is one of those to keep. Those of
 * large hosts are not: there would have to be room for them. */
static void keep(struct replay *r)
{
    uint32_t i = r->at / REPLAY_STRIDE;

    if ( r->last || r->preview.hv.m.host_pages > PREVIEW_STATE_PAGES )
        return;
    if ( r->at % REPLAY_STRIDE || i >= REPLAY_STATES || r->kept >> i & 1 )
        return;
    preview_save(&r->preview, &r->state[i]);
    r->kept |= UINT32_C(1) << i;
}

/* The last state kept that lies not behind at; -1: there is none. */
static int nearest(const struct replay *r, uint32_t at)
{
    uint32_t before = r->kept & ((UINT32_C(2) << at / REPLAY_STRIDE) - 1);

    return before ? 31 - __builtin_clz(before) : -1;
}

void replay_go(struct replay *r, const struct program *p, uint32_t at)
{
    int i = nearest(r, at);

    assert(at <= p->nr_ops);
    if ( r->at > at || (i >= 0 && r->at < (uint32_t)i * REPLAY_STRIDE) )
    {
        if ( i >= 0 )
            preview_restore(&r->preview, &r->state[i]);
        else
            preview_start(&r->preview, &p->host);
        r->at = i >= 0 ? (uint32_t)i * REPLAY_STRIDE : 0;
        keep(r);
    }
    while ( r->at < at )
        replay_step(r, &p->op[r->at]);
}

void replay_step(struct replay *r, const struct op *op)
{
    preview_follow(&r->preview, op);
    r->at++;
    keep(r);
}
