/* SPDX-License-Identifier: MIT */
/* populate, increase and decrease by 32-bit callers: rules 2. */
#include "model_rig.h"

#define POPULATE XENMEM_populate_physmap
#define INCREASE XENMEM_increase_reservation

static struct hv_call *compat(struct rig *r, uint64_t cmd, uint64_t nr)
{
    struct hv_call *c = rig_resv(r, cmd, 1, nr, 0);

    c->caller.flags |= HV_CALLER_ABI32;
    c->arg_bytes = COMPAT_RESERVATION_SIZE;
    return c;
}

static void test_compat_front_end(void **state)
{
    struct rig *r = rig_with_domain(R_C, 100, 50);
    struct hv_call *c;

    (void)state;
    /* 64-bit values are cut off: list, count, command word. */
    c = compat(r, POPULATE, (UINT64_C(1) << 32) + 3);
    c->resv.extent_start.p = (void *)(uintptr_t)((UINT64_C(1) << 63) |
                                                 GUEST_LIST_START);
    c->cmd |= UINT64_C(1) << 40;
    c->list_entries = 3;
    rig_gets(r, 3, 0);
    exactly(r, 3, POPULATE_DONE);

    c = compat(r, POPULATE, 2);
    c->resv.domid = 2;
    exactly(r, 0, RESV_DOMID);
    c->resv.extent_start.p = (void *)(uintptr_t)0xf57ffff9;
    exactly(r, 0, COMPAT_RANGE);
    c->resv.extent_start.p = (void *)(uintptr_t)0xf57ffff8;
    exactly(r, 0, RESV_DOMID);
    c->resv.extent_start.p = NULL;
    c->resv.nr_extents = MEMOP_EXTENTS_MAX;
    exactly(r, 0, RESV_DOMID);
    c->resv.nr_extents++;
    exactly(r, 0, COMPAT_NR);
    c->arg_bytes = COMPAT_RESERVATION_SIZE - 1;
    exactly(r, 0, COMPAT_FAULT);
    free(r);
}

/* The list is written after a whole piece is allocated. */
static void test_compat_increase(void **state)
{
    struct rig *r = rig_with_domain(R_C, 100, 50);

    (void)state;
    compat(r, INCREASE, 6)->list_entries = 2;
    rig_gets(r, 6, 0);
    exactly(r, 2, INCREASE_LIST);
    assert_int_equal(r->m.dom[1].nameless, 4);
    /* Preempted: as many as the last invocation had done. */
    compat(r, INCREASE, 6)->list_entries = 2;
    r->call.preempt = 1;
    rig_frames(r->out, 2, 100, 0);
    rig_free(r, -3);
    r->seen.dom[1].tot += 3;
    step(r, 2, INCREASE_LIST);
    assert_int_equal(r->m.dom[1].nameless, 5);
    free(r);
}

static void test_compat_pieces(void **state)
{
    struct rig *r = rig_new(R_C, 4, 256);

    (void)state;
    rig_create(r, 1, 2000);
    /* The second piece has one extent only. */
    compat(r, INCREASE, 1021)->list_entries = 1019;
    rig_frames(r->out, 1019, HV_FRAME_BASE, 0);
    r->seen.free = 4;
    r->seen.node_free[0] = 4;
    for ( unsigned int n = 1; n < 4; n++ )
        r->seen.node_free[n] = 0;
    r->seen.dom[1].tot = 1020;
    exactly(r, 1019, INCREASE_LIST);
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compat_front_end),
        cmocka_unit_test(test_compat_increase),
        cmocka_unit_test(test_compat_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
