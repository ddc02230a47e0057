/* SPDX-License-Identifier: MIT */
/* Between bytes.c and the files of raw calls, raw.c, reservation.c, domctl.c
 * and sysctl.c; nobody else's business. */
#ifndef CLAIMCHECK_RAW_H
#define CLAIMCHECK_RAW_H

#include "program.h"

/* ---- raw.c: what all records of raw calls have in common ---- */

/* Operations that prepare the host of a program of raw calls. Returns how
 * many there are. */
uint8_t raw_prologue(struct op *op, unsigned int prologue);

/* Where things are in a record; behind them each kind has its own. */
enum
{
    RAW_AT_GIVEN = 0,
    RAW_AT_CALLER = 1,
    RAW_AT_ARG = 2,
};

/* Nibbles of the first byte: up to NONE, no field; one field each, which the
 * kind numbers; all of them. */
#define RAW_FIELD_NONE 5
#define RAW_FIELD_ALL 15

/* Is that field given? */
bool raw_given(const uint8_t *in, unsigned int field);

/* A wide value whose selector byte and number lie apart. */
void raw_apart(struct value *v, enum arg_kind kind, uint8_t sel, uint64_t n);

/* The caller that is given. */
void raw_caller(struct value *caller, struct value *abi, const uint8_t *in);

void raw_domid(struct value *v, const uint8_t *in, bool given, uint16_t domid);

/* Codes of an argument: those of MEMARG; byte 0, 1, ... changes once it is read;
 * in place, but not to be written. */
#define RAW_ARG_PLACES 38
#define RAW_ARG_READONLY (RAW_ARG_PLACES + MEMARG_SHORT_MAX)
void raw_argument(struct value *arg, struct value *flip, uint8_t code);

/* ---- the kinds ---- */

/* A record of RESERVATION_BYTES as a memory_op. */
void decode_reservation(struct op *op, const uint8_t *in);

/* A record of DOMCTL_BYTES as a domctl; sets: the release has claim sets. */
void decode_domctl(struct op *op, const uint8_t *in, bool sets);

/* A record of SYSCTL_BYTES as a sysctl, on a host of so many pages. */
void decode_sysctl(struct op *op, const uint8_t *in, uint32_t pages);

#endif /* CLAIMCHECK_RAW_H */
