/* SPDX-License-Identifier: MIT */
/*
 * What is no hypercall: dom0's mappings of pages, the hypervisor's own pages,
 * extra pages (rules 3.12, 3.13). References are Xen's; how often dom0 maps a
 * page is what dom0 would know.
 *
 * It stands in the place of stub/mapping.c.
 */
#include "world.h"

#include <errno.h>

static uint16_t *maps_of(struct xen *x, uint64_t frame)
{
    if ( frame - HV_FRAME_BASE >= x->s.w.pages )
        return NULL;

    return &x->maps[frame - HV_FRAME_BASE];
}

long xen_map(void *hv, uint16_t domid, uint64_t frame)
{
    struct xen *x = hv;
    int dom = domain_by_id(&x->s, domid);
    uint16_t *maps = maps_of(x, frame);

    if ( dom < 0 )
        return -ESRCH;
    if ( !maps || *maps == UINT16_MAX ||
         !xen_get_page((unsigned int)dom, frame) )
        return -EINVAL;
    ++*maps;

    return 0;
}

long xen_unmap(void *hv, uint16_t domid, uint64_t frame)
{
    struct xen *x = hv;
    int dom = domain_by_id(&x->s, domid);
    uint16_t *maps = maps_of(x, frame);

    if ( dom < 0 )
        return -ESRCH;
    if ( !maps || *maps == 0 || xen_owner(frame) != dom )
        return -EINVAL;
    --*maps;
    xen_put_page(frame);

    return 0;
}

long xen_op_anon_alloc(void *hv, int dom, uint32_t order, uint64_t *frame)
{
    struct xen *x = hv;

    *frame = MACHINE_NO_FRAME;
    if ( dom >= 0 && domain_by_id(&x->s, (uint16_t)dom) < 0 )
        return -ESRCH;
    *frame = xen_anon_alloc(dom, order);

    return *frame == MACHINE_NO_FRAME ? -ENOMEM : 0;
}

void xen_op_anon_free(void *hv, uint64_t frame, uint32_t order)
{
    (void)hv;
    xen_anon_free(frame, order);
}

long xen_op_extra_alloc(void *hv, uint16_t domid, uint64_t *frame)
{
    struct xen *x = hv;
    int dom = domain_by_id(&x->s, domid);

    *frame = MACHINE_NO_FRAME;
    if ( dom < 0 )
        return -ESRCH;
    *frame = xen_extra_alloc((unsigned int)dom);

    return *frame == MACHINE_NO_FRAME ? -ENOMEM : 0;
}

long xen_op_extra_free(void *hv, uint16_t domid, uint64_t frame)
{
    struct xen *x = hv;
    int dom = domain_by_id(&x->s, domid);

    if ( dom < 0 )
        return -ESRCH;
    if ( !maps_of(x, frame) || !xen_extra_free((unsigned int)dom, frame) )
        return -EINVAL;

    return 0;
}

long xen_op_write(void *hv, uint16_t domid, uint64_t frame, uint32_t word)
{
    struct xen *x = hv;
    int dom = domain_by_id(&x->s, domid);

    if ( dom < 0 )
        return -ESRCH;

    return maps_of(x, frame) && xen_write((unsigned int)dom, frame, word)
               ? 0
               : -EINVAL;
}

void xen_op_page(void *hv, uint64_t frame, struct hv_page *page)
{
    struct xen_page p;

    (void)hv;
    xen_page(frame, &p);
    *page = (struct hv_page){ p.word, p.owner, p.free, p.dirty };
}

void xen_op_scrub_pages(void *hv, uint64_t pages[HV_NODES_MAX])
{
    (void)hv;
    xen_scrub_pages(pages);
}

/* ---- what the stub's reservation calls use: they are not reached ---- */

struct frame *frame_of(struct stub *s, uint64_t frame)
{
    (void)frame;
    stub_fail(s, "BUG", "a frame of the stub", __FILE__, __LINE__);
}

uint64_t domheap_alloc(struct stub *s, const struct alloc_request *req)
{
    (void)req;
    stub_fail(s, "BUG", "an allocation of the stub", __FILE__, __LINE__);
}

/* Whatever Xen puts aside, the stub's domains have nothing. */
uint64_t stash_alloc(struct stub *s, const struct alloc_request *req,
                     bool *stopped)
{
    (void)stopped;
    return domheap_alloc(s, req);
}

void stash_drop(struct stub *s, int dom)
{
    stub_fail(s, "BUG", "stash_drop of the stub", __FILE__, dom);
}

void put_alloc_ref(struct stub *s, uint64_t frame)
{
    (void)frame;
    stub_fail(s, "BUG", "a reference of the stub", __FILE__, __LINE__);
}

void anon_free_block(struct stub *s, uint64_t frame, uint32_t order)
{
    (void)frame;
    (void)order;
    stub_fail(s, "BUG", "a block of the stub", __FILE__, __LINE__);
}
