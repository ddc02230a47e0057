/* SPDX-License-Identifier: MIT */
/*
 * The machine that Xen's code runs on: memory at fixed addresses, the state as
 * ranges of it that are saved and restored, and what Xen's code tells and asks.
 *
 * After boot every page is as the scrubber leaves it, so the contents that a
 * reset brings back are one byte, for the pages that were written to.
 */
#include "world.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct xen *the_xen;
uint32_t machine_events;

/* Bytes of a struct page_info, and room for more. */
#define PAGE_INFO_MAX 64

static bool same_shape(const struct host_shape *a, const struct host_shape *b)
{
    return a->nodes == b->nodes && a->node_pages == b->node_pages;
}

/* Pages written to since the last reset, and what a scrubbed page is full of. */
static bool touched[FRAMES];
static uint16_t touched_list[FRAMES];
static uint32_t touched_count;

bool machine_touch(uint64_t frame)
{
    if ( touched[frame] )
        return false;
    touched[frame] = true;
    touched_list[touched_count++] = (uint16_t)frame;

    return true;
}

/* The frames that a node of the host has, and those of its free lists. */
unsigned char machine_node_of[FRAMES];

static void set_nodes(const struct host_shape *shape)
{
    static struct host_shape set;

    if ( same_shape(&set, shape) )
        return;
    for ( unsigned int node = 0; node < shape->nodes; node++ )
    {
        memset(machine_node_of + HV_FRAME_BASE +
                   (size_t)node * shape->node_pages,
               (int)node, shape->node_pages);
        memset(machine_node_of + FRAME_NODE_LISTS(node), (int)node,
               NODE_LISTS_FRAMES);
    }
    set = *shape;
}

/* From then on, every page that was not touched is as if scrubbed. */
static void scrub_up_to(uint64_t end)
{
    static uint64_t scrubbed;

    if ( scrubbed >= end )
        return;
    if ( xen_scrub_byte )
        memset(MACHINE_AT(scrubbed), xen_scrub_byte,
               (end - scrubbed) * MACHINE_PAGE);
    scrubbed = end;
}

void machine_untouch(uint64_t frame)
{
    if ( !touched_count || touched_list[touched_count - 1] != frame )
        return;
    touched[frame] = false;
    touched_count--;
}

