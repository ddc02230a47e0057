/* SPDX-License-Identifier: MIT */
/* Cases of the tests of the engine: from text, and how most of them begin. */
#ifndef CLAIMCHECK_TESTS_ENGINE_CASE_H
#define CLAIMCHECK_TESTS_ENGINE_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "harness/engine/engine.h"

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

#endif /* CLAIMCHECK_TESTS_ENGINE_CASE_H */
