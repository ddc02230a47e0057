/* SPDX-License-Identifier: MIT */
/*
 * Asking for a place (harness/report/place.h) by a process that has crashed:
 * whatever is broken in it, the one that asks does not crash into its handlers,
 * where it would ask again, without end. Not here: what is found
 * (tests/plugins/crashes).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "harness/report/place.h"
#include "stub/stub.h"

extern char **environ;

static int told[2];

static void on_crash(int sig)
{
    ssize_t n = write(told[1], "", 1);

    (void)sig;
    (void)n;
    _exit(1);
}

static void asked_with_a_broken_environment(void **state)
{
    const struct stub_options options = { .fault = NULL };
    struct sigaction action = { .sa_handler = on_crash }, old;
    const char *why;
    char **was = environ, text[256] = "", byte;
    struct hypervisor h;

    (void)state;
    assert_true(stub_open(&h, &options, &why));
    assert_int_equal(pipe(told), 0);
    assert_int_equal(fcntl(told[0], F_SETFL, O_NONBLOCK), 0);
    sigaction(SIGSEGV, &action, &old);
    environ = (char **)sizeof(char *);
    assert_false(place_find(&h, NULL, text, sizeof(text)));
    environ = was;
    sigaction(SIGSEGV, &old, NULL);

    assert_int_equal(read(told[0], &byte, 1), -1);
    assert_non_null(strstr(text, "+0x")); /* what is known without asking */
    close(told[0]);
    close(told[1]);
    h.ops->close(h.hv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asked_with_a_broken_environment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
