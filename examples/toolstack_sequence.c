/* SPDX-License-Identifier: MIT */
/*
 * How a toolstack builds a domain under a claim, with plain libxenctrl:
 * create, limit, claim, populate, release, unpause. It prints what Xen reports at each
 * step, the same lines on a real Xen 4.17 and over the stub:
 *
 *   toolstack_sequence [PAGES]       in dom0
 *   LD_PRELOAD=.../libclaimcheck-xen.so toolstack_sequence [PAGES]
 *
 * Exit 0: built and destroyed; 1: a step failed; 2: bad usage.
 * Not here: guest memory contents, devices, HVM.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xenctrl.h>

#define DOMID 1
#define PAGES_DEFAULT 48
#define PAGES_MAX 1024 /* of this example: the size of its frame list */
#define KB_PER_PAGE 4

/* What Xen reports of the domain and the host. */
static void show(xc_interface *xch, const char *step)
{
    xc_physinfo_t host;
    xc_domaininfo_t dom;

    printf("%-20s", step);
    /* In every release of libxenctrl; the first domain from DOMID on. */
    if ( xc_domain_getinfolist(xch, DOMID, 1, &dom) == 1 &&
         dom.domain == DOMID )
        printf(" pages %lu, limit %lu, claim %lu;",
               (unsigned long)dom.tot_pages, (unsigned long)dom.max_pages,
               (unsigned long)dom.outstanding_pages);
    else
        printf(" no domain;");
    if ( xc_physinfo(xch, &host) == 0 )
        printf(" host claimed %lu%s", (unsigned long)host.outstanding_pages,
               host.outstanding_pages <= host.free_pages
                   ? ""
                   : ", more than is free");
    putchar('\n');
}

static int failed(const char *step)
{
    printf("%s: %s\n", step, strerror(errno));
    return -1;
}

/* Pages first .. first + nr - 1. A short count is a failure too. */
static int populate(xc_interface *xch, unsigned long first, unsigned long nr)
{
    static xen_pfn_t frame[PAGES_MAX];
    unsigned long i;

    for ( i = 0; i < nr; i++ )
        frame[i] = first + i;

    return xc_domain_populate_physmap_exact(xch, DOMID, nr, 0, 0, frame);
}

static int build(xc_interface *xch, unsigned long pages)
{
    unsigned long part = pages / 4;

    if ( xc_domain_setmaxmem(xch, DOMID, pages * KB_PER_PAGE) )
        return failed("max_mem");
    show(xch, "limit set");

    /* From here on the memory is promised: nobody else can take it. */
    if ( xc_domain_claim_pages(xch, DOMID, pages) )
        return failed("claim");
    show(xch, "claimed");

    if ( populate(xch, 0, part) )
        return failed("populate");
    show(xch, "partly populated");
    if ( populate(xch, part, pages - part) )
        return failed("populate");
    show(xch, "populated");

    /* Nothing is left of the claim now; releasing it is right all the same,
     * and needed if less was populated than claimed. */
    if ( xc_domain_claim_pages(xch, DOMID, 0) )
        return failed("release");
    show(xch, "released");

    /* It has no vCPU and runs nothing. */
    if ( xc_domain_unpause(xch, DOMID) )
        return failed("unpause");
    show(xch, "unpaused");

    return 0;
}

static int run(xc_interface *xch, unsigned long pages)
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
    show(xch, "created");

    rc = build(xch, pages);
    if ( xc_domain_destroy(xch, DOMID) )
        return failed("destroy");
    show(xch, "destroyed");

    return rc;
}

int main(int argc, char **argv)
{
    unsigned long pages = argc > 1 ? strtoul(argv[1], NULL, 10)
                                   : PAGES_DEFAULT;
    xc_interface *xch;
    int rc;

    if ( argc > 2 || pages < 4 || pages > PAGES_MAX )
    {
        fprintf(stderr, "usage: toolstack_sequence [PAGES], 4..%d\n",
                PAGES_MAX);
        return 2;
    }
    xch = xc_interface_open(NULL, NULL, 0);
    if ( !xch )
    {
        perror("toolstack_sequence: no Xen");
        return 1;
    }
    rc = run(xch, pages);
    xc_interface_close(xch);

    return rc ? 1 : 0;
}
