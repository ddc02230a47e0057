/* SPDX-License-Identifier: MIT */
/*
 * A run, described completely: engine_run() takes nothing else but the engine,
 * which is to say the hypervisor and the fault planted in it. Whatever runs a
 * case again (the report, the search for the step that broke something, the
 * shrinker) passes on the value that it got, and so sees the same run.
 */
#ifndef CLAIMCHECK_RUN_SPEC_H
#define CLAIMCHECK_RUN_SPEC_H

#include "harness/program/text.h"

/* What to do about the known weaknesses of weaknesses.def. */
enum tolerance
{
    END_AT_WEAKNESS, /* the state is spoilt: the run ends, as RUN_WEAKNESS    */
    PAST_WEAKNESS, /* go on: soundness is not judged any more, all else is  */
    NO_WEAKNESS,   /* it is a violation like any other (--strict)           */
};

struct run_spec
{
    const struct program *program;
    /* Whose "= R" and expect lines must hold, or NULL. Its steps are those of
     * program, which usually is its own. A broken one is EXPECT/<op>. */
    const struct litmus *expects;
    enum release release; /* whatever the program's host says */
    enum tolerance tolerance;
    bool audit_each_step; /* else after the program, and after the drain */
    bool no_drain;
};

/* A program as it is: its own release, no expectations. */
#define RUN_PROGRAM(p)                                                        \
    (&(const struct run_spec){ .program = (p),                                \
                               .release = (enum release)(p)->host.release })

#endif /* CLAIMCHECK_RUN_SPEC_H */
