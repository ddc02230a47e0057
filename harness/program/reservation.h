/* SPDX-License-Identifier: MIT */
/* Between bytes.c and reservation.c; nobody else's business. */
#ifndef CLAIMCHECK_RESERVATION_H
#define CLAIMCHECK_RESERVATION_H

#include "program.h"

/* Operations that prepare the host of a KIND_RESERVATION program. Returns how
 * many there are. */
uint8_t reservation_prologue(struct op *op, unsigned int prologue);

/* A record of RESERVATION_BYTES as a memory_op. */
void decode_reservation(struct op *op, const uint8_t *in);

#endif /* CLAIMCHECK_RESERVATION_H */
