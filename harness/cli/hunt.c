/* SPDX-License-Identifier: MIT */
/* claimcheck hunt: options; the work is in harness/hunt. */
#include "harness/hunt/hunt.h"

#include <string.h>

#include "harness/cases/diag.h"
#include "harness/session/setup.h"
#include "hypervisor/hypervisor.h"
#include "verbs.h"

/* Seconds for a fault if neither they nor runs are told. */
#define SECONDS_DEFAULT 30
#define SECONDS_MAX 86400
#define RUNS_MAX UINT64_C(1000000000000)

static bool choose_engine(struct hunt_options *o)
{
    int engine = hunt_engine_from_name(optarg);

    if ( engine < 0 )
    {
        diag("hunt: --engine %s: expected generator, mutator or bytes",
             optarg);
        return false;
    }
    o->engine = (enum hunt_engine)engine;

    return true;
}

static bool choose_release(struct hunt_options *o)
{
    o->release = setup_release(optarg);

    return o->release >= 0;
}

static bool option(struct hunt_options *o, struct setup *s, int c, char **argv)
{
    switch ( c )
    {
    case 'O': return setup_option(s, c) > 0;
    case 'F': o->fault = optarg; return true;
    case 't':
        return option_number(argv, "--seconds", 1, SECONDS_MAX, &o->seconds);
    case 'c': return option_number(argv, "--runs", 1, RUNS_MAX, &o->runs_max);
    case 's': return option_number(argv, "--seed", 0, UINT64_MAX, &o->seed);
    case 'e': return choose_engine(o);
    case 'R': return choose_release(o);
    case 'j': o->json = true; return true;
    default: return false;
    }
}

/* On something else than the stub: any violation is one. */
static int hunt_on(struct hunt_options *o, struct setup *s)
{
    const struct engine_options none = { 0 };
    int rc;

    if ( strcmp(o->fault, "none") )
    {
        diag("hunt: --on H goes with --fault none: planted faults are the "
             "stub's");
        return EXIT_BAD_INPUT;
    }
    s->release = o->release;
    rc = setup_open(s, &none);
    if ( rc )
        return rc;
    o->on = &s->h;
    o->releases = s->releases;
    rc = hunt_run(o);
    setup_close(s);

    return rc;
}

int verb_hunt(int argc, char **argv)
{
    static const struct option names[] = {
        { "on", required_argument, NULL, 'O' },
        { "fault", required_argument, NULL, 'F' },
        { "seconds", required_argument, NULL, 't' },
        { "runs", required_argument, NULL, 'c' },
        { "seed", required_argument, NULL, 's' },
        { "engine", required_argument, NULL, 'e' },
        { "release", required_argument, NULL, 'R' },
        { "json", no_argument, NULL, 'j' },
        { 0 }
    };
    struct hunt_options o = { .fault = "all", .release = -1 };
    static struct setup s;
    int c;

    while ( (c = option_next(argc, argv, ":", names)) != -1 )
        if ( !option(&o, &s, c, argv) )
            return EXIT_BAD_INPUT;
    if ( !options_only(argc, argv) )
        return EXIT_BAD_INPUT;
    /* So many runs are the same ones however fast the machine is. */
    if ( !o.seconds )
        o.seconds = o.runs_max ? SECONDS_MAX : SECONDS_DEFAULT;
    if ( !o.runs_max )
        o.runs_max = RUNS_MAX;

    return s.on ? hunt_on(&o, &s) : hunt_run(&o);
}
