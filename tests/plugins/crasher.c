/* SPDX-License-Identifier: MIT */
/*
 * A plug-in with one fault, chosen by --fault, which shows when a domain of its
 * own claims pages while another one has claimed: it crashes in one way or
 * another. What it does else is the stub's.
 */
#include "hypervisor/plugin.h"
#include "stub/world.h"

#include <stdlib.h>
#include <string.h>

static struct hypervisor_ops ops;
static long (*stub_op)(void *hv, const struct hv_caller *caller, uint64_t *cmd,
                       uint64_t arg);
/* Read by the compiler as something that may change: no loop is left out. */
static volatile int zero, *nowhere;

static void crash_segv(void)
{
    *nowhere = 1; /* line SEGV */
}

static void crash_abort(void)
{
    abort(); /* line ABORT */
}

static void crash_divide(void)
{
    zero = 7 / zero; /* line DIVIDE */
}

static void crash_loop(void)
{
    while ( !zero ) /* line LOOP */
        continue;
}

static int crash_stack(int n)
{
    volatile char page[4096] = { 0 };

    page[n % 4096] = (char)n;
    if ( zero )
        return page[0];
    return crash_stack(n + 1) + page[0]; /* line STACK */
}

static void crash(struct stub *s, const char *how)
{
    if ( !strcmp(how, "segv") )
        crash_segv();
    if ( !strcmp(how, "abort") )
        crash_abort();
    if ( !strcmp(how, "divide") )
        crash_divide();
    if ( !strcmp(how, "loop") )
        crash_loop();
    if ( !strcmp(how, "stack") )
        zero = crash_stack(0);
    if ( !strcmp(how, "assert") )
        stub_fail(s, "BUG", "no_claim", __FILE__, __LINE__); /* line ASSERT */
}

/* Built with one: --fault is not needed, for verbs that take none with it. */
#ifndef CRASHER_FAULT
#define CRASHER_FAULT ""
#endif
static const char *chosen = CRASHER_FAULT;

static long memory_op(void *hv, const struct hv_caller *caller, uint64_t *cmd,
                      uint64_t arg)
{
    struct hv_domain_view dom[HV_DOMS_MAX];
    struct stub *s = hv;
    int claims = 0;
    long rc = stub_op(hv, caller, cmd, arg);

    s->alloc->counts(s->a, HV_DOMS_ALL, dom);
    for ( int i = 0; i < HV_DOMS_MAX; i++ )
        claims += dom[i].claim > 0;
    if ( claims > 1 )
        crash(s, chosen);

    return rc;
}

static bool open_hypervisor(struct hypervisor *h, const char *fault,
                            const char **why)
{
    static const char *const known[] = { "segv", "abort", "divide",
                                         "loop", "stack", "assert" };
    const struct stub_options options = { .fault = NULL };

    for ( size_t i = 0; fault && i < sizeof(known) / sizeof(known[0]); i++ )
        if ( !strcmp(fault, known[i]) )
            chosen = known[i];
    if ( fault && !*chosen )
    {
        *why = "expected segv, abort, divide, loop, stack or assert";
        return false;
    }
    if ( !stub_open(h, &options, why) )
        return false;
    ops = *h->ops;
    ops.name = "crasher";
    stub_op = ops.memory_op;
    ops.memory_op = memory_op;
    h->ops = &ops;

    return true;
}

const struct claimcheck_plugin claimcheck_plugin = {
    CLAIMCHECK_PLUGIN_HEAD,
    .name = "crasher",
    .open = open_hypervisor,
};
