/* SPDX-License-Identifier: MIT */
/*
 * What tests of the engine share: cases from text, how most of them begin, and
 * an engine on a stub whose operations may be replaced.
 */
#ifndef CLAIMCHECK_TESTS_ENGINE_CASE_H
#define CLAIMCHECK_TESTS_ENGINE_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "harness/engine/engine.h"
#include "stub/stub.h"

#define BUILT "create d1\nmax_mem d1 32\n" /* calls 1, 2 */
#define CLAIMED BUILT "claim d1 8\n"       /* call 3     */

/* Text that must be right. */
static inline void case_parse(struct litmus *l, const char *text)
{
    static struct problems problems;

    memset(&problems, 0, sizeof(problems));
    if ( !litmus_parse(l, text, strlen(text), &problems) )
        fail_msg("%u:%u: %s", problems.problem[0].line,
                 problems.problem[0].column, problems.problem[0].text);
}

/* The engine calls through ops, which are the stub's until a test says
 * otherwise. */
struct stub_rig
{
    struct hypervisor stub, h;
    struct hypervisor_ops ops;
    struct engine engine;
};

static inline void stub_rig_open(struct stub_rig *r,
                                 const struct engine_options *o)
{
    const struct stub_options options = { 0 };
    const char *why;

    assert_true(stub_open(&r->stub, &options, &why));
    r->ops = *r->stub.ops;
    r->h = (struct hypervisor){ &r->ops, r->stub.hv };
    engine_init(&r->engine, &r->h, o);
}

/* What the stub does with a call of the run that is under way. */
static inline unsigned int stub_rig_issue(const struct stub_rig *r,
                                          const struct hv_call *call,
                                          struct hv_result *result)
{
    return hv_issue(&r->stub, r->engine.spec.release, call, result);
}

/* For cmocka, after all tests: *state is the rig. */
static inline int stub_rig_close(void **state)
{
    struct stub_rig *r = *state;

    r->stub.ops->close(r->stub.hv);
    return 0;
}

#endif /* CLAIMCHECK_TESTS_ENGINE_CASE_H */
