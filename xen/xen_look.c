/* SPDX-License-Identifier: MIT */
/*
 * Xen's page_alloc.c, and below it what has to see its private state: numbers,
 * counts of free blocks, hash, audit. The file is compiled as it is; nothing in
 * front of it changes it.
 *
 * Functions here change nothing and take no lock: they are called between
 * hypercalls, and when a lock was just released.
 */
#include <common/page_alloc.c>

#include "xen_world.h"

const void *const xen_heap_lock = &heap_lock;
uint32_t xen_heap_changes;
const unsigned char xen_scrub_byte = SCRUB_BYTE_PATTERN;

static unsigned int nodes(void)
{
    return num_online_nodes();
}

/* Zones that the host's frames lie in end here. */
#define ZONES min_t(unsigned int, flsl(max_page - 1) + 1, NR_ZONES)

void xen_heap(uint64_t *free, uint64_t *claimed)
{
    *free = total_avail_pages;
    *claimed = outstanding_claims;
}

void xen_node_free(uint64_t pages[HV_NODES_MAX])
{
    for ( unsigned int node = 0; node < HV_NODES_MAX; node++ )
    {
        pages[node] = 0;
        for ( unsigned int zone = HV_ZONE_FIRST; avail[node] && zone < ZONES;
              zone++ )
            pages[node] += avail[node][zone];
    }
}

void xen_counts(unsigned int slot, struct xen_counts *counts)
{
    const struct domain *d = xen_domains[slot];

    counts->tot = d ? domain_tot_pages(d) : 0;
    counts->extra = d ? d->extra_pages : 0;
    counts->max = d ? d->max_pages : 0;
    counts->claim = d ? d->outstanding_pages : 0;
}

static unsigned int length(const struct page_list_head *list)
{
    const struct page_info *page;
    unsigned int n = 0;

    page_list_for_each(page, list) n++;

    return n;
}

void xen_capacity(struct hv_capacity *capacity,
                  uint32_t counts[HV_BLOCK_COUNTS_MAX])
{
    const uint32_t zones = ZONES - HV_ZONE_FIRST;

    *capacity = (struct hv_capacity){ .nodes = nodes(),
                                      .zone_first = HV_ZONE_FIRST,
                                      .zones = zones,
                                      .orders = HV_ORDERS,
                                      .blocks = counts };
    memset(counts, 0, nodes() * zones * HV_ORDERS * sizeof(counts[0]));
    for ( unsigned int node = 0; node < nodes(); node++ )
        for ( unsigned int z = 0; avail[node] && z < zones; z++ )
            for ( unsigned int order = 0;
                  avail[node][HV_ZONE_FIRST + z] && order < HV_ORDERS;
                  order++ )
                counts[(node * zones + z) * HV_ORDERS + order] = length(
                    &heap(node, HV_ZONE_FIRST + z, order));
}

int xen_owner(uint64_t frame)
{
    const struct page_info *page = mfn_to_page(_mfn(frame));
    const struct domain *d;

    if ( page_state_is(page, free) || page_state_is(page, offlined) )
        return -1;
    d = page_get_owner(page);

    return d ? (int)d->domain_id : -1;
}

void xen_page(uint64_t frame, struct xen_page *page)
{
    const struct page_info *pg = mfn_to_page(_mfn(frame));

    page->word = *(const uint32_t *)MACHINE_AT(frame);
    page->owner = xen_owner(frame);
    page->free = page_state_is(pg, free);
    page->dirty = test_bit(_PGC_need_scrub, &pg->count_info);
}

void xen_scrub_pages(uint64_t pages[HV_NODES_MAX])
{
    for ( unsigned int node = 0; node < HV_NODES_MAX; node++ )
        pages[node] = node < nodes() ? node_need_scrub[node] : 0;
}

/* ---- where the state lies ---- */

unsigned long xen_lists_frames(void)
{
    return PFN_UP(sizeof(**_heap) + sizeof(**avail) * NR_ZONES);
}

/* Everything that Xen's objects may write; the linker knows (xen_link.py). */
extern char __start_xenstate[], __stop_xenstate[];

size_t xen_range(unsigned int i, void **start)
{
    const unsigned long pages = max_page - HV_FRAME_BASE;

    switch ( i )
    {
    case 0:
        *start = __start_xenstate;
        return __stop_xenstate - __start_xenstate;
    case 1:
        *start = mfn_to_page(_mfn(HV_FRAME_BASE));
        return pages * sizeof(struct page_info);
    case 2: *start = MACHINE_AT(FRAME_DOM0); return sizeof(struct domain);
    default:
        i -= 2; /* node 1 and later: node 0's free lists are static */
        if ( i >= nodes() )
            return 0;
        *start = MACHINE_AT(FRAME_NODE_LISTS(i));
        return xen_lists_frames() << PAGE_SHIFT;
    }
}

