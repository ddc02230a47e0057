/* SPDX-License-Identifier: MIT */
/* See plugin.h. */
#include "plugin.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SYMBOL "claimcheck_plugin"

static __attribute__((format(printf, 2, 3))) bool
refuse(char why[OPEN_WHY_MAX], const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(why, OPEN_WHY_MAX, fmt, args);
    va_end(args);

    return false;
}

/* ---- operations that must be there ---- */

struct operation
{
    const char *name;
    size_t offset; /* of the pointer, in the table of operations          */
    uint32_t caps; /* needed with any of these; 0: always                 */
    bool unless_issue; /* not needed by who carries out whole calls         */
};

#define ALLOCATOR(op)                                                         \
    {                                                                         \
#op, offsetof(struct allocator_ops, op), 0, false                     \
    }
#define SETS(op)                                                              \
    {                                                                         \
#op, offsetof(struct allocator_ops, op), ALLOC_CAP_SETS, false        \
    }
#define CONTENTS(op)                                                          \
    {                                                                         \
#op, offsetof(struct allocator_ops, op), ALLOC_CAP_CONTENTS, false    \
    }
static const struct operation allocator_needs[] = {
    ALLOCATOR(name),        ALLOCATOR(open),         ALLOCATOR(close),
    ALLOCATOR(init),        ALLOCATOR(save),         ALLOCATOR(restore),
    ALLOCATOR(discard),     ALLOCATOR(hash),         ALLOCATOR(domain_init),
    ALLOCATOR(domain_gone), ALLOCATOR(claim),        ALLOCATOR(free),
    ALLOCATOR(set_max),     ALLOCATOR(set_affinity), ALLOCATOR(heap),
    ALLOCATOR(node_free),   ALLOCATOR(counts),       ALLOCATOR(audit),
    ALLOCATOR(pages),       SETS(claim_set),         SETS(parts),
    CONTENTS(write),        CONTENTS(page),          CONTENTS(scrub_pages),
};

#define ALWAYS(op)                                                            \
    {                                                                         \
#op, offsetof(struct hypervisor_ops, op), 0, false                    \
    }
#define CALL(op)                                                              \
    {                                                                         \
#op, offsetof(struct hypervisor_ops, op), 0, true                     \
    }
#define CALL_OF(op, cap)                                                      \
    {                                                                         \
#op, offsetof(struct hypervisor_ops, op), cap, true                   \
    }
#define OF(op, cap)                                                           \
    {                                                                         \
#op, offsetof(struct hypervisor_ops, op), cap, false                  \
    }
static const struct operation hypervisor_needs[] = {
    ALWAYS(name),
    ALWAYS(reset),
    ALWAYS(page_id),
    ALWAYS(page_frame),
    ALWAYS(observe),
    ALWAYS(close),
    CALL(guest),
    CALL(memory_op),
    CALL(domctl),
    CALL(sysctl),
    CALL_OF(anon_alloc, HV_CAP_ANON),
    CALL_OF(anon_free, HV_CAP_ANON),
    CALL_OF(extra_alloc, HV_CAP_EXTRA),
    CALL_OF(extra_free, HV_CAP_EXTRA),
    CALL_OF(write, HV_CAP_CONTENTS),
    CALL_OF(flip, HV_CAP_FLIP),
    CALL_OF(readonly, HV_CAP_READONLY),
    OF(audit, HV_CAP_AUDIT),
    OF(heap, HV_CAP_HOOKS),
    OF(capacity, HV_CAP_CAPACITY),
    OF(hash, HV_CAP_HASH),
    OF(save, HV_CAP_SAVE),
    OF(restore, HV_CAP_SAVE),
    OF(discard, HV_CAP_SAVE),
    OF(fetched_twice, HV_CAP_FETCHES),
};

/* Not there, though these capabilities need it. Pointers to functions, and to
 * the name, are all of one size and NULL alike (POSIX says so for dlsym). */
static bool is_missing(const void *ops, uint32_t caps,
                       const struct operation *op)
{
    const void *pointer;

    if ( op->caps && !(caps & op->caps) )
        return false;
    memcpy(&pointer, (const char *)ops + op->offset, sizeof(pointer));
    return !pointer;
}

