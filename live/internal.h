/* SPDX-License-Identifier: MIT */
/* The state of an open live host, shared by the files of live/. */
#ifndef CLAIMCHECK_LIVE_INTERNAL_H
#define CLAIMCHECK_LIVE_INTERNAL_H

#include "calls.h"
#include "frames.h"
#include "guardian.h"
#include "live.h"

#include <xenforeignmemory.h>

/* Mappings at a time: one for each frame that has a name, and one that Xen is
 * going to refuse. */
#define LIVE_MAPS_MAX (HV_PAGES_MAX + 1)
/* Frames that one operation maps: each is two checked calls, and without a limit
 * more than half of all. What a mapping does shows with one. */
#define LIVE_MAP_MOST 8
/* Frames that dom0 got by calls of the program, to be given back. */
#define LIVE_DOM0_FRAMES_MAX HV_PAGES_MAX

struct live_map
{
    void *at;
    uint64_t frame;
    uint16_t domid;
};

/* A planted fault: what is seen is not what is. faults.def has them. */
struct live_fault
{
    const char *name;
    void (*misreport)(struct hv_view *view);
};

struct live
{
    struct live_calls calls;
    xenforeignmemory_handle *foreign;
    struct guardian guardian;
    struct host_shape shape;
    uint32_t sent_domctl, sent_sysctl; /* versions that the engine sends */
    uint64_t max_frame;
    uint32_t others;       /* domains that were there: bit n: domid n    */
    uint64_t dom0_max_kb;  /* at open; restored by each reset              */
    uint64_t leaked;       /* claims of no domain, see live_leaked()       */
    unsigned int big_node; /* the node the leaked pages are taken off      */
    uint32_t nr_dom0_frames;
    uint64_t dom0_frame[LIVE_DOM0_FRAMES_MAX];
    uint32_t nr_maps;
    struct live_map map[LIVE_MAPS_MAX];
    struct frames frames;
    const struct hv_hooks *hooks;
    const struct live_fault *fault; /* NULL: none */
};

/* The domains that are ours: the guardian destroys them if we cannot. */
static inline uint32_t *live_domids(struct live *l)
{
    return l->guardian.domids;
}

static inline bool live_is_others(const struct live *l, uint16_t domid)
{
    return domid < HV_DOMS_MAX && (l->others >> domid & 1);
}

/* ---- windows.c: memory of the guest that this process is ---- */
bool live_map_windows(void);
void live_unmap_windows(void);
void *live_guest(void *hv, uint64_t addr, size_t len);

/* ---- hypercalls.c: those of a program ---- */
long live_memory_op(void *hv, const struct hv_caller *caller, uint64_t *cmd,
                    uint64_t arg);
long live_domctl(void *hv, const struct hv_caller *caller, uint64_t arg);
long live_sysctl(void *hv, const struct hv_caller *caller, uint64_t arg);

/* ---- maps.c ---- */
long live_map(void *hv, uint16_t domid, uint64_t frame);
long live_unmap(void *hv, uint16_t domid, uint64_t frame);
int live_page_id(void *hv, uint64_t frame);
uint64_t live_page_frame(void *hv, int id);

/* ---- faults.c ---- */
/* The fault of that name, or NULL. */
const struct live_fault *live_fault_find(const char *name);

/* ---- host.c: the host as a whole ---- */
/* Everything of ours goes: mappings, claims, domains; dom0's own limits and
 * pages are put back. Then looks for claims of no domain (l->leaked). The mask
 * of domains that would not go. */
uint32_t live_clean(struct live *l);
/* Looks for claims of no domain; sets l->leaked. */
void live_measure_leak(struct live *l);
void live_observe(void *hv, struct hv_view *view);

/* ---- harmless.c ---- */
/* Would a memory_op harm the host or this process? NULL if not, else the
 * reason. r: NULL if the argument cannot be read whole. */
const char *live_memory_op_harm(const struct live *l, uint64_t cmd,
                                const struct xen_memory_reservation *r);

/* Does an argument structure lie in this process's own memory? */
bool live_own_argument(uint64_t arg);

#endif /* CLAIMCHECK_LIVE_INTERNAL_H */
