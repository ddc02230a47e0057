/* SPDX-License-Identifier: MIT */
/*
 * Pages out of use: what calls told of them stays true, and none is handed out
 * (OFFLINE, OFFLINE-STATUS); how many they are, for CONSERVE. Judged from what
 * was told alone.
 *
 * Not here: what a call should have told (model/offline.c).
 */
#include "impl.h"

#include <errno.h>
#include <string.h>

/* Words that nothing was told by, and that stand for a frame that nothing was
 * done with. */
#define UNTOLD UINT32_MAX
#define UNDONE UINT32_C(0x01010101)

/* What was told of a page; both of the first two: something that could not be
 * told happened to it. */
#define TOLD_OUT (1U << 0)  /* out of use                                    */
#define TOLD_OPEN (1U << 1) /* in use, to go out of use when it is freed     */
#define TOLD_STATES (TOLD_OUT | TOLD_OPEN)
#define TOLD_BROKEN (1U << 2)

void offline_start(struct engine *e)
{
    e->offline_used = false;
    e->offline_out = e->offline_open = 0;
}

static void tell(struct engine *e, int id, uint32_t states)
{
    uint8_t *told = &e->offline_told[id];

    e->offline_out -= (*told & TOLD_STATES) == TOLD_OUT;
    e->offline_open -= (*told & TOLD_OPEN) != 0;
    *told = (uint8_t)((*told & ~TOLD_STATES) | states);
    e->offline_out += (*told & TOLD_STATES) == TOLD_OUT;
    e->offline_open += (*told & TOLD_OPEN) != 0;
}

/* What is known of it for sure; 0: nothing. */
static uint32_t known(const struct engine *e, int id)
{
    uint32_t states = e->offline_told[id] & TOLD_STATES;

    return states == TOLD_STATES ? 0 : states;
}

/* A call told that a page is in that state (0: in use, and to stay so), although
 * it was told to be in another one, from which it does not come. */
static void contradicts(struct engine *e, int id, uint32_t state)
{
    static const char *const words[] = { "in use", "out of use",
                                         "to go out of use" };
    uint32_t was = known(e, id);

    if ( was != state && !(was == TOLD_OPEN && state == TOLD_OUT) )
        invariant_broken(e, INV_OFFLINE_STATUS,
                         "page %d was told to be %s, and is told to be %s", id,
                         words[was], words[state]);
}

/* A live Xen's image had the page until it was booted: nothing happened to it. */
static bool is_image(uint32_t status)
{
    return status != UNTOLD && status & PG_OFFLINE_XENPAGE &&
           status & PG_OFFLINE_FAILED;
}

static void told_offline(struct engine *e, int id, uint32_t status)
{
    if ( is_image(status) )
        return;
    if ( status == UNTOLD )
        tell(e, id, known(e, id) ? known(e, id) : TOLD_STATES);
    else if ( status & PG_OFFLINE_OFFLINED )
        tell(e, id, TOLD_OUT);
    else if ( !(status & PG_OFFLINE_AGAIN) )
    {
        if ( known(e, id) == TOLD_OUT )
            contradicts(e, id, TOLD_OPEN);
        tell(e, id, TOLD_OPEN);
    }
    if ( status != UNTOLD && status & PG_OFFLINE_BROKEN )
        e->offline_told[id] |= TOLD_BROKEN;
}

static void told_online(struct engine *e, int id, uint32_t status)
{
    if ( status == UNTOLD )
        tell(e, id, e->offline_told[id] & TOLD_STATES ? TOLD_STATES : 0);
    else if ( status & PG_ONLINE_ONLINED )
    {
        if ( e->offline_told[id] & TOLD_BROKEN )
            invariant_broken(e, INV_OFFLINE_STATUS,
                             "page %d is broken, and comes back into use", id);
        tell(e, id, 0);
    }
    else if ( !status )
    {
        contradicts(e, id, 0);
        tell(e, id, 0);
    }
}

static void told_query(struct engine *e, int id, uint32_t status)
{
    uint32_t state = status & PG_OFFLINE_STATUS_OFFLINED          ? TOLD_OUT
                     : status & PG_OFFLINE_STATUS_OFFLINE_PENDING ? TOLD_OPEN
                                                                  : 0;

    if ( status == UNTOLD )
        return;
    if ( (e->offline_told[id] & TOLD_STATES) != TOLD_STATES )
        contradicts(e, id, state);
    if ( !(status & PG_OFFLINE_STATUS_BROKEN) !=
         !(e->offline_told[id] & TOLD_BROKEN) )
        invariant_broken(e, INV_OFFLINE_STATUS,
                         "page %d is told %sto be broken, it was told "
                         "otherwise",
                         id, status & PG_OFFLINE_STATUS_BROKEN ? "" : "not ");
    tell(e, id, state);
}

