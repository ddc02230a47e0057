/* SPDX-License-Identifier: MIT */
/*
 * The hypervisor and engine that a verb runs cases on, and the options that
 * choose them: --on, --release, --fault, --strict.
 */
#ifndef CLAIMCHECK_SETUP_H
#define CLAIMCHECK_SETUP_H

#include <getopt.h>

#include "harness/engine/engine.h"
#include "harness/open/open.h"
#include "harness/report/report.h"

struct setup
{
    const char *on;    /* "stub" unless told, else see harness/open */
    const char *fault; /* NULL for none */
    int release;       /* enum release, or -1: what the case says */
    bool strict;
    bool shared;     /* the hypervisor is another setup's */
    bool probing;    /* which rules it follows is what is asked: not needed */
    bool force;      /* live: although others use the host */
    bool cannot_run; /* ... which is not here, or in use */
    struct hypervisor h;
    struct engine *engine;
    uint32_t releases;         /* RELEASE_BIT of those that h follows */
    struct report_hints hints; /* path: set by the verb for each case  */
};

/* What --release takes besides names. */
#define RELEASE_OF_CASE (-1)

/* For the option tables of verbs that run cases. */
#define SETUP_OPTIONS                                                         \
    { "on", required_argument, NULL, 'O' },                                   \
        { "release", required_argument, NULL, 'R' },                          \
        { "fault", required_argument, NULL, 'F' },                            \
        { "strict", no_argument, NULL, 'S' },                                 \
    {                                                                         \
        "force", no_argument, NULL, 'A'                                       \
    }

#define SETUP_HELP                                                               \
    OPEN_HELP                                                                    \
    "  --release R  the rules and the stub of release R, whatever a case says\n" \
    "  --fault ID   plant a fault of stub/faults.def, or of live/faults.def\n"   \
    "  --strict     known weaknesses are violations\n"                           \
    "  --force      --on live, although other domains or claims are there\n"

/* The release of that name, or -1 after having said what is wrong. */
int setup_release(const char *name);

/* Take one option of SETUP_OPTIONS. 1: taken, 0: not one of them, -1: bad, and
 * said so. */
int setup_option(struct setup *s, int c);

/* Open the hypervisor and the engine; EXIT_HELD, or what is wrong, which has
 * been said. */
int setup_open(struct setup *s, const struct engine_options *o);
/* The same for these files, or folders: that it cannot run here is true only if
 * they are good. */
int setup_open_for(struct setup *s, const struct engine_options *o,
                   char *const *paths, int nr);
/* A second engine on the hypervisor of another setup, which is open and is
 * closed after this one; runs take turns. */
void setup_share(struct setup *s, const struct setup *with,
                 const struct engine_options *o);
void setup_close(struct setup *s);

/* "build/dev/claimcheck", as it was called: for commands in reports. */
void setup_program_name(const char *argv0);
const char *setup_cli(void);

#endif /* CLAIMCHECK_SETUP_H */
