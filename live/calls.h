/* SPDX-License-Identifier: MIT */
/*
 * The few hypercalls that live/ makes on its own account: to look, to clean
 * up. All return what Xen returned, -errno on failure. They use a buffer of
 * their own, never the guest windows.
 */
#ifndef CLAIMCHECK_LIVE_CALLS_H
#define CLAIMCHECK_LIVE_CALLS_H

#include "../harness/hypervisor/hypervisor.h"

#include <xencall.h>

/* What calls_look() asks, in one trip to Xen: an observation is the larger part
 * of a step's cost, and its trips are the larger part of that. */
enum
{
    LOOK_DOMAINS, /* getdomaininfolist */
    LOOK_HOST,    /* physinfo */
    LOOK_NODES,   /* numainfo; not where there is one node: physinfo says it */
    LOOKS
};

struct live_buffer
{
    struct xen_domctl domctl;
    struct xen_sysctl look[LOOKS];
    struct multicall_entry batch[LOOKS];
    struct xen_memory_reservation resv;
    uint64_t extent;
    struct xen_domctl_getdomaininfo info[HV_DOMS_MAX + 1];
    struct xen_sysctl_meminfo mem[HV_NODES_MAX];
    struct
    {
        char text[16];
    } version;
};

struct live_calls
{
    xencall_handle *xen;
    struct live_buffer *buf;
    uint32_t nodes; /* 0: not known yet */
};

/* false: errno tells. */
bool calls_open(struct live_calls *c);
void calls_close(struct live_calls *c);

/* Any hypercall with one or two arguments, result or -errno. */
long calls_do1(struct live_calls *c, unsigned int op, uint64_t a);
long calls_do2(struct live_calls *c, unsigned int op, uint64_t a, uint64_t b);

/* "4.17" and "4.17.7+..." as major, minor, point; point is -1 if unknown. */
long calls_version(struct live_calls *c, int *major, int *minor, int *point);
/* Looks at the host: the first domains by id, into c->buf->info; how many they
 * are. The next two tell what was seen by the last look. */
long calls_look(struct live_calls *c);
const struct xen_sysctl_physinfo *calls_physinfo(const struct live_calls *c);
/* Free pages of a node. */
uint64_t calls_node_free(const struct live_calls *c, unsigned int node);
/* Claim 0 of a domain. */
long calls_release(struct live_calls *c, uint16_t domid);
long calls_destroy(struct live_calls *c, uint16_t domid);
long calls_max_mem(struct live_calls *c, uint16_t domid, uint64_t kb);
/* Gives one of dom0's frames back to Xen. */
long calls_give_back(struct live_calls *c, uint64_t frame);

/*
 * Releases the claims of and destroys the domains of a mask (bit n: domid n),
 * and waits until they are gone. The mask of those that are still there after
 * all: something else holds a reference to them.
 */
uint32_t calls_clean(struct live_calls *c, uint32_t domids);

#endif /* CLAIMCHECK_LIVE_CALLS_H */
