/* SPDX-License-Identifier: MIT */
/* Trying one fact; private to harness/probe. */
#ifndef CLAIMCHECK_PROBE_TRY_H
#define CLAIMCHECK_PROBE_TRY_H

#include "probe.h"

void try_fact(const struct hypervisor *h, enum release asked,
              enum probe_fact fact, struct probe_found *found);

#endif /* CLAIMCHECK_PROBE_TRY_H */
