/* SPDX-License-Identifier: MIT */
/*
 * live/ over a Xen that is not there: this file stands in for libxencall. Which
 * hosts are refused, by name, and that a failure of a call of live/'s own is the
 * harness's: exit code 3, with the reason, and never a result of a case.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live/calls.h"
#include "live/live.h"
#include "stand_in.h"

#include <xen/version.h>

/* The Xen that is not there. */
static struct
{
    long version; /* major << 16 | minor */
    const char *extra;
    uint32_t domctl, sysctl; /* interface versions */
    long control;            /* result of domctl and sysctl, if not 0 */
    long multicall;          /* of multicall */
} xen;

static void be(long minor, const char *extra, enum release as)
{
    memset(&xen, 0, sizeof(xen));
    xen.version = 4 << 16 | minor;
    xen.extra = extra;
    xen.domctl = hv_domctl_version(as);
    xen.sysctl = hv_sysctl_version(as);
}

/* Commands and versions are in the same place in both structures. */
int xencall1(xencall_handle *handle, unsigned int op, uint64_t a)
{
    const struct xen_domctl *head = (const void *)(uintptr_t)a;
    uint32_t wanted = op == __HYPERVISOR_domctl ? xen.domctl : xen.sysctl;

    (void)handle;
    return stand_in_result(head->interface_version != wanted ? -EACCES
                                                             : xen.control);
}

long xencall2L(xencall_handle *handle, unsigned int op, uint64_t a, uint64_t b)
{
    (void)handle;
    if ( op == __HYPERVISOR_multicall )
        return stand_in_result(xen.multicall);
    if ( op == __HYPERVISOR_xen_version && a == XENVER_version )
        return xen.version;
    if ( op != __HYPERVISOR_xen_version )
        return stand_in_result(-ENOSYS);
    snprintf((char *)(uintptr_t)b, sizeof(xen_extraversion_t), "%s",
             xen.extra);

    return 0;
}

/* ---- hosts that are refused ---- */

static const char *refused(void)
{
    struct hypervisor h;
    const char *why = NULL;

    assert_false(live_open(&h, NULL, &why));
    return why;
}

static void test_versions(void **state)
{
    (void)state;
    be(23, ".0", RELEASE_4_22);
    assert_string_equal(refused(),
                        "Xen 4.23 is not known, expected 4.17 to 4.22");
    be(16, ".7", RELEASE_4_17);
    assert_string_equal(refused(),
                        "Xen 4.16 is not known, expected 4.17 to 4.22");
    /* A Xen that takes the versions of another release, and one that takes
     * none that is known. */
    be(17, ".7", RELEASE_4_20);
    assert_string_equal(refused(),
                        "its interface versions are not those of 4.17, "
                        "expected domctl 0x15 and sysctl 0x15");
    be(20, ".5-pre", RELEASE_4_21);
    assert_string_equal(refused(),
                        "its interface versions are not those of 4.20.3, "
                        "expected domctl 0x17 and sysctl 0x15");
    be(20, ".1", RELEASE_4_20);
    xen.domctl = 0x30;
    assert_string_equal(refused(),
                        "its interface versions are not those of 4.20, "
                        "expected domctl 0x17 and sysctl 0x15");
    be(17, ".7", RELEASE_4_17);
    xen.control = -EPERM;
    assert_string_equal(refused(),
                        "no domctl or sysctl: not a control domain");
    be(17, ".7", RELEASE_4_17);
    xen.multicall = -ENOSYS;
    assert_string_equal(refused(),
                        "the host does not list dom0: not a control domain");
}

/* ---- failures of own calls ---- */

struct ending
{
    int code;
    char text[256];
};

/* Runs a call in a process of its own, on a 4.20 whose calls give that. */
static struct ending run(void (*call)(struct live_calls *c), long control,
                         long multicall)
{
    struct ending e = { 0 };
    int ends[2], status;
    pid_t child;
    ssize_t got;

    assert_int_equal(pipe(ends), 0);
    child = fork();
    assert_true(child >= 0);
    if ( !child )
    {
        struct live_calls c;

        dup2(ends[1], STDERR_FILENO);
        be(20, ".4", RELEASE_4_20);
        if ( !calls_open(&c) || calls_probe(&c) )
            _exit(99);
        xen.control = control;
        xen.multicall = multicall;
        call(&c);
        _exit(0);
    }
    close(ends[1]);
    got = read(ends[0], e.text, sizeof(e.text) - 1);
    assert_true(got >= 0);
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    e.code = WEXITSTATUS(status);

    return e;
}

static void destroys(struct live_calls *c)
{
    calls_destroy(c, 1);
}

static void releases(struct live_calls *c)
{
    calls_release(c, 1); /* memory_op: the fake has none */
}

static void limits(struct live_calls *c)
{
    calls_max_mem(c, 0, 4);
}

static void cleans(struct live_calls *c)
{
    calls_clean(c, 2);
}

static void ends_with(void (*call)(struct live_calls *c), long control,
                      long multicall, int code, const char *text)
{
    struct ending e = run(call, control, multicall);

    assert_int_equal(e.code, code);
    assert_string_equal(e.text, text);
}

static void test_own_failures(void **state)
{
    (void)state;
    /* The domain may be gone or, in newer releases, dying: not failures. */
    ends_with(destroys, 0, 0, 0, "");
    ends_with(destroys, -ESRCH, 0, 0, "");
    ends_with(limits, -EINVAL, 0, 0, "");
    ends_with(destroys, -EIO, 0, 3,
              "claimcheck: live: destroying a domain: Input/output error\n");
    ends_with(limits, -EPERM, 0, 3,
              "claimcheck: live: restoring a limit: Operation not "
              "permitted\n");
    ends_with(releases, 0, 0, 3,
              "claimcheck: live: releasing a claim: Function not "
              "implemented\n");
    ends_with(cleans, 0, -EFAULT, 3,
              "claimcheck: live: listing the domains: Bad address\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_own_failures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
