/* SPDX-License-Identifier: MIT */
/*
 * The model as a hypervisor: what a call about pages out of use tells of each
 * (rules 3.16). Frames without a name are somebody's here, as model_hv_frames.c
 * has it.
 */
#include "internal.h"
#include "model_hv.h"

#include <string.h>

static uint32_t owned_by(int slot)
{
    return PG_OFFLINE_OWNED | PG_OFFLINE_PENDING |
           (uint32_t)slot << PG_OFFLINE_OWNER_SHIFT;
}

static const uint32_t nobodys = PG_OFFLINE_ANONYMOUS | PG_OFFLINE_FAILED |
                                (uint32_t)DOMID_INVALID
                                    << PG_OFFLINE_OWNER_SHIFT;

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
    if ( s->frames[id / 64].booted >> (id % 64) & 1 && may_give(s, 0, g) )
        return owned_by(0);
    for ( int d = HV_DOMS_MAX - 1; d >= 0; d-- )
        if ( may_give(s, d, g) )
            return owned_by(d);

    return nobodys;
}

static uint32_t offline_status(const struct model_hv *s, uint32_t id,
                               struct given *g)
{
    const struct model_page *page = &s->m.page[id];

    if ( page->offline & MODEL_BROKEN && page->owner >= 0 )
        return PG_OFFLINE_AGAIN;
    if ( page->owner != MODEL_NOBODY )
        return page->owner == MODEL_XEN ? nobodys : owned_by(page->owner);
    if ( s->frames[id / 64].taken >> (id % 64) & 1 &&
         (page->offline & MODEL_STATES) != MODEL_OFFLINED )
        return hidden_status(s, id, g);

    return PG_OFFLINE_OFFLINED;
}

static uint32_t online_status(const struct model_page *page)
{
    return page->offline & MODEL_BROKEN ? PG_ONLINE_FAILED | PG_ONLINE_BROKEN
           : page->offline              ? PG_ONLINE_ONLINED
                                        : 0;
}

static uint32_t query_status(const struct model_page *page)
{
    return (page->offline & MODEL_BROKEN ? PG_OFFLINE_STATUS_BROKEN : 0) |
           (page->offline & MODEL_OFFLINING ? PG_OFFLINE_STATUS_OFFLINE_PENDING
            : page->offline & MODEL_OFFLINED ? PG_OFFLINE_STATUS_OFFLINED
                                             : 0);
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
        result->status[0] = offline_status(
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
            result->status[i] = offline_status(s, (uint32_t)id, &given);
        else if ( o->action == sysctl_page_online )
            result->status[i] = online_status(&s->m.page[id]);
        else
            result->status[i] = query_status(&s->m.page[id]);
        stopped = o->action == sysctl_page_online &&
                  s->m.page[id].offline & MODEL_BROKEN;
    }
}
