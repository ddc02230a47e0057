/* SPDX-License-Identifier: MIT */
/*
 * Programs generated for a live host run there: none is skipped for what such a
 * host does not offer or what it refuses. A stub with a live host's
 * capabilities and refusals stands for it. Not here: whether Xen keeps the
 * rules.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "harness/engine/engine.h"
#include "harness/generate/generate.h"
#include "live/internal.h"
#include "live/live.h"
#include "pages_of_xen.h"
#include "stub/stub.h"

#define PROGRAMS 10000

static struct
{
    struct hypervisor stub, h;
    struct hypervisor_ops ops;
    struct engine engine;
    struct live live; /* as after a reset: dom0 was given no frame */
    struct guarded guarded;
} rig;

static const char *refuses(void *hv, const struct hv_call *call)
{
    const struct hypervisor h = { .hv = &rig.live };
    const char *reason;

    (void)hv;
    live_harmless(&h, call, &reason);
    return reason;
}

static void forget(void)
{
    memset(rig.live.had, 0, sizeof(rig.live.had));
    frames_forget(&rig.live.frames);
}

/* Where a live host gives a frame its number, when it is first heard of, this one
 * has given it to a domain before. The stub's hosts have more pages than a live
 * host gives numbers: then it begins again. */
static uint64_t page_frame(void *hv, int id)
{
    uint64_t frame = rig.stub.ops->page_frame(hv, id);

    if ( rig.live.frames.nr == LIVE_FRAMES_MAX )
        forget();
    live_note_had(&rig.live, frame, 0);
    return frame;
}

static void reset(void *hv, const struct host_shape *shape,
                  const struct hv_hooks *hooks)
{
    forget();
    rig.stub.ops->reset(hv, shape, hooks);
}

static int open_rig(void **state)
{
    const struct engine_options eo = { 0 };
    const struct stub_options so = { 0 };
    const char *why = NULL;

    (void)state;
    assert_true(stub_open(&rig.stub, &so, &why));
    rig.ops = *rig.stub.ops;
    /* What the engine needs to judge a stub stays. */
    rig.ops.caps = LIVE_CAPS | HV_CAP_EXACT | HV_CAP_CAPACITY;
    rig.ops.refuses = refuses;
    rig.ops.page_frame = page_frame;
    rig.ops.reset = reset;
    rig.live.max_frame = UINT32_MAX;
    rig.live.guardian.guarded = &rig.guarded;
    pages_open(&rig.live.calls);
    rig.h = (struct hypervisor){ &rig.ops, rig.stub.hv };
    engine_init(&rig.engine, &rig.h, &eo);

    return 0;
}

static int close_rig(void **state)
{
    (void)state;
    rig.stub.ops->close(rig.stub.hv);
    calls_close(&rig.live.calls);
    return 0;
}

static unsigned int skipped(uint32_t lacks, bool wide)
{
    const struct generate_options o = { .release = -1,
                                        .lacks = lacks,
                                        .wide = wide };
    static struct program p;
    unsigned int nr = 0;

    for ( uint64_t seed = 0; seed < PROGRAMS; seed++ )
    {
        struct run_result r;

        program_generate(&p, seed, &o);
        engine_run(&rig.engine, RUN_PROGRAM(&p), &r);
        if ( r.outcome == RUN_SKIPPED && !nr++ && lacks )
            print_message("seed %u: %s\n", (unsigned int)seed, r.detail);
        assert_int_not_equal(r.outcome, RUN_VIOLATION);
    }

    return nr;
}

static void test_none_is_skipped(void **state)
{
    (void)state;
    assert_int_equal(skipped(HV_CAPS_ALL & ~LIVE_CAPS, false), 0);
    assert_int_equal(skipped(HV_CAPS_ALL & ~LIVE_CAPS, true), 0);
}

/* Others are: the test above can fail. */
static void test_others_are(void **state)
{
    (void)state;
    assert_in_range(skipped(0, false), PROGRAMS / 4, PROGRAMS);
    assert_in_range(
        skipped(HV_CAPS_ALL & ~LIVE_CAPS & ~HV_CAP_DOM0_PAGES, false), 1,
        PROGRAMS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none_is_skipped),
        cmocka_unit_test(test_others_are),
    };

    return cmocka_run_group_tests(tests, open_rig, close_rig);
}
