/* SPDX-License-Identifier: MIT */
/*
 * What stands in for libxencall in tests without a Xen: opening, closing and
 * buffers. The hypercalls, xencall1() and xencall2L(), are each test's own.
 */
#ifndef CLAIMCHECK_TESTS_LIVE_STAND_IN_H
#define CLAIMCHECK_TESTS_LIVE_STAND_IN_H

/* A result as libxencall returns it: -1, with errno, for what is below 0. */
int stand_in_result(long rc);

#endif /* CLAIMCHECK_TESTS_LIVE_STAND_IN_H */
