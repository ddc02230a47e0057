/* SPDX-License-Identifier: MIT */
/*
 * The line between two worlds that share no header: files named xen_*.c, which
 * are compiled like Xen's own and see Xen's headers, and the others, which see
 * those of this project. Plain types only. Page counts are pages.
 *
 * Frames: the host's lie where every implementation has them (HV_FRAME_BASE),
 * then come a few that no heap knows: what Xen would have put aside at boot.
 */
#ifndef CLAIMCHECK_XEN_MACHINE_H
#define CLAIMCHECK_XEN_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../hypervisor/hooks.h"
#include "../hypervisor/host.h"
#include "machine_addresses.h"

/* Pages of a node, as many as programs in bytes ask for (PROGRAM_NODE_PAGES_MAX):
 * a block of the largest order that a domain may have, and more. */
#define MACHINE_NODE_PAGES_MAX 2048
#define MACHINE_PAGES_MAX (HV_NODES_MAX * MACHINE_NODE_PAGES_MAX)
#define FRAMES_OF_HOST (HV_FRAME_BASE + MACHINE_PAGES_MAX)
/* Xen keeps the free lists of a second and later node in pages of that node. */
#define NODE_LISTS_FRAMES 8
#define FRAME_NODE_LISTS(node) (FRAMES_OF_HOST + (node)*NODE_LISTS_FRAMES)
/* dom0's struct domain, and every slot's struct vcpu. */
#define FRAME_DOM0 FRAME_NODE_LISTS(HV_NODES_MAX)
#define FRAME_VCPU(slot) (FRAME_DOM0 + 1 + (slot))
#define FRAMES (FRAME_VCPU(HV_DOMS_MAX))

#define MACHINE_PAGE 4096UL
#define MACHINE_AT(frame) ((void *)(MACHINE_MEMORY + (frame)*MACHINE_PAGE))

/* No frame: nothing could be allocated. */
#define MACHINE_NO_FRAME UINT64_MAX

/* ---- what Xen's side offers: xen_boot.c, xen_calls.c, xen_domain.c ---- */

/* A host after boot, with dom0 and its pages, in zeroed memory. */
void xen_boot(uint32_t nodes, uint32_t node_pages, uint32_t dom0_pages);

/* A memory_op: its result, and -ERESTART with the new *cmd if it is to be
 * called again. */
struct xen_caller
{
    unsigned int slot;
    bool control, hardware, abi32; /* HV_CALLER_* */
};
long xen_memory_op(const struct xen_caller *caller, uint64_t *cmd,
                   uint64_t arg);

long xen_domain_create(unsigned int slot);
/* An invocation of destroydomain: 0 or -ERESTART. */
long xen_domain_kill(unsigned int slot);
/* 0 alive, 1 dying, 2 dead, as Xen numbers them. */
int xen_domain_dying(unsigned int slot);
void xen_set_max(unsigned int slot, uint32_t pages);
void xen_set_affinity(unsigned int slot, uint64_t nodes);

/* get_page, put_page. */
bool xen_get_page(unsigned int slot, uint64_t frame);
void xen_put_page(uint64_t frame);
uint64_t xen_anon_alloc(int slot, uint32_t order);
void xen_anon_free(uint64_t frame, uint32_t order);
uint64_t xen_extra_alloc(unsigned int slot);
/* False: not an extra page of that domain that is still allocated. */
bool xen_extra_free(unsigned int slot, uint64_t frame);
/* The domain writes that word all over a frame of it. False: it is none. */
bool xen_write(unsigned int slot, uint64_t frame, uint32_t word);

/* offline_page, online_page, query_page_offline: 0 or -errno, and the status. */
long xen_page_offline(uint64_t frame, bool broken, uint32_t *status);
long xen_page_online(uint64_t frame, uint32_t *status);
long xen_page_query(uint64_t frame, uint32_t *status);

/* ---- xen_look.c: what can be seen, changing nothing ---- */

void xen_heap(uint64_t *free, uint64_t *claimed);
void xen_node_free(uint64_t pages[HV_NODES_MAX]);
struct xen_counts
{
    uint32_t tot, extra, max, claim;
};
void xen_counts(unsigned int slot, struct xen_counts *counts);
void xen_capacity(struct hv_capacity *capacity,
                  uint32_t counts[HV_BLOCK_COUNTS_MAX]);
/* What the scrubber fills pages with. */
extern const unsigned char xen_scrub_byte;
/* Changes with everything that changes the free lists. */
extern uint32_t xen_heap_changes;
uint64_t xen_hash(uint64_t seed);
const char *xen_audit(char *why, size_t size);
/* Slot of the owner of a frame, -1 for none. */
int xen_owner(uint64_t frame);
/* As struct hv_page. */
struct xen_page
{
    uint32_t word;
    int owner;
    bool free, dirty;
};
void xen_page(uint64_t frame, struct xen_page *page);
/* node_need_scrub. */
void xen_scrub_pages(uint64_t pages[HV_NODES_MAX]);
/* Where the state lies: i-th range of memory in use; 0 bytes: no more. */
size_t xen_range(unsigned int i, void **start);

/* ---- xen_locks.c ---- */
/* Any lock or reader's mark held? */
const char *xen_held(void);

/* ---- what this side offers to Xen's: machine.c, guest.c, crash.c ---- */

extern uint32_t machine_events; /* 1 << enum hv_event that are listened to */
void machine_event(int event, int lock, const void *object, const char *fn,
                   int line);
bool machine_preempt(const char *fn, int line);
_Noreturn void machine_fail(const char *id, const char *what, const char *file,
                            int line);
/* Xen lets go of a domain for good. */
void machine_domain_gone(unsigned int slot);
/* The contents of a page are about to be written; true: for the first time
 * since the host was booted. */
bool machine_touch(uint64_t frame);
/* They were not, in the page that was touched last. */
void machine_untouch(uint64_t frame);
/* The node of each frame: of the host under way, though no part of its state. */
extern unsigned char machine_node_of[FRAMES];
/* Bytes that could not be copied; what cannot be read becomes 0. */
size_t machine_copy_from(void *to, uint64_t from, size_t n);
size_t machine_copy_to(uint64_t to, const void *from, size_t n);

#endif /* CLAIMCHECK_XEN_MACHINE_H */
