/* SPDX-License-Identifier: MIT */
/* See stand_in.h. */
#include "stand_in.h"

#include <errno.h>
#include <stdlib.h>

#include <xencall.h>

int stand_in_result(long rc)
{
    if ( rc >= 0 )
        return (int)rc;
    errno = (int)-rc;

    return -1;
}

xencall_handle *xencall_open(struct xentoollog_logger *logger, unsigned flags)
{
    static char handle;

    (void)logger;
    (void)flags;
    return (xencall_handle *)&handle;
}

int xencall_close(xencall_handle *handle)
{
    (void)handle;
    return 0;
}

void *xencall_alloc_buffer(xencall_handle *handle, size_t size)
{
    (void)handle;
    return malloc(size);
}

void xencall_free_buffer(xencall_handle *handle, void *p)
{
    (void)handle;
    free(p);
}
