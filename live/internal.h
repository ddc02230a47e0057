/* SPDX-License-Identifier: MIT */
/* The state of an open live host, shared by the files of live/. */
#ifndef CLAIMCHECK_LIVE_INTERNAL_H
#define CLAIMCHECK_LIVE_INTERNAL_H

#include "calls.h"
#include "frames.h"
#include "guardian.h"
#include "live.h"

#include <xenforeignmemory.h>

/* Mappings at a time: one for each numbered frame, and one that Xen will
 * refuse. */
#define LIVE_MAPS_MAX (LIVE_FRAMES_MAX + 1)
/* Frames that one operation maps. Each is two checked calls; without a limit
 * they were more than half of all calls, and one mapping shows as much. */
#define LIVE_MAP_MOST 8
/* dom0's limit is lower (rules 3.1). */
#define LIVE_EXCHANGE_ORDER_MAX 20
/* Frames that dom0 got by calls of the program, to be given back. */
#define LIVE_DOM0_FRAMES_MAX LIVE_FRAMES_MAX

struct live_map
{
    void *at;
    uint64_t frame;
    uint16_t domid;
};

/* A planted fault, which falsifies the view: faults.def. */
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
    uint32_t others;       /* domains not ours: bit n is domid n         */
    bool far_others;       /* ... and some with an id that has no bit    */
    uint64_t clean_free;   /* pages, when the host was last cleaned         */
    uint64_t dom0_max_kb;  /* at open; restored by each reset              */
    uint64_t leaked;       /* claims of no domain, see live_leaked()       */
    unsigned int big_node; /* the node whose count they are left out of    */
    uint32_t nr_dom0_frames;
    uint64_t dom0_frame[LIVE_DOM0_FRAMES_MAX];
    uint32_t nr_maps;
    struct live_map map[LIVE_MAPS_MAX];
    struct frames frames;
    bool had[LIVE_FRAMES_MAX]; /* by id: Xen gave it to a domain of ours     */
    bool misaligns;            /* takes blocks apart wrongly: 71c6a62317     */
    bool dom0_translated;      /* dom0's frames have numbers of their own    */
    const struct hv_hooks *hooks;
    const struct live_fault *fault; /* NULL: none */
};

/* Our domains: the guardian destroys them if we cannot. */
static inline uint32_t *live_domids(struct live *l)
{
    return &l->guardian.guarded->domids;
}

static inline bool live_is_others(const struct live *l, uint16_t domid)
{
    if ( domid >= HV_DOMS_MAX )
        return l->far_others && domid < DOMID_FIRST_RESERVED;

    return l->others >> domid & 1;
}

/* ---- windows.c: guest memory; this process is the guest ---- */
bool live_map_windows(void);
void live_unmap_windows(void);
void *live_guest(void *hv, uint64_t addr, size_t len);

/* ---- hypercalls.c: those of a program ---- */
long live_memory_op(void *hv, const struct hv_caller *caller, uint64_t *cmd,
                    uint64_t arg);
long live_domctl(void *hv, const struct hv_caller *caller, uint64_t arg);
long live_sysctl(void *hv, const struct hv_caller *caller, uint64_t arg);

/* ---- offline.c: pages that go out of use ---- */
_Static_assert(GUARDED_FRAMES_MAX >= LIVE_FRAMES_MAX,
               "all that have a number");
/* Xen gave 2^order frames from that one on to a domain of a program. */
void live_note_had(struct live *l, uint64_t frame, uint32_t order);
/* Of a page_offline_op that Xen does not refuse before it looks at a frame: are
 * all of its frames such? */
bool live_all_had(const struct live *l, const struct hv_offline *o);
/* ... and is one of them dom0's by now, or has it an owner among the others?
 * Asks Xen. */
bool live_any_dom0s(struct live *l, const struct hv_offline *o);
bool live_any_owned(struct live *l, const struct hv_offline *o);
/* A page_offline_op is about to be made: the guardian knows what goes. */
void live_note_offline(struct live *l, const struct hv_offline *o);
/* All that were noted are in use, and will be. */
void live_bring_back(struct live *l);

/* ---- maps.c ---- */
long live_map(void *hv, uint16_t domid, uint64_t frame);
long live_unmap(void *hv, uint16_t domid, uint64_t frame);
int live_page_id(void *hv, uint64_t frame);
uint64_t live_page_frame(void *hv, int id);

/* ---- faults.c ---- */
/* The fault of that name, or NULL. */
const struct live_fault *live_fault_find(const char *name);

/* ---- host.c: the host as a whole ---- */
/* Removes all that is ours: mappings, claims, domains; restores dom0's limit
 * and pages. Then looks for claims of no domain (l->leaked). Returns the mask
 * of domains that still exist. */
uint32_t live_clean(struct live *l);
/* Looks for claims of no domain; sets l->leaked. */
void live_measure_leak(struct live *l);
void live_observe(void *hv, struct hv_view *view);

/* ---- harmless.c ---- */
/* Why a call must not be made, which would harm the host or this process, or
 * NULL. Of an argument that cannot be read whole the members do not count. */
const char *live_refusal(struct live *l, const struct hv_call *call);

#endif /* CLAIMCHECK_LIVE_INTERNAL_H */