static bool check_allocator(const struct allocator_ops *ops,
                            char why[OPEN_WHY_MAX])
{
    for ( size_t i = 0;
          i < sizeof(allocator_needs) / sizeof(allocator_needs[0]); i++ )
        if ( is_missing(ops, ops->caps, &allocator_needs[i]) )
            return refuse(why, "operation %s is missing in its allocator_ops",
                          allocator_needs[i].name);
    if ( !ops->alloc_domheap && !(ops->begin && ops->end) )
        return refuse(why,
                      "operation %s is missing in its allocator_ops, and "
                      "alloc_domheap is not there in place of it",
                      ops->begin ? "end" : "begin");
    if ( ops->caps & ~(uint32_t)ALLOC_CAPS_ALL )
        return refuse(why,
                      "capabilities %#x of its allocator: there are none "
                      "beyond %#x",
                      ops->caps, ALLOC_CAPS_ALL);

    return true;
}

static bool check_hypervisor(const struct hypervisor_ops *ops,
                             char why[OPEN_WHY_MAX])
{
    if ( ops->caps & ~(uint32_t)HV_CAPS_ALL )
        return refuse(why, "capabilities %#x: there are none beyond %#x",
                      ops->caps, HV_CAPS_ALL);
    for ( size_t i = 0;
          i < sizeof(hypervisor_needs) / sizeof(hypervisor_needs[0]); i++ )
    {
        const struct operation *op = &hypervisor_needs[i];

        if ( op->unless_issue && ops->issue )
            continue;
        if ( is_missing(ops, ops->caps, op) )
            return refuse(why, "operation %s is missing in its hypervisor_ops",
                          op->name);
    }
    if ( !(ops->caps & HV_CAP_SHAPE) && !ops->shape )
        return refuse(why, "operation shape is missing in its hypervisor_ops, "
                           "which HV_CAP_SHAPE is not in");
    if ( !ops->page != !ops->scrub_pages )
        return refuse(why,
                      "operation %s is missing in its hypervisor_ops, and %s "
                      "is there",
                      ops->page ? "scrub_pages" : "page",
                      ops->page ? "page" : "scrub_pages");

    return true;
}

bool plugin_check_hypervisor(const struct hypervisor *h,
                             char why[OPEN_WHY_MAX])
{
    if ( !h->ops )
        return refuse(why, "its open set no operations");
    if ( check_hypervisor(h->ops, why) )
        return true;
    if ( h->ops->close )
        h->ops->close(h->hv);

    return false;
}

/* ---- the file ---- */

static bool check(const struct claimcheck_plugin *plugin,
                  char why[OPEN_WHY_MAX])
{
    if ( plugin->interface != CLAIMCHECK_PLUGIN_INTERFACE )
        return refuse(why,
                      "it has interface version %u, this program %d: "
                      "build it with this program's headers",
                      plugin->interface, CLAIMCHECK_PLUGIN_INTERFACE);
    if ( plugin->layout != CLAIMCHECK_PLUGIN_LAYOUT )
        return refuse(why,
                      "it was built with other headers of interface "
                      "version %d (layout %u, this program %u): build it "
                      "with this program's headers",
                      CLAIMCHECK_PLUGIN_INTERFACE, plugin->layout,
                      CLAIMCHECK_PLUGIN_LAYOUT);
    if ( !plugin->name )
        return refuse(why, "name is missing in its " SYMBOL);
    if ( !plugin->allocator == !plugin->open )
        return refuse(why,
                      "%s of allocator and open are set in its " SYMBOL
                      ", expected one",
                      plugin->open ? "both" : "none");

    return !plugin->allocator || check_allocator(plugin->allocator, why);
}

const struct claimcheck_plugin *plugin_load(const char *path,
                                            char why[OPEN_WHY_MAX])
{
    const struct claimcheck_plugin *plugin;
    char here[4096];
    void *object;

    /* dlopen() looks for a name without a '/' among the system's libraries. */
    if ( snprintf(here, sizeof(here), "%s%s", strchr(path, '/') ? "" : "./",
                  path) >= (int)sizeof(here) )
    {
        refuse(why, "%s", strerror(ENAMETOOLONG));
        return NULL;
    }
    if ( access(here, R_OK) )
    {
        refuse(why, "%s", strerror(errno));
        return NULL;
    }
    object = dlopen(here, RTLD_NOW | RTLD_LOCAL);
    if ( !object )
    {
        refuse(why, "it cannot be loaded: %s", dlerror());
        return NULL;
    }
    plugin = dlsym(object, SYMBOL);
    if ( plugin ? check(plugin, why)
                : refuse(why, "it exports no symbol " SYMBOL
                              " (hypervisor/plugin.h)") )
        return plugin;
    dlclose(object);

    return NULL;
}