/* ---- hash ---- */

static uint64_t mix(uint64_t h, const void *from, size_t n)
{
    const unsigned long *words = from;

    for ( size_t i = 0; i < n / sizeof(*words); i++ )
    {
        h = (h ^ words[i]) * 0x9e3779b97f4a7c15UL;
        h ^= h >> 29;
    }

    return h;
}

static uint64_t mix_list(uint64_t h, const struct page_list_head *list)
{
    return mix(h, list, sizeof(*list));
}

static uint64_t mix_domain(uint64_t h, const struct domain *d)
{
    const unsigned long numbers[] = {
        d->domain_id,         d->tot_pages,
        d->extra_pages,       d->xenheap_pages,
        d->outstanding_pages, d->max_pages,
        d->is_dying,          atomic_read(&d->refcnt),
        d->creation_finished, d->node_affinity.bits[0],
        d->last_alloc_node,
    };

    h = mix(h, numbers, sizeof(numbers));
    h = mix_list(h, &d->page_list);
    h = mix_list(h, &d->extra_page_list);

    return mix_list(h, &d->arch.relmem_list);
}

/* No address of this object goes in: it differs from process to process. */
uint64_t xen_hash(uint64_t h)
{
    const unsigned long numbers[] = { total_avail_pages, outstanding_claims };

    h = mix(h, numbers, sizeof(numbers));
    h = mix(h, mfn_to_page(_mfn(HV_FRAME_BASE)),
            (max_page - HV_FRAME_BASE) * sizeof(struct page_info));
    for ( unsigned int node = 0; node < nodes(); node++ )
    {
        h = mix(h, avail[node], ZONES * sizeof(**avail));
        h = mix(h, *_heap[node], ZONES * sizeof((*_heap[node])[0]));
    }
    for ( unsigned int slot = 0; slot < HV_DOMS_MAX; slot++ )
        if ( xen_domains[slot] )
            h = mix_domain(h, xen_domains[slot]);

    return h;
}

/* ---- audit ---- */

struct audit
{
    char *why;
    size_t size;
    /* Frames found in a free block; then, those found on a domain's list. */
    DECLARE_BITMAP(free, FRAMES_OF_HOST);
    DECLARE_BITMAP(owned, FRAMES_OF_HOST);
};

