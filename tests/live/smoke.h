/* SPDX-License-Identifier: MIT */
/*
 * What the files of live_smoke share: a live host, one call at a time, and
 * each looked at afterwards. What must come of a call is what the model says of
 * this host's release.
 */
#ifndef CLAIMCHECK_TESTS_LIVE_SMOKE_H
#define CLAIMCHECK_TESTS_LIVE_SMOKE_H

#include "live/live.h"
#include "model/model.h"

/* Extents of a list in these tests. */
#define LIST_MAX 1024

struct smoke
{
    struct hypervisor h;
    enum release release;
    struct model model;
    MODEL_ROOM(HV_PAGES_MAX) room;
    struct hv_result result;
    struct hv_view view; /* after the last call */
    uint64_t frame[LIST_MAX];
    unsigned int failed;
};

/* Prints it, and counts if it is not as wanted. */
void smoke_check(struct smoke *s, const char *what, long got, long want);

/* A fresh host, for the model as well. */
void smoke_reset(struct smoke *s);

/* Makes a call, and looks; gives its result. */
long smoke_issue(struct smoke *s, const struct hv_call *call);
/* The same, and the model is asked: prints what came, and which rule decided;
 * counts if the result or what was seen afterwards is not as the rules say. */
long smoke_judge(struct smoke *s, const char *what,
                 const struct hv_call *call);
/* Nothing of it may reach Xen. */
void smoke_refused(struct smoke *s, const char *what,
                   const struct hv_call *call);

/* Calls. value: as in struct hv_domctl. */
struct hv_call smoke_domctl(const struct smoke *s, uint32_t cmd,
                            uint16_t domid, uint64_t value);
struct hv_call smoke_mapping(enum hv_call_kind kind, uint16_t domid,
                             uint64_t frame);
/* nr extents of order 0 unless the caller changes resv. */
struct hv_call smoke_reservation(unsigned int op, uint16_t domid, uint64_t nr);
/* With the list s->frame; smoke_took() takes what came back. */
struct hv_call smoke_with_list(const struct smoke *s, unsigned int op,
                               uint16_t domid, unsigned int nr);
void smoke_took(struct smoke *s, unsigned int nr);

/* page_offline_op of a frame. */
struct hv_call smoke_offline_op(uint32_t action, uint64_t frame);
/* What Xen tells of a page, past live/, which asks of its own only: its status
 * (PG_OFFLINE_STATUS_*), or -1. */
long smoke_page_state(const struct smoke *s, uint64_t frame);

/* Prints what each kind of call costs. */
void smoke_rates(struct smoke *s);
/* Offlines free pages below the claims on them. The host is of no use
 * afterwards. */
void smoke_offline(struct smoke *s);

#endif /* CLAIMCHECK_TESTS_LIVE_SMOKE_H */
