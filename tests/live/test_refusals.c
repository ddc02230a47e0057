/* SPDX-License-Identifier: MIT */
/*
 * What must not reach a live host, and what may: one call for each row of the
 * table of live/harmless.c, beside one that differs in that only. And the
 * layouts of createdomain. No Xen is asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "live/internal.h"
#include "live/layout.h"

static struct live live;

static const char *why(const struct hv_call *call)
{
    const char *reason = live_refusal(&live, call);

    return reason ? reason : "";
}

#define REFUSED(call, text) assert_non_null(strstr(why(call), text))
#define ALLOWED(call) assert_string_equal(why(call), "")

static struct hv_call memory_op(unsigned int op, uint16_t domid)
{
    return (struct hv_call){
        .kind = HV_CALL_MEMORY_OP,
        .caller = hv_caller_dom0(),
        .arg = GUEST_ARG_END - sizeof(struct xen_memory_reservation),
        .arg_bytes = sizeof(struct xen_memory_reservation),
        .cmd = op,
        .resv = { .nr_extents = 1, .domid = domid },
    };
}

static struct hv_call domctl(uint32_t cmd, uint16_t domid)
{
    return (struct hv_call){ .kind = HV_CALL_DOMCTL,
                             .caller = hv_caller_dom0(),
                             .placed = true,
                             .arg = GUEST_ARG_END - sizeof(struct xen_domctl),
                             .domctl = { .cmd = cmd, .domid = domid } };
}

static struct hv_call sysctl(enum hv_call_kind kind, uint32_t cmd)
{
    return (struct hv_call){ .kind = kind,
                             .caller = hv_caller_dom0(),
                             .placed = true,
                             .arg = GUEST_ARG_END - sizeof(struct xen_sysctl),
                             .sysctl_cmd = cmd };
}

static int start(void **state)
{
    (void)state;
    memset(&live, 0, sizeof(live));
    return 0;
}

static void test_callers(void **state)
{
    struct hv_call c = domctl(XEN_DOMCTL_max_mem, 1);

    (void)state;
    ALLOWED(&c);
    c.caller.flags |= HV_CALLER_ABI32;
    REFUSED(&c, "a caller other than a 64-bit dom0");
    c.caller = (struct hv_caller){ .domid = 1 };
    REFUSED(&c, "a caller other than a 64-bit dom0");
}

static void test_others(void **state)
{
    struct hv_call claim = memory_op(XENMEM_claim_pages, 3);
    struct hv_call far = domctl(XEN_DOMCTL_destroydomain, 20);
    struct hv_call info = domctl(XEN_DOMCTL_getdomaininfo, 1);

    (void)state;
    ALLOWED(&claim);
    ALLOWED(&far);
    ALLOWED(&info);
    live.others = 1U << 3;
    REFUSED(&claim, "a domain that was there before");
    REFUSED(&info, "may tell of a domain that was there before");
    claim.resv.domid = 4;
    ALLOWED(&claim);
    ALLOWED(&far);

    /* With an id that no program has of its own, but a raw call can name. */
    live.others = 0;
    live.far_others = true;
    REFUSED(&far, "a domain that was there before");
    REFUSED(&info, "may tell of a domain that was there before");
    claim.resv.domid = 20;
    REFUSED(&claim, "a domain that was there before");
    claim.resv.domid = DOMID_SELF;
    ALLOWED(&claim);
}

static void test_commands(void **state)
{
    static const uint32_t harmless[] = {
        0,
        XEN_DOMCTL_createdomain,
        XEN_DOMCTL_destroydomain,
        XEN_DOMCTL_unpausedomain,
        XEN_DOMCTL_getdomaininfo,
        XEN_DOMCTL_max_mem,
        XEN_DOMCTL_setnodeaffinity,
        HV_DOMCTLS_END,
        UINT8_MAX,
    };
    struct hv_call c = domctl(XEN_DOMCTL_pausedomain, 0);

    (void)state;
    REFUSED(&c, "a domctl that no rule describes");
    c.domctl.cmd = HV_DOMCTLS_END - 1;
    REFUSED(&c, "a domctl that no rule describes");
    for ( unsigned int i = 0; i < sizeof(harmless) / sizeof(*harmless); i++ )
    {
        c.domctl.cmd = harmless[i];
        ALLOWED(&c);
    }

    c = sysctl(HV_CALL_SYSCTL, XEN_SYSCTL_cpu_hotplug);
    REFUSED(&c, "a sysctl that no rule describes");
    c = sysctl(HV_CALL_SYSCTL, HV_SYSCTLS_END);
    ALLOWED(&c);
    c = sysctl(HV_CALL_SYSCTL, 0);
    ALLOWED(&c);
    c = sysctl(HV_CALL_PHYSINFO, 0);
    ALLOWED(&c);

    c = memory_op(XENMEM_exchange, 1);
    ALLOWED(&c);
    c = memory_op(XENMEM_add_to_physmap, 1);
    REFUSED(&c, "a memory_op command that is not about reservations");
    c = memory_op(HV_MEMORY_OPS_END, 1);
    ALLOWED(&c);
}

