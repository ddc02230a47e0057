/* SPDX-License-Identifier: MIT */
/*
 * Frames: who owns them and who refers to them. A domain's frame is freed when
 * its allocation reference and the last mapping are gone, in either order
 * (rules 3.5); a domain with frames holds a reference to itself (rules 3.10).
 */
#include "world.h"
#include "marks/marks.h"

#include <assert.h>
#include <errno.h>

struct frame *frame_of(struct stub *s, uint64_t frame)
{
    if ( frame - HV_FRAME_BASE >= s->w.pages )
        return NULL;

    return &s->frame[frame - HV_FRAME_BASE];
}

/* Frames of an assigned block become the domain's. */
static void frames_assign(struct stub *s, const struct alloc_request *req,
                          uint64_t frame)
{
    struct domain *d = &s->w.dom[req->dom];
    uint32_t n = UINT32_C(1) << req->order;
    uint8_t flags = FRAME_ALLOCATED |
                    (req->flags & ALLOC_NO_REFCOUNT ? FRAME_EXTRA : 0);

    if ( d->owned == 0 )
        d->refs++;
    d->owned += n;
    d->allocated += n;
    for ( uint32_t i = 0; i < n; i++ )
    {
        struct frame *f = frame_of(s, frame + i);

        BUG_IF(s, !f || f->owner || f->flags || f->maps);
        f->owner = (uint8_t)(req->dom + 1);
        f->flags = flags;
    }
}

/* A block, whole: in one piece, or in the two that it may be made of. */
static uint64_t block_alloc(struct stub *s, const struct alloc_request *req)
{
    uint64_t frame;

    if ( s->alloc->alloc_domheap )
        return s->alloc->alloc_domheap(s->a, req);
    frame = s->alloc->begin(s->a, req);
    if ( frame == ALLOC_NO_FRAME || req->dom < 0 ||
         s->alloc->end(s->a, req, frame) )
        return frame;

    return ALLOC_NO_FRAME;
}

uint64_t domheap_assign(struct stub *s, const struct alloc_request *req,
                        uint64_t frame)
{
    if ( !s->alloc->end(s->a, req, frame) )
        return ALLOC_NO_FRAME;
    frames_assign(s, req, frame);

    return frame;
}

uint64_t domheap_alloc(struct stub *s, const struct alloc_request *req)
{
    uint64_t frame;

    assert(req->dom >= 0 && req->dom < HV_DOMS_MAX);
    frame = block_alloc(s, req);
    if ( frame == ALLOC_NO_FRAME )
        return ALLOC_NO_FRAME;
    frames_assign(s, req, frame);

    return frame;
}

/* No reference is left. */
static void frame_free(struct stub *s, struct frame *f, uint64_t frame)
{
    int dom = f->owner - 1;
    struct domain *d = &s->w.dom[dom];

    *f = (struct frame){ .owner = 0 };
    d->owned--;
    MARK_IF(d->owned == 0 && d->dying == DYING_DEAD, lingering_gone);
    s->alloc->free(s->a, dom, frame, 0);
    if ( d->owned == 0 &&
         !(d->dying == DYING_DEAD && FAULT_ON(&s->w, lingering_never_freed)) )
        put_domain(s, dom);
}

void put_alloc_ref(struct stub *s, uint64_t frame)
{
    struct frame *f = frame_of(s, frame);

    BUG_IF(s, !f || !f->owner || !(f->flags & FRAME_ALLOCATED));
    f->flags &= (uint8_t)~FRAME_ALLOCATED;
    s->w.dom[f->owner - 1].allocated--;
    MARK_IF(f->maps, page_kept_by_mapping);
    if ( f->maps == 0 || FAULT_ON(&s->w, mapped_page_freed) )
        frame_free(s, f, frame);
}

/* The frame if it belongs to that domain. */
static struct frame *owned_frame(struct stub *s, int dom, uint64_t frame)
{
    struct frame *f = frame_of(s, frame);

    return f && f->owner == dom + 1 ? f : NULL;
}

long stub_map(void *hv, uint16_t domid, uint64_t frame)
{
    struct stub *s = hv;
    int dom = domain_by_id(s, domid);
    struct frame *f;

    if ( dom < 0 )
        return -ESRCH;
    f = owned_frame(s, dom, frame);
    if ( !f || f->maps == UINT16_MAX )
        return -EINVAL;
    f->maps += !(f->maps && FAULT_ON(&s->w, map_counted_once));

    return 0;
}

long stub_unmap(void *hv, uint16_t domid, uint64_t frame)
{
    struct stub *s = hv;
    int dom = domain_by_id(s, domid);
    struct frame *f;

    if ( dom < 0 )
        return -ESRCH;
    f = owned_frame(s, dom, frame);
    if ( !f || f->maps == 0 )
        return -EINVAL;
    if ( --f->maps == 0 && !(f->flags & FRAME_ALLOCATED) &&
         !FAULT_ON(&s->w, unmap_leaks_page) )
    {
        MARK(page_freed_by_unmap);
        frame_free(s, f, frame);
    }
    locks_none_held(s, __func__, __LINE__);

    return 0;
}

