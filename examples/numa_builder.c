/* SPDX-License-Identifier: MIT */
/*
 * How a toolstack may build a domain over two NUMA nodes under a claim set, by
 * the drafts of XEN_DOMCTL_claim_memory: create, limit, claim on both nodes,
 * populate each node, release, unpause. No libxenctrl knows these domctls, so
 * they are made here, on libxencall; the rest is libxenctrl's. No Xen knows them
 * either, but the stub does:
 *
 *   LD_PRELOAD=.../libclaimcheck-xen.so CLAIMCHECK_RELEASE=draft-v8 \
 *       CLAIMCHECK_HOST="nodes=2 pages=64" numa_builder [PAGES]
 *
 * CLAIMCHECK_RELEASE=draft-v7 takes the other draft, which is found by trying.
 *
 * Exit 0: built and destroyed; 1: a step failed; 2: bad usage.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xenctrl.h>
#include <xencall.h>

#include "hypervisor/claim_memory.h"

#define DOMID 1
#define NODES 2
#define PAGES_DEFAULT 16
#define PAGES_MAX 1024 /* of one node: the size of the frame list */
#define KB_PER_PAGE 4

static xc_interface *xch;
static xencall_handle *call;
static struct xen_domctl *op;          /* in memory that Xen can read */
static struct xen_memory_claim *entry; /* likewise */

static int failed(const char *step)
{
    printf("%s: %s\n", step, strerror(errno));
    return -1;
}

/* A domctl about the claim set of a domain; nr is what it says of the entries,
 * then what Xen wrote there. */
static int claim_domctl(unsigned int cmd, uint32_t mode, uint32_t *nr)
{
    struct xen_domctl_claim_memory set = { .entries = (uintptr_t)entry,
                                           .nr_entries = *nr,
                                           .mode = mode };
    int rc;

    memset(op, 0, sizeof(*op));
    op->cmd = cmd;
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op->domain = DOMID;
    memcpy(&op->u, &set, sizeof(set));
    rc = xencall1(call, __HYPERVISOR_domctl, (uintptr_t)op);
    memcpy(&set, &op->u, sizeof(set));
    *nr = set.nr_entries;

    return rc;
}

/* Which draft is it? The newer one has a command of its own to get. */
static int get_claims(uint32_t *nr)
{
    uint32_t room = *nr;
    int rc = claim_domctl(XEN_DOMCTL_get_memory_claims, 0, nr);

    if ( !rc || errno != ENOSYS )
        return rc;
    *nr = room;
    return claim_domctl(XEN_DOMCTL_claim_memory, CLAIM_MEMORY_GET, nr);
}

/* What Xen reports of the claim. */
static void show(const char *step)
{
    uint32_t nr = CLAIM_SET_MAX;
    xc_physinfo_t host;

    printf("%-20s", step);
    if ( get_claims(&nr) )
        printf(" no set: %s;", strerror(errno));
    else
        for ( uint32_t i = 0; i < nr; i++ )
        {
            if ( entry[i].target == CLAIM_TARGET_HOST )
                printf(" host %lu,", (unsigned long)entry[i].pages);
            else
                printf(" node%u %lu,", entry[i].target,
                       (unsigned long)entry[i].pages);
        }
    if ( xc_physinfo(xch, &host) == 0 )
        printf(" host claimed %lu", (unsigned long)host.outstanding_pages);
    putchar('\n');
}

static int claim_nodes(unsigned long pages)
{
    uint32_t nr = NODES;

    memset(entry, 0, NODES * sizeof(*entry));
    for ( uint32_t n = 0; n < NODES; n++ )
    {
        entry[n].target = n;
        entry[n].pages = pages;
    }
    return claim_domctl(XEN_DOMCTL_claim_memory, CLAIM_MEMORY_SET, &nr);
}

/* The old call releases a set in every draft, and takes no draft to know. */
static int release(void)
{
    return xc_domain_claim_pages(xch, DOMID, 0);
}

static int populate(uint32_t node, unsigned long pages)
{
    static xen_pfn_t frame[PAGES_MAX];

    for ( unsigned long i = 0; i < pages; i++ )
        frame[i] = node * pages + i;

    return xc_domain_populate_physmap_exact(xch, DOMID, pages, 0,
                                            XENMEMF_exact_node(node), frame);
}

static int build(unsigned long pages)
{
    if ( xc_domain_setmaxmem(xch, DOMID, NODES * pages * KB_PER_PAGE) )
        return failed("max_mem");
    show("limit set");
    /* From here on each node's share is promised. */
    if ( claim_nodes(pages) )
        return failed("claim");
    show("claimed");
    for ( uint32_t n = 0; n < NODES; n++ )
    {
        if ( populate(n, pages) )
            return failed("populate");
        show(n ? "node 1 populated" : "node 0 populated");
    }
    if ( release() )
        return failed("release");
    if ( xc_domain_unpause(xch, DOMID) )
        return failed("unpause");
    show("unpaused");

    return 0;
}

static int run(unsigned long pages)
{
    struct xen_domctl_createdomain config = {
        .max_vcpus = 1,
        .max_evtchn_port = -1,
        .max_grant_frames = 1,
        .max_maptrack_frames = 1,
        .grant_opts = XEN_DOMCTL_GRANT_version(1),
    };
    uint32_t domid = DOMID;
    int rc;

    if ( xc_domain_create(xch, &domid, &config) )
        return failed("create");
    rc = build(pages);
    if ( xc_domain_destroy(xch, DOMID) )
        return failed("destroy");
    printf("destroyed\n");

    return rc;
}

int main(int argc, char **argv)
{
    unsigned long pages = argc > 1 ? strtoul(argv[1], NULL, 10)
                                   : PAGES_DEFAULT;
    int rc;

    if ( argc > 2 || pages < 1 || pages > PAGES_MAX )
    {
        fprintf(stderr, "usage: numa_builder [PAGES of each node], 1..%d\n",
                PAGES_MAX);
        return 2;
    }
    xch = xc_interface_open(NULL, NULL, 0);
    call = xencall_open(NULL, 0);
    if ( !xch || !call )
    {
        perror("numa_builder: no Xen");
        return 1;
    }
    op = xencall_alloc_buffer(call, sizeof(*op));
    entry = xencall_alloc_buffer(call, CLAIM_SET_MAX * sizeof(*entry));
    rc = op && entry ? run(pages) : failed("memory");
    xencall_free_buffer(call, entry);
    xencall_free_buffer(call, op);
    xencall_close(call);
    xc_interface_close(xch);

    return rc ? 1 : 0;
}
