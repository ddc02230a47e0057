/* SPDX-License-Identifier: MIT */
/* Between exec.c and exec_raw.c. */
#ifndef CLAIMCHECK_ENGINE_EXEC_H
#define CLAIMCHECK_ENGINE_EXEC_H

#include "impl.h"

/* Note why the operation could not be done at all; 0. */
long exec_not_run(struct engine *e, const char *why);

/* A page count against what was last seen; slot < 0: no domain. */
uint64_t exec_pages(const struct engine *e, const struct value *v, int slot);

/* Start a call by dom0; everything else is zero. */
struct hv_call *exec_call(struct engine *e, enum hv_call_kind kind);

/* Who calls, of a CALLER argument; false if there is no such domain. */
bool exec_caller(struct engine *e, struct hv_caller *caller, int64_t v);

/* exec_raw.c */
long exec_memory_op(struct engine *e, const struct op *op);
long exec_domctl(struct engine *e, const struct op *op);
long exec_sysctl(struct engine *e, const struct op *op);

#endif /* CLAIMCHECK_ENGINE_EXEC_H */
