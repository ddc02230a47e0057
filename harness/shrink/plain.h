/* SPDX-License-Identifier: MIT */
/* Raw calls as the plain operations that they nearly are. */
#ifndef CLAIMCHECK_PLAIN_H
#define CLAIMCHECK_PLAIN_H

#include "harness/program/program.h"

/* The plain operation with that command, for the domain and the counts that a
 * raw call names. What else it says (caller, place, padding) is lost, so it may
 * be another call. False if no operation has that command, or the domid is none
 * of a program's. */
bool op_plain(struct op *plain, const struct op *raw);

#endif /* CLAIMCHECK_PLAIN_H */
