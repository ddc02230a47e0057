/* SPDX-License-Identifier: MIT */
/*
 * The few hypercalls that live/ needs itself, to observe and to clean up. All
 * return what Xen returned, -errno on failure. They use a buffer of their own,
 * never the guest windows.
 */
#ifndef CLAIMCHECK_LIVE_CALLS_H
#define CLAIMCHECK_LIVE_CALLS_H

#include "hypervisor/hypervisor.h"

#include <xencall.h>

/* One multicall holds a program's call and the observation after it, because
 * entering Xen is most of what a call costs (docs/live.md). */
enum
{
    CALL_OF_PROGRAM,
    LOOK_DOMAINS, /* getdomaininfolist */
    LOOK_HOST,    /* physinfo */
    LOOK_NODES,   /* numainfo; one node: physinfo is enough */
    BATCH_MAX
};

struct live_buffer
{
    struct xen_domctl domctl;
    struct xen_sysctl look[BATCH_MAX];
    struct multicall_entry batch[BATCH_MAX];
    struct xen_memory_reservation resv;
    uint64_t extent;
    struct xen_sysctl offline;
    uint32_t status;
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
    uint32_t domctl, sysctl; /* interface versions; see calls_probe() */
    uint32_t nodes;          /* 0: not known yet */
    long seen; /* domains last observed; -1 if anything was done since */
};

/* false: see errno. */
bool calls_open(struct live_calls *c);
void calls_close(struct live_calls *c);

/* Asks the host for its interface versions: tries those of all releases. Before
 * any of the calls below. 0; -EACCES: it takes none of them; other errors are
 * Xen's. */
long calls_probe(struct live_calls *c);

/* A call of ours failed in a way that has nothing to do with a case, and nothing
 * that is seen from now on would mean anything: says which, and ends the program
 * with the exit code of the harness's own failures. The guardian cleans up. */
_Noreturn void calls_failed(const char *what, long rc);

/* A program's hypercall: what Xen returned, in full (an ioctl truncates it to
 * int). Observes the host as well. */
long calls_of_program(struct live_calls *c, unsigned int op, uint64_t a,
                      uint64_t b);
/* What was observed is out of date. */
void calls_outdate(struct live_calls *c);

/* As release_of_version() takes them. */
long calls_version(struct live_calls *c, int *major, int *minor,
                   const char **extra);
/* Observes the host, unless nothing was done since the last time. Puts the
 * first domains by id into c->buf->info; returns their number, or -errno. The
 * next two return what was observed, too. */
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

/* Is it a page of that PV domain, whose frames have the machine's numbers? Pages
 * of Xen's that are shared with it are not. */
bool calls_owns(struct live_calls *c, uint16_t domid, uint64_t frame);
/* Pages that are out of use, or to go, stay or are in use again; others are as
 * before. */
void calls_bring_back(struct live_calls *c, const uint64_t *frame,
                      uint32_t nr);

/*
 * Releases the claims of the domains of a mask (bit n: domid n), destroys
 * them, and waits until they are gone. Returns the mask of those that are not,
 * because something else holds a reference to them.
 */
uint32_t calls_clean(struct live_calls *c, uint32_t domids);

#endif /* CLAIMCHECK_LIVE_CALLS_H */
