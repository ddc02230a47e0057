/* SPDX-License-Identifier: MIT */
/*
 * Every oracle of the engine must be able to fail: a hypervisor that is the stub
 * but for one lie, and the signature that the lie must be reported with. The
 * same programs without the lie must hold.
 *
 * Not here: faults inside the stub (stub/faults.def); what the engine says of the
 * stub as it is (engine_verdicts.c); all that is told of pages out of use
 * (engine_offline.c).
 */
#include "liar.h"

#include <errno.h>

#include "stub/stub.h"

/* ---- the lies ---- */

#define NODES "host nodes=2 pages=64 release=4.22\n"

static void claimed_more(struct hv_view *v)
{
    v->claimed++;
}
static void dom0_claims(struct hv_view *v)
{
    v->dom[0].claim = v->claimed = 1;
}
static void over_claim(struct hv_view *v)
{
    v->dom[1].max = 1000;
    v->dom[1].claim = (uint32_t)v->free + 1;
    v->claimed = v->free + 1;
}
static void one_left(struct hv_view *v)
{
    v->dom[1].claim = v->claimed = 1;
}
static void dead_claim(struct hv_view *v)
{
    v->dom[1].claim = v->claimed = 2;
}
static void took_claimed(struct hv_view *v)
{
    v->free--;
    v->node_free[0]--;
    v->dom[2].tot++;
}
static void lost_claim(struct hv_view *v)
{
    v->dom[1].claim = v->claimed = 5;
}
static void grown_claim(struct hv_view *v)
{
    v->dom[1].claim++;
    v->claimed++;
}
static void other_claim_more(struct hv_view *v)
{
    v->dom[2].claim++;
    v->claimed++;
}
static void other_claim_less(struct hv_view *v)
{
    v->dom[2].claim--;
    v->claimed--;
}
static void other_max(struct hv_view *v)
{
    v->dom[1].max = 33;
}
static void small_max(struct hv_view *v)
{
    v->dom[1].max = 1;
}
static void page_lost(struct hv_view *v)
{
    v->free--;
    v->node_free[0]--;
}
static void wrapped(struct hv_view *v)
{
    v->dom[1].tot = UINT32_MAX;
}
static void node_off(struct hv_view *v)
{
    v->node_free[0]++;
}
static void rc_zero(struct hv_result *r)
{
    r->rc = 0;
}
static void rc_one(struct hv_result *r)
{
    r->rc = 1;
}
static void rc_continue(struct hv_result *r)
{
    r->rc = HV_CONTINUE;
}
static void rc_eperm(struct hv_result *r)
{
    r->rc = -EPERM;
}
static void phys_off(struct hv_result *r)
{
    r->out.phys.free_pages++;
}
static void phys_claims_off(struct hv_result *r)
{
    r->out.phys.outstanding_pages++;
}
static void info_off(struct hv_result *r)
{
    r->out.info.tot_pages++;
}
static void info_dying(struct hv_result *r)
{
    r->out.info.flags |= XEN_DOMINF_dying;
}
static void phys_nodes_off(struct hv_result *r)
{
    r->out.phys.nr_nodes++;
}
static void phys_last_node_off(struct hv_result *r)
{
    r->out.phys.max_node_id++;
}
static void phys_pages_off(struct hv_result *r)
{
    r->out.phys.total_pages--;
}
static void phys_last_frame_off(struct hv_result *r)
{
    r->out.phys.max_mfn++;
}
static void info_running(struct hv_result *r)
{
    r->out.info.flags &= ~(uint32_t)XEN_DOMINF_paused;
}
/* An entry that the result counts, and one that it does not; lists lie in the
 * stub's memory. */
