/* SPDX-License-Identifier: MIT */
/* Plug-ins that must be refused: one wrong thing each, chosen by -DWRONG_...,
 * in a copy of what is right. */
#include "hypervisor/plugin.h"
#include "stub/stub.h"

#ifdef WRONG_SYMBOL
#define SYMBOL another_symbol
#else
#define SYMBOL claimcheck_plugin
#endif

static struct allocator_ops allocator;
static struct hypervisor_ops ops;

__attribute__((constructor)) static void copy_allocator(void)
{
    allocator = buddy_allocator;
#ifdef WRONG_BEGIN
    allocator.begin = NULL;
#endif
#ifdef WRONG_END
    allocator.end = NULL;
#endif
#ifdef WRONG_SAVE
    allocator.save = NULL;
#endif
#ifdef WRONG_SETS
    allocator.claim_set = NULL;
#endif
#ifdef WRONG_COLOUR
    allocator.caps = ALLOC_CAPS_ALL + 1;
#endif
#ifdef NO_COLOUR
    allocator.caps = 0;
#endif
}

static __attribute__((unused)) bool
open_hypervisor(struct hypervisor *h, const char *fault, const char **why)
{
    const struct stub_options options = { .fault = fault };

#ifdef WRONG_REASON
    *why = "a reason of its own";
    return false;
#endif
    if ( !stub_open(h, &options, why) )
        return false;
    ops = *h->ops;
#ifdef WRONG_OBSERVE
    ops.observe = NULL;
#endif
#ifdef WRONG_DOMCTL
    ops.domctl = NULL;
#endif
#ifdef WRONG_AUDIT
    ops.audit = NULL;
#endif
#ifdef WRONG_SHAPE
    ops.caps &= ~(uint32_t)HV_CAP_SHAPE;
#endif
#ifdef WRONG_DISCARD
    ops.discard = NULL;
#endif
#ifdef WRONG_CAPS
    ops.caps = HV_CAPS_ALL + 1;
#endif
    h->ops = &ops;

    return true;
}

extern const struct claimcheck_plugin SYMBOL
    __attribute__((visibility("default")));
const struct claimcheck_plugin SYMBOL = {
#ifdef WRONG_INTERFACE
    .interface = CLAIMCHECK_PLUGIN_INTERFACE + 7,
#else
    .interface = CLAIMCHECK_PLUGIN_INTERFACE,
#endif
#ifdef WRONG_LAYOUT
    .layout = CLAIMCHECK_PLUGIN_LAYOUT + 1,
#else
    .layout = CLAIMCHECK_PLUGIN_LAYOUT,
#endif
#ifndef WRONG_NAME
    .name = "broken",
#endif
#ifdef AS_HYPERVISOR
    .open = open_hypervisor,
#endif
#ifdef AS_ALLOCATOR
    .allocator = &allocator,
#endif
};
