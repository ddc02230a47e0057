/* SPDX-License-Identifier: MIT */
/*
 * The implementations that cases run on, by name or from a shared object: what
 * --on and CLAIMCHECK_ON say. Not here: which cases, and the engine.
 */
#ifndef CLAIMCHECK_OPEN_H
#define CLAIMCHECK_OPEN_H

#include <stdbool.h>
#include <stddef.h>

#include "hypervisor/hypervisor.h"

/* X(name, "what it is") */
#define OPEN_IMPLEMENTATIONS(X)                                               \
    X(stub, "the stub hypervisor and its buddy allocator; default")           \
    X(model, "the rules alone: the reference model answers")                  \
    X(drift, "the stub, checked with live-host tolerances")                   \
    X(live, "the Xen that this is dom0 of: a host that may be lost")          \
    X(xen, "Xen's own code, built by scripts/fuzz --on xen")

/* Any other value is a plug-in if it holds a '/' or ends so. */
#define OPEN_PLUGIN_SUFFIX ".so"

#define OPEN_HELP_ROW(name, text) "                 " #name ": " text "\n"
/* For the help of an option --on H. */
#define OPEN_HELP                                                             \
    "  --on H       what the cases run on:\n" OPEN_IMPLEMENTATIONS(           \
        OPEN_HELP_ROW) "                 FILE.so: a plug-in, see "            \
                       "hypervisor/plugin.h\n"

/* The environment's name of a file in place of the one that --on xen means. */
#define OPEN_XEN "CLAIMCHECK_XEN"
#define OPEN_PATH_MAX 8192

/* Messages, with room for a path that dlerror() names. */
#define OPEN_WHY_MAX 512

struct open_options
{
    const char *on;    /* NULL: the stub                                     */
    const char *fault; /* planted fault, NULL for none                       */
    /* Guest addresses are this process's own: libxenctrl over the stub. Only
     * the stub can, over any allocator. */
    bool flat_memory;
    /* Opens a real Xen; NULL: this program does not. */
    bool (*live)(struct hypervisor *h, void *ctx, const char **why);
    void *ctx;
};

/* Is it a name of the table, or of the form of a plug-in's file? else why says
 * what is expected. */
bool open_is_known(const char *on, char why[OPEN_WHY_MAX]);

/* Released with ops->close. false: why says what is wrong. */
bool open_hypervisor(struct hypervisor *h, const struct open_options *o,
                     char why[OPEN_WHY_MAX]);

/* The releases whose rules it follows, RELEASE_BIT each: all, if it follows
 * whichever a host names; 0: it does not know. */
uint32_t open_releases(const struct hypervisor *h);

/* The release of a mask, which is not 0, for a host that names another one:
 * that one if it is in it, else each of the mask in turns. */
enum release open_release(uint32_t mask, enum release named);

#endif /* CLAIMCHECK_OPEN_H */
