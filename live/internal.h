/* SPDX-License-Identifier: MIT */
/* The state of an open live host, shared by the files of live/. */
#ifndef CLAIMCHECK_LIVE_INTERNAL_H
#define CLAIMCHECK_LIVE_INTERNAL_H

#include "calls.h"
#include "frames.h"
#include "guardian.h"
#include "live.h"

#include <xenforeignmemory.h>

/* Mappings at a time: a program of 64 operations maps no more. */
#define LIVE_MAPS_MAX HV_PAGES_MAX
/* Frames that dom0 got by calls of the program, to be given back. */
#define LIVE_DOM0_FRAMES_MAX HV_PAGES_MAX

struct live_map
{
    void *at; /* NULL: unused */
    uint64_t frame;
    uint16_t domid;
};

struct live
{
    struct live_calls calls;
    xenforeignmemory_handle *foreign;
    struct guardian guardian;
    struct host_shape shape;
    uint32_t sent_domctl, sent_sysctl; /* versions that the engine sends */
    uint64_t max_frame;
    uint64_t dom0_max_kb;  /* at open; restored by each reset              */
    uint64_t leaked;       /* claims of no domain, see live_leaked()       */
    unsigned int big_node; /* the node the leaked pages are taken off      */
    uint32_t nr_dom0_frames;
    uint64_t dom0_frame[LIVE_DOM0_FRAMES_MAX];
    struct live_map map[LIVE_MAPS_MAX];
    struct frames frames;
    const struct hv_hooks *hooks;
};

/* Domains of this host that are neither dom0 nor ours cannot be told by id
 * alone; the guardian's word is the list of ours. */
static inline uint32_t *live_domids(struct live *l)
{
    return l->guardian.domids;
}

/* ---- host.c: the host as a whole ---- */
/* Everything of ours goes: mappings, claims, domains; dom0's own limits and
 * pages are put back. The mask of domains that would not go. */
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
