/* SPDX-License-Identifier: MIT */
/*
 * The model's state: its start, and how pages and domains come and go. Pages
 * change owners here only, so that counters and names agree.
 *
 * Not here: when something happens (the other files).
 */
#include "internal.h"

#include <string.h>

void model_init(struct model *m, const struct host_shape *shape,
                const struct hv_view *seen, const struct hypervisor_ops *ops,
                void *hv)
{
    assert(shape->release < RELEASE_COUNT && ops->page_id);

    memset(m, 0, offsetof(struct model, names));
    assert(m->names && m->page);
    m->counters = *seen;
    m->shape = *shape;
    m->host_pages = shape->nodes * shape->node_pages;
    m->page_ids = ops->page_ids ? ops->page_ids : m->host_pages;
    m->domain_pages = ops->domain_pages;
    m->exact_free = ops->caps & HV_CAP_EXACT;
    m->release = &model_releases[shape->release];
    m->page_id = ops->page_id;
    m->hv = hv;

    assert(m->page_ids <= HV_PAGES_MAX);
    memset(m->names, 0, model_words(m) * sizeof(m->names[0]));
    for ( uint32_t i = 0; i < m->page_ids; i++ )
        m->page[i] = (struct model_page){ .owner = MODEL_NOBODY };

    for ( unsigned int d = 0; d < HV_DOMS_MAX; d++ )
    {
        if ( seen->dom[d].state == HV_DOM_ABSENT )
            continue;
        m->dom[d].affinity = (1U << shape->nodes) - 1;
        m->dom[d].initial = seen->dom[d].tot;
        m->dom[d].built = true;
    }
}

void model_copy(struct model *to, const struct model *from)
{
    memcpy(to, from, offsetof(struct model, names));
    memcpy(to->names, from->names, model_words(from) * sizeof(to->names[0]));
    memcpy(to->page, from->page, from->page_ids * sizeof(to->page[0]));
}

static void set_bit(uint64_t *word, int id, bool on)
{
    uint64_t bit = UINT64_C(1) << (id % 64);

    *word = on ? *word | bit : *word & ~bit;
}

void model_set_named(struct model *m, int id, bool named)
{
    set_bit(&m->names[id / 64].any, id, named);
}

void model_set_owned(struct model *m, int id, bool owned)
{
    set_bit(&m->names[id / 64].owned[m->page[id].owner], id, owned);
}

void model_set_mapped(struct model *m, int id, bool mapped)
{
    set_bit(&m->names[id / 64].mapped[m->page[id].owner], id, mapped);
}

void model_shrink(struct model *m, int slot, uint32_t pages, bool extra)
{
    struct hv_domain_view *d = &m->counters.dom[slot];
    uint32_t *count = extra ? &d->extra : &d->tot;

    assert(*count >= pages);
    *count -= pages;
    /* R-A: what a domain with a claim frees is added to the claim. */
    if ( m->release->grow_on_free && d->claim )
    {
        d->claim += pages;
        m->counters.claimed += pages;
    }
    if ( !model_coloured(m) )
        m->counters.free += pages;
}

void model_drop_stash(struct model *m, int slot)
{
    struct hv_domain_view *d = &m->counters.dom[slot];

    m->counters.free += d->stash;
    d->stash = d->stash_node = 0;
}

void model_reap(struct model *m, int slot)
{
    struct hv_domain_view *d = &m->counters.dom[slot];

    if ( d->state != HV_DOM_DEAD || d->tot || d->extra )
        return;
    /* A claim that it still has stays in counters.claimed for good. No page is
     * known to be its own any more: all of those are counted. */
    memset(d, 0, sizeof(*d));
    memset(&m->dom[slot], 0, sizeof(m->dom[slot]));
    m->counters.free += m->domain_pages;
}

static inline void name_page(struct model *m, int id, int owner, bool extra)
{
    struct model_names *names = &m->names[id / 64];
    uint64_t bit = UINT64_C(1) << (id % 64);

    m->page[id] = (struct model_page){ .owner = (int8_t)owner,
                                       .extra = extra,
                                       .allocated = true };
    names->any |= bit;
    if ( owner >= 0 && !extra )
        names->owned[owner] |= bit;
}

/* A page has an owner from now on. NULL, or why that is impossible. */
static inline const char *name_frame(struct model *m, uint64_t frame,
                                     int owner, bool extra)
{
    int id = m->page_id(m->hv, frame);

    /* A live host has more frames than there are page ids. */
    if ( id < 0 && !m->exact_free )
    {
        if ( owner >= 0 )
            m->dom[owner].nameless++;
        return NULL;
    }
    if ( !model_is_id(m, id) )
        return "an allocated frame is not one of this host";
    if ( m->page[id].owner != MODEL_NOBODY )
        return "an allocated frame was owned already";
    if ( m->page[id].offline & MODEL_STATES )
        return "an allocated frame is out of use";
    name_page(m, id, owner, extra);

    return NULL;
}

