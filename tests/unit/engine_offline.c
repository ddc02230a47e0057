/* SPDX-License-Identifier: MIT */
/*
 * What calls told of pages out of use is held against what later ones tell and
 * hand out (offline.c): one call after another, of a hypervisor whose every word is
 * made up, and what is wrong with the last of them. By the invariants alone:
 * conformance would end a run at the first of these words.
 *
 * Not here: one lie among true words (engine_oracles.c, engine_lies.c).
 */
#include "engine_case.h"

#include <errno.h>

#define PAGES 16
#define FIRST HV_FRAME_BASE
#define PAGE (FIRST + 5) /* of whom they speak, if of no other */
#define LAST (FIRST + PAGES - 1)

/* No word was written; and none is made for a frame with which nothing was done. */
#define UNTOLD UINT32_MAX
#define UNDONE UINT32_C(0x01010101)

#define OUT PG_OFFLINE_OFFLINED
#define OPEN (PG_OFFLINE_OWNED | PG_OFFLINE_PENDING)
#define BROKEN PG_OFFLINE_BROKEN
#define IS_OUT PG_OFFLINE_STATUS_OFFLINED
#define IS_OPEN PG_OFFLINE_STATUS_OFFLINE_PENDING
#define IS_BROKEN PG_OFFLINE_STATUS_BROKEN
/* A bit that says nothing of a page. */
#define ODD UINT32_C(1)

enum what
{
    END,
    OFFLINE,
    ONLINE,
    QUERY,
    BREAK,
    ANON,  /* a block of that order is handed out */
    EXTRA, /* a page is                           */
    LIST,  /* several are, the first before this call */
    LOSE,  /* so many pages are not free any more */
};

#define UNPLACED (1U << 0)  /* the last word has no place               */
#define BACKWARDS (1U << 1) /* the range ends before it begins          */
#define NO_LIST (1U << 2)   /* of LIST, as are the others: there is none */
#define INCREASE (1U << 3)  /* not a populate                           */
#define DECREASE (1U << 4)
#define ON_DEMAND (1U << 5)
#define FROM_FIRST (1U << 6) /* none was before                          */
#define FROM_THIRD (1U << 7) /* two were                                 */
#define SHORT (1U << 8)      /* one entry can be accessed                    */

struct call
{
    enum what what;
    uint32_t told;  /* a status word, an order, how many pages           */
    uint64_t frame; /* 0: PAGE                                             */
    long rc;
    uint32_t second; /* word, of the page behind; 0: there is none          */
    uint32_t how;
};

/* clang-format off */
#define OFF(...) { .what = OFFLINE, .told = __VA_ARGS__ }
#define ON(...) { .what = ONLINE, .told = __VA_ARGS__ }
#define ASK(...) { .what = QUERY, .told = __VA_ARGS__ }
#define BREAKS(...) { .what = BREAK, .told = __VA_ARGS__ }
#define ANONS(...) { .what = ANON, .told = __VA_ARGS__ }
#define EXTRAS(...) { .what = EXTRA, .told = __VA_ARGS__ }
#define LISTS(...) { .what = LIST, .told = __VA_ARGS__ }
#define LOSES(...) { .what = LOSE, .told = __VA_ARGS__ }

#define WAS(was, is) "page 5 was told to be " was ", and is told to be " is
#define GIVEN(was) "page 5 is handed out, and was told to be " was

#define CALLS_MAX 4

