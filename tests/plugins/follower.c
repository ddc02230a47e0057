/* SPDX-License-Identifier: MIT */
/*
 * A plug-in that says which rules it follows: the stub of the releases FOLLOWS,
 * and (-DODD) one that differs from each by a fact, which it TELLS or not. It
 * may know nothing of releases (FOLLOWS=0) and be one of them.
 */
#include "hypervisor/plugin.h"
#include "stub/world.h"

static struct hypervisor_ops ops;

/* 4.22, but for what getdomaininfo of an unknown domid tells. */
static const struct hv_facts row = {
    .redeem_at_alloc = true,
    .dying_refused = true,
    .llc_possible = true,
    .llc_refused = true,
    .info_next_domain = true,
    .none_free_exists = true,
    .domctl_version = 0x18,
    .sysctl_version = 0x16,
};
static struct release_facts odd;

static bool is_odd(void)
{
#ifdef ODD
    return true;
#else
    return false;
#endif
}

static uint32_t follows(void *hv, const struct hv_facts **own)
{
    (void)hv;
    if ( TELLS )
        *own = &row;
    return FOLLOWS;
}

/* Boot, then put other facts in place of the release's. */
static void reset(void *hv, const struct host_shape *shape,
                  const struct hv_hooks *hooks)
{
    struct stub *s = hv;

#ifdef ALWAYS /* this release, whichever is asked for */
    struct host_shape own = *shape;

    own.release = ALWAYS;
    shape = &own;
#endif
    world_reset(s, shape, hooks);
    if ( !is_odd() )
        return;
    odd = *s->facts;
    odd.info_finds_next = true;
    s->facts = &odd;
}

static bool open_hypervisor(struct hypervisor *h, const char *fault,
                            const char **why)
{
    const struct stub_options options = { .fault = fault };

    if ( !stub_open(h, &options, why) )
        return false;
    ops = *h->ops;
    ops.name = "follower";
    ops.build = "7.1, by hand";
    ops.follows = follows;
    ops.reset = reset;
    h->ops = &ops;

    return true;
}

const struct claimcheck_plugin claimcheck_plugin = {
    CLAIMCHECK_PLUGIN_HEAD,
    .name = "follower",
    .open = open_hypervisor,
};
