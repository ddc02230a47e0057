/* SPDX-License-Identifier: MIT */
/* domctl and sysctl: front ends, and what they report. */
#include "stub_util.h"

static void domctl_front_end(void **state)
{
    struct bench *b = *state;
    struct hv_call c = {
        .kind = HV_CALL_DOMCTL,
        .caller = caller_guest(1),
        .domctl = { .cmd = XEN_DOMCTL_max_mem, .domid = 3, .version = 0x17 },
    };

    expect_refused(b, &c, -EACCES);
    c.domctl.version = 0x18;
    expect_refused(b, &c, -ESRCH);
    c.domctl.domid = 1;
    expect_refused(b, &c, -EPERM);
    c.caller.flags = HV_CALLER_USER | HV_CALLER_CONTROL;
    expect_refused(b, &c, -EPERM);
    c.caller = hv_caller_dom0();
    c.domctl.cmd = XEN_DOMCTL_pausedomain;
    expect_refused(b, &c, -ENOSYS);
    assert_int_equal(domctl(b, XEN_DOMCTL_destroydomain, 0, 0), -EINVAL);
    assert_int_equal(domctl(b, XEN_DOMCTL_unpausedomain, 1, 0), 0);
    assert_int_equal(domctl(b, XEN_DOMCTL_unpausedomain, 1, 0), -EINVAL);
}

static void getdomaininfo(void **state)
{
    struct bench *b = *state;

    for ( int r = 0; r < RELEASE_COUNT; r++ )
    {
        uint32_t cmd = XEN_DOMCTL_getdomaininfo;

        bench_reset(b, r, 1, 64, false);
        create(b, 3, 20);
        assert_int_equal(claim(b, 3, 7), 0);
        assert_int_equal(populate(b, 3, 2, 0), 2);
        assert_int_equal(domctl(b, cmd, 3, 0), 0);
        assert_int_equal(b->r.out.info.tot_pages, 2);
        assert_int_equal(b->r.out.info.max_pages, 20);
        assert_int_equal(b->r.out.info.outstanding_pages, 5);
        assert_int_equal(b->r.out.info.flags, XEN_DOMINF_paused);
        if ( r == RELEASE_4_17 )
        {
            assert_int_equal(domctl(b, cmd, 1, 0), 0);
            assert_int_equal(b->r.domid, 3);
            assert_int_equal(domctl(b, cmd, DOMID_SELF, 0), -EINVAL);
        }
        else
        {
            assert_int_equal(domctl(b, cmd, 1, 0), -ESRCH);
            assert_int_equal(domctl(b, cmd, DOMID_SELF, 0), -ESRCH);
        }
        assert_int_equal(domctl(b, cmd, 4, 0), -ESRCH);
    }
}

static void domid_rules(void **state)
{
    struct bench *b = *state;
    uint32_t cmd = XEN_DOMCTL_createdomain;

    for ( int r = 0; r < RELEASE_COUNT; r++ )
    {
        bool any_only = r >= RELEASE_4_22;
        uint16_t automatic = any_only ? DOMID_ANY : 0;

        bench_reset(b, r, 1, 64, false);
        assert_int_equal(domctl(b, cmd, 1, 0), 0);
        assert_int_equal(domctl(b, cmd, 1, 0), -EEXIST);
        assert_int_equal(domctl(b, cmd, 0, 0), any_only ? -EEXIST : 0);
        assert_int_equal(domctl(b, cmd, DOMID_SELF, 0),
                         any_only ? -EEXIST : 0);
        assert_int_equal(domctl(b, cmd, automatic, 0), 0);
        assert_int_equal(b->r.domid, any_only ? 2 : 4);
        while ( !domctl(b, cmd, automatic, 0) )
            ;
        assert_int_equal(b->r.rc, r < RELEASE_4_21 ? -ENOMEM : -EEXIST);
        assert_int_equal(destroy(b, 2, 0), 0);
        assert_int_equal(domctl(b, cmd, automatic, 0), 0);
        assert_int_equal(b->r.domid, 2);
        assert_int_equal(domctl(b, cmd, 100, 0), -ENOMEM);
    }
}

static void sysctls(void **state)
{
    struct bench *b = *state;
    struct hv_call c = { .kind = HV_CALL_PHYSINFO,
                         .caller = hv_caller_dom0() };

    assert_int_equal(claim(b, 1, 9), 0);
    assert_int_equal(issue(b, &c), 0);
    assert_int_equal(b->r.out.phys.free_pages, 64 - DOM0_PAGES - 1);
    assert_int_equal(b->r.out.phys.outstanding_pages, 9);
    assert_int_equal(b->r.out.phys.total_pages, 64);
    c.kind = HV_CALL_NUMAINFO;
    assert_int_equal(issue(b, &c), 0);
    assert_int_equal(b->r.out.node_free[0], 64 - DOM0_PAGES - 1);
    assert_int_equal(b->r.out.node_free[1], 0);
    c.caller = caller_guest(1);
    expect_refused(b, &c, -EPERM);
    b->shape.release = RELEASE_4_17; /* what hv_issue takes for the version */
    expect_refused(b, &c, -EACCES);
}

int main(void)
{
#define T(f)                                                                  \
    cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown_sound)
    const struct CMUnitTest tests[] = {
        T(domctl_front_end),
        T(getdomaininfo),
        T(domid_rules),
        T(sysctls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
