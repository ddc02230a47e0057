/* SPDX-License-Identifier: MIT */
/*
 * The caller's memory: two windows with nothing mapped around them, copies
 * that fault at the first unmapped byte, and the watch on argument bytes
 * fetched more than once in one invocation (a caller can change them in
 * between, and one of them does if it was asked for).
 *
 * In flat mode addresses are this process's own, and the kernel says which of
 * them fault; fetches are not watched.
 *
 * Not here: address checks that need no access (guest_handle_okay).
 */
#define _GNU_SOURCE /* process_vm_readv */
#include "world.h"

#include <assert.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* A copy within one page succeeds or fails as a whole. */
#define FLAT_PAGE 4096
/* Nothing is copied at once that is larger than a page. */
#define FLAT_PARTS 2

void guest_init(struct guest *g, bool flat)
{
    g->flat = flat;
    g->arg = (struct window){ GUEST_ARG_START, GUEST_ARG_END, GUEST_ARG_END,
                              g->arg_bytes };
    g->list = (struct window){ GUEST_LIST_START, GUEST_LIST_END,
                               GUEST_LIST_END, g->list_bytes };
}

static void window_clear(struct window *w)
{
    memset(w->bytes + (w->low - w->start), 0, w->end - w->low);
    w->low = w->end;
}

void guest_reset(struct guest *g)
{
    window_clear(&g->arg);
    window_clear(&g->list);
    guest_begin(g);
    g->twice = 0;
    g->flip = 0;
    g->readonly = 0;
}

void guest_begin(struct guest *g)
{
    if ( g->first <= g->last )
        memset(&g->fetched[g->first], 0,
               (g->last - g->first + 1) * sizeof(g->fetched[0]));
    g->first = WATCHED_SIZE / 64;
    g->last = 0;
}

/* Copy between this process's memory at addr and ours, as far as it is mapped;
 * bytes that could not be copied. */
static size_t flat_copy(bool from_guest, void *ours, uint64_t addr, size_t len)
{
    size_t here = FLAT_PAGE - addr % FLAT_PAGE;
    struct iovec local = { ours, len }, remote[FLAT_PARTS];
    ssize_t done;

    assert(len <= FLAT_PAGE);
    here = here < len ? here : len;
    remote[0] = (struct iovec){ (void *)(uintptr_t)addr, here };
    remote[1] = (struct iovec){ (void *)(uintptr_t)(addr + here), len - here };
    done = from_guest
               ? process_vm_readv(getpid(), &local, 1, remote, FLAT_PARTS, 0)
               : process_vm_writev(getpid(), &local, 1, remote, FLAT_PARTS, 0);

    return done < 0 ? len : len - (size_t)done;
}

static bool is_argument(uint64_t addr)
{
    return addr - GUEST_ARG_START < ARG_WINDOW_SIZE;
}

/* Memory at addr, and how many bytes from there on are mapped, or NULL. */
static unsigned char *mapped(struct guest *g, uint64_t addr, size_t *len)
{
    struct window *w;

    assert(!g->flat);
    if ( is_argument(addr) )
        w = &g->arg;
    else if ( addr - GUEST_LIST_START < LIST_WINDOW_SIZE )
        w = &g->list;
    else
        return NULL;

    if ( *len > w->end - addr )
        *len = w->end - addr;
    /* What was never handed out nor written is still zero. */
    if ( addr < w->low )
        w->low = addr;

    return w->bytes + (addr - w->start);
}

void *guest_pointer(struct guest *g, uint64_t addr, size_t len)
{
    size_t here = len;
    void *p = mapped(g, addr, &here);

    return here == len ? p : NULL;
}

/* The place of a byte's address in the bitmap; false: it is not watched. */
static bool watched(uint64_t addr, uint32_t *offset)
{
    if ( is_argument(addr) )
        *offset = (uint32_t)(addr - GUEST_ARG_START);
    else if ( addr - GUEST_LIST_START < LIST_WINDOW_SIZE )
        *offset = ARG_WINDOW_SIZE + (uint32_t)(addr - GUEST_LIST_START);
    else
        return false;

    return true;
}

/* ... and back: 1 + the distance of a word's first byte that was fetched again
 * from the start of the argument window. */
static uint32_t first_of(const struct guest *g, uint32_t word, uint64_t again)
{
    uint32_t offset = word * 64 + (uint32_t)__builtin_ctzll(again);

    if ( offset >= ARG_WINDOW_SIZE )
        offset += (uint32_t)(g->list.start - g->arg.start) - ARG_WINDOW_SIZE;

    return 1 + offset;
}

/* Note that len bytes from this place on were fetched. */
static void watch(struct guest *g, uint32_t offset, size_t len)
{
    while ( len )
    {
        uint32_t word = offset / 64, bit = offset % 64;
        size_t n = len < 64 - bit ? len : 64 - bit;
        uint64_t mask = (n == 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1) << bit;
        uint64_t again = g->fetched[word] & mask;

        if ( __builtin_expect(again && !g->twice, 0) )
            g->twice = first_of(g, word, again);
        g->fetched[word] |= mask;
        if ( word < g->first )
            g->first = word;
        if ( word > g->last )
            g->last = word;
        offset += n;
        len -= n;
    }
}

size_t copy_from_guest(struct guest *g, void *to, uint64_t addr, size_t len)
{
    const unsigned char *p;
    size_t here = len;

    if ( g->flat )
        return flat_copy(true, to, addr, len);
    p = mapped(g, addr, &here);
    if ( !p )
        return len;

    memcpy(to, p, here);
    return len - here;
}

/* Somebody else writes to the byte, now that it was read. */
static void flip(struct guest *g, uint64_t addr, size_t len)
{
    size_t one = 1;
    unsigned char *p;

    if ( g->flip - addr >= len )
        return;
    p = mapped(g, g->flip, &one);
    assert(p);
    *p ^= UINT8_MAX;
    g->flip = 0;
}

bool read_argument(struct guest *g, void *to, uint64_t addr, size_t len)
{
    size_t left = copy_from_guest(g, to, addr, len);
    uint32_t offset;

    if ( !g->flat && left < len && watched(addr, &offset) )
        watch(g, offset, len - left);
    if ( __builtin_expect(g->flip != 0, 0) )
        flip(g, addr, len - left);
    if ( left )
        memset((unsigned char *)to + (len - left), 0, left);

    return left == 0;
}

static bool is_readonly(const struct guest *g, uint64_t addr)
{
    if ( is_argument(addr) )
        return g->readonly & HV_READONLY_ARG;

    return g->readonly & HV_READONLY_LIST;
}

size_t copy_to_guest(struct guest *g, uint64_t addr, const void *from,
                     size_t len)
{
    unsigned char *p;
    size_t here = len;

    if ( g->flat )
        return flat_copy(false, (void *)(uintptr_t)from, addr, len);
    p = mapped(g, addr, &here);
    if ( !p || is_readonly(g, addr) )
        return len;

    memcpy(p, from, here);
    return len - here;
}
