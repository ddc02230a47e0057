/* SPDX-License-Identifier: MIT */
/*
 * A case as a C program, for people without this tool: the calls that it
 * makes, with the numbers that they have when it runs on the model, the
 * results that the rules allow, and the state that must follow. Frames are not
 * constants: the program uses those that Xen gives it.
 *
 * Not here: where the output goes (harness/cli/emit_c.c).
 */
#ifndef CLAIMCHECK_EMIT_H
#define CLAIMCHECK_EMIT_H

#include <stdio.h>

#include "harness/engine/engine.h"
#include "harness/program/text.h"
#include "steps.h"

enum emit_result
{
    EMIT_DONE,
    EMIT_CANNOT,   /* the case does what no program in dom0 can do */
    EMIT_BAD_CASE, /* it does not hold on the rules */
    EMIT_NO_MEMORY,
};

/*
 * Write a case, with the rules of one release; name is what the program calls
 * it. If that is not EMIT_DONE, why says more, with the step if it is one, and
 * what was written is of no use.
 */
enum emit_result emit_c(FILE *f, const struct litmus *l, enum release release,
                        const char *name, char why[EMIT_WHY_MAX]);

#endif /* CLAIMCHECK_EMIT_H */
