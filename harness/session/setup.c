/* SPDX-License-Identifier: MIT */
/* Choosing and opening what cases run on; see setup.h. */
#include "setup.h"

#include <stdio.h>
#include <string.h>

#include "examples/bitmap_allocator.h"
#ifdef CLAIMCHECK_LIVE
#include "live/live.h"
#endif
#include "model/hypervisor.h"
#include "stub/stub.h"
#include "harness/report/crash.h"
#include "harness/cases/diag.h"

int setup_option(struct setup *s, int c)
{
    switch ( c )
    {
    case 'O':
        if ( strcmp(optarg, "stub") && strcmp(optarg, "bitmap") &&
             strcmp(optarg, "model") && strcmp(optarg, "drift") &&
             strcmp(optarg, "live") )
        {
            diag("--on %s: expected stub, bitmap, model, drift or live",
                 optarg);
            return -1;
        }
        s->on = optarg;
        return 1;

    case 'R':
        s->release = release_from_name(optarg);
        if ( s->release >= 0 )
            return 1;
        diag("--release %s: expected a release that claimcheck ops lists, as "
             "in 4.17",
             optarg);
        return -1;

    case 'F': s->fault = optarg; return 1;

    case 'S': s->strict = true; return 1;

    case 'A': s->force = true; return 1;

    default: return 0;
    }
}

/* A real Xen, if this program is in its dom0 and was built for it. */
static bool open_live(struct setup *s, const char **why)
{
#ifdef CLAIMCHECK_LIVE
    const struct live_options options = { .force = s->force,
                                          .fault = s->fault };

    return live_open(&s->h, &options, why);
#else
    (void)s;
    *why = "this build has no live part: apt-get install libxen-dev";
    return false;
#endif
}

/* The stub, judged as a live host is: its free pages may move by themselves,
 * nobody counts its blocks, and what a domain costs is not known. */
static void judge_as_live(struct hypervisor *h)
{
    static struct hypervisor_ops ops;

    ops = *h->ops;
    ops.name = "drift";
    ops.caps &= ~(uint32_t)(HV_CAP_EXACT | HV_CAP_CAPACITY);
    ops.domain_pages = 0;
    h->ops = &ops;
}

static void note_flags(struct setup *s)
{
    bool on = strcmp(s->on, "stub"), release = s->release >= 0;

    snprintf(s->flags, sizeof(s->flags), "%s%s%s%s%s%s%s", on ? " --on " : "",
             on ? s->on : "", release ? " --release " : "",
             release ? release_name(s->release) : "",
             s->fault ? " --fault " : "", s->fault ? s->fault : "",
             s->strict ? " --strict" : "");
    s->hints = (struct report_hints){ setup_cli(), s->flags, NULL };
}

bool setup_open(struct setup *s, const struct engine_options *o)
{
    struct engine_options options = *o;
    struct stub_options stub = { .fault = s->fault };
    const char *why = "out of memory";
    bool ok;

    if ( !s->on )
        s->on = "stub";
    options.strict = s->strict;
    if ( !strcmp(s->on, "live") )
        ok = open_live(s, &why);
    else if ( !strcmp(s->on, "model") )
    {
        if ( s->fault )
        {
            diag("--fault %s: the model has no faults, expected --on stub",
                 s->fault);
            return false;
        }
        ok = model_hypervisor_open(&s->h);
    }
    else
    {
        if ( !strcmp(s->on, "bitmap") )
            stub.allocator = &bitmap_allocator;
        ok = stub_open(&s->h, &stub, &why);
        if ( ok && !strcmp(s->on, "drift") )
            judge_as_live(&s->h);
    }
    if ( !ok )
    {
        diag("--on %s%s%s: %s", s->on, s->fault ? " --fault " : "",
             s->fault ? s->fault : "", why);
        return false;
    }
    engine_init(&s->engine, &s->h, &options);
    note_flags(s);
    crash_watch(&s->engine, &s->hints);

    return true;
}

void setup_close(struct setup *s)
{
    s->h.ops->close(s->h.hv);
}

/* Set once by main, read by reports. */
static const char *program_name = "claimcheck";

void setup_program_name(const char *argv0)
{
    program_name = argv0;
}

const char *setup_cli(void)
{
    return program_name;
}