static void take_status(struct engine *e)
{
    const struct hv_offline *o = &e->call.offline;

    for ( uint32_t i = 0; i < e->result.nr_status; i++ )
    {
        int id = e->h.ops->page_id(e->h.hv, (uint64_t)o->start + i);
        uint32_t status = e->result.status[i];

        if ( id < 0 || status == UNDONE )
            return;
        switch ( o->action )
        {
        case sysctl_page_offline: told_offline(e, id, status); break;
        case sysctl_page_online: told_online(e, id, status); break;
        case sysctl_query_page_offline: told_query(e, id, status); break;
        default: return;
        }
    }
}

/* Words that have no place to be written to tell of pages, too. */
static void take_untold(struct engine *e)
{
    const struct hv_offline *o = &e->call.offline;

    for ( uint64_t frame = (uint64_t)o->start + e->result.nr_status;
          frame <= o->end; frame++ )
    {
        int id = e->h.ops->page_id(e->h.hv, frame);

        if ( id < 0 )
            return;
        if ( o->action == sysctl_page_offline )
            told_offline(e, id, UNTOLD);
        else if ( o->action == sysctl_page_online )
            told_online(e, id, UNTOLD);
    }
}

static void handed_out(struct engine *e, uint64_t frame, uint32_t order)
{
    for ( uint64_t i = 0; i < UINT64_C(1) << order; i++ )
    {
        int id = e->h.ops->page_id(e->h.hv, frame + i);

        if ( id >= 0 && known(e, id) )
            invariant_broken(
                e, INV_OFFLINE, "page %d is handed out, and was told to be %s",
                id,
                known(e, id) == TOLD_OUT ? "out of use" : "to go out of use");
    }
}

void check_handed_out(struct engine *e)
{
    const struct hv_call *c = &e->call;

    if ( (c->kind == HV_CALL_ANON_ALLOC || c->kind == HV_CALL_EXTRA_ALLOC) &&
         !e->result.rc )
        handed_out(e, e->result.frame,
                   c->kind == HV_CALL_ANON_ALLOC ? c->order : 0);
    if ( !e->result.list ||
         (e->call_op != OP_populate && e->call_op != OP_increase) ||
         c->resv.extent_order >= HV_ORDERS ||
         c->resv.mem_flags & XENMEMF_populate_on_demand ) /* names nothing */
        return;
    for ( uint64_t i = c->cmd >> MEMOP_EXTENT_SHIFT;
          e->result.rc > 0 && i < (uint64_t)e->result.rc &&
          i < c->list_entries;
          i++ )
        handed_out(e, e->result.list[i], c->resv.extent_order);
}

/* Did the sysctl get as far as the pages? */
static bool did_pages(const struct engine *e)
{
    return (!e->result.rc || e->result.rc == -EINVAL ||
            e->result.rc == -EFAULT) &&
           e->call.offline.end >= e->call.offline.start;
}

void check_offline(struct engine *e)
{
    int id;

    if ( !e->offline_used )
        memset(e->offline_told, 0, e->model.page_ids);
    e->offline_used = true;
    if ( e->call.kind == HV_CALL_OFFLINE && did_pages(e) )
    {
        take_status(e);
        if ( e->result.rc == -EFAULT )
            take_untold(e);
    }
    id = e->call.kind == HV_CALL_BREAK
             ? e->h.ops->page_id(e->h.hv, e->call.frame)
             : -1;
    if ( id >= 0 && !e->result.rc )
        told_offline(e, id, e->result.status[0]);
}

void offline_audit(struct engine *e)
{
    const struct weakness_info *w = &weakness_table[WEAK_OFFLINE_MISALIGNED];

    if ( !(w->releases & RELEASE_BIT(e->spec.release)) )
        return;
    if ( e->pages_moved )
        run_audit(e);
    else if ( e->wrote && (e->h.ops->caps & HV_CAP_AUDIT) )
        contents_audit(e);
}

/* Does the call take a page out of use that was told to be broken, and out of
 * use, before? */
bool offline_broken_again(const struct engine *e)
{
    const struct hv_offline *o = &e->call.offline;
    bool machine_check = e->call.kind == HV_CALL_BREAK;
    uint64_t frame = machine_check ? e->call.frame : o->start;
    uint64_t end = machine_check ? frame : o->end;
    int id;

    for ( ; e->offline_used && frame <= end &&
            (id = e->h.ops->page_id(e->h.hv, frame)) >= 0;
          frame++ )
        if ( e->offline_told[id] & TOLD_BROKEN &&
             e->offline_told[id] & TOLD_STATES )
            return true; /* TOLD_OPEN: perhaps out by now */

    return false;
}

bool offline_may_return(const struct engine *e, uint32_t id)
{
    return e->offline_told[id] & TOLD_STATES &&
           !(e->offline_told[id] & TOLD_BROKEN);
}
