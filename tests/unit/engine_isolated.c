/* SPDX-License-Identifier: MIT */
/*
 * Runs in a process of their own (engine_run_isolated()): whatever that process
 * does, this one has a result, and waits for it.
 */
#define _DEFAULT_SOURCE /* usleep, syscall */
#include "engine_case.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static struct
{
    struct stub_rig on;
    void (*do_it)(void); /* in each call */
    pid_t test;
    bool no_memory; /* to share */
    /* How memory was asked for, and what there is of it. */
    int prot, flags, fd;
    size_t mapped;
} rig;

/* The C library's, for all that is linked here. */
void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t at)
{
    rig.prot = prot;
    rig.flags = flags;
    rig.fd = fd;
    if ( rig.no_memory )
        return MAP_FAILED;
    rig.mapped += len;
    return (void *)syscall(SYS_mmap, addr, len, prot, flags, fd, at);
}

int munmap(void *addr, size_t len)
{
    rig.mapped -= len;
    return (int)syscall(SYS_munmap, addr, len);
}

static unsigned int issue(void *hv, const struct hv_call *call,
                          struct hv_result *result)
{
    (void)hv;
    rig.do_it();
    return stub_rig_issue(&rig.on, call, result);
}

static int open_rig(void **state)
{
    const struct engine_options engine = { 0 };

    *state = &rig.on;
    stub_rig_open(&rig.on, &engine);
    rig.on.ops.issue = issue;
    rig.test = getpid();

    return 0;
}

static void run(void (*do_it)(void), struct run_result *r)
{
    static struct litmus litmus;
    const struct run_spec spec = { .program = &litmus.program,
                                   .release = RELEASE_4_17 };

    case_parse(&litmus, "create d1\nmax_mem d1 8\n");
    rig.do_it = do_it;
    memset(r, UINT8_MAX, sizeof(*r));
    rig.mapped = 0;
    engine_run_isolated(&rig.on.engine, &spec, r);
    /* No memory is left, and no child. */
    assert_int_equal(rig.mapped, 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void nothing(void)
{
    assert_int_not_equal(getpid(), rig.test);
}

static void here(void)
{
    assert_int_equal(getpid(), rig.test);
    rig.no_memory = false;
}

static void killed(void)
{
    nothing();
    raise(SIGKILL);
}

static void leaves(void)
{
    nothing();
    _exit(3);
}

static void is_watched(void)
{
    struct itimerval timer;

    nothing();
    getitimer(ITIMER_PROF, &timer);
    if ( timer.it_value.tv_sec < 100 )
        _exit(4);
}

static void is_told(void *ctx, const struct step_info *info)
{
    (void)ctx;
    (void)info;
    _exit(5);
}

/* Often, as it must meet the other process while that waits. */
static void disturbs(void)
{
    nothing();
    for ( unsigned int i = 0; i < 20; i++ )
    {
        kill(rig.test, SIGUSR1);
        usleep(500);
    }
}

static void on_signal(int sig)
{
    (void)sig;
}

static void a_run_that_ends_has_its_result(void **state)
{
    struct run_result r;

    (void)state;
    run(nothing, &r);
    assert_int_equal(r.outcome, RUN_HELD);
    assert_true(r.steps >= 2);
}

/* On other systems than Linux what is no file must be -1, and who writes cannot
 * read. */
static void shared_memory_is_asked_for_as_is_right_everywhere(void **state)
{
    struct run_result r;

    (void)state;
    run(nothing, &r);
    assert_int_equal(rig.prot, PROT_READ | PROT_WRITE);
    assert_int_equal(rig.flags, MAP_SHARED | MAP_ANONYMOUS);
    assert_int_equal(rig.fd, -1);
}

static void it_is_watched_for_hangs(void **state)
{
    const struct itimerval timer = { .it_value.tv_sec = 1000 }, none = { 0 };
    struct run_result r;

    (void)state;
    assert_int_equal(setitimer(ITIMER_PROF, &timer, NULL), 0);
    run(is_watched, &r);
    assert_int_equal(setitimer(ITIMER_PROF, &none, NULL), 0);
    assert_int_equal(r.outcome, RUN_HELD);
}

static void nothing_is_told_there(void **state)
{
    struct run_result r;

    (void)state;
    rig.on.engine.o.on_step = is_told;
    run(nothing, &r);
    rig.on.engine.o.on_step = NULL;
    assert_int_equal(r.outcome, RUN_HELD);
}

static void a_process_that_dies_is_a_crash(void **state)
{
    struct run_result r;

    (void)state;
    run(killed, &r);
    assert_int_equal(r.outcome, RUN_VIOLATION);
    assert_true(r.crash);
    assert_string_equal(r.signature, "SIGNAL-9/end");
    assert_int_equal(r.step | r.steps | r.weaknesses, 0);
    assert_int_equal(r.hash, 0);
    run(leaves, &r);
    assert_int_equal(r.outcome, RUN_VIOLATION);
    assert_true(r.crash);
    assert_string_equal(r.signature, "EXIT-3/end");
    assert_string_equal(r.detail, "the process ended");
}

/* Then the wait fails when the process has ended. */
static void where_children_are_not_waited_for_it_has_a_result(void **state)
{
    struct run_result r;

    (void)state;
    assert_true(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
    run(nothing, &r);
    assert_int_equal(r.outcome, RUN_HELD);
    run(leaves, &r);
    assert_string_equal(r.signature, "EXIT-0/end");
    assert_true(signal(SIGCHLD, SIG_DFL) != SIG_ERR);
}

static void a_signal_does_not_end_the_wait(void **state)
{
    /* Without SA_RESTART, as those of harness/stop. */
    struct sigaction action = { .sa_handler = on_signal };
    struct run_result r;

    (void)state;
    assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
    run(disturbs, &r);
    assert_int_equal(r.outcome, RUN_HELD);
}

static void without_shared_memory_it_is_run_here(void **state)
{
    struct run_result r;

    (void)state;
    rig.no_memory = true;
    run(here, &r);
    assert_false(rig.no_memory);
    assert_int_equal(r.outcome, RUN_HELD);
    assert_true(r.steps >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_that_ends_has_its_result),
        cmocka_unit_test(shared_memory_is_asked_for_as_is_right_everywhere),
        cmocka_unit_test(it_is_watched_for_hangs),
        cmocka_unit_test(nothing_is_told_there),
        cmocka_unit_test(a_process_that_dies_is_a_crash),
        cmocka_unit_test(where_children_are_not_waited_for_it_has_a_result),
        cmocka_unit_test(a_signal_does_not_end_the_wait),
        cmocka_unit_test(without_shared_memory_it_is_run_here),
    };

    return cmocka_run_group_tests(tests, open_rig, stub_rig_close);
}
