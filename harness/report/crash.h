/* SPDX-License-Identifier: MIT */
/*
 * When the process itself fails (a signal, a failed assertion, a sanitizer
 * report), say which program was running. Chains to whoever handled it before:
 * the fuzz engine still saves its input, the sanitizer still prints.
 *
 * Not here: signals that ask the program to end (harness/stop).
 */
#ifndef CLAIMCHECK_CRASH_H
#define CLAIMCHECK_CRASH_H

#include "harness/engine/engine.h"
#include "harness/report/report.h"

/* Engines watched at a time, whose runs take turns: a diff has two. */
#define CRASH_ENGINES_MAX 2

/* From now on, until crash_forget(). Call it after the fuzz engine has installed
 * its handlers, that is from the first input on. hints live as long as e;
 * before() is called before they are read, NULL: not called. */
void crash_watch(struct engine *e, struct report_hints *hints,
                 void (*before)(void));

/*
 * e is watched. From now on a signal or a hang in a call of e's implementation is a violation
 * of the run that is under way, with its place in the source, and the process
 * goes on: for who replays. Not for fuzz engines, which want the process dead.
 * A hang: one second of the process's own time in one call.
 */
void crash_recover(const struct engine *e);

/* Before e, which is watched, is closed or freed: neither a signal nor the timer
 * looks at it any more. */
void crash_forget(const struct engine *e);

/* A violation was reported already: the abort that follows says no more, and
 * whoever handles it finds nothing of ours on the stack above it. */
void crash_reported(void);

#endif /* CLAIMCHECK_CRASH_H */
