/* SPDX-License-Identifier: MIT */
/*
 * Lies about a call: each falsifies one thing in what was told of it, and what
 * follows from it, so that no sum is wrong. Those that do not fit the call
 * change nothing.
 *
 * Not here: who must not believe them (model_lies.c, engine_lies.c).
 */
#ifndef CLAIMCHECK_TESTS_LIES_H
#define CLAIMCHECK_TESTS_LIES_H

#include "hypervisor/hypervisor.h"
#include "model/model.h"

/* What was told of a call, to be falsified. */
struct told
{
    /* Of whoever asks for lies: */
    const struct hv_call *call;
    const struct hv_view *before;
    uint64_t other; /* a frame that somebody owned before the call, or 0   */
    uint64_t out_of_use; /* a frame that was so, or 0                      */
    bool drift; /* free pages move by themselves: nothing to lie about     */
    /* Of told_start(): */
    int slot; /* a domain that it is about, or dom0's */
    struct hv_result *r, altered;
    struct hv_view v;
    /* What r points to. */
    uint64_t list[HV_LIST_MAX];
    struct xen_memory_claim entries[HV_ENTRIES_MAX];
};

/* What was told, as it is: to be lied about next. */
void told_start(struct told *t, const struct hv_result *r,
                const struct hv_view *v);
/* Did a lie change anything? Of the view its first view_bytes count. */
bool told_lies(const struct told *t, const struct hv_result *r,
               const struct hv_view *v, size_t view_bytes);
/* Frames for t->other and t->out_of_use: the first that the model knows to be so,
 * or 0. */
void told_frames(struct told *t, const struct model *m,
                 const struct hypervisor *h);

struct lie
{
    const char *name;
    void (*tell)(struct told *t);
};

#define LIE(fn)                                                               \
    {                                                                         \
#fn, fn                                                               \
    }

#define NR_LIES 60
extern const struct lie lies[NR_LIES];

/* About what no rule of the model is about (report_lies.c). */
#define NR_REPORT_LIES 29
extern const struct lie report_lies[NR_REPORT_LIES];

/* Results that a call did not have. */
struct result_lie
{
    const char *name;
    long rc;
    bool relative; /* rc is added to that which it had */
};

#define NR_RESULT_LIES 19
extern const struct result_lie result_lies[NR_RESULT_LIES];

/* How much of a host is seen. */
enum seen
{
    EXACT,
    COLOURED, /* not the coloured heap                                  */
    DRIFT,    /* free pages move by themselves, as those of a live host */
    NR_SEEN
};

/* The names of enum seen. */
extern const char *const seen_names[NR_SEEN];

#endif /* CLAIMCHECK_TESTS_LIES_H */
