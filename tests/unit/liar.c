/* SPDX-License-Identifier: MIT */
/* See liar.h. */
#include "liar.h"

static struct
{
    struct hypervisor honest, liar;
    struct hypervisor_ops ops;
    const struct lie *lie;
    const struct hv_hooks *hooks;
    enum release release;
    unsigned int calls;
    bool is_inside;
    struct engine engine;
    struct litmus litmus;
} rig;

static bool lying(void)
{
    return rig.lie && rig.calls > rig.lie->from;
}

static void lie_reset(void *hv, const struct host_shape *shape,
                      const struct hv_hooks *hooks)
{
    rig.calls = 0;
    rig.is_inside = false;
    rig.hooks = hooks;
    rig.release = shape->release;
    rig.honest.ops->reset(hv, shape, hooks);
}

static unsigned int lie_issue(void *hv, const struct hv_call *call,
                              struct hv_result *result)
{
    (void)hv;
    rig.calls++;
    if ( lying() && rig.lie->fail )
        /* In parentheses, for cmocka has a macro of that name. */
        (rig.hooks->fail)(rig.hooks->ctx, rig.lie->fail, "made up", "file", 1);
    rig.is_inside = lying() && rig.lie->inside;
    for ( int i = 0; rig.is_inside && i <= rig.lie->twice_inside; i++ )
        rig.hooks->event(rig.hooks->ctx, HV_EVENT_UNLOCK, HV_LOCK_HEAP, NULL,
                         "function", 1);
    rig.is_inside = false;
    if ( !lying() || !rig.lie->skip_call )
        hv_issue(&rig.honest, rig.release, call, result);
    if ( lying() && rig.lie->result )
        rig.lie->result(result);

    return 1;
}

static void lie_observe(void *hv, struct hv_view *view)
{
    rig.honest.ops->observe(hv, view);
    if ( rig.is_inside )
        rig.lie->inside(view);
    else if ( lying() && rig.lie->view )
        rig.lie->view(view);
}

static void lie_heap(void *hv, uint64_t *free, uint64_t *claimed)
{
    struct hv_view view;

    rig.honest.ops->observe(hv, &view);
    *free = view.free;
    *claimed = lying() && rig.lie->window ? view.free + 1 : view.claimed;
}

static const char *lie_audit(void *hv, char *why, size_t size)
{
    if ( !lying() || !rig.lie->audit )
        return rig.honest.ops->audit(hv, why, size);
    *why = 0;
    return rig.lie->audit;
}

static void lie_capacity(void *hv, struct hv_capacity *c)
{
    static uint32_t blocks[HV_BLOCK_COUNTS_MAX];

    rig.honest.ops->capacity(hv, c);
    if ( !lying() || !rig.lie->blocks )
        return;
    memcpy(blocks, c->blocks,
           c->nodes * c->zones * c->orders * sizeof(blocks[0]));
    blocks[0]++; /* of node 0, order 0 */
    c->blocks = blocks;
}

/* Where a call's argument begins. */
static uint64_t argument(const struct hv_call *c)
{
    if ( c->kind == HV_CALL_MEMORY_OP || c->placed )
        return c->arg;
    return GUEST_ARG_END - (c->kind == HV_CALL_DOMCTL
                                ? sizeof(struct xen_domctl)
                                : sizeof(struct xen_sysctl));
}

static void lie_page(void *hv, uint64_t frame, struct hv_page *page)
{
    rig.honest.ops->page(hv, frame, page);
    if ( lying() && rig.lie->page )
        rig.lie->page(page);
}

static void lie_scrub_pages(void *hv, uint64_t pages[HV_NODES_MAX])
{
    rig.honest.ops->scrub_pages(hv, pages);
    pages[0] += lying() && rig.lie->scrub;
}

static uint32_t lie_fetched(void *hv)
{
    uint32_t twice = rig.honest.ops->fetched_twice(hv);

    if ( lying() && rig.lie->twice )
        twice = (uint32_t)(argument(&rig.engine.call) - GUEST_ARG_START) +
                rig.lie->twice;
    return twice;
}

void liar_open(const struct hypervisor *h)
{
    const struct engine_options options = { 0 };

    rig.honest = *h;
    rig.ops = *h->ops;
    /* It tells of its own events, if of no others. */
    rig.ops.caps |= HV_CAP_HOOKS;
    rig.ops.reset = lie_reset;
    rig.ops.issue = lie_issue;
    rig.ops.observe = lie_observe;
    rig.ops.heap = lie_heap;
    rig.ops.audit = lie_audit;
    rig.ops.capacity = lie_capacity;
    rig.ops.fetched_twice = lie_fetched;
    if ( h->ops->page )
    {
        rig.ops.page = lie_page;
        rig.ops.scrub_pages = lie_scrub_pages;
    }
    rig.liar = (struct hypervisor){ &rig.ops, h->hv };
    engine_init(&rig.engine, &rig.liar, &options);
}

int liar_open_stub(void **state)
{
    const struct stub_options options = { 0 };
    struct hypervisor stub;
    const char *why;

    (void)state;
    assert_true(stub_open(&stub, &options, &why));
    liar_open(&stub);

    return 0;
}

int liar_close(void **state)
{
    (void)state;
    rig.honest.ops->close(rig.honest.hv);
    return 0;
}

void liar_holds(const char *const *programs, size_t nr)
{
    struct run_result r;

    rig.lie = NULL;
    for ( size_t i = 0; i < nr; i++ )
    {
        case_parse(&rig.litmus, programs[i]);
        engine_run(&rig.engine, RUN_PROGRAM(&rig.litmus.program), &r);
        if ( r.outcome != RUN_HELD )
            fail_msg("%s: %s: %s", programs[i], r.signature, r.detail);
    }
}

void liar_check(const struct lie *lies, unsigned int nr)
{
    struct run_result r;

    for ( unsigned int i = 0; i < nr; i++ )
    {
        liar_holds(&lies[i].program, 1);
        rig.lie = &lies[i];
        engine_run(&rig.engine, RUN_PROGRAM(&rig.litmus.program), &r);
        if ( r.outcome != RUN_VIOLATION ||
             strcmp(r.signature, lies[i].signature) )
            fail_msg("lie %u: expected %s, got %s (%s)", i, lies[i].signature,
                     r.signature, r.detail);
        if ( lies[i].says && !strstr(r.detail, lies[i].says) )
            fail_msg("lie %u: expected %s in %s", i, lies[i].says, r.detail);
        rig.lie = NULL;
    }
}

void liar_covers(const struct lie *lies, unsigned int nr, enum invariant first,
                 enum invariant last)
{
    for ( int inv = first; inv <= (int)last; inv++ )
    {
        size_t len = strlen(invariant_table[inv].name);
        bool found = false;

        for ( unsigned int i = 0; i < nr; i++ )
            found |= !strncmp(lies[i].signature, invariant_table[inv].name,
                              len) &&
                     lies[i].signature[len] == '/';
        if ( !found )
            fail_msg("%s: no lie shows that it can fail",
                     invariant_table[inv].name);
    }
}