static bool map_at(uint64_t addr, size_t size)
{
    void *want = (void *)addr;
    void *got = mmap(want, size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

    if ( got != MAP_FAILED && got != want )
        munmap(got, size);

    return got == want;
}

bool machine_open(const char **why)
{
    static bool mapped;

    if ( mapped )
        return true;
    if ( !map_at(MACHINE_MEMORY, FRAMES * MACHINE_PAGE) ||
         !map_at(MACHINE_TABLE, FRAMES * PAGE_INFO_MAX) ||
         !map_at(MACHINE_XLAT, 2 * MACHINE_PAGE) )
    {
        *why = "the addresses that Xen's memory needs are taken "
               "(xen/machine_addresses.h)";
        return false;
    }
    mapped = true;

    return true;
}

/* ---- the state ---- */

static size_t state_size(void)
{
    size_t size = 0, n;
    void *at;

    for ( unsigned int i = 0; (n = xen_range(i, &at)) != 0; i++ )
        size += n;

    return size;
}

/* A host at some moment; bytes: the ranges, then the pages written to. */
struct saved
{
    struct host_shape shape;
    uint32_t rover;
    struct domain front[HV_DOMS_MAX];
    uint16_t maps[MACHINE_PAGES_MAX];
    uint32_t touched_count;
    uint16_t touched_list[FRAMES];
    size_t size;
    unsigned char bytes[];
};

void *machine_save(const struct xen *x, void *into)
{
    size_t state = state_size(), n;
    size_t size = state + touched_count * MACHINE_PAGE;
    struct saved *to = into;
    unsigned char *byte;
    void *at;

    if ( !to || to->size < size )
    {
        free(to);
        to = malloc(sizeof(*to) + size);
        if ( !to )
            return NULL;
        to->size = size;
    }
    to->shape = x->shape;
    to->rover = x->s.w.rover;
    memcpy(to->front, x->s.w.dom, sizeof(to->front));
    memcpy(to->maps, x->maps, x->s.w.pages * sizeof(to->maps[0]));
    to->touched_count = touched_count;
    memcpy(to->touched_list, touched_list,
           touched_count * sizeof(touched_list[0]));
    byte = to->bytes;
    for ( unsigned int i = 0; (n = xen_range(i, &at)) != 0; i++ )
    {
        memcpy(byte, at, n);
        byte += n;
    }
    for ( uint32_t i = 0; i < touched_count; i++, byte += MACHINE_PAGE )
        memcpy(byte, MACHINE_AT(touched_list[i]), MACHINE_PAGE);

    return to;
}

/* Pages back to what the scrubber leaves. */
static void clean_pages(void)
{
    for ( uint32_t i = 0; i < touched_count; i++ )
    {
        uint16_t frame = touched_list[i];

        touched[frame] = false;
        if ( frame < FRAMES_OF_HOST )
            memset(MACHINE_AT(frame), xen_scrub_byte, MACHINE_PAGE);
    }
    touched_count = 0;
}

void machine_restore(struct xen *x, const void *saved)
{
    const struct saved *from = saved;
    const unsigned char *byte = from->bytes;
    size_t n;
    void *at;

    the_xen = x;
    clean_pages();
    set_nodes(&from->shape);
    /* The first range says how many there are. */
    for ( unsigned int i = 0; (n = xen_range(i, &at)) != 0; i++ )
    {
        memcpy(at, byte, n);
        byte += n;
    }
    for ( uint32_t i = 0; i < from->touched_count; i++, byte += MACHINE_PAGE )
    {
        machine_touch(from->touched_list[i]);
        memcpy(MACHINE_AT(from->touched_list[i]), byte, MACHINE_PAGE);
    }
    x->shape = from->shape;
    x->s.w.rover = from->rover;
    memcpy(x->s.w.dom, from->front, sizeof(x->s.w.dom));
    x->s.w.nodes = from->shape.nodes;
    x->s.w.node_pages = from->shape.node_pages;
    x->s.w.pages = (uint32_t)from->shape.nodes * from->shape.node_pages;
    memcpy(x->maps, from->maps, x->s.w.pages * sizeof(x->maps[0]));
    x->s.w.held = 0;
    memset(x->s.w.lock, 0, sizeof(x->s.w.lock));
    x->capacity_of = xen_heap_changes - 1;
}

/* Xen's variables as they were loaded: booting starts from there. */
static unsigned char *unbooted;
static size_t unbooted_size;

static bool boot(struct xen *x, const struct host_shape *shape)
{
    uint32_t pages = (uint32_t)shape->nodes * shape->node_pages;
    void *at;

    if ( !unbooted )
    {
        unbooted_size = xen_range(0, &at);
        unbooted = malloc(unbooted_size);
        if ( !unbooted )
            return false;
        memcpy(unbooted, at, unbooted_size);
    }
    xen_range(0, &at);
    memcpy(at, unbooted, unbooted_size);
    memset((void *)MACHINE_TABLE, 0, FRAMES * PAGE_INFO_MAX);
    clean_pages();
    scrub_up_to(HV_FRAME_BASE + pages);
    set_nodes(shape);
    xen_boot(shape->nodes, shape->node_pages,
             pages / 2 < DOM0_PAGES ? pages / 2 : DOM0_PAGES);
    clean_pages();
    x->shape = *shape;
    x->s.w.pages = pages;
    x->s.w.rover = 0;
    memset(x->maps, 0, sizeof(x->maps));
    memset(x->s.w.dom, 0, sizeof(x->s.w.dom));
    x->s.w.dom[0] = (struct domain){ .present = 1 };

    return true;
}

static const void *image_of(struct xen *x, const struct host_shape *shape)
{
    struct xen_image *image;

    for ( uint32_t i = 0; i < XEN_IMAGES_MAX; i++ )
        if ( x->image[i].host && same_shape(&x->image[i].shape, shape) )
            return x->image[i].host;

    image = &x->image[x->next_image];
    x->next_image = (x->next_image + 1) % XEN_IMAGES_MAX;
    if ( boot(x, shape) )
        image->host = machine_save(x, image->host);
    if ( !image->host )
        machine_fail("BUG", "out of memory", __FILE__, __LINE__);
    image->shape = *shape;

    return image->host;
}

void machine_reset(struct xen *x, const struct host_shape *shape)
{
    the_xen = x;
    machine_events = 0;
    machine_restore(x, image_of(x, shape));
    x->shape = *shape;
}

/* ---- what Xen's code tells and asks ---- */

void machine_event(int event, int lock, const void *object, const char *fn,
                   int line)
{
    const struct hv_hooks *hooks = &the_xen->s.hooks;

    hooks->event(hooks->ctx, (enum hv_event)event, (enum hv_lock)lock, object,
                 fn, line);
}

bool machine_preempt(const char *fn, int line)
{
    return preempted(&the_xen->s, fn, line);
}

void machine_fail(const char *id, const char *what, const char *file, int line)
{
    stub_fail(&the_xen->s, id, what, file, line);
}

void machine_domain_gone(unsigned int slot)
{
    the_xen->s.w.dom[slot] = (struct domain){ .present = 0 };
}

/* ---- the caller's memory ---- */

/* In the area where a 32-bit caller's arguments are translated? That is Xen's
 * own memory. */
static bool translated(uint64_t addr, size_t n)
{
    return addr - MACHINE_XLAT < 2 * MACHINE_PAGE &&
           n <= 2 * MACHINE_PAGE - (addr - MACHINE_XLAT);
}

size_t machine_copy_from(void *to, uint64_t from, size_t n)
{
    struct guest *g = &the_xen->s.guest;
    size_t left;

    if ( translated(from, n) )
    {
        memcpy(to, (const void *)from, n);
        return 0;
    }
    if ( from - GUEST_ARG_START < ARG_WINDOW_SIZE )
        return read_argument(g, to, from, n) ? 0 : n;
    left = copy_from_guest(g, to, from, n);
    memset((unsigned char *)to + (n - left), 0, left);

    return left;
}

size_t machine_copy_to(uint64_t to, const void *from, size_t n)
{
    if ( translated(to, n) )
    {
        memcpy((void *)to, from, n);
        return 0;
    }

    return copy_to_guest(&the_xen->s.guest, to, from, n);
}
