/* SPDX-License-Identifier: MIT */
/*
 * The model as a hypervisor: what a call about pages out of use tells of each
 * (rules 3.16). Frames without a name are somebody's here, as model_hv_frames.c
 * has it.
 */
#include "internal.h"
#include "model_hv.h"

#include <string.h>

/* Frames without a name that a call has given to each domain. */
struct given
{
    uint32_t nr[HV_DOMS_MAX];
};

static bool may_give(const struct model_hv *s, int slot, struct given *g)
{
    bool may = model_unnamed(&s->m, slot) > g->nr[slot];

    g->nr[slot] += may;
    return may;
}

/* Of a frame that is taken, and has no name. */
static uint32_t hidden_status(const struct model_hv *s, uint32_t id,
                              struct given *g)
{
    if ( model_hv_bit(s->frames[id / 64].booted, id) && may_give(s, 0, g) )
        return offline_owned(0);
    for ( int d = HV_DOMS_MAX - 1; d >= 0; d-- )
        if ( may_give(s, d, g) )
            return offline_owned(d);

    return OFFLINE_ANONYMOUS;
}

static uint32_t told_status(const struct model_hv *s, uint32_t id,
                            struct given *g)
{
    const struct model_page *page = &s->m.page[id];

    if ( page->offline & MODEL_BROKEN && page->owner >= 0 )
        return PG_OFFLINE_AGAIN;
    if ( page->owner != MODEL_NOBODY )
        return page->owner == MODEL_XEN ? OFFLINE_ANONYMOUS
                                        : offline_owned(page->owner);
    if ( model_hv_bit(s->frames[id / 64].taken, id) &&
         (page->offline & MODEL_STATES) != MODEL_OFFLINED )
        return hidden_status(s, id, g);

    return PG_OFFLINE_OFFLINED;
}

void model_hv_tell_offline(const struct model_hv *s,
                           const struct hv_call *call,
                           struct hv_result *result)
{
    const struct hv_offline *o = &call->offline;
    uint32_t n = hv_offline_count(o);
    struct given given = { { 0 } };
    bool stopped = false;

    if ( call->kind == HV_CALL_BREAK )
    {
        result->nr_status = 1;
        result->status[0] = told_status(
            s, (uint32_t)s->m.page_id(s->m.hv, call->frame), &given);
        if ( result->status[0] != PG_OFFLINE_AGAIN )
            result->status[0] |= PG_OFFLINE_BROKEN;
        return;
    }
    result->nr_status = n && n < HV_STATUS_MAX ? n : HV_STATUS_MAX;
    memset(result->status, PG_OFFLINE_INVALID,
           result->nr_status * sizeof(result->status[0]));
    for ( uint32_t i = 0; !stopped && i < result->nr_status; i++ )
    {
        int id = s->m.page_id(s->m.hv, (uint64_t)o->start + i);

        stopped = id < 0 || !o->action ||
                  o->action > sysctl_query_page_offline;
        if ( stopped )
            return;
        if ( o->action == sysctl_page_offline )
            result->status[i] = told_status(s, (uint32_t)id, &given);
        else if ( o->action == sysctl_page_online )
            result->status[i] = offline_put_back(s->m.page[id].offline);
        else
            result->status[i] = offline_asked_for(s->m.page[id].offline);
        stopped = o->action == sysctl_page_online &&
                  s->m.page[id].offline & MODEL_BROKEN;
    }
}
