/* SPDX-License-Identifier: MIT */
/* domctl and sysctl: rules 3.8, 3.11. */
#include "model_rig.h"

static void test_front_end(void **state)
{
    struct rig *r = rig_with_pages(R_C, 50, 6);
    struct hv_call *c;

    (void)state;
    c = rig_domctl(r, 1000, 1, 0);
    exactly(r, -ENOSYS, DOMCTL_COMMAND);
    c->caller = (struct hv_caller){ .domid = 1 };
    exactly(r, -EPERM, DOMCTL_XSM);
    c->domctl.domid = 2;
    exactly(r, -ESRCH, DOMCTL_DOMID);
    c->domctl.domid = DOMID_SELF;
    exactly(r, -ESRCH, DOMCTL_DOMID);
    c->domctl.version++;
    exactly(r, -EACCES, DOMCTL_VERSION);
    c->arg_bytes--;
    exactly(r, -EFAULT, DOMCTL_FAULT);
    c->caller.flags |= HV_CALLER_USER;
    exactly(r, -EPERM, CALLER_USER);
    free(r);
}

static void test_versions(void **state)
{
    static const uint32_t domctl[RELEASE_COUNT] = { 0x15, 0x16, 0x17, 0x17,
                                                    0x17, 0x17, 0x17, 0x17,
                                                    0x18, 0x18, 0x18 };
    static const uint32_t sysctl[RELEASE_COUNT] = { 0x15, 0x15, 0x15, 0x15,
                                                    0x15, 0x15, 0x16, 0x16,
                                                    0x16, 0x16, 0x16 };

    (void)state;
    for ( int rel = 0; rel < RELEASE_COUNT; rel++ )
    {
        assert_int_equal(model_releases[rel].domctl_version, domctl[rel]);
        assert_int_equal(model_releases[rel].sysctl_version, sysctl[rel]);
    }
}

static void test_max_mem(void **state)
{
    static const struct
    {
        uint64_t kb;
        uint32_t pages;
    } v[] = { { 0, 0 },
              { 3, 0 },
              { 4, 1 },
              { 7, 1 },
              { UINT64_C(0x3fffffff8), 0xfffffffe },
              { UINT64_C(0x3fffffffc), 0xffffffff },
              { UINT64_C(0x400000000), 0xffffffff },
              { UINT64_MAX, 0xffffffff } };
    struct rig *r = rig_with_pages(R_C, 50, 6);

    (void)state;
    rig_claims(r, 1, 20);
    for ( unsigned int i = 0; i < sizeof(v) / sizeof(v[0]); i++ )
    {
        rig_domctl(r, XEN_DOMCTL_max_mem, 1, v[i].kb);
        r->seen.dom[1].max = v[i].pages; /* pages and claim stay */
        exactly(r, 0, MAX_MEM_OK);
    }
    free(r);
}

static void test_affinity(void **state)
{
    struct rig *r = rig_new(R_C, 2, 100);

    (void)state;
    rig_create(r, 1, 50);
    rig_domctl(r, XEN_DOMCTL_setnodeaffinity, 1, 0);
    exactly(r, -EINVAL, AFFINITY_OFFLINE);
    rig_domctl(r, XEN_DOMCTL_setnodeaffinity, 1, 0xfc);
    exactly(r, -EINVAL, AFFINITY_OFFLINE);
    rig_domctl(r, XEN_DOMCTL_setnodeaffinity, 1, 0xfe);
    exactly(r, 0, AFFINITY_OK);
    assert_int_equal(r->m.dom[1].affinity, 0xfe);
    rig_domctl(r, XEN_DOMCTL_setnodeaffinity, 1, UINT64_MAX);
    exactly(r, 0, AFFINITY_OK);
    assert_int_equal(r->m.dom[1].affinity, 0xfe);
    free(r);
}

static void test_unpause(void **state)
{
    struct rig *r = rig_with_pages(R_C, 50, 6);

    (void)state;
    assert_int_equal(r->m.dom[1].pauses, 1);
    rig_domctl(r, XEN_DOMCTL_unpausedomain, 1, 0);
    exactly(r, 0, UNPAUSE_OK);
    assert_int_equal(r->m.dom[1].pauses, 0);
    rig_domctl(r, XEN_DOMCTL_unpausedomain, 1, 0);
    exactly(r, -EINVAL, UNPAUSE_RUNNING);
    rig_domctl(r, XEN_DOMCTL_unpausedomain, 0, 0);
    exactly(r, -EINVAL, UNPAUSE_RUNNING);
    free(r);
}

static void test_domain_info(void **state)
{
    struct rig *r = rig_new(R_A, 1, 100);
    struct hv_call *c;

    (void)state;
    rig_create(r, 3, 50);
    rig_domctl(r, XEN_DOMCTL_getdomaininfo, 3, 0);
    r->result.out.info.flags = XEN_DOMINF_paused;
    exactly(r, 0, INFO_OK);
    /* The next higher one. */
    rig_domctl(r, XEN_DOMCTL_getdomaininfo, 1, 0);
    r->result.domid = 3;
    r->result.out.info.flags = XEN_DOMINF_paused;
    exactly(r, 0, INFO_OK);
    r->result.out.info.flags = 0;
    assert_non_null(
        model_commit(&r->m, &r->call, &r->p, &r->result, &r->seen));
    r->result.domid = 1;
    assert_non_null(
        model_commit(&r->m, &r->call, &r->p, &r->result, &r->seen));
    rig_domctl(r, XEN_DOMCTL_getdomaininfo, 4, 0);
    exactly(r, -ESRCH, INFO_NONE);
    rig_domctl(r, XEN_DOMCTL_getdomaininfo, 0x7fef, 0);
    exactly(r, -ESRCH, INFO_NONE);
    c = rig_domctl(r, XEN_DOMCTL_getdomaininfo, DOMID_SELF, 0);
    exactly(r, -EINVAL, INFO_RESERVED);
    c->caller = (struct hv_caller){ .domid = 3 };
    exactly(r, -EPERM, DOMCTL_XSM);
    free(r);

    r = rig_new(RELEASE_4_18, 1, 100);
    rig_create(r, 3, 50);
    rig_domctl(r, XEN_DOMCTL_getdomaininfo, 1, 0);
    exactly(r, -ESRCH, DOMCTL_DOMID);
    free(r);
}

static void test_sysctl(void **state)
{
    struct rig *r = rig_with_pages(R_C, 50, 6);

    (void)state;
    for ( int i = 0; i < 2; i++ )
    {
        struct hv_call *c = rig_call(r,
                                     i ? HV_CALL_NUMAINFO : HV_CALL_PHYSINFO);

        c->arg_bytes = sizeof(struct xen_sysctl);
        if ( i )
            exactly(r, 0, NUMAINFO_OK);
        else
            exactly(r, 0, PHYSINFO_OK);
        c->caller = (struct hv_caller){ .domid = 1 };
        exactly(r, -EPERM, SYSCTL_XSM);
        c->arg_bytes--;
        exactly(r, -EFAULT, SYSCTL_FAULT);
        c->caller.flags |= HV_CALLER_USER;
        exactly(r, -EPERM, CALLER_USER);
    }
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_front_end), cmocka_unit_test(test_versions),
        cmocka_unit_test(test_max_mem),   cmocka_unit_test(test_affinity),
        cmocka_unit_test(test_unpause),   cmocka_unit_test(test_domain_info),
        cmocka_unit_test(test_sysctl),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
