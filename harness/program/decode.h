/* SPDX-License-Identifier: MIT */
/* Between decode.c and reservation.c; nobody else's business. */
#ifndef CLAIMCHECK_DECODE_H
#define CLAIMCHECK_DECODE_H

#include "program.h"

/* Operations that prepare the host of a KIND_RESERVATION program. Returns how
 * many there are. */
uint8_t reservation_prologue(struct op *op, unsigned int prologue);

/* A record of RESERVATION_BYTES as a memory_op. */
void decode_reservation(struct op *op, const uint8_t *in);

#endif /* CLAIMCHECK_DECODE_H */
