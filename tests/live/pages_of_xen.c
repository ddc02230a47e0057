/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "pages_of_xen.h"
#include "stand_in.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

struct pages_of_xen *pages;

void pages_open(struct live_calls *c)
{
    bool opened;

    if ( !pages )
        pages = mmap(NULL, sizeof(*pages), PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert(pages != MAP_FAILED);
    memset(pages, 0, sizeof(*pages));
    pages->dom0s = pages->d2s = UINT64_MAX;
    opened = calls_open(c);
    assert(opened);
    (void)opened;
    c->domctl = hv_domctl_version(RELEASE_4_20_3);
    c->sysctl = hv_sysctl_version(RELEASE_4_20_3);
}

static long domctl(const struct xen_domctl *d)
{
    uint64_t *frame = d->u.getpageframeinfo3.array.p;

    if ( d->interface_version != hv_domctl_version(RELEASE_4_20_3) )
        return -EACCES;
    if ( d->cmd != XEN_DOMCTL_getpageframeinfo3 )
        return 0;
    assert(d->u.getpageframeinfo3.num == 1);
    *frame = (!d->domain && *frame == pages->dom0s) ||
                     (d->domain == 2 && *frame == pages->d2s)
                 ? 0
                 : XEN_DOMCTL_PFINFO_XTAB;

    return 0;
}

static long sysctl(const struct xen_sysctl *s)
{
    if ( s->interface_version != hv_sysctl_version(RELEASE_4_20_3) )
        return -EACCES;
    if ( s->cmd != XEN_SYSCTL_page_offline_op )
        return 0;
    assert(s->u.page_offline.cmd == sysctl_page_online);
    assert(s->u.page_offline.start == s->u.page_offline.end);
    assert(s->u.page_offline.status.p && pages->nr_back < BACK_MAX);
    if ( !pages->online )
        pages->back[pages->nr_back++] = s->u.page_offline.start;

    return pages->online;
}

int xencall1(xencall_handle *handle, unsigned int op, uint64_t a)
{
    (void)handle;
    return stand_in_result(op == __HYPERVISOR_domctl
                               ? domctl((const void *)(uintptr_t)a)
                               : sysctl((const void *)(uintptr_t)a));
}

/* memory_op, multicall: nothing is there, and all goes well. */
long xencall2L(xencall_handle *handle, unsigned int op, uint64_t a, uint64_t b)
{
    (void)handle;
    (void)op;
    (void)a;
    (void)b;
    return 0;
}
