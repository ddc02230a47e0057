/* SPDX-License-Identifier: MIT */
/*
 * What the files of live_smoke share: a live host, one call at a time, and
 * each looked at afterwards.
 */
#ifndef CLAIMCHECK_TESTS_LIVE_SMOKE_H
#define CLAIMCHECK_TESTS_LIVE_SMOKE_H

#include "live/live.h"

/* Extents of a list in these tests. */
#define LIST_MAX 1024

struct smoke
{
    struct hypervisor h;
    enum release release;
    struct hv_result result;
    struct hv_view view; /* after the last call */
    uint64_t frame[LIST_MAX];
    unsigned int failed;
};

/* Prints it, and counts if it is not as wanted. */
void smoke_check(struct smoke *s, const char *what, long got, long want);
void smoke_check_domain(struct smoke *s, uint16_t domid, const char *what,
                        uint32_t state, uint32_t tot, uint32_t claimed);

/* These give the call's result and look. */
long smoke_domctl(struct smoke *s, uint32_t cmd, uint16_t domid, uint64_t v);
long smoke_issue(struct smoke *s, const struct hv_call *call);
long smoke_claim(struct smoke *s, uint16_t domid, uint64_t pages);
/* With the list s->frame, which takes what came back. */
long smoke_with_list(struct smoke *s, unsigned int op, uint16_t domid,
                     unsigned int nr, uint32_t flags);
long smoke_populate(struct smoke *s, uint16_t domid, unsigned int nr,
                    uint32_t flags);

/* A reservation call; nr extents of order 0 unless the caller changes resv. */
struct hv_call smoke_reservation(unsigned int op, uint16_t domid, uint64_t nr);
void smoke_reset(struct smoke *s);

/* Prints what each kind of call costs. */
void smoke_rates(struct smoke *s);
/* Offlines free pages below the claims on them. The host is of no use
 * afterwards. */
void smoke_offline(struct smoke *s);

#endif /* CLAIMCHECK_TESTS_LIVE_SMOKE_H */
