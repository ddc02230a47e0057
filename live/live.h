/* SPDX-License-Identifier: MIT */
/*
 * A real Xen as a struct hypervisor: hypercalls from dom0 through libxencall,
 * mappings through libxenforeignmemory. Only for a host that may be lost: it
 * creates and destroys domains, and a weakness that a program finds (a leaked
 * claim) stays until the host reboots.
 *
 * Not here: the VM that such a host usually is (scripts/xen-vm), and the rules
 * (model/).
 */
#ifndef CLAIMCHECK_LIVE_H
#define CLAIMCHECK_LIVE_H

#include "hypervisor/hypervisor.h"

/* What it can do besides what every hypervisor can (enum hv_cap); one that takes
 * blocks apart wrongly (71c6a62317) is not asked to take pages out of use. */
#define LIVE_CAPS (HV_CAP_CONTROL | HV_CAP_OFFLINE | HV_CAP_EXCHANGE)

struct live_options
{
    /* Run although other domains exist or claims are outstanding. They are not
     * touched and are left out of the view, and programs that name such a
     * domain are skipped. They must not change meanwhile. */
    bool force;
    /* Planted fault of faults.def, which falsifies the view. NULL: none. */
    const char *fault;
};

/*
 * Opens the host whose dom0 this is, and starts a guardian process that cleans
 * up when this one ends, however it ends. false: *why says what is missing or
 * in the way, in text that lasts until the next call. Free it with ops->close.
 * From then on a failure of this program's own calls ends it with exit code 3.
 */
bool live_open(struct hypervisor *h, const struct live_options *options,
               const char **why);

/* Is it one of faults.def? */
bool live_fault_is_known(const char *name);

/* The host's own shape: the only one there is. node_pages is clipped to
 * HV_NODE_PAGES_MAX; the view has the true numbers. */
struct host_shape live_shape(const struct hypervisor *h);

/* Outstanding claims that belong to no domain of this host, in pages, as of
 * the last reset: lost until reboot (rules 3.10), or others' under
 * options->force. observe() leaves them out of both claimed and free. */
uint64_t live_leaked(const struct hypervisor *h);

/*
 * Can this call be made without endangering the host itself? false: *reason
 * says why not, and the program is to be skipped. Ask before every hv_issue(),
 * which answers -EPERM to a call that is refused here.
 */
bool live_harmless(const struct hypervisor *h, const struct hv_call *call,
                   const char **reason);

#endif /* CLAIMCHECK_LIVE_H */
