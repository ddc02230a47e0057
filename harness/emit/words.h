/* SPDX-License-Identifier: MIT */
/* Words of the C program: results, addresses and the names of commands. */
#ifndef CLAIMCHECK_EMIT_WORDS_H
#define CLAIMCHECK_EMIT_WORDS_H

#include <stdio.h>

#include "hypervisor/hypervisor.h"

/* A number, or -EINVAL. */
void emit_result(FILE *f, long rc);
/* An address of the windows, relative to where the program has them. */
void emit_address(FILE *f, uint64_t addr);
/* XENMEM_claim_pages, of a command word; else the number. */
void emit_command(FILE *f, uint64_t cmd);
/* XEN_DOMCTL_createdomain, or NULL. */
const char *emit_domctl_name(uint32_t cmd);

#endif /* CLAIMCHECK_EMIT_WORDS_H */
