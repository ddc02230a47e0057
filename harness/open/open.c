/* SPDX-License-Identifier: MIT */
/* Implementations by name; see open.h. */
#include "open.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/model_hv.h"
#include "stub/stub.h"
#include "plugin.h"

static bool open_stub(struct hypervisor *h, const struct open_options *o,
                      const char **why)
{
    const struct stub_options stub = { .fault = o->fault,
                                       .flat_memory = o->flat_memory };

    return stub_open(h, &stub, why);
}

static bool open_model(struct hypervisor *h, const struct open_options *o,
                       const char **why)
{
    if ( o->fault )
    {
        *why = "the model has no faults, expected --on stub";
        return false;
    }
    if ( o->flat_memory )
    {
        *why = "the model has no guest memory, expected stub or an allocator "
               "plug-in";
        return false;
    }
    return model_hypervisor_open(h);
}

/* The stub, checked with live-host tolerances: free pages may drift,
 * its free blocks are not counted, and the pages of a domain's structures are
 * not known. */
static bool open_drift(struct hypervisor *h, const struct open_options *o,
                       const char **why)
{
    static struct hypervisor_ops ops;

    if ( !open_stub(h, o, why) )
        return false;
    ops = *h->ops;
    ops.name = "drift";
    /* Which claims on nodes were redeemed follows from where pages came from,
     * which is only seen where nothing else takes any. */
    ops.caps &= ~(uint32_t)(HV_CAP_EXACT | HV_CAP_CAPACITY | HV_CAP_SETS);
    ops.domain_pages = 0;
    h->ops = &ops;

    return true;
}

static bool open_live(struct hypervisor *h, const struct open_options *o,
                      const char **why)
{
    if ( o->live )
        return o->live(h, o->ctx, why);
    *why = "this program does not drive a live Xen, claimcheck replay does";
    return false;
}

static bool open_plugin(struct hypervisor *h, const struct open_options *o,
                        char why[OPEN_WHY_MAX]);

/* Where the plug-in of Xen's code lies: what OPEN_XEN says, else beside the
 * build folder of this program. */
static const char *xen_file(char space[OPEN_PATH_MAX])
{
    const char *told = getenv(OPEN_XEN);
    ssize_t length = readlink("/proc/self/exe", space, OPEN_PATH_MAX / 2);
    char *slash = space;

    if ( told && *told )
        return told;
    space[length < 0 ? 0 : length] = '\0';
    for ( unsigned int i = 0; i < 2 && slash; i++ )
        if ( (slash = strrchr(space, '/')) )
            *slash = '\0';
    length = (ssize_t)strlen(space);
    snprintf(space + length, OPEN_PATH_MAX - (size_t)length,
             "/xen/" CLAIMCHECK_XEN_FLAVOUR "/claimcheck-xen.so");

    return space;
}

static bool open_xen(struct hypervisor *h, const struct open_options *o,
                     const char **why)
{
    static char text[OPEN_WHY_MAX];
    char space[OPEN_PATH_MAX];
    struct open_options file = *o;

    file.on = xen_file(space);
    if ( !access(file.on, R_OK) )
    {
        *why = text;
        return open_plugin(h, &file, text);
    }
    snprintf(text, sizeof(text),
             "%.*s: %s; scripts/xen-build makes it, or say " OPEN_XEN
             "=FILE.so",
             OPEN_WHY_MAX / 2, file.on, strerror(errno));
    *why = text;

    return false;
}

static const struct implementation
{
    const char *name;
    bool (*open)(struct hypervisor *h, const struct open_options *o,
                 const char **why);
} table[] = {
#define ROW(name, text) { #name, open_##name },
    OPEN_IMPLEMENTATIONS(ROW)
#undef ROW
};

static const struct implementation *find(const char *name)
{
    for ( size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++ )
        if ( !strcmp(table[i].name, name) )
            return &table[i];

    return NULL;
}

static bool is_file(const char *on)
{
    size_t len = strlen(on), suffix = strlen(OPEN_PLUGIN_SUFFIX);

    return strchr(on, '/') ||
           (len > suffix && !strcmp(on + len - suffix, OPEN_PLUGIN_SUFFIX));
}

bool open_is_known(const char *on, char why[OPEN_WHY_MAX])
{
    if ( find(on) || is_file(on) )
        return true;

#define ROW(name, text) #name ", "
    snprintf(why, OPEN_WHY_MAX,
             "expected " OPEN_IMPLEMENTATIONS(
                 ROW) "or a plug-in's FILE" OPEN_PLUGIN_SUFFIX);
#undef ROW
    return false;
}

static bool open_plugin(struct hypervisor *h, const struct open_options *o,
                        char why[OPEN_WHY_MAX])
{
    const struct claimcheck_plugin *plugin = plugin_load(o->on, why);
    struct stub_options stub = { .fault = o->fault,
                                 .flat_memory = o->flat_memory };
    const char *reason = "out of memory";

    if ( !plugin )
        return false;
    if ( plugin->open && o->flat_memory )
        reason = "a whole hypervisor has guest memory of its own, expected "
                 "stub or an allocator plug-in";
    else if ( plugin->open )
    {
        if ( plugin->open(h, o->fault, &reason) )
            return plugin_check_hypervisor(h, why);
    }
    else
    {
        stub.allocator = plugin->allocator;
        if ( stub_open(h, &stub, &reason) )
            return true;
    }
    snprintf(why, OPEN_WHY_MAX, "%s", reason);

    return false;
}

uint32_t open_releases(const struct hypervisor *h)
{
    const struct hv_facts *own = NULL;

    if ( h->ops->follows )
        return h->ops->follows(h->hv, &own);
    if ( h->ops->shape )
        return RELEASE_BIT(h->ops->shape(h->hv).release);

    return RELEASE_MASK_EVERY;
}

enum release open_release(uint32_t mask, enum release named)
{
    return mask & RELEASE_BIT(named) ? named : release_nth(mask, named);
}

bool open_hypervisor(struct hypervisor *h, const struct open_options *o,
                     char why[OPEN_WHY_MAX])
{
    const char *on = o->on ? o->on : table[0].name;
    const struct implementation *implementation = find(on);
    const char *reason = "out of memory";

    if ( !open_is_known(on, why) )
        return false;
    if ( !implementation )
        return open_plugin(h, o, why);
    if ( implementation->open(h, o, &reason) )
        return true;
    snprintf(why, OPEN_WHY_MAX, "%s", reason);

    return false;
}
