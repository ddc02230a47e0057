/* SPDX-License-Identifier: MIT */
/* What was told of a call, copied to be falsified; see lies.h. */
#include "lies.h"

#include <string.h>

static int slot_of(const struct hv_call *c)
{
    uint16_t id = c->kind == HV_CALL_DOMCTL      ? c->domctl.domid
                  : c->kind == HV_CALL_MEMORY_OP ? c->resv.domid
                                                 : c->domid;

    return id < HV_DOMS_MAX ? id : 0;
}

/* Bytes of a result's own members that a call may fill. */
static size_t head_size(const struct hv_result *r)
{
    return offsetof(struct hv_result, status) +
           r->nr_status * sizeof(r->status[0]);
}

static size_t list_size(const struct hv_call *c)
{
    return c->list_entries * sizeof(uint64_t);
}

/* Of those that are there whole. */
static size_t entries_size(const struct hv_call *c)
{
    return c->data_bytes / sizeof(struct xen_memory_claim) *
           sizeof(struct xen_memory_claim);
}

void told_start(struct told *t, const struct hv_result *r,
                const struct hv_view *v)
{
    t->slot = slot_of(t->call);
    t->r = &t->altered;
    memcpy(t->r, r, head_size(r));
    t->v = *v;
    if ( r->list )
        t->r->list = memcpy(t->list, r->list, list_size(t->call));
    if ( r->entries )
        t->r->entries = memcpy(t->entries, r->entries, entries_size(t->call));
}

bool told_lies(const struct told *t, const struct hv_result *r,
               const struct hv_view *v, size_t view_bytes)
{
    struct hv_result head;

    memcpy(&head, r, head_size(r));
    head.list = t->r->list;
    head.entries = t->r->entries;

    return memcmp(&t->v, v, view_bytes) || memcmp(t->r, &head, head_size(r)) ||
           (r->list && memcmp(t->list, r->list, list_size(t->call))) ||
           (r->entries &&
            memcmp(t->entries, r->entries, entries_size(t->call)));
}

void told_frames(struct told *t, const struct model *m,
                 const struct hypervisor *h)
{
    t->other = t->out_of_use = 0;
    for ( uint32_t id = 0; id < m->page_ids; id++ )
    {
        const struct model_page *page = &m->page[id];
        uint64_t frame = h->ops->page_frame(h->hv, (int)id);

        if ( !t->other && page->owner != MODEL_NOBODY )
            t->other = frame;
        if ( !t->out_of_use &&
             (page->offline & MODEL_STATES) == MODEL_OFFLINED )
            t->out_of_use = frame;
    }
}
