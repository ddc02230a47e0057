/* SPDX-License-Identifier: MIT */
/*
 * What a person sees when a run fails: signature, program with the failing step
 * marked, model and observation side by side, and what to do next. Printed only
 * on failure (or for --trace); never in the step path.
 */
#ifndef CLAIMCHECK_REPORT_H
#define CLAIMCHECK_REPORT_H

#include <stdio.h>

#include "harness/engine/engine.h"

/* For the commands at the end of a report. */
struct report_hints
{
    const char *cli; /* how to call claimcheck, "build/dev/claimcheck"       */
    const char
        *flags; /* " --fault X --release Y", or ""                      */
    const char
        *path; /* the file with the case; NULL if it is not in one     */
};

/*
 * Report a violation. The program is run once more on the same engine, with a
 * trace.
 */
void report_violation(FILE *f, struct engine *e, const struct program *p,
                      const struct run_result *r,
                      const struct report_hints *hints);

/* As far as it got: for sanitizer reports and signals, where running the
 * program again would only fail again. Reads the engine, calls nothing. */
void report_crash(FILE *f, const struct engine *e, const char *what,
                  const struct report_hints *hints);

/* One line of a trace. */
void report_step(FILE *f, const struct step_info *info, char mark);

/* Counters of model and observation, side by side; differences marked. */
void report_views(FILE *f, const struct hv_view *model,
                  const struct hv_view *seen);

#endif /* CLAIMCHECK_REPORT_H */
