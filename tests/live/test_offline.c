/* SPDX-License-Identifier: MIT */
/*
 * Pages that go out of use on a live host: only those that a domain of the
 * program has had, never dom0's; and that they come back, after a program and
 * after a process that is killed. The Xen is pages_of_xen.c.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live/internal.h"
#include "pages_of_xen.h"

static struct live live;
/* Of a live host, in place of the one that the process would share. */
static struct guarded guarded;

static int start(void **state)
{
    (void)state;
    memset(&live, 0, sizeof(live));
    memset(&guarded, 0, sizeof(guarded));
    live.guardian.guarded = &guarded;
    live.max_frame = 999;
    pages_open(&live.calls);

    return 0;
}

static int stop(void **state)
{
    (void)state;
    calls_close(&live.calls);
    return 0;
}

static struct hv_call offline(uint32_t action, uint32_t from, uint32_t to)
{
    return (struct hv_call){ .kind = HV_CALL_OFFLINE,
                             .caller = hv_caller_dom0(),
                             .placed = true,
                             .arg = GUEST_ARG_END - sizeof(struct xen_sysctl),
                             .data = GUEST_LIST_START,
                             .offline = { action, from, to } };
}

static void expect(uint32_t action, uint32_t from, uint32_t to,
                   const char *text)
{
    const struct hv_call c = offline(action, from, to);
    const char *why = live_refusal(&live, &c);

    assert_string_equal(why ? why : "", text);
}

#define STRANGE "a range with frames that no domain of the program has had"

static void test_whose(void **state)
{
    static const uint32_t actions[] = { sysctl_page_offline,
                                        sysctl_page_online,
                                        sysctl_query_page_offline };

    (void)state;
    live_note_had(&live, 40, 2); /* 40 to 43 */
    frames_id(&live.frames, 44); /* named, and nothing more */
    for ( unsigned int i = 0; i < sizeof(actions) / sizeof(*actions); i++ )
    {
        expect(actions[i], 40, 43, "");
        expect(actions[i], 42, 42, "");
        expect(actions[i], 39, 40, STRANGE);
        expect(actions[i], 43, 44, STRANGE);
        expect(actions[i], 0, UINT32_MAX, STRANGE);
        expect(actions[i], 1000, 1000 + HV_STATUS_MAX, STRANGE);
        /* Xen refuses these itself. */
        expect(actions[i], 43, 40, "");
        expect(actions[i], 1000, 999 + HV_STATUS_MAX, "");
    }
    live.misaligns = true;
    expect(sysctl_page_offline, 40, 40,
           "pages out of use, on a Xen that hands pages out twice afterwards "
           "(before 4.20.4, 4.21.2)");
    expect(sysctl_page_online, 40, 40, "");
    live.misaligns = false;
    pages->dom0s = 43;
    expect(sysctl_page_offline, 40, 42, "");
    expect(sysctl_page_offline, 40, 43,
           "dom0's own frames could go out of use");
    /* Which does nothing to a page in use. */
    expect(sysctl_page_online, 40, 43, "");
    pages->dom0s = UINT64_MAX;
    guarded.domids = 1U << 2;
    pages->d2s = 41;
    expect(sysctl_page_offline, 42, 43, "");
    expect(sysctl_page_offline, 40, 43,
           "a page that a domain has: the host hangs when the domain is "
           "destroyed");
    expect(sysctl_query_page_offline, 40, 43, "");
    pages->d2s = UINT64_MAX;
    live.dom0_translated = true;
    expect(sysctl_page_offline, 40, 40,
           "dom0's own frames could go out of use");
}

static void test_memory(void **state)
{
    static uint64_t own[512];
    struct hv_call c = offline(sysctl_query_page_offline, 40, 40);
    const struct hv_call broken = { .kind = HV_CALL_BREAK,
                                    .caller = hv_caller_dom0() };

    (void)state;
    live_note_had(&live, 40, 0);
    c.data = (uintptr_t)own;
    assert_non_null(strstr(live_refusal(&live, &c),
                           "status words in the program's own memory"));
    c.data = 0;
    assert_null(live_refusal(&live, &c));
    assert_string_equal(live_refusal(&live, &broken), "a machine check");
}

static void came_back(uint32_t nr, const uint64_t *frame)
{
    assert_int_equal(pages->nr_back, nr);
    for ( uint32_t i = 0; i < nr; i++ )
        assert_int_equal(pages->back[i], frame[i]);
}

static void test_brought_back(void **state)
{
    const uint64_t frames[] = { 41, 42, 40 };

    (void)state;
    live_note_had(&live, 40, 2);
    live_note_offline(&live,
                      &(struct hv_offline){ sysctl_page_offline, 41, 42 });
    /* Once is enough; what Xen refuses, and what is no taking out of use, is
     * not noted. */
    live_note_offline(&live,
                      &(struct hv_offline){ sysctl_page_offline, 40, 41 });
    live_note_offline(&live,
                      &(struct hv_offline){ sysctl_page_offline, 43, 40 });
    live_note_offline(&live,
                      &(struct hv_offline){ sysctl_page_offline, 1000, 1000 });
    live_note_offline(&live,
                      &(struct hv_offline){ sysctl_page_online, 43, 43 });
    assert_int_equal(guarded.nr_frames, 3);
    live_bring_back(&live);
    came_back(3, frames);
    assert_int_equal(guarded.nr_frames, 0);
}

static void test_full(void **state)
{
    struct guardian g = { .guarded = &guarded };

    (void)state;
    for ( uint64_t i = 0; i < GUARDED_FRAMES_MAX; i++ )
        assert_true(guardian_note_frame(&g, i));
    assert_true(guardian_note_frame(&g, 0));
    assert_false(guardian_note_frame(&g, GUARDED_FRAMES_MAX));
}

/* A process that is killed between the note and anything else. */
static void test_killed(void **state)
{
    const uint64_t frames[] = { 7, 5 };
    pid_t child;
    int status, nr = 0;

    (void)state;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    child = fork();
    assert_true(child >= 0);
    if ( !child )
    {
        struct guardian g;

        if ( !guardian_start(&g) || !guardian_note_frame(&g, frames[0]) ||
             !guardian_note_frame(&g, frames[1]) )
            _exit(1);
        raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    /* The guardian is ours now. */
    while ( waitpid(-1, &status, 0) > 0 )
        nr++;
    assert_int_equal(errno, ECHILD);
    assert_int_equal(nr, 1);
    assert_int_equal(status, 0);
    came_back(2, frames);
}

/* It cannot be brought back: the harness's own failure, exit code 3. */
static void test_fails(void **state)
{
    int status;
    pid_t child = fork();

    (void)state;
    assert_true(child >= 0);
    if ( !child )
    {
        close(STDERR_FILENO);
        pages->online = -EINVAL;
        guardian_note_frame(&live.guardian, 7);
        live_bring_back(&live);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 3);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_whose), TEST(test_memory), TEST(test_brought_back),
        TEST(test_full),  TEST(test_killed), TEST(test_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