static const struct row
{
    struct call call[CALLS_MAX];
    const char *wrong; /* with the last; NULL: nothing */
} rows[] = {
    /* Out of use, to go out of use, in use. */
    { { OFF(OUT), ASK(IS_OUT) }, NULL },
    { { OFF(OUT), ASK(IS_OPEN) }, WAS("out of use", "to go out of use") },
    { { OFF(OUT), ASK(0) }, WAS("out of use", "in use") },
    { { OFF(OPEN), ASK(IS_OPEN) }, NULL },
    { { OFF(OPEN), ASK(IS_OUT) }, NULL },
    { { OFF(OPEN), ASK(0) }, WAS("to go out of use", "in use") },
    { { ASK(0), ASK(0) }, NULL },
    { { ASK(IS_OUT) }, WAS("in use", "out of use") },
    { { ASK(IS_OPEN) }, WAS("in use", "to go out of use") },
    { { OFF(OPEN), ASK(IS_OUT), ASK(IS_OPEN) },
      WAS("out of use", "to go out of use") },
    { { OFF(OUT), OFF(OUT) }, NULL },
    { { OFF(OPEN), OFF(OUT), ASK(IS_OUT) }, NULL },
    { { OFF(OUT), OFF(OPEN) }, WAS("out of use", "to go out of use") },
    { { OFF(OUT), OFF(PG_OFFLINE_AGAIN), ASK(IS_OUT) }, NULL },
    { { OFF(PG_OFFLINE_AGAIN), ASK(0) }, NULL },
    /* The first page and the last. */
    { { OFF(OUT, .frame = FIRST), ASK(0, .frame = FIRST) },
      "page 0 was told to be out of use, and is told to be in use" },
    { { OFF(OUT, .frame = LAST), ASK(0, .frame = LAST) },
      "page 15 was told to be out of use, and is told to be in use" },
    /* Xen's: of its image nothing is told; its heap is in use, as is the rest. */
    { { OFF(PG_OFFLINE_XENPAGE | PG_OFFLINE_FAILED), ASK(0) }, NULL },
    { { OFF(PG_OFFLINE_XENPAGE | PG_OFFLINE_PENDING), ASK(0) },
      WAS("to go out of use", "in use") },
    { { OFF(PG_OFFLINE_ANONYMOUS | PG_OFFLINE_FAILED), ASK(0) },
      WAS("to go out of use", "in use") },
    /* Without a word it may be either, unless it is known. */
    { { OFF(UNTOLD), ASK(0) }, NULL },
    { { OFF(UNTOLD), ASK(IS_OUT) }, NULL },
    { { OFF(UNTOLD), ASK(IS_OPEN) }, NULL },
    { { OFF(UNTOLD), ASK(0), ASK(IS_OUT) }, WAS("in use", "out of use") },
    { { OFF(OUT), OFF(UNTOLD), ASK(0) }, WAS("out of use", "in use") },
    { { OFF(OPEN), OFF(UNTOLD), ASK(0) }, WAS("to go out of use", "in use") },
    { { OFF(OUT), ASK(UNTOLD), ASK(IS_OUT) }, NULL },
    { { OFF(0, .rc = -EFAULT, .how = UNPLACED), ASK(IS_OUT) }, NULL },
    { { OFF(OUT), ON(0, .rc = -EFAULT, .how = UNPLACED), ASK(0) }, NULL },
    { { OFF(OUT), ASK(0, .rc = -EFAULT, .how = UNPLACED), ASK(0) },
      WAS("out of use", "in use") },
    /* Other errors than those did nothing. */
    { { OFF(OUT, .rc = -EPERM), ASK(0) }, NULL },
    { { OFF(OUT, .rc = -EINVAL), ASK(0) }, WAS("out of use", "in use") },
    { { OFF(0, .rc = -EPERM, .how = UNPLACED), ASK(IS_OUT) },
      WAS("in use", "out of use") },
    { { OFF(0, .how = UNPLACED), ASK(IS_OUT) }, WAS("in use", "out of use") },
    /* Back into use. */
    { { OFF(OUT), ON(PG_ONLINE_ONLINED), ASK(0) }, NULL },
    { { OFF(OUT), ON(PG_ONLINE_ONLINED), ASK(IS_OUT) },
      WAS("in use", "out of use") },
    { { OFF(OPEN), ON(PG_ONLINE_ONLINED), ASK(0) }, NULL },
    { { OFF(OUT), ON(0) }, WAS("out of use", "in use") },
    { { OFF(OPEN), ON(0) }, WAS("to go out of use", "in use") },
    { { ON(0), ASK(0) }, NULL },
    { { OFF(UNTOLD), ON(0), ASK(IS_OUT) }, WAS("in use", "out of use") },
    { { OFF(OUT), ON(PG_ONLINE_FAILED), ASK(IS_OUT) }, NULL },
    { { OFF(OUT), ON(UNTOLD), ASK(0) }, NULL },
    { { ON(UNTOLD), ASK(IS_OUT) }, WAS("in use", "out of use") },
    /* Broken. */
    { { OFF(OUT | BROKEN), ASK(IS_OUT | IS_BROKEN) }, NULL },
    { { OFF(OUT | BROKEN), ASK(IS_OUT) },
      "page 5 is told not to be broken, it was told otherwise" },
    { { OFF(OUT), ASK(IS_OUT | IS_BROKEN) },
      "page 5 is told to be broken, it was told otherwise" },
    { { OFF(OUT), OFF(UNTOLD), ASK(IS_OUT) }, NULL },
    { { OFF(OUT | BROKEN), ON(PG_ONLINE_ONLINED) },
      "page 5 is broken, and comes back into use" },
    { { BREAKS(OPEN | BROKEN), ASK(IS_OPEN | IS_BROKEN) }, NULL },
    { { BREAKS(OPEN | BROKEN), ASK(IS_BROKEN) },
      WAS("to go out of use", "in use") },
    { { BREAKS(OUT | BROKEN, .frame = FIRST), ASK(IS_OUT, .frame = FIRST) },
      "page 0 is told not to be broken, it was told otherwise" },
    { { BREAKS(OUT | BROKEN, .rc = -EINVAL), ASK(0) }, NULL },
    { { BREAKS(OUT | BROKEN, .frame = LAST + 1), ASK(0, .frame = LAST) },
      NULL },
    /* Several, up to the first that is none, or with which nothing was done. */
    { { OFF(OUT, .second = OPEN), ASK(IS_OUT, .second = IS_OUT) }, NULL },
    { { OFF(OUT, .second = OPEN), ASK(0, .frame = PAGE + 1) },
      "page 6 was told to be to go out of use, and is told to be in use" },
    { { OFF(OUT), ASK(UNDONE), ASK(IS_OUT) }, NULL },
    { { OFF(UNDONE, .second = OUT), ASK(0, .frame = PAGE + 1) }, NULL },
    { { OFF(OUT, .frame = LAST, .second = OUT), ASK(IS_OUT, .frame = LAST) },
      NULL },
    { { OFF(OUT, .frame = FIRST - 1, .second = OUT), ASK(0, .frame = FIRST) },
      NULL },
    { { OFF(UNTOLD, .frame = LAST, .rc = -EFAULT, .second = OUT, .how = UNPLACED),
        ASK(IS_OUT, .frame = LAST) },
      NULL },
    { { OFF(0, .rc = -EFAULT, .how = UNPLACED), ASK(0) }, NULL },
    { { OFF(0, .frame = FIRST, .rc = -EFAULT, .how = UNPLACED),
        ASK(IS_OUT, .frame = FIRST) },
      NULL },
    { { OFF(OUT, .rc = -EFAULT, .second = OUT, .how = UNPLACED),
        ASK(0, .frame = PAGE + 1) },
      NULL },
    { { OFF(OUT, .rc = -EFAULT, .second = OUT, .how = UNPLACED),
        ASK(IS_OUT, .frame = PAGE - 1) },
      "page 4 was told to be in use, and is told to be out of use" },
    { { OFF(OUT), ON(0, .rc = -EFAULT, .how = UNPLACED), ASK(IS_OUT) }, NULL },
    { { OFF(OUT), ON(UNTOLD), ASK(IS_OUT) }, NULL },
    /* Other bits. */
    { { OFF(OPEN | ODD), ASK(IS_OPEN) }, NULL },
    { { OFF(PG_OFFLINE_ANONYMOUS | PG_OFFLINE_FAILED | ODD), ASK(IS_OPEN) },
      NULL },
    { { OFF(PG_OFFLINE_XENPAGE | PG_OFFLINE_PENDING | ODD), ASK(IS_OPEN) },
      NULL },
    { { OFF(OUT), ON(PG_ONLINE_FAILED | ODD), ASK(IS_OUT) }, NULL },
    { { ASK(ODD) }, NULL },
    { { OFF(OUT), ASK(IS_OUT | ODD | IS_BROKEN) },
      "page 5 is told to be broken, it was told otherwise" },
    { { OFF(OUT | BROKEN), ASK(IS_OUT | ODD) },
      "page 5 is told not to be broken, it was told otherwise" },
    { { OFF(OUT, .second = OPEN), ASK(IS_OUT, .second = ODD) },
      "page 6 was told to be to go out of use, and is told to be in use" },
    { { OFF(OUT, .rc = -EINVAL, .how = BACKWARDS), ASK(0) }, NULL },
    /* Handed out. */
    { { OFF(OUT), ANONS(0) }, GIVEN("out of use") },
    { { OFF(OPEN), ANONS(0) }, GIVEN("to go out of use") },
    { { OFF(OUT), ANONS(0, .frame = PAGE + 1) }, NULL },
    { { OFF(OUT), ANONS(1, .frame = PAGE - 1) }, GIVEN("out of use") },
    { { OFF(OUT), ANONS(1, .frame = PAGE - 2) }, NULL },
    { { OFF(OUT, .frame = FIRST), ANONS(0, .frame = FIRST) },
      "page 0 is handed out, and was told to be out of use" },
    { { OFF(OUT), ANONS(0, .rc = -ENOMEM) }, NULL },
    { { OFF(UNTOLD), ANONS(0) }, NULL },
    { { OFF(UNTOLD), ANONS(0, .frame = LAST + 1) }, NULL },
    { { OFF(OUT), EXTRAS(0) }, GIVEN("out of use") },
    { { OFF(OUT), EXTRAS(1, .frame = PAGE - 1) }, NULL },
    { { OFF(OUT), LISTS(0, .frame = PAGE - 1) }, GIVEN("out of use") },
    { { OFF(OUT), LISTS(0) }, NULL },
    { { OFF(OUT), LISTS(1, .frame = PAGE - 3) }, GIVEN("out of use") },
    { { OFF(OUT), LISTS(0, .frame = PAGE - 1, .how = INCREASE) },
      GIVEN("out of use") },
    { { OFF(OUT), LISTS(0, .frame = PAGE - 1, .how = DECREASE) }, NULL },
    { { OFF(OUT), LISTS(0, .frame = PAGE - 1, .how = ON_DEMAND) }, NULL },
    { { OFF(OUT), LISTS(0, .frame = PAGE - 1, .how = NO_LIST) }, NULL },
    { { OFF(OUT), LISTS(0, .frame = PAGE - 1, .how = SHORT) }, NULL },
    { { OFF(OUT), LISTS(0, .frame = PAGE - 1, .rc = 1) }, NULL },
    { { OFF(OUT), LISTS(0, .frame = PAGE - 1, .rc = -ENOMEM) }, NULL },
    { { OFF(OUT), LISTS(0, .rc = 1, .how = FROM_FIRST) },
      GIVEN("out of use") },
    { { OFF(OUT), LISTS(0, .frame = PAGE - 2, .rc = 1, .how = FROM_THIRD) },
      NULL },
    { { OFF(OUT),
        LISTS(0, .frame = PAGE - 2, .rc = 4, .how = FROM_THIRD | SHORT) },
      NULL },
    { { OFF(OUT),
        LISTS(HV_ORDERS - 1, .frame = PAGE - (1 << (HV_ORDERS - 1))) },
      GIVEN("out of use") },
    { { OFF(OUT), LISTS(HV_ORDERS, .frame = PAGE - (1 << HV_ORDERS)) }, NULL },
    /* As many are not there as were told to be out of use, or may be. */
    { { OFF(OUT), LOSES(1) }, NULL },
    { { OFF(OUT), LOSES(2) }, "15 pages are accounted for, there are 16" },
    { { OFF(OUT, .second = OPEN), LOSES(2) }, NULL },
    { { OFF(OPEN), LOSES(0) }, NULL },
    { { OFF(OPEN), LOSES(2) }, "14 pages are accounted for, there are 16" },
    { { OFF(UNTOLD, .second = OUT), LOSES(2) }, NULL },
    { { OFF(UNTOLD, .second = OUT), LOSES(3) },
      "14 pages are accounted for, there are 16" },
    { { OFF(OUT), ON(PG_ONLINE_ONLINED), LOSES(1) },
      "15 pages are accounted for, there are 16" },
    { { OFF(OPEN), ON(PG_ONLINE_ONLINED), LOSES(1) },
      "15 pages are accounted for, there are 16" },
};
/* clang-format on */