static void test_new_domains(void **state)
{
    struct hv_call c = domctl(XEN_DOMCTL_createdomain, HV_DOMS_MAX);

    (void)state;
    REFUSED(&c, "a new domain with an id above those of programs");
    c.domctl.domid = HV_DOMS_MAX - 1;
    ALLOWED(&c);
    /* Any id, up to 4.21; refused by Xen, from then on. */
    c.domctl.domid = 0;
    ALLOWED(&c);
    c.domctl.domid = DOMID_SELF;
    ALLOWED(&c);
}

static void test_own_memory(void **state)
{
    static uint64_t own[512];
    struct hv_call c = memory_op(XENMEM_populate_physmap, 1);

    (void)state;
    c.resv.extent_start.p = (xen_pfn_t *)own;
    REFUSED(&c, "an extent list in the program's own memory");
    c.resv.extent_start.p = (xen_pfn_t *)(uintptr_t)GUEST_UNMAPPED;
    ALLOWED(&c);
    c.arg = (uintptr_t)own;
    REFUSED(&c, "an argument in the program's own memory");

    c = memory_op(XENMEM_exchange, 1);
    c.arg = GUEST_ARG_END - sizeof(struct xen_memory_exchange);
    c.resv.extent_start.p = (xen_pfn_t *)(uintptr_t)GUEST_LIST_START;
    c.out.extent_start.p = (xen_pfn_t *)own;
    REFUSED(&c, "a list of what is exchanged for in the program's own");
    c.out.extent_start.p = (xen_pfn_t *)(uintptr_t)GUEST_UNMAPPED;
    ALLOWED(&c);
    /* The entry that is read, and written, first. */
    c.resv.extent_start.p = (xen_pfn_t *)((uintptr_t)own - 8 * 2048);
    c.nr_exchanged = 2048;
    REFUSED(&c, "an extent list in the program's own memory");
    c.resv.extent_start.p = (xen_pfn_t *)(uintptr_t)GUEST_UNMAPPED;
    c.out.extent_start.p = (xen_pfn_t *)((uintptr_t)own - 8 * 1024);
    c.out.extent_order = 1;
    REFUSED(&c, "a list of what is exchanged for in the program's own");

    c = domctl(XEN_DOMCTL_getdomaininfo, 1);
    c.arg = (uintptr_t)own;
    REFUSED(&c, "an argument in the program's own memory");
    c = sysctl(HV_CALL_NUMAINFO, 0);
    c.data = (uintptr_t)own;
    REFUSED(&c, "an array of nodes in the program's own memory");
    c.data = 0;
    ALLOWED(&c);
}

static void test_dom0(void **state)
{
    struct hv_call c = memory_op(XENMEM_decrease_reservation, DOMID_SELF);

    (void)state;
    REFUSED(&c, "dom0's own frames");
    c.arg_bytes = 8; /* Xen cannot read it, and does nothing */
    ALLOWED(&c);
    c = memory_op(XENMEM_exchange, DOMID_SELF);
    REFUSED(&c, "dom0's own frames");
    c = memory_op(XENMEM_increase_reservation, 0);
    REFUSED(&c, "pages for dom0 that could not be taken back");
    c.resv.nr_extents = 0;
    ALLOWED(&c);
    c = memory_op(XENMEM_claim_pages, 0);
    ALLOWED(&c);
    c = (struct hv_call){ .kind = HV_CALL_MAP, .caller = hv_caller_dom0() };
    REFUSED(&c, "a foreign mapping of dom0's own frame");
    c.domid = 1;
    ALLOWED(&c);
}

/* 64 bytes numbered 1 to 64: the new layout has four zeros after 48 of them. */
static void test_layouts(void **state)
{
    uint8_t was[72] = { 0 }, is[72];

    (void)state;
    for ( uint8_t i = 0; i < 64; i++ )
        was[i] = (uint8_t)(i + 1);
    memcpy(is, was, sizeof(is));

    layout_createdomain(is, false, false);
    assert_memory_equal(is, was, sizeof(is));
    layout_createdomain(is, false, true);
    assert_memory_equal(is, was, 48);
    assert_memory_equal(is + 48, "\0\0\0\0", 4);
    assert_memory_equal(is + 52, was + 48, 16);
    layout_createdomain(is, true, true);
    assert_int_equal(is[67], 64);
    layout_createdomain(is, true, false);
    assert_memory_equal(is, was, sizeof(is));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_callers, start),
        cmocka_unit_test_setup(test_others, start),
        cmocka_unit_test_setup(test_commands, start),
        cmocka_unit_test_setup(test_new_domains, start),
        cmocka_unit_test_setup(test_own_memory, start),
        cmocka_unit_test_setup(test_dom0, start),
        cmocka_unit_test(test_layouts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
