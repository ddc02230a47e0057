/* SPDX-License-Identifier: MIT */
/*
 * Pages out of use: rules 3.16. A page that is free goes at once, one in use when it
 * is freed (state.c).
 *
 * Which pages are free the model does not know of those without a name: it takes
 * what the call told, if that is possible, or, if nothing could be told, what
 * became of the count of free pages.
 */
#include "internal.h"
#include "marks/marks.h"

/* A status word that nothing was told by; and one that stands for a frame that
 * nothing was done with: its bytes are PG_OFFLINE_INVALID each. */
#define UNTOLD UINT32_MAX
#define UNDONE UINT32_C(0x01010101)
/* No word is that: it was not written, and should have been. */
#define UNWRITTEN (UINT32_MAX - 1)
/* Words of an array whose bytes are counted in 32 bits. */
#define WORDS_MAX (UINT32_MAX / 4)

static bool is_page(const struct model *m, uint64_t frame)
{
    int id = m->page_id(m->hv, frame);

    return id == HV_FRAME_UNNUMBERED || model_is_id(m, id);
}

static bool action_known(uint32_t action)
{
    return action == sysctl_page_offline || action == sysctl_page_online ||
           action == sysctl_query_page_offline;
}

/* The first frame that ends the call: none of the host, or a broken one that is
 * not to come back; else the one behind the range. */
static uint64_t end_of(const struct model *m, const struct hv_offline *o)
{
    uint64_t frame = o->start;

    for ( ; action_known(o->action) && frame <= o->end; frame++ )
    {
        int id = m->page_id(m->hv, frame);

        if ( !is_page(m, frame) ||
             (o->action == sysctl_page_online && id >= 0 &&
              m->page[id].offline & MODEL_BROKEN) )
            break;
    }

    return frame;
}

static bool unwritable(const struct hv_call *call)
{
    return call->readonly & HV_READONLY_LIST ||
           (uint64_t)hv_offline_count(&call->offline) * sizeof(uint32_t) >
               call->data_bytes;
}

static enum rule done_rule(uint32_t action)
{
    return action == sysctl_page_offline  ? RULE_OFFLINE_DONE
           : action == sysctl_page_online ? RULE_ONLINE_DONE
                                          : RULE_OFFLINE_TOLD;
}

void offline_predict(const struct model *m, const struct hv_call *call,
                     struct prediction *p)
{
    const struct hv_offline *o = &call->offline;
    uint32_t n = hv_offline_count(o);
    bool range = o->end < o->start, memory = !n || n > WORDS_MAX;
    uint64_t end;

    if ( decides(p, RULE_OFFLINE_RANGE, range) )
    {
        answer(p, -EINVAL);
        return;
    }
    if ( decides(p, RULE_OFFLINE_MEMORY, memory) )
    {
        answer(p, -ENOMEM);
        return;
    }
    if ( range || memory )
        return; /* no condition below means anything */
    if ( decides(p, RULE_OFFLINE_FAULT, unwritable(call)) )
    {
        answer(p, -EFAULT);
        return;
    }
    end = end_of(m, o);
    if ( decides(p, RULE_OFFLINE_ACTION, !action_known(o->action)) ||
         decides(p, RULE_OFFLINE_FRAME,
                 action_known(o->action) && end <= o->end &&
                     !is_page(m, end)) ||
         decides(p, RULE_OFFLINE_BROKEN,
                 action_known(o->action) && end <= o->end) )
        answer(p, -EINVAL);
    else
    {
        answer(p, !decides(p, done_rule(o->action), true));
        if ( o->action == sysctl_page_offline && !m->exact_free )
            answer_also(p, -EPERM);
    }
}

/* ---- what follows ---- */

/* A call under way. */
struct outcome
{
    uint32_t gone;   /* pages that are not free any more                     */
    uint32_t back;   /* pages that are free again                            */
    uint32_t open;   /* pages that may have gone, or come back: not known    */
    const char *why; /* what was told and cannot be, or NULL                 */
};

#define XENPAGE_STATUS(bits)                                                  \
    (PG_OFFLINE_XENPAGE | (bits) |                                            \
     (uint32_t)DOMID_XEN << PG_OFFLINE_OWNER_SHIFT)
/* Xen keeps a domain's structures in memory of the Xen heap. */
#define XENHEAP_STATUS XENPAGE_STATUS(PG_OFFLINE_PENDING)
/* A live Xen's domains may get pages that its image had until it was booted. It
 * takes them for its image still, and ends there. */
#define IMAGE_STATUS XENPAGE_STATUS(PG_OFFLINE_FAILED)

