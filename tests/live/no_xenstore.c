/* SPDX-License-Identifier: MIT */
/*
 * Preloaded with libclaimcheck-xen.so into xl: a xenstore that holds the names
 * d0, d1, ... of domains and nothing else; and the domain that xl is to show, made
 * with libxenctrl before xl begins: a host lives as long as its program. The same
 * in dom0 of a real Xen, without that library.
 */
#define _GNU_SOURCE /* asprintf */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xenctrl.h>
#include <xenstore.h>

/* Of the domain, in pages. */
#define MAX 4096
#define CLAIM 1024
#define POPULATED 512
#define KB_PER_PAGE 4
/* DOMID_ANY of 4.22, a reserved id before: both mean one that is free. */
#define ANY 0x7FF5

static char handle;

struct xs_handle *xs_open(unsigned long flags)
{
    (void)flags;
    return (struct xs_handle *)&handle;
}

void xs_close(struct xs_handle *xsh)
{
    (void)xsh;
}

void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path,
              unsigned int *len)
{
    unsigned int domid;
    char *name;

    (void)h;
    (void)t;
    if ( sscanf(path, "/local/domain/%u/name", &domid) != 1 ||
         asprintf(&name, "d%u", domid) < 0 )
    {
        errno = ENOENT;
        return NULL;
    }
    if ( len )
        *len = (unsigned int)strlen(name);

    return name;
}

char **xs_directory(struct xs_handle *h, xs_transaction_t t, const char *path,
                    unsigned int *num)
{
    *num = 0;
    return xs_read(h, t, path, NULL);
}

static xc_interface *xch;
static uint32_t domid = ANY;

static void __attribute__((constructor)) make_domain(void)
{
    struct xen_domctl_createdomain config = {
        .max_vcpus = 1,
        .max_evtchn_port = 1023,
        .max_grant_frames = -1,
        .max_maptrack_frames = -1,
        .grant_opts = XEN_DOMCTL_GRANT_version(1),
    };
    xen_pfn_t frame = 0;

    xch = xc_interface_open(NULL, NULL, 0);
    if ( xch && !xc_domain_create(xch, &domid, &config) &&
         !xc_domain_setmaxmem(xch, domid, MAX * KB_PER_PAGE) &&
         !xc_domain_claim_pages(xch, domid, CLAIM) &&
         xc_domain_populate_physmap(xch, domid, 1, 9, 0, &frame) == 1 )
        return;
    perror("no_xenstore: no domain");
    exit(1);
}

/* On a real Xen it would stay. */
static void __attribute__((destructor)) destroy_domain(void)
{
    if ( xch && domid != ANY )
    {
        xc_domain_claim_pages(xch, domid, 0);
        xc_domain_destroy(xch, domid);
    }
}