/* Apart, because nearly all blocks are single pages. */
static __attribute__((noinline)) const char *name_frames(struct model *m,
                                                         uint64_t frame,
                                                         uint32_t order,
                                                         int owner, bool extra)
{
    uint64_t pages = UINT64_C(1) << order;
    const char *why = NULL;

    if ( frame & (pages - 1) )
        return "an allocated block is not aligned to its size";
    for ( uint64_t i = 0; !why && i < pages; i++ )
        why = name_frame(m, frame + i, owner, extra);
    return why;
}

const char *model_name_block(struct model *m, uint64_t frame, uint32_t order,
                             int owner, bool extra)
{
    /* Pages of the coloured heap may lie outside the host's numbering. */
    if ( owner >= 0 && model_coloured(m) && m->page_id(m->hv, frame) < 0 )
    {
        m->dom[owner].nameless += !extra;
        return NULL;
    }

    return order ? name_frames(m, frame, order, owner, extra)
                 : name_frame(m, frame, owner, extra);
}

void model_forget_page(struct model *m, int id)
{
    if ( m->page[id].owner >= 0 )
    {
        model_set_owned(m, id, false);
        model_set_mapped(m, id, false);
    }
    m->page[id] = (struct model_page){ .owner = MODEL_NOBODY,
                                       .offline = m->page[id].offline };
    model_set_named(m, id, false);
}

static void out_of_sight(struct model *m, int id, bool freed)
{
    if ( freed && m->page[id].offline )
        model_page_freed(m, id);
    else if ( m->page[id].offline & MODEL_OFFLINING )
        model_hide_page(m, id);
}

void model_lose_page(struct model *m, int id, bool freed)
{
    model_forget_page(m, id);
    out_of_sight(m, id, freed);
}

void model_lose_plain(struct model *m, int slot, bool freed)
{
    for ( uint32_t w = 0; w < model_words(m); w++ )
    {
        struct model_names *names = &m->names[w];
        uint64_t plain = names->owned[slot] & ~names->mapped[slot];

        names->owned[slot] ^= plain;
        names->any ^= plain;
        for ( ; plain; plain &= plain - 1 )
        {
            int id = (int)(w * 64) + __builtin_ctzll(plain);
            struct model_page *page = &m->page[id];

            assert(page->owner == slot && !page->maps);
            *page = (struct model_page){ .owner = MODEL_NOBODY,
                                         .offline = page->offline };
            if ( __builtin_expect(page->offline, 0) )
                out_of_sight(m, id, freed);
        }
    }
}

void model_hide_page(struct model *m, int id)
{
    struct model_page *page = &m->page[id];

    if ( (page->offline & MODEL_STATES) == MODEL_STATES )
        return;
    page->offline |= MODEL_STATES;
    m->hidden++;
}

void model_page_freed(struct model *m, int id)
{
    struct model_page *page = &m->page[id];

    if ( __builtin_expect(!(page->offline & MODEL_OFFLINING), 1) )
        return;
    page->offline ^= MODEL_STATES;
    model_set_named(m, id, true);
    m->counters.free--;
}

void model_drop_page(struct model *m, int id)
{
    struct model_page *page = &m->page[id];
    int owner = page->owner;
    bool extra = page->extra;

    assert(owner >= 0);
    page->allocated = false;
    model_set_owned(m, id, false);
    if ( page->maps )
        return;
    model_forget_page(m, id);
    model_shrink(m, owner, 1, extra);
    if ( __builtin_expect(page->offline, 0) )
        model_page_freed(m, id);
    model_reap(m, owner);
}

bool model_unowned(const struct model *m, int id)
{
    return id == HV_FRAME_UNNUMBERED ||
           (model_is_id(m, id) && m->page[id].owner == MODEL_NOBODY);
}

enum model_owns model_owns(const struct model *m, int slot, int id)
{
    if ( model_unowned(m, id) )
        return model_unnamed(m, slot) ? OWNS_MAYBE : OWNS_NOT;
    return model_is_id(m, id) && m->page[id].owner == slot ? OWNS : OWNS_NOT;
}

bool model_any_mapped(const struct model *m, int slot)
{
    for ( uint32_t w = 0; w < model_words(m); w++ )
        if ( m->names[w].mapped[slot] )
            return true;

    return false;
}
