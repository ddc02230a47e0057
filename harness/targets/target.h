/* SPDX-License-Identifier: MIT */
/*
 * What all fuzz targets share: one engine over one hypervisor, made at the first
 * input; run an input; on a violation print the report and abort.
 *
 * Environment:
 *   CLAIMCHECK_RELEASE=4.17   pin the release, whatever the input's header says
 *   CLAIMCHECK_ON=H           what to run on, as --on; not live
 *   CLAIMCHECK_FAULT=ID       plant a fault (stub/faults.def)
 *   CLAIMCHECK_STRICT=1       known weaknesses are violations
 *   CLAIMCHECK_MASK=SIGNATURE,...  violations that do not end the process
 *   CLAIMCHECK_STATS=FILE     append a line of JSON now and then and at the
 *                             end; a later one of a pid replaces the earlier
 */
#ifndef CLAIMCHECK_TARGET_H
#define CLAIMCHECK_TARGET_H

#include <stddef.h>
#include <stdint.h>

#include "harness/engine/engine.h"

/* Run an input whose records are of one of these kinds (1 << enum
 * program_kind); others are left alone. Returns 0 always, as engines want. */
int target_run(const char *name, unsigned int kinds, const uint8_t *data,
               size_t size);

/*
 * For a target that reads its inputs in a way of its own. First of each input:
 * make the host of its program ready, which host_of(program, data, size) tells,
 * out of the engine's sight. False if the input is left alone: host_of() said
 * so.
 */
typedef bool target_host_fn(struct program *p, const uint8_t *data,
                            size_t size);
bool target_settle(const char *name, target_host_fn *host_of,
                   const uint8_t *data, size_t size);
/* Run a program for the hash of its results and its last state. */
uint64_t target_hash(const struct program *p);
/* Report and abort: signature as in TEXT/print, then what is wrong. Comes back
 * only if the signature is masked; false, always. */
bool target_violated(const char *signature, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* What the input reached so far is not to be kept by the engine. */
void target_forget(void);

/* The result of the last input, for the engine-less main: NULL if it was left
 * alone; its hash is complete only after target_want_hash(). */
const struct run_result *target_result(void);
/* Before the first input. */
void target_want_hash(void);
/* The file that the next inputs come from, for reports; raw: as bytes. */
void target_path(const char *path, bool raw);

/* What every target exports. */
extern const bool target_takes_text; /* not the bytes that text stands for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif /* CLAIMCHECK_TARGET_H */
