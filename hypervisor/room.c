/* SPDX-License-Identifier: MIT */
/* See room.h. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "room.h"

#include <assert.h>
#include <sys/mman.h>

void *room_new(size_t bytes)
{
    void *room = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return room == MAP_FAILED ? NULL : room;
}

void room_free(void *room, size_t bytes)
{
    int rc = room ? munmap(room, bytes) : 0;

    assert(!rc);
    (void)rc;
}
