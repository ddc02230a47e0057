/* SPDX-License-Identifier: MIT */
/*
 * libclaimcheck-xen.so: libxenforeignmemory and libxendevicemodel. A mapping
 * is a reference to a frame; the stub's frames have no contents, so what is
 * mapped is zero and the program's own.
 */
#include "real.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* What one call has mapped. */
struct mapping
{
    struct mapping *next;
    char *at;
    size_t pages;
    uint16_t domid;
    struct
    {
        uint64_t frame;
        bool mapped;
    } page[];
};

static struct mapping *mappings;

/* Handles point here; nothing is stored in it. */
static char handle;

xenforeignmemory_handle *
xenforeignmemory_open(struct xentoollog_logger *logger, unsigned flags)
{
    preload_enter();
    preload_leave();

    return preload_real()
               ? preload_real()->xenforeignmemory_open(logger, flags)
               : (xenforeignmemory_handle *)&handle;
}

int xenforeignmemory_close(xenforeignmemory_handle *fmem)
{
    return preload_real() ? preload_real()->xenforeignmemory_close(fmem) : 0;
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

    if ( preload_real() )
    {
        preload_real_mapping(kind, domid);
        return 0;
    }
    engine_judge_before(p->engine, &call);
    result.rc = (mapping ? p->h.ops->map : p->h.ops->unmap)(p->h.hv, domid,
                                                            frame);
    preload_judge(p, &result, mapping ? "map" : "unmap", domid);

    return result.rc;
}

/* For the pages of one call, of which none is mapped yet; NULL: no memory. */
static struct mapping *new_mapping(uint32_t dom, size_t pages)
{
    struct mapping *m = calloc(1, sizeof(*m) + pages * sizeof(m->page[0]));

    if ( m )
    {
        m->pages = pages;
        m->domid = (uint16_t)dom;
    }

    return m;
}

static void keep(struct mapping *m, char *at)
{
    m->at = at;
    m->next = mappings;
    mappings = m;
}

/* Drop what is mapped in [start, start + pages * PAGE_BYTES). */
static void unmap_all_in(struct preload_host *p, const char *start,
                         size_t pages)
{
    const char *end = start + pages * PAGE_BYTES;
    struct mapping **link = &mappings;

    while ( *link )
    {
        struct mapping *m = *link;
        size_t i, left = 0;

        if ( m->at >= end || m->at + m->pages * PAGE_BYTES <= start )
        {
            link = &m->next;
            continue;
        }
        for ( i = 0; i < m->pages; i++ )
        {
            const char *at = m->at + i * PAGE_BYTES;
            bool within = at >= start && at < end;

            if ( m->page[i].mapped && within )
                judged(p, HV_CALL_UNMAP, m->domid, m->page[i].frame);
            m->page[i].mapped &= !within;
            left += m->page[i].mapped;
        }
        if ( left )
        {
            link = &m->next;
            continue;
        }
        *link = m->next;
        free(m);
    }
}

/* Map frames one by one; the first error, or 0. */
static long map_all(struct preload_host *p, struct mapping *m,
                    const xen_pfn_t *arr, int *err)
{
    long rc, first = 0;
    size_t i;

    for ( i = 0; i < m->pages; i++ )
    {
        rc = judged(p, HV_CALL_MAP, m->domid, arr[i]);
        m->page[i].frame = arr[i];
        m->page[i].mapped = !rc;
        if ( err )
            err[i] = (int)rc;
        if ( rc && !first )
            first = rc;
    }

    return first;
}

/* What a real Xen has mapped, to be told of when it is unmapped. */
static void map_real(uint32_t dom, size_t pages, const int *err, void *at)
{
    struct mapping *m = at ? new_mapping(dom, pages) : NULL;
    size_t i;

    if ( !m )
        return;
    for ( i = 0; i < pages; i++ )
    {
        m->page[i].mapped = !err || !err[i];
        if ( m->page[i].mapped )
            preload_real_mapping(HV_CALL_MAP, m->domid);
    }
    keep(m, at);
}

/* Like the real one: without err, all frames or none. */
void *xenforeignmemory_map(xenforeignmemory_handle *fmem, uint32_t dom,
                           int prot, size_t pages, const xen_pfn_t *arr,
                           int *err)
{
    struct preload_host *p;
    struct mapping *m;
    long first;
    char *at;

    if ( preload_real() )
    {
        at = preload_real()->xenforeignmemory_map(fmem, dom, prot, pages, arr,
                                                  err);
        preload_enter();
        map_real(dom, pages, err, at);
        preload_leave();
        return at;
    }
    m = new_mapping(dom, pages);
    at = m ? xencall_alloc_buffer_pages(NULL, pages) : NULL;
    if ( !at )
    {
        free(m);
        return NULL;
    }

    p = preload_enter();
    first = map_all(p, m, arr, err);
    keep(m, at);
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
    unmap_all_in(preload_enter(), at, pages);
    preload_leave();

    return preload_real()
               ? preload_real()->xenforeignmemory_unmap(fmem, at, pages)
               : munmap(at, pages * PAGE_BYTES);
}

/*
 * Device models: libxenctrl opens the library, and uses it for HVM only. Its other
 * functions are those of the real library. They look for a file in the handle, and
 * where there is none (-1) make the hypercall dm_op, which is this library's again
 * and says that it is not implemented.
 */
static int no_file[64];

xendevicemodel_handle *xendevicemodel_open(struct xentoollog_logger *logger,
                                           unsigned flags)
{
    preload_enter();
    preload_leave();

    memset(no_file, -1, sizeof(no_file));

    /* The real one opens libxencall, which is this library's again. */
    return preload_real() ? preload_real()->xendevicemodel_open(logger, flags)
                          : (xendevicemodel_handle *)no_file;
}

int xendevicemodel_close(xendevicemodel_handle *dmod)
{
    return preload_real() ? preload_real()->xendevicemodel_close(dmod) : 0;
}