static struct
{
    struct stub_rig on;
    uint32_t lost;
    uint64_t list[4];
} rig;

static void observe(void *hv, struct hv_view *view)
{
    rig.on.stub.ops->observe(hv, view);
    view->free -= rig.lost;
    view->node_free[0] -= rig.lost;
}

static void tell_list(const struct call *c, uint64_t frame,
                      struct hv_call *call, struct hv_result *result)
{
    uint32_t start = c->how & FROM_FIRST ? 0 : c->how & FROM_THIRD ? 2 : 1;

    call->cmd = c->how & INCREASE   ? XENMEM_increase_reservation
                : c->how & DECREASE ? XENMEM_decrease_reservation
                                    : XENMEM_populate_physmap;
    call->cmd |= start << MEMOP_EXTENT_SHIFT;
    call->list_entries = c->how & SHORT ? 1 : c->how & FROM_THIRD ? 4 : 2;
    call->resv.nr_extents = 4;
    call->resv.extent_order = c->told;
    call->resv.mem_flags = c->how & ON_DEMAND ? XENMEMF_populate_on_demand : 0;
    call->list = rig.list;
    result->list = c->how & NO_LIST ? NULL : rig.list;
    for ( unsigned int i = 0; i < 4; i++ )
        rig.list[i] = frame + ((uint64_t)i << c->told);
    result->rc = c->rc ? c->rc : 2;
}