static void frame_of_dom0(struct hv_result *r)
{
    ((uint64_t *)(uintptr_t)r->list)[0] = HV_FRAME_BASE - 1;
}
static void frame_out_of_use(struct hv_result *r)
{
    ((uint64_t *)(uintptr_t)r->list)[0] = HV_FRAME_BASE + 32;
}
static void own_frame_out_of_use(struct hv_result *r)
{
    r->frame = HV_FRAME_BASE + 32;
}
static void status_zero(struct hv_result *r)
{
    r->status[0] = 0;
}
static void second_status_zero(struct hv_result *r)
{
    r->status[1] = 0;
}
static void last_entry(struct hv_result *r)
{
    ((uint64_t *)(uintptr_t)r->list)[3]++;
}
static void sixth_entry(struct hv_result *r)
{
    ((uint64_t *)(uintptr_t)r->list)[5]++;
}
static void fifth_entry(struct hv_result *r)
{
    ((uint64_t *)(uintptr_t)r->list)[4]++;
}
/* Of an order of which there are no blocks: it would begin with this frame. */
static void all_frames(struct hv_result *r)
{
    r->rc = 1;
    ((uint64_t *)(uintptr_t)r->list)[0] = HV_FRAME_BASE;
}
static void no_rc_enomem(struct hv_result *r)
{
    r->rc = -ENOMEM;
}
/* One page came from, or goes to, another node. */
static void other_node(struct hv_view *v)
{
    v->node_free[0]--;
    v->node_free[1]++;
}
static void numa_off(struct hv_result *r)
{
    r->out.node_free[0]++;
}

/* What d1 wrote is still in a page of d2. */
static void page_not_scrubbed(struct hv_page *p)
{
    if ( p->owner == 2 )
        p->word = LOWER_WORD + 1;
}
static void page_unmarked(struct hv_page *p)
{
    p->dirty = false;
}
static void page_unmarked_clean(struct hv_page *p)
{
    if ( p->dirty )
        p->word = 0;
    p->dirty = false;
}

/* Pages that are aside and counted all the same, of two domains. */
static void stash_stays(struct hv_view *v)
{
    v->dom[2].stash = 4;
    v->free -= 4;
    v->node_free[0] -= 4;
}
static void stash_stays_and_page_lost(struct hv_view *v)
{
    stash_stays(v);
    v->dom[2].tot = 1;
}
static void stash_owner_max(struct hv_view *v)
{
    v->dom[2].max++;
}
static void stash_of_d1(struct hv_view *v)
{
    v->dom[1].stash = 4;
    v->free -= 4;
    v->node_free[0] -= 4;
}

/* Eleven calls: a page that is written is one. */
#define WRITTEN                                                               \
    "create d1\nmax_mem d1 8\npopulate d1 4\nwrite d1 4\ndestroy d1\n"        \
    "create d2\nmax_mem d2 8\npopulate d2 2\n"

/* Twelve calls: d2 has a block of 4 pages aside. */
#define TO_BE_STASHED                                                         \
    "create d1\nmax_mem d1 8\npopulate d1 1 order=2\nwrite d1 4\n"            \
    "destroy d1\ncreate d1\ncreate d2\nmax_mem d2 8\n"
#define STASHES "populate d2 1 order=2 preempt=1 stop=1\n"
#define STASHED TO_BE_STASHED STASHES
/* One more: and owns two. */
#define STASHED_AND_TWO TO_BE_STASHED "populate d2 2\n" STASHES

/* Of two free pages. */
#define QUERY(action)                                                         \
    "sysctl caller=dom0 abi=64 cmd=page_offline version=0 arg=ok "            \
    "action=" action " start=44 end=45\n"

#define TWO_CLAIMS CLAIMED "create d2\nmax_mem d2 8\nclaim d2 4\n"

/* A page that is broken lies behind two that are taken out of use. */
#define BEFORE_BROKEN                                                         \
    BUILT "offline free broken=1\n"                                           \
          "sysctl caller=dom0 abi=64 cmd=page_offline version=0 arg=ok "      \
          "action=offline start=62 end=63\n"