uint32_t offline_put_back(uint32_t state)
{
    return state & MODEL_BROKEN ? PG_ONLINE_FAILED | PG_ONLINE_BROKEN
           : state              ? PG_ONLINE_ONLINED
                                : 0;
}

uint32_t offline_asked_for(uint32_t state)
{
    return (state & MODEL_BROKEN ? PG_OFFLINE_STATUS_BROKEN : 0) |
           (state & MODEL_OFFLINING  ? PG_OFFLINE_STATUS_OFFLINE_PENDING
            : state & MODEL_OFFLINED ? PG_OFFLINE_STATUS_OFFLINED
                                     : 0);
}

static bool any_guest(const struct model *m)
{
    for ( int d = 1; d < HV_DOMS_MAX; d++ )
        if ( m->counters.dom[d].state != HV_DOM_ABSENT )
            return true;

    return false;
}

static void expect(struct outcome *o, uint32_t told, uint32_t is)
{
    if ( told != UNTOLD && told != is )
        o->why = "a page's status is told to be another one";
}

/* A page in use that has no name: it is the model's from now on if its owner is
 * told and alive, else it is one that may be out of use later. */
static void mark_unnamed(struct model *m, int id, uint32_t told,
                         struct outcome *o)
{
    int slot = (int)(told >> PG_OFFLINE_OWNER_SHIFT);

    if ( told == OFFLINE_ANONYMOUS || told == XENHEAP_STATUS )
    {
        if ( m->exact_free && (!m->domain_pages || !any_guest(m)) )
            o->why = "a page is told to be the hypervisor's, which has none";
        model_hide_page(m, id);
    }
    else if ( slot >= HV_DOMS_MAX || told != offline_owned(slot) ||
              model_slot(m, (uint16_t)slot) == MODEL_NOBODY ||
              !(model_unnamed(m, slot) || m->dom[slot].uncounted ||
                m->counters.dom[slot].extra) )
        o->why = "a page's owner is told to be one that cannot have it";
    else if ( model_dying(m, slot) || !model_unnamed(m, slot) )
        model_hide_page(m, id);
    else
    {
        m->page[id].owner = (int8_t)slot;
        m->page[id].allocated = true;
        model_set_named(m, id, true);
        model_one_named(m, slot);
        model_set_owned(m, id, true);
    }
}

/* A page that no domain is known to own, and that was in use until now. */
static void offline_nobodys(struct model *m, int id, uint32_t told,
                            struct outcome *o)
{
    struct model_page *page = &m->page[id];

    if ( told == UNTOLD )
    {
        o->open++;
        model_hide_page(m, id);
    }
    else if ( told == PG_OFFLINE_OFFLINED )
    {
        o->gone++;
        page->offline |= MODEL_OFFLINED;
        model_set_named(m, id, true);
    }
    else
    {
        page->offline |= MODEL_OFFLINING;
        mark_unnamed(m, id, told, o);
    }
}

/* told: without PG_OFFLINE_BROKEN. */
static void offline_page(struct model *m, int id, uint32_t told,
                         struct outcome *o)
{
    struct model_page *page = &m->page[id];
    uint32_t state = page->offline & MODEL_STATES;

    if ( page->owner == MODEL_NOBODY && !state )
        offline_nobodys(m, id, told, o);
    else if ( state == MODEL_OFFLINED )
        expect(o, told, PG_OFFLINE_OFFLINED);
    else if ( page->owner != MODEL_NOBODY )
    {
        expect(o, told,
               page->owner == MODEL_XEN ? OFFLINE_ANONYMOUS
                                        : offline_owned(page->owner));
        page->offline |= MODEL_OFFLINING;
    }
    /* else it was marked before, and may be out of use by now: any will do */
}

static void try_offline(struct model *m, int id, bool broken, uint32_t told,
                        struct outcome *o)
{
    struct model_page *page = &m->page[id];

    /* Its owner is crashed; a page out of use has none. */
    if ( page->offline & MODEL_BROKEN &&
         (page->owner >= 0 ||
          (told == PG_OFFLINE_AGAIN &&
           (page->offline & MODEL_STATES) != MODEL_OFFLINED)) )
    {
        expect(o, told, PG_OFFLINE_AGAIN);
        return;
    }
    if ( broken )
    {
        page->offline |= MODEL_BROKEN;
        if ( told != UNTOLD && !(told & PG_OFFLINE_BROKEN) )
            o->why = "a broken page's status does not tell so";
        told &= ~(uint32_t)PG_OFFLINE_BROKEN;
    }
    offline_page(m, id, told, o);
}

