/* SPDX-License-Identifier: MIT */
/* Foreign mappings, one frame each, and the numbers of frames. */
#include "internal.h"

#include <errno.h>
#include <sys/mman.h>

static struct live_map *find_map(struct live *l, uint16_t domid,
                                 uint64_t frame)
{
    unsigned int i;

    /* Newest first: a drain mostly unmaps what was mapped last. */
    for ( i = l->nr_maps; i-- > 0; )
        if ( l->map[i].domid == domid && l->map[i].frame == frame )
            return &l->map[i];

    return NULL;
}

/* Asked only to tell errors apart, because it is a hypercall. */
static bool exists(struct live *l, uint16_t domid)
{
    long i, nr = calls_look(&l->calls);

    for ( i = 0; i < nr; i++ )
        if ( l->calls.buf->info[i].domain == domid )
            return true;

    return false;
}

long live_map(void *hv, uint16_t domid, uint64_t frame)
{
    struct live *l = hv;
    xen_pfn_t pfn = frame;
    int err = 0;
    void *at;

    if ( l->nr_maps == LIVE_MAPS_MAX )
        return -ENOSPC;
    calls_outdate(&l->calls);
    at = xenforeignmemory_map(l->foreign, domid, PROT_READ, 1, &pfn, &err);
    if ( at && err )
        xenforeignmemory_unmap(l->foreign, at, 1);
    if ( !at || err )
        return exists(l, domid) ? -EINVAL : -ESRCH;
    l->map[l->nr_maps++] =
        (struct live_map){ .at = at, .frame = frame, .domid = domid };

    return 0;
}

long live_unmap(void *hv, uint16_t domid, uint64_t frame)
{
    struct live *l = hv;
    struct live_map *m = find_map(l, domid, frame);

    calls_outdate(&l->calls);
    if ( !m )
        return exists(l, domid) ? -EINVAL : -ESRCH;
    xenforeignmemory_unmap(l->foreign, m->at, 1);
    *m = l->map[--l->nr_maps];

    return 0;
}

int live_page_id(void *hv, uint64_t frame)
{
    struct live *l = hv;
    int id;

    if ( frame > l->max_frame )
        return -1;
    id = frames_id(&l->frames, frame);

    return id < 0 ? HV_FRAME_UNNUMBERED : id;
}

/* An id that no frame has yet means a frame beyond the last of the host. */
uint64_t live_page_frame(void *hv, int id)
{
    struct live *l = hv;

    if ( id >= 0 && (uint32_t)id < l->frames.nr )
        return l->frames.frame[id];

    return l->max_frame + 1 + (uint32_t)id;
}