static const struct lie lies[] = {
    { CLAIMED, "CLAIM-SUM/claim", 2, .view = claimed_more },
    { CLAIMED, "OVER-CLAIM/claim", 2, .view = over_claim },
    { CLAIMED, "OVER-CLAIM/claim", 2, .window = true },
    { CLAIMED "claim d1 0\n", "RELEASE-ZERO/claim", 3, .view = one_left },
    { "max_mem d0 64\nclaim d0 8\nclaim d0 0\n", "RELEASE-ZERO/claim", 2,
      .view = dom0_claims },
    { "max_mem d0 64\nclaim d0 8\nclaim d0 9\n", "ONE-CLAIM/claim", 2,
      .result = rc_zero },
    { CLAIMED "populate d1 1\nmap d1 1\ndestroy d1\n", "DEAD-CLAIM/destroy", 5,
      .view = dead_claim },
    { "create d1\nmax_mem d1 host\ncreate d2\nmax_mem d2 8\nclaim d1 claimable\n"
      "populate d2 1\n",
      "PROTECT/populate", 5, .view = took_claimed, .result = rc_one },
    { CLAIMED "populate d1 4\n", "SPEND/populate", 3, .skip_call = true,
      .result = rc_zero },
    { CLAIMED "populate d1 1\n", "KEEP/populate", 3, .view = lost_claim,
      .says = "d1's claim fell from 8 to 5, but it received 1 pages" },
    { CLAIMED "populate d1 2\ndecrease d1 2\n", "KEEP/decrease", 4,
      .view = lost_claim,
      .says = "d1's claim fell from 6 to 5, but it gave back 2 pages" },
    { CLAIMED "populate d1 4\ndecrease d1 1\n", "REGROW/decrease", 4,
      .view = grown_claim },
    /* While it makes, and releases, another's. */
    { TWO_CLAIMS "claim d1 0\n", "REGROW/claim", 6, .view = other_claim_more },
    { TWO_CLAIMS "claim d1 0\n", "KEEP/claim", 6, .view = other_claim_less },
    { CLAIMED "claim d1 9\n", "FAIL-SAFE/claim", 3, .view = other_max },
    { CLAIMED "claim d1 9\n", "ONE-CLAIM/claim", 3, .result = rc_zero },
    { CLAIMED, "CAP/claim", 2, .view = small_max },
    { BUILT "physinfo\n", "CONSERVE/physinfo", 2, .view = page_lost },
    { BUILT "physinfo\n", "OWNER/physinfo", 2, .view = wrapped },
    { BUILT "physinfo\n", "BUDDY/physinfo", 2, .audit = "BUDDY" },
    { BUILT "physinfo\n", "CONSERVE/physinfo", 2, .audit = "CONSERVE" },
    /* A plug-in may have checks of its own, under names nobody here knows. */
    { BUILT "physinfo\n", "BUG/physinfo", 2, .audit = "ITS-OWN" },
    { CLAIMED, "LOCKS/claim", 2, .fail = "LOCKS" },
    { CLAIMED, "BUG/claim", 2, .fail = "BUG" },
    { BEFORE_BROKEN, "BUG/offline", 3, .fail = "BUG" },
    { CLAIMED, "BUG/claim", 2, .fail = "an id that nobody knows" },
    { CLAIMED, "FETCH/claim", 2, .twice = 1 + 24, .says = "domid was" },
    { CLAIMED, "FETCH/claim", 2, .twice = 1 + 25, .says = "byte 1 of domid" },
    { CLAIMED, "FETCH/claim", 2, .twice = 1 + 8, .says = "nr_extents was" },
    { CLAIMED, "FETCH/claim", 2, .twice = 1 + 31, .says = "5 of padding" },
    { CLAIMED, "FETCH/claim", 2, .twice = 1 + 32,
      .says = "of the caller's memory" },
    { BUILT "memory_op caller=dom0 abi=32 cmd=increase start=0 domid=d1 nr=1 "
            "order=0 flags=0 list=ok arg=ok\n",
      "FETCH/increase", 2, .twice = 1 + 16, .says = "domid was" },
    { BUILT "current_reservation d1\n", "FETCH/current_reservation", 2,
      .twice = 1, .says = "domid" },
    { BUILT, "FETCH/max_mem", 1, .twice = 1 + 4,
      .says = "interface_version was" },
    { BUILT, "FETCH/max_mem", 1, .twice = 1 + 8, .says = "domain was" },
    { BUILT "physinfo\n", "FETCH/physinfo", 2, .twice = 1, .says = "cmd was" },
    { BUILT "physinfo\n", "FETCH/physinfo", 2, .twice = 1 + 8,
      .says = "what the command is about was" },
    { BUILT "physinfo\n", "REPORT/physinfo", 2, .result = phys_off },
    { BUILT "physinfo\n", "REPORT/physinfo", 2, .result = phys_claims_off },
    { BUILT "physinfo\n", "REPORT/physinfo", 2, .view = node_off },
    { BUILT "domain_info d1\n", "REPORT/domain_info", 2, .result = info_off },
    { BUILT "domain_info d1\n", "REPORT/domain_info", 2,
      .result = info_dying },
    { BUILT "numainfo\n", "REPORT/numainfo", 2, .result = numa_off },
    /* A block of more pages than can be counted. */
    { "anon_alloc order=32\n", "CONSERVE/anon_alloc", 0, .result = rc_zero,
      .view = page_lost },
    /* One result, several in a row, and others besides. */
    { BUILT "physinfo\n", "RESULT/physinfo", 2, .result = rc_eperm,
      .says = "got EPERM, expected 0 (rules " },
    { BUILT "increase d1 4 list=null\npopulate d1 1\ndecrease d1 1 order=1\n",
      "RESULT/decrease", 4, .result = no_rc_enomem,
      .says = "got ENOMEM, expected 0 to 1 extents (rules " },
    { BUILT "populate d1 4 flags=0x10000 preempt=1 stop=1\n",
      "RESULT/populate", 2, .result = rc_eperm,
      .says = "got EPERM, expected 4 or ERESTART (rules " },
    { BUILT "physinfo\n", "STATE/physinfo", 2, .view = other_max },
    { BUILT "physinfo\n", "REPORT/physinfo", 2, .result = phys_nodes_off },
    { BUILT "physinfo\n", "REPORT/physinfo", 2, .result = phys_last_node_off },
    { BUILT "physinfo\n", "REPORT/physinfo", 2, .result = phys_pages_off },
    { BUILT "physinfo\n", "REPORT/physinfo", 2,
      .result = phys_last_frame_off },
    { BUILT "domain_info d1\n", "STATE/domain_info", 2,
      .result = info_running },
    /* Seven domains are room enough for one that is to choose its id. */
    { "domctl caller=dom0 abi=64 cmd=createdomain version=0 domid=any value=0 "
      "arg=ok\n",
      "RESULT/create", 0, .skip_call = true, .result = no_rc_enomem },
    { STASHED "populate d2 1 order=2\n", "STASH/populate", 12,
      .view = stash_stays },
    { STASHED "destroy d2\n", "STASH/destroy", 12, .view = stash_stays },
    { STASHED "physinfo\n", "STASH/physinfo", 12, .view = stash_of_d1 },
    { BUILT "populate d1 1\n", "STASH/populate", 2, .view = stash_of_d1 },
    { BUILT "max_mem d1 33\n", "STASH/max_mem", 2, .view = stash_of_d1,
      .result = rc_continue, .says = "was not left unfinished" },
    { STASHED "physinfo\n", "STATE/physinfo", 12, .view = stash_owner_max },
    { STASHED_AND_TWO "populate d2 1 order=2\n", "CONSERVE/populate", 13,
      .view = stash_stays_and_page_lost },
    { BUILT "physinfo\n", "STASH/physinfo", 2, .audit = "STASH" },
    /* The page that went out of use is the one in the middle. */
    { BUILT "offline free\npopulate d1 1\n", "OFFLINE/populate", 3,
      .result = frame_out_of_use },
    { BUILT "offline free\nanon_alloc\n", "OFFLINE/anon_alloc", 3,
      .result = own_frame_out_of_use },
    { BUILT "offline free\nextra_alloc d1\n", "OFFLINE/extra_alloc", 3,
      .result = own_frame_out_of_use },
    { BUILT "offline free\noffline_query offline\n",
      "OFFLINE-STATUS/offline_query", 3, .result = status_zero },
    { BUILT "offline free\npopulate d1 1 order=19\n", "RESULT/populate", 3,
      .result = all_frames },
    { BUILT QUERY("offline") QUERY("query"), "OFFLINE-STATUS/offline_query", 3,
      .result = second_status_zero },
    { BUILT "populate d1 1\noffline d1\noffline_query d1\n",
      "OFFLINE-STATUS/offline_query", 4, .result = status_zero },
    { BUILT "populate d1 1\n", "STATE/populate", 2, .result = frame_of_dom0 },
    { "create d1\nmax_mem d1 3\npopulate d1 4\n", "STATE/populate", 2,
      .result = last_entry },
    { BUILT "decrease d1 4\n", "STATE/decrease", 2, .result = last_entry,
      .says = "entry 3 of the extent list" },
    { BUILT "populate d1 4\ndecrease d1 4\n", "STATE/decrease", 3,
      .result = last_entry },
    { BUILT "populate d1 4\nexchange d1 4 list=readonly\n", "STATE/exchange",
      3, .result = sixth_entry },
    /* One of two blocks was exchanged, for two: entries 2 and 3. */
    { BUILT "populate d1 1 order=2\nexchange d1 2 order=2 out_order=1\n",
      "STATE/exchange", 3, .result = fifth_entry },
    { BUILT "populate d1 2 order=1\nexchange d1 2 order=1 out_order=2\n",
      "STATE/exchange", 3, .result = fifth_entry },
    /* Refused: what was exchanged before is not this call's. */
    { BUILT "create d2\npopulate d1 4\nmemory_exchange caller=d2 domid=d1 "
            "out_domid=d1 nr=4 done=1\n",
      "STATE/exchange", 4, .result = fifth_entry },
    { NODES BUILT "populate d1 1 node=1\n", "STATE/populate", 2,
      .view = other_node },
    { NODES BUILT "node_affinity d1 mask=2\npopulate d1 1\n", "STATE/populate",
      3, .view = other_node },
    { NODES BUILT "node_affinity d1 mask=2\nextra_alloc d1\n",
      "STATE/extra_alloc", 3, .view = other_node },
    /* Only the end of the drain knows where pages were at the start. */
    { NODES BUILT "populate d1 1\n", "RELEASE-ZERO/drain", 3,
      .view = other_node },
    /* The audit after the drain: the free blocks are not those of the start. */
    { BUILT "populate d1 1\n", "BUDDY/drain", 3, .audit = "BUDDY",
      .blocks = true },
    /* Pages are handed out by the last call, or looked at by the audit. */
    { WRITTEN, "SCRUB/populate", 10, .page = page_not_scrubbed },
    { WRITTEN "extra_alloc d2\n", "SCRUB/extra_alloc", 11,
      .page = page_not_scrubbed },
    { WRITTEN "physinfo\n", "SCRUB/physinfo", 11, .page = page_not_scrubbed },
    { WRITTEN "physinfo\n", "CLEAN/physinfo", 11, .page = page_unmarked },
    { WRITTEN "physinfo\n", "SCRUB-COUNT/physinfo", 11,
      .page = page_unmarked_clean },
    { WRITTEN "physinfo\n", "SCRUB-COUNT/physinfo", 11, .scrub = true },
};