static void online_page(struct model *m, int id, uint32_t told,
                        struct outcome *o)
{
    struct model_page *page = &m->page[id];

    expect(o, told, offline_put_back(page->offline));
    if ( page->offline & MODEL_BROKEN )
        return;
    if ( page->offline == MODEL_OFFLINED )
    {
        o->back++;
        model_set_named(m, id, false);
    }
    else if ( page->offline == MODEL_STATES )
    {
        o->open++;
        m->hidden--;
    }
    page->offline = 0;
}

static void tell_page(const struct model *m, int id, uint32_t told,
                      struct outcome *o)
{
    uint32_t state = m->page[id].offline;

    /* Either may be. */
    if ( (state & MODEL_STATES) == MODEL_STATES )
        state &= ~(told & PG_OFFLINE_STATUS_OFFLINED ? MODEL_OFFLINING
                                                     : MODEL_OFFLINED);
    expect(o, told, offline_asked_for(state));
}

static void do_page(struct model *m, const struct hv_call *call, int id,
                    uint32_t told, struct outcome *o)
{
    if ( id < 0 )
        return; /* a live host's, without a number */
    if ( call->kind == HV_CALL_BREAK )
        try_offline(m, id, true, told, o);
    else if ( call->offline.action == sysctl_page_offline )
        try_offline(m, id, false, told, o);
    else if ( call->offline.action == sysctl_page_online )
        online_page(m, id, told, o);
    else
        tell_page(m, id, told, o);
}

/* Pages went and came back; if it is not known how many, as is seen. */
static void count(struct model *m, const struct outcome *o,
                  const struct hv_view *seen)
{
    int64_t more;

    m->counters.free += o->back;
    m->counters.free -= o->gone;
    more = (int64_t)(seen->free - m->counters.free);
    /* An impossible count is none. */
    if ( !o->open || seen->free > m->host_pages || more > (int64_t)o->open ||
         more < -(int64_t)o->open )
        return;
    MARK(model_offlined_unseen);
    m->counters.free = seen->free;
}

/* Only where words could not be written is there nothing told. */
static uint32_t told_of(const struct hv_result *result, uint64_t i)
{
    if ( i < result->nr_status && result->status[i] == UNTOLD &&
         result->rc != -EFAULT )
        return UNWRITTEN;

    return i < result->nr_status ? result->status[i] : UNTOLD;
}

/* The frame of a range that ended it as a page of Xen's image. */
static uint64_t image_frame(const struct hv_offline *r,
                            const struct hv_result *result, uint64_t end,
                            struct outcome *o)
{
    for ( uint64_t frame = r->start; frame < end; frame++ )
        if ( told_of(result, frame - r->start) == IMAGE_STATUS )
            return frame;
    o->why = "it ended at no page that is told to be Xen's";

    return r->start;
}

/* Of a call that was refused. */
static const char *nothing_told(const struct hv_result *result)
{
    for ( uint32_t i = 0; i < result->nr_status; i++ )
        if ( result->status[i] != UNTOLD )
            return "a status word was written by a call that was refused";

    return NULL;
}

const char *offline_commit(struct model *m, const struct hv_call *call,
                           const struct prediction *p,
                           const struct hv_result *result,
                           const struct hv_view *seen)
{
    const struct hv_offline *r = &call->offline;
    struct outcome o = { .why = NULL };
    uint64_t end;
    bool image;

    if ( call->kind == HV_CALL_BREAK )
    {
        do_page(m, call, m->page_id(m->hv, call->frame), result->status[0],
                &o);
        count(m, &o, seen);
        return o.why;
    }
    if ( p->rule < RULE_OFFLINE_FAULT )
        return nothing_told(result);
    end = end_of(m, r);
    image = result->rc == -EPERM;
    if ( image )
        end = image_frame(r, result, end, &o);
    for ( uint64_t frame = r->start; !o.why && frame < end; frame++ )
        do_page(m, call, m->page_id(m->hv, frame),
                told_of(result, frame - r->start), &o);
    /* It is told of, and so is a broken page that stays out of use; other frames
     * are not. */
    if ( image )
        end++;
    else if ( !o.why && end <= r->end && action_known(r->action) &&
              is_page(m, end) )
    {
        do_page(m, call, m->page_id(m->hv, end),
                told_of(result, end - r->start), &o);
        end++;
    }
    for ( ; !o.why && end - r->start < result->nr_status; end++ )
        expect(&o, told_of(result, end - r->start), UNDONE);
    count(m, &o, seen);

    return o.why;
}
