/* SPDX-License-Identifier: MIT */
/* Choosing and opening what cases run on; see setup.h. */
#include "setup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#ifdef CLAIMCHECK_LIVE
#include "live/live.h"
#endif
#include "harness/program/hints.h"
#include "harness/report/crash.h"
#include "harness/cases/case.h"
#include "harness/cases/diag.h"
#include "harness/probe/probe.h"

int setup_release(const char *name)
{
    const struct word w = { name, strlen(name), 1 };
    int release = release_from_name(name);

    if ( release < 0 )
        diag("--release %s: expected a release that claimcheck --list "
             "releases prints, as 4.17%s",
             name, hint_release(&w).text);

    return release;
}

int setup_option(struct setup *s, int c)
{
    char why[OPEN_WHY_MAX];

    switch ( c )
    {
    case 'O':
        s->on = optarg;
        if ( open_is_known(optarg, why) )
            return 1;
        diag("--on %s: %s", optarg, why);
        return -1;

    case 'R':
        s->release = setup_release(optarg);
        return s->release < 0 ? -1 : 1;

    case 'F': s->fault = optarg; return 1;

    case 'S': s->strict = true; return 1;

    case 'A': s->force = true; return 1;

    default: return 0;
    }
}

/* A real Xen, if this program is in its dom0 and was built for it. */
static bool open_live(struct hypervisor *h, void *ctx, const char **why)
{
#ifdef CLAIMCHECK_LIVE
    struct setup *s = ctx;
    const struct live_options options = { .force = s->force,
                                          .fault = s->fault };

    s->cannot_run = !s->fault || live_fault_is_known(s->fault);
    return live_open(h, &options, why);
#else
    struct setup *s = ctx;

    (void)h;
    s->cannot_run = true;
    *why = "this build has no live part: apt-get install libxen-dev";
    return false;
#endif
}

static void note_options(struct setup *s)
{
    s->hints.cli = setup_cli();
    s->hints.on = strcmp(s->on, "stub") ? s->on : NULL;
    s->hints.fault = s->fault;
    s->hints.strict = s->strict;
}

/* It does not say whose rules it follows, and nobody else does. */
static void find_releases(struct setup *s)
{
    char text[512] = "";
    struct probe nearest;

    s->releases = probe_releases(&s->h, RELEASE_MASK_ALL, &nearest);
    if ( s->releases )
    {
        for ( unsigned int r = 0; r < RELEASE_COUNT; r++ )
            if ( s->releases & RELEASE_BIT(r) )
                snprintf(text + strlen(text), sizeof(text) - strlen(text),
                         " %s", release_name((enum release)r));
        diag("--on %s: follows%s, as found by claimcheck probe", s->on, text);
        return;
    }
    s->releases = RELEASE_BIT(nearest.nearest);
    probe_differences(&nearest, nearest.nearest, text, sizeof(text));
    diag("--on %s: fits no release; the rules of %s are used, which is "
         "nearest: %s",
         s->on, release_name(nearest.nearest), text);
}

/* The last failure was one of the machine, not of the options. */
static int why_not_open(const struct setup *s)
{
    if ( errno == ENOMEM )
        return EXIT_INTERNAL;

    return s->cannot_run ? EXIT_CANNOT_RUN : EXIT_BAD_INPUT;
}

static void new_engine(struct setup *s, const struct engine_options *o)
{
    s->engine = engine_new(&s->h, o);
    if ( !s->engine )
        out_of_memory();
}

static void start_watching(struct setup *s)
{
    crash_watch(s->engine, &s->hints, NULL);
    /* What happens to a real host is its own. */
    if ( strcmp(s->on, "live") )
        crash_recover(s->engine);
}

int setup_open(struct setup *s, const struct engine_options *o)
{
    struct open_options open;
    char why[OPEN_WHY_MAX];

    if ( !s->on )
        s->on = "stub";
    open = (struct open_options){
        .on = s->on, .fault = s->fault, .live = open_live, .ctx = s
    };
    errno = 0;
    if ( !open_hypervisor(&s->h, &open, why) )
    {
        int rc = why_not_open(s);

        diag("--on %s%s%s: %s", s->on, s->fault ? " --fault " : "",
             s->fault ? s->fault : "", why);
        return rc;
    }
    s->releases = open_releases(&s->h);
    if ( !s->releases && s->release == RELEASE_OF_CASE && !s->probing )
        find_releases(s);
    new_engine(s, o);
    note_options(s);
    start_watching(s);

    return EXIT_HELD;
}

int setup_open_for(struct setup *s, const struct engine_options *o,
                   char *const *paths, int nr)
{
    int rc = setup_open(s, o);

    if ( rc != EXIT_CANNOT_RUN )
        return rc;

    return exit_worse(rc, cases_check(paths, nr, s->hints.any_bytes));
}

void setup_share(struct setup *s, const struct setup *with,
                 const struct engine_options *o)
{
    *s = *with;
    s->shared = true;
    new_engine(s, o);
    start_watching(s);
}

void setup_close(struct setup *s)
{
    crash_forget(s->engine);
    engine_free(s->engine);
    if ( !s->shared )
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
