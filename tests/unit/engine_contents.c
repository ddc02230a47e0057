/* SPDX-License-Identifier: MIT */
/*
 * What the engine makes of the contents of pages (contents.c): programs in which
 * pages go from hand to hand as they may, which hold, and lies about one page.
 *
 * Not here: that each invariant can fail (engine_oracles.c).
 */
#include "liar.h"

#include "stub/stub.h"

/* d1 owns and has written all pages of the host that can be had; 35 calls. */
#define ALL_OF_D1                                                             \
    "host nodes=1 pages=32 release=4.22\n"                                    \
    "create d1\nmax_mem d1 host\ncreate d2\nmax_mem d2 host\n"                \
    "populate d1 32\nwrite d1 32\n"

/* ---- what holds ---- */

static const char *const programs[] = {
    /* A page that its living owner gave is everybody's: by each way to give
     * it, all pages of the host, so the first and the last, too. */
    ALL_OF_D1 "decrease d1 32\npopulate d2 32\nphysinfo\n",
    ALL_OF_D1 "decrease d1 8 order=1\npopulate d2 32\nphysinfo\n",
    ALL_OF_D1 "map d1 32\ndecrease d1 32\nunmap d1 32\npopulate d2 32\n",
    /* As far as a call came that ended early, and not after a failed one. */
    ALL_OF_D1 "decrease d1 32 list=short:5\npopulate d2 32\nphysinfo\n",
    ALL_OF_D1 "decrease d1 2 list=unmapped\npopulate d2 32\nphysinfo\n",
    ALL_OF_D1 "memory_op caller=dom0 abi=32 cmd=decrease start=0 domid=d1 "
              "nr=4 order=0 flags=0 list=ok arg=ok\npopulate d2 4\n",
    /* A part of an extent, of which the call tells nothing. */
    "host nodes=1 pages=32 release=4.22\ncreate d1\nmax_mem d1 host\n"
    "create d2\nmax_mem d2 host\npopulate d1 3\nwrite d1 3\n"
    "decrease d1 1 order=2\npopulate d2 32\nphysinfo\n",
    /* What d1 wrote into a page that it got anew is its own again. */
    ALL_OF_D1 "decrease d1 4\npopulate d1 4\nwrite d1 4\nphysinfo\n"
              "decrease d1 4\npopulate d2 4\nwrite d2 4\nphysinfo\n",
    /* Whoever has the number later is not the one that wrote. */
    ALL_OF_D1 "destroy d1\ncreate d1\nmax_mem d1 host\npopulate d1 32\n"
              "write d1 1\nphysinfo\n",
    ALL_OF_D1 "exchange d1 4\nphysinfo\n",
    ALL_OF_D1 "exchange d1 1 order=1 out_order=0\nphysinfo\n",
};

/* ---- the lies ---- */

/* Pages of a domain hold the first word that was written. */
static void has_first(struct hv_page *p, int owner)
{
    if ( p->owner == owner )
        p->word = LOWER_WORD + 1;
}
static void d1_has_first(struct hv_page *p)
{
    has_first(p, 1);
}
static void d2_has_first(struct hv_page *p)
{
    has_first(p, 2);
}
static void dom0_has_first(struct hv_page *p)
{
    has_first(p, 0);
}
static void free_has_first(struct hv_page *p)
{
    if ( p->free )
    {
        p->word = LOWER_WORD + 1;
        p->dirty = false;
    }
}

static void one_done(struct hv_result *r)
{
    r->rc = 1;
    ((uint64_t *)(uintptr_t)r->list)[0] = HV_FRAME_BASE;
}

/* Two writes of d1, and one of d2, which has none of d1's pages; 12 calls. */
#define BOTH                                                                  \
    "create d1\nmax_mem d1 8\ncreate d2\nmax_mem d2 8\npopulate d1 2\n"       \
    "populate d2 2\nwrite d1 1\nwrite d1 1\nwrite d2 1\n"
/* d1 is gone: 13 calls. */
#define GONE BOTH "destroy d1\n"

static const struct lie lies[] = {
    { BOTH "populate d2 1\n", "SCRUB/populate", 9, .page = d2_has_first,
      .says = "which holds what d1 wrote" },
    { BOTH "increase d2 1\n", "SCRUB/increase", 9, .page = d2_has_first,
      .says = "which holds what d1 wrote" },
    { BOTH "extra_alloc d2\n", "SCRUB/extra_alloc", 9, .page = d2_has_first,
      .says = "which holds what d1 wrote" },
    { BOTH "exchange d2 1\n", "SCRUB/exchange", 9, .page = d2_has_first,
      .says = "d2 got page" },
    { BOTH "increase d0 1\n", "SCRUB/increase", 9, .page = dom0_has_first,
      .says = "d0 got page" },
    { GONE "populate d2 1\n", "SCRUB/populate", 10, .page = d2_has_first,
      .says = "which holds what a domain wrote that is gone" },
    /* The number of the one that wrote is another one's by now. */
    { GONE "create d1\nmax_mem d1 8\npopulate d1 1\n", "SCRUB/populate", 12,
      .page = d1_has_first,
      .says = "which holds what a domain wrote that is gone" },
    /* An audit finds it in a page that was not handed out. */
    { BOTH "physinfo\n", "SCRUB/physinfo", 9, .page = d2_has_first,
      .says = "d2 has page" },
    { BOTH "physinfo\n", "SCRUB/physinfo", 9, .page = dom0_has_first,
      .says = "d0 has page" },
    { BOTH "physinfo\n", "CLEAN/physinfo", 9, .page = free_has_first,
      .says = "is free and not marked" },
    /* An order of which there are no blocks: so long is no list. */
    { BOTH "populate d2 1 order=19\n", "RESULT/populate", 9,
      .result = one_done, .page = d2_has_first },
    { BOTH "populate d2 1 order=60\n", "RESULT/populate", 9,
      .result = one_done },
    /* Beyond the list's end and in the larger extents of it, too. */
    { BOTH "populate d2 1 order=1\n", "SCRUB/populate", 9,
      .page = d2_has_first, .says = "d2 got page" },
};

static void what_may_be_handed_on_holds(void **state)
{
    (void)state;
    liar_holds(programs, sizeof(programs) / sizeof(programs[0]));
}

static void each_lie_is_found(void **state)
{
    (void)state;
    liar_check(lies, sizeof(lies) / sizeof(lies[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_may_be_handed_on_holds),
        cmocka_unit_test(each_lie_is_found),
    };

    return cmocka_run_group_tests(tests, liar_open_stub, liar_close);
}
