/* SPDX-License-Identifier: MIT */
/*
 * The guest windows, at their fixed addresses in this process: it is the
 * guest.
 */
#define _GNU_SOURCE
#include "internal.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE_BYTES 4096

/* The kernel does not move pages of this device. */
#define BUFFER_DEVICE "/dev/xen/hypercall"

/* Nothing is mapped in [addr, addr + len). */
static bool is_hole(uint64_t addr, size_t len)
{
    void *want = (void *)(uintptr_t)addr;
    void *got = mmap(want, len, PROT_NONE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

    if ( got != MAP_FAILED )
        munmap(got, len);

    return got == want;
}

static bool map_window(int device, uint64_t start, uint64_t end)
{
    void *want = (void *)(uintptr_t)start;
    void *got = mmap(want, end - start, PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_FIXED_NOREPLACE, device, 0);

    return got == want && is_hole(end, PAGE_BYTES);
}

void live_unmap_windows(void)
{
    munmap((void *)(uintptr_t)GUEST_ARG_START,
           GUEST_ARG_END - GUEST_ARG_START);
    munmap((void *)(uintptr_t)GUEST_LIST_START,
           GUEST_LIST_END - GUEST_LIST_START);
}

bool live_map_windows(void)
{
    int device = open(BUFFER_DEVICE, O_RDWR | O_CLOEXEC);
    bool good = device >= 0 &&
                map_window(device, GUEST_ARG_START, GUEST_ARG_END) &&
                map_window(device, GUEST_LIST_START, GUEST_LIST_END) &&
                is_hole(GUEST_UNMAPPED, PAGE_BYTES);

    if ( device >= 0 )
        close(device);
    if ( !good )
        live_unmap_windows();

    return good;
}

static bool within(uint64_t addr, size_t len, uint64_t start, uint64_t end)
{
    return addr >= start && addr <= end && len <= end - addr;
}

void *live_guest(void *hv, uint64_t addr, size_t len)
{
    (void)hv;
    if ( within(addr, len, GUEST_ARG_START, GUEST_ARG_END) ||
         within(addr, len, GUEST_LIST_START, GUEST_LIST_END) )
        return (void *)(uintptr_t)addr;

    return NULL;
}
