/* SPDX-License-Identifier: MIT */
/*
 * libclaimcheck-xen.so: libxenforeignmemory and libxendevicemodel. A mapping
 * is a reference to a frame; the stub's frames have no contents, so what is
 * mapped is zero and the program's own.
 */
#include "host.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

#include <xencall.h>
#include <xendevicemodel.h>
#include <xenforeignmemory.h>

/* Frames mapped at a time. */
#define MAPS_MAX HV_PAGES_MAX

static struct
{
    char *at; /* page of the mapping; NULL: unused */
    uint64_t frame;
    uint16_t domid;
} map[MAPS_MAX];

/* Handles point here; nothing is stored in it. */
static char handle;

xenforeignmemory_handle *
xenforeignmemory_open(struct xentoollog_logger *logger, unsigned flags)
{
    (void)logger;
    (void)flags;
    preload_enter();
    preload_leave();

    return (xenforeignmemory_handle *)&handle;
}

int xenforeignmemory_close(xenforeignmemory_handle *fmem)
{
    (void)fmem;
    return 0;
}

static long judged(struct preload_host *p, enum hv_call_kind kind,
                   uint16_t domid, uint64_t frame)
{
    const struct hv_call call = { .kind = kind,
                                  .caller = hv_caller_dom0(),
                                  .domid = domid,
                                  .frame = frame };
    bool mapping = kind == HV_CALL_MAP;
    struct hv_result result;

    engine_judge_before(&p->engine, &call);
    result.rc = (mapping ? p->h.ops->map : p->h.ops->unmap)(p->h.hv, domid,
                                                            frame);
    preload_judge(p, &result, mapping ? "map" : "unmap", domid);

    return result.rc;
}

static long map_one(struct preload_host *p, uint16_t domid, uint64_t frame,
                    char *at)
{
    unsigned int i = 0;
    long rc;

    while ( i < MAPS_MAX && map[i].at )
        i++;
    if ( i == MAPS_MAX )
        return -ENOSPC;
    rc = judged(p, HV_CALL_MAP, domid, frame);
    if ( rc )
        return rc;
    map[i].at = at;
    map[i].frame = frame;
    map[i].domid = domid;

    return 0;
}

static void unmap_all_in(struct preload_host *p, const char *start,
                         size_t pages)
{
    unsigned int i;

    for ( i = 0; i < MAPS_MAX; i++ )
        if ( map[i].at && map[i].at >= start &&
             map[i].at < start + pages * PAGE_BYTES )
        {
            judged(p, HV_CALL_UNMAP, map[i].domid, map[i].frame);
            map[i].at = NULL;
        }
}

/* Like the real one: without err, all frames or none. */
void *xenforeignmemory_map(xenforeignmemory_handle *fmem, uint32_t dom,
                           int prot, size_t pages, const xen_pfn_t *arr,
                           int *err)
{
    char *at = xencall_alloc_buffer_pages(NULL, pages);
    struct preload_host *p;
    long rc = 0, first = 0;
    size_t i;

    (void)fmem;
    (void)prot;
    if ( !at )
        return NULL;

    p = preload_enter();
    for ( i = 0; i < pages; i++ )
    {
        rc = map_one(p, (uint16_t)dom, arr[i], at + i * PAGE_BYTES);
        if ( err )
            err[i] = (int)rc;
        if ( rc && !first )
            first = rc;
    }
    if ( first && !err )
        unmap_all_in(p, at, pages);
    preload_leave();
    if ( !first || err )
        return at;

    munmap(at, pages * PAGE_BYTES);
    errno = (int)-first;
    return NULL;
}

int xenforeignmemory_unmap(xenforeignmemory_handle *fmem, void *at,
                           size_t pages)
{
    (void)fmem;
    unmap_all_in(preload_enter(), at, pages);
    preload_leave();

    return munmap(at, pages * PAGE_BYTES);
}

/* Device models: libxenctrl opens the library, and uses it for HVM only. */
xendevicemodel_handle *xendevicemodel_open(struct xentoollog_logger *logger,
                                           unsigned flags)
{
    (void)logger;
    (void)flags;
    return (xendevicemodel_handle *)&handle;
}

int xendevicemodel_close(xendevicemodel_handle *dmod)
{
    (void)dmod;
    return 0;
}