/* ---- what is in pages ---- */

long stub_write(void *hv, uint16_t domid, uint64_t frame, uint32_t word)
{
    struct stub *s = hv;
    int dom = domain_by_id(s, domid);

    if ( dom < 0 )
        return -ESRCH;
    if ( !owned_frame(s, dom, frame) )
        return -EINVAL;
    s->alloc->write(s->a, frame, word);

    return 0;
}

void stub_page(void *hv, uint64_t frame, struct hv_page *page)
{
    struct stub *s = hv;

    page->owner = frame_of(s, frame)->owner - 1;
    s->alloc->page(s->a, frame, page);
}

void stub_scrub_pages(void *hv, uint64_t pages[HV_NODES_MAX])
{
    struct stub *s = hv;

    s->alloc->scrub_pages(s->a, pages);
}

/* ---- the hypervisor's own pages ---- */

/* MEMF_no_owner, which implies MEMF_no_refcount: the heap knows for whom it is,
 * and nobody gets it (rules 3.19). */
static uint64_t pool_block(struct stub *s, struct alloc_request *req)
{
    uint64_t frame;

    req->flags = ALLOC_NO_REFCOUNT;
    if ( FAULT_ON(&s->w, pool_any_node) )
        req->dom = ALLOC_NO_DOMAIN;
    frame = s->alloc->begin(s->a, req);
    if ( frame != ALLOC_NO_FRAME && FAULT_ON(&s->w, pool_page_owned) &&
         !s->alloc->end(s->a, req, frame) )
        return ALLOC_NO_FRAME;

    return frame;
}

uint64_t anon_alloc_block(struct stub *s, int dom, uint32_t order)
{
    struct alloc_request req = { .dom = dom,
                                 .order = order,
                                 .node = ALLOC_NO_NODE,
                                 .zone_max = HV_ZONES - 1 };
    uint64_t frame = dom < 0 ? block_alloc(s, &req) : pool_block(s, &req);

    if ( frame == ALLOC_NO_FRAME )
        return ALLOC_NO_FRAME;
    for ( uint64_t i = 0; i < UINT64_C(1) << order; i++ )
    {
        struct frame *f = frame_of(s, frame + i);

        BUG_IF(s, !f || f->owner || f->flags || f->maps);
        f->flags = FRAME_ANON;
    }

    return frame;
}

void anon_free_block(struct stub *s, uint64_t frame, uint32_t order)
{
    BUG_IF(s, order >= HV_ORDERS);
    if ( order && FAULT_ON(&s->w, anon_free_one_page) )
        order = 0;
    for ( uint64_t i = 0; i < UINT64_C(1) << order; i++ )
    {
        struct frame *f = frame_of(s, frame + i);

        BUG_IF(s, !f || f->flags != FRAME_ANON);
        f->flags = 0;
    }
    s->alloc->free(s->a, ALLOC_NO_DOMAIN, frame, order);
}

long stub_anon_alloc(void *hv, int dom, uint32_t order, uint64_t *frame)
{
    struct stub *s = hv;

    if ( dom >= 0 && !s->w.dom[dom].present )
        return -ESRCH;
    *frame = anon_alloc_block(s, dom, order);
    locks_none_held(s, __func__, __LINE__);

    return *frame == ALLOC_NO_FRAME ? -ENOMEM : 0;
}

void stub_anon_free(void *hv, uint64_t frame, uint32_t order)
{
    struct stub *s = hv;

    anon_free_block(s, frame, order);
    locks_none_held(s, __func__, __LINE__);
}

/* ---- extra pages: owned by a domain, used by the hypervisor ---- */

long stub_extra_alloc(void *hv, uint16_t domid, uint64_t *frame)
{
    struct stub *s = hv;
    struct alloc_request req = { .dom = domain_by_id(s, domid),
                                 .flags = ALLOC_NO_REFCOUNT,
                                 .node = ALLOC_NO_NODE,
                                 .zone_max = HV_ZONES - 1 };

    if ( req.dom < 0 )
        return -ESRCH;
    *frame = domheap_alloc(s, &req);
    locks_none_held(s, __func__, __LINE__);

    return *frame == ALLOC_NO_FRAME ? -ENOMEM : 0;
}

long stub_extra_free(void *hv, uint16_t domid, uint64_t frame)
{
    struct stub *s = hv;
    int dom = domain_by_id(s, domid);
    const struct frame *f;

    if ( dom < 0 )
        return -ESRCH;
    f = owned_frame(s, dom, frame);
    if ( !f || !(f->flags & FRAME_EXTRA) || !(f->flags & FRAME_ALLOCATED) )
        return -EINVAL;
    put_alloc_ref(s, frame);
    locks_none_held(s, __func__, __LINE__);

    return 0;
}