static void tell(const struct call *c, struct hv_call *call,
                 struct hv_result *result)
{
    static const enum hv_call_kind kinds[] = {
        [OFFLINE] = HV_CALL_OFFLINE, [ONLINE] = HV_CALL_OFFLINE,
        [QUERY] = HV_CALL_OFFLINE,   [BREAK] = HV_CALL_BREAK,
        [ANON] = HV_CALL_ANON_ALLOC, [EXTRA] = HV_CALL_EXTRA_ALLOC,
        [LIST] = HV_CALL_MEMORY_OP,  [LOSE] = HV_CALL_MAP,
    };
    uint64_t frame = c->frame ? c->frame : PAGE;
    uint32_t words = 1 + (c->second != 0);

    *call = (struct hv_call){ .kind = kinds[c->what], .frame = frame };
    memset(result, 0, offsetof(struct hv_result, list_space));
    call->offline = (struct hv_offline){
        .action = c->what == OFFLINE  ? sysctl_page_offline
                  : c->what == ONLINE ? sysctl_page_online
                                      : sysctl_query_page_offline,
        .start = (uint32_t)frame,
        .end = (uint32_t)frame + (c->how & BACKWARDS ? 0 : words) - 1,
    };
    call->order = c->told;
    result->rc = c->rc;
    result->frame = frame;
    result->nr_status = words - (c->how & UNPLACED ? 1 : 0);
    result->status[0] = c->told;
    result->status[1] = c->second;
    if ( c->what == LOSE )
        rig.lost = c->told;
    if ( c->what == LIST )
        tell_list(c, frame, call, result);
}

