/* SPDX-License-Identifier: MIT */
/*
 * A domain built as toolstacks do: create, limit, claim, populate in superpages as
 * long as there are some and then in single pages, release the claim, unpause.
 * For a host of two nodes of 1024 pages: each has one superpage of three wanted.
 * With the argument "long": so many calls that a recording is full before the last
 * ones. With "above": also calls for domains that a recording cannot name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <xenctrl.h>
#include <xenforeignmemory.h>

#define PAGES 1568
#define SUPER_ORDER 9
#define SUPER_PAGES (1UL << SUPER_ORDER)
#define KB_PER_PAGE 4
#define ANY_DOMID 0x7FF4 /* a reserved one: Xen chooses */

static void expect(const char *what, long got, long want)
{
    if ( got == want )
        return;
    printf("FAIL: %s: %ld, expected %ld\n", what, got, want);
    exit(1);
}

/* From that page on; how many were got of each size. */
static int populate(xc_interface *xch, uint32_t domid, unsigned long first,
                    unsigned long nr, unsigned int order)
{
    static xen_pfn_t frame[PAGES];
    unsigned long i;

    for ( i = 0; i < nr; i++ )
        frame[i] = first + (i << order);

    return xc_domain_populate_physmap(xch, domid, nr, order, 0, frame);
}

/* 63 steps of a recording; a mapping of a page is the last one that there is room
 * for, and the others come after a step that there is none for. */
static void fill_recording(xc_interface *xch, uint32_t domid)
{
    xenforeignmemory_handle *foreign = xenforeignmemory_open(NULL, 0);
    xen_pfn_t frame[3] = { 0, 1, 2 };
    int i;

    expect("max_mem", xc_domain_setmaxmem(xch, domid, PAGES * KB_PER_PAGE), 0);
    expect("populate", xc_domain_populate_physmap(xch, domid, 3, 0, 0, frame),
           3);
    for ( i = 0; i < 60; i++ )
        expect("claim", xc_domain_claim_pages(xch, domid, i % 2 ? 0 : 100), 0);
    for ( i = 0; i < 3; i++ )
    {
        expect("map",
               xenforeignmemory_map(foreign, domid, PROT_READ, 1, &frame[i],
                                    NULL) != NULL,
               1);
        expect("claim", xc_domain_claim_pages(xch, domid, i % 2 ? 0 : 100), 0);
    }
}

/* No such domains are there; a question for the last that a case has, too. */
static void ask_above(xc_interface *xch)
{
    static const uint32_t domid[] = { 7, 8, 9, 9, ANY_DOMID };
    xenforeignmemory_handle *foreign = xenforeignmemory_open(NULL, 0);
    xen_pfn_t frame = 0;
    unsigned int i;

    for ( i = 0; i < sizeof(domid) / sizeof(domid[0]); i++ )
    {
        expect("max_mem", xc_domain_setmaxmem(xch, domid[i], KB_PER_PAGE), -1);
        expect("unpause", xc_domain_unpause(xch, domid[i]), -1);
        expect("map",
               xenforeignmemory_map(foreign, domid[i], PROT_READ, 1, &frame,
                                    NULL) != NULL,
               0);
    }
    xenforeignmemory_close(foreign);
}

int main(int argc, char **argv)
{
    struct xen_domctl_createdomain config = { .max_vcpus = 1 };
    xc_interface *xch = xc_interface_open(NULL, NULL, 0);
    uint32_t domid = ANY_DOMID;
    unsigned long done;
    int got;

    expect("open", xch != NULL, 1);
    expect("create", xc_domain_create(xch, &domid, &config), 0);
    if ( argc > 1 && !strcmp(argv[1], "above") )
        ask_above(xch);
    else if ( argc > 1 )
    {
        fill_recording(xch, domid);
        return 0;
    }
    expect("max_mem", xc_domain_setmaxmem(xch, domid, PAGES * KB_PER_PAGE), 0);
    expect("claim", xc_domain_claim_pages(xch, domid, PAGES), 0);
    got = populate(xch, domid, 0, PAGES / SUPER_PAGES, SUPER_ORDER);
    expect("superpages", got, 2);
    done = (unsigned long)got * SUPER_PAGES;
    expect("pages", populate(xch, domid, done, PAGES - done, 0),
           (long)(PAGES - done));
    expect("release", xc_domain_claim_pages(xch, domid, 0), 0);
    expect("unpause", xc_domain_unpause(xch, domid), 0);
    xc_interface_close(xch);

    return 0;
}
