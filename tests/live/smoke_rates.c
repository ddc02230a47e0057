/* SPDX-License-Identifier: MIT */
/* live_smoke --rates: what each kind of call costs on this host. */
#include "smoke.h"

#include <stdio.h>
#include <time.h>

/* Calls to take the time of. */
#define RATE_ROUNDS 5000

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* What each kind of call costs, with no observation, and what that costs. */
struct rate
{
    const char *what;
    unsigned int rounds;
    void (*one)(struct smoke *s, unsigned int i);
};

static void do_claim(struct smoke *s, unsigned int i)
{
    struct hv_call call = smoke_reservation(XENMEM_claim_pages, 1,
                                            i % 2 ? 0 : 500);

    hv_issue(&s->h, s->release, &call, &s->result);
}

static void do_look(struct smoke *s, unsigned int i)
{
    /* What was seen is kept until something is done: here, a refused
     * unmapping, which looks by itself. */
    (void)i;
    s->h.ops->unmap(s->h.hv, 7, 0);
    s->h.ops->observe(s->h.hv, &s->view);
}

static void do_life(struct smoke *s, unsigned int i)
{
    struct hv_call call = smoke_domctl(
        s, i % 2 ? XEN_DOMCTL_destroydomain : XEN_DOMCTL_createdomain, 2, 0);

    hv_issue(&s->h, s->release, &call, &s->result);
}

static void do_populate(struct smoke *s, unsigned int i)
{
    struct hv_call call = smoke_with_list(
        s, i % 2 ? XENMEM_decrease_reservation : XENMEM_populate_physmap, 1,
        1);

    hv_issue(&s->h, s->release, &call, &s->result);
    smoke_took(s, 1);
}

static void do_map(struct smoke *s, unsigned int i)
{
    if ( i % 2 )
        s->h.ops->unmap(s->h.hv, 1, s->frame[0]);
    else
        s->h.ops->map(s->h.hv, 1, s->frame[0]);
}

static void do_reset(struct smoke *s, unsigned int i)
{
    const struct host_shape shape = live_shape(&s->h);

    (void)i;
    s->h.ops->reset(s->h.hv, &shape, NULL);
}

void smoke_rates(struct smoke *s)
{
    static const struct rate rate[] = {
        { "observation", RATE_ROUNDS, do_look },
        { "claim or release", RATE_ROUNDS, do_claim },
        { "populate or decrease, 1 page", RATE_ROUNDS, do_populate },
        { "map or unmap", RATE_ROUNDS, do_map },
        { "create or destroy", RATE_ROUNDS / 10, do_life },
        { "reset, nothing to clean", RATE_ROUNDS, do_reset },
    };
    struct hv_call call;
    unsigned int r, i;

    call = smoke_domctl(s, XEN_DOMCTL_createdomain, 1, 0);
    smoke_issue(s, &call);
    call = smoke_domctl(s, XEN_DOMCTL_max_mem, 1, 4000);
    smoke_issue(s, &call);
    do_populate(s, 0);
    for ( r = 0; r < sizeof(rate) / sizeof(rate[0]); r++ )
    {
        double start = seconds();

        if ( rate[r].one == do_map )
            do_populate(s, 0);
        if ( rate[r].one == do_reset )
            smoke_reset(s);
        for ( i = 0; i < rate[r].rounds; i++ )
            rate[r].one(s, i);
        printf("     %4.0f us: %s\n",
               (seconds() - start) * 1e6 / rate[r].rounds, rate[r].what);
    }
}
