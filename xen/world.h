/* SPDX-License-Identifier: MIT */
/*
 * What the files on this side of machine.h share: the hypervisor that the
 * harness holds. Its front end is the stub's (stub/domctl.c, stub/sysctl.c),
 * which looks at struct stub; what lies below is Xen's.
 */
#ifndef CLAIMCHECK_XEN_WORLD_H
#define CLAIMCHECK_XEN_WORLD_H

#include "../stub/world.h"
#include "machine.h"

/* Saved states of fresh hosts. */
#define XEN_IMAGES_MAX 32

struct xen_image
{
    struct host_shape shape;
    void *host; /* as saved; NULL: not made yet */
};

struct xen
{
    struct stub s; /* first: the front end is handed a struct stub          */
    struct host_shape shape;
    uint16_t maps[MACHINE_PAGES_MAX]; /* by dom0, of each page              */
    uint32_t capacity_of; /* xen_heap_changes when it was counted           */
    struct hv_capacity capacity;
    uint32_t counts[HV_BLOCK_COUNTS_MAX]; /* of that */
    uint32_t next_image;
    struct xen_image image[XEN_IMAGES_MAX];
};

/* The one that Xen's code works for: its state lies at fixed places. */
extern struct xen *the_xen;

/* machine.c */
bool machine_open(const char **why);
void machine_reset(struct xen *x, const struct host_shape *shape);
/* As in struct hypervisor_ops; discard is free(). */
void *machine_save(const struct xen *x, void *into);
void machine_restore(struct xen *x, const void *saved);

/* front.c */
extern const struct allocator_ops xen_allocator;

/* map.c */
long xen_map(void *hv, uint16_t domid, uint64_t frame);
long xen_unmap(void *hv, uint16_t domid, uint64_t frame);
long xen_op_anon_alloc(void *hv, int dom, uint32_t order, uint64_t *frame);
void xen_op_anon_free(void *hv, uint64_t frame, uint32_t order);
long xen_op_extra_alloc(void *hv, uint16_t domid, uint64_t *frame);
long xen_op_extra_free(void *hv, uint16_t domid, uint64_t frame);
long xen_op_write(void *hv, uint16_t domid, uint64_t frame, uint32_t word);
void xen_op_page(void *hv, uint64_t frame, struct hv_page *page);
void xen_op_scrub_pages(void *hv, uint64_t pages[HV_NODES_MAX]);

#endif /* CLAIMCHECK_XEN_WORLD_H */
