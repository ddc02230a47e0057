/* SPDX-License-Identifier: MIT */
/*
 * What the stub's domctl and sysctl stand on, over Xen's code: the lifetime of
 * domains and the few operations of an allocator that those two use. It stands
 * in the place of stub/domain.c.
 *
 * Whether a domain is dying is Xen's to say; the copy in struct stub is brought
 * up to date here, in one place, for what the front end prints.
 */
#include "world.h"

bool domain_dying(void *ctx, int dom)
{
    (void)ctx;
    return xen_domain_dying((unsigned int)dom) != 0;
}

struct hv_domain_view counts_of(const struct stub *s, int dom)
{
    struct xen_counts c;

    (void)s;
    xen_counts((unsigned int)dom, &c);
    return (struct hv_domain_view){
        .tot = c.tot, .extra = c.extra, .max = c.max, .claim = c.claim
    };
}

long domain_create(struct stub *s, int dom)
{
    long rc = xen_domain_create((unsigned int)dom);

    if ( rc )
        return rc;
    s->w.dom[dom] = (struct domain){ .pause_count = 1 };
    LOCK(s, HV_LOCK_DOMLIST, ALLOC_NO_DOMAIN);
    s->w.dom[dom].present = 1;
    UNLOCK(s, HV_LOCK_DOMLIST, ALLOC_NO_DOMAIN);

    return 0;
}

long domain_kill(struct stub *s, int dom)
{
    long rc = xen_domain_kill((unsigned int)dom);

    if ( s->w.dom[dom].present )
        s->w.dom[dom].dying = (uint8_t)xen_domain_dying((unsigned int)dom);

    return rc;
}

/* References are Xen's. */
void put_domain(struct stub *s, int dom)
{
    stub_fail(s, "BUG", "put_domain of the stub", __FILE__, dom);
}

/* ---- as an allocator ---- */

static void set_max(void *a, int dom, uint32_t pages)
{
    (void)a;
    xen_set_max((unsigned int)dom, pages);
}

static void set_affinity(void *a, int dom, uint32_t nodes)
{
    (void)a;
    xen_set_affinity((unsigned int)dom, nodes);
}

static long offline(void *a, uint64_t frame, bool broken, uint32_t *status)
{
    (void)a;
    return xen_page_offline(frame, broken, status);
}

static long online(void *a, uint64_t frame, uint32_t *status)
{
    (void)a;
    return xen_page_online(frame, status);
}

static long offline_query(void *a, uint64_t frame, uint32_t *status)
{
    (void)a;
    return xen_page_query(frame, status);
}

static void heap(const void *a, uint64_t *free, uint64_t *claimed)
{
    (void)a;
    xen_heap(free, claimed);
}

static void node_free(const void *a, uint64_t pages[HV_NODES_MAX])
{
    (void)a;
    xen_node_free(pages);
}

/* Only what the front end calls. */
const struct allocator_ops xen_allocator = {
    .name = "xen",
    .caps = ALLOC_CAP_OFFLINE,
    .set_max = set_max,
    .set_affinity = set_affinity,
    .offline = offline,
    .online = online,
    .offline_query = offline_query,
    .heap = heap,
    .node_free = node_free,
};

/* No faults are planted here. */
uint32_t world_fault_hits(const struct stub *s)
{
    (void)s;
    return 0;
}