#define BROKEN(a, id, fmt, args...)                                           \
    (snprintf((a)->why, (a)->size, fmt, ##args), id)

static const char *audit_block(struct audit *a, const struct page_info *head,
                               unsigned int node, unsigned int zone,
                               unsigned int order)
{
    unsigned long frame = mfn_x(page_to_mfn(head));

    if ( frame < HV_FRAME_BASE || frame + (1UL << order) > max_page ||
         frame & ((1UL << order) - 1) )
        return BROKEN(a, "BUDDY", "frame %lu heads a block of order %u", frame,
                      order);
    if ( PFN_ORDER(head) != order || page_to_zone(head) != zone ||
         phys_to_nid(page_to_maddr(head)) != node )
        return BROKEN(a, "BUDDY", "frame %lu is in another free list", frame);
    for ( unsigned long i = 0; i < 1UL << order; i++ )
    {
        if ( !page_state_is(head + i, free) ||
             head[i].count_info & PGC_count_mask )
            return BROKEN(a, "BUDDY", "frame %lu of a free block: %#lx",
                          frame + i, head[i].count_info);
        if ( __test_and_set_bit(frame + i, a->free) )
            return BROKEN(a, "CONSERVE", "frame %lu is in two free blocks",
                          frame + i);
    }

    return NULL;
}

/* A free buddy of the same size should have been merged. */
static bool unmerged(const struct page_info *head, unsigned int node,
                     unsigned int order)
{
    unsigned long buddy = mfn_x(page_to_mfn(head)) ^ (1UL << order);
    const struct page_info *page = mfn_to_page(_mfn(buddy));

    return order < MAX_ORDER && mfn_valid(_mfn(buddy)) &&
           page_state_is(page, free) && PFN_ORDER(page) == order &&
           phys_to_nid(page_to_maddr(page)) == node;
}

static const char *audit_zone(struct audit *a, unsigned int node,
                              unsigned int zone, unsigned long *sum)
{
    unsigned long pages = 0;

    for ( unsigned int order = 0; order <= MAX_ORDER; order++ )
    {
        const struct page_info *head;

        page_list_for_each(head, &heap(node, zone, order))
        {
            const char *id = audit_block(a, head, node, zone, order);

            if ( id )
                return id;
            if ( unmerged(head, node, order) )
                return BROKEN(a, "BUDDY", "frame %lu, order %u: not merged",
                              mfn_x(page_to_mfn(head)), order);
            pages += 1UL << order;
        }
    }
    *sum += pages;
    if ( pages != avail[node][zone] )
        return BROKEN(a, "CONSERVE", "node %u, zone %u: %lu free, counts %lu",
                      node, zone, pages, avail[node][zone]);

    return NULL;
}

static const char *audit_heap(struct audit *a)
{
    unsigned long sum = 0;

    for ( unsigned int node = 0; node < nodes(); node++ )
        for ( unsigned int zone = 0; avail[node] && zone < NR_ZONES; zone++ )
        {
            const char *id = audit_zone(a, node, zone, &sum);

            if ( id )
                return id;
        }
    if ( sum != total_avail_pages )
        return BROKEN(a, "CONSERVE", "%lu free, counts %ld", sum,
                      total_avail_pages);

    return NULL;
}

static const char *audit_list(struct audit *a, const struct domain *d,
                              const struct page_list_head *list, bool extra,
                              unsigned int *n)
{
    const struct page_info *page;

    page_list_for_each(page, list)
    {
        unsigned long frame = mfn_x(page_to_mfn(page));

        ++*n;
        if ( frame < HV_FRAME_BASE || frame >= max_page ||
             test_bit(frame, a->free) || page_get_owner(page) != d ||
             !(page->count_info & PGC_count_mask) ||
             !(page->count_info & PGC_extra) != !extra )
            return BROKEN(a, "OWNER", "d%d: frame %lu on its list: %#lx",
                          d->domain_id, frame, page->count_info);
        if ( __test_and_set_bit(frame, a->owned) )
            return BROKEN(a, "OWNER", "frame %lu is on two lists", frame);
    }

    return NULL;
}

static const char *check_domain(struct audit *a, const struct domain *d)
{
    unsigned int pages = 0, extra = 0;
    int refs;
    const char *id = audit_list(a, d, &d->page_list, false, &pages);

    if ( !id )
        id = audit_list(a, d, &d->arch.relmem_list, false, &pages);
    if ( !id )
        id = audit_list(a, d, &d->extra_page_list, true, &extra);
    if ( id )
        return id;
    if ( pages + extra != d->tot_pages || extra != d->extra_pages )
        return BROKEN(a, "OWNER", "d%d: %u pages and %u extra, counts %u, %u",
                      d->domain_id, pages, extra, domain_tot_pages(d),
                      d->extra_pages);
    refs = (d->is_dying != DOMDYING_dead) + (d->tot_pages != 0);
    if ( atomic_read(&d->refcnt) != refs )
        return BROKEN(a, "OWNER", "d%d: %d references, expected %d",
                      d->domain_id, atomic_read(&d->refcnt), refs);

    return NULL;
}

static const char *audit_frame(struct audit *a, unsigned long frame)
{
    const struct page_info *page = mfn_to_page(_mfn(frame));
    bool free = test_bit(frame, a->free), owned = test_bit(frame, a->owned);

    if ( free || page_state_is(page, offlined) )
        return NULL;
    if ( page_state_is(page, free) )
        return BROKEN(a, "CONSERVE", "frame %lu is free, and in no list",
                      frame);
    if ( !owned && page_get_owner(page) )
        return BROKEN(a, "OWNER", "frame %lu is on no list of its owner",
                      frame);

    return NULL;
}

/* Pages out of use are on their two lists, and nothing else is. */
static const char *audit_offlined(struct audit *a)
{
    unsigned int listed = length(&page_offlined_list) +
                          length(&page_broken_list);
    unsigned int n = 0;

    for ( unsigned long frame = HV_FRAME_BASE; frame < max_page; frame++ )
        n += page_state_is(mfn_to_page(_mfn(frame)), offlined);
    if ( n != listed )
        return BROKEN(a, "CONSERVE", "%u pages are out of use, %u are listed",
                      n, listed);

    return NULL;
}

const char *xen_audit(char *why, size_t size)
{
    struct audit a = { .why = why, .size = size };
    const char *id;

    id = audit_heap(&a);
    for ( unsigned int slot = 0; !id && slot < HV_DOMS_MAX; slot++ )
        if ( xen_domains[slot] )
            id = check_domain(&a, xen_domains[slot]);
    if ( !id )
        id = audit_offlined(&a);
    for ( unsigned long frame = HV_FRAME_BASE; !id && frame < max_page;
          frame++ )
        id = audit_frame(&a, frame);

    return id;
}