#define NR_LIES (sizeof(lies) / sizeof(lies[0]))

static void each_lie_is_found(void **state)
{
    (void)state;
    liar_check(lies, NR_LIES);
}

/* EXPECT has a test of its own: engine_verdicts.c; claim sets: engine_sets.c. */
static void no_invariant_is_without_a_lie(void **state)
{
    (void)state;
    liar_covers(lies, NR_LIES, INV_CLAIM_SUM, INV_REPORT);
    liar_covers(lies, NR_LIES, INV_STASH, INV_OFFLINE_STATUS);
    liar_covers(lies, NR_LIES, INV_SCRUB, INV_STATE);
    liar_covers(lies, NR_LIES, INV_BUG, INV_BUG);
    assert_int_equal(INV_REPORT + 1, INV_NODE_CLAIM_SUM);
    assert_int_equal(INV_GET_TRUTH + 1, INV_STASH);
    assert_int_equal(INV_OFFLINE_STATUS + 1, INV_SCRUB);
    assert_int_equal(INV_STATE + 1, INV_EXPECT);
    assert_int_equal(INV_EXPECT + 1, INV_BUG);
    assert_int_equal(INV_BUG + 1, INV_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_lie_is_found),
        cmocka_unit_test(no_invariant_is_without_a_lie),
    };

    return cmocka_run_group_tests(tests, liar_open_stub, liar_close);
}
