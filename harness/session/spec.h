/* SPDX-License-Identifier: MIT */
/*
 * From a case and the options of a verb to the runs that they ask for. Every
 * verb that runs cases gets them here, so that what one shows, the next one
 * shrinks.
 */
#ifndef CLAIMCHECK_SPEC_H
#define CLAIMCHECK_SPEC_H

#include "harness/cases/case.h"
#include "setup.h"

/* RELEASE_BIT of each release to run the case on: --release, or those that the
 * case names and the hypervisor follows; 0 if there is none. */
uint32_t setup_releases(const struct setup *s, const struct case_file *c);

/* The run of a case on a release. Written expectations hold for the releases
 * that the case names only; with them, known weaknesses are passed by, for it
 * may be there to show one. The spec points into the case. */
void setup_spec(const struct setup *s, const struct case_file *c,
                enum release release, struct run_spec *spec);

/* Does the case have results that a run of it on that release does not check,
 * because they are for other releases? */
bool setup_unchecked(const struct case_file *c, enum release release);

/* The run of a program without a file. It points to the program. */
struct run_spec setup_spec_program(const struct setup *s,
                                   const struct program *p);

/*
 * Run it. Written results are those of a stubbed host of that size: if one is
 * broken on a host with a size of its own, the rules decide alone, in a second
 * run; *spec is then that one, and the result is true.
 */
bool setup_run(struct setup *s, struct run_spec *spec, struct run_result *r);

/*
 * The run that stands for a case: of the newest release that it fails on, else
 * of the newest that it can run on. Its spec and its result; false if it can run
 * on none, r->detail then says why.
 */
bool setup_newest(struct setup *s, const struct case_file *c,
                  struct run_spec *spec, struct run_result *r);

/*
 * The same where a release that the case does not name will do: of a case
 * without results, if no release was asked for, the newest release at all on
 * which it fails with the same signature.
 */
bool setup_newest_failure(struct setup *s, const struct case_file *c,
                          struct run_spec *spec, struct run_result *r);

#endif /* CLAIMCHECK_SPEC_H */
