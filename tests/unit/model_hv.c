/* SPDX-License-Identifier: MIT */
/*
 * The model as a hypervisor: what it offers, for a program that needs more is
 * skipped, which fails nothing; and results that are wished for and that the stub,
 * which the corpus must hold on, does not have.
 *
 * Not here: how else it answers calls: the corpus and the matrix run on it.
 */
#include "model_rig.h"

#include "model/model_hv.h"

/* All but what looks inside of a heap that it has not, and what only makes runs
 * faster. */
static void test_offers_all_calls(void **state)
{
    const uint32_t inside = HV_CAP_AUDIT | HV_CAP_HOOKS | HV_CAP_CAPACITY |
                            HV_CAP_FETCHES | HV_CAP_HASH | HV_CAP_SAVE;

    (void)state;
    assert_int_equal(model_hv_ops.caps, HV_CAPS_ALL & ~inside);
}

static void makes(struct hypervisor *h, const struct rig *r, long rc)
{
    struct hv_result result;

    assert_int_equal(h->ops->issue(h->hv, &r->call, &result), 1);
    assert_int_equal(result.rc, rc);
}

/* A destroy that is wished to stop although it has come to the end: a mapping keeps
 * the extra page, which is the first page of the host. */
static void test_mapped_page_outlives_a_destroy(void **state)
{
    const struct host_shape shape = { .release = R_C,
                                      .nodes = 4,
                                      .node_pages = 1 };
    struct rig *r = rig_new(R_C, 1, 0); /* makes the calls */
    struct hypervisor h;

    (void)state;
    assert_true(model_hypervisor_open(&h));
    h.ops->reset(h.hv, &shape, NULL);
    /* The first domain's structures lie in the first page. */
    rig_domctl(r, XEN_DOMCTL_createdomain, 1, 0);
    makes(&h, r, 0);
    rig_domctl(r, XEN_DOMCTL_createdomain, 2, 0);
    makes(&h, r, 0);
    rig_domctl(r, XEN_DOMCTL_destroydomain, 1, 0);
    makes(&h, r, 0);
    rig_page(r, HV_CALL_EXTRA_ALLOC, 2, 0);
    makes(&h, r, 0);
    rig_page(r, HV_CALL_MAP, 2, HV_FRAME_BASE);
    makes(&h, r, 0);
    rig_domctl(r, XEN_DOMCTL_destroydomain, 2, 0)->domctl.preempt = 1;
    h.ops->prefer(h.hv, true, HV_CONTINUE);
    makes(&h, r, HV_CONTINUE);
    h.ops->observe(h.hv, &r->seen);
    assert_int_equal(r->seen.dom[2].extra, 1);
    h.ops->close(h.hv);
    free(r);
}

/* By the rules a free page may be one of dom0's, which have no names; here it is
 * known not to be. */
static void test_a_free_page_is_not_exchanged(void **state)
{
    const struct host_shape shape = { .release = R_C,
                                      .nodes = 1,
                                      .node_pages = 64 };
    struct rig *r = rig_new(R_C, 1, 0); /* makes the calls */
    struct hv_call *c = rig_memory_op(r, XENMEM_exchange, 0, 1);
    struct hypervisor h;

    (void)state;
    assert_true(model_hypervisor_open(&h));
    h.ops->reset(h.hv, &shape, NULL);
    c->arg_bytes = sizeof(struct xen_memory_exchange);
    c->resv.extent_start.p = (void *)(uintptr_t)GUEST_LIST_START;
    c->out = c->resv;
    c->out.extent_start.p = (void *)(uintptr_t)(GUEST_LIST_START +
                                                sizeof(uint64_t));
    c->list_entries = 2;
    r->list[0] = HV_FRAME_BASE + 40;
    makes(&h, r, -EINVAL);
    h.ops->close(h.hv);
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_offers_all_calls),
        cmocka_unit_test(test_mapped_page_outlives_a_destroy),
        cmocka_unit_test(test_a_free_page_is_not_exchanged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
