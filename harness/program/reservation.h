/* SPDX-License-Identifier: MIT */
/* Between bytes.c, reservation.c and domctl.c; nobody else's business. */
#ifndef CLAIMCHECK_RESERVATION_H
#define CLAIMCHECK_RESERVATION_H

#include "program.h"

/* Operations that prepare the host of a program of raw calls. Returns how
 * many there are. */
uint8_t reservation_prologue(struct op *op, unsigned int prologue);

/* A record of RESERVATION_BYTES as a memory_op. */
void decode_reservation(struct op *op, const uint8_t *in);

/* A record of DOMCTL_BYTES as a domctl; sets: the release has claim sets. */
void decode_domctl(struct op *op, const uint8_t *in, bool sets);

#endif /* CLAIMCHECK_RESERVATION_H */
