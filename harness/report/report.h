/* SPDX-License-Identifier: MIT */
/*
 * What people read about a run: a line or a JSON object; and of one that fails,
 * the report: signature, program with the failing step marked, counters before,
 * expected and seen, the rule that decided, and what to do next. Printed after
 * the run (or for --trace), never in the step path.
 */
#ifndef CLAIMCHECK_REPORT_H
#define CLAIMCHECK_REPORT_H

#include <stdio.h>

#include "harness/engine/engine.h"

/* For the commands at the end of a report. */
struct report_hints
{
    const char *cli; /* how to call claimcheck, "build/dev/claimcheck"     */
    const char *on;  /* its options, or NULL; the report adds --release    */
    const char *fault;
    bool strict;
    const char *path; /* the file with the case; NULL if it is not in one   */
    /* It is in none yet: path is the file that the first command makes of these
     * bytes. */
    const uint8_t *unsaved;
    size_t unsaved_size;
    /* What else than claimcheck takes the file and does all of it again, as
     * words of a shell; NULL: claimcheck does. */
    const char *program;
    bool any_bytes;   /* it is a fuzzer's bytes, whatever they are          */
    bool any_release; /* no release was asked for: shrinking may choose     */
    uint32_t also;    /* RELEASE_BIT of others that fail in the same way    */
};

/*
 * Report a violation: r is what engine_run(e, spec, r) returned. The same spec
 * is run once more, with a trace. False if that ended in another way, which the
 * report then says: the harness is at fault, and what was printed is not the
 * run that failed. A host whose free pages move by themselves may do that.
 */
bool report_violation(FILE *f, struct engine *e, const struct run_spec *spec,
                      const struct run_result *r,
                      const struct report_hints *hints);

/* A line of what to do next: "what: claimcheck VERB ... FILE". options: with
 * those of the run; release: its name, or NULL. */
void report_command(FILE *f, const struct report_hints *h, const char *what,
                    const char *verb, bool options, const char *release);

/* All of the commands, of a run with this spec; NULL: nothing was run yet. */
void report_next(FILE *f, const struct run_spec *spec,
                 const struct report_hints *h);

/* What it runs on: "stub", "xen (4.17.5, gcc-debug)". */
void report_on(FILE *f, const struct hypervisor *h);

/* The options of the run: " --on H --fault ID --strict". */
void report_options(FILE *f, const struct report_hints *h);

/* As far as it got: for sanitizer reports and signals, where running the
 * program again would only fail again. Reads the engine, calls nothing. */
void report_crash(FILE *f, const struct engine *e, const char *what,
                  const char *place, const struct report_hints *hints);

/* One line of a trace; '>' marks a step that failed. */
void report_step(FILE *f, const struct step_info *info);

/* What a trace ends with if no step failed, but what lies between: nothing, if
 * a step did. After a run that ended with a violation. */
void report_between(FILE *f, const struct engine *e);

/* How a run ended, in a line: "FILE: RELEASE: held". unchecked: the case has
 * results, but they are for other releases. */
void report_line(FILE *f, const char *path, const struct run_spec *spec,
                 const struct run_result *r, bool unchecked);
/* The same and more as a JSON object on a line. */
void report_json(FILE *f, const char *path, const struct run_spec *spec,
                 const struct run_result *r, bool unchecked);

#endif /* CLAIMCHECK_REPORT_H */
