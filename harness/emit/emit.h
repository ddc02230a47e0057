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

/*
 * Write a case, with the rules of one release. Returns NULL, or why it cannot
 * be done: the case needs what a program in dom0 cannot do (then nothing has
 * been written), or it fails on the model (then the file is unusable).
 */
const char *emit_c(FILE *f, const struct litmus *l, enum release release,
                   const char *name);

#endif /* CLAIMCHECK_EMIT_H */
