/* SPDX-License-Identifier: MIT */
/*
 * A real Xen as a struct hypervisor: hypercalls from dom0 through libxencall,
 * mappings through libxenforeignmemory. Only for a host that may be lost: it
 * creates and destroys domains, and a weakness that a program finds (a leaked
 * claim) stays until the host reboots.
 *
 * Not here: the VM such a host is best made of (scripts/xen-vm), and any rule
 * about results (model/).
 */
#ifndef CLAIMCHECK_LIVE_H
#define CLAIMCHECK_LIVE_H

#include "hypervisor/hypervisor.h"

/* What it can do besides what every hypervisor can (enum hv_cap): nothing. */
#define LIVE_CAPS 0

struct live_options
{
    /* Run although other domains exist or claims are outstanding. Both stay
     * untouched and are left out of what is observed, and programs that name
     * such a domain are skipped; both must stand still meanwhile. */
    bool force;
    /* Planted fault of faults.def: what is seen is not what is. NULL: none. */
    const char *fault;
};

/*
 * Opens the host this program is dom0 of and makes a guardian process that
 * cleans up if this one dies, however it dies. false: *why says what is
 * missing, or what is in the way. Free it with ops->close.
 */
bool live_open(struct hypervisor *h, const struct live_options *options,
               const char **why);

/* The host's own shape: the only one there is. node_pages is clipped to
 * HV_NODE_PAGES_MAX; the view has the true numbers. */
struct host_shape live_shape(const struct hypervisor *h);

/* Outstanding claims that belong to no domain of this host, in pages, as of
 * the last reset: lost until reboot (rules 3.10), or others' under
 * options->force. They are left out of what observe() tells, in claimed and in
 * free alike. */
uint64_t live_leaked(const struct hypervisor *h);

/*
 * Can this call be made without endangering the host itself? false: *reason
 * says why not, and the program that holds it is to be skipped. Ask before
 * every hv_issue(); calls that are refused here are not made anyway and give
 * -EPERM.
 */
bool live_harmless(const struct hypervisor *h, const struct hv_call *call,
                   const char **reason);

#endif /* CLAIMCHECK_LIVE_H */
