/* SPDX-License-Identifier: MIT */
/*
 * Pages that are taken out of use: HOLDER, whose page; BROKEN, how; and of a
 * raw call ACTION, what is to be done, and FRAME, from where to where.
 */
#include "internal.h"

/* ---- HOLDER ---- */

static const char *const holders[HOLDER_DOM] = {
    [HOLDER_FREE] = "free",
    [HOLDER_XEN] = "xen",
    [HOLDER_OFFLINE] = "offline",
    [HOLDER_HOST] = "host",
};

static void decode_holder(struct value *v, uint8_t sel, uint64_t n)
{
    (void)sel;
    *v = (struct value){ .v = (int64_t)(n % HOLDER_COUNT) };
}

static bool parse_holder(struct value *v, const struct kind *k, const char *s,
                         size_t len)
{
    struct value slot;

    for ( unsigned int i = 0; i < NR_OF(holders); i++ )
        if ( text_is(holders[i], s, len) )
        {
            v->v = i;
            return true;
        }
    if ( !kind_DOM.parse(&slot, k, s, len) )
        return false;
    v->v = HOLDER_DOM + slot.v;

    return true;
}

static int print_holder(char *out, const struct kind *k, const struct value *v)
{
    const struct value slot = { .v = v->v - HOLDER_DOM };

    return v->v < HOLDER_DOM ? text_out(out, holders[v->v])
                             : kind_DOM.print(out, k, &slot);
}

static const char *holder_word(unsigned int i)
{
    return i < NR_OF(holders) ? holders[i] : NULL;
}

/* Domains more often than the rest, the first ones most often. */
NARROW(narrow_holders) = {
    V4(HOLDER_FREE, HOLDER_DOM + 1, HOLDER_DOM + 2, HOLDER_OFFLINE),
    V4(HOLDER_FREE, HOLDER_XEN, HOLDER_HOST, HOLDER_DOM),
    V4(HOLDER_DOM + 3, HOLDER_DOM + 4, HOLDER_DOM + 5, HOLDER_DOM + 6),
    V4(HOLDER_DOM + 7, HOLDER_OFFLINE, HOLDER_FREE, HOLDER_OFFLINE),
};

const struct kind kind_HOLDER = {
    .name = NAME_WIDTHS(HOLDER),
    .form = "d0 .. d7, free, xen, offline or host: whose page",
    .positional = true,
    .max = HOLDER_COUNT - 1,
    .narrow = narrow_holders,
    .decode = decode_holder,
    .parse = parse_holder,
    .print = print_holder,
    .word = holder_word,
};

/* ---- BROKEN ---- */

const struct kind kind_BROKEN = {
    .name = NAME_WIDTHS(BROKEN),
    .form = "0, or 1: a machine check found it broken",
    .max = 1,
};

/* ---- ACTION ---- */

static const char *const actions[] = {
    [sysctl_page_offline] = "offline",
    [sysctl_page_online] = "online",
    [sysctl_query_page_offline] = "query",
};

static bool parse_action(struct value *v, const struct kind *k, const char *s,
                         size_t len)
{
    for ( unsigned int i = 0; i < NR_OF(actions); i++ )
        if ( text_is(actions[i], s, len) )
        {
            v->v = i;
            return true;
        }

    return number_value(v, k, s, len);
}

static int print_action(char *out, const struct kind *k, const struct value *v)
{
    (void)k;
    return v->v && v->v < (int64_t)NR_OF(actions)
               ? text_out(out, actions[v->v])
               : number_print(out, (uint64_t)v->v);
}

static const char *action_word(unsigned int i)
{
    return i >= NR_OF(actions) ? NULL : actions[i] ? actions[i] : "";
}

NARROW(narrow_actions) = {
    V4(0, sysctl_page_offline, sysctl_page_online, sysctl_query_page_offline),
    V4(4, sysctl_page_offline, sysctl_page_online, sysctl_query_page_offline),
    V4(UINT32_MAX, sysctl_page_offline, sysctl_page_online,
       sysctl_query_page_offline),
    V4(0x101, sysctl_page_offline, sysctl_page_online,
       sysctl_query_page_offline),
};

const struct kind kind_ACTION = {
    .name = NAME_WIDTHS(ACTION),
    .form = "of page_offline: offline, online, query or 0 .. 0xffffffff",
    .terse = true,
    .max = UINT32_MAX,
    .narrow = narrow_actions,
    .parse = parse_action,
    .print = print_action,
    .word = action_word,
};

/* ---- FRAME ---- */

/* Around the last frame that 32 bits name, and around the number of words that
 * an array of 2^32 bytes has. */
static const struct value frame_edges[] = {
    V(0),          V(HV_FRAME_BASE - 1), V(HV_FRAME_BASE),  V(0x3ffffffe),
    V(0x3fffffff), V(0x40000000),        V(UINT32_MAX - 1), V(UINT32_MAX),
};

const struct kind kind_FRAME = {
    .name = NAME_WIDTHS(FRAME),
    .form = "of page_offline: a frame, 0 .. 0xffffffff",
    .terse = true,
    .max = UINT32_MAX,
    .edges = frame_edges,
    .nr_edges = NR_OF(frame_edges),
};