static const char *broken_by(const char *wrong)
{
    return !*wrong                       ? ""
           : strstr(wrong, "handed out") ? "OFFLINE/"
           : strstr(wrong, "accounted")  ? "CONSERVE/"
                                         : "OFFLINE-STATUS/";
}

static void each_word_is_held_against_the_next(void **state)
{
    static struct hv_call call;
    static struct hv_result result;
    const struct host_shape shape = { .release = RELEASE_4_22,
                                      .nodes = 1,
                                      .node_pages = PAGES };
    const struct engine_options engine = { 0 };
    struct engine *e = &rig.on.engine;
    struct run_result r;

    (void)state;
    for ( unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        const struct call *c = rows[i].call;

        engine_init(e, &rig.on.h, &engine);
        rig.lost = 0;
        engine_prepare(e, &shape);
        engine_judge_start(e, &shape);
        for ( unsigned int n = 0; n < CALLS_MAX && c[n].what != END; n++ )
        {
            bool last = n == CALLS_MAX - 1 || c[n + 1].what == END;
            const char *wrong = last && rows[i].wrong ? rows[i].wrong : "";

            tell(&c[n], &call, &result);
            engine_judge_before(e, &call);
            engine_judge_after(e, &result, &r);
            if ( strcmp(r.detail, wrong) ||
                 !strstr(r.signature, broken_by(wrong)) )
                fail_msg("row %u, call %u: expected \"%s\", got %s: \"%s\"", i,
                         n, wrong, r.signature, r.detail);
        }
    }
}

static int open_rig(void **state)
{
    const struct engine_options engine = { 0 };

    *state = &rig.on;
    stub_rig_open(&rig.on, &engine);
    rig.on.ops.observe = observe;

    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_word_is_held_against_the_next),
    };

    return cmocka_run_group_tests(tests, open_rig, stub_rig_close);
}
